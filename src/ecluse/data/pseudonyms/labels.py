"""What pseudonyms replace, and the columns where they stand."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

import duckdb
import pyarrow as pa

from ecluse.data.engines import quoted
from ecluse.data.lake import Snapshot, read, read_persons
from ecluse.data.schemas import Model

PERSON_PSEUDONYM: Final = "person_pseudonym"
"""The column of an extract that names the person of each row."""
BLOCK: Final = 1_000_000


class Label(StrEnum):
    """What a value names: equal values of two labels get pseudonyms with nothing in common."""

    PERSON = "person"
    LINK = "link"
    PROFESSIONAL = "professional"
    FACILITY = "facility"


OF_ROLES: Final[Mapping[str, Label]] = {
    "link": Label.LINK,
    "professional": Label.PROFESSIONAL,
    "facility": Label.FACILITY,
}
"""The label of a column's values, by the role of the column."""


def identifier_columns(model: Model) -> dict[str, Label]:
    """Return every column that holds pseudonyms in an extract of `model`, with its label."""
    roles = {
        column.name: OF_ROLES[column.role]
        for table in model.tables.values()
        for column in table.columns
        if column.role in OF_ROLES
    }
    return {PERSON_PSEUDONYM: Label.PERSON, **roles}


def values_of(
    snapshot: Snapshot, label: Label, *, connection: duckdb.DuckDBPyConnection
) -> Iterator[pa.Array]:
    """Yield the values of the lake that `label` names, up to a million at a time.

    A value may come again with another column.
    """
    if label is Label.PERSON:
        yield from _texts(read_persons(connection, snapshot).project("person_id"))
        return
    for name, table in snapshot.tables.items():
        schema = snapshot.model.tables.get(name)
        for column in schema.columns if schema else ():
            if OF_ROLES.get(column.role) is label and column.name in table.columns:
                rows = read(connection, snapshot, name)
                text = f"CAST({quoted(column.name)} AS VARCHAR)"
                yield from _texts(rows.project(text).distinct())


def _texts(rows: duckdb.DuckDBPyRelation) -> Iterator[pa.Array]:
    for batch in rows.to_arrow_reader(BLOCK):
        yield batch.column(0).drop_null()
