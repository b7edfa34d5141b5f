"""Cases as counts by label: a table of cases x (labels x 4), mostly empty, that weights add up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ecluse.data.evaluation.arrays import Bools, Ints
from ecluse.data.evaluation.reporting.labelled.matching import Span, match
from ecluse.domain.evaluations.labelled import ANY, CELLS, OTHERS
from ecluse.domain.evaluations.measures import OutcomeKind

RIGHT, PART, MISSED, SPURIOUS = range(len(CELLS))
UNANSWERED: Final = -1
"""The rank of the class of a case that the system did not answer."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Cases of one kind; `counts` has a row a case, and four columns a label (`CELLS`).

    `clusters` is None where cases are independent; `groups` cut the cases; `answered` says which
    have an answer. `perturbed` holds the counts of the same cases from damaged inputs, by name.
    """

    kind: OutcomeKind
    labels: tuple[str, ...]
    counts: Any
    answered: Bools
    clusters: npt.NDArray[Any] | None
    groups: Mapping[str, npt.NDArray[Any]]
    perturbed: Mapping[str, Any]

    @property
    def size(self) -> int:
        """How many cases there are."""
        return int(self.counts.shape[0])

    @property
    def units(self) -> npt.NDArray[Any]:
        """What is drawn whole: the clusters, or each case."""
        return np.arange(self.size) if self.clusters is None else self.clusters

    def folded(self, kept: Sequence[str]) -> "Labelled":
        """Return the same cases with the labels that are not kept as one: `OTHERS`, or `ANY`."""
        rest = len(kept) < len(self.labels)
        names = (*kept, *((OTHERS if kept else ANY,) if rest else ()))
        places = {name: rank for rank, name in enumerate(names)}
        columns = [places.get(name, len(names) - 1) for name in self.labels]
        cells = len(CELLS)
        into = np.concatenate([np.arange(cells) + cells * one for one in columns])
        shape = (cells * len(self.labels), cells * len(names))
        fold = sparse.csr_matrix((np.ones(into.size), (np.arange(into.size), into)), shape=shape)
        return replace(
            self,
            labels=names,
            counts=(self.counts @ fold).tocsr(),
            perturbed={name: (one @ fold).tocsr() for name, one in self.perturbed.items()},
        )


def of_classes(classes: Sequence[str], true: Ints, said: Ints) -> Any:
    """Return the counts of cases whose class is `true` and was said to be `said` (ranks)."""
    rows, cells = np.arange(true.size), len(CELLS)
    right, answered = true == said, said != UNANSWERED
    columns = cells * true + np.where(right, RIGHT, MISSED)
    alarms = answered & ~right
    rows = np.concatenate([rows, rows[alarms]])
    columns = np.concatenate([columns, cells * said[alarms] + SPURIOUS])
    return _counts(rows, columns, np.ones(rows.size), (true.size, len(classes)))


def of_spans(
    labels: Sequence[str], true: Sequence[Sequence[Span]], said: Sequence[Sequence[Span]]
) -> Any:
    """Return the counts of texts with spans to find and spans found."""
    places = {label: rank for rank, label in enumerate(labels)}
    rows, columns, values = [], [], []
    for row, (wanted, given) in enumerate(zip(true, said, strict=True)):
        for label, counts in match(wanted, given).items():
            for cell, count in enumerate(counts):
                rows.append(row)
                columns.append(len(CELLS) * places[label] + cell)
                values.append(count)
    places_of = np.array(rows, np.int64), np.array(columns, np.int64)
    return _counts(*places_of, values, (len(true), len(labels)))


def _counts(rows: Ints, columns: Ints, values: Any, shape: tuple[int, int]) -> Any:
    """Return a table of cases x (labels x 4); no zero is kept."""
    cases, labels = shape
    made = sparse.coo_matrix((values, (rows, columns)), shape=(cases, len(CELLS) * labels))
    found = made.astype(np.float64).tocsr()
    found.eliminate_zeros()
    return found


def totals(counts: Any, rows: Bools) -> Ints:
    """Return labels x 4: the sums over some of the cases."""
    found = np.asarray(rows, np.float64) @ counts
    return np.asarray(np.rint(found), np.int64).reshape(-1, len(CELLS))


def holders(counts: Any, units: npt.NDArray[Any], rows: Bools) -> Ints:
    """Return labels x 4: of how many units (persons, or cases) each sum is."""
    chosen = counts[np.flatnonzero(rows)].tocoo()
    _, codes = np.unique(units[rows], return_inverse=True)
    width = counts.shape[1]
    pairs = np.unique(codes[chosen.row].astype(np.int64) * width + chosen.col)
    return np.asarray(np.bincount(pairs % width, minlength=width)).reshape(-1, len(CELLS))


def stacked(counts: Any, masks: Sequence[Bools]) -> Any:
    """Return the counts of several groups side by side: one product of weights sums them all."""
    parts = [sparse.diags(np.asarray(mask, np.float64)) @ counts for mask in masks]
    return sparse.hstack(parts).tocsr()


def paired(first: Any, second: Any) -> Any:
    """Return two tables of the same cases side by side."""
    return sparse.hstack([first, second]).tocsr()
