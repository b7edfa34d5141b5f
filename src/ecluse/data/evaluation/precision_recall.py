"""Precision and recall over thresholds: the area that counts where cases are rare.

Sources: Davis and Goadrich, ICML 2006 (why not to interpolate straight). Boyd, Eng and Page,
ECML 2013 (logit interval). The area is the step sum, "average precision".
"""

import math
from dataclasses import dataclass

import numpy as np

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Floats, Values
from ecluse.data.evaluation.bootstrap import Plan, bootstrap
from ecluse.data.evaluation.intervals import LEVEL, Estimate, on_logit
from ecluse.data.evaluation.proportions import clopper_pearson


@dataclass(frozen=True, slots=True)
class PrecisionRecallCurve:
    """Precision and recall of the tests "score of at least t", t going down; then the area.

    `no_skill` is the share of cases: what a score that knows nothing reaches.
    """

    precision: Floats
    recall: Floats
    thresholds: Floats
    area: float
    no_skill: float


def precision_recall(outcomes: Values, scores: Values) -> PrecisionRecallCurve:
    """Return the curve, cases that tie entering together. Raises InvalidInput without a case."""
    ill, marks = arrays.both_classes(outcomes), arrays.numbers(scores, name="scores")
    arrays.same_length(outcomes=ill, scores=marks)
    ranking = Ranking(ill, marks)
    precision, recall = ranking.curve(np.ones(ill.size))
    thresholds = ranking.thresholds
    return PrecisionRecallCurve(
        precision, recall, thresholds, _step_sum(precision, recall), float(ill.mean())
    )


class Ranking:
    """Cases in falling order of score, sorted once for any number of weights."""

    def __init__(self, outcomes: arrays.Bools, scores: Floats) -> None:
        """Sort."""
        self._order = np.argsort(-scores, kind="stable")
        ordered = scores[self._order]
        self._ill = outcomes[self._order].astype(np.float64)
        self._last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
        self.thresholds = ordered[self._last]

    def curve(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return precision and recall at each distinct score, rows counted `weights` times."""
        drawn = weights[self._order]
        called = np.cumsum(drawn)[self._last]
        hits = np.cumsum(drawn * self._ill)[self._last]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(called > 0, hits / called, 1.0), hits / hits[-1]

    def average_precision(self, weights: Floats) -> float:
        """Return the step sum of precision over recall; NaN where no case was drawn."""
        return _step_sum(*self.curve(weights))


def auprc(outcomes: Values, scores: Values, *, level: float = LEVEL) -> Estimate:
    """Return average precision with Boyd's logit interval, whose error is √(a(1-a)/cases).

    Fast and near nominal for many cases; clustered cases need the bootstrap instead. Where the
    area is 1 the interval is the exact one of as many successes as cases.
    """
    ill = arrays.both_classes(outcomes)
    value, cases = precision_recall(outcomes, scores).area, int(ill.sum())
    if value >= 1.0:
        return Estimate(value, clopper_pearson(cases, cases, level=level))
    error = math.sqrt(value * (1.0 - value) / cases)
    return Estimate(value, on_logit(value, error, level=level, method="boyd-logit"), error)


def auprc_by_cluster(outcomes: Values, scores: Values, clusters: Values, *, plan: Plan) -> Estimate:
    """Return average precision with a bootstrap interval, clusters drawn whole.

    Where no draw changes the area of 1, the exact interval of as many successes as cases.
    """
    ill, marks = arrays.both_classes(outcomes), arrays.numbers(scores, name="scores")
    arrays.same_length(outcomes=ill, scores=marks, clusters=np.asarray(clusters))
    ranking, cases = Ranking(ill, marks), int(ill.sum())

    def measure(weights: Floats) -> Floats:
        return np.array([ranking.average_precision(weights)])

    return bootstrap(measure, clusters, plan=plan).estimate(0, counts=(cases, cases))


def _step_sum(precision: Floats, recall: Floats) -> float:
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))
