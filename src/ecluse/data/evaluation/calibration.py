"""Calibration: whether predicted risks are the risks that come true.

Sources: Cox, Biometrika 1958;45:562 (intercept and slope). Van Calster and others, J Clin Epidemiol
2016;74:167 (levels). Austin and Steyerberg, Stat Med 2019;38:4051 (ICI, E50, E90). Brier, Mon
Weather Rev 1950;78:1. Spiegelhalter, Stat Med 1986;5:421. Riley and others, BMJ 2024;384:e074821
(O/E). Naeini and others, AAAI 2015 (ECE).
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Bools, Floats, Values
from ecluse.data.evaluation.intervals import LEVEL, Estimate, on_log, two_sided, wald
from ecluse.data.evaluation.regression import fit_logistic
from ecluse.data.evaluation.smoothing import SPAN, loess
from ecluse.domain.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class WeakCalibration:
    """Intercept and slope of the logit of outcomes on that of risks.

    `in_the_large`: intercept with the slope held at 1, ideal 0. `slope`: ideal 1; under 1,
    predictions are too extreme. `intercept`: the one fitted with the slope.
    """

    in_the_large: Estimate
    slope: Estimate
    intercept: Estimate


@dataclass(frozen=True, slots=True)
class SmoothErrors:
    """Distances from predicted to smoothed observed risk: mean, median, 9th decile, largest."""

    ici: float
    e50: float
    e90: float
    largest: float
    smoother: str


@dataclass(frozen=True, slots=True)
class Spiegelhalter:
    """The test that Brier's score is what perfect calibration would give: z and its p-value."""

    z: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Bins:
    """How predictions are cut for ECE: without the rule the number means nothing."""

    rule: Literal["equal-width", "equal-size"]
    count: int = 10

    def __post_init__(self) -> None:
        arrays.count(self.count, name="bins", least=2)


@dataclass(frozen=True, slots=True)
class BinnedErrors:
    """Expected and maximum calibration error under `bins`, and the cases of each bin."""

    expected: float
    maximum: float
    cases: arrays.Ints
    predicted: Floats
    observed: Floats
    bins: Bins


def weak_calibration(
    outcomes: Values,
    probabilities: Values,
    *,
    level: float = LEVEL,
    clusters: Values | None = None,
) -> WeakCalibration:
    """Return calibration in the large and slope, by logistic regression on the logit of the risk.

    A logistic model fitted by maximum likelihood gives exactly 0 and 1 on its own data. Wald
    intervals; with `clusters`, robust to rows that go together.

    Raises:
        InvalidInput: a risk is 0 or 1, all risks or all outcomes are the same, or risks separate
            the outcomes.
    """
    ill, risks = arrays.both_classes(outcomes), arrays.strict_probabilities(probabilities)
    arrays.same_length(outcomes=ill, probabilities=risks)
    if np.ptp(risks) == 0.0:
        raise InvalidInput("All predicted risks are the same: there is no slope.")
    linear = np.log(risks) - np.log1p(-risks)
    ones = np.ones((ill.size, 1))
    large = fit_logistic(ones, ill, offset=linear, clusters=clusters)
    both = fit_logistic(np.column_stack([ones, linear]), ill, clusters=clusters)
    found = [(large, 0), (both, 1), (both, 0)]
    method = "wald" if clusters is None else "wald-cluster"
    return WeakCalibration(
        *(
            Estimate(
                float(model.coefficients[index]),
                wald(
                    float(model.coefficients[index]), model.error(index), level=level, method=method
                ),
                model.error(index),
            )
            for model, index in found
        )
    )


def observed_over_expected(
    outcomes: Values, probabilities: Values, *, level: float = LEVEL
) -> Estimate:
    """Return events over the sum of risks: over 1, risks are too low.

    Interval on the log scale, SE √((1-O/n)/O); the standard error told is that of the logarithm.
    """
    ill, risks = _checked(outcomes, probabilities)
    events, expected = int(ill.sum()), float(risks.sum())
    if not events or not expected:
        raise InvalidInput("No event, or risks that are all 0: the ratio tells nothing.")
    error = math.sqrt((1.0 - events / ill.size) / events)
    ratio = events / expected
    return Estimate(ratio, on_log(ratio, error, level=level, method="log"), error)


