"""Kaplan-Meier and Nelson-Aalen.

Sources: Kaplan and Meier, J Am Stat Assoc 1958;53:457. Greenwood 1926. Kalbfleisch and Prentice
2002, section 1.4 (transforms). Brookmeyer and Crowley, Biometrics 1982;38:29 (median). Nelson 1969;
Aalen, Ann Stat 1978;6:701.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Bools, Floats, Ints, Values
from ecluse.data.evaluation.intervals import LEVEL, Estimate, Interval, quantile
from ecluse.domain.errors import InvalidInput

Transform = Literal["log", "log-log", "plain"]
"""Scale of the interval: R's default is "log", lifelines' is "log-log"; say which."""


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """Steps at the distinct times of events: at risk and events there, survival just after.

    `greenwood` is the sum of d/(n(n-d)); infinite once nobody survives.
    """

    times: Floats
    at_risk: Ints
    events: Ints
    survival: Floats
    greenwood: Floats
    last: float

    def at(self, time: float) -> float:
        """Return the share that survives beyond `time`. Raises InvalidInput after the last time."""
        index = self._index(time)
        return float(self.survival[index]) if index >= 0 else 1.0

    def just_before(self, times: Floats) -> Floats:
        """Return the survival just before each time."""
        return np.append(1.0, self.survival)[np.searchsorted(self.times, times, side="left")]

    def upto(self, times: Floats) -> Floats:
        """Return the survival at each time, its own step included."""
        return np.append(1.0, self.survival)[np.searchsorted(self.times, times, side="right")]

    def estimate(
        self, time: float, *, transform: Transform = "log-log", level: float = LEVEL
    ) -> Estimate:
        """Return survival at `time`, with its interval on a scale, and Greenwood's error."""
        index = self._index(time)
        if index < 0:
            return Estimate(1.0, Interval(1.0, 1.0, transform, level), 0.0)
        value, variance = float(self.survival[index]), float(self.greenwood[index])
        if value == 0.0:
            return Estimate(0.0, Interval(0.0, 0.0, transform, level), 0.0)
        low, high = _ends(value, variance, transform, level)
        return Estimate(value, Interval(low, high, transform, level), value * math.sqrt(variance))

    def median(self, *, share: float = 0.5) -> float | None:
        """Return the first time at which survival is `share` or less; None if never reached.

        Where survival is exactly `share` over a stretch, the middle of the stretch.
        """
        return _crossing(self.times, self.survival, arrays.share(share, name="share"), self.last)

    def median_interval(
        self, *, transform: Transform = "log-log", share: float = 0.5, level: float = LEVEL
    ) -> tuple[float | None, float | None]:
        """Return the ends of the interval of the median, None where an end is never reached."""
        target = arrays.share(share, name="share")
        ends = [
            _ends(float(one), float(spread), transform, level) if one > 0 else (0.0, 0.0)
            for one, spread in zip(self.survival, self.greenwood, strict=True)
        ]
        low, high = (np.array(side) for side in zip(*ends, strict=True))
        return (
            _crossing(self.times, low, target, self.last),
            _crossing(self.times, high, target, self.last),
        )

    def _index(self, time: float) -> int:
        if time < 0 or (time > self.last and self.survival[-1] > 0):
            raise InvalidInput(f"Nobody is followed to time {time:g}: the last is {self.last:g}.")
        return int(np.searchsorted(self.times, time, side="right")) - 1


@dataclass(frozen=True, slots=True)
class Hazard:
    """Nelson-Aalen: the cumulative hazard just after each time of events, and its variance."""

    times: Floats
    cumulative: Floats
    variance: Floats


def kaplan_meier(times: Values, events: Values) -> SurvivalCurve:
    """Return the survival curve. Raises InvalidInput without an event, or times under 0.

    A person censored at the time of an event was still at risk then.
    """
    clock, hit = checked(times, events)
    moments, at_risk, dead = steps(clock, hit)
    survival = np.asarray(np.cumprod(1.0 - dead / at_risk), np.float64)
    with np.errstate(divide="ignore"):
        greenwood = np.cumsum(dead / (at_risk * (at_risk - dead).astype(np.float64)))
    return SurvivalCurve(moments, at_risk, dead, survival, greenwood, float(clock.max()))


def nelson_aalen(times: Values, events: Values) -> Hazard:
    """Return the cumulative hazard Σ d/n, variance Σ d/n²."""
    moments, at_risk, dead = steps(*checked(times, events))
    return Hazard(moments, np.cumsum(dead / at_risk), np.cumsum(dead / at_risk.astype(float) ** 2))


def censoring_curve(times: Floats, events: Bools) -> SurvivalCurve | None:
    """Return the chance of being uncensored over time; None where nobody is censored.

    A person with an event at the time of a censoring was not at risk of censoring any more.
    """
    if events.all():
        return None
    moments, at_risk, gone = steps(times, ~events)
    before = np.searchsorted(np.sort(times[events]), moments, side="right")
    after = np.searchsorted(np.sort(times[events]), moments, side="left")
    exposed = at_risk - (before - after)
    left = np.asarray(np.cumprod(1.0 - gone / exposed), np.float64)
    return SurvivalCurve(moments, exposed, gone, left, np.zeros_like(left), float(times.max()))


def steps(times: Floats, events: Bools) -> tuple[Floats, Ints, Ints]:
    """Return the distinct times of events, how many are at risk at each, how many events."""
    moments, dead = np.unique(times[events], return_counts=True)
    ordered = np.sort(times)
    at_risk = times.size - np.searchsorted(ordered, moments, side="left")
    return moments, at_risk.astype(np.int64), dead.astype(np.int64)


def checked(times: Values, events: Values) -> tuple[Floats, Bools]:
    """Return times and events. Raises InvalidInput where none is an event."""
    clock, hit = arrays.positives(times, name="times"), arrays.binary(events, name="events")
    arrays.same_length(times=clock, events=hit)
    if not hit.any():
        raise InvalidInput("Nobody has the event: nothing is known of when it comes.")
    return clock, hit


def _ends(value: float, variance: float, transform: Transform, level: float) -> tuple[float, float]:
    z, error = quantile(level), math.sqrt(variance)
    if transform == "plain":
        return max(value - z * value * error, 0.0), min(value + z * value * error, 1.0)
    if transform == "log":
        return value * math.exp(-z * error), min(value * math.exp(z * error), 1.0)
    if value >= 1.0:
        return 1.0, 1.0
    reach = z * error / math.log(value)
    return value ** math.exp(-reach), value ** math.exp(reach)


def _crossing(times: Floats, values: Floats, share: float, last: float) -> float | None:
    # Rounding must not hide that a curve stands exactly on the line: R's tolerance.
    below = np.flatnonzero(values <= share + 1e-12)
    if not below.size:
        return None
    first = int(below[0])
    if abs(float(values[first]) - share) > 1e-12:  # noqa: PLR2004 (said above)
        return float(times[first])
    after = np.flatnonzero(values < share - 1e-12)
    end = float(times[after[0]]) if after.size else last
    return (float(times[first]) + end) / 2.0
