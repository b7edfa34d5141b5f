"""Small lakes for tests: rows in sight, published through the lake's own door."""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.lake import Draft, Lake, Part, Snapshot, Staging
from ecluse.data.lake.manifests import NAMES, PERSONS
from ecluse.data.schemas import TABLE_YEAR, Model, TableSchema, model

LOADED_AT = datetime(2026, 1, 4, 8, tzinfo=UTC)
Row = Mapping[str, object]

ARROW = {
    "text": pa.string(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "year": pa.int32(),
    "yearmonth": pa.string(),
}
PERSON_COLUMNS = pa.schema(
    [("person_key", pa.int32()), ("person_id", pa.string()), ("opt_out_id", pa.string())]
)
NAME_COLUMNS = pa.schema(
    [
        ("pseudonym", pa.string()),
        ("birth_rank", pa.int32()),
        ("identity", pa.string()),
        ("kind", pa.string()),
        ("person_key", pa.int32()),
        ("opt_out_id", pa.string()),
    ]
)


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """Give a folder that costs no wait for a disk, for the many lakes of one property."""
    where = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a fresh folder
    with TemporaryDirectory(dir=where) as folder:
        yield Path(folder)


def publish(
    folder: Path,
    dataset: str,
    tables: Mapping[str, Sequence[Row]],
    persons: Sequence[tuple[int, str, str | None]],
    *,
    model_name: str = "snds",
    now: datetime = LOADED_AT,
) -> Snapshot:
    """Publish `tables` as the current snapshot of `dataset` in the lake at `folder`.

    Rows of claims go to a part for each month of flow, those of stays to one for each year.
    """
    return publish_in(Lake(folder), dataset, tables, persons, model_name=model_name, now=now)


def publish_in(
    lake: Lake,
    dataset: str,
    tables: Mapping[str, Sequence[Row]],
    persons: Sequence[tuple[int, str, str | None]],
    *,
    model_name: str = "snds",
    now: datetime = LOADED_AT,
) -> Snapshot:
    """Publish `tables` as `publish` does, in a lake that is already open."""
    known = model(model_name)
    people = [dict(zip(PERSON_COLUMNS.names, person, strict=True)) for person in persons]
    names = [
        {
            "pseudonym": f"PSA-OF-{key}",
            "birth_rank": 1,
            "identity": identity,
            "kind": "register",
            "person_key": key,
            "opt_out_id": opt_out_id,
        }
        for key, identity, opt_out_id in persons
    ]
    with lake.staging(dataset) as staging:
        quarantine = staging.writing("quarantine.csv")
        quarantine.write_text("file,line,column,reason\n")
        draft = Draft(
            model=known,
            tables={name: write_table(staging, known, name, tables[name]) for name in tables},
            persons=[seal(staging, pa.Table.from_pylist(people, schema=PERSON_COLUMNS), PERSONS)],
            names=[seal(staging, pa.Table.from_pylist(names, schema=NAME_COLUMNS), NAMES)],
            quarantine=quarantine,
            report={},
        )
        return lake.publish(staging, draft, now=now)


def write_table(staging: Staging, known: Model, name: str, rows: Sequence[Row]) -> list[Part]:
    """Seal the rows of one table, one part a slice."""
    table = known.table(name)
    slices: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        slices[slice_of(table, row)].append(row)
    return [
        seal(
            staging,
            pa.Table.from_pylist(
                [dict(row) for row in sorted(found, key=_order)], schema=_arrow_schema(table, rows)
            ),
            name,
            slice_name=part,
        )
        for part, found in (slices or {"all": []}).items()
    ]


def slice_of(table: TableSchema, row: Row) -> str:
    """Return the slice that a row belongs to; `all` when the test gives no month or year."""
    if table.slicing == "flow" and isinstance(row.get(str(table.flow_date)), date):
        return f"{row[str(table.flow_date)]:%Y-%m}"
    return str(row.get(TABLE_YEAR, "all"))


def seal(staging: Staging, rows: pa.Table, name: str, *, slice_name: str = "all") -> Part:
    """Write and seal one part."""
    file = staging.writing(f"{name}-{slice_name}.parquet")
    pq.write_table(rows, file)
    return staging.seal(file, table=name, slice_name=slice_name)


def _order(row: Row) -> tuple[float, date]:
    person, day = row.get("person_key"), row.get("event_date")
    return (
        float(person) if isinstance(person, int) else float("inf"),
        day if isinstance(day, date) else date.max,
    )


def _arrow_schema(table: TableSchema, rows: Sequence[Row]) -> pa.Schema:
    used = set().union(*rows) if rows else {column.name for column in table.columns}
    own = [("person_key", pa.int32()), ("event_date", pa.date32())]
    if table.event_key and "event_key" in used:
        own.append(("event_key", pa.uint64()))
    columns = [(c.name, ARROW[c.type]) for c in table.columns if c.name in used]
    return pa.schema([*(own if table.is_about_persons else []), *columns])


def delivery(person: int | None, day: date | None, cip: int | None, **more: object) -> Row:
    """One line of ER_PHA_F: a drug dispensed to a person on a day."""
    return {
        "person_key": person,
        "event_date": day,
        "PHA_PRS_C13": cip,
        "FLX_DIS_DTD": date(2022, 6, 1),
        **more,
    }


def drug(cip: int, atc: str) -> Row:
    """One line of IR_PHA_R: the ATC class of a pack."""
    return {"PHA_CIP_C13": cip, "PHA_ATC_C07": atc}


def diagnosis(person: int, day: date, code: str | None) -> Row:
    """One line of T_MCOaaB: a hospital stay with its main diagnosis."""
    return {"person_key": person, "event_date": day, "DGN_PAL": code}
