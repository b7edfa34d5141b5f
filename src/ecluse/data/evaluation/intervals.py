"""Estimates and their intervals: the method is part of the answer."""

import math
from dataclasses import dataclass
from typing import Final

from scipy.special import ndtr, ndtri

from ecluse.data.evaluation import arrays
from ecluse.domain.errors import InvalidInput

LEVEL: Final = 0.95
"""Confidence of every interval unless the protocol says another."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval: its ends, the method that made it, its level."""

    low: float
    high: float
    method: str
    level: float = LEVEL

    @property
    def width(self) -> float:
        """Tell how far the ends are from each other."""
        return self.high - self.low

    def holds(self, value: float) -> bool:
        """Tell whether the value lies in the interval, ends included."""
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval; the standard error where the method has one."""

    value: float
    interval: Interval
    standard_error: float | None = None


def quantile(level: float) -> float:
    """Return the normal quantile of a two-sided interval: 1.96 for .95. Raises InvalidInput."""
    return float(ndtri(0.5 + arrays.share(level, name="level") / 2.0))


def two_sided(z: float) -> float:
    """Return the two-sided p-value of a standard normal deviate."""
    return float(2.0 * ndtr(-abs(z)))


def logit(value: float) -> float:
    """Return log(p/(1-p)). Raises InvalidInput at 0 and 1."""
    arrays.share(value, name="proportion")
    return math.log(value / (1.0 - value))


def expit(value: float) -> float:
    """Return 1/(1+exp(-x)), without overflow."""
    if value >= 0:
        return 1.0 / (1.0 + math.exp(-value))
    return math.exp(value) / (1.0 + math.exp(value))


def wald(value: float, error: float, *, level: float = LEVEL, method: str = "wald") -> Interval:
    """Return value ± z·error."""
    reach = quantile(level) * _error(error)
    return Interval(value - reach, value + reach, method, level)


def on_logit(value: float, error: float, *, level: float = LEVEL, method: str) -> Interval:
    """Return the interval made on the logit scale by the delta method: never outside 0 and 1.

    Raises:
        InvalidInput: the value is 0 or 1, where the logit does not exist.
    """
    centre = logit(value)
    reach = quantile(level) * _error(error) / (value * (1.0 - value))
    return Interval(expit(centre - reach), expit(centre + reach), method, level)


def on_log(value: float, log_error: float, *, level: float = LEVEL, method: str) -> Interval:
    """Return the interval of a ratio, made on its logarithm; `log_error` is that of the log."""
    if value <= 0:
        raise InvalidInput(f"The ratio is {value}: its logarithm does not exist.")
    reach = quantile(level) * _error(log_error)
    return Interval(value * math.exp(-reach), value * math.exp(reach), method, level)


def _error(error: float) -> float:
    if not math.isfinite(error) or error < 0:
        raise InvalidInput("The standard error is not a finite number of at least 0.")
    return error
