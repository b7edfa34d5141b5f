"""Logistic regression with an offset, as calibration needs it.

Source: McCullagh and Nelder 1989, section 4.4 (iteratively reweighted least squares). Cluster
sandwich: Liang and Zeger, Biometrika 1986;73:13, with the factor g/(g-1).
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Bools, Floats, Values
from ecluse.domain.errors import InvalidInput

STEPS: Final = 50
CLOSE: Final = 1e-10
FAR: Final = 30.0
"""A coefficient times a column that goes beyond separates the outcomes."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """Coefficients in the order of the columns, their covariance, and the log-likelihood."""

    coefficients: Floats
    covariance: Floats
    log_likelihood: float

    def error(self, index: int) -> float:
        """Return the standard error of a coefficient."""
        return math.sqrt(float(self.covariance[index, index]))


def fit_logistic(
    matrix: Floats,
    outcomes: Values,
    *,
    offset: Floats | None = None,
    weights: Floats | None = None,
    clusters: Values | None = None,
) -> Logistic:
    """Fit by maximum likelihood; one row a case, columns as given (add the ones yourself).

    `weights` count rows; with `clusters` the covariance is robust to rows that go together.

    Raises:
        InvalidInput: outcomes all the same, columns that tell the same, or a column that
            separates the outcomes, whose coefficient is infinite.
    """
    ill = arrays.both_classes(outcomes)
    arrays.same_length(matrix=matrix, outcomes=ill)
    known = np.zeros(ill.size) if offset is None else offset
    times = np.ones(ill.size) if weights is None else weights
    at = _newton(matrix, ill, known, times)
    linear = known + matrix @ at
    information = _information(matrix, linear, times)
    covariance = np.linalg.inv(information)
    value = float(times @ (ill * linear - np.logaddexp(0.0, linear)))
    if clusters is not None:
        scores = matrix * (times * (ill - _expit(linear)))[:, None]
        covariance = covariance @ _middle(scores, clusters) @ covariance
    return Logistic(at, np.asarray(covariance, np.float64), value)


def _newton(matrix: Floats, ill: Bools, known: Floats, times: Floats) -> Floats:
    at = np.zeros(matrix.shape[1])
    for _ in range(STEPS):
        linear = known + matrix @ at
        slope = matrix.T @ (times * (ill - _expit(linear)))
        try:
            step = np.linalg.solve(_information(matrix, linear, times), slope)
        except np.linalg.LinAlgError:
            raise InvalidInput("Columns tell the same, or separate the outcomes.") from None
        # A long step is cut: predictions all near 0 would otherwise throw it to infinity.
        longest = float(np.abs(matrix @ step).max())
        at = at + step * min(1.0, 5.0 / longest if longest else 1.0)
        if longest < CLOSE:
            return np.asarray(at, np.float64)
        if float(np.abs(matrix @ at).max()) > FAR * (1.0 + float(np.abs(known).max())):
            break
    raise InvalidInput("The outcomes are separated by the prediction: no coefficient is finite.")


def _information(matrix: Floats, linear: Floats, times: Floats) -> Floats:
    mean = _expit(linear)
    return np.asarray((matrix.T * (times * mean * (1.0 - mean))) @ matrix, np.float64)


def _middle(scores: Floats, clusters: Values) -> Floats:
    names, codes = arrays.labels(clusters, name="clusters")
    arrays.same_length(rows=scores, clusters=codes)
    if len(names) <= scores.shape[1]:
        raise InvalidInput(f"{len(names)} clusters cannot tell the error of the coefficients.")
    sums = np.zeros((len(names), scores.shape[1]))
    np.add.at(sums, codes, scores)
    return np.asarray(sums.T @ sums * len(names) / (len(names) - 1), np.float64)


def _expit(linear: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(linear, -500, 500))), np.float64)
