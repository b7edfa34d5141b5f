"""What an engine must be able to do for a cohort: columns, relations, and a lake to read.

The tree is turned once into these few operations; each engine does them in its own way, on data of
any size. A `Term` is an expression of the engine: it is combined with `&`, `|`, `~`, `+`, `-`, `==`
and `<=`, and made by the engine's `Terms`. A term that is NULL is unknown.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol, TypeAlias

import pyarrow as pa

from ecluse.data.schemas import Model

Term: TypeAlias = Any
"""An expression of the engine: DuckDB's and Spark's have operators in common and no type."""

Scalar = bool | int | float | str | date


class Frame(Protocol):
    """Rows with named columns, computed when they are asked for."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""

    def select(self, terms: Mapping[str, Term]) -> "Frame":
        """Return the columns given, under their new names."""

    def where(self, condition: Term) -> "Frame":
        """Return the rows of which the condition is true."""

    def left(self, other: Any, on: Sequence[str]) -> "Frame":
        """Return each row with those of `other` that have the same `on`; once with NULL if none."""

    def inner(self, other: Any, on: Sequence[str]) -> "Frame":
        """Return each row with those of `other` that have the same `on`."""

    def among(self, other: Any, on: Sequence[str]) -> "Frame":
        """Return the rows of which `other` has the same `on`."""

    def stacked(self, other: Any) -> "Frame":
        """Return the rows of both, which have the same columns in the same order."""

    def distinct(self) -> "Frame":
        """Return each row once."""

    def grouped(self, by: Sequence[str], terms: Mapping[str, Term]) -> "Frame":
        """Return one row for each value of `by`, with these aggregates."""

    def held(self) -> "Frame":
        """Return the same rows, computed now and kept until the end of the run."""

    def table(self) -> pa.Table:
        """Return the rows in memory."""


class Terms(Protocol):
    """The expressions of an engine."""

    def column(self, name: str) -> Term:
        """Return the value of a column."""

    def value(self, value: Scalar) -> Term:
        """Return a value."""

    def nothing(self, kind: str) -> Term:
        """Return NULL of one of the kinds that `typed` takes."""

    def typed(self, term: Term, kind: str) -> Term:
        """Return the term as `text`, `integer`, `wide` (64 bits), `number`, `date` or `decimal`.

        What cannot be one is NULL.
        """

    def choose(self, condition: Term, then: Term, otherwise: Term | None = None) -> Term:
        """Return `then` where the condition is true, else `otherwise`, else NULL."""

    def known(self, *terms: Term) -> Term:
        """Return the first of the terms that is not NULL."""

    def least(self, *terms: Term) -> Term:
        """Return the least of those that are not NULL; NULL when none is."""

    def greatest(self, *terms: Term) -> Term:
        """Return the greatest of those that are not NULL; NULL when none is."""

    def is_null(self, term: Term) -> Term:
        """Return whether the term is NULL."""

    def is_in(self, term: Term, values: Sequence[Scalar]) -> Term:
        """Return whether the term is one of the values."""

    def text_of(self, term: Term) -> Term:
        """Return a text without the spaces around it."""

    def plain(self, term: Term) -> Term:
        """Return a code as text, without dots and spaces around; NULL when nothing is left."""

    def department(self, text: Term) -> Term:
        """Return the code of a department without the 0 before its two characters."""

    def shown(self, scaled: Term) -> Term:
        """Return ten-thousandths as text: 12.5, 3, -0.25."""

    def scaled(self, term: Term, *, is_whole: bool) -> Term:
        """Return a number in ten-thousandths, as an exact integer, rounded half to even."""

    def amount(self, scaled: Term) -> Term:
        """Return ten-thousandths as a decimal with four digits after the point."""

    def later(self, day: Term, days: Term) -> Term:
        """Return the day that comes so many days later; NULL beyond the years 1 to 9999."""

    def days_between(self, first: Term, last: Term) -> Term:
        """Return how many days later `last` is."""

    def months_between(self, first: Term, last: Term) -> Term:
        """Return how many complete months later `last` is, where it is not earlier."""

    def whole_years(self, months: Term) -> Term:
        """Return the whole years in a number of months that is not negative."""

    def day(self, year: Term, month: Term, number: Term) -> Term:
        """Return a date from its parts, an impossible month or day being the first."""

    def any_of(self, term: Term) -> Term:
        """Aggregate: whether one is true."""

    def total(self, term: Term) -> Term:
        """Aggregate: the sum; NULL when all are."""

    def smallest(self, term: Term) -> Term:
        """Aggregate: the smallest value."""

    def largest(self, term: Term) -> Term:
        """Aggregate: the greatest value."""

    def nth(self, term: Term, number: int, *, is_last: bool) -> Term:
        """Aggregate: the number-th of the distinct values, from the smallest or the largest."""

    def beside(self, term: Term, day: Term, *, is_last: bool) -> Term:
        """Aggregate: the term, NULL included, of the row with the first or last day known."""

    def rows(self) -> Term:
        """Aggregate: the number of rows."""

    def earlier(self, term: Term, steps: int, *, by: str, order: str) -> Term:
        """Window: the term of the row `steps` before, in the order of `order`."""

    def so_far(self, term: Term, *, by: str, order: str) -> Term:
        """Window: the sum of the term from the first row to this one."""

    def lowest(self, term: Term, *, by: str) -> Term:
        """Window: the smallest value of the term in all rows of the same `by`."""


class Lakeside(Protocol):
    """A snapshot as an engine reads it for one run."""

    @property
    def terms(self) -> Terms:
        """The expressions of the engine."""

    @property
    def model(self) -> Model:
        """The data model of the snapshot."""

    def has(self, table: str) -> bool:
        """Whether the snapshot has the table."""

    def rows(self, table: str, among: Any | None = None) -> Frame:
        """Return the rows that count and had arrived; `among` keeps its persons alone."""

    def raw(self, table: str) -> Frame:
        """Return the rows as they were loaded."""

    def written(self, table: str, column: str) -> Frame:
        """Return rows that hold every value of the column that `rows` may hold."""

    def persons(self) -> Frame:
        """Return the persons of the dataset: `person_key`."""

    def linked(self, link: str) -> Frame:
        """Return the persons whom a link joins: `person_key` is linked to `linked_to`."""

    def known(self, rows: pa.Table) -> Frame:
        """Return rows given in memory."""
