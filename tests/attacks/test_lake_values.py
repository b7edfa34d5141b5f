"""No value of a row leaves by a side door: messages, reports, quarantines, columns of our own."""

import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data.engines import connect
from ecluse.data.extraction import extract
from ecluse.data.lake import Lake, Snapshot
from ecluse.data.quality.storing import store
from ecluse.data.schemas import model
from ecluse.domain.cohorts import AtLeast, Events, cohort_of
from ecluse.domain.documents import DatasetScope, TableScope
from ecluse.domain.errors import LoadFailed, OutOfScope
from tests.unit.data import studies
from tests.unit.data.loading.deliveries import ACTS, REGISTER, load, write
from tests.unit.domain import build

COLUMNS = ACTS.splitlines()[0].split(";")
SECRET = b"SECRET"


def acts_with(column: str, value: str) -> str:
    """ACTS with this value in each row of a column."""
    header, *lines = ACTS.splitlines()
    place = COLUMNS.index(column)
    changed = [line.split(";") for line in lines]
    told = [[*line[:place], value, *line[place + 1 :]] for line in changed]
    return "\n".join([header, *(";".join(line) for line in told)]) + "\n"


def told_beside_parts(folder: Path) -> bytes:
    """Return all that a dataset tells outside of its parts."""
    files = [file for file in folder.rglob("*") if file.is_file() and file.suffix != ".parquet"]
    return b"".join(file.read_bytes() + str(file).encode() for file in sorted(files))


def measured(snapshot: Snapshot) -> Snapshot:
    """Keep the quality report of a snapshot, as a load does."""
    spill = snapshot.folder / "spill"
    spill.mkdir()
    with connect(readable=[snapshot.folder], writable=[spill]) as connection:
        store(snapshot, connection=connection, on=date(2026, 1, 6))
    return snapshot


