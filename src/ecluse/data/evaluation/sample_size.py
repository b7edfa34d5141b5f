"""How many persons a study needs, computed before data are opened.

Sources: Riley and others, Stat Med 2019;38:1276 and BMJ 2020;368:m441 (development). Riley and
others, Stat Med 2021;40:4230, and Archer and others, Stat Med 2021;40:133 (external validation).
Newcombe, Stat Med 2006;25:559 (variance of C). Buderer, Acad Emerg Med 1996;3:895 (accuracy).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import binom
from scipy.stats import t as student

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.intervals import LEVEL, quantile
from ecluse.domain.errors import InvalidInput

SHRINKAGE: Final = 0.9
OPTIMISM: Final = 0.05
MARGIN: Final = 0.05
NODES: Final = 200
MANY: Final = 10_000_000
RELATIVE_MARGIN: Final = 0.1
LEAST_LINEAR: Final = 3
RESIDUAL: Final = 234
"""Persons beyond the parameters that tell a residual deviation to 10 %."""


@dataclass(frozen=True, slots=True)
class Needed:
    """Persons needed for each criterion, and for all: the largest."""

    by_criterion: dict[str, int]

    @property
    def persons(self) -> int:
        """Count the persons that satisfy every criterion."""
        return max(self.by_criterion.values())

    def verdict(self, obtained: int) -> str:
        """Say whether a study of `obtained` persons satisfies each criterion."""
        lacking = [name for name, size in self.by_criterion.items() if obtained < size]
        if not lacking:
            return f"{obtained} persons are enough: {self.persons} are needed."
        return (
            f"{obtained} persons are too few for {', '.join(lacking)}: {self.persons} are needed."
        )


def largest_r2(prevalence: float) -> float:
    """Return the largest Cox-Snell R² that a binary outcome allows: 1 - (φ^φ (1-φ)^(1-φ))²."""
    share = arrays.share(prevalence, name="prevalence")
    return 1.0 - math.exp(2.0 * (share * math.log(share) + (1 - share) * math.log(1 - share)))


def development(
    *, r2: float, parameters: int, prevalence: float, shrinkage: float = SHRINKAGE
) -> Needed:
    """Return persons needed to develop a model of a binary outcome.

    `r2` is the Cox-Snell R² expected; `parameters` counts every coefficient tried.

    Raises:
        InvalidInput: R² is more than this outcome allows.
    """
    ceiling = largest_r2(prevalence)
    overall = _precise_share(prevalence)
    return _development(r2, parameters, ceiling, shrinkage, overall)


def development_survival(
    *, r2: float, parameters: int, rate: float, horizon: float, mean_follow_up: float
) -> Needed:
    """Return persons needed to develop a model of the time to an event.

    `rate` is events per person and unit of time; `horizon` and `mean_follow_up` are in that unit.
    The last criterion: cumulative incidence by the horizon known to ±.05, exponential times.
    """
    if min(rate, horizon, mean_follow_up) <= 0:
        raise InvalidInput("Rate, horizon and follow-up must all be over 0.")
    events = rate * mean_follow_up
    ceiling = 1.0 - math.exp(2.0 * (events * math.log(events) - events))
    largest = MANY * max(mean_follow_up, 1.0)

    def apart(persons: float) -> float:
        error = quantile(LEVEL) * math.sqrt(rate / (persons * mean_follow_up))
        high = 1.0 - math.exp(-(rate + error) * horizon)
        return high - (1.0 - math.exp(-rate * horizon)) - MARGIN

    overall = 1 if apart(1.0) < 0 else math.ceil(brentq(apart, 1.0, largest))
    return _development(r2, parameters, ceiling, SHRINKAGE, overall)


def development_continuous(
    *, r2: float, parameters: int, mean: float, deviation: float, shrinkage: float = SHRINKAGE
) -> Needed:
    """Return persons needed to develop a linear model of a number.

    `r2` is the adjusted R² expected; `mean` and `deviation` are those of the outcome, whose mean
    is to be known to 10 %. Source: Riley and others, Stat Med 2019;38:1262.
    """
    share = arrays.share(r2, name="R²")
    arrays.count(parameters, name="parameters", least=LEAST_LINEAR)
    if deviation <= 0 or mean == 0:
        raise InvalidInput("The outcome must vary, and its mean not be 0.")

    def kept(persons: int) -> bool:
        apparent = (share * (persons - parameters - 1) + parameters) / (persons - 1)
        return 1.0 + (parameters - 2) / (persons * math.log1p(-apparent)) >= shrinkage

    def known(persons: int) -> bool:
        reach = student.ppf(0.975, persons - parameters - 1)
        reach *= deviation * math.sqrt((1.0 - share) / persons)
        return bool(reach <= RELATIVE_MARGIN * abs(mean))

    least = parameters + 2
    return Needed(
        {
            "shrinkage": _first(kept, low=least),
            "optimism of R²": math.ceil(1 + parameters * (1.0 - share) / OPTIMISM),
            "residual deviation": RESIDUAL + parameters,
            "mean": _first(known, low=least),
        }
    )


def _development(
    r2: float, parameters: int, ceiling: float, shrinkage: float, overall: int
) -> Needed:
    arrays.count(parameters, name="parameters", least=1)
    arrays.share(shrinkage, name="shrinkage")
    if not 0.0 < r2 < min(ceiling, shrinkage):
        raise InvalidInput(
            f"An R² of {r2} cannot be: over 0 and under {min(ceiling, shrinkage):.3f} here."
        )
    optimism = r2 / (r2 + OPTIMISM * ceiling)
    return Needed(
        {
            "shrinkage": _shrunk(r2, parameters, shrinkage),
            "optimism of R²": _shrunk(r2, parameters, optimism),
            "overall risk": overall,
        }
    )


def _shrunk(r2: float, parameters: int, shrinkage: float) -> int:
    return math.ceil(parameters / ((shrinkage - 1.0) * math.log1p(-r2 / shrinkage)))


def _precise_share(prevalence: float, *, margin: float = MARGIN) -> int:
    return math.ceil((quantile(LEVEL) / margin) ** 2 * prevalence * (1.0 - prevalence))


def validation_ratio(*, prevalence: float, width: float) -> int:
    """Return persons needed for an interval of observed/expected of this width, around 1."""
    share, reach = arrays.share(prevalence, name="prevalence"), _half(width)
    # The interval of a ratio of 1 is exp(±z·SE): its width is 2·sinh(z·SE). The source takes the
    # first error of four digits that is as wide.
    error = math.ceil(1e4 * math.asinh(reach) / quantile(LEVEL)) / 1e4
    return math.ceil((1.0 - share) / (share * error**2))


def validation_slope(*, mean: float, deviation: float, width: float) -> int:
    """Return persons needed for a calibration slope known to an interval of this width.

    `mean` and `deviation` are those of the linear predictor, taken as normal; the model is taken
    as calibrated. Integrated by Gauss and Hermite, not simulated.
    """
    if deviation <= 0:
        raise InvalidInput("The linear predictor must vary.")
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    linear = mean + deviation * nodes
    risk = expit(linear)
    weigh = weights / weights.sum() * risk * (1.0 - risk)
    flat, cross, square = (float(weigh @ linear**power) for power in (0, 1, 2))
    error = _half(width) / quantile(LEVEL)
    return math.ceil(flat / (error**2 * (flat * square - cross**2)))


def validation_concordance(*, concordance: float, prevalence: float, width: float) -> int:
    """Return persons needed for a C statistic known to an interval of this width."""
    share = arrays.share(prevalence, name="prevalence")
    area = arrays.share(concordance, name="C")
    error = _half(width) / quantile(LEVEL)

    def enough(size: int) -> bool:
        return concordance_error(area, persons=size, prevalence=share) <= error

    return _first(enough, low=2)


def concordance_error(concordance: float, *, persons: int, prevalence: float) -> float:
    """Return the standard error of C that Newcombe's formula 4 gives."""
    area, half = concordance, persons / 2.0 - 1.0
    top = area * (1.0 - area)
    top *= 1.0 + half * (1.0 - area) / (2.0 - area) + half * area / (1.0 + area)
    return math.sqrt(top / (persons**2 * prevalence * (1.0 - prevalence)))


