"""Conditions as engine expressions: TRUE, FALSE, or NULL when a value that decides is absent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Final, Self

from duckdb import (
    CoalesceOperator,
    ColumnExpression,
    ConstantExpression,
    DuckDBPyRelation,
    Expression,
    FunctionExpression,
)

from ecluse.data.filters.definitions import Condition, Group, Rule, Test
from ecluse.data.schemas import TABLE_YEAR

EVENT_DATE: Final = "event_date"
EVER: Final = (0, 9999)
YEAR_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Columns:
    """What can be read of a row: its columns with their engine types, and the cut-off flow."""

    types: Mapping[str, str]
    flux_until: date | None = None

    @classmethod
    def of(cls, relation: DuckDBPyRelation, *, flux_until: date | None) -> Self:
        """Return the columns of `relation`."""
        types = (str(type_) for type_ in relation.types)
        return cls(dict(zip(relation.columns, types, strict=True)), flux_until)

    @property
    def year(self) -> Expression | None:
        """The year of a row: that of its yearly table, else that of its date; None if undated."""
        if TABLE_YEAR in self.types:
            return ColumnExpression(TABLE_YEAR)
        if EVENT_DATE in self.types:
            return FunctionExpression("year", ColumnExpression(EVENT_DATE))
        return None

    def is_text(self, name: str) -> bool:
        """Whether the column holds text, which is compared without the spaces around it."""
        return self.types[name] == "VARCHAR"


def dropped_by(rule: Rule, columns: Columns) -> Expression | None:
    """Return whether `rule` drops a row; None when it can read none of its alternatives.

    An alternative of which a column was not delivered is not looked at.
    """
    alternatives = [
        reduce(and_, (_holds(condition, columns) for condition in alternative))
        for alternative in rule.drop
        if all(_can_be_read(condition, columns) for condition in alternative)
    ]
    return reduce(or_, alternatives) if alternatives else None


def decided(judged: Expression, *, unknown: bool) -> Expression:
    """Return a verdict that is never NULL: `unknown` stands for it."""
    return CoalesceOperator(judged, ConstantExpression(unknown))


def between_years(columns: Columns, first: int, last: int) -> Expression | None:
    """Return whether a row is of the years `first` to `last`, both included; None if undated.

    Dates are compared as dates, so that parts of other years are not read.
    """
    if TABLE_YEAR in columns.types:
        year = ColumnExpression(TABLE_YEAR)
        return year.between(ConstantExpression(first), ConstantExpression(last))
    if EVENT_DATE not in columns.types:
        return None
    days = ConstantExpression(date(first, 1, 1)), ConstantExpression(date(last, 12, 31))
    return ColumnExpression(EVENT_DATE).between(*days)


def _can_be_read(condition: Condition, columns: Columns) -> bool:
    if condition.column not in columns.types:
        return False
    if condition.test == "after_cut_off":
        return columns.flux_until is not None
    return columns.year is not None or not _needs_year(condition)


def _needs_year(condition: Condition) -> bool:
    bounds = condition.first_year, condition.last_year
    return condition.test in {"listed", "other_year"} or any(year is not None for year in bounds)


def _holds(condition: Condition, columns: Columns) -> Expression:
    met = TESTS[condition.test](condition, columns)
    first, last = condition.first_year, condition.last_year
    if first is None and last is None:
        return met
    return met & _within(columns, first, last)


def _within(columns: Columns, first: int | None, last: int | None) -> Expression:
    bounds = (
        EVER[0] if first is None else first,
        EVER[1] if last is None else last,
    )
    return _year(columns).between(*(ConstantExpression(bound) for bound in bounds))


def _year(columns: Columns) -> Expression:
    year = columns.year
    if year is None:
        raise ValueError("a condition on years of a table without years")
    return year


def _value(condition: Condition, columns: Columns) -> Expression:
    column = ColumnExpression(condition.column)
    if columns.is_text(condition.column):
        return FunctionExpression("trim", column)
    return column


def _text(condition: Condition, columns: Columns) -> Expression:
    return _value(condition, columns).cast("VARCHAR")


def _constants(
    values: tuple[str | int, ...], condition: Condition, columns: Columns
) -> list[Expression]:
    """Return the values in the type of the column: a code may be loaded as text or as a number."""
    if columns.is_text(condition.column):
        return [ConstantExpression(str(value)) for value in values]
    return [ConstantExpression(int(value)) for value in values if str(value).isdecimal()]


def _in(condition: Condition, columns: Columns) -> Expression:
    return _value(condition, columns).isin(*_constants(condition.values, condition, columns))


def _not_in(condition: Condition, columns: Columns) -> Expression:
    return _value(condition, columns).isnotin(*_constants(condition.values, condition, columns))


def _at_least(condition: Condition, columns: Columns) -> Expression:
    (least,) = condition.values
    number = ColumnExpression(condition.column)
    if columns.is_text(condition.column):
        number = number.try_cast("INTEGER")
    return number >= ConstantExpression(least)


def _starts_with(condition: Condition, columns: Columns) -> Expression:
    (prefix,) = condition.values
    return FunctionExpression("starts_with", _text(condition, columns), ConstantExpression(prefix))


def _pattern(condition: Condition, columns: Columns) -> Expression:
    (pattern,) = condition.values
    ignoring_case = ConstantExpression("i")
    return FunctionExpression(
        "regexp_full_match", _text(condition, columns), ConstantExpression(pattern), ignoring_case
    )


def _missing(condition: Condition, columns: Columns) -> Expression:
    del columns
    return ColumnExpression(condition.column).isnull()


def _listed(condition: Condition, columns: Columns) -> Expression:
    def is_in(group: Group) -> Expression:
        constants = _constants(group.values, condition, columns)
        in_time = _within(columns, group.first_year, group.last_year)
        return _value(condition, columns).isin(*constants) & in_time

    return reduce(or_, map(is_in, condition.groups))


def _other_year(condition: Condition, columns: Columns) -> Expression:
    text, year = _text(condition, columns), _year(columns).cast("VARCHAR")
    digits = ConstantExpression(YEAR_DIGITS)
    last, first = (FunctionExpression(side, text, digits) for side in ("right", "left"))
    return (last != year) & (first != year)


def _after_cut_off(condition: Condition, columns: Columns) -> Expression:
    return ColumnExpression(condition.column) > ConstantExpression(columns.flux_until)


TESTS: Final[Mapping[Test, Callable[[Condition, Columns], Expression]]] = {
    "in": _in,
    "not_in": _not_in,
    "at_least": _at_least,
    "starts_with": _starts_with,
    "pattern": _pattern,
    "missing": _missing,
    "listed": _listed,
    "other_year": _other_year,
    "after_cut_off": _after_cut_off,
}
