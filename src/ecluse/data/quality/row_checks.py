"""The checks that one row alone decides, as expressions that one scan counts together."""

from collections.abc import Iterator
from dataclasses import dataclass

from ecluse.data.engines import quoted
from ecluse.data.quality.examinations import Examination
from ecluse.data.quality.rules import TableRules
from ecluse.data.schemas import TableSchema


@dataclass(frozen=True, slots=True)
class RowCheck:
    """A check of rows `t` (and their person `p`): which are examined, which of them violate it.

    The values are those of the `?` of `violated`.
    """

    check: str
    column: str
    examined: str
    violated: str
    values: tuple[object, ...] = ()


def day_checks(examination: Examination, schema: TableSchema) -> Iterator[RowCheck]:
    """Give the checks that the `day` of care and the `period` of a row decide."""
    if not examination.snapshot.model.is_dated(schema) or not examination.has(
        schema.name, "event_date"
    ):
        return
    yield RowCheck("missing-date", "", "true", "day IS NULL")
    dated = "day IS NOT NULL"
    yield RowCheck("future-date", "", dated, "day > ?::DATE", (examination.on,))
    if schema.flow_date and examination.has(schema.name, schema.flow_date):
        both = f"{dated} AND period IS NOT NULL"
        yield RowCheck("care-after-flow", "", both, "day > last_day(period)")


def row_checks(
    examination: Examination, schema: TableSchema, *, has_persons: bool
) -> Iterator[RowCheck]:
    """Give the checks of single rows of a table, for the columns that it has."""
    rules = examination.rules.table(schema.name)
    columns = frozenset(examination.snapshot.tables[schema.name].columns)
    if "person_key" in columns:
        yield from _persons(examination, schema, columns, has_persons=has_persons)
    yield from _pairs(rules, columns)
    yield from _values(rules, columns)
    for check, names in (
        ("negative-quantity", rules.quantities),
        ("negative-amount", rules.amounts),
    ):
        for name in names:
            if name in columns:
                yield RowCheck(check, name, f"{_of(name)} IS NOT NULL", f"{_of(name)} < 0")


def _persons(
    examination: Examination,
    schema: TableSchema,
    columns: frozenset[str],
    *,
    has_persons: bool,
) -> Iterator[RowCheck]:
    yield RowCheck("row-without-person", "", "true", "t.person_key IS NULL")
    register = examination.rules.register
    if register is None or not has_persons or schema.name == register.table:
        return
    known = "t.person_key IS NOT NULL"
    yield RowCheck("person-not-in-register", "", known, f"{known} AND p.person_key IS NULL")
    if "event_date" in columns and schema.holds_care:
        dated = "t.event_date IS NOT NULL"
        yield RowCheck(
            "care-before-birth",
            "",
            f"{dated} AND p.born_on IS NOT NULL",
            "t.event_date < p.born_on",
        )
        yield RowCheck(
            "care-after-death",
            "",
            f"{dated} AND p.died_on IS NOT NULL",
            "t.event_date > p.last_care_on",
        )


def _pairs(rules: TableRules, columns: frozenset[str]) -> Iterator[RowCheck]:
    for first, last in rules.order:
        if {first, last} <= columns:
            both = f"{_of(first)} IS NOT NULL AND {_of(last)} IS NOT NULL"
            yield RowCheck("end-before-start", last, both, f"{_of(last)} < {_of(first)}")
    for day, instant in rules.same_day:
        if {day, instant} <= columns:
            both = f"{_of(day)} IS NOT NULL AND {_of(instant)} IS NOT NULL"
            differs = f"{_of(instant)}::DATE <> {_of(day)}"
            yield RowCheck("date-against-time", day, both, differs)
    for value, unit in rules.together:
        if {value, unit} <= columns:
            told = f"{_of(value)} IS NOT NULL"
            without = f"{told} AND coalesce({_of(unit)}, 0) = 0"
            yield RowCheck("missing-unit", value, told, without)


def _values(rules: TableRules, columns: frozenset[str]) -> Iterator[RowCheck]:
    for bounds in rules.ranges:
        if bounds.column in columns:
            name = _of(bounds.column)
            yield RowCheck(
                "out-of-range",
                bounds.column,
                f"{name} IS NOT NULL",
                f"{name} NOT BETWEEN ? AND ?",
                values=(bounds.low, bounds.high),
            )
    for column, values in rules.allowed.items():
        if column in columns:
            name = _of(column)
            yield RowCheck(
                "unexpected-value",
                column,
                f"{name} IS NOT NULL",
                f"NOT list_contains(?, {name}::VARCHAR)",
                values=(list(values),),
            )


def _of(column: str) -> str:
    return f"t.{quoted(column)}"