@pytest.mark.parametrize(
    "column", ["FLX_DIS_DTD", "EXE_SOI_DTD", "BEN_RNG_GEM", "PRS_PAI_MNT", "DCT_ORD_NUM"]
)
def test_a_value_that_cannot_be_read_is_told_nowhere(tmp_path: Path, column: str) -> None:
    files = {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": acts_with(column, "SECRET")}
    snapshot = measured(load(tmp_path, files).snapshot)

    told = told_beside_parts(snapshot.folder)

    assert column.encode() in told
    assert SECRET not in told


@pytest.mark.parametrize("column", ["BEN_NIR_PSA", "ORG_CLE_NUM", "PRS_NAT_REF"])
def test_a_value_that_is_loaded_is_told_nowhere_else(tmp_path: Path, column: str) -> None:
    files = {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": acts_with(column, "SECRET")}

    snapshot = measured(load(tmp_path, files).snapshot)

    assert SECRET not in told_beside_parts(snapshot.folder)


def damaged(data: bytes) -> bytes:
    """Return a Parquet file whose footer is whole and whose rows are not."""
    return data[:4] + bytes(byte ^ 0x5A for byte in data[4:400]) + data[400:]


@pytest.mark.parametrize("harm", [damaged, lambda data: data[:-20], lambda data: data[:300]])
def test_a_damaged_file_is_told_of_without_what_it_holds(
    tmp_path: Path, harm: Callable[[bytes], bytes]
) -> None:
    source = write(tmp_path / "delivery", {"IR_BEN_R.csv": REGISTER})
    rows = pa.table({name: ["SECRET"] * 500 for name in COLUMNS})
    pq.write_table(rows, source / "whole", compression="none", use_dictionary=False)
    (source / "ER_PRS_F.parquet").write_bytes(harm((source / "whole").read_bytes()))

    with pytest.raises(LoadFailed, match="ER_PRS_F") as caught:
        load(tmp_path, {})
    assert "SECRET" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("ER_PRS_F", "event_key"),
        ("ER_PRS_F", "person_key"),
        ("ER_PRS_F", "MISSING_DATES"),
        ("ER_PRS_F", "UNKNOWN"),
        ("ER_PRS_F", "unknown"),
        ("_names", "identity"),
        ("_persons", "opt_out_id"),
    ],
)
def test_what_is_not_of_the_model_cannot_be_ordered(
    tmp_path: Path, table: str, column: str
) -> None:
    header, *lines = acts_with("EXE_SOI_DTD", "01/01/1600").splitlines()
    acts = "\n".join([f"{header};UNKNOWN", *(f"{line};SECRET" for line in lines)]) + "\n"
    snapshot = load(tmp_path, {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": acts}).snapshot
    acted = TableScope("ER_PRS_F", ("PRS_NAT_REF",))
    asked = (acted, TableScope(table, (column,))) if table != "ER_PRS_F" else (
        TableScope(table, ("PRS_NAT_REF", column)),
    )  # fmt: skip
    scope = DatasetScope("claims", asked, date(2023, 1, 1), date(2023, 12, 31))
    permit = build.permit(datasets=(scope,))
    order = studies.order(
        snapshot,
        dataset="claims",
        tables=asked,
        cohort=cohort_of(AtLeast(Events("act_nature", ("3313",)))),
        care_from=scope.care_from,
        care_to=scope.care_to,
    )
    warrant = replace(studies.warrant(order, permit), opt_outs=studies.OPT_OUTS)

    with pytest.raises(OutOfScope):
        extract(
            warrant,
            lake=Lake(tmp_path / "lake"),
            key=studies.KEY,
            target=tmp_path / "extract",
            clock=lambda: studies.NOW,
        )
    assert not (tmp_path / "extract").exists()


NEVER = frozenset({"person", "identifier"})


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        # Pseudonyms and numbers of persons, of their parents, of their stays and papers.
        ("snds", ["BEN_NIR_PSA", "BEN_NIR_ANO", "BEN_IDT_ANO", "ASS_NIR_ANO", "NIR_ANO_17",
                  "NIR_ANO_MAM", "IPP_BEN_ANO", "SEJ_NUM", "ENT_NUM", "NUM_DAT_AT", "DAT_HOS",
                  "ID_MAM_ENF", "CTO_IDT_ANO", "ID_CARTO", "ORG_CPL_NUM"]),
        # Free text, places finer than a municipality, hours of a transport.
        ("snds", ["ECD_CAU_LIB", "DCD_LIE_LIB", "COD_POST", "TRS_TRP_HRD", "PRS_ANO_ORI"]),
        ("omop", ["person_source_value", "note_text", "note_title", "note_source_value",
                  "value_source_value", "lexical_variant", "snippet",
                  "birth_datetime", "day_of_birth", "zip", "address_1", "latitude",
                  "location_source_value", "family_source_value", "unique_device_id",
                  "lot_number", "npi", "provider_name", "person_id", "subject_id"]),
    ],
)  # fmt: skip
def test_what_names_or_tells_a_person_never_leaves(name: str, columns: list[str]) -> None:
    found = [
        (column.name, column.role)
        for table in model(name).tables.values()
        for column in table.columns
        if column.name in columns
    ]

    assert {column for column, _ in found} == set(columns)
    assert {role for _, role in found} <= NEVER


@pytest.mark.parametrize("name", ["snds", "omop", "cohort-demo", "registry-demo"])
def test_every_column_that_names_the_person_of_a_row_stays(name: str) -> None:
    roles = {
        column.role
        for table in model(name).tables.values()
        for column in table.columns
        if column.name in table.person
    }

    assert roles <= NEVER


def test_a_table_with_a_pseudonym_of_a_person_is_about_persons() -> None:
    # Otherwise it would be extracted whole, opted-out persons included.
    whole = [
        table.name
        for table in model("snds").tables.values()
        for column in table.columns
        if column.role == "person" and not table.is_about_persons
    ]

    assert whole == []
