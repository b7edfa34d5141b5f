"""Tables that nobody asked for, but that the tables asked for tell of together.

Ages 0 to 39 in one table and 0 to 40 in another tell how many persons are 40: where two variables
place the same column in different categories, the table by both is counted. So is, while it is
small, the table by all variables of one population and its events, since tables by sex and by age
bound what a table by sex and age could hold. They are never shown, and guarded as any.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from math import prod
from typing import Final

from ecluse.data.tabulation.holdings import Asked
from ecluse.data.tabulation.joining import Frame
from ecluse.domain.errors import Refused
from ecluse.domain.tabulation import (
    Measure,
    MeasureKind,
    Suppression,
    TableOrder,
    TabulationPlan,
    Variable,
)
from ecluse.domain.tabulation.plans import MOST_AXES

MOST_CELLS: Final = 50_000
FEW_CELLS: Final = 2_000
PERSONS: Final = (Measure(MeasureKind.PERSONS),)
_TOO_LARGE: Final = (
    "No table leaves: categories of the same column differ from those of another table, and what "
    "both give together is too large to be looked at. Ask for the same categories."
)
Ordered = tuple[Frame, TableOrder]


def underlying(frames: Sequence[Frame]) -> Iterator[tuple[Frame, Asked]]:
    """Yield what to count beside the frames: a frame of the same persons, and what to ask of it.

    Raises:
        Refused: the table by two shifted variables is too large to be looked at.
    """
    by_key: dict[str, list[Ordered]] = {}
    for frame in frames:
        by_key.setdefault(frame.key, []).extend((frame, order) for order in frame.asked.tables)
    for tables in by_key.values():
        yield from _beneath(tables)


def _beneath(tables: Sequence[Ordered]) -> Iterator[tuple[Frame, Asked]]:
    """Yield the table by all variables of some tables, or else those by two shifted ones."""
    whole = _variables(tables)
    if any(set(order.by) >= whole.keys() for _, order in tables):
        return
    if _is_within(whole, FEW_CELLS):
        yield tables[0][0], _asked(whole, tables[0])
        return
    seen: set[tuple[str, ...]] = set()
    for pair in combinations(tables, 2):
        both = _variables(pair)
        if _shifted(*pair) and tuple(both) not in seen:
            seen.add(tuple(both))
            if not _is_within(both, MOST_CELLS):
                raise Refused(_TOO_LARGE)
            yield pair[0][0], _asked(both, pair[0])


def _variables(tables: Sequence[Ordered]) -> dict[str, Variable]:
    """Return the variables of some tables, sorted by name."""
    found = {name: frame.asked.plan.variable(name) for frame, order in tables for name in order.by}
    return dict(sorted(found.items()))


def _is_within(variables: Mapping[str, Variable], most: int) -> bool:
    cells = prod(len(variable.categories()) for variable in variables.values())
    return len(variables) <= MOST_AXES and cells <= most


def _shifted(first: Ordered, second: Ordered) -> bool:
    """Say whether two tables place the same column in different categories."""
    ours, theirs = (
        {_columns(variable): name for name, variable in _variables([one]).items()}
        for one in (first, second)
    )
    return any(ours[column] != theirs[column] for column in ours.keys() & theirs.keys())


def _columns(variable: Variable) -> tuple[str, ...]:
    """Return where a variable is read; years have no table but that of the source."""
    return (getattr(variable, "table", ""), variable.columns[0])


def _asked(variables: Mapping[str, Variable], like: Ordered) -> Asked:
    """Return the order of one table by some variables, of the events of another."""
    source = like[0].asked.source
    order = TableOrder("underlying", "", tuple(variables), PERSONS, source)
    plan = TabulationPlan("", "", "", tuple(variables.values()), (order,), Suppression())
    return Asked(plan, source, (order,))
