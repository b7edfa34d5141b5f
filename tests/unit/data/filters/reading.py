"""Rows in, rows out: a small lake published, one of its tables cleaned or counted."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import duckdb

from ecluse.data.engines import connect
from ecluse.data.filters import DEFAULTS, FilterCount, Switches, Years, clean, counts
from ecluse.data.lake import Snapshot
from tests.unit.data.lakes import Row, publish

Tables = Mapping[str, Sequence[Row]]


def opened(folder: Path, tables: Tables) -> tuple[duckdb.DuckDBPyConnection, Snapshot]:
    """Publish the tables; the persons are the person keys that they name."""
    keys = {row.get("person_key") for rows in tables.values() for row in rows}
    persons = [(key, f"ID-{key}", None) for key in sorted(k for k in keys if isinstance(k, int))]
    snapshot = publish(folder, "claims", tables, persons)
    return connect(readable=[snapshot.folder]), snapshot


def cleaned(
    folder: Path,
    tables: Tables,
    *columns: str,
    of: str,
    switches: Switches = DEFAULTS,
    years: Years | None = None,
) -> list[tuple[object, ...]]:
    """Return `columns` of the table `of`, cleaned, sorted."""
    connection, snapshot = opened(folder, tables)
    rows = clean(connection, snapshot, of, switches=switches, years=years)
    return sorted(rows.project(", ".join(f'"{name}"' for name in columns)).fetchall(), key=str)


def counted(
    folder: Path, tables: Tables, *, of: str, switches: Switches = DEFAULTS
) -> dict[str, FilterCount]:
    """Return what each filter does to the table `of`, by name."""
    connection, snapshot = opened(folder, tables)
    return {count.name: count for count in counts(connection, snapshot, of, switches=switches)}


def line(event_key: int, **columns: object) -> Row:
    """One line of ER_PRS_F: a consultation of person 1 on 10 March 2021, but for `columns`."""
    return {
        "person_key": 1,
        "event_date": date(2021, 3, 10),
        "event_key": event_key,
        "PRS_NAT_REF": 1111,
        "PFS_EXE_NUM": "P1",
        "PRS_ACT_QTE": 1.0,
        "FLX_DIS_DTD": date(2021, 4, 1),
        **columns,
    }


def stay(event_key: int, **columns: object) -> Row:
    """One row of a table of acute stays (MCO) of 2021, of person 1, but for `columns`."""
    return {
        "person_key": 1,
        "event_date": date(2021, 3, 10),
        "event_key": event_key,
        "TABLE_YEAR": 2021,
        "ETA_NUM": "010000001",
        "RSA_NUM": f"{event_key:06}",
        **columns,
    }
