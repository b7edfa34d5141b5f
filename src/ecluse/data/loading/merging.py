"""The files of one table, put one after the other: a column that a file lacks is NULL there."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from ecluse.data.engines import quoted
from ecluse.data.lake.schemas import Column, TableSchema
from ecluse.data.loading.conversions import SQL_TYPES
from ecluse.data.loading.reading import BAD, ReadFile


@dataclass(frozen=True, slots=True)
class MergedTable:
    """All good rows of a table, in the columns delivered, in the order of the schema."""

    schema: TableSchema
    columns: tuple[Column, ...]
    relation: duckdb.DuckDBPyRelation

    def has(self, name: str) -> bool:
        """Say whether at least one file delivered the column `name`."""
        return any(column.name == name for column in self.columns)


def merge(
    connection: duckdb.DuckDBPyConnection, schema: TableSchema, files: Sequence[ReadFile]
) -> MergedTable:
    """Return the rows of `files` as one table."""
    columns = _columns(schema, files)
    parts = [_part(connection, file, columns) for file in files]
    relation = parts[0]
    for part in parts[1:]:
        relation = relation.union(part)
    return MergedTable(schema, columns, relation)


def _columns(schema: TableSchema, files: Sequence[ReadFile]) -> tuple[Column, ...]:
    delivered = {column.name: column for file in files for column in file.columns}
    known = [column for column in schema.columns if column.name in delivered]
    names = {column.name for column in known}
    unknown = [delivered[name] for name in sorted(delivered.keys() - names)]
    return (*known, *unknown)


def _part(
    connection: duckdb.DuckDBPyConnection, file: ReadFile, columns: Sequence[Column]
) -> duckdb.DuckDBPyRelation:
    present = {column.name for column in file.columns}
    values = [
        quoted(column.name)
        if column.name in present
        else f"CAST(NULL AS {SQL_TYPES[column.type]}) AS {quoted(column.name)}"
        for column in columns
    ]
    return connection.table(file.table).filter(f"{BAD} IS NULL").project(", ".join(values))
