"""Data of the shape of an extract and of no other truth, on which a study is tried at home.

Nothing is read of a real extract but the names and types of its columns, which the permit tells.
Values are drawn at random: each column by itself, codes from the labels or the values given. What a
study needs to run is kept: the types of the extract, one pseudonym a person in all tables, events
whose rows meet by their link columns across tables, days inside the care period.
"""

import csv
import hashlib
import io
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Final, cast

import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.cohorts.reading import ORDERABLE_DATE
from ecluse.data.extraction.dictionary import Line, as_csv
from ecluse.data.extraction.leaflet import DICTIONARY
from ecluse.data.extraction.plans import EVENT_DATE_COLUMN, NEVER, PSEUDONYM_COLUMN
from ecluse.data.extraction.precision import type_of
from ecluse.data.pseudonyms import PERSON_PSEUDONYM
from ecluse.data.schemas import Column, Model
from ecluse.domain.documents import DatasetScope, Precision, TableScope
from ecluse.domain.errors import InvalidInput, OutOfScope

EVENTS_A_PERSON: Final = 4
MISSING: Final = 0.03
NAMED: Final = frozenset({"link", "professional", "facility"})
ARROW: Final = {
    "text": pa.string(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "year": pa.int32(),
    "yearmonth": pa.string(),
    "boolean": pa.bool_(),
}
OLDEST: Final = 1930
CODES: Final = tuple(f"{letter}{number:02d}" for letter in "ABC" for number in (1, 10, 25))

Value = str | int | float | bool | date | datetime | None
Draw = Callable[[random.Random, date], Value]


@dataclass(frozen=True, slots=True)
class DummyPlan:
    """What to draw: columns, the care period, how many persons, from which seed.

    `values` gives, by the name of a column, those it may hold: the codes that a study looks for.
    """

    lines: tuple[Line, ...]
    care_from: date
    care_to: date
    persons: int = 1000
    seed: int = 1
    values: Mapping[str, tuple[str | int | float, ...]] = field(default_factory=dict)


def lines_of(scope: DatasetScope, model: Model) -> tuple[Line, ...]:
    """Return the dictionary of what a permit gives of a dataset of this model. Raises OutOfScope.

    Columns that never leave the lake are left out, as they are by an extraction.
    """
    return tuple(line for table in scope.tables for line in _table_lines(table, model))


def read_dictionary(data: bytes) -> tuple[Line, ...]:
    """Return the lines of an extract's `dictionary.csv`. Raises InvalidInput."""
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig", errors="replace")))
    names = [one.name for one in fields(Line)]
    if list(rows.fieldnames or ()) != names:
        raise InvalidInput(
            f"This is not the {DICTIONARY} of an extract: its first line must be {','.join(names)}."
        )
    return tuple(Line(*(row[name] or "" for name in names)) for row in rows)


def write_dummy(plan: DummyPlan, target: Path) -> tuple[str, ...]:
    """Write the tables and their dictionary in the folder `target`; return the tables' names."""
    target.mkdir(mode=0o755, parents=True, exist_ok=True)
    (target / DICTIONARY).write_bytes(as_csv(plan.lines))
    tables = [(name, tuple(lines)) for name, lines in groupby(plan.lines, lambda one: one.table)]
    for name, lines in tables:
        pq.write_table(_table(lines, plan), target / f"{name}.parquet", store_schema=False)
    for path in target.iterdir():
        path.chmod(0o644)
    return tuple(name for name, _ in tables)


def _table_lines(scope: TableScope, model: Model) -> Iterator[Line]:
    schema = model.tables.get(scope.table)
    if schema is None:
        raise OutOfScope(f"The model {model.name} has no table {scope.table}: give the dataset's.")
    if schema.is_about_persons:
        yield _line(schema.name, PSEUDONYM_COLUMN, "text", "pseudonym")
    known = {column.name: column for column in schema.columns}
    if model.is_dated(schema):
        known[ORDERABLE_DATE] = EVENT_DATE_COLUMN
    for name in scope.columns:
        if name not in known:
            raise OutOfScope(f"The table {schema.name} has no column {name[:40]!r}.")
        column, given = known[name], scope.coarsening(name)
        if column.role in NEVER or (given and given.to is Precision.CHOICE_ONLY):
            continue
        step = "" if given is None or given.step is None else f" {given.step}"
        content = "value" if given is None else f"{given.to.value}{step}"
        is_named = column.role in NAMED
        type_ = "text" if is_named else type_of(column, given)
        yield _line(schema.name, column, type_, "pseudonym" if is_named else content)


def _line(table: str, column: Column, type_: str, content: str) -> Line:
    titles = (column.title_fr, column.title_en)
    return Line(
        table, column.name, type_, column.role, content, *titles, column.nomenclature or "", ""
    )


def _table(lines: Sequence[Line], plan: DummyPlan) -> pa.Table:
    """Draw a table: a row an event where rows have days or links, else a row a person."""
    is_of_events = any(one.role in {"date", "link"} for one in lines)
    rows = plan.persons * (EVENTS_A_PERSON if is_of_events else 1)
    days = [_day_of_event(plan, number) for number in range(rows)]
    columns = {one.column: _column(one, days, plan) for one in lines}
    return pa.table(columns)


def _day_of_event(plan: DummyPlan, number: int) -> date:
    """The same event has the same day in every table."""
    span = (plan.care_to - plan.care_from).days + 1
    return plan.care_from + timedelta(days=_number(plan.seed, "day", number) % span)


def _column(line: Line, days: Sequence[date], plan: DummyPlan) -> pa.Array:
    kind = ARROW.get(line.type, pa.string())
    if line.column == PERSON_PSEUDONYM:
        names = [_pseudonym(plan.seed, "person", number % plan.persons) for number in _of(days)]
        return pa.array(names, kind)
    if line.role in NAMED:
        shared = len(days) if line.role == "link" else 20
        names = [_pseudonym(plan.seed, line.column, number % shared) for number in _of(days)]
        return pa.array(names, kind)
    source = random.Random(f"{plan.seed}|{line.table}|{line.column}")  # noqa: S311 - no secret
    draw = _draw(line, plan)
    values = [None if source.random() < MISSING else draw(source, day) for day in days]
    return pa.array(values, kind)


def _of(days: Sequence[date]) -> range:
    return range(len(days))


def _draw(line: Line, plan: DummyPlan) -> Draw:
    known = plan.values.get(line.column)
    if known:
        return lambda source, _day: source.choice(known)
    draws: Mapping[str, Draw] = {
        "date": lambda _source, day: _beginning(day, line.content),
        "timestamp": lambda _source, day: datetime.combine(day, datetime.min.time()),
        "year": lambda source, day: source.randint(OLDEST, day.year),
        "yearmonth": lambda _source, day: f"{day:%Y%m}",
        "integer": lambda source, _day: source.randint(0, 9),
        "bigint": lambda source, _day: source.randint(0, 9),
        "number": lambda source, _day: round(source.uniform(0, 100), 2),
        "boolean": lambda source, _day: source.random() < 0.5,  # noqa: PLR2004 - half
    }
    return draws.get(line.type, lambda source, _day: source.choice(CODES))


def _beginning(day: date, content: str) -> date:
    if content == Precision.YEAR:
        return day.replace(month=1, day=1)
    return day.replace(day=1) if content == Precision.MONTH else day


def _pseudonym(seed: int, kind: str, number: int) -> str:
    """A name of the form of a pseudonym: 64 hexadecimal characters."""
    return hashlib.sha256(f"dummy|{seed}|{kind}|{number}".encode()).hexdigest()


def _number(seed: int, kind: str, number: int) -> int:
    return int(_pseudonym(seed, kind, number)[:8], 16)


def read_values(told: object) -> Mapping[str, tuple[str | int | float, ...]]:
    """Return the values that a `dummy.toml` gives to columns. Raises InvalidInput."""
    if not isinstance(told, dict) or not all(isinstance(one, list) for one in told.values()):
        raise InvalidInput('dummy.toml: write [values], then a line such as SEX = ["1", "2"].')
    return {
        name: cast(tuple[str | int | float, ...], tuple(values)) for name, values in told.items()
    }
