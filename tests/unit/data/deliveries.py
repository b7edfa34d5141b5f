"""Small deliveries written out in full, for the tests of loading."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq

from ecluse.data.lake import Lake, Snapshot
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


def rows(snapshot: Snapshot, table: str, *columns: str) -> list[tuple[object, ...]]:
    """Return the rows of a published table, in the order of its file."""
    found = pq.read_table(snapshot.tables[table].path, columns=list(columns)).to_pylist()
    return [tuple(row[column] for column in columns) for row in found]


def persons(snapshot: Snapshot) -> list[tuple[object, ...]]:
    """Return person_key, person_id and opt_out_id of everybody."""
    found = pq.read_table(snapshot.persons_path).to_pylist()
    return [(row["person_key"], row["person_id"], row["opt_out_id"]) for row in found]
