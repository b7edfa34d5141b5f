"""Proportional hazards, ties by Efron or Breslow.

Sources: Cox, J R Stat Soc B 1972;34:187. Efron, J Am Stat Assoc 1977;72:557. Breslow, Biometrics
1974;30:89 (ties, and the baseline hazard).
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Bools, Floats, Values
from ecluse.data.evaluation.intervals import LEVEL, Estimate, two_sided, wald
from ecluse.data.evaluation.survival.curves import checked
from ecluse.domain.errors import InvalidInput

Ties = Literal["efron", "breslow"]
STEPS: Final = 60
CLOSE: Final = 1e-10
MATRIX: Final = 2


@dataclass(frozen=True, slots=True)
class CoxModel:
    """Log hazard ratios in the order of the columns, covariance, partial log-likelihoods.

    `null_log_likelihood` is that of a model without any column.
    """

    coefficients: Floats
    covariance: Floats
    log_likelihood: float
    null_log_likelihood: float

    def coefficient(self, index: int, *, level: float = LEVEL) -> Estimate:
        """Return a log hazard ratio with Wald's interval."""
        value, error = float(self.coefficients[index]), math.sqrt(self.covariance[index, index])
        return Estimate(value, wald(value, error, level=level), error)

    def p_value(self, index: int) -> float:
        """Return the p-value of Wald's test of one coefficient."""
        value, error = float(self.coefficients[index]), math.sqrt(self.covariance[index, index])
        return two_sided(value / error)


def fit_cox(
    times: Values, events: Values, matrix: npt.ArrayLike, *, ties: Ties = "efron"
) -> CoxModel:
    """Fit by maximum partial likelihood; `matrix` has one row a person, no column of ones.

    Raises:
        InvalidInput: no event, columns that tell the same, or one that orders the events
            perfectly, whose coefficient is infinite.
    """
    clock, hit = checked(times, events)
    columns = np.asarray(matrix, np.float64)
    if columns.ndim != MATRIX or not np.isfinite(columns).all():
        raise InvalidInput(f"Shape {columns.shape}: give a table of finite numbers.")
    arrays.same_length(times=clock, matrix=columns)
    # Centred: hazard ratios are the same, and exponentials stay small.
    risk_sets = _RiskSets(clock, hit, columns - columns.mean(axis=0), ties)
    start = np.zeros(columns.shape[1])
    null = risk_sets.likelihood(start)[0]
    at, value, information = _newton(risk_sets, start)
    return CoxModel(at, np.asarray(np.linalg.inv(information), np.float64), value, null)


def baseline_survival(times: Values, events: Values, linear: Values, *, horizon: float) -> float:
    """Return the survival at `horizon` of a person whose linear predictor is 0: Breslow."""
    clock, hit = checked(times, events)
    predictor = arrays.numbers(linear, name="linear predictor")
    arrays.same_length(times=clock, linear=predictor)
    order = np.argsort(-clock, kind="stable")
    total = np.cumsum(np.exp(predictor[order]))
    falling = -clock[order]
    due = clock[hit & (clock <= horizon)]
    at_risk = total[np.searchsorted(falling, -due, side="right") - 1]
    return math.exp(-float((1.0 / at_risk).sum()))


class _RiskSets:
    """Persons from the last time to the first, so that those at risk are the first rows."""

    def __init__(self, clock: Floats, hit: Bools, columns: Floats, ties: Ties) -> None:
        order = np.argsort(-clock, kind="stable")
        self._columns, falling = columns[order], -clock[order]
        self._rows = np.flatnonzero(hit[order])
        moments = falling[self._rows]
        self._last = np.searchsorted(falling, moments, side="right") - 1
        # Events of one time stand together: the rank of each among its ties, and their number.
        first = np.searchsorted(moments, moments, side="left")
        self._tie, self._ties = first, np.searchsorted(moments, moments, side="right")
        rank = np.arange(moments.size) - first
        self._part = rank / (self._ties - first) if ties == "efron" else np.zeros(moments.size)

    def likelihood(self, at: Floats) -> tuple[float, Floats, Floats]:
        """Return the log-likelihood, its slope, and the information."""
        linear = self._columns @ at
        shift = float(linear.max())
        weights = np.exp(linear - shift)
        outer = self._columns[:, :, None] * self._columns[:, None, :]
        total = self._sums(weights)
        first = self._sums(weights[:, None] * self._columns)
        second = self._sums(weights[:, None, None] * outer)
        mean = first / total[:, None]
        value = float((linear[self._rows] - shift - np.log(total)).sum())
        slope = (self._columns[self._rows] - mean).sum(axis=0)
        spread = second / total[:, None, None] - mean[:, :, None] * mean[:, None, :]
        return value, slope, spread.sum(axis=0)

    def _sums(self, values: Floats) -> Floats:
        """Return the sums over those at risk at each event, less Efron's part of its ties."""
        at_risk = np.cumsum(values, axis=0)[self._last]
        dead = np.concatenate([np.zeros_like(values[:1]), np.cumsum(values[self._rows], axis=0)])
        tied = dead[self._ties] - dead[self._tie]
        part = self._part.reshape(-1, *([1] * (values.ndim - 1)))
        return np.asarray(at_risk - part * tied, np.float64)


def _newton(risk_sets: _RiskSets, at: Floats) -> tuple[Floats, float, Floats]:
    value, slope, information = risk_sets.likelihood(at)
    for _ in range(STEPS):
        try:
            step = np.linalg.solve(information, slope)
        except np.linalg.LinAlgError:
            raise InvalidInput(
                "Columns tell the same, one never varies, or one orders the events perfectly."
            ) from None
        while not (found := risk_sets.likelihood(at + step))[0] >= value - CLOSE:
            step = step / 2.0
            if float(np.abs(step).max()) < CLOSE:
                raise InvalidInput("The model does not converge: take columns out.")
        at, (value, slope, information) = at + step, found
        if float(np.abs(step).max()) < CLOSE:
            return at, value, information
    raise InvalidInput("The model does not converge: a column may order the events perfectly.")
