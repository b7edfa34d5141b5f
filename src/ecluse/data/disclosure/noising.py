"""A table asked with noise from inside a job: R17, paid from the budget before any is drawn.

Neighbours differ by one person, who counts in at most `cells_per_person` smallest cells: those
beyond are left out, in the order of the labels. Smallest cells get discrete Laplace noise, totals
are their sums and cost nothing more. The labels are those that the analysis gave: they protect
nobody if they were read from the data, so persons read them (A32).
"""

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from math import prod
from typing import Final

import numpy as np
import numpy.typing as npt

from ecluse.data.disclosure.budget import THOUSAND
from ecluse.data.disclosure.making import TOTAL, Made, judge_labels, with_headers
from ecluse.data.results import Request, Tabulation, tables
from ecluse.data.results.tables import Place
from ecluse.data.tabulation.noise import Draw, laplace
from ecluse.domain.disclosure import DisclosurePolicy, verdict
from ecluse.domain.documents import Verdict
from ecluse.domain.errors import InvalidInput
from ecluse.domain.tabulation import PERSONS, Noise

MOST_CELLS: Final = 5_000


def protect(request: Request, policy: DisclosurePolicy) -> Made:
    """Return the table with its noise; nobody in particular is behind its numbers.

    Raises:
        InvalidInput: too many cells.
        SetupIncomplete: OpenDP is not installed.
    """
    asked = _tabulation(request)
    labels = {name: request.category(name).labels for name in asked.by}
    count = prod(len(found) + 1 for found in labels.values())
    if count > min(MOST_CELLS, policy.maximum_rows):
        raise InvalidInput(f"Result {request.name}: {count} cells, at most {MOST_CELLS}.")
    noise = Noise(asked.epsilon_thousandths, asked.cells_per_person)
    headers = with_headers(asked.by, PERSONS)
    found = tuple(
        judge_labels([(name, text) for name in labels for text in (name, *labels[name])], policy)
    )
    if verdict(found) is Verdict.BLOCKED:
        return Made(headers, (), found, (), "not made")
    cells = _noisy(request, labels, laplace(noise))
    rows = tuple(
        (*(dict(place).get(name, TOTAL) for name in asked.by), str(number))
        for place, number in cells.items()
    )
    told = (
        f"{len(rows)} cells with noise, epsilon {asked.epsilon_thousandths / THOUSAND:g}, a person "
        f"in at most {asked.cells_per_person}"
    )
    return Made(headers, rows, found, (), told)


def _tabulation(request: Request) -> Tabulation:
    if not isinstance(request.asked, Tabulation):
        raise InvalidInput(f"Result {request.name} is no table.")
    return request.asked


def _noisy(request: Request, labels: Mapping[str, tuple[str, ...]], draw: Draw) -> dict[Place, int]:
    """Return every cell, totals included, in the order of the labels; none is under 0."""
    counts = _counts(request, labels)
    made = dict.fromkeys(_places(labels), 0)
    for smallest, choice in zip(counts, product(*labels.values()), strict=True):
        number = draw(int(smallest))
        pairs = tuple(zip(labels, choice, strict=True))
        for size in range(len(pairs) + 1):
            for place in combinations(pairs, size):
                made[place] += number
    return {place: max(0, number) for place, number in made.items()}


def _places(labels: Mapping[str, tuple[str, ...]]) -> Iterator[Place]:
    for choice in product(*(("", *found) for found in labels.values())):
        pairs = zip(labels, choice, strict=True)
        yield tuple((name, label) for name, label in pairs if label)


def _counts(request: Request, labels: Mapping[str, tuple[str, ...]]) -> npt.NDArray[np.int64]:
    """Count distinct persons in each smallest cell, each in no more cells than was asked."""
    asked = _tabulation(request)
    _, ranks = tables.people(request)
    cells = np.zeros(ranks.size, np.int64)
    for name, found in labels.items():
        cells = cells * len(found) + request.category(name).codes
    width = prod(len(found) for found in labels.values())
    pairs = np.unique(ranks * max(1, width) + cells)
    persons = pairs // max(1, width)
    first = np.flatnonzero(np.diff(persons, prepend=-1))
    rank_inside = np.arange(pairs.size) - np.repeat(first, np.diff([*first, pairs.size]))
    kept = pairs[rank_inside < asked.cells_per_person]
    return np.bincount(kept % max(1, width), minlength=width).astype(np.int64)
