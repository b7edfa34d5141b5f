"""The lake and SCALPEL3 read the same raw deliveries and must hold the same claims.

`raw_csv` are fictitious claims as the insurer delivers them. `flat_parquet` holds what SCALPEL3's
flattening made of them: the left join of ER_PRS_F and its refinements on the nine keys.

Compared, row for row, in all rows: every column that SCALPEL3 names after a column of ER_PRS_F or
of a refinement the lake loads (its own `key` and `year` columns have no counterpart). `NUM_ENQ` is
the lake's BEN_NIR_PSA. Both agree when both are missing (SCALPEL3 keeps '' and the month 000101,
the lake has NULL), when both are the same text, or, where one holds text and the other a number,
when the numbers are equal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from ecluse.data.lake import Lake, Snapshot, read, read_persons
from ecluse.data.loading import LoadReport, load_delivery
from ecluse.data.schemas import model
from tests.unit.data.loading.deliveries import NOW

SAMPLES = Path(__file__).parents[2].parent / "shared" / "snds" / "samples" / "scalpel_tests"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the SCALPEL3 samples are not here")

MISSING = (None, "", "000101")
SNDS = model("snds")
NINE = SNDS.table("ER_PHA_F").parent
SORTED_BY = ("DCT_ORD_NUM", "ER_PHA_F.PHA_ACT_PRU")


@dataclass(frozen=True)
class Flat:
    """Column names as `column` or `TABLE.column`, and rows in the order of SORTED_BY."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> LoadReport:
    return load_delivery(
        SAMPLES / "raw_csv",
        lake=Lake(tmp_path_factory.mktemp("lake")),
        dataset="snds-delivery",
        model="snds",
        now=NOW,
    )


@pytest.fixture(scope="module")
def snapshot(report: LoadReport) -> Snapshot:
    return report.snapshot


def test_every_row_of_the_raw_deliveries_is_loaded(snapshot: Snapshot) -> None:
    assert {name: table.rows for name, table in snapshot.tables.items()} == {
        "ER_BIO_F": 4,
        "ER_CAM_F": 1,
        "ER_ETE_F": 1,
        "ER_PHA_F": 7,
        "ER_PRS_F": 6,
        "ER_UCD_F": 4,
        "IR_BEN_R": 2,
        "IR_IMB_R": 3,
        "T_HADaaA": 3,
        "T_HADaaB": 0,
        "T_HADaaC": 0,
        "T_HADaaD": 4,
        "T_MCOaaA": 6,
        "T_MCOaaB": 6,
        "T_MCOaaC": 6,
        "T_MCOaaD": 3,
        "T_MCOaaMED": 3,
        "T_MCOaaUM": 2,
        "T_SSRaaB": 3,
        "T_SSRaaC": 2,
        "T_SSRaaCCAM": 3,
        "T_SSRaaCSARR": 3,
        "T_SSRaaD": 2,
    }
    assert snapshot.person_count == 2


def test_the_only_rows_refused_hold_letters_drawn_at_random_for_a_year(report: LoadReport) -> None:
    refused = report.quarantine_path.read_text().splitlines()[1:]

    assert [line.split(",", 1)[1] for line in refused] == [
        "2,FIN_ANN_SEQ,bad-year",
        "3,FIN_ANN_SEQ,bad-year",
        "4,FIN_ANN_SEQ,bad-year",
        "2,EXE_SOI_AMD,bad-month",
        "3,EXE_SOI_AMD,bad-month",
        "4,EXE_SOI_AMD,bad-month",
    ]


@pytest.mark.parametrize(
    ("file", "refinements", "columns"),
    [
        ("expected_DCIR_flat", ("ER_PHA_F", "ER_CAM_F"), 156),
        ("DCIR", ("ER_PHA_F", "ER_CAM_F", "ER_ETE_F"), 171),
    ],
)
def test_the_join_on_the_nine_keys_gives_the_rows_of_scalpel(
    snapshot: Snapshot, file: str, refinements: tuple[str, ...], columns: int
) -> None:
    theirs = read_theirs(SAMPLES / "flat_parquet" / f"{file}.parquet")
    ours = join_ours(snapshot, refinements, theirs.columns)

    assert len(theirs.columns) == columns
    assert len(ours.rows) == len(theirs.rows) == 7
    assert differences(ours, theirs) == []


def test_the_persons_and_dates_of_packs_are_those_of_scalpel(snapshot: Snapshot) -> None:
    with duckdb.connect() as connection:
        theirs = connection.read_parquet(str(SAMPLES / "flat_parquet" / "DCIR.parquet"))
        expected = theirs.project('NUM_ENQ, EXE_SOI_DTD, "ER_PHA_F__PHA_PRS_C13"').fetchall()
        packs = read(connection, snapshot, "ER_PHA_F")
        people = read_persons(connection, snapshot)
        found = (
            packs.join(people, "person_key")
            .project("opt_out_id, event_date, PHA_PRS_C13")
            .fetchall()
        )

    assert sorted(found, key=str) == sorted(expected, key=str)


def read_theirs(path: Path) -> Flat:
    with duckdb.connect() as connection:
        table = connection.read_parquet(str(path))
        kept = [name for name in table.columns if name not in {"key", "year"}]
        named = table.project(
            ", ".join(f'"{name}" AS "{name.replace("__", ".")}"' for name in kept)
        )
        return _sorted(named)


def join_ours(snapshot: Snapshot, refinements: Sequence[str], columns: Sequence[str]) -> Flat:
    assert NINE is not None
    with duckdb.connect() as connection:
        joined = read(connection, snapshot, "ER_PRS_F").set_alias("ER_PRS_F")
        for name in refinements:
            refined = read(connection, snapshot, name).set_alias(name)
            on = " AND ".join(f"ER_PRS_F.{key} = {name}.{key}" for key in NINE.columns)
            joined = joined.join(refined, on, how="left")
        return _sorted(joined.project(", ".join(f'{_ours(name)} AS "{name}"' for name in columns)))


def _ours(name: str) -> str:
    """Return where the lake holds what SCALPEL3 calls `name`."""
    table, _, column = name.rpartition(".")
    known = SNDS.table(table or "ER_PRS_F").column(column)
    assert known is not None, name
    return f"{table or 'ER_PRS_F'}.{known.name}"


def _sorted(relation: duckdb.DuckDBPyRelation) -> Flat:
    ordered = relation.order(", ".join(f'"{name}"' for name in SORTED_BY))
    return Flat(tuple(ordered.columns), tuple(ordered.fetchall()))


def differences(ours: Flat, theirs: Flat) -> list[tuple[str, object, object]]:
    """Return column, our value and theirs wherever they disagree."""
    return [
        (name, our, their)
        for our_row, their_row in zip(ours.rows, theirs.rows, strict=True)
        for name, our, their in zip(ours.columns, our_row, their_row, strict=True)
        if not agree(our, their)
    ]


def agree(our: object, their: object) -> bool:
    if our in MISSING or their in MISSING:
        return our in MISSING and their in MISSING
    if isinstance(our, str) == isinstance(their, str):
        return our == their
    return float(str(our)) == float(str(their))
