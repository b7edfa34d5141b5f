"""R8: what a reader can still compute of the numbers that a table hides.

A table is read as any reader would: labels are axes, totals add up, a part is within its whole, a
row left out is a hidden number. The bounds of each hidden number are those of a linear programme
over all tables that show the same (`tabulation.attacks`). Points of a few programmes with random
aims show most numbers to be open, so that few need programmes of their own.

Source: Fischetti and Salazar (2001), feasibility intervals.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ecluse.data.disclosure.relations import TableSystem, table_system
from ecluse.data.tabulation.attacks import CLOSE, Relations, linked, relations, solved
from ecluse.data.tabulation.systems import Flags, Floats, Integers, System
from ecluse.domain.disclosure import TableReading, secret
from ecluse.domain.documents import Finding

AIMS: Final = 4
MOST_DENSE: Final = 400
FARTHEST: Final = 1e7
"""How large a hidden number can be thought, in units of the table: it only keeps aims finite."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the most that a hidden number can be; `low` equals `high` when it is known."""

    row: int | None
    column: str
    low: float
    high: float

    @property
    def is_exact(self) -> bool:
        """Whether the number is known exactly; numbers of persons are whole."""
        return int(np.ceil(self.low - CLOSE)) == int(np.floor(self.high + CLOSE))


def audit(reading: TableReading) -> Iterator[Finding]:
    """Yield where hidden numbers of persons are given back, or bounded under the minimum count."""
    made = table_system(reading)
    if made is None:
        return
    yield from _rests(reading, made)
    if not made.hidden.any():
        return
    bounds = closed(made, reading.policy.minimum_count)
    if bounds is None:
        yield reading.found("D2", "file", "totals do not add up: no numbers fit what is hidden")
        return
    for found in bounds:
        yield from _finding(reading, found)


def _rests(reading: TableReading, made: TableSystem) -> Iterator[Finding]:
    """Yield the totals that are a few persons more than their parts: those of no part."""
    for place, rest in made.rests:
        row, column = made.cells[place]
        if row is not None and reading.is_small(rest):
            text = f"the total has {secret(rest)} persons more than its parts"
            yield reading.found("R8", reading.at(row, column), f"{text}: leave them out of it")


def closed(made: TableSystem, minimum: int) -> list[Bounds] | None:
    """Return the hidden numbers that are known exactly or known to be under `minimum`.

    None when no table fits what is shown.
    """
    aimed = _aimed(made)
    if aimed is None:
        return None
    point, lowest, highest = aimed
    system = replace(made.system, values=point)
    doubtful = made.hidden & ~((highest >= minimum - CLOSE) & (highest - lowest > 1 - CLOSE))
    links = linked(system, made.hidden)
    found: list[Bounds] = []
    for link in np.unique(links[doubtful]).tolist():
        free = np.flatnonzero((links == link) & made.hidden)
        found += _bounds(made, system, free, doubtful)
    return [one for one in found if one.is_exact or one.high < minimum - CLOSE]


def _bounds(made: TableSystem, system: System, free: Integers, doubtful: Flags) -> Iterator[Bounds]:
    """Yield the bounds of the doubtful numbers among those that move together."""
    known = relations(system, free)
    fixed = _fixed(known, free.size)
    limits = np.column_stack([-system.values[free], np.full(free.size, FARTHEST)])
    for rank, place in enumerate(free.tolist()):
        if doubtful[place]:
            row, column = made.cells[place]
            value = float(system.values[place])
            ends = (0.0, 0.0) if fixed[rank] else _ends(known, limits, rank)
            yield Bounds(row, column, value + ends[0], value + ends[1])


def _fixed(known: Relations, size: int) -> Flags:
    """Say which numbers the equations alone determine: those that no solution of 0 moves."""
    if not known.equal.shape[0] or size > MOST_DENSE:
        return np.zeros(size, np.bool_)
    _, strengths, directions = np.linalg.svd(known.equal.toarray())
    free = directions[int((strengths > CLOSE).sum()) :]
    return np.asarray((np.abs(free) < CLOSE).all(axis=0), np.bool_)


def _ends(known: Relations, limits: Floats, rank: int) -> tuple[float, float]:
    """Return how far a number can fall and rise while all that is shown stays."""
    ends = []
    for sign in (1.0, -1.0):
        cost = np.zeros(len(limits))
        cost[rank] = sign
        change = solved(known, cost, limits)
        ends.append(0.0 if change is None else float(change[rank]))
    return ends[0], ends[1]


def _aimed(made: TableSystem) -> tuple[Floats, Floats, Floats] | None:
    """Return one table that fits, and the least and most of each number over several that do."""
    system = made.system
    known = Relations(system.equal, system.below, np.zeros(system.below.shape[0]))
    bounds = np.column_stack([system.values, system.values])
    bounds[made.hidden] = (0.0, FARTHEST)
    points = []
    for cost in _costs(made.hidden):
        point = solved(known, cost, bounds)
        if point is None:
            return None
        points.append(point)
    stacked = np.vstack(points)
    # The middle of tables that fit is one that fits, far from the edges.
    return stacked.mean(axis=0), stacked.min(axis=0), stacked.max(axis=0)


def _costs(hidden: Flags) -> Iterator[Floats]:
    """Yield aims: all hidden numbers small, all large, then halves at random against each other."""
    chance = np.random.default_rng(0)
    yield hidden.astype(np.float64)
    yield -hidden.astype(np.float64)
    for _ in range(AIMS // 2):
        signs = np.where(hidden, chance.uniform(-1.0, 1.0, hidden.size), 0.0)
        yield signs
        yield -signs


def _finding(reading: TableReading, found: Bounds) -> Iterator[Finding]:
    """Say what is given back. That a number left out is 0, or one hidden, tells of nobody."""
    least, top = reading.policy.minimum_count, int(np.floor(found.high + CLOSE))
    low = max(0, int(np.ceil(found.low - CLOSE)))
    if top == 0 and not reading.policy.zeros_disclose:
        return
    if found.row is None and top >= least:
        return
    place = f"{reading.in_column(found.column)}, a row left out"
    if found.row is not None:
        place = reading.at(found.row, found.column)
    if low == top:
        text = f"the other numbers give back {secret(top)} persons"
        yield reading.found("R8", place, f"{text}: hide another number, or show this one")
    else:
        text = f"the other numbers tell {secret(low)} to {secret(top)} persons"
        yield reading.found("R8", place, f"{text} < {least}: hide another number")
