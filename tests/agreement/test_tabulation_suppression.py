"""Random tables: is every small cell safe, and how much more is hidden than need be?

Safety is judged by an attacker of its own (`exact_interval`), written over whole tables without the
product's linear algebra. The optimum is that of an exact mixed-integer programme, itself compared
with trying every pattern on tables small enough. pytauargus, where it is installed, is asked about
the same tables.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from ecluse.data.tabulation.attacks import interval
from ecluse.data.tabulation.holdings import Asked
from ecluse.data.tabulation.suppression import suppress
from ecluse.data.tabulation.systems import Flags, Guard, System
from tests.unit.data.tabulation.drawn import (
    counted,
    groups,
    nothing_hidden,
    plan,
    system_of,
)

MINIMUM = 11
EACH, TOGETHER = 1.5, 1.1
"""What a pattern, and all together, may cost beside the best there is. Measured: 1.18 and 1.04."""
Drawn = tuple[Asked, Mapping[tuple[str, ...], int]]


def drawn(shape: Sequence[int], seed: int, mean: float = 25.0) -> Drawn:
    """A table of that many categories on each axis, about a quarter of whose cells are small."""
    random = np.random.default_rng(seed)
    codes = [[f"c{rank}" for rank in range(size)] for size in shape]
    variables = [groups(f"v{axis}", *names) for axis, names in enumerate(codes)]
    made = plan(variables, tuple(variable.name for variable in variables))
    numbers = {
        leaf: int(random.poisson(mean * np.exp(random.normal(0, 0.8)))) for leaf in product(*codes)
    }
    return Asked(made, None, made.tables), numbers


def optimum(system: System, guards: Sequence[Guard]) -> float:
    """The least weight of a pattern in which another table moves each guard by its amount.

    One binary a spot; for each guard, a change of every number that is null where shown.
    """
    size, spots = system.values.size, system.spot_count
    most = float(np.abs(system.values).sum()) + 100
    rows: list[np.ndarray] = []
    for rank, _ in enumerate(guards):
        before = rank * size
        for sign in (1.0, -1.0):
            block = np.zeros((size, spots + len(guards) * size))
            block[np.arange(size), system.spots] = -most
            block[np.arange(size), spots + before + np.arange(size)] = sign
            rows.append(block)
    limits = LinearConstraint(np.vstack(rows), -np.inf, 0.0)
    equal = np.hstack(
        [
            np.zeros((system.equal.shape[0] * len(guards), spots)),
            np.kron(np.eye(len(guards)), system.equal.toarray()),
        ]
    )
    low = np.concatenate([np.zeros(spots), np.tile(-system.values, len(guards))])
    high = np.concatenate([np.ones(spots), np.full(len(guards) * size, most)])
    for rank, guard in enumerate(guards):
        low[spots + rank * size + guard.variable] = guard.amount
        low[system.spots[guard.variable]] = 1.0
    found = milp(
        np.concatenate([system.weights, np.zeros(len(guards) * size)]),
        constraints=[limits, LinearConstraint(equal, 0.0, 0.0)],
        bounds=Bounds(low, high),
        integrality=np.concatenate([np.ones(spots), np.zeros(len(guards) * size)]),
        options={"time_limit": 20.0},
    )
    assert found.status == 0
    return float(found.fun)


def exhaustive(system: System, guards: Sequence[Guard]) -> float:
    """The least weight among all patterns, each judged by what the attacker can guess."""
    primary = {int(system.spots[guard.variable]) for guard in guards}
    others = [spot for spot in range(system.spot_count) if spot not in primary]
    patterns = (
        primary | set(chosen)
        for count in range(len(others) + 1)
        for chosen in combinations(others, count)
    )
    return min(
        float(system.weights[list(pattern)].sum())
        for pattern in patterns
        if is_safe(system, guards, pattern)
    )


def is_safe(system: System, guards: Sequence[Guard], pattern: set[int]) -> bool:
    hidden = np.isin(np.arange(system.spot_count), list(pattern))
    return all(
        exact_interval(system, hidden, guard.variable)[1]
        >= system.values[guard.variable] + guard.amount - 1e-6
        for guard in guards
    )


def exact_interval(system: System, hidden: Flags, variable: int) -> tuple[float, float]:
    """What can be guessed of a number: whole tables, shown numbers being fixed at their values."""
    shown = ~hidden[system.spots]
    low = np.where(shown, system.values, 0.0)
    high = np.where(shown, system.values, np.inf)
    ends = []
    for sign in (1.0, -1.0):
        cost = np.zeros(system.values.size)
        cost[variable] = sign
        found = linprog(
            cost,
            A_eq=system.equal.toarray(),
            b_eq=np.zeros(system.equal.shape[0]),
            bounds=np.column_stack([low, high]),
        )
        ends.append(found.x[variable] if found.status == 0 else -sign * np.inf)
    return ends[0], ends[1]


@pytest.mark.parametrize("seed", range(20))
def test_no_small_cell_of_two_variables_can_be_computed_back(seed: int) -> None:
    asked, numbers = drawn((5, 6), seed)
    _, system, guards = system_of(asked, counted(asked, numbers))

    pattern = suppress(system, guards, hidden=nothing_hidden(system))

    tops = [exact_interval(system, pattern.hidden, guard.variable)[1] for guard in guards]
    assert guards
    assert min(tops) >= MINIMUM - 1e-6


@pytest.mark.parametrize("seed", range(6))
def test_no_small_cell_of_three_variables_can_be_computed_back(seed: int) -> None:
    asked, numbers = drawn((3, 4, 3), seed)
    _, system, guards = system_of(asked, counted(asked, numbers))

    pattern = suppress(system, guards, hidden=nothing_hidden(system))

    tops = [exact_interval(system, pattern.hidden, guard.variable)[1] for guard in guards]
    assert min(tops, default=MINIMUM) >= MINIMUM - 1e-6


@pytest.mark.parametrize("seed", range(8))
def test_the_attacker_of_the_product_guesses_as_the_one_of_this_test(seed: int) -> None:
    asked, numbers = drawn((4, 4), seed)
    _, system, guards = system_of(asked, counted(asked, numbers))
    hidden = suppress(system, guards, hidden=nothing_hidden(system)).hidden
    hidden_places = np.flatnonzero(hidden[system.spots])

    ours = [interval(system, hidden, int(place)) for place in hidden_places]
    theirs = [exact_interval(system, hidden, int(place)) for place in hidden_places]

    assert np.allclose(ours, theirs, atol=1e-5)


def priced(shape: Sequence[int], seed: int, mean: float, most: int) -> tuple[float, float, float]:
    """The weight that we hide for some guards of a table, that of the optimum, and their ratio."""
    asked, numbers = drawn(shape, seed, mean)
    _, system, guards = system_of(asked, counted(asked, numbers))
    pattern = suppress(system, guards[:most], hidden=nothing_hidden(system))
    ours, best = float(system.weights[pattern.hidden].sum()), optimum(system, guards[:most])
    return ours, best, ours / best


@pytest.mark.parametrize("seed", range(6))
def test_the_exact_programme_finds_what_trying_every_pattern_finds(seed: int) -> None:
    asked, numbers = drawn((4,), seed, mean=8.0)
    _, system, guards = system_of(asked, counted(asked, numbers))

    assert optimum(system, guards[:3]) == pytest.approx(exhaustive(system, guards[:3]))


def test_little_more_is_hidden_than_the_best_pattern_hides() -> None:
    tables = product(((3, 3), (4, 4), (3, 2, 2)), range(100, 106))

    prices = [priced(shape, seed, 20.0, 6) for shape, seed in tables]

    ours, bests, ratios = zip(*prices, strict=True)
    assert max(ratios) <= EACH
    assert sum(ours) / sum(bests) <= TOGETHER
    assert min(ratios) >= 1 - 1e-6


def hidden_by_tau_argus(
    folder: Path, asked: Asked, numbers: Mapping[tuple[str, ...], int]
) -> Flags:
    """The cells that pytauargus hides of the same table, by its optimum for one person a row."""
    oracle = pytest.importorskip("pytauargus", reason="pytauargus is not installed")
    builder, system, _ = system_of(asked, counted(asked, numbers))
    names = [variable.name for variable in asked.variables]
    columns = {
        name: [leaf[axis] for leaf, number in numbers.items() for _ in range(number)]
        for axis, name in enumerate(names)
    }
    made = oracle.protect(
        {**columns, "amount": [1] * sum(numbers.values())},
        names,
        "amount",
        safety_rules=f"FREQ({MINIMUM},100)",
        suppress="OPT(1)",
        workdir=str(folder),
    )
    hidden = nothing_hidden(system)
    for row, status in zip(made.tables[0].rows, made.tables[0].status(), strict=True):
        codes = ((name, str(row[name]).strip()) for name in names)
        cell = tuple((name, code) for name, code in codes if code not in ("", "Total"))
        hidden[builder.spots["now", cell]] = status in ("U", "M")
    return hidden


@pytest.mark.parametrize(
    ("shape", "seed"), [*product([(5, 6)], range(3)), ((5, 4, 3), 0), ((5, 4, 3), 1), ((10, 8), 0)]
)
def test_no_more_cells_are_hidden_than_tau_argus_hides(
    tmp_path: Path, shape: tuple[int, ...], seed: int
) -> None:
    # Its frequency rule guards a range around the count, ours the minimum count: both are safe.
    asked, numbers = drawn(shape, seed)
    theirs = hidden_by_tau_argus(tmp_path, asked, numbers)
    _, system, guards = system_of(asked, counted(asked, numbers))

    ours = suppress(system, guards, hidden=nothing_hidden(system)).hidden

    intervals = [exact_interval(system, theirs, guard.variable) for guard in guards]
    assert ours.sum() <= theirs.sum()
    assert all(high - low > 1 for low, high in intervals)
