"""Each row gets its person and its date; children of a claim or of a stay take them from it."""

from pathlib import Path
from typing import Final

import duckdb

from ecluse.data.engines import quoted
from ecluse.data.lake.schemas import Parent
from ecluse.data.loading.merging import MergedTable
from ecluse.data.loading.persons import LOOKUPS, lookup_condition

PERSON_KEY: Final = "person_key"
EVENT_DATE: Final = "event_date"
STAMP: Final = f"{PERSON_KEY}, {EVENT_DATE}"
NO_STAMP: Final = f"CAST(NULL AS INTEGER) AS {PERSON_KEY}, CAST(NULL AS DATE) AS {EVENT_DATE}"


def stamp(
    connection: duckdb.DuckDBPyConnection, table: MergedTable, parents: dict[str, MergedTable]
) -> duckdb.DuckDBPyRelation:
    """Return the rows of `table` with `person_key` and `event_date` first.

    A row whose person or parent cannot be told keeps both NULL. Tables that are not about persons
    are returned as they are.
    """
    if table.schema.person_by:
        return _by_person(connection, table)
    if table.schema.parent:
        return _by_parent(connection, table, table.schema.parent, parents)
    return table.relation


def write(table: MergedTable, stamped: duckdb.DuckDBPyRelation, path: Path) -> None:
    """Write rows sorted by person, then date: one person's rows lie together in every table."""
    if table.schema.is_about_persons:
        stamped = stamped.order(STAMP)
    stamped.write_parquet(str(path), compression="zstd")


def _by_person(
    connection: duckdb.DuckDBPyConnection, table: MergedTable
) -> duckdb.DuckDBPyRelation:
    by = table.schema.person_by
    if by is None:
        return table.relation
    rows = table.relation.set_alias("rows")
    persons = connection.table(LOOKUPS[by]).set_alias("persons")
    joined = rows.join(persons, lookup_condition(by, table.schema.person), how="left")
    return joined.project(
        f"persons.{PERSON_KEY}, {_date(table)} AS {EVENT_DATE}, {_columns(table)}"
    )


def _date(table: MergedTable) -> str:
    delivered = [name for name in table.schema.event_date if table.has(name)]
    dates = [f"rows.{quoted(name)}" for name in delivered]
    return f"CAST(coalesce({', '.join([*dates, 'NULL'])}) AS DATE)"


def _by_parent(
    connection: duckdb.DuckDBPyConnection,
    table: MergedTable,
    parent: Parent,
    parents: dict[str, MergedTable],
) -> duckdb.DuckDBPyRelation:
    if parent.table not in parents:
        return table.relation.set_alias("rows").project(f"{NO_STAMP}, {_columns(table)}")
    rows = table.relation.set_alias("rows")
    stamps = _stamps(connection, parent, parents[parent.table]).set_alias("stamps")
    condition = " AND ".join(
        f"rows.{quoted(name)} = stamps.{quoted(name)}" for name in parent.columns
    )
    joined = rows.join(stamps, condition, how="left")
    return joined.project(f"stamps.{PERSON_KEY}, stamps.{EVENT_DATE}, {_columns(table)}")


def _stamps(
    connection: duckdb.DuckDBPyConnection, parent: Parent, table: MergedTable
) -> duckdb.DuckDBPyRelation:
    """Return one row per key of the parent; a key that two persons share stamps nobody."""
    name = f"stamps_{table.schema.name}"
    keys = ", ".join(quoted(column) for column in parent.columns)
    if (name,) not in connection.sql("SHOW TABLES").fetchall():
        stamped = _by_person(connection, table)
        stamped.aggregate(
            f"{keys}, "
            f"CASE WHEN min({PERSON_KEY}) = max({PERSON_KEY}) AND count({PERSON_KEY}) = count(*) "
            f"THEN min({PERSON_KEY}) END AS {PERSON_KEY}, min({EVENT_DATE}) AS {EVENT_DATE}",
            keys,
        ).create(name)
    return connection.table(name)


def _columns(table: MergedTable) -> str:
    return ", ".join(f"rows.{quoted(column.name)}" for column in table.columns)
