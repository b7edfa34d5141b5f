"""Persons and amounts by combinations of variables: what each cell of a table holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from ecluse.data.results.requests import Floats, Request, Tabulation
from ecluse.domain.errors import InvalidInput

Ranks = npt.NDArray[np.int64]
Place = tuple[tuple[str, str], ...]
"""The variables of a cell with their labels, totals left out; () is the grand total."""


@dataclass(frozen=True, slots=True)
class CellRows:
    """Who is in a cell: ranks of distinct persons, rising, among those of the request.

    `amounts` are those of the persons who have one, in no order that tells them apart.
    """

    place: Place
    persons: Ranks
    amounts: Floats

    @property
    def mean(self) -> float | None:
        """The mean over the persons who have an amount."""
        return float(self.amounts.mean()) if self.amounts.size else None


def people(request: Request) -> tuple[npt.NDArray[np.uint64], Ranks]:
    """Return the distinct persons of a request, rising, and the rank of the person of each row."""
    found, ranks = np.unique(request.persons, return_inverse=True)
    return found, ranks.astype(np.int64)


def cells(request: Request) -> Iterator[CellRows]:
    """Yield every cell that holds somebody: all combinations of variables, totals included."""
    asked = _tabulation(request)
    found, ranks = people(request)
    amounts = request.number(asked.amount) if asked.amount else np.full(ranks.size, np.nan)
    for size in range(len(asked.by) + 1):
        for names in combinations(asked.by, size):
            yield from _grouped(request, names, (ranks, max(1, found.size)), amounts)


def rows(request: Request) -> list[dict[str, object]]:
    """Return the cells as rows, totals as `Total`, for the analysis to read."""
    asked = _tabulation(request)
    made: list[dict[str, object]] = []
    for cell in cells(request):
        labels: dict[str, object] = dict.fromkeys(asked.by, "Total")
        row = labels | dict(cell.place) | {"persons": int(cell.persons.size)}
        if asked.amount:
            row |= {"total": float(cell.amounts.sum()), "mean": cell.mean}
        made.append(row)
    return made


def _tabulation(request: Request) -> Tabulation:
    if not isinstance(request.asked, Tabulation):
        raise InvalidInput(f"Result {request.name} is no table.")
    return request.asked


def _grouped(
    request: Request, names: tuple[str, ...], who: tuple[Ranks, int], amounts: Floats
) -> Iterator[CellRows]:
    ranks, count = who
    key = np.zeros(ranks.size, np.int64)
    sizes = []
    for name in names:
        column = request.category(name)
        key = key * len(column.labels) + column.codes
        sizes.append(len(column.labels))
    # Rows in the order of their amounts: sums are the same to the last bit, however rows come.
    order = np.argsort(amounts, kind="stable")
    pairs, rows_of = np.unique((key * count + ranks)[order], return_inverse=True)
    amounts = amounts[order]
    has = ~np.isnan(amounts)
    sums = np.bincount(rows_of[has], weights=amounts[has], minlength=pairs.size).astype(np.float64)
    given = np.bincount(rows_of[has], minlength=pairs.size) > 0
    keys = pairs // count
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    for start, end in zip(starts, [*starts[1:], pairs.size], strict=True):
        codes = np.unravel_index(int(keys[start]), sizes) if names else ()
        labels = (request.category(n).labels[int(c)] for n, c in zip(names, codes, strict=True))
        place = tuple(zip(names, labels, strict=True))
        one = slice(int(start), int(end))
        yield CellRows(place, pairs[one] % count, sums[one][given[one]])
