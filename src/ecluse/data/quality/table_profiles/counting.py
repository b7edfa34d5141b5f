"""How many rows and persons a table has, and in how many each column is filled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb

from ecluse.data.engines import quoted
from ecluse.data.quality.table_profiles.sources import VIEW, TableSource

AT_ONCE: Final = 50
"""Columns counted in one pass: one number for each person and column is held in memory."""


@dataclass(frozen=True, slots=True)
class Filled:
    """Rows where a column has a value, persons with one, and persons with a row that lacks it."""

    rows: int
    persons_with: int
    persons_without: int


@dataclass(frozen=True, slots=True)
class Counts:
    """The exact counts of a table: nothing of them is told before `Told` has looked at them."""

    rows: int
    persons: int
    filled: tuple[Filled, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What may be told: nothing about 1 to `minimum` − 1 persons; counts are rounded."""

    minimum: int

    @property
    def rounding(self) -> int:
        """The step of counts: no difference of two tells of fewer persons than `minimum`."""
        return max(1, self.minimum - 1)

    def is_few(self, persons: int) -> bool:
        """Whether a figure of so many persons is not told."""
        return 0 < persons < self.minimum

    def count(self, number: int, *, persons: int) -> int | None:
        """Return a number about `persons`, rounded, or None."""
        if self.is_few(persons):
            return None
        return (number + self.rounding // 2) // self.rounding * self.rounding

    def filled(self, found: Filled) -> int | None:
        """Return the rows with a value; None if few persons have one, or few lack one."""
        if self.is_few(found.persons_without):
            return None
        return self.count(found.rows, persons=found.persons_with)

    def completeness(self, found: Filled, counts: Counts) -> int | None:
        """Return the percentage of rows with a value, where it tells of no few persons."""
        is_large = counts.persons >= 100 * self.minimum
        if not counts.rows or self.is_few(counts.persons):
            return None
        if not is_large and self.filled(found) is None:
            return None
        return round(100 * found.rows / counts.rows)


def counts(source: TableSource, connection: duckdb.DuckDBPyConnection) -> Counts:
    """Count a table that is shown as `VIEW`, in one pass for every fifty columns."""
    names = [quoted(column.name) for column in source.columns]
    found: list[Filled] = []
    rows = persons = 0
    for start in range(0, len(names) or 1, AT_ONCE):
        some = names[start : start + AT_ONCE]
        query = _by_person(source, some) if source.person else _by_row(some)
        (row,) = connection.execute(query).fetchall()
        rows, persons, *others = (int(value or 0) for value in row)
        found += _filled(others)
    return Counts(rows, persons, tuple(found))


def _by_person(source: TableSource, names: Sequence[str]) -> str:
    """Count for each person first: who has a value, and who lacks one, follows."""
    person = quoted(source.person or "")
    each = "".join(f", count({name}) AS f{rank}" for rank, name in enumerate(names))
    sums = "".join(
        f", sum(f{rank}), count_if(f{rank} > 0), count_if(f{rank} < n)"
        for rank in range(len(names))
    )
    return (
        f"SELECT sum(n), count(*){sums} FROM ("  # noqa: S608 — names are quoted
        f"SELECT {person} AS p, count(*) AS n{each} FROM {VIEW} GROUP BY {person})"
    )


def _by_row(names: Sequence[str]) -> str:
    sums = "".join(f", count({name}), count({name}), count(*) - count({name})" for name in names)
    return f"SELECT count(*), count(*){sums} FROM {VIEW}"  # noqa: S608 — names are quoted


def _filled(numbers: Sequence[int]) -> Iterator[Filled]:
    for start in range(0, len(numbers), 3):
        yield Filled(*numbers[start : start + 3])
