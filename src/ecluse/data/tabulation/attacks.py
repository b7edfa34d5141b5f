"""The attacker's side: what can still be guessed of a hidden number, by linear programming.

The attacker sees every number that is shown and knows every relation. A number stays open as far
as another table, equal to the true one wherever it is shown, would make it different. Source: the
audit of Fischetti and Salazar (2001), which other programs call feasibility intervals.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components

from ecluse.data.tabulation.systems import Flags, Floats, Guard, Integers, System
from ecluse.domain.errors import JobFailed

CLOSE: Final = 1e-6
OPTIMAL: Final = 0
INFEASIBLE: Final = 2
UNBOUNDED: Final = 3


@dataclass(frozen=True, slots=True)
class Witness:
    """Another table that what is shown allows: `changes` at `variables`, 0 elsewhere."""

    variables: Integers
    changes: Floats

    def spread(self, size: int) -> Floats:
        """Return the change of every number."""
        made = np.zeros(size)
        made[self.variables] = self.changes
        return made


def unprotected(
    system: System, hidden: Flags, guards: Iterable[Guard], witnesses: Mapping[Guard, Witness]
) -> tuple[Guard, ...]:
    """Return the guards that fail when the spots `hidden` are the only ones not shown.

    A witness that passes `proves` shows that its guard holds; the others are computed.
    """
    links = linked(system, hidden)
    return tuple(
        guard
        for guard in guards
        if not (
            (guard in witnesses and proves(system, hidden, guard, witnesses[guard]))
            or reach(system, hidden, guard, links) >= abs(guard.amount) * (1 - CLOSE)
        )
    )


def proves(system: System, hidden: Flags, guard: Guard, witness: Witness) -> bool:
    """Say whether a witness is another table that fits what is shown, and moves the guard enough.

    Trusts nothing of how it was found: every relation is checked again.
    """
    if not hidden[system.spots[witness.variables]].all():
        return False
    change = witness.spread(system.values.size)
    room = 1.0 + np.abs(change).max()
    moved = change[guard.variable] * np.sign(guard.amount)
    return bool(
        moved >= abs(guard.amount) * (1 - CLOSE)
        and np.abs(system.equal @ change).max(initial=0.0) <= CLOSE * room
        and (system.below @ (system.values + change)).max(initial=0.0) <= CLOSE * room
        and (system.values + change >= system.floors - CLOSE * room).all()
    )


def reach(system: System, hidden: Flags, guard: Guard, links: Integers) -> float:
    """Return how far the attacker must let a number move, at most the amount of its guard."""
    if not hidden[system.spots[guard.variable]]:
        return 0.0
    free = np.flatnonzero(links == links[guard.variable])
    sign = 1.0 if guard.amount > 0 else -1.0
    cost = np.where(free == guard.variable, -sign, 0.0)
    low = (system.floors - system.values)[free]
    high = np.full(free.size, np.inf)
    mine = int(np.flatnonzero(free == guard.variable)[0])
    low[mine] = max(low[mine], -abs(guard.amount))
    high[mine] = abs(guard.amount)
    solution = solved(relations(system, free), cost, np.column_stack([low, high]))
    return 0.0 if solution is None else float(sign * solution[mine])


def interval(system: System, hidden: Flags, variable: int) -> tuple[float, float]:
    """Return the least and the most that the attacker must think possible, in units of the table.

    A number that is shown has itself as interval.
    """
    if not hidden[system.spots[variable]]:
        value = float(system.values[variable] * system.scales[variable])
        return value, value
    free = np.flatnonzero(linked(system, hidden) == linked(system, hidden)[variable])
    bounds = np.column_stack([(system.floors - system.values)[free], np.full(free.size, np.inf)])
    mine = int(np.flatnonzero(free == variable)[0])
    ends = []
    for sign in (1.0, -1.0):
        cost = np.zeros(free.size)
        cost[mine] = sign
        # No change always fits, so that a programme without solution is one without end.
        change = solved(relations(system, free), cost, bounds)
        end = -sign * np.inf if change is None else float(change[mine])
        ends.append((end + system.values[variable]) * system.scales[variable])
    return ends[0], ends[1]


def linked(system: System, hidden: Flags) -> Integers:
    """Return, for each number, the group of hidden numbers that move together; alone if shown."""
    free = hidden[system.spots]
    rows = (
        sparse.vstack([system.equal, system.below]).tocsc()
        if system.below.shape[0]
        else (system.equal.tocsc())
    )
    touched = abs(rows @ sparse.diags_array(free.astype(np.float64)))
    touched.eliminate_zeros()
    size = system.values.size
    if not touched.shape[0]:
        return np.arange(size)
    graph = sparse.block_array([[None, touched.T], [touched, None]])
    return np.asarray(connected_components(graph, directed=False)[1][:size], np.int64)


@dataclass(frozen=True, slots=True)
class Relations:
    """The relations over some numbers alone: `equal · y = 0` and `below · y ≤ slack`."""

    equal: sparse.csr_array
    below: sparse.csr_array
    slack: Floats


def relations(system: System, free: Integers) -> Relations:
    """Return the relations that bind changes of the numbers `free` when no other changes."""
    equal = system.equal[:, free]
    below = system.below[:, free]
    bound = np.diff(below.indptr) > 0
    slack = -(system.below[bound] @ system.values)
    return Relations(equal[np.diff(equal.indptr) > 0], below[bound], np.maximum(slack, 0.0))


def solved(known: Relations, cost: Floats, bounds: Floats) -> Floats | None:
    """Return the cheapest changes within bounds; None if there is none, or none is cheapest.

    Raises JobFailed.
    """
    found = linprog(
        cost,
        A_ub=known.below if known.below.shape[0] else None,
        b_ub=known.slack if known.below.shape[0] else None,
        A_eq=known.equal if known.equal.shape[0] else None,
        b_eq=np.zeros(known.equal.shape[0]) if known.equal.shape[0] else None,
        bounds=bounds,
        method="highs",
    )
    if found.status in (INFEASIBLE, UNBOUNDED):
        return None
    if found.status != OPTIMAL:
        raise JobFailed(
            f"The protection of the tables was not computed (solver status {found.status}): ask "
            "for fewer cells."
        )
    return np.asarray(found.x, np.float64)
