"""Tables as text, and what their author says that the columns hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Ratio:
    """A column that divides a number of persons by the column `of`, times `per`."""

    of: str
    per: int = 1


@dataclass(frozen=True)
class Percentile:
    """A column of percentiles `rank` (1 to 99) of a value over the persons of the column `of`."""

    of: str
    rank: int


@dataclass(frozen=True)
class Contribution:
    """Who makes a sum: `total` of the magnitudes of all persons, `first` and `second` the largest.

    In the smallest unit of the amount, without signs.
    """

    total: int
    first: int
    second: int


@dataclass(frozen=True)
class TableDeclaration:
    """What the author says the columns hold.

    `counts`: numbers of distinct persons. `parts`: a count and the count it is part of.
    `sensitive`: attributes that a group must not share entirely. `ratios`: see `Ratio`.
    `labels`: integers that count nothing (years, ages, codes). `percentiles`: see `Percentile`.
    `amounts`: sums, with the file of controls that says row by row who makes them.
    """

    counts: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    sensitive: tuple[str, ...] = ()
    ratios: Mapping[str, Ratio] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    percentiles: Mapping[str, Percentile] = field(default_factory=dict)
    amounts: Mapping[str, str] = field(default_factory=dict)

    def names(self) -> tuple[str, ...]:
        """Every column named, in order, each once."""
        named = (*self.counts, *self.parts, *self.parts.values(), *self.sensitive)
        ratios = (*self.ratios, *(ratio.of for ratio in self.ratios.values()))
        ranks = (*self.percentiles, *(rank.of for rank in self.percentiles.values()))
        return tuple(dict.fromkeys((*named, *ratios, *self.labels, *ranks, *self.amounts)))


@dataclass(frozen=True)
class Table:
    """A table as read: headers, then rows of as many cells, all text."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> tuple[str, ...]:
        """The cells of the column, in order of rows."""
        index = self.headers.index(name)
        return tuple(row[index] for row in self.rows)


Contributions = Mapping[tuple[str, int], Contribution]
"""By column and row, from 1: who makes each sum."""
