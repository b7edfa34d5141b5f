"""Small lakes for tests: rows in sight, published through the lake's own door."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.lake import Lake, Snapshot
from ecluse.data.lake.schemas import table_schema

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
PERSONS = pa.schema(
    [("person_key", pa.int32()), ("person_id", pa.string()), ("opt_out_id", pa.string())]
)


def publish(
    folder: Path,
    dataset: str,
    tables: Mapping[str, Sequence[Row]],
    persons: Sequence[tuple[int, str, str | None]],
    *,
    model: str = "snds",
) -> Snapshot:
    """Publish `tables` as the current snapshot of `dataset` in the lake at `folder`."""
    lake = Lake(folder)
    with lake.staging(dataset) as staging:
        for name, rows in tables.items():
            schema = _arrow_schema(model, name, rows)
            pq.write_table(
                pa.Table.from_pylist([dict(row) for row in rows], schema=schema),
                staging.path / f"{name}.parquet",
            )
        people = [dict(zip(PERSONS.names, person, strict=True)) for person in persons]
        pq.write_table(
            pa.Table.from_pylist(people, schema=PERSONS), staging.path / "persons.parquet"
        )
        (staging.path / "quarantine.csv").write_text("")
        return lake.publish(staging, model=model, tables=sorted(tables), now=LOADED_AT)


def _arrow_schema(model: str, name: str, rows: Sequence[Row]) -> pa.Schema:
    schema = table_schema(model, name)
    used = set().union(*rows) if rows else {column.name for column in schema.columns}
    own = [("person_key", pa.int32()), ("event_date", pa.date32())]
    columns = [(c.name, ARROW[c.type]) for c in schema.columns if c.name in used]
    return pa.schema([*(own if schema.is_about_persons else []), *columns])


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
