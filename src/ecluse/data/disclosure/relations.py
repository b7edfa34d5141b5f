"""A table of counts as the numbers and relations that any reader knows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Final

import numpy as np

from ecluse.data.tabulation.systems import Builder, Flags, System
from ecluse.domain.disclosure import TableReading
from ecluse.domain.disclosure.reading import DECIMAL, INTEGER, is_suppressed, is_total
from ecluse.domain.tabulation import PERSONS, TOTAL, Category, Cell, tree

MOST_PLACES: Final = 20_000
"""Over so many combinations of labels, only the rows that are there are numbers."""
ONE: Final = "one"
Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableSystem:
    """The numbers of a table: `cells` says row (None when left out) and column of each.

    `rests`: totals in sight, by place, that are this much more than their parts, which are too.
    """

    system: System
    hidden: Flags
    cells: tuple[tuple[int | None, str], ...]
    rests: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Bond:
    """A total and its parts; whole when every category of the table is among them."""

    total: int
    parts: tuple[int, ...]
    is_whole: bool


@dataclass(slots=True)
class _Maker:
    reading: TableReading
    rows: dict[Place, int]
    places: tuple[Place, ...]
    builder: Builder = field(default_factory=Builder)
    cells: list[tuple[int | None, str]] = field(default_factory=list)
    hidden: list[bool] = field(default_factory=list)
    rests: list[tuple[int, int]] = field(default_factory=list)


def table_system(reading: TableReading) -> TableSystem | None:
    """Return the numbers of persons of a table with their relations.

    None when it is not a table by labels: two rows have the same ones.
    """
    axes = _axes(reading)
    rows = {_place(reading, axes, row): row for row in range(1, len(reading.table.rows) + 1)}
    if not rows or len(rows) < len(reading.table.rows):
        return None
    maker = _Maker(reading, rows, tuple(_places(rows, len(axes))))
    _grow(maker, len(axes))
    for name in reading.counts:
        cells = reading.table.column(name)
        for place in maker.places:
            _put(maker, place, name, cells)
    _put_one(maker)
    for axis in range(len(axes)):
        _add_axis(maker, axis)
    _add_columns(maker)
    return TableSystem(
        maker.builder.made(), np.array(maker.hidden), tuple(maker.cells), tuple(maker.rests)
    )


def _grow(maker: _Maker, axes: int) -> None:
    for axis, codes in enumerate(_codes(maker.places, axes)):
        leaves = (Category(code, code, TOTAL) for code in codes if code != TOTAL)
        maker.builder.trees[str(axis)] = tree((Category(TOTAL, TOTAL, None), *leaves))


def _axes(reading: TableReading) -> tuple[str, ...]:
    """Return what a row is about: columns of labels, then integers that tell rows apart."""
    declaration = reading.declaration
    numbers = {*reading.counts, *declaration.ratios, *declaration.percentiles}
    free = [
        name for name in reading.table.headers if name not in numbers | set(declaration.amounts)
    ]
    labels = {*declaration.labels, *declaration.sensitive}
    axes = [name for name in free if name in labels or _is_text(reading, name)]
    for name in free:
        keys = {_place(reading, axes, row) for row in range(1, len(reading.table.rows) + 1)}
        if len(keys) == len(reading.table.rows):
            break
        if name not in axes and all(map(INTEGER.fullmatch, reading.table.column(name))):
            axes.append(name)
    return tuple(axes)


def _is_text(reading: TableReading, name: str) -> bool:
    return any(
        not DECIMAL.fullmatch(cell.strip()) and not is_suppressed(cell, reading.policy)
        for cell in reading.table.column(name)
    )


def _place(reading: TableReading, axes: Sequence[str], row: int) -> Place:
    cells = (cell.strip() for cell in reading.cells(row, axes))
    return tuple(TOTAL if is_total(cell) else cell for cell in cells)


def _places(rows: dict[Place, int], axes: int) -> Iterator[Place]:
    """Yield the places of a table: those of its rows, and combinations that were left out."""
    yield from rows
    codes = _codes(rows, axes)
    if rows and prod(map(len, codes)) <= MOST_PLACES:
        # A row was left out only where one of its totals is shown: else nothing is told of it.
        lacking = (place for place in product(*codes) if place not in rows)
        yield from (place for place in lacking if _is_bound(place, rows))


def _codes(places: Iterable[Place], axes: int) -> list[list[str]]:
    kept = list(places)
    return [list(dict.fromkeys(place[axis] for place in kept)) for axis in range(axes)]


def _is_bound(place: Place, rows: dict[Place, int]) -> bool:
    return any(
        code != TOTAL and (*place[:axis], TOTAL, *place[axis + 1 :]) in rows
        for axis, code in enumerate(place)
    )


def _cell(place: Place) -> Cell:
    return tuple((str(axis), code) for axis, code in enumerate(place) if code != TOTAL)


def _put(maker: _Maker, place: Place, name: str, cells: Sequence[str]) -> None:
    row = maker.rows.get(place)
    text = cells[row - 1].strip() if row else ""
    is_shown = INTEGER.fullmatch(text) is not None
    maker.builder.put(name, PERSONS, _cell(place), value=int(text) if is_shown else 0)
    maker.cells.append((row, name))
    maker.hidden.append(not is_shown)


def _put_one(maker: _Maker) -> None:
    """Add the number 1, in multiples of which rounding may keep totals from adding up."""
    maker.builder.put(ONE, PERSONS, (), value=1)
    maker.cells.append((None, ONE))
    maker.hidden.append(False)


def _add_axis(maker: _Maker, axis: int) -> None:
    """Bind each total of an axis to the numbers beside it."""
    beside: dict[Place, list[Place]] = {}
    for place in maker.places:
        key = (*place[:axis], TOTAL, *place[axis + 1 :])
        if place != key:
            beside.setdefault(key, []).append(place)
    known = set(maker.places)
    most = max(map(len, beside.values()), default=0)
    for name in maker.reading.counts:
        bonds = [
            _Bond(
                _number(maker, name, total),
                tuple(_number(maker, name, part) for part in parts),
                is_whole=len(parts) == most,
            )
            for total, parts in beside.items()
            if total in known
        ]
        _bind(maker, bonds)


def _number(maker: _Maker, name: str, place: Place) -> int:
    return maker.builder.index[name, PERSONS, _cell(place)]


def _bind(maker: _Maker, bonds: Sequence[_Bond]) -> None:
    """Say that totals add up, or what else the numbers in sight tell of them all."""
    seen = [bond for bond in bonds if _is_in_sight(maker, bond)]
    signs = {_sign(maker, bond) for bond in seen} | {-1 for bond in bonds if _exceeds(maker, bond)}
    if signs - {0} == {1}:
        maker.rests += [(bond.total, _rest(maker, bond)) for bond in seen if _sign(maker, bond)]
    for bond in bonds:
        slack = _slack(maker, bond.parts)
        if signs - {0}:
            _bind_each(maker, bond)
        if signs <= {0} and bond.is_whole and not slack:
            maker.builder.add_up(bond.total, bond.parts)
        elif signs <= {0, 1}:
            maker.builder.at_most(bond.parts, [bond.total, *slack])
        if (signs <= {0, -1} and signs - {0}) or (signs <= {0} and bond.is_whole and slack):
            maker.builder.at_most([bond.total], [*bond.parts, *slack])


def _bind_each(maker: _Maker, bond: _Bond) -> None:
    """Say that each part is within the total: persons may be in several parts, or in none."""
    for part in bond.parts:
        maker.builder.at_most([part], [bond.total, *_slack(maker, [part])])


def _is_in_sight(maker: _Maker, bond: _Bond) -> bool:
    return bond.is_whole and not any(maker.hidden[n] for n in (bond.total, *bond.parts))


def _exceeds(maker: _Maker, bond: _Bond) -> bool:
    """Say whether the parts in sight alone are more than their total: persons are in several."""
    values, shown = maker.builder.values, [n for n in bond.parts if not maker.hidden[n]]
    slack = len(_slack(maker, bond.parts))
    return not maker.hidden[bond.total] and sum(values[n] for n in shown) > (
        values[bond.total] + slack
    )


def _sign(maker: _Maker, bond: _Bond) -> int:
    """Return 0 when a total adds up, 1 when it is more than its parts, -1 when it is less."""
    rest = _rest(maker, bond)
    return 0 if abs(rest) <= len(_slack(maker, bond.parts)) else (1 if rest > 0 else -1)


def _rest(maker: _Maker, bond: _Bond) -> int:
    values = maker.builder.values
    return values[bond.total] - sum(values[part] for part in bond.parts)


def _slack(maker: _Maker, parts: Sequence[int]) -> list[int]:
    """Return the number 1 as often as rounding may move a total and its parts apart."""
    one = maker.builder.index[ONE, PERSONS, ()]
    return [one] * ((maker.reading.policy.rounding_base // 2) * (len(parts) + 1))


def _add_columns(maker: _Maker) -> None:
    """Bind a column of totals to the counts beside it, and parts to their wholes."""
    reading = maker.reading
    totals = [name for name in reading.counts if is_total(name)]
    parts = [name for name in reading.counts if name not in totals]
    if len(totals) == 1 and len(parts) > 1:
        bonds = [
            _Bond(
                _number(maker, totals[0], place),
                tuple(_number(maker, name, place) for name in parts),
                is_whole=True,
            )
            for place in maker.places
        ]
        seen = [bond for bond in bonds if _is_in_sight(maker, bond)]
        # Columns are a variable only if they add up somewhere, and everywhere they are seen.
        if seen and not any(_sign(maker, bond) for bond in seen):
            _bind(maker, bonds)
    for part, whole in reading.declaration.parts.items():
        for place in maker.places:
            less, more = _number(maker, part, place), _number(maker, whole, place)
            maker.builder.at_most([less], [more, *_slack(maker, [less])])