def accuracy(
    *,
    expected: float,
    margin: float,
    prevalence: float | None = None,
    cluster: tuple[float, float] = (1.0, 0.0),
) -> int:
    """Return persons needed for a sensitivity (of the ill) known to ± `margin`.

    With `prevalence`, the persons to recruit; for a specificity give 1 - prevalence. `cluster` is
    (mean size, intraclass correlation): the design effect is 1 + (size-1)·correlation.
    """
    share, reach = arrays.share(expected, name="expected"), arrays.share(margin, name="margin")
    needed = quantile(LEVEL) ** 2 * share * (1.0 - share) / reach**2
    size, correlation = cluster
    if size < 1.0 or not 0.0 <= correlation <= 1.0:
        raise InvalidInput("A cluster holds one person at least, correlation between 0 and 1.")
    needed *= 1.0 + (size - 1.0) * correlation
    return math.ceil(
        needed if prevalence is None else needed / arrays.share(prevalence, name="prevalence")
    )


def trials_for_bound(failures: int, *, rate: float, level: float = LEVEL) -> int:
    """Return trials needed so that this many failures still prove a rate under `rate`.

    One-sided and exact: the least n with P(at most as many failures | n, rate) ≤ 1 - level.
    """
    arrays.count(failures, name="failures")
    bound, tail = arrays.share(rate, name="rate"), 1.0 - arrays.share(level, name="level")

    def enough(trials: int) -> bool:
        return float(binom.cdf(failures, trials, bound)) <= tail

    return _first(enough, low=failures + 1)


def _first(enough: Callable[[int], bool], *, low: int) -> int:
    """Return the least number that is enough, where any larger one is. Raises InvalidInput."""
    high = MANY
    if not enough(high):
        raise InvalidInput(f"Over {MANY} persons: ask a wider interval.")
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return low


def _half(width: float) -> float:
    if width <= 0:
        raise InvalidInput("The width of an interval must be over 0.")
    return width / 2.0
