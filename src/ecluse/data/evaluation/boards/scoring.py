"""The measures of boards on one slice: values, paired comparisons, intervals. Higher is better.

AUROC is compared by DeLong's paired error, F1 by the paired bootstrap, accuracy by McNemar's mid-p,
Brier by the paired t error.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecluse.data.evaluation import proportions
from ecluse.data.evaluation.arrays import Bools, Floats
from ecluse.data.evaluation.bootstrap import Plan, bootstrap_counts
from ecluse.data.evaluation.calibration import brier
from ecluse.data.evaluation.discrimination import area, auroc, compare
from ecluse.data.evaluation.intervals import Estimate, Interval, two_sided
from ecluse.data.evaluation.paired import mcnemar
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.secrecy import BoardMeasure

DRAWS: Final = 2000
SEED: Final = 1
"""Of paired bootstraps: the same two files are always compared alike."""
METHODS: Final = {
    BoardMeasure.ACCURACY: "McNemar mid-p; Wilson",
    BoardMeasure.AUROC: "DeLong, paired; DeLong on the logit scale",
    BoardMeasure.F1: f"bootstrap, paired, B={DRAWS}, seed {SEED}; BCa",
    BoardMeasure.BRIER: "paired squared errors; Wald",
}


@dataclass(frozen=True, slots=True)
class Scoring:
    """The outcomes of one slice and what is measured there."""

    measure: BoardMeasure
    outcomes: Bools
    threshold: float

    @property
    def effective_cases(self) -> int:
        """How many cases luck is spread over: those of the smaller class for an area, of F1 too."""
        if self.measure in (BoardMeasure.ACCURACY, BoardMeasure.BRIER):
            return self.outcomes.size
        events = int(self.outcomes.sum())
        return min(events, self.outcomes.size - events)

    def value(self, predictions: Floats) -> float:
        """Return the measure, from 0 to 1."""
        if self.measure is BoardMeasure.AUROC:
            return area(self.outcomes, predictions)
        if self.measure is BoardMeasure.BRIER:
            return 1.0 - float(((predictions - self.outcomes) ** 2).mean())
        if self.measure is BoardMeasure.ACCURACY:
            return float(self._right(predictions).mean())
        return float(_f1(self._table(predictions)[None, :])[0])

    def against(self, predictions: Floats, best: Floats) -> tuple[float, float]:
        """Return the difference predictions - best of the measure, and its paired error."""
        if self.measure is BoardMeasure.AUROC:
            return self._against_area(predictions, best)
        if self.measure is BoardMeasure.F1:
            return self._against_f1(predictions, best)
        gaps = self._merits(predictions) - self._merits(best)
        return float(gaps.mean()), float(gaps.std(ddof=1)) / math.sqrt(gaps.size)

    def p_value(self, first: Floats, second: Floats) -> float:
        """Return the paired test of "both are worth the same"; 1 where nothing separates them."""
        if self.measure is BoardMeasure.ACCURACY:
            one, two = self._right(first), self._right(second)
            return mcnemar(int((one & ~two).sum()), int((two & ~one).sum())).mid_p
        difference, error = self.against(first, second)
        return two_sided(difference / error) if error > 0.0 else 1.0

    def estimate(self, predictions: Floats) -> Estimate:
        """Return the measure with its 95 % interval."""
        if self.measure is BoardMeasure.AUROC:
            return auroc(self.outcomes, predictions)
        if self.measure is BoardMeasure.ACCURACY:
            right = self._right(predictions)
            return proportions.proportion(int(right.sum()), right.size)
        if self.measure is BoardMeasure.BRIER:
            return _turned(brier(self.outcomes, predictions))
        return self._estimate_f1(predictions)

    def _against_area(self, predictions: Floats, best: Floats) -> tuple[float, float]:
        try:
            found = compare(self.outcomes, predictions, best).difference
        except InvalidInput:  # both order every pair alike
            return 0.0, 0.0
        return found.value, found.standard_error or 0.0

    def _against_f1(self, predictions: Floats, best: Floats) -> tuple[float, float]:
        cells = self._code(predictions) * 4 + self._code(best)
        counts = np.bincount(cells, minlength=16).astype(np.float64)
        found = bootstrap_counts(counts, _f1_gap, plan=Plan(SEED, DRAWS, method="percentile"))
        kept = found.draws[np.isfinite(found.draws[:, 0]), 0]
        return float(found.values[0]), float(kept.std(ddof=1))

    def _estimate_f1(self, predictions: Floats) -> Estimate:
        table = self._table(predictions)
        found = bootstrap_counts(table, _as_column(_f1), plan=Plan(SEED, DRAWS))
        # All draws alike only where F1 is 0 or 1, which it is where true positives are none or all.
        return found.estimate(0, counts=(int(table[3]), int(table[1:].sum())))

    def _merits(self, predictions: Floats) -> Floats:
        """Return what each case is worth, so that the measure is their mean."""
        if self.measure is BoardMeasure.BRIER:
            return 1.0 - (predictions - self.outcomes) ** 2
        return self._right(predictions).astype(np.float64)

    def _right(self, predictions: Floats) -> Bools:
        return np.asarray((predictions >= self.threshold) == self.outcomes)

    def _code(self, predictions: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Return 0 to 3 for each case: true negative, false positive, missed, true positive."""
        return self.outcomes * np.int64(2) + (predictions >= self.threshold)

    def _table(self, predictions: Floats) -> Floats:
        return np.bincount(self._code(predictions), minlength=4).astype(np.float64)


def _f1(tables: Floats) -> Floats:
    """Return F1 of tables in the order of `_code`; there is an event in any slice."""
    with np.errstate(invalid="ignore"):
        found = 2.0 * tables[:, 3] / (2.0 * tables[:, 3] + tables[:, 1] + tables[:, 2])
    return np.asarray(found, np.float64)


def _f1_gap(tables: Floats) -> Floats:
    joint = tables.reshape(-1, 4, 4)
    return (_f1(joint.sum(axis=2)) - _f1(joint.sum(axis=1)))[:, None]


def _as_column(measure: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    return lambda tables: measure(tables)[:, None]


def _turned(found: Estimate) -> Estimate:
    """Return 1 - estimate, kept within 0 and 1."""
    told = found.interval
    low, high = max(1.0 - told.high, 0.0), min(1.0 - told.low, 1.0)
    interval = Interval(low, high, told.method, told.level)
    return Estimate(1.0 - found.value, interval, found.standard_error)
