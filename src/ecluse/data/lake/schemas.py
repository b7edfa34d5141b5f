"""The tables and event sources that each data model has, read from `ecluse/schemas`."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal

from ecluse.domain.errors import NotFound

ColumnType = Literal[
    "text", "integer", "bigint", "number", "date", "timestamp", "year", "yearmonth"
]
Role = Literal[
    "person",
    "link",
    "professional",
    "facility",
    "identifier",
    "date",
    "code",
    "quantity",
    "amount",
    "text",
    "attribute",
]
PersonBy = Literal["claimant", "pseudonym", "identity"]

TABLE_YEAR = "TABLE_YEAR"
"""Column of our own in yearly tables (`T_MCO21B`): the year that the file's name carries."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as delivered: what it holds and how extraction must treat it.

    `role`: `person`, `professional`, `facility` and `link` values are identities; `identifier`
    never leaves the lake. `aliases`: other names that deliveries give to this column.
    """

    name: str
    type: ColumnType
    role: Role
    title_fr: str
    title_en: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parent:
    """The table that says whom a row concerns, and when, with the columns of the join."""

    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableSchema:
    """One table of a model.

    `person` columns name the person: `claimant` = pseudonym of the insured and birth rank,
    `pseudonym` = the same without rank (hospital stays), `identity` = the lifelong identity.
    `event_date` columns are tried in order. `key` columns cannot be absent from a file. A table
    that does not hold care (long-term illnesses, begun decades ago) does not stretch the period
    that the dataset covers.
    """

    model: str
    name: str
    title_fr: str
    title_en: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    person: tuple[str, ...] = ()
    person_by: PersonBy | None = None
    event_date: tuple[str, ...] = ()
    parent: Parent | None = None
    holds_care: bool = True

    @property
    def is_about_persons(self) -> bool:
        """Whether rows concern persons, and so carry `person_key` and `event_date`."""
        return bool(self.person or self.parent)

    @property
    def is_yearly(self) -> bool:
        """Whether each year is a table of its own, its two digits standing for `aa`."""
        return "aa" in self.name

    def column(self, name: str) -> Column | None:
        """Return the column called `name`, or delivered under that alias; None if unknown."""
        wanted = name.casefold()
        for column in self.columns:
            if wanted in {column.name.casefold(), *(alias.casefold() for alias in column.aliases)}:
                return column
        return None


@dataclass(frozen=True, slots=True)
class Reference:
    """A table that turns a row's code into the code that cohorts ask for."""

    table: str
    key_column: str
    code_column: str


@dataclass(frozen=True, slots=True)
class EventSource:
    """A place where events with a code are found: a table, its code column, its code system."""

    model: str
    name: str
    title_fr: str
    title_en: str
    table: str
    code_column: str
    code_system: str
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class Recognised:
    """The table that a file belongs to; `year` when the file's name carries one."""

    schema: TableSchema
    year: int | None


def models() -> tuple[str, ...]:
    """Return the names of the data models known, sorted."""
    return tuple(sorted(folder.name for folder in _root("tables").iterdir() if folder.is_dir()))


@cache
def table_schemas(model: str) -> Mapping[str, TableSchema]:
    """Return the tables of `model` by name. Raises NotFound."""
    folder = _root("tables") / model
    if model not in models():
        raise NotFound(f"No data model is called {model!r}: use one of {', '.join(models())}.")
    found = (_table(model, file) for file in folder.iterdir() if file.name.endswith(".toml"))
    return {schema.name: schema for schema in sorted(found, key=lambda schema: schema.name)}


def table_schema(model: str, name: str) -> TableSchema:
    """Return one table of `model`. Raises NotFound."""
    schemas = table_schemas(model)
    if name not in schemas:
        raise NotFound(f"The model {model} has no table {name!r}: use one of {', '.join(schemas)}.")
    return schemas[name]


def recognise(model: str, name: str) -> Recognised | None:
    """Return the table that the file name `name` (no extension) delivers, or None.

    `ER_PRS_F_2016` is a year of flux of `ER_PRS_F`; `T_MCO21B` is the year 2021 of `T_MCOaaB`.
    """
    for schema in table_schemas(model).values():
        match = _pattern(schema.name).fullmatch(name)
        if match:
            return Recognised(schema, _year(match["year"]))
    return None


@cache
def event_sources(model: str) -> Mapping[str, EventSource]:
    """Return the event sources of `model` by name. Raises NotFound."""
    table_schemas(model)
    data = tomllib.loads((_root("sources") / f"{model}.toml").read_text(encoding="utf-8"))
    return {fields["name"]: _source(model, fields) for fields in data["sources"]}


def _root(kind: str) -> Traversable:
    return files("ecluse") / "schemas" / kind


@cache
def _pattern(name: str) -> re.Pattern[str]:
    start, yearly, end = name.partition("aa")
    year = r"(?P<year>\d\d)" if yearly else r"(?:_(?P<year>\d{4}))?"
    return re.compile(re.escape(start) + year + re.escape(end), re.IGNORECASE)


def _year(digits: str | None) -> int | None:
    return None if digits is None else int(digits) + (2000 if len(digits) == len("aa") else 0)


def _table(model: str, file: Traversable) -> TableSchema:
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    parent = data.get("parent")
    return TableSchema(
        model=model,
        name=data["name"],
        title_fr=data["title_fr"],
        title_en=data["title_en"],
        columns=tuple(
            Column(**{**fields, "aliases": tuple(fields.get("aliases", ()))})
            for fields in data["columns"]
        ),
        key=tuple(data["key"]),
        person=tuple(data.get("person", ())),
        person_by=data.get("person_by"),
        event_date=tuple(data.get("event_date", ())),
        parent=Parent(parent["table"], tuple(parent["columns"])) if parent else None,
        holds_care=bool(data.get("holds_care", True)),
    )


def _source(model: str, fields: Mapping[str, str | Mapping[str, str]]) -> EventSource:
    reference = fields.get("reference")
    plain = {name: str(value) for name, value in fields.items() if name != "reference"}
    return EventSource(
        model=model,
        reference=Reference(**reference) if isinstance(reference, Mapping) else None,
        **plain,
    )
