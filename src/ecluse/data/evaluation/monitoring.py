"""A running chart of outcomes against predicted risks: when to look at the model again.

Sources: Steiner and others, Biostatistics 2000;1:441 (risk-adjusted CUSUM). Page, Biometrika
1954;41:100. The limit is set by simulation, so that a calibrated model alarms with a stated chance
over the window watched.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Floats, Values
from ecluse.data.evaluation.calibration import observed_over_expected
from ecluse.data.evaluation.intervals import Estimate
from ecluse.domain.errors import InvalidInput

LEAST_DRAWS: Final = 200


@dataclass(frozen=True, slots=True)
class Chart:
    """The running sum, its limit, and the rank of the first case over it, None if none is.

    `power` is the chance that a change as large as the one watched for would have alarmed within
    this window.
    """

    sums: Floats
    limit: float
    alarm: int | None
    power: float


@dataclass(frozen=True, slots=True)
class Rule:
    """What the chart watches for: the odds of the event multiplied by `odds_ratio`.

    `false_alarm` is the chance of an alarm over the window where nothing changed.
    """

    odds_ratio: float
    false_alarm: float = 0.05
    draws: int = 1000
    seed: int = 1

    def __post_init__(self) -> None:
        if self.odds_ratio <= 0 or self.odds_ratio == 1.0:
            raise InvalidInput(f"An odds ratio of {self.odds_ratio:g} is no change to watch for.")
        arrays.share(self.false_alarm, name="false alarm")
        arrays.count(self.draws, name="draws", least=LEAST_DRAWS)


def steps(outcomes: Values, probabilities: Values, *, odds_ratio: float) -> Floats:
    """Return the log-likelihood ratio of each case: changed odds against predicted risk."""
    ill, risks = arrays.binary(outcomes), arrays.probabilities(probabilities)
    arrays.same_length(outcomes=ill, probabilities=risks)
    return np.asarray(np.log(odds_ratio) * ill - np.log1p(risks * (odds_ratio - 1.0)), np.float64)


def running_sum(increments: Floats) -> Floats:
    """Return max(0, former + increment) along the last axis, from 0."""
    total = np.cumsum(increments, axis=-1)
    floor = np.minimum(np.minimum.accumulate(total, axis=-1), 0.0)
    return np.asarray(total - floor, np.float64)


def chart(outcomes: Values, probabilities: Values, *, rule: Rule) -> Chart:
    """Return the chart of cases in order of time, its limit and its power."""
    sums = running_sum(steps(outcomes, probabilities, odds_ratio=rule.odds_ratio))
    risks = arrays.probabilities(probabilities)
    rng = np.random.default_rng(rule.seed)
    peaks = _peaks(risks, risks, rule, rng)
    limit = float(np.quantile(peaks, 1.0 - rule.false_alarm, method="higher"))
    changed = risks * rule.odds_ratio / (1.0 + risks * (rule.odds_ratio - 1.0))
    power = float((_peaks(risks, changed, rule, rng) > limit).mean())
    over = np.flatnonzero(sums > limit)
    return Chart(sums, limit, int(over[0]) if over.size else None, power)


def rolling_calibration(
    outcomes: Values, probabilities: Values, periods: Values
) -> tuple[tuple[str, Estimate | None], ...]:
    """Return observed over expected of each period, in the order of their names.

    None where a period has no event: the ratio has no interval there.
    """
    ill, risks = arrays.binary(outcomes), arrays.probabilities(probabilities)
    names, codes = arrays.labels(periods, name="periods")
    arrays.same_length(outcomes=ill, probabilities=risks, periods=codes)
    found = []
    for index, name in enumerate(names):
        rows = codes == index
        told = observed_over_expected(ill[rows], risks[rows]) if ill[rows].any() else None
        found.append((name, told))
    return tuple(found)


def _peaks(risks: Floats, true: Floats, rule: Rule, rng: np.random.Generator) -> Floats:
    """Return the highest sum of each simulated window where `true` are the chances."""
    found = np.empty(rule.draws)
    base = np.log1p(risks * (rule.odds_ratio - 1.0))
    for index in range(rule.draws):
        hit = rng.random(risks.size) < true
        found[index] = running_sum(np.log(rule.odds_ratio) * hit - base).max()
    return found
