"""Predicted risks over time: Brier's score, its integral, calibration at a horizon.

Sources: Graf and others, Stat Med 1999;18:2529 (weights for censoring). McLernon and others, Ann
Intern Med 2023;176:105 (calibration at a horizon). Austin, Harrell and van Klaveren, Stat Med
2020;39:2714 (smooth errors over time).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Bools, Floats, Values
from ecluse.data.evaluation.calibration import SmoothErrors
from ecluse.data.evaluation.intervals import LEVEL, Estimate, Interval
from ecluse.data.evaluation.survival.concordance import inverse_chances
from ecluse.data.evaluation.survival.cox import baseline_survival, fit_cox
from ecluse.data.evaluation.survival.curves import censoring_curve, checked, kaplan_meier
from ecluse.domain.errors import InvalidInput

LEAST_TIMES = 2
KNOTS = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class CalibrationAt:
    """Calibration by a horizon: observed over expected (Kaplan-Meier), and slope, ideal 1.

    The slope is the coefficient of log(-log(1 - risk)) in a proportional hazards model of what
    happened by the horizon.
    """

    observed_expected: Estimate
    slope: Estimate
    errors: SmoothErrors


def brier_at(times: Values, events: Values, risks: Values, *, horizon: float) -> float:
    """Return the mean squared distance of risks by `horizon` to what happened, censoring weighed.

    Raises:
        InvalidInput: nobody is followed to the horizon.
    """
    clock, hit = checked(times, events)
    chances = arrays.probabilities(risks, name="risks")
    arrays.same_length(times=clock, risks=chances)
    return _brier(clock, hit, chances, horizon)


def integrated_brier(times: Values, events: Values, risks: npt.ArrayLike, *, at: Values) -> float:
    """Return Brier's score over the times `at`, by trapezes, divided by the time they span.

    `risks` is persons x times: the risk predicted by each of the times.
    """
    clock, hit = checked(times, events)
    moments = arrays.positives(at, name="times of evaluation")
    table = np.asarray(risks, np.float64)
    if table.shape != (clock.size, moments.size) or (np.diff(moments) <= 0).any():
        raise InvalidInput(
            f"Risks of shape {table.shape} for {clock.size} persons and {moments.size} times: "
            "one column a time, times rising."
        )
    if moments.size < LEAST_TIMES:
        raise InvalidInput("An integral over time needs two times at least.")
    scores = [
        _brier(clock, hit, arrays.probabilities(table[:, index]), float(moment))
        for index, moment in enumerate(moments)
    ]
    return float(np.trapezoid(scores, moments) / (moments[-1] - moments[0]))


def calibration_at(
    times: Values, events: Values, risks: Values, *, horizon: float, level: float = LEVEL
) -> CalibrationAt:
    """Return the calibration of risks by `horizon`, in the unit of `times`.

    Raises:
        InvalidInput: a risk is 0 or 1, all are the same, or nobody is followed to the horizon.
    """
    clock, hit = checked(times, events)
    chances = arrays.strict_probabilities(risks, name="risks")
    arrays.same_length(times=clock, risks=chances)
    if np.ptp(chances) == 0.0:
        raise InvalidInput("All predicted risks are the same: there is no slope.")
    ratio = _observed_expected(clock, hit, chances, horizon, level)
    linear = np.log(-np.log1p(-chances))
    until = np.minimum(clock, horizon)
    due = hit & (clock <= horizon)
    slope = fit_cox(until, due, linear[:, None]).coefficient(0, level=level)
    return CalibrationAt(ratio, slope, _smooth(until, due, linear, chances, horizon))


def _observed_expected(
    clock: Floats, hit: Bools, chances: Floats, horizon: float, level: float
) -> Estimate:
    survived = kaplan_meier(clock, hit).estimate(horizon, transform="log-log", level=level)
    expected = float(chances.mean())
    ends = (1.0 - survived.interval.high) / expected, (1.0 - survived.interval.low) / expected
    error = (survived.standard_error or 0.0) / expected
    return Estimate(
        (1.0 - survived.value) / expected, Interval(*ends, "kaplan-meier log-log", level), error
    )


def _smooth(
    until: Floats, due: Bools, linear: Floats, chances: Floats, horizon: float
) -> SmoothErrors:
    basis = _spline(linear)
    model = fit_cox(until, due, basis)
    predictor = (basis - basis.mean(axis=0)) @ model.coefficients
    left = baseline_survival(until, due, predictor, horizon=horizon)
    apart = np.abs(chances - (1.0 - left ** np.exp(predictor)))
    e50, e90 = np.quantile(apart, (0.5, 0.9))
    told = "proportional hazards, natural spline of 3 knots"
    return SmoothErrors(float(apart.mean()), float(e50), float(e90), float(apart.max()), told)


def _spline(values: Floats) -> Floats:
    """Return the restricted cubic basis of three knots, or the line where knots meet."""
    knots = np.quantile(values, KNOTS)
    low, middle, high = (float(knot) for knot in knots)
    if not low < middle < high:
        return values[:, None]
    cubes = [np.maximum(values - knot, 0.0) ** 3 for knot in (low, middle, high)]
    bend = cubes[0] - cubes[1] * (high - low) / (high - middle)
    bend = (bend + cubes[2] * (middle - low) / (high - middle)) / (high - low) ** 2
    return np.column_stack([values, bend])


def _brier(clock: Floats, hit: Bools, chances: Floats, horizon: float) -> float:
    dead, alive = hit & (clock <= horizon), clock > horizon
    if not alive.any():
        raise InvalidInput(f"Nobody is followed beyond {horizon:g}: take an earlier horizon.")
    weights = inverse_chances(clock, hit, clock, wanted=dead)
    curve = censoring_curve(clock, hit)
    beyond = 1.0 if curve is None else float(curve.upto(np.array([horizon]))[0])
    weights[alive] = 1.0 / beyond
    return float(weights @ (dead - chances) ** 2 / clock.size)
