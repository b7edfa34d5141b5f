"""Competing risks: Aalen-Johansen.

Sources: Aalen and Johansen, Scand J Stat 1978;5:141. Marubini and Valsecchi 1995, section 10.2
(variance by the delta method). Putter, Fiocco and Geskus, Stat Med 2007;26:2389.
"""

import math
from dataclasses import dataclass

import numpy as np

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Floats, Values
from ecluse.data.evaluation.intervals import LEVEL, Estimate, Interval, quantile
from ecluse.data.evaluation.survival.curves import steps
from ecluse.domain.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Incidence:
    """Cumulative incidence of one event just after each distinct time, and its variance."""

    times: Floats
    incidence: Floats
    variance: Floats
    last: float

    def at(self, time: float) -> float:
        """Return the share that has had the event by `time`. Raises InvalidInput if too late."""
        index = self._index(time)
        return float(self.incidence[index]) if index >= 0 else 0.0

    def estimate(self, time: float, *, level: float = LEVEL) -> Estimate:
        """Return the incidence at `time`, interval on the complementary log-log scale."""
        index = self._index(time)
        value = float(self.incidence[index]) if index >= 0 else 0.0
        if not 0.0 < value < 1.0:
            return Estimate(value, Interval(value, value, "log-log", level), 0.0)
        error = math.sqrt(float(self.variance[index]))
        rest = math.log1p(-value)
        reach = quantile(level) * error / ((1.0 - value) * -rest)
        low, high = (-math.expm1(rest * math.exp(sign * reach)) for sign in (-1, 1))
        return Estimate(value, Interval(low, high, "log-log", level), error)

    def _index(self, time: float) -> int:
        if time < 0 or time > self.last:
            raise InvalidInput(f"Nobody is followed to time {time:g}: the last is {self.last:g}.")
        return int(np.searchsorted(self.times, time, side="right")) - 1


def aalen_johansen(times: Values, events: Values, *, cause: int = 1) -> Incidence:
    """Return the cumulative incidence of `cause` where other events prevent it.

    Never 1 - Kaplan-Meier with other events censored: that overstates the risk.

    Raises:
        InvalidInput: nobody has an event of any cause, or a cause is not a whole number.
    """
    clock, kinds = _checked(times, events)
    moments, at_risk, dead = steps(clock, kinds > 0)
    own = np.bincount(
        np.searchsorted(moments, clock[kinds == cause]), minlength=moments.size
    ).astype(np.float64)
    before = np.append(1.0, np.cumprod(1.0 - dead / at_risk))[:-1]
    incidence = np.cumsum(before * own / at_risk)
    variance = _variance(incidence, before, own, (dead.astype(float), at_risk.astype(float)))
    return Incidence(moments, incidence, variance, float(clock.max()))


def incidence_at(times: Values, events: Values, *, horizon: float) -> float:
    """Return the share with event 1 by `horizon`; 0 where nobody had any event."""
    clock, kinds = _checked(times, events, none_allowed=True)
    if horizon > clock.max():
        raise InvalidInput(
            f"Nobody is followed to {horizon:g} in a group of {clock.size}: the last is "
            f"{clock.max():g}; take an earlier horizon."
        )
    if not (kinds > 0).any():
        return 0.0
    return aalen_johansen(clock, kinds).at(horizon)


def _variance(
    incidence: Floats, before: Floats, own: Floats, counts: tuple[Floats, Floats]
) -> Floats:
    """Return the delta-method variance; sums over former times as three running sums."""
    dead, at_risk = counts
    alive = np.maximum(at_risk - dead, 1e-300)
    # Σ (I(t)-I(s))² d/(n(n-d)) opened, so that one pass is enough.
    spread = np.where(at_risk > dead, dead / (at_risk * alive), 0.0)
    first = incidence**2 * np.cumsum(spread) - 2.0 * incidence * np.cumsum(incidence * spread)
    first += np.cumsum(incidence**2 * spread)
    second = np.cumsum(before**2 * own * (at_risk - own) / at_risk**3)
    cross = before * own / at_risk**2
    third = incidence * np.cumsum(cross) - np.cumsum(incidence * cross)
    return np.asarray(np.maximum(first + second - 2.0 * third, 0.0), np.float64)


def _checked(times: Values, events: Values, *, none_allowed: bool = False) -> tuple[Floats, Floats]:
    clock, kinds = arrays.positives(times, name="times"), arrays.positives(events, name="events")
    arrays.same_length(times=clock, events=kinds)
    if (kinds != np.round(kinds)).any():
        raise InvalidInput("Events must be whole numbers: 0 censored, 1 the event, 2 another.")
    if not none_allowed and not (kinds > 0).any():
        raise InvalidInput("Nobody has an event: nothing is known of when one comes.")
    return clock, kinds
