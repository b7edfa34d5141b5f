"""What an attacker knows: the numbers of linked tables, and the relations that bind them.

Every number is a variable, shared by all tables in which it stands. Relations are those that any
reader knows: categories add up to their total; distinct persons counted by what happened to them
do not, but their total is at least each part and at most their sum; nobody counts without an event.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ecluse.data.tabulation.counting import Counts
from ecluse.data.tabulation.holdings import EVENTS, Asked
from ecluse.domain.tabulation import OTHER, PERSONS, Cell, CellContent, Need, TableOrder, Tree, tree
from ecluse.domain.tabulation.rules import EMPTY, NOTHING

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Spot = tuple[str, Cell]
"""A cell of a frame: the numbers of one population and source."""
LARGE = 1e6


@dataclass(frozen=True, slots=True)
class System:
    """Numbers `values` with `equal · x = 0` and `below · x ≤ 0`, both true of the values.

    One entry a number: `spots` its cell, hidden or shown with all numbers of that cell; `floors`
    the least it can be; `scales` what one unit of it stands for; `places` its category on each
    axis, 0 where it is a total. `opened` was published before or is known
    anyway, and can never be hidden.
    """

    values: Floats
    floors: Floats
    scales: Floats
    spots: Integers
    blocks: Integers
    places: Integers
    opened: Flags
    equal: sparse.csr_array
    below: sparse.csr_array
    trees: tuple[Tree, ...]
    names: tuple[Spot, ...]
    weights: Floats

    @property
    def spot_count(self) -> int:
        """How many cells there are."""
        return len(self.names)


@dataclass(frozen=True, slots=True)
class Guard:
    """A number that must stay open: a change of `amount`, of either sign, must remain possible."""

    variable: int
    amount: float


@dataclass(slots=True)
class Builder:
    """Gathers frames, then makes their system.

    `within` lists the numbers of persons of which the second are among the first, and others too.
    """

    trees: dict[str, Tree] = field(default_factory=dict)
    index: dict[tuple[str, str, Cell], int] = field(default_factory=dict)
    values: list[int] = field(default_factory=list)
    floors: list[float] = field(default_factory=list)
    spots: dict[Spot, int] = field(default_factory=dict)
    persons: list[int] = field(default_factory=list)
    equal: dict[tuple[int, ...], None] = field(default_factory=dict)
    below: dict[tuple[tuple[int, int], ...], None] = field(default_factory=dict)
    within: dict[tuple[int, int], None] = field(default_factory=dict)

    def add(self, frame: str, asked: Asked, counts: Counts) -> None:
        """Add the tables of one population and source."""
        for variable in asked.variables:
            self.trees.setdefault(variable.name, tree(variable.categories()))
        for table in asked.tables:
            names = tuple(v.name for v in asked.variables if v.name in table.by)
            self._add_table(frame, names, asked, counts)

    def number(self, frame: str, measure: str, cell: Cell) -> int | None:
        """Return the place of a number, None when it is in no table."""
        return self.index.get((frame, measure, cell))

    def spot(self, frame: str, cell: Cell) -> int | None:
        """Return the place of a cell, None when it is in no table."""
        return self.spots.get((frame, cell))

    def put(self, frame: str, measure: str, cell: Cell, *, value: int, floor: float = 0.0) -> int:
        """Add one number if it is not there, and return its place."""
        key = (frame, measure, cell)
        if key not in self.index:
            self.index[key] = len(self.values)
            self.values.append(value)
            self.floors.append(floor)
            spot = self.spots.setdefault((frame, cell), len(self.spots))
            if spot == len(self.persons):
                self.persons.append(value if measure == PERSONS else 0)
        return self.index[key]

    def add_up(self, total: int, parts: Iterable[int]) -> None:
        """Say that the parts add up to the total."""
        self.equal[(total, *sorted(parts))] = None

    def at_most(self, less: Sequence[int], more: Sequence[int]) -> None:
        """Say that the sum of `less` is at most the sum of `more`."""
        self.below[(*((place, 1) for place in less), *((place, -1) for place in more))] = None

    def made(self, opened: Iterable[Spot] = (), *, zeros_disclose: bool = False) -> System:
        """Return the system of all that was added; `opened` are cells shown whatever happens.

        A cell of nobody is no cover for others: that there are no men in a maternity, or nobody of
        an unknown age, anybody may guess. Where zeros disclose, only other categories are known.
        """
        keys = list(self.index)
        blocks: dict[tuple[str, str], int] = {}
        for frame, measure, _ in keys:
            blocks.setdefault((frame, measure), len(blocks))
        values = np.array(self.values, np.float64)
        scales = self._scales(keys, values)
        spots = np.array([self.spots[frame, cell] for frame, _, cell in keys], np.int64)
        is_open = np.zeros(len(self.spots), np.bool_)
        is_open[[self.spots[spot] for spot in opened if spot in self.spots]] = True
        for spot, rank in self.spots.items():
            is_other = any(code == OTHER for _, code in spot[1])
            is_open[rank] |= not self.persons[rank] and (is_other or not zeros_disclose)
        axes = list(self.trees)
        places = np.zeros((len(keys), len(axes)), np.int64)
        ranks = {name: {c: r for r, c in enumerate(t.codes)} for name, t in self.trees.items()}
        for row, (_, _, cell) in enumerate(keys):
            for name, code in cell:
                places[row, axes.index(name)] = ranks[name][code]
        equal = [((row[0], 1.0), *((part, -1.0) for part in row[1:])) for row in self.equal]
        return System(
            values / scales,
            np.array(self.floors) / scales,
            scales,
            spots,
            np.array([blocks[frame, measure] for frame, measure, _ in keys], np.int64),
            places,
            is_open[spots],
            _matrix(equal, scales),
            _matrix(self.below, scales),
            tuple(self.trees.values()),
            tuple(self.spots),
            1.0 + np.log10(1.0 + np.array(self.persons, np.float64)),
        )

    def guards(
        self, frame: str, cell: Cell, needed: Iterable[Need], scales: Floats
    ) -> Iterator[Guard]:
        """Yield what the needs of a cell ask of the numbers of a system with these scales."""
        for need in needed:
            place = self.number(frame, need.measure, cell)
            if place is not None and need.up > 0:
                yield Guard(place, need.up / scales[place])
            if place is not None and need.down > 0:
                yield Guard(place, -need.down / scales[place])

    def _scales(self, keys: Sequence[tuple[str, str, Cell]], values: Floats) -> Floats:
        """Return one scale for counts, and one an amount so that solvers meet no huge number."""
        tops: dict[str, float] = {}
        for (_, measure, _), value in zip(keys, values, strict=True):
            tops[measure] = max(tops.get(measure, 0.0), abs(float(value)))
        return np.array(
            [
                1.0 if measure in (PERSONS, EVENTS) else max(1.0, tops[measure] / LARGE)
                for _, measure, _ in keys
            ]
        )

    def _add_table(self, frame: str, names: tuple[str, ...], asked: Asked, counts: Counts) -> None:
        measures = (PERSONS, *asked.measures)
        negative = {
            name: any(c.holdings[name].lowest < 0 for c in counts.cells.values() if c.holdings)
            for name in asked.measures
        }
        grown = [self.trees[name] for name in names]
        for place in product(*(range(len(one.codes)) for one in grown)):
            cell = cell_at(names, grown, place)
            content = counts.cells.get(cell, EMPTY)
            for measure in measures:
                floor = -np.inf if negative.get(measure) else 0.0
                self.put(frame, measure, cell, value=amount(content, measure), floor=floor)
            self.persons[self.spots[frame, cell]] = content.persons
            if EVENTS in measures and asked.source is not None:
                places = [self.index[frame, measure, cell] for measure in (PERSONS, EVENTS)]
                self.at_most(places[:1], places[1:])
        for measure in measures:
            self._relate(frame, measure, names, asked)

    def _relate(self, frame: str, measure: str, names: tuple[str, ...], asked: Asked) -> None:
        """Bind each total to its parts, on every axis, in every row of a table."""
        grown = [self.trees[name] for name in names]
        for axis, name in enumerate(names):
            splits = measure == PERSONS and asked.is_of_events(asked.plan.variable(name))
            for place in product(*(range(len(one.codes)) for one in grown)):
                children = grown[axis].children[place[axis]]
                if children:
                    parts = [
                        self.index[
                            frame,
                            measure,
                            cell_at(names, grown, (*place[:axis], child, *place[axis + 1 :])),
                        ]
                        for child in children
                    ]
                    total = self.index[frame, measure, cell_at(names, grown, place)]
                    self._bind(total, parts, splits=splits)

    def _bind(self, total: int, parts: Sequence[int], *, splits: bool) -> None:
        if not splits:
            self.add_up(total, parts)
            return
        self.at_most([total], parts)
        for part in parts:
            self.at_most([part], [total])
            self.within[total, part] = None


def places_of(asked: Asked, order: TableOrder) -> Iterator[tuple[tuple[int, ...], Cell]]:
    """Yield the places of a table, axes as the order lists them, with their cells."""
    names = sorted(order.by)
    trees = [tree(asked.plan.variable(name).categories()) for name in names]
    back = [names.index(name) for name in order.by]
    for place in product(*(range(len(one.codes)) for one in trees)):
        yield tuple(place[rank] for rank in back), cell_at(names, trees, place)


def cells_of(asked: Asked) -> tuple[Cell, ...]:
    """Return the cells of all tables, each once."""
    return tuple(
        dict.fromkeys(cell for order in asked.tables for _, cell in places_of(asked, order))
    )


def cell_at(names: Sequence[str], trees: Sequence[Tree], place: Sequence[int]) -> Cell:
    """Return the cell at a place of a table, its totals left out."""
    return tuple(
        (name, one.codes[rank]) for name, one, rank in zip(names, trees, place, strict=True) if rank
    )


def amount(content: CellContent, measure: str) -> int:
    """Return the number of a cell for a measure."""
    if measure == PERSONS:
        return content.persons
    return content.holdings.get(measure, NOTHING).total


def _matrix(rows: Iterable[Sequence[tuple[int, float]]], scales: Floats) -> sparse.csr_array:
    """Return the relations over scaled numbers; numbers of one relation have one scale."""
    columns: list[int] = []
    data: list[float] = []
    starts = [0]
    for row in rows:
        for column, sign in row:
            columns.append(column)
            data.append(sign)
        starts.append(len(columns))
    return sparse.csr_array(
        (np.array(data, np.float64), np.array(columns, np.int64), np.array(starts, np.int64)),
        shape=(len(starts) - 1, len(scales)),
    )
