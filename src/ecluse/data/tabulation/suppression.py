"""Which cells to hide so that no cell at risk can be computed back from the others.

For each number to guard, the cheapest other table is sought that moves it far enough (a linear
programme); the cells that it changes are hidden, unless they are already. It stays as the proof
that the number is safe, so that the audit has only to check it. Then cells that no proof needs are
shown again. Source: the incremental attacker method of Kelly, Golden and Assad (1992), as in
Fischetti and Salazar (2001).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from scipy import sparse

from ecluse.data.tabulation.attacks import (
    CLOSE,
    Relations,
    Witness,
    proves,
    relations,
    solved,
    unprotected,
)
from ecluse.data.tabulation.systems import Flags, Floats, Guard, Integers, System
from ecluse.domain.errors import Refused

WIDTHS: Final = (4, 12)
"""How many categories beside its own are tried on each axis before the whole system."""
PRUNING_SOLVES: Final = 400
"""How many programmes pruning may solve: a number, so that the same plan gives the same cells."""
SLIGHT: Final = 1e-3
FEW: Final = 600


@dataclass(frozen=True, slots=True)
class Pattern:
    """The cells hidden, by spot: those at risk, and those hidden for their sake."""

    primary: Flags
    hidden: Flags

    @property
    def secondary(self) -> Flags:
        """The cells hidden for the sake of others."""
        return self.hidden & ~self.primary


@dataclass(slots=True)
class _Search:
    system: System
    hidden: Flags
    kept: Flags
    witnesses: dict[Guard, Witness] = field(default_factory=dict)


def suppress(system: System, guards: Sequence[Guard], *, hidden: Flags) -> Pattern:
    """Return the cells to hide, beside those that are `hidden` at once.

    Raises:
        Refused: a number at risk can be computed back whatever is hidden: what was published
            before, or the tables themselves, give it away.
    """
    guards = tuple(dict.fromkeys(guards))
    primary = np.zeros(system.spot_count, np.bool_)
    primary[[system.spots[guard.variable] for guard in guards]] = True
    search = _Search(system, primary | hidden, primary | hidden)
    for guard in sorted(guards, key=_urgency):
        if guard not in search.witnesses:
            _protect(search, guard, guards)
    _prune(search, guards)
    failed = unprotected(system, search.hidden, guards, search.witnesses)
    if failed:
        raise Refused(_refusal(f"{len(failed)} cells at risk could be computed back"))
    return Pattern(primary, search.hidden)


def _refusal(what: str) -> str:
    return (
        f"No table leaves: {what}. Ask for fewer variables or wider categories, or for numbers "
        "that were not published before."
    )


def _urgency(guard: Guard) -> tuple[float, int]:
    return -abs(guard.amount), guard.variable


def _protect(search: _Search, guard: Guard, guards: Iterable[Guard]) -> None:
    for free in _neighbourhoods(search, guard):
        change = _cheapest(search, guard, free)
        if change is not None:
            witness = Witness(free[change != 0], change[change != 0])
            search.hidden[search.system.spots[witness.variables]] = True
            _credit(search, witness, (guard, *guards))
            return
    raise Refused(_refusal("a cell at risk could be computed back"))


def _credit(search: _Search, witness: Witness, guards: Iterable[Guard]) -> None:
    """Let a witness prove every guard that it proves."""
    change = witness.spread(search.system.values.size)
    for guard in guards:
        if guard not in search.witnesses:
            moved = change[guard.variable] * np.sign(guard.amount)
            if moved >= abs(guard.amount) * (1 - CLOSE / 2):
                search.witnesses[guard] = witness


def _neighbourhoods(search: _Search, guard: Guard) -> Iterator[Integers]:
    """Yield numbers that may change, few and near first, all that are not published at last."""
    for width in WIDTHS:
        yield _near(search, guard, width)
    yield np.flatnonzero(~search.system.opened)


def _near(search: _Search, guard: Guard, width: int) -> Integers:
    """Return the numbers not published before that share the categories around one of them."""
    system = search.system
    near = ~system.opened
    for axis in range(len(system.trees)):
        near &= _allowed(search, guard, axis, width)[system.places[:, axis]]
    near[guard.variable] = not system.opened[guard.variable]
    return np.flatnonzero(near)


def _allowed(search: _Search, guard: Guard, axis: int, width: int) -> Flags:
    """Return the categories of an axis to try: those of the number, and the best beside them."""
    system, one = search.system, search.system.trees[axis]
    place = int(system.places[guard.variable, axis])
    score = _scores(search, guard, axis)
    parent = one.parents[place]
    beside = one.children[0] if parent < 0 else one.children[parent]
    best = sorted(beside, key=lambda rank: (score[rank], rank))[: width + 1]
    allowed = np.zeros(len(one.codes), np.bool_)
    for rank in (place, *best):
        below = rank
        while one.children[below]:
            below = min(one.children[below], key=lambda child: (score[child], child))
            allowed[below] = True
        allowed[list(one.paths[rank])] = True
    return allowed


def _scores(search: _Search, guard: Guard, axis: int) -> Floats:
    """Return what it costs to hide the same cell in another category: nothing if it is hidden."""
    system = search.system
    score = np.full(len(system.trees[axis].codes), np.inf)
    others = np.arange(len(system.trees)) != axis
    mine = system.places[guard.variable, others]
    block = system.blocks == system.blocks[guard.variable]
    same = np.flatnonzero(block & (system.places[:, others] == mine).all(axis=1))
    cost = np.where(search.hidden[system.spots[same]], 0.0, system.weights[system.spots[same]])
    poor = system.values[same] - system.floors[same] < abs(guard.amount)
    score[system.places[same, axis]] = cost + np.where(poor, system.values.size, 0.0)
    return score


def _cheapest(search: _Search, guard: Guard, free: Integers) -> Floats | None:
    """Return changes of the numbers `free` that move the guard, hiding little; None if none do."""
    system = search.system
    shown = ~search.hidden[system.spots[free]]
    cost = np.where(shown, system.weights[system.spots[free]], 0.0)
    known = relations(system, free)
    change = _changes(search, guard, free, (known, cost))
    if change is None or np.count_nonzero(shown & (change != 0)) <= 1:
        return change
    # A second solve, in which what moved little costs more, moves fewer numbers.
    again = cost / (np.abs(change) / abs(guard.amount) + SLIGHT)
    return _changes(search, guard, free, (known, again))


def _changes(
    search: _Search, guard: Guard, free: Integers, programme: tuple[Relations, Floats]
) -> Floats | None:
    """Solve for changes of least cost, a rise and a fall of a shown number costing the same."""
    known, cost = programme
    system = search.system
    low = (system.floors - system.values)[free]
    high = np.full(free.size, np.inf)
    mine = free == guard.variable
    low[mine] = high[mine] = guard.amount
    floor = (system.floors - system.values)[guard.variable]
    if not mine.any() or floor > guard.amount + CLOSE:
        return None
    split = np.flatnonzero((cost > 0) & ~mine)
    falls = np.column_stack([np.zeros(split.size), -low[split]])
    low[split] = 0.0
    wide = Relations(_with_falls(known.equal, split), _with_falls(known.below, split), known.slack)
    bounds = np.vstack([np.column_stack([low, high]), falls])
    solution = solved(wide, np.concatenate([cost, cost[split]]), bounds)
    if solution is None:
        return None
    change = solution[: free.size].copy()
    change[split] -= solution[free.size :]
    change[np.abs(change) < CLOSE * abs(guard.amount)] = 0.0
    return change


def _with_falls(matrix: sparse.csr_array, split: Integers) -> sparse.csr_array:
    return sparse.hstack([matrix, -matrix[:, split]], format="csr")


def _prune(search: _Search, guards: Sequence[Guard]) -> None:
    """Show again what no proof needs; then, dearest first, what other proofs can do without."""
    solves = PRUNING_SOLVES
    _show_unused(search)
    touched = {guard: _spots(search, guard) for guard in guards}
    secondary = np.flatnonzero(search.hidden & ~search.kept)
    for spot in sorted(secondary.tolist(), key=lambda one: -float(search.system.weights[one])):
        leaning = [guard for guard in guards if spot in touched[guard]]
        if len(leaning) <= solves:
            solves -= _try_without(search, leaning, spot)
            touched.update({guard: _spots(search, guard) for guard in leaning})
    _show_unused(search)


def _spots(search: _Search, guard: Guard) -> frozenset[int]:
    return frozenset(search.system.spots[search.witnesses[guard].variables].tolist())


def _try_without(search: _Search, leaning: Sequence[Guard], spot: int) -> int:
    """Show a spot if all that lean on it find another proof; return how many solves it took."""
    search.hidden[spot] = False
    found: dict[Guard, Witness] = {}
    for solves, guard in enumerate(leaning, start=1):
        free = _hidden_near(search, guard)
        change = _changes(
            search, guard, free, (relations(search.system, free), np.zeros(free.size))
        )
        if change is None:
            search.hidden[spot] = True
            return solves
        found[guard] = Witness(free[change != 0], change[change != 0])
    search.witnesses.update(found)
    return len(leaning)


def _hidden_near(search: _Search, guard: Guard) -> Integers:
    """Return the hidden numbers near a guard; all of them when they are few."""
    hidden = search.hidden[search.system.spots]
    if np.count_nonzero(hidden) > FEW:
        hidden[np.setdiff1d(np.arange(hidden.size), _near(search, guard, WIDTHS[-1]))] = False
    return np.flatnonzero(hidden)


def _show_unused(search: _Search) -> None:
    used = search.kept.copy()
    for guard, witness in search.witnesses.items():
        if proves(search.system, search.hidden, guard, witness):
            used[search.system.spots[witness.variables]] = True
    search.hidden &= used
