"""Small deliveries written out in full, for the tests of loading."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from ecluse.data.lake import Lake, Snapshot, read, read_persons
from ecluse.data.loading import LoadReport, load_delivery

NOW = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
NINE_KEYS = (
    "FLX_DIS_DTD;FLX_TRT_DTD;FLX_EMT_TYP;FLX_EMT_NUM;FLX_EMT_ORD;ORG_CLE_NUM;DCT_ORD_NUM;"
    "PRS_ORD_NUM;REM_TYP_AFF"
)
REGISTER = """\
BEN_NIR_PSA;BEN_RNG_GEM;BEN_NIR_ANO;BEN_IDT_ANO
ANNA;1;N-ANNA;N-ANNA
BRUNO;1;N-BRUNO;N-BRUNO
"""
ACTS = f"""\
{NINE_KEYS};BEN_NIR_PSA;BEN_RNG_GEM;EXE_SOI_DTD;PRS_NAT_REF;PRS_PAI_MNT
01/02/2023;10/01/2023;1;7;1;FUND;100;1;1;BRUNO;1;05/01/2023;3313;12,50
01/02/2023;10/01/2023;1;7;1;FUND;101;1;1;ANNA;1;06/01/2023;3313;3.20
"""
PACKS = f"""\
{NINE_KEYS};PHA_PRS_C13;PHA_ACT_QSN
01/02/2023;10/01/2023;1;7;1;FUND;100;1;1;3400949800308;2
"""


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write the files of a delivery in `folder`, which is returned."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    return folder


def load(tmp_path: Path, files: Mapping[str, str], *, model: str = "snds") -> LoadReport:
    """Load a delivery made of `files` into the lake of `tmp_path`."""
    source = write(tmp_path / "delivery", files)
    return load_delivery(
        source, lake=Lake(tmp_path / "lake"), dataset="claims", model=model, now=NOW
    )


def load_next(
    tmp_path: Path, files: Mapping[str, str], *, number: int = 2, model: str = "snds"
) -> LoadReport:
    """Load another delivery into the same dataset, `number` - 1 days later."""
    source = write(tmp_path / f"delivery-{number}", files)
    return load_delivery(
        source,
        lake=Lake(tmp_path / "lake"),
        dataset="claims",
        model=model,
        now=NOW + timedelta(days=number - 1),
    )


def rows(snapshot: Snapshot, table: str, *columns: str) -> list[tuple[object, ...]]:
    """Return the rows of a published table: slice by slice, each in the order of its parts."""
    with duckdb.connect() as connection:
        found = read(connection, snapshot, table)
        return found.project(", ".join(columns)).fetchall()


def persons(snapshot: Snapshot) -> list[tuple[object, ...]]:
    """Return person_key, person_id and opt_out_id of everybody, by key."""
    with duckdb.connect() as connection:
        found = read_persons(connection, snapshot)
        return found.project("person_key, person_id, opt_out_id").order("person_key").fetchall()
