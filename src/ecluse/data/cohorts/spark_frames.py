"""The algebra of cohorts on Spark: its DataFrame API, never the text of a query."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Final

import pyarrow as pa
from pyspark.sql import Column, DataFrame, Window, functions

from ecluse.data.cohorts.algebra import Scalar

SCALE: Final = 10_000
KINDS: Final = {
    "text": "string",
    "integer": "int",
    "wide": "bigint",
    "number": "double",
    "date": "date",
    "decimal": "decimal(38, 4)",
}
EXACT: Final = "decimal(38, 0)"
NUMBERS: Final = count()
"""Of the columns that a join renames: two joins may meet."""


class SparkFrame:
    """A DataFrame; `held` ones are kept by Spark until the end of the run."""

    def __init__(self, rows: DataFrame, made: list[DataFrame]) -> None:
        self.rows = rows
        self._made = made

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(self.rows.columns)

    def select(self, terms: Mapping[str, Column]) -> "SparkFrame":
        """Return the columns given, under their new names."""
        return self._like(self.rows.select(*(term.alias(name) for name, term in terms.items())))

    def where(self, condition: Column) -> "SparkFrame":
        """Return the rows of which the condition is true."""
        return self._like(self.rows.where(condition))

    def left(self, other: "SparkFrame", on: Sequence[str]) -> "SparkFrame":
        """Return each row with those of `other` that have the same `on`; once with NULL if none."""
        return self._joined(other, on, "left")

    def inner(self, other: "SparkFrame", on: Sequence[str]) -> "SparkFrame":
        """Return each row with those of `other` that have the same `on`."""
        return self._joined(other, on, "inner")

    def among(self, other: "SparkFrame", on: Sequence[str]) -> "SparkFrame":
        """Return the rows of which `other` has the same `on`."""
        return self._joined(other, on, "left_semi")

    def stacked(self, other: "SparkFrame") -> "SparkFrame":
        """Return the rows of both, which have the same columns in the same order."""
        return self._like(self.rows.union(other.rows))

    def distinct(self) -> "SparkFrame":
        """Return each row once."""
        return self._like(self.rows.distinct())

    def grouped(self, by: Sequence[str], terms: Mapping[str, Column]) -> "SparkFrame":
        """Return one row for each value of `by`, with these aggregates."""
        aggregates = [term.alias(name) for name, term in terms.items()]
        return self._like(self.rows.groupBy(*by).agg(*aggregates))

    def held(self) -> "SparkFrame":
        """Return the same rows, computed now and kept until the end of the run."""
        # A checkpoint forgets how the rows were made: plans stay short however many rounds.
        kept = self.rows.localCheckpoint(eager=True)
        self._made.append(kept)
        return self._like(kept)

    def table(self) -> pa.Table:
        """Return the rows in memory."""
        return self.rows.toArrow()

    def _joined(self, other: "SparkFrame", on: Sequence[str], how: str) -> "SparkFrame":
        # Renamed: two frames made of one have columns that Spark cannot tell apart.
        number = next(NUMBERS)
        keys = {name: f"joined_{number}_{name}" for name in on}
        renamed = other.rows.select(
            *(functions.col(name).alias(keys.get(name, name)) for name in other.columns)
        )
        same = [functions.col(name) == functions.col(key) for name, key in keys.items()]
        joined = self.rows.join(renamed, same, how)
        return self._like(joined.drop(*keys.values()))

    def _like(self, rows: DataFrame) -> "SparkFrame":
        return SparkFrame(rows, self._made)


class SparkTerms:
    """The expressions of Spark."""

    def column(self, name: str) -> Column:
        """Return the value of a column."""
        return functions.col(name)

    def value(self, value: Scalar) -> Column:
        """Return a value."""
        return _literal(value)

    def nothing(self, kind: str) -> Column:
        """Return NULL of one of `KINDS`."""
        return functions.lit(None).cast(KINDS[kind])

    def typed(self, term: Column, kind: str) -> Column:
        """Return the term as one of `KINDS`; what cannot be one is NULL."""
        return term.try_cast(KINDS[kind])

    def choose(self, condition: Column, then: Column, otherwise: Column | None = None) -> Column:
        """Return `then` where the condition is true, else `otherwise`, else NULL."""
        chosen = functions.when(condition, then)
        return chosen if otherwise is None else chosen.otherwise(otherwise)

    def known(self, *terms: Column) -> Column:
        """Return the first of the terms that is not NULL."""
        return functions.coalesce(*terms)

    def least(self, *terms: Column) -> Column:
        """Return the least of those that are not NULL; NULL when none is."""
        return functions.least(*terms)

    def greatest(self, *terms: Column) -> Column:
        """Return the greatest of those that are not NULL; NULL when none is."""
        return functions.greatest(*terms)

    def is_null(self, term: Column) -> Column:
        """Return whether the term is NULL."""
        return term.isNull()

    def is_in(self, term: Column, values: Sequence[Scalar]) -> Column:
        """Return whether the term is one of the values."""
        return term.isin(*(_literal(value) for value in values))

    def text_of(self, term: Column) -> Column:
        """Return a text without the spaces around it."""
        return functions.trim(term.cast("string"))

    def plain(self, term: Column) -> Column:
        """Return a code as text, without dots and spaces around; NULL when nothing is left."""
        dot, nothing = functions.lit("."), functions.lit("")
        return functions.nullif(functions.replace(self.text_of(term), dot, nothing), nothing)

    def department(self, text: Column) -> Column:
        """Return the code of a department without the 0 before its two characters."""
        is_long = (functions.length(text) == 3) & text.startswith("0")  # noqa: PLR2004
        return functions.when(is_long, functions.substring(text, 2, 2)).otherwise(text)

    def shown(self, scaled: Column) -> Column:
        """Return ten-thousandths as text: 12.5, 3, -0.25."""
        written = self.amount(scaled).cast("string")
        return functions.rtrim(functions.rtrim(written, functions.lit("0")), functions.lit("."))

    def scaled(self, term: Column, *, is_whole: bool) -> Column:
        """Return a number in ten-thousandths, as an exact integer, rounded half to even."""
        if is_whole:
            return (term.cast(EXACT) * functions.lit(Decimal(SCALE))).cast(EXACT)
        return functions.rint(term.cast("double") * float(SCALE)).try_cast(EXACT)

    def amount(self, scaled: Column) -> Column:
        """Return ten-thousandths as a decimal with four digits after the point."""
        whole = scaled.try_cast("decimal(33, 0)")
        return (whole * functions.lit(Decimal("0.0001"))).try_cast(KINDS["decimal"])

    def later(self, day: Column, days: Column) -> Column:
        """Return the day that comes so many days later; NULL beyond the years 1 to 9999."""
        epoch = functions.lit(date(1970, 1, 1))
        number = functions.datediff(day, epoch) + days
        first = (date.min - date(1970, 1, 1)).days
        last = (date.max - date(1970, 1, 1)).days
        return functions.when(number.between(first, last), functions.date_add(day, days))

    def days_between(self, first: Column, last: Column) -> Column:
        """Return how many days later `last` is."""
        return functions.datediff(last, first)

    def months_between(self, first: Column, last: Column) -> Column:
        """Return how many complete months later `last` is, where it is not earlier."""
        is_short = functions.dayofmonth(last) < functions.dayofmonth(first)
        return _months(last) - _months(first) - functions.when(is_short, 1).otherwise(0)

    def whole_years(self, months: Column) -> Column:
        """Return the whole years in a number of months that is not negative."""
        return functions.floor(months / 12)

    def day(self, year: Column, month: Column, number: Column) -> Column:
        """Return a date from its parts, an impossible month or day being the first."""
        year, month, number = (part.try_cast("int") for part in (year, month, number))
        month = functions.when(month.between(1, 12), month).otherwise(1)
        year = functions.when(year.between(1, 9999), year)
        begins = functions.make_date(year, month, functions.lit(1))
        is_day = number.between(1, functions.dayofmonth(functions.last_day(begins)))
        return functions.when(is_day, functions.date_add(begins, number - 1)).otherwise(begins)

    def any_of(self, term: Column) -> Column:
        """Aggregate: whether one is true."""
        return functions.bool_or(term)

    def total(self, term: Column) -> Column:
        """Aggregate: the sum; NULL when all are."""
        return functions.sum(term)

    def smallest(self, term: Column) -> Column:
        """Aggregate: the smallest value."""
        return functions.min(term)

    def largest(self, term: Column) -> Column:
        """Aggregate: the greatest value."""
        return functions.max(term)

    def nth(self, term: Column, number: int, *, is_last: bool) -> Column:
        """Aggregate: the number-th of the distinct values, from the smallest or the largest."""
        ordered = functions.sort_array(functions.collect_set(term), asc=not is_last)
        return functions.try_element_at(ordered, functions.lit(number))

    def beside(self, term: Column, day: Column, *, is_last: bool) -> Column:
        """Aggregate: the term, NULL included, of the row with the first or last day known."""
        chosen: Callable[[Column, Column], Column]
        chosen = functions.max_by if is_last else functions.min_by
        return chosen(term, day)

    def rows(self) -> Column:
        """Aggregate: the number of rows."""
        return functions.count(functions.lit(1))

    def earlier(self, term: Column, steps: int, *, by: str, order: str) -> Column:
        """Window: the term of the row `steps` before, in the order of `order`."""
        return functions.lag(term, steps).over(Window.partitionBy(by).orderBy(order))

    def so_far(self, term: Column, *, by: str, order: str) -> Column:
        """Window: the sum of the term from the first row to this one."""
        rows = Window.partitionBy(by).orderBy(order)
        return functions.sum(term).over(rows.rowsBetween(Window.unboundedPreceding, 0))

    def lowest(self, term: Column, *, by: str) -> Column:
        """Window: the smallest value of the term in all rows of the same `by`."""
        return functions.min(term).over(Window.partitionBy(by))


def _months(day: Column) -> Column:
    return functions.year(day) * 12 + functions.month(day)


def _literal(value: Scalar) -> Column:
    # As text: of years before 1000, PySpark writes fewer than four digits, which Spark refuses.
    if isinstance(value, date):
        return functions.lit(value.isoformat()).cast("date")
    return functions.lit(value)
