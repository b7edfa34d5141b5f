"""Discrimination: the area under the ROC curve, alone, compared, and with clustered cases.

Sources: DeLong, DeLong and Clarke-Pearson, Biometrics 1988;44:837. Sun and Xu, IEEE Signal
Process Lett 2014;21:1389 (midranks, n log n). Hanley and McNeil, Radiology 1982;143:29.
Obuchowski, Biometrics 1997;53:567 (clusters). Pepe 2003, section 5.2 (logit interval).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Bools, Floats, Values
from ecluse.data.evaluation.intervals import (
    LEVEL,
    Estimate,
    Interval,
    on_logit,
    quantile,
    two_sided,
    wald,
)
from ecluse.data.evaluation.proportions import clopper_pearson
from ecluse.domain.errors import InvalidInput

LEAST_CLASS = 2
"""Cases, and controls, under which no variance exists."""
ROUNDING = 1e-15
"""What rounding may leave of a variance that is 0: where scores order all pairs alike."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two areas on the same cases: `difference` is first minus second.

    `smallest_separable` is the gap that this many cases could tell from 0 at this level: a
    smaller one that was found says nothing.
    """

    first: float
    second: float
    difference: Estimate
    p_value: float
    smallest_separable: float


@dataclass(frozen=True, slots=True)
class RocCurve:
    """Points from (0, 0) to (1, 1), one a distinct score; the first threshold is infinite."""

    false_positive_rates: Floats
    true_positive_rates: Floats
    thresholds: Floats


def midranks(values: Floats) -> Floats:
    """Return the rank of each value from 1, those that tie sharing the mean of their ranks."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.concatenate(([True], ordered[1:] != ordered[:-1]))
    block = np.cumsum(starts) - 1
    edges = np.append(np.flatnonzero(starts), values.size)
    ranks = np.empty(values.size)
    ranks[order] = ((edges[:-1] + edges[1:] + 1) / 2.0)[block]
    return ranks


def placements(outcomes: Values, scores: Values) -> tuple[Floats, Floats]:
    """Return DeLong's components: of each case, the share of controls under it, ties for half.

    Second, of each control, the share of cases above it. Both have the area as their mean.

    Raises:
        InvalidInput: all outcomes are the same, or lengths differ.
    """
    ill, marks = _checked(outcomes, scores)
    cases, controls = marks[ill], marks[~ill]
    joint = midranks(np.concatenate([cases, controls]))
    under = (joint[: cases.size] - midranks(cases)) / controls.size
    above = 1.0 - (joint[cases.size :] - midranks(controls)) / cases.size
    return under, above


def area(outcomes: Values, scores: Values) -> float:
    """Return P(score of a case > score of a control), ties for half: Mann and Whitney."""
    return float(placements(outcomes, scores)[0].mean())


def delong_covariance(outcomes: Values, scores: Sequence[Values]) -> tuple[Floats, Floats]:
    """Return the areas of k scores on the same cases, and their k x k covariance matrix.

    Raises:
        InvalidInput: fewer than two cases or two controls.
    """
    found = [placements(outcomes, one) for one in scores]
    under, above = (np.stack(parts) for parts in zip(*found, strict=True))
    _two_each(under.shape[1], above.shape[1])
    spread = np.cov(under) / under.shape[1] + np.cov(above) / above.shape[1]
    return under.mean(axis=1), np.atleast_2d(spread)


def auroc(outcomes: Values, scores: Values, *, level: float = LEVEL) -> Estimate:
    """Return the area with DeLong's standard error and an interval on the logit scale.

    The plain interval leaves [0, 1] near 1. Where the scores separate perfectly the standard error
    is 0 and says nothing: the interval is then the exact one of as many disjoint pairs as there
    are in the smaller class, all well ordered.
    """
    areas, spread = delong_covariance(outcomes, [scores])
    ill = arrays.binary(outcomes)
    pairs = int(min(ill.sum(), (~ill).sum()))
    return _estimate(float(areas[0]), math.sqrt(float(spread[0, 0])), pairs, level, "delong")


def auroc_wald(outcomes: Values, scores: Values, *, level: float = LEVEL) -> Estimate:
    """Return the area with DeLong's plain interval, not cut: to compare with older reports."""
    areas, spread = delong_covariance(outcomes, [scores])
    value, error = float(areas[0]), math.sqrt(float(spread[0, 0]))
    return Estimate(value, wald(value, error, level=level, method="delong-wald"), error)


def compare(outcomes: Values, first: Values, second: Values, *, level: float = LEVEL) -> Comparison:
    """Compare two scores on the same cases: DeLong's paired test.

    Raises:
        InvalidInput: both scores order every pair alike, so that nothing is left to compare.
    """
    areas, spread = delong_covariance(outcomes, [first, second])
    gap = float(areas[0] - areas[1])
    variance = float(spread[0, 0] + spread[1, 1] - 2.0 * spread[0, 1])
    error = math.sqrt(variance) if variance > ROUNDING else 0.0
    if not error:
        raise InvalidInput("Both scores order the cases alike: there is no difference to test.")
    interval = wald(gap, error, level=level, method="delong-paired")
    reach = quantile(level) * error
    areas_told = float(areas[0]), float(areas[1])
    return Comparison(*areas_told, Estimate(gap, interval, error), two_sided(gap / error), reach)


