"""The tables to profile: those of a snapshot, or plain files, as views of the connection."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final

import duckdb

from ecluse.data import lake
from ecluse.data.engines import literal_path, quoted
from ecluse.data.lake import Snapshot
from ecluse.data.nomenclatures import Nomenclatures
from ecluse.data.schemas import Column, ColumnType, TableSchema
from ecluse.domain.errors import InvalidInput

VIEW: Final = "profiled"
LABEL_LONGEST: Final = 200


class Look(Enum):
    """What is looked at beyond how often a column is filled. Free text and keys: nothing."""

    NOTHING = 0
    DATES = 1
    YEARS = 2
    NUMBERS = 3
    CODES = 4


@dataclass(frozen=True, slots=True)
class ColumnSource:
    """A column to profile; `labels` are those of its codes."""

    name: str
    datatype: str
    look: Look
    title_fr: str = ""
    title_en: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableSource:
    """A table to profile, shown as `VIEW`.

    `person` names who a row is about; without it each row counts as a person of its own, and small
    counts of rows are not told either. `event_date` is the day of a row.
    """

    name: str
    relation: duckdb.DuckDBPyRelation
    columns: tuple[ColumnSource, ...]
    title_fr: str = ""
    title_en: str = ""
    group: str = ""
    person: str | None = None
    event_date: str | None = None


DATATYPES: Final[Mapping[ColumnType, str]] = {
    "text": "string",
    "integer": "integer",
    "bigint": "integer",
    "number": "decimal",
    "date": "date",
    "timestamp": "dateTime",
    "year": "gYear",
    "yearmonth": "gYearMonth",
}
"""The CSVW datatype of each type of the lake."""
OF_TYPES: Final[Mapping[ColumnType, Look]] = {
    "date": Look.DATES,
    "timestamp": Look.DATES,
    "year": Look.YEARS,
}
UNSEEN: Final = frozenset({"person", "identifier", "link", "professional", "facility", "text"})
"""Roles of columns whose values are never looked at."""
NUMBERS: Final = frozenset({"integer", "bigint", "number"})


def of_snapshot(
    snapshot: Snapshot, *, connection: duckdb.DuckDBPyConnection, only: Collection[str] = ()
) -> Iterator[TableSource]:
    """Yield the tables of a snapshot, or `only` some. Raises NotFound."""
    lists = Nomenclatures(snapshot.folder.parent)
    for name in only or snapshot.tables:
        table = snapshot.table(name)
        schema = snapshot.model.table(name)
        yield TableSource(
            name=name,
            relation=lake.read(connection, snapshot, name),
            columns=tuple(
                _of_column(column, lists)
                for column in schema.columns
                if column.name in table.columns
            ),
            title_fr=schema.title_fr,
            title_en=schema.title_en,
            group=schema.product,
            person="person_key" if "person_key" in table.columns else None,
            event_date=_event_date(schema, table.columns),
        )


def _event_date(schema: TableSchema, columns: Collection[str]) -> str | None:
    return "event_date" if schema.holds_care and "event_date" in columns else None


def _of_column(column: Column, lists: Nomenclatures) -> ColumnSource:
    look = _look(column)
    labels: Mapping[str, str] = {}
    if look is Look.CODES and column.nomenclature and column.nomenclature in lists.names():
        labels = lists.get(column.nomenclature).versions[-1].labels
    return ColumnSource(
        column.name, DATATYPES[column.type], look, column.title_fr, column.title_en, labels
    )


def _look(column: Column) -> Look:
    if column.role in UNSEEN:
        return Look.NOTHING
    if column.type in OF_TYPES:
        return OF_TYPES[column.type]
    if column.role == "code" or column.nomenclature:
        return Look.CODES
    return Look.NUMBERS if column.type in NUMBERS else Look.NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainFiles:
    """Parquet or CSV files, one a table, and what no file says of itself.

    `person`: the column that names the person, in the files that have it. `codes`: columns whose
    most frequent values may be told; of others, text is never looked at.
    """

    files: Sequence[Path]
    person: str | None = None
    codes: frozenset[str] = frozenset()


def of_files(plain: PlainFiles, *, connection: duckdb.DuckDBPyConnection) -> Iterator[TableSource]:
    """Yield the table of each file. Raises InvalidInput."""
    stems = [file.stem for file in plain.files]
    if len(set(stems)) < len(stems) or not stems:
        raise InvalidInput("Each file is a table of its own name: give files of unlike names.")
    is_named = False
    for file in plain.files:
        relation = _opened(file, connection)
        is_named |= plain.person in relation.columns
        yield TableSource(
            name=file.stem,
            relation=relation,
            columns=tuple(
                _of_type(name, str(type_), plain)
                for name, type_ in zip(relation.columns, relation.types, strict=True)
            ),
            person=plain.person if plain.person in relation.columns else None,
        )
    if plain.person and not is_named:
        raise InvalidInput(f"No file has a column {plain.person}: name the one of the person.")


def _opened(file: Path, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """Return the rows of a file; those of a text file are set aside, to be read once."""
    if file.suffix.lower() == ".parquet":
        return connection.read_parquet(literal_path(file), hive_partitioning=False)
    if file.suffix.lower() not in {".csv", ".tsv"}:
        raise InvalidInput(f"{file.name} is not read: give .parquet, .csv or .tsv files.")
    aside = f"{VIEW}_rows"
    connection.execute(f"DROP TABLE IF EXISTS {quoted(aside)}")
    connection.read_csv(literal_path(file), hive_partitioning=False).to_table(aside)
    return connection.table(aside)


def _of_type(name: str, type_: str, plain: PlainFiles) -> ColumnSource:
    datatype, look = "string", Look.NOTHING
    if type_ == "DATE":
        datatype, look = "date", Look.DATES
    elif type_.startswith("TIMESTAMP"):
        datatype, look = "dateTime", Look.DATES
    elif type_ == "BOOLEAN":
        datatype = "boolean"
    elif "INT" in type_:
        datatype, look = "integer", Look.NUMBERS
    elif type_.startswith(("DECIMAL", "DOUBLE", "FLOAT")):
        datatype, look = "decimal", Look.NUMBERS
    if name in plain.codes:
        look = Look.CODES
    return ColumnSource(name, datatype, Look.NOTHING if name == plain.person else look)