def brier(outcomes: Values, probabilities: Values, *, level: float = LEVEL) -> Estimate:
    """Return the mean squared distance of risks to outcomes; interval from its variance."""
    ill, risks = _checked(outcomes, probabilities)
    squares = (risks - ill) ** 2
    if squares.size == 1:
        raise InvalidInput("One case tells no variance.")
    value, error = float(squares.mean()), float(squares.std(ddof=1)) / math.sqrt(ill.size)
    return Estimate(value, wald(value, error, level=level), error)


def scaled_brier(outcomes: Values, probabilities: Values) -> float:
    """Return 1 - Brier/(φ(1-φ)): 0 for the prevalence as only prediction, 1 for perfection."""
    ill = arrays.both_classes(outcomes)
    share = float(ill.mean())
    return 1.0 - brier(ill, probabilities).value / (share * (1.0 - share))


def spiegelhalter(outcomes: Values, probabilities: Values) -> Spiegelhalter:
    """Return Spiegelhalter's z, standard normal where risks are calibrated.

    Raises:
        InvalidInput: all risks are 0, 1/2 or 1, where the statistic has no variance.
    """
    ill, risks = _checked(outcomes, probabilities)
    variance = float(((1.0 - 2.0 * risks) ** 2 * risks * (1.0 - risks)).sum())
    if variance <= 0.0:
        raise InvalidInput("All risks are 0, 1/2 or 1: Spiegelhalter's statistic does not exist.")
    z = float(((ill - risks) * (1.0 - 2.0 * risks)).sum()) / math.sqrt(variance)
    return Spiegelhalter(z, two_sided(z))


def smooth_errors(outcomes: Values, probabilities: Values, *, span: float = SPAN) -> SmoothErrors:
    """Return ICI, E50, E90 and the largest error against a loess curve, cut at 0 and 1."""
    ill, risks = _checked(outcomes, probabilities)
    apart = np.abs(risks - np.clip(loess(risks, ill.astype(np.float64), span=span), 0.0, 1.0))
    e50, e90 = np.quantile(apart, (0.5, 0.9))
    told = f"loess, span {span:g}, degree 2"
    return SmoothErrors(float(apart.mean()), float(e50), float(e90), float(apart.max()), told)


def calibration_curve(
    outcomes: Values, probabilities: Values, *, points: int = 20, span: float = SPAN
) -> tuple[Floats, Floats]:
    """Return predicted risks at equal steps of their quantiles, and the smooth observed ones."""
    ill, risks = _checked(outcomes, probabilities)
    arrays.count(points, name="points", least=2)
    fitted = np.clip(loess(risks, ill.astype(np.float64), span=span), 0.0, 1.0)
    order = np.argsort(risks, kind="stable")
    # The ends are percentiles, never the smallest and largest risk: each is one person's.
    at = np.quantile(risks, np.linspace(0.01, 0.99, points))
    return at, np.asarray(np.interp(at, risks[order], fitted[order]), np.float64)


def binned_errors(outcomes: Values, probabilities: Values, *, bins: Bins) -> BinnedErrors:
    """Return ECE and MCE under a stated rule; empty bins count for nothing."""
    ill, risks = _checked(outcomes, probabilities)
    codes = _cut(risks, bins)
    cases = np.bincount(codes, minlength=bins.count)
    filled = cases > 0
    counted = cases[filled]
    predicted = np.bincount(codes, risks, bins.count)[filled] / counted
    observed = np.bincount(codes, ill, bins.count)[filled] / counted
    apart = np.abs(predicted - observed)
    expected = float(apart @ counted / ill.size)
    return BinnedErrors(expected, float(apart.max()), counted, predicted, observed, bins)


def _checked(outcomes: Values, probabilities: Values) -> tuple[Bools, Floats]:
    ill, risks = arrays.binary(outcomes), arrays.probabilities(probabilities)
    arrays.same_length(outcomes=ill, probabilities=risks)
    return ill, risks


def _cut(risks: Floats, bins: Bins) -> arrays.Ints:
    if bins.rule == "equal-width":
        return np.minimum((risks * bins.count).astype(np.int64), bins.count - 1)
    ranks = np.empty(risks.size, np.int64)
    ranks[np.argsort(risks, kind="stable")] = np.arange(risks.size)
    return ranks * bins.count // risks.size
