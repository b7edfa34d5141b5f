"""The algebra of cohorts on DuckDB: relations and expressions, never the text of a query."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Final

import duckdb
import pyarrow as pa
from duckdb import (
    CaseExpression,
    CoalesceOperator,
    ColumnExpression,
    ConstantExpression,
    DuckDBPyRelation,
    Expression,
    FunctionExpression,
)

from ecluse.data.cohorts.algebra import Scalar

SCALE: Final = 10_000
KINDS: Final = {
    "text": "VARCHAR",
    "integer": "INTEGER",
    "wide": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
    "decimal": "DECIMAL(38, 4)",
}
FIRST_DAY: Final = (date.min - date(1970, 1, 1)).days
LAST_DAY: Final = (date.max - date(1970, 1, 1)).days
EPOCH: Final = ConstantExpression(date(1970, 1, 1))
NUMBERS: Final = count()
"""Of the tables held: two runs may share a connection."""


def _call(name: str, *terms: Expression) -> Expression:
    return FunctionExpression(name, *terms)


class DuckFrame:
    """A relation of one connection; `held` relations are tables of it."""

    def __init__(
        self, relation: DuckDBPyRelation, connection: duckdb.DuckDBPyConnection, made: list[str]
    ) -> None:
        self.relation = relation
        self._connection = connection
        self._made = made

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(self.relation.columns)

    def select(self, terms: Mapping[str, Expression]) -> "DuckFrame":
        """Return the columns given, under their new names."""
        return self._like(self.relation.select(*(term.alias(name) for name, term in terms.items())))

    def where(self, condition: Expression) -> "DuckFrame":
        """Return the rows of which the condition is true."""
        return self._like(self.relation.filter(condition))

    def left(self, other: "DuckFrame", on: Sequence[str]) -> "DuckFrame":
        """Return each row with those of `other` that have the same `on`; once with NULL if none."""
        return self._joined(other, on, "left")

    def inner(self, other: "DuckFrame", on: Sequence[str]) -> "DuckFrame":
        """Return each row with those of `other` that have the same `on`."""
        return self._joined(other, on, "inner")

    def among(self, other: "DuckFrame", on: Sequence[str]) -> "DuckFrame":
        """Return the rows of which `other` has the same `on`."""
        renamed, condition = _matched(other, on)
        return self._like(self.relation.join(renamed, condition, how="semi"))

    def stacked(self, other: "DuckFrame") -> "DuckFrame":
        """Return the rows of both, which have the same columns in the same order."""
        return self._like(self.relation.union(other.relation))

    def distinct(self) -> "DuckFrame":
        """Return each row once."""
        return self._like(self.relation.distinct())

    def grouped(self, by: Sequence[str], terms: Mapping[str, Expression]) -> "DuckFrame":
        """Return one row for each value of `by`, with these aggregates."""
        keys = [ColumnExpression(name) for name in by]
        aggregates = [term.alias(name) for name, term in terms.items()]
        return self._like(self.relation.aggregate([*keys, *aggregates]))

    def held(self) -> "DuckFrame":
        """Return the same rows, computed now and kept until the end of the run."""
        name = f"cohort_rows_{next(NUMBERS)}"
        self.relation.create(name)
        self._made.append(name)
        return self._like(self._connection.table(name))

    def table(self) -> pa.Table:
        """Return the rows in memory."""
        return self.relation.to_arrow_table()

    def _joined(self, other: "DuckFrame", on: Sequence[str], how: str) -> "DuckFrame":
        renamed, condition = _matched(other, on)
        joined = self.relation.join(renamed, condition, how=how)
        new = [name for name in other.columns if name not in on]
        return self._like(
            joined.select(*(ColumnExpression(name) for name in (*self.columns, *new)))
        )

    def _like(self, relation: DuckDBPyRelation) -> "DuckFrame":
        return DuckFrame(relation, self._connection, self._made)


def _matched(other: DuckFrame, on: Sequence[str]) -> tuple[DuckDBPyRelation, Expression]:
    """Return `other` with its join columns renamed, and the condition of the join."""
    new = [ColumnExpression(name) for name in other.columns if name not in on]
    keys = [ColumnExpression(name).alias(f"joined_{name}") for name in on]
    condition = ColumnExpression(on[0]) == ColumnExpression(f"joined_{on[0]}")
    for name in on[1:]:
        condition = condition & (ColumnExpression(name) == ColumnExpression(f"joined_{name}"))
    renamed = other.relation.select(*keys, *new).set_alias(f"joined_{next(NUMBERS)}")
    return renamed, condition


class DuckTerms:
    """The expressions of DuckDB."""

    def column(self, name: str) -> Expression:
        """Return the value of a column."""
        return ColumnExpression(name)

    def value(self, value: Scalar) -> Expression:
        """Return a value."""
        return ConstantExpression(value)

    def nothing(self, kind: str) -> Expression:
        """Return NULL of one of `KINDS`."""
        return ConstantExpression(None).cast(KINDS[kind])

    def typed(self, term: Expression, kind: str) -> Expression:
        """Return the term as one of `KINDS`; what cannot be one is NULL."""
        return term.try_cast(KINDS[kind])

    def choose(
        self, condition: Expression, then: Expression, otherwise: Expression | None = None
    ) -> Expression:
        """Return `then` where the condition is true, else `otherwise`, else NULL."""
        chosen = CaseExpression(condition, then)
        return chosen if otherwise is None else chosen.otherwise(otherwise)

    def known(self, *terms: Expression) -> Expression:
        """Return the first of the terms that is not NULL."""
        return CoalesceOperator(*terms)

    def least(self, *terms: Expression) -> Expression:
        """Return the least of those that are not NULL; NULL when none is."""
        return _call("least", *terms)

    def greatest(self, *terms: Expression) -> Expression:
        """Return the greatest of those that are not NULL; NULL when none is."""
        return _call("greatest", *terms)

    def is_null(self, term: Expression) -> Expression:
        """Return whether the term is NULL."""
        return term.isnull()

    def is_in(self, term: Expression, values: Sequence[Scalar]) -> Expression:
        """Return whether the term is one of the values."""
        return term.isin(*(ConstantExpression(value) for value in values))

    def text_of(self, term: Expression) -> Expression:
        """Return a text without the spaces around it."""
        return _call("trim", term.cast("VARCHAR"), ConstantExpression(" "))

    def plain(self, term: Expression) -> Expression:
        """Return a code as text, without dots and spaces around; NULL when nothing is left."""
        dot, nothing = ConstantExpression("."), ConstantExpression("")
        return _call("nullif", _call("replace", self.text_of(term), dot, nothing), nothing)

    def department(self, text: Expression) -> Expression:
        """Return the code of a department without the 0 before its two characters."""
        is_long = _call("length", text) == ConstantExpression(3)
        has_zero = _call("starts_with", text, ConstantExpression("0"))
        short = _call("substr", text, ConstantExpression(2))
        return CaseExpression(is_long & has_zero, short).otherwise(text)

    def shown(self, scaled: Expression) -> Expression:
        """Return ten-thousandths as text: 12.5, 3, -0.25."""
        written = self.amount(scaled).cast("VARCHAR")
        without_zeros = _call("rtrim", written, ConstantExpression("0"))
        return _call("rtrim", without_zeros, ConstantExpression("."))

    def scaled(self, term: Expression, *, is_whole: bool) -> Expression:
        """Return a number in ten-thousandths, as an exact integer, rounded half to even."""
        if is_whole:
            return term.cast("HUGEINT") * ConstantExpression(SCALE)
        number = term.cast("DOUBLE") * ConstantExpression(float(SCALE))
        return _call("round_even", number, ConstantExpression(0)).try_cast("HUGEINT")

    def amount(self, scaled: Expression) -> Expression:
        """Return ten-thousandths as a decimal with four digits after the point."""
        unit = ConstantExpression(Decimal("0.0001"))
        return (scaled.try_cast("DECIMAL(33, 0)") * unit).try_cast(KINDS["decimal"])

    def later(self, day: Expression, days: Expression) -> Expression:
        """Return the day that comes so many days later; NULL beyond the years 1 to 9999."""
        number = (day - EPOCH) + days
        first, last = ConstantExpression(FIRST_DAY), ConstantExpression(LAST_DAY)
        return CaseExpression(number.between(first, last), EPOCH + number.cast("INTEGER"))

    def days_between(self, first: Expression, last: Expression) -> Expression:
        """Return how many days later `last` is."""
        return last - first

    def months_between(self, first: Expression, last: Expression) -> Expression:
        """Return how many complete months later `last` is, where it is not earlier."""
        is_short = _call("day", last) < _call("day", first)
        short = CaseExpression(is_short, ConstantExpression(1)).otherwise(ConstantExpression(0))
        return _months(last) - _months(first) - short

    def whole_years(self, months: Expression) -> Expression:
        """Return the whole years in a number of months that is not negative."""
        return months // ConstantExpression(12)

    def day(self, year: Expression, month: Expression, number: Expression) -> Expression:
        """Return a date from its parts, an impossible month or day being the first."""
        year = year.try_cast("BIGINT")
        month = month.try_cast("BIGINT")
        number = number.try_cast("BIGINT")
        one = ConstantExpression(1)
        is_year = year.between(one, ConstantExpression(9999))
        is_month = month.between(one, ConstantExpression(12))
        month = CaseExpression(is_month, month).otherwise(one)
        begins = _call("make_date", CaseExpression(is_year, year), month, one)
        same_month = _call("last_day", begins) - begins
        is_day = number.between(one, same_month + one)
        return CaseExpression(is_day, begins + (number - one).cast("INTEGER")).otherwise(begins)

    def any_of(self, term: Expression) -> Expression:
        """Aggregate: whether one is true."""
        return _call("bool_or", term)

    def total(self, term: Expression) -> Expression:
        """Aggregate: the sum; NULL when all are."""
        return _call("sum", term)

    def smallest(self, term: Expression) -> Expression:
        """Aggregate: the smallest value."""
        return _call("min", term)

    def largest(self, term: Expression) -> Expression:
        """Aggregate: the greatest value."""
        return _call("max", term)

    def nth(self, term: Expression, number: int, *, is_last: bool) -> Expression:
        """Aggregate: the number-th of the distinct values, from the smallest or the largest."""
        found = _call("list_distinct", _call("list", term))
        ordered = _call("list_reverse_sort" if is_last else "list_sort", found)
        return _call("list_extract", ordered, ConstantExpression(number))

    def beside(self, term: Expression, day: Expression, *, is_last: bool) -> Expression:
        """Aggregate: the term, NULL included, of the row with the first or last day known."""
        return _call("arg_max_null" if is_last else "arg_min_null", term, day)

    def rows(self) -> Expression:
        """Aggregate: the number of rows."""
        return _call("count_star")

    def earlier(self, term: Expression, steps: int, *, by: str, order: str) -> Expression:
        """Window: the term of the row `steps` before, in the order of `order`."""
        return _call("lag", term, ConstantExpression(steps)).over(
            [ColumnExpression(by)], [ColumnExpression(order)]
        )

    def so_far(self, term: Expression, *, by: str, order: str) -> Expression:
        """Window: the sum of the term from the first row to this one."""
        return _call("sum", term).over(
            [ColumnExpression(by)], [ColumnExpression(order)], rows=(None, 0)
        )

    def lowest(self, term: Expression, *, by: str) -> Expression:
        """Window: the smallest value of the term in all rows of the same `by`."""
        return _call("min", term).over([ColumnExpression(by)])


def _months(day: Expression) -> Expression:
    return _call("year", day) * ConstantExpression(12) + _call("month", day)
