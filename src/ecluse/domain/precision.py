"""How much of a column is given: what a permit coarsens, no order can sharpen.

Source: EHDS art. 66(1) (data minimisation); SNDS rules on potentially identifying variables.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from ecluse.domain.documents import Coarsening, Precision, TableScope

COARSER: Final[Mapping[Precision, frozenset[Precision]]] = {
    Precision.MONTH: frozenset({Precision.YEAR}),
    Precision.DEPARTMENT: frozenset({Precision.REGION}),
}
"""What says less than each kind does, beside the same kind and `choice-only`."""

_STEPS: Final[Mapping[Precision, Callable[[int, int], bool]]] = {
    # Bands nest only when one width is a multiple of the other: two overlapping cuts would cross.
    Precision.AGE_BAND: lambda given, asked: asked % given == 0,
    Precision.ROUNDED: lambda given, asked: asked % given == 0,
    Precision.FIRST_CHARACTERS: lambda given, asked: asked <= given,
}


def is_within(asked: Coarsening | None, given: Coarsening | None) -> bool:
    """Whether what is asked of a column says no more than what is given; None is the value."""
    if given is None or asked == given:
        return True
    if asked is None or given.to is Precision.CHOICE_ONLY:
        return False
    if asked.to is Precision.CHOICE_ONLY or asked.to in COARSER.get(given.to, frozenset()):
        return True
    if asked.to is not given.to or asked.step is None or given.step is None:
        return False
    return _STEPS[given.to](given.step, asked.step)


def applied(asked: TableScope, given: TableScope) -> TableScope:
    """Return the order's table under the permit's precision.

    A column of which the order says nothing is given as the permit gives it.
    """
    coarsened = (asked.coarsening(name) or given.coarsening(name) for name in asked.columns)
    return TableScope(asked.table, asked.columns, tuple(one for one in coarsened if one))


def sharper(asked: TableScope, given: TableScope) -> tuple[str, ...]:
    """Return the columns of which the order asks in so many words more than the permit gives."""
    return tuple(
        one.column for one in asked.coarsened if not is_within(one, given.coarsening(one.column))
    )


def delivered(scopes: Iterable[TableScope]) -> frozenset[tuple[str, str]]:
    """Return the tables and columns whose values are delivered as they are."""
    return frozenset(
        (scope.table, column)
        for scope in scopes
        for column in scope.columns
        if scope.coarsening(column) is None
    )
