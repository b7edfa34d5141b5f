"""A small dataset whose persons are tangled as real ones are: twins, a newborn, an insured."""

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.engines import connect
from ecluse.data.lake import Draft, Lake, Part, Snapshot, read, read_names, read_persons
from ecluse.data.lake.manifests import NAMES, PERSONS
from ecluse.data.schemas import model
from ecluse.trust.zone.lake_keys import LakeKey
from tests.unit.data.lakes import NAME_COLUMNS, PERSON_COLUMNS, Row, seal, write_table

MORNING = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
ANNA, BRUNO, CHLOE, ZOE = 1, 2, 3, 4
"""Anna is Bruno's mother; Chloe and Zoe are twins of one sex, whom hospitals cannot tell apart."""

PEOPLE = [
    {"person_key": ANNA, "person_id": "IDENTITY-ANNA", "opt_out_id": "OPT-OUT-ANNA"},
    {"person_key": BRUNO, "person_id": "IDENTITY-BRUNO", "opt_out_id": "OPT-OUT-BRUNO"},
    {"person_key": CHLOE, "person_id": "IDENTITY-CHLOE", "opt_out_id": "OPT-OUT-CHLOE"},
    {"person_key": ZOE, "person_id": "IDENTITY-ZOE", "opt_out_id": None},
]
NAMED = [
    ("PSA-OF-ANNA", 1, "IDENTITY-ANNA", ANNA),
    ("PSA-OF-ANNA-BEFORE", 1, "IDENTITY-ANNA", ANNA),
    ("PSA-OF-BRUNO", 1, "IDENTITY-BRUNO", BRUNO),
    ("PSA-OF-THE-TWINS", 1, "IDENTITY-CHLOE", CHLOE),
    ("PSA-OF-THE-TWINS", 2, "IDENTITY-ZOE", ZOE),
]


def act(person: int | None, day: date, pseudonym: str, rank: int = 1) -> Row:
    """One line of claims."""
    return {
        "person_key": person,
        "event_date": day,
        "FLX_DIS_DTD": date(day.year, day.month, 1),
        "BEN_NIR_PSA": pseudonym,
        "BEN_RNG_GEM": rank,
        "PRS_NAT_REF": 1000 + day.day,
    }


TABLES: dict[str, list[Row]] = {
    "ER_PRS_F": [
        act(ANNA, date(2005, 3, 1), "PSA-OF-ANNA-BEFORE"),
        act(BRUNO, date(2005, 3, 2), "PSA-OF-BRUNO"),
        act(ANNA, date(2022, 6, 3), "PSA-OF-ANNA"),
        act(CHLOE, date(2022, 6, 4), "PSA-OF-THE-TWINS"),
        act(ZOE, date(2022, 6, 5), "PSA-OF-THE-TWINS", 2),
        act(BRUNO, date(2022, 7, 6), "PSA-OF-BRUNO"),
    ],
    "T_MCOaaC": [
        # A stay of one of the twins, and Bruno's birth with the pseudonym of his mother.
        {"person_key": None, "event_date": date(2021, 2, 1), "NIR_ANO_17": "PSA-OF-THE-TWINS"},
        {
            "person_key": BRUNO,
            "event_date": date(2021, 2, 2),
            "NIR_ANO_17": "PSA-OF-BRUNO",
            "NIR_ANO_MAM": "PSA-OF-ANNA",
        },
    ],
    "IR_PHA_R": [{"PHA_CIP_C13": 3400930000001, "PHA_ATC_C07": "A10BA02"}],
}


def publish(
    folder: Path,
    tables: dict[str, list[Row]] | None = None,
    *,
    now: datetime = MORNING,
    key: LakeKey | None = None,
    one_row_a_part: bool = False,
) -> Snapshot:
    """Publish the dataset `claims` as it would be loaded, or in the smallest parts there can be."""
    known, lake = model("snds"), Lake(folder, key=key)
    with lake.staging("claims") as staging:
        quarantine = staging.writing("quarantine.csv")
        quarantine.write_text("file,line,column,reason\n")
        told = ("pseudonym", "birth_rank", "identity", "person_key")
        names = [dict(zip(told, name, strict=True)) for name in NAMED]
        parts: dict[str, list[Part]] = {
            name: [
                part
                for piece in ([[row] for row in rows] if one_row_a_part else [rows])
                for part in write_table(staging, known, name, piece)
            ]
            for name, rows in (tables or TABLES).items()
        }
        draft = Draft(
            model=known,
            tables=parts,
            persons=[seal(staging, pa.Table.from_pylist(PEOPLE, schema=PERSON_COLUMNS), PERSONS)],
            names=[seal(staging, pa.Table.from_pylist(names, schema=NAME_COLUMNS), NAMES)],
            quarantine=quarantine,
            report={},
        )
        return lake.publish(staging, draft, now=now)


def rows(snapshot: Snapshot, table: str, columns: str) -> list[tuple[object, ...]]:
    """Return the rows of a table, in order."""
    with connect(readable=[snapshot.folder]) as connection:
        found = read(connection, snapshot, table).project(columns).fetchall()
    return sorted(found, key=str)


def people(snapshot: Snapshot) -> list[tuple[object, ...]]:
    """Return person_key and person_id of everybody."""
    with connect(readable=[snapshot.folder]) as connection:
        found = read_persons(connection, snapshot).project("person_key, person_id").fetchall()
    return sorted(found)


def pseudonyms(snapshot: Snapshot) -> list[object]:
    """Return the pseudonyms that the dataset still knows."""
    with connect(readable=[snapshot.folder]) as connection:
        found = read_names(connection, snapshot).project("pseudonym").fetchall()
    return sorted(name for (name,) in found)


def texts_under(folder: Path) -> str:
    """Return every value of every Parquet file, and the bytes of every other, as one text."""
    parquet = [str(pq.read_table(file).to_pydict()) for file in sorted(folder.rglob("*.parquet"))]
    raw = [
        file.read_bytes().decode("latin-1") for file in sorted(folder.rglob("*")) if file.is_file()
    ]
    return "\n".join([*parquet, *raw])


def files_under(folder: Path) -> list[str]:
    """Return the parts on the disk."""
    return sorted(str(file.relative_to(folder)) for file in folder.glob("parts/*/*"))
