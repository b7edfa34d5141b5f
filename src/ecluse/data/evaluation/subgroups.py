"""All measures of all subgroups in one pass over the cases, for any weights of the cases.

Cases are sorted once. One replicate of the bootstrap then costs a few linear passes, whatever the
number of subgroups: sums over the joint cells of all variables, and one cumulative sum a variable
for the areas under the curve.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Bools, Floats, Ints, Values
from ecluse.domain.errors import InvalidInput

MEASURES: Final = (
    "auroc",
    "brier",
    "observed-expected",
    "sensitivity",
    "specificity",
    "ppv",
    "false-positive-rate",
    "net-benefit",
)
OVERALL: Final = "all"
BYTE: Final = 255
SHORT: Final = 2**31
Weights = npt.NDArray[np.integer[Any]]
Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Group:
    """One subgroup: a value of a variable, with its cases and its events."""

    variable: str
    label: str
    cases: int
    events: int


class Subgroups:
    """Outcomes and predicted probabilities of cases, cut by several variables.

    The first group is all cases; the others come in the order of the variables, then of labels.
    """

    def __init__(
        self,
        outcomes: Values,
        probabilities: Values,
        *,
        variables: Mapping[str, Values],
        threshold: float,
    ) -> None:
        """Sort the cases. Raises InvalidInput for lengths that differ or values out of range."""
        ill, risks = arrays.both_classes(outcomes), arrays.probabilities(probabilities)
        self.threshold = arrays.share(threshold, name="threshold")
        cuts = {OVERALL: np.zeros(ill.size, np.int8), **variables}
        named = {name: arrays.labels(values, name=name) for name, values in cuts.items()}
        arrays.same_length(
            outcomes=ill, probabilities=risks, **{name: found[1] for name, found in named.items()}
        )
        # Sorted by risk once: all later passes then read memory in rising streams.
        self._order = np.argsort(risks, kind="stable").astype(np.int32)
        ill, risks = ill[self._order], risks[self._order]
        self._named = {name: (texts, codes[self._order]) for name, (texts, codes) in named.items()}
        self._ill = ill
        codes = [found[1] for found in self._named.values()]
        self._cells = _Cells(ill, risks >= threshold, codes)
        self._features = [self._cells.ordered(one) for one in ((risks - ill) ** 2, risks)]
        self._areas = [_Areas(ill, risks, code) for code in codes]

    @property
    def groups(self) -> tuple[Group, ...]:
        """Name the groups in the order of rows of what `measure` returns."""
        found = []
        for name, (texts, codes) in self._named.items():
            cases = np.bincount(codes, minlength=len(texts))
            events = np.bincount(codes[self._ill], minlength=len(texts))
            shown = (OVERALL,) if name == OVERALL else texts
            found += [
                Group(name, text, int(size), int(hits))
                for text, size, hits in zip(shown, cases, events, strict=True)
            ]
        return tuple(found)

    def counts(self) -> Ints:
        """Return groups x 4: true positives, false negatives, false positives, true negatives."""
        ones = np.ones(self._ill.size, np.uint8)
        return np.column_stack(self._cells.outcomes(ones)).astype(np.int64)

    def table(self, weights: Floats) -> Floats:
        """Return the groups x measures table, cases counted `weights` times; NaN where undefined.

        Columns are those of MEASURES. Weights are whole numbers.
        """
        counted = _small(weights).take(self._order)
        in_cells = self._cells.ordered(counted)
        true, missed, false, left = self._cells.outcomes(in_cells)
        total = true + missed + false + left
        squares, expected = (self._cells.sums(in_cells, one) for one in self._features)
        odds = self.threshold / (1.0 - self.threshold)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.column_stack(
                [
                    np.concatenate([areas.measure(counted) for areas in self._areas]),
                    squares / total,
                    (true + missed) / expected,
                    true / (true + missed),
                    left / (left + false),
                    true / (true + false),
                    false / (left + false),
                    (true - false * odds) / total,
                ]
            )

    def measure(self, weights: Floats) -> Floats:
        """Return `table` as one vector, row after row: a statistic for the bootstrap."""
        return self.table(weights).ravel()

    @staticmethod
    def column(name: str) -> int:
        """Return the column of a measure. Raises InvalidInput for an unknown name."""
        if name not in MEASURES:
            raise InvalidInput(f"No measure is called {name!r}: one of {', '.join(MEASURES)}.")
        return MEASURES.index(name)


class _Cells:
    """Joint cells of all variables, outcome and call; groups are sums of cells."""

    def __init__(self, ill: Bools, called: Bools, codes: list[Ints]) -> None:
        joint = np.zeros(ill.size, np.int64)
        for code in [*codes, ill.astype(np.int64), called.astype(np.int64)]:
            _, joint = np.unique(joint * (int(code.max()) + 1) + code, return_inverse=True)
        self._order = np.argsort(joint, kind="stable").astype(np.int32)
        self._starts = np.flatnonzero(np.diff(joint[self._order], prepend=-1))
        first = self._order[self._starts]
        self._member = _membership([code[first] for code in codes], codes)
        kinds = (ill & called, ill & ~called, ~ill & called, ~ill & ~called)
        self._kinds = [self._member.multiply(kind[first][None, :]).tocsr() for kind in kinds]

    def ordered(self, values: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """Return values of the cases in the order of the cells."""
        return values.take(self._order)

    def outcomes(self, weights: Weights) -> tuple[Floats, Floats, Floats, Floats]:
        """Return true positives, false negatives, false positives, true negatives of the groups."""
        counts = np.add.reduceat(weights, self._starts, dtype=np.int64)
        one, two, three, four = (np.asarray(kind @ counts, np.float64) for kind in self._kinds)
        return one, two, three, four

    def sums(self, weights: Weights, ordered: Floats) -> Floats:
        """Return the weighted sums over groups of a feature given in the order of the cells."""
        return np.asarray(
            self._member @ np.add.reduceat(weights * ordered, self._starts), np.float64
        )


def _membership(found: list[Ints], codes: list[Ints]) -> sparse.csr_matrix:
    """Return the groups x cells matrix of what belongs to what."""
    sizes = [int(code.max()) + 1 for code in codes]
    shift = np.concatenate([[0], np.cumsum(sizes)])
    rows = np.concatenate([code + start for code, start in zip(found, shift[:-1], strict=True)])
    columns = np.tile(np.arange(found[0].size), len(found))
    shape = (int(shift[-1]), found[0].size)
    return sparse.csr_matrix((np.ones(rows.size), (rows, columns)), shape=shape)


class _Areas:
    """The areas under the curve of the groups of one variable, from one sort."""

    def __init__(self, ill: Bools, risks: Floats, codes: Ints) -> None:
        groups = int(codes.max()) + 1
        rank = np.unique(risks, return_inverse=True)[1]
        key = codes * (int(rank.max()) + 1) + rank
        order = np.argsort(key, kind="stable")
        self._cases = order[ill[order]].astype(np.int32)
        self._controls = order[~ill[order]].astype(np.int32)
        keys = key[self._controls]
        self._low = np.searchsorted(keys, key[self._cases], side="left").astype(np.int32)
        self._high = np.searchsorted(keys, key[self._cases], side="right").astype(np.int32)
        edges = np.arange(groups + 1)
        self._case_edges = np.searchsorted(codes[self._cases], edges)
        self._control_edges = np.searchsorted(codes[self._controls], edges)

    def measure(self, weights: Weights) -> Floats:
        cases = weights.take(self._cases)
        under = _running(weights.take(self._controls))
        base = under[self._control_edges[:-1]]
        # Twice the controls under each case, ties once: whole numbers, so nothing is rounded.
        twice = (under.take(self._low).astype(np.int64) + under.take(self._high)) * cases
        wins = np.diff(_running(twice)[self._case_edges]).astype(np.float64)
        drawn = np.diff(_running(cases)[self._case_edges]).astype(np.float64)
        controls = np.diff(under[self._control_edges]).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            return (wins / 2.0 - base * drawn) / (drawn * controls)


def _running(values: Weights) -> Weights:
    """Return running sums from 0, in half the memory where they surely fit."""
    fits = values.itemsize == 1 and values.size < SHORT // BYTE
    total: Weights = np.empty(values.size + 1, np.int32 if fits else np.int64)
    total[0] = 0
    np.cumsum(values, out=total[1:], dtype=total.dtype)
    return total


def _small(weights: Floats) -> Weights:
    """Return weights in a byte each: a million of them then fit the processor's cache."""
    return weights.astype(np.uint8 if weights.max() <= BYTE else np.int64)