def compare_all(outcomes: Values, scores: Sequence[Values]) -> tuple[float, int, float]:
    """Return DeLong's test that k scores have one area: chi-square, its degrees, its p-value.

    Raises:
        InvalidInput: fewer than two scores, or some that order every pair alike.
    """
    areas, spread = delong_covariance(outcomes, scores)
    if areas.size < LEAST_CLASS:
        raise InvalidInput("One score alone: there is nothing to compare.")
    contrast = np.eye(areas.size - 1, areas.size) - np.eye(areas.size - 1, areas.size, 1)
    gaps, between = contrast @ areas, contrast @ spread @ contrast.T
    degrees = int(np.linalg.matrix_rank(between, tol=ROUNDING))
    if degrees < areas.size - 1:
        raise InvalidInput("Some scores order the cases alike: compare distinct ones.")
    statistic = float(gaps @ np.linalg.solve(between, gaps))
    return statistic, degrees, float(chi2.sf(statistic, degrees))


def hanley_mcneil_error(value: float, *, cases: int, controls: int) -> float:
    """Return the standard error of an area known only as a number: Hanley and McNeil 1982.

    Scores are supposed exponential; for areas read in articles, never where scores are at hand.
    """
    if not 0.0 <= value <= 1.0:
        raise InvalidInput(f"The area is {value}: it must be between 0 and 1.")
    _two_each(cases, controls)
    both_cases, both_controls = value / (2.0 - value), 2.0 * value**2 / (1.0 + value)
    spread = value * (1.0 - value) + (cases - 1) * (both_cases - value**2)
    spread += (controls - 1) * (both_controls - value**2)
    return math.sqrt(spread / (cases * controls))


def clustered_auroc(
    outcomes: Values, scores: Values, clusters: Values, *, level: float = LEVEL
) -> Estimate:
    """Return the area where a cluster (a patient, a site) gives several cases: Obuchowski 1997.

    With one row a cluster it is DeLong's.

    Raises:
        InvalidInput: fewer than two clusters hold a case, or a control.
    """
    ill, marks = _checked(outcomes, scores)
    _, codes = arrays.labels(clusters, name="clusters")
    arrays.same_length(outcomes=ill, clusters=codes)
    under, above = placements(ill, marks)
    value = float(under.mean())
    size = int(codes.max()) + 1
    case_gaps, case_counts = _by_cluster(under - value, codes[ill], size)
    control_gaps, control_counts = _by_cluster(above - value, codes[~ill], size)
    with_cases, with_controls = int((case_counts > 0).sum()), int((control_counts > 0).sum())
    _two_each(with_cases, with_controls)
    cases, controls = under.size, above.size
    spread = with_cases / (with_cases - 1) * float(case_gaps @ case_gaps) / cases**2
    spread += with_controls / (with_controls - 1) * float(control_gaps @ control_gaps) / controls**2
    spread += 2 * size / (size - 1) * float(case_gaps @ control_gaps) / (cases * controls)
    pairs = min(with_cases, with_controls)
    return _estimate(value, math.sqrt(max(spread, 0.0)), pairs, level, "obuchowski")


def roc_curve(outcomes: Values, scores: Values) -> RocCurve:
    """Return the ROC curve of the tests "score of at least t", t going down.

    One point a distinct score: not to be released as it is, see the disclosure rules of reports.
    """
    ill, marks = _checked(outcomes, scores)
    order = np.argsort(-marks, kind="stable")
    ordered, hits = marks[order], ill[order]
    last = np.append(ordered[1:] != ordered[:-1], True)
    true, called = np.cumsum(hits)[last], np.flatnonzero(last) + 1
    rates = (called - true) / (~ill).sum(), true / ill.sum()
    starts = np.append(np.inf, ordered[last])
    return RocCurve(np.append(0.0, rates[0]), np.append(0.0, rates[1]), starts)


def _checked(outcomes: Values, scores: Values) -> tuple[Bools, Floats]:
    ill, marks = arrays.both_classes(outcomes), arrays.numbers(scores, name="scores")
    arrays.same_length(outcomes=ill, scores=marks)
    return ill, marks


def _two_each(cases: int, controls: int) -> None:
    if min(cases, controls) < LEAST_CLASS:
        raise InvalidInput(
            f"{cases} cases and {controls} controls: two independent ones of each are needed."
        )


def _by_cluster(gaps: Floats, codes: arrays.Ints, size: int) -> tuple[Floats, arrays.Ints]:
    counts = np.bincount(codes, minlength=size).astype(np.int64)
    return np.asarray(np.bincount(codes, gaps, size), np.float64), counts


def _estimate(value: float, error: float, pairs: int, level: float, name: str) -> Estimate:
    if 0.0 < value < 1.0:
        return Estimate(value, on_logit(value, error, level=level, method=f"{name}-logit"), error)
    exact = clopper_pearson(pairs if value else 0, pairs, level=level)
    method = "clopper-pearson of disjoint pairs"
    return Estimate(value, Interval(exact.low, exact.high, method, level), None)
