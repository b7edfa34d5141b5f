"""A data model: its tables, its register of persons, and where its coded events are found."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from ecluse.data.schemas.columns import TABLE_YEAR, Column
from ecluse.domain.errors import NotFound

PersonBy = Literal["claimant", "pseudonym", "identity"]
RegisterRule = Literal["snds", "identity"]
Slicing = Literal["flow", "year", "whole"]


@dataclass(frozen=True, slots=True)
class Parent:
    """The table that says whom a row concerns, and when, with the columns of the join."""

    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Join:
    """Columns that name a row of another table, and its columns in the same order."""

    columns: tuple[str, ...]
    table: str
    table_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableSchema:
    """One table of a model.

    `person` columns name the person: `claimant` = pseudonym of the insured and birth rank,
    `pseudonym` = the same without rank (hospital stays), `identity` = the lifelong identity.
    `event_date` columns are tried in order. `key` columns cannot be absent from a file. A table
    that does not hold care (long-term illnesses, begun decades ago) does not stretch the period
    that the dataset covers. `event_key` columns, the same in a parent and its children, name the
    event that a row belongs to: a claim, a stay. `flow_date`: the month in which claims were
    delivered. `file_names`: other names of its files, with the placeholders of `name`: `aa` and
    `AAAA` for a year, `GN` and `xx` for a version.
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
    product: str = ""
    joins: tuple[Join, ...] = ()
    first_year: int | None = None
    last_year: int | None = None
    flow_date: str | None = None
    event_key: tuple[str, ...] = ()
    file_names: tuple[str, ...] = ()

    @property
    def is_about_persons(self) -> bool:
        """Whether rows concern persons, and so carry `person_key` and `event_date`."""
        return bool(self.person or self.parent)

    @property
    def is_yearly(self) -> bool:
        """Whether each year is a table of its own, its digits standing for `aa` or `AAAA`."""
        return any(column.name == TABLE_YEAR for column in self.columns)

    @property
    def slicing(self) -> Slicing:
        """Return what one slice is: a month of claims (`flow`), a `year`, or the whole table."""
        if self.is_yearly:
            return "year"
        return "flow" if self.flow_date else "whole"

    def columns_in(self, year: int) -> tuple[Column, ...]:
        """Return the columns that deliveries of `year` have, in order."""
        return tuple(column for column in self.columns if column.is_in(year))

    def column(self, name: str) -> Column | None:
        """Return the column called `name`, or delivered under that alias; None if unknown."""
        wanted = name.casefold()
        for column in self.columns:
            if wanted in {column.name.casefold(), *(alias.casefold() for alias in column.aliases)}:
                return column
        return None


@dataclass(frozen=True, slots=True)
class Facts:
    """Columns in which the register tells the sex, birth, residence and death of a person.

    `female` and `male` are the values of `sex`, as text. `birth` names the year, then the month,
    then the day, as far as they are known: a month or day that is absent or impossible counts as
    the first. Of several rows of one person, the one with the greatest `latest` tells sex, birth
    and department (on a tie, the smallest value). The earliest `death` of all rows counts; it is
    read in `death_table` where the register does not hold it.
    """

    sex: str
    female: tuple[str, ...]
    male: tuple[str, ...]
    birth: tuple[str, ...]
    department: str | None = None
    latest: str | None = None
    death: str | None = None
    death_table: str | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """The table of persons of a model, and the rule that says who is who.

    `snds`: the BEN_IDT_ANO rule, several pseudonyms per person; `identity`: one row per person,
    named by the person column of the table. `opt_out`: the column by which the opt-out register
    knows the person, where the rule does not say it.
    """

    table: str
    by: RegisterRule
    opt_out: str | None = None
    facts: Facts | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A table that turns a row's code into the code that cohorts ask for."""

    table: str
    key_column: str
    code_column: str


