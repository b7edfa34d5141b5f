"""Columns picked by name from tables that may lack them, and rows shaped as the CDM has them."""

from collections.abc import Mapping

from duckdb import DuckDBPyRelation

from ecluse.data.engines import quoted
from ecluse.data.schemas import SQL_TYPES, TableSchema


def pick(rows: DuckDBPyRelation, columns: Mapping[str, tuple[str | None, str]]) -> DuckDBPyRelation:
    """Return `rows` with new names: {new name: (column, SQL type)}; NULL where it is absent.

    A value that the type cannot hold (a month `XX`) is NULL.
    """
    present = set(rows.columns)
    return rows.project(
        ", ".join(
            f"TRY_CAST({quoted(column)} AS {kind}) AS {quoted(name)}"
            if column in present and column is not None
            else f"CAST(NULL AS {kind}) AS {quoted(name)}"
            for name, (column, kind) in columns.items()
        )
    )


def code_of(column: str) -> str:
    """Return the SQL expression of a code as the maps write it: no dot, space or lower case.

    Nothing and 0, which deliveries write for no code, are NULL.
    """
    text = f"replace(upper(trim(CAST({quoted(column)} AS VARCHAR))), '.', '')"
    return f"nullif(nullif({text}, ''), '0')"


def shaped(rows: DuckDBPyRelation, schema: TableSchema) -> DuckDBPyRelation:
    """Return `rows` with every column of the CDM table, in order and typed, ours first."""
    present = set(rows.columns)
    columns = [
        f"CAST({quoted(column.name) if column.name in present else 'NULL'} "
        f"AS {SQL_TYPES[column.type]}) AS {quoted(column.name)}"
        for column in schema.columns
    ]
    if schema.is_about_persons:
        day = quoted(schema.event_date[0]) if schema.event_date else "NULL"
        columns = [
            "CAST(person_key AS INTEGER) AS person_key",
            f"CAST({day} AS DATE) AS event_date",
            *columns,
        ]
    return rows.project(", ".join(columns))
