"""From numbers as they are to tables in which nobody can be found."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Final

from ecluse.data.tabulation.holdings import EVENTS
from ecluse.data.tabulation.joining import Frame, Joint
from ecluse.data.tabulation.rounding import nearest, rounded
from ecluse.data.tabulation.suppression import suppress
from ecluse.data.tabulation.systems import amount, cells_of, places_of
from ecluse.data.tabulation.tables import SEAL, Axis, Number, ProtectedTable, ProtectionCounts
from ecluse.domain.errors import InvalidInput
from ecluse.domain.tabulation import (
    Cell,
    ControlledRounding,
    Measure,
    MeasureKind,
    Suppression,
    TableOrder,
    TabulationPlan,
    TabulationPolicy,
)
from ecluse.domain.tabulation.rules import EMPTY, PERSONS

CENTS: Final = Decimal("0.01")
Shown = Callable[[Frame, str, Cell], int | None]
"""Gives the number of a cell for a measure as it is shown, None where it is hidden."""


@dataclass(frozen=True, slots=True)
class Material:
    """What is protected: the frames of a plan as it was asked, in one system with the past."""

    plan: TabulationPlan
    frames: tuple[Frame, ...]
    joint: Joint


@dataclass(frozen=True, slots=True)
class Protected:
    """Protected tables, and what is shown of persons in each cell of each frame."""

    tables: tuple[ProtectedTable, ...]
    shown: tuple[Mapping[Cell, int | None], ...]
    counts: ProtectionCounts


def protect(material: Material, policy: TabulationPolicy, *, secret: bytes) -> Protected:
    """Return the tables of a plan, protected as it asks and together with the past.

    Raises:
        InvalidInput: a rounding that the policy does not allow.
        Refused: somebody could not be protected, whatever was hidden.
    """
    protection = material.plan.protection
    if isinstance(protection, Suppression):
        return _suppressed(material, base=_base(protection.rounding_base, policy))
    if isinstance(protection, ControlledRounding):
        return _rounded(material, base=_lone(protection.base, policy), secret=secret)
    raise InvalidInput("Noise is drawn by `answer`, which keeps its budget.")


def protect_noisy(
    plan: TabulationPlan,
    frames: Sequence[Frame],
    numbers: Mapping[str, Mapping[Cell, int]],
    *,
    epsilon: int,
) -> Protected:
    """Return tables of numbers with noise, by table; `epsilon` (thousandths) was spent."""
    tables = tuple(
        _table(plan, frame, order, partial(_drawn, numbers[order.name]))
        for frame in frames
        for order in frame.asked.tables
    )
    cells = sum(len(table.numbers) for table in tables)
    counts = ProtectionCounts(cells, 0, 0, epsilon_thousandths=epsilon)
    return Protected(_in_order(plan, tables), tuple({} for _ in frames), counts)


def _drawn(numbers: Mapping[Cell, int], _frame: Frame, _measure: str, cell: Cell) -> int:
    return numbers[cell]


def _suppressed(material: Material, *, base: int) -> Protected:
    joint = material.joint
    pattern = suppress(joint.system, joint.guards, hidden=joint.hidden)

    def shown(frame: Frame, measure: str, cell: Cell) -> int | None:
        if pattern.hidden[joint.builder.spots[frame.key, cell]]:
            return None
        number = amount(frame.counts.cells.get(cell, EMPTY), measure)
        return number if base == 1 else nearest(number, base=_unit(measure) * base)

    spots = _spots(material)
    primary = sum(bool(pattern.primary[spot]) for spot in spots)
    secondary = sum(bool(pattern.secondary[spot]) for spot in spots)
    return _made(material, shown, ProtectionCounts(len(spots), primary, secondary, base))


def _rounded(material: Material, *, base: int, secret: bytes) -> Protected:
    builder = material.joint.builder
    known = {
        builder.index[frame.key, PERSONS, cell]: number
        for frame in material.joint.frames
        for cell, number in frame.shown.items()
        if number is not None and isinstance(frame.asked.plan.protection, ControlledRounding)
    }
    numbers = rounded(material.joint.system, base=base, secret=secret, known=known)

    def shown(frame: Frame, measure: str, cell: Cell) -> int | None:
        return int(numbers[builder.index[frame.key, measure, cell]])

    return _made(material, shown, ProtectionCounts(len(_spots(material)), 0, 0, base))


def _spots(material: Material) -> frozenset[int]:
    spots = material.joint.builder.spots
    return frozenset(
        spots[frame.key, cell] for frame in material.frames for cell in cells_of(frame.asked)
    )


def _base(base: int, policy: TabulationPolicy) -> int:
    if base != 1 and base not in policy.rounding_bases:
        raise InvalidInput(_bases(policy))
    return base


def _lone(base: int, policy: TabulationPolicy) -> int:
    if base not in policy.rounding_bases or base < policy.lone_rounding_base:
        raise InvalidInput(f"{_bases(policy)} Alone: {policy.lone_rounding_base} at least.")
    return base


def _bases(policy: TabulationPolicy) -> str:
    bases = " or ".join(map(str, policy.rounding_bases))
    return f"Policy {policy.reference} rounds to {bases}."


def _made(material: Material, shown: Shown, counts: ProtectionCounts) -> Protected:
    tables = (
        _table(material.plan, frame, order, shown)
        for frame in material.frames
        for order in frame.asked.tables
    )
    persons = tuple(
        {cell: shown(frame, PERSONS, cell) for cell in cells_of(frame.asked)}
        for frame in material.frames
    )
    return Protected(_in_order(material.plan, tables), persons, counts)


def _in_order(plan: TabulationPlan, tables: Iterable[ProtectedTable]) -> tuple[ProtectedTable, ...]:
    made = {table.name: table for table in tables}
    return tuple(made[order.name] for order in plan.tables)


def _table(plan: TabulationPlan, frame: Frame, order: TableOrder, shown: Shown) -> ProtectedTable:
    """Return a table of the frame, with the names and titles that `plan` gives its axes."""
    (asked,) = (table for table in plan.tables if table.name == order.name)
    variables = [plan.variable(name) for name in asked.by]
    return ProtectedTable(
        order.name,
        order.title,
        tuple(Axis(one.name, one.title, one.categories()) for one in variables),
        tuple(measure.name for measure in order.measures),
        {
            place: tuple(_number(frame, measure, cell, shown) for measure in order.measures)
            for place, cell in places_of(frame.asked, order)
        },
        SEAL,
    )


def _number(frame: Frame, measure: Measure, cell: Cell, shown: Shown) -> Number | None:
    if measure.kind in (MeasureKind.PERSONS, MeasureKind.EVENTS):
        return shown(frame, measure.kind.value, cell)
    total = shown(frame, f"total_{measure.column}", cell)
    if total is None:
        return None
    held = Decimal(total) / 100
    if measure.kind is MeasureKind.TOTAL:
        return held.quantize(CENTS)
    events = shown(frame, EVENTS, cell)
    # A mean is made of numbers that are shown, rounded if they are: it tells no more than they do.
    return (held / events).quantize(CENTS) if events else None


def _unit(measure: str) -> int:
    """Return how many of its smallest units make one unit of a measure."""
    return 1 if measure in (PERSONS, EVENTS) else 100
