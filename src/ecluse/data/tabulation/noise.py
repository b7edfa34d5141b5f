"""Differential privacy: numbers of persons with discrete Laplace noise, by OpenDP.

Neighbouring datasets differ by one person, added or removed. A person counts in at most
`cells_per_person` smallest cells of a table, so the noise scale is that number over epsilon. Totals
are sums of noisy cells: they cost nothing more. Source: Ghosh, Roughgarden, Sundararajan (2009);
sampler of the OpenDP library (Canonne, Kamath, Steinke 2020).
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from itertools import product
from typing import Any, Final, cast

from ecluse.data.tabulation.counting import Counts
from ecluse.data.tabulation.holdings import Asked
from ecluse.data.tabulation.systems import cell_at
from ecluse.domain.errors import InvalidInput, SetupIncomplete
from ecluse.domain.tabulation import Cell, Noise, TableOrder, tree
from ecluse.domain.tabulation.rules import EMPTY

THOUSAND: Final = 1000
Draw = Callable[[int], int]
"""Gives a number with noise added."""


def laplace(noise: Noise) -> Draw:
    """Return the mechanism of a plan, after OpenDP has said that it loses what the plan says.

    Raises:
        SetupIncomplete: OpenDP is not installed.
    """
    try:
        dp: Any = import_module("opendp.prelude")
    except ImportError:
        raise SetupIncomplete(
            "Noise needs OpenDP: install Écluse with the extra `privacy`."
        ) from None
    dp.enable_features("contrib")
    scale = noise.cells_per_person * THOUSAND / noise.epsilon_thousandths
    made = dp.m.make_laplace(dp.atom_domain(T=int), dp.absolute_distance(T=int), scale=scale)
    lost = made.map(noise.cells_per_person)
    if lost > noise.epsilon_thousandths / THOUSAND * (1 + 1e-9):
        raise InvalidInput("Noise: the mechanism loses more privacy than the plan says.")
    return cast("Draw", made)


def noisy(table: TableOrder, asked: Asked, counts: Counts, draw: Draw) -> Mapping[Cell, int]:
    """Return every cell of a table, the smallest with noise and the others as their sums.

    A sum of noisy cells may be negative: it is given as 0 once all are added up.
    """
    names = tuple(variable.name for variable in asked.variables if variable.name in table.by)
    trees = [tree(asked.plan.variable(name).categories()) for name in names]
    made: dict[Cell, int] = {}
    for place in product(*(range(len(one.codes)) for one in trees)):
        if any(one.children[rank] for one, rank in zip(trees, place, strict=True)):
            continue
        number = draw(counts.cells.get(cell_at(names, trees, place), EMPTY).persons)
        for above in product(*(one.paths[rank] for one, rank in zip(trees, place, strict=True))):
            cell = cell_at(names, trees, above)
            made[cell] = made.get(cell, 0) + number
    return {cell: max(0, number) for cell, number in made.items()}
