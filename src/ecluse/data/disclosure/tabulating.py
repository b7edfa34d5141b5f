"""A table asked from inside a job: what discloses is hidden, and what would tell of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Final

import numpy as np

from ecluse.data.disclosure.cell_keys import cell_key, noise_table, person_keys
from ecluse.data.disclosure.making import (
    HIDDEN,
    TOTAL,
    Made,
    judge_labels,
    printed,
    rounded,
    where,
    with_headers,
)
from ecluse.data.disclosure.population import Known
from ecluse.data.disclosure.predicates import Predicate
from ecluse.data.results import Request, Tabulation, tables
from ecluse.data.results.tables import CellRows, Place
from ecluse.data.tabulation.suppression import suppress
from ecluse.data.tabulation.systems import Builder, Guard, System
from ecluse.domain.disclosure import DisclosurePolicy, finding, verdict
from ecluse.domain.documents import Finding, Verdict
from ecluse.domain.errors import InvalidInput, Refused
from ecluse.domain.tabulation import PERSONS, Category, CellContent, Holding, Need, Risk, tree
from ecluse.domain.tabulation import TOTAL as ROOT
from ecluse.domain.tabulation.rules import NOTHING, class_need, needs

MOST_CELLS: Final = 5_000
AMOUNT: Final = "amount"
HAVING: Final = "persons with an amount"
HUNDREDTHS: Final = 100
_FRAME = "table"


@dataclass(slots=True)
class _Table:
    """The cells of a request by place, empty ones left out; `adds_up`: axes that split nobody.

    `noises`: what is added to the number of persons of each cell, where the policy says so.
    """

    asked: Tabulation
    labels: Mapping[str, tuple[str, ...]]
    cells: dict[Place, CellRows]
    adds_up: Mapping[str, bool]
    lacks_amounts: bool
    floor: float
    noises: Mapping[Place, int]

    def places(self) -> Iterator[Place]:
        for choice in product(*(("", *self.labels[name]) for name in self.asked.by)):
            pairs = zip(self.asked.by, choice, strict=True)
            yield tuple((name, label) for name, label in pairs if label)

    def persons(self, place: Place) -> int:
        found = self.cells.get(place)
        return int(found.persons.size) if found else 0

    def shown(self, place: Place, policy: DisclosurePolicy) -> int:
        """Return the number of persons that the table gives."""
        return rounded(self.persons(place) + self.noises.get(place, 0), policy)


def protect(request: Request, known: Known, policy: DisclosurePolicy) -> Made:
    """Return the table, with what would disclose somebody hidden.

    Raises:
        InvalidInput: too many cells, or percentiles that are extremes.
    """
    table = _table(request, known, policy)
    headers = _headers(table, policy)
    found = (*judge_labels(_labels(table), policy), *_extremes(table, policy))
    if verdict(found) is Verdict.BLOCKED:
        return Made(headers, (), found, (), "not made")
    try:
        hidden = _hidden(table, policy)
    except Refused:
        told = "some cells could be computed back whatever is hidden: ask for wider categories"
        return Made(headers, (), (finding("R8", "file", told, policy),), (), "not made")
    places = list(table.places())
    rows = tuple(_row(table, place, hidden, policy) for place in places)
    predicates = tuple(
        Predicate(where(place), known.keys(table.cells[place].persons))
        for place in places
        if place not in hidden and place in table.cells
    )
    note = f"{len(places)} cells, {len(hidden)} hidden"
    if policy.cell_keys:
        note += f", noise by cell keys (table {policy.cell_keys}, rule R10)"
    return Made(headers, rows, found, predicates, note)


def _table(request: Request, known: Known, policy: DisclosurePolicy) -> _Table:
    asked = request.asked
    if not isinstance(asked, Tabulation):
        raise InvalidInput(f"Result {request.name} is no table.")
    if policy.cell_keys and asked.amount:
        raise InvalidInput(
            f"Result {request.name}: the policy gives numbers of persons with noise by cell keys, "
            "and no amount beside them: ask for persons alone."
        )
    labels = {name: request.category(name).labels for name in asked.by}
    count = prod(len(found) + 1 for found in labels.values())
    if count > min(MOST_CELLS, policy.maximum_rows):
        raise InvalidInput(f"Result {request.name}: {count} cells, at most {MOST_CELLS}.")
    cells = {cell.place: cell for cell in tables.cells(request)}
    lacking = any(0 < cell.amounts.size < cell.persons.size for cell in cells.values())
    floor = -np.inf if any((cell.amounts < 0).any() for cell in cells.values()) else 0.0
    noises = _noises(cells, known, policy)
    return _Table(asked, labels, cells, _splits(request, asked), lacking, floor, noises)


def _noises(
    cells: Mapping[Place, CellRows], known: Known, policy: DisclosurePolicy
) -> dict[Place, int]:
    """R10: return the noise of each cell, which who is in it decides alone."""
    if not policy.cell_keys:
        return {}
    table, keys = noise_table(policy.cell_keys), person_keys(known.ordinals, known.secret)
    return {
        place: table.noise(int(cell.persons.size), cell_key(keys[cell.persons]))
        for place, cell in cells.items()
    }


def _splits(request: Request, asked: Tabulation) -> dict[str, bool]:
    """Say which variables put each person in one category: then persons add up."""
    _, ranks = tables.people(request)
    persons = int(ranks.max(initial=-1)) + 1
    found = {}
    for name in asked.by:
        column = request.category(name)
        pairs = np.sort(ranks * max(1, len(column.labels)) + column.codes)
        found[name] = np.count_nonzero(np.diff(pairs, prepend=-1)) == persons
    return found


def _labels(table: _Table) -> list[tuple[str, str]]:
    return [
        (f"variable {rank}", text)
        for rank, name in enumerate(table.asked.by, start=1)
        for text in (name, *table.labels[name])
    ]


def _extremes(table: _Table, policy: DisclosurePolicy) -> Iterator[Finding]:
    for percentile in table.asked.percentiles:
        if not 1 <= percentile <= 99:  # noqa: PLR2004
            told = f"percentile {percentile} is an extreme: one person's value"
            yield finding("R7", "file", told, policy)


def _content(table: _Table, place: Place) -> CellContent:
    found = table.cells.get(place)
    if found is None:
        return CellContent(0)
    if not table.asked.amount:
        return CellContent(int(found.persons.size))
    shares = np.round(found.amounts * HUNDREDTHS)
    sizes = np.sort(np.abs(shares))[::-1]
    held = Holding(
        total=int(shares.sum()),
        magnitude=int(sizes.sum()),
        largest=tuple(int(size) for size in sizes[:3]),
        lowest=int(shares.min(initial=0)),
    )
    return CellContent(int(found.persons.size), {AMOUNT: held})


def _hidden(table: _Table, policy: DisclosurePolicy) -> frozenset[Place]:
    """Return the cells to hide. Raises Refused when nothing hidden would protect them."""
    builder, contents = Builder(), {place: _content(table, place) for place in table.places()}
    for name in table.asked.by:
        leaves = (Category(label, label, ROOT) for label in table.labels[name])
        builder.trees[name] = tree((Category(ROOT, "", None), *leaves))
    for place, content in contents.items():
        _put(builder, table, place, content)
    for place in contents:
        _relate(builder, table, place)
    zeros_disclose = policy.zeros_disclose or bool(table.asked.sensitive)
    system = builder.made(zeros_disclose=zeros_disclose)
    guards = list(_guards(table, contents, (builder, system), policy))
    pattern = suppress(system, guards, hidden=np.zeros(system.spot_count, np.bool_))
    spots = {spot: cell for (_, cell), spot in builder.spots.items()}
    return frozenset(spots[int(spot)] for spot in np.flatnonzero(pattern.hidden))


def _measures(table: _Table) -> tuple[str, ...]:
    measures = (PERSONS, *([AMOUNT] if table.asked.amount else []))
    return (*measures, *([HAVING] if table.lacks_amounts else []))


def _put(builder: Builder, table: _Table, place: Place, content: CellContent) -> None:
    builder.put(_FRAME, PERSONS, place, value=content.persons)
    if table.asked.amount:
        held = content.holdings.get(AMOUNT, NOTHING)
        builder.put(_FRAME, AMOUNT, place, value=held.total, floor=table.floor)
    if table.lacks_amounts:
        having = table.cells[place].amounts.size if place in table.cells else 0
        builder.put(_FRAME, HAVING, place, value=int(having))


def _relate(builder: Builder, table: _Table, place: Place) -> None:
    """Bind a cell that is a total of some variables to its parts, variable by variable."""
    chosen = dict(place)
    for name in table.asked.by:
        if name in chosen:
            continue
        parts = [_with(table, place, name, label) for label in table.labels[name]]
        for measure in _measures(table):
            total = builder.index[_FRAME, measure, place]
            numbers = [builder.index[_FRAME, measure, part] for part in parts]
            if measure == AMOUNT or table.adds_up[name]:
                builder.add_up(total, numbers)
            else:
                builder.at_most([total], numbers)
                for number in numbers:
                    builder.at_most([number], [total])


def _with(table: _Table, place: Place, name: str, label: str) -> Place:
    chosen = {**dict(place), name: label}
    return tuple((axis, chosen[axis]) for axis in table.asked.by if axis in chosen)


def _guards(
    table: _Table,
    contents: Mapping[Place, CellContent],
    into: tuple[Builder, System],
    policy: DisclosurePolicy,
) -> Iterator[Guard]:
    builder, system = into
    for place, content in contents.items():
        needed = [*_needs(table, place, content, policy)]
        for name in table.asked.sensitive:
            if name in dict(place):
                group = contents[tuple(pair for pair in place if pair[0] != name)]
                needed += _class_needs(content, group, policy)
        yield from builder.guards(_FRAME, place, needed, system.scales)


def _class_needs(
    content: CellContent, group: CellContent, policy: DisclosurePolicy
) -> Iterator[Need]:
    """Yield what hides that all persons of a group share a value, or that none has it."""
    found = class_need(content, group, policy.tabulation())
    if found is not None:
        yield found
    if group.persons and not content.persons:
        yield Need(Risk.ZERO, PERSONS, min(policy.minimum_count, group.persons), 0)


def _needs(
    table: _Table, place: Place, content: CellContent, policy: DisclosurePolicy
) -> Iterator[Need]:
    """Yield what a cell must keep open: R1, R2, R4, R5, then R3 for equal amounts, then R1 again.

    Persons who have an amount, and those who have none, are groups as any.
    """
    figures, least = policy.tabulation(), policy.minimum_count
    measures = [AMOUNT] if table.asked.amount else []
    yield from needs(content, figures, measures=measures)
    found = table.cells.get(place)
    if found is None or not table.asked.amount:
        return
    if found.amounts.size and np.ptp(found.amounts) == 0:
        level = max(1, abs(round(found.amounts[0] * HUNDREDTHS)) * figures.share_percent // 100)
        yield Need(Risk.CLASS, AMOUNT, level, 0)
    having = int(found.amounts.size)
    if table.lacks_amounts and 0 < having < least:
        yield Need(Risk.FEW_PERSONS, HAVING, least - having, 0)
    if table.lacks_amounts and 0 < content.persons - having < least:
        yield Need(Risk.FEW_PERSONS, HAVING, 0, min(having, least - content.persons + having))


def _headers(table: _Table, policy: DisclosurePolicy) -> tuple[str, ...]:
    asked, numbers = table.asked, [PERSONS]
    if asked.amount:
        # A total beside a mean tells the number of persons that rounding hides.
        numbers += [f"total {asked.amount}"] if policy.rounding_base == 1 else []
        numbers += [f"mean {asked.amount}"]
        numbers += [HAVING] if table.lacks_amounts else []
    numbers += [f"percentile {percentile} {asked.amount}" for percentile in asked.percentiles]
    return with_headers(asked.by, *numbers)


def _row(
    table: _Table, place: Place, hidden: frozenset[Place], policy: DisclosurePolicy
) -> tuple[str, ...]:
    chosen, found = dict(place), table.cells.get(place)
    labels = [chosen.get(name, TOTAL) for name in table.asked.by]
    width = len(_headers(table, policy)) - len(labels)
    if place in hidden:
        return (*labels, *[HIDDEN] * width)
    persons = [str(table.shown(place, policy))]
    if found is None or not found.amounts.size:
        return (*labels, *persons, *[""] * (width - 1))
    numbers = [printed(float(found.amounts.sum()), policy)] if policy.rounding_base == 1 else []
    numbers += [printed(float(found.amounts.mean()), policy)]
    numbers += [str(rounded(int(found.amounts.size), policy))] if table.lacks_amounts else []
    for percentile in table.asked.percentiles:
        numbers.append(_percentile(found, percentile, policy))
    return (*labels, *persons, *numbers)


def _percentile(found: CellRows, percentile: int, policy: DisclosurePolicy) -> str:
    """R7: the mean of the values nearest to a percentile, if enough are at or beyond it."""
    count, least = found.amounts.size, policy.minimum_count
    if count * min(percentile, 100 - percentile) // 100 < least:
        return HIDDEN
    rank = -(-count * percentile // 100) - 1
    start = min(max(0, rank - (least - 1) // 2), count - least)
    near = np.sort(found.amounts)[start : start + least]
    return printed(float(near.mean()), policy)