@dataclass(frozen=True, slots=True)
class EventSource:
    """A place where events with a code are found: a table, its code column, its code system.

    `nomenclature`: the code list against which the codes of a cohort can be checked. Events last
    until `end_column` where the source has one; where that is empty, they have not ended.
    """

    model: str
    name: str
    title_fr: str
    title_en: str
    table: str
    code_column: str
    code_system: str
    reference: Reference | None = None
    nomenclature: str | None = None
    end_column: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What a column of a record must hold: one of `values`, none of `excluded`; "" is empty."""

    column: str
    values: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A number on records of two persons: on the stay of a child at birth, and on the mother's.

    Two rows of `table` with the same `number` and the same `place`, and not more than `days_apart`
    days between their `day`s, join two persons; `no_number` are values that are none, as is an
    empty one. The record of the person who is linked has every mark of `own` in the table
    `told_by`, that of the person linked to them every mark of `other`: nothing joins a mother to
    her child's events. A record that fits those of several persons links no one.
    """

    model: str
    name: str
    title_fr: str
    title_en: str
    table: str
    number: str
    place: str
    day: str
    days_apart: int
    told_by: str
    own: tuple[Mark, ...]
    other: tuple[Mark, ...]
    no_number: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """The columns that the link reads, each with its table, but for the day."""
        marks = dict.fromkeys(mark.column for mark in (*self.own, *self.other))
        return (
            (self.table, self.number),
            (self.table, self.place),
            *((self.told_by, column) for column in marks),
        )


@dataclass(frozen=True, slots=True)
class Recognised:
    """The table that a file belongs to; `year` when the file's name carries one."""

    schema: TableSchema
    year: int | None


@dataclass(frozen=True, slots=True)
class Model:
    """A data model: SNDS, OMOP, or a holder's own.

    `date_formats` are those of text deliveries (strptime), tried in order. `tables`, `sources` and
    `links` are by name.
    """

    name: str
    title_fr: str
    title_en: str
    register: Register
    date_formats: tuple[str, ...]
    tables: Mapping[str, TableSchema]
    sources: Mapping[str, EventSource]
    links: Mapping[str, Link] = field(default_factory=dict)

    def table(self, name: str) -> TableSchema:
        """Return one table. Raises NotFound."""
        if name not in self.tables:
            raise NotFound(
                f"The model {self.name} has no table {name!r}: "
                f"`ecluse lake schema list --model {self.name}` lists its {len(self.tables)}."
            )
        return self.tables[name]

    def source(self, name: str) -> EventSource:
        """Return one event source. Raises NotFound."""
        if name not in self.sources:
            raise NotFound(
                f"The model {self.name} has no event source {name!r}: use one of "
                f"{', '.join(self.sources)}."
            )
        return self.sources[name]

    def link(self, name: str) -> Link:
        """Return one link between persons. Raises NotFound."""
        if name not in self.links:
            raise NotFound(
                f"The model {self.name} has no link {name!r}: use one of "
                f"{', '.join(self.links) or 'none'}."
            )
        return self.links[name]

    def record_table(self, name: str) -> str | None:
        """Return the table whose rows are the records that rows of `name` belong to.

        It is the highest parent with the same event key: T_MCOaaC for the diagnoses and acts of a
        stay. None where rows carry no event key. Raises NotFound.
        """
        schema = self.table(name)
        key = schema.event_key
        while schema.parent and self.table(schema.parent.table).event_key == key:
            schema = self.table(schema.parent.table)
        return schema.name if key else None

    def is_dated(self, schema: TableSchema) -> bool:
        """Whether the rows of a table carry a date, their own or their parent's."""
        if schema.event_date:
            return True
        return schema.parent is not None and self.is_dated(self.table(schema.parent.table))

    def recognise(self, stem: str) -> Recognised | None:
        """Return the table that the file name `stem` (no extension) delivers, or None.

        `ER_PRS_F_2016` is the archive 2016 of `ER_PRS_F`; `T_MCO21B` the year 2021 of `T_MCOaaB`.
        """
        for schema in self.tables.values():
            for name in (schema.name, *schema.file_names):
                match = _pattern(name, is_yearly=schema.is_yearly).fullmatch(stem)
                if match:
                    return Recognised(schema, _year(match["year"]))
        return None


PLACEHOLDERS = {
    "AAAA": r"(?P<year>\d{4})",
    "aa": r"(?P<year>\d\d)",
    "GN": r"G\d{1,2}",
    "xx": r"\d\d",
}


@cache
def _pattern(name: str, *, is_yearly: bool) -> re.Pattern[str]:
    if not is_yearly:
        return re.compile(re.escape(name) + r"(?:_(?P<year>\d{4}))?", re.IGNORECASE)
    parts = re.split(f"({'|'.join(PLACEHOLDERS)})", name)
    return re.compile(
        "".join(PLACEHOLDERS.get(part, re.escape(part)) for part in parts), re.IGNORECASE
    )


def _year(digits: str | None) -> int | None:
    return None if digits is None else int(digits) + (2000 if len(digits) == len("aa") else 0)
