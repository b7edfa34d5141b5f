"""Proportions: the seven intervals that Newcombe compares, and the rule that picks one.

Sources: Wilson, J Am Stat Assoc 1927;22:209. Clopper and Pearson, Biometrika 1934;26:404.
Newcombe, Stat Med 1998;17:857 (one proportion), 17:873 (difference), 17:2635 (paired difference).
Brown, Cai and DasGupta, Stat Sci 2001;16:101 (Agresti-Coull, Jeffreys).
"""

import math
from collections.abc import Callable

from scipy.optimize import brentq
from scipy.special import xlogy
from scipy.stats import beta, binom, chi2

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.intervals import LEVEL, Estimate, Interval, quantile
from ecluse.domain.errors import InvalidInput

TIGHT = 1e-13


def wald(successes: int, trials: int, *, level: float = LEVEL) -> Interval:
    """Return p ± z·√(p(1-p)/n), cut at 0 and 1: for comparison only, its coverage is poor."""
    p, z = _checked(successes, trials) / trials, quantile(level)
    reach = z * math.sqrt(p * (1.0 - p) / trials)
    return _cut(p - reach, p + reach, "wald", level)


def wald_continuity(successes: int, trials: int, *, level: float = LEVEL) -> Interval:
    """Return the Wald interval widened by 1/(2n) at each end: for comparison only."""
    simple, half = _checked(successes, trials) / trials, 0.5 / trials
    reach = quantile(level) * math.sqrt(simple * (1.0 - simple) / trials) + half
    return _cut(simple - reach, simple + reach, "wald-continuity", level)


def wilson(successes: int, trials: int, *, level: float = LEVEL) -> Interval:
    """Return the score interval, the default of every proportion here."""
    p, z = _checked(successes, trials) / trials, quantile(level)
    square = z * z
    centre = 2.0 * trials * p + square
    reach = z * math.sqrt(square + 4.0 * trials * p * (1.0 - p))
    low, high = ((centre + sign * reach) / (2.0 * (trials + square)) for sign in (-1, 1))
    # At 0 and n the end is exact; the formula leaves a rounding error there.
    return _cut(low if successes else 0.0, 1.0 if successes == trials else high, "wilson", level)


def wilson_continuity(successes: int, trials: int, *, level: float = LEVEL) -> Interval:
    """Return the score interval with continuity correction."""
    p, z = _checked(successes, trials) / trials, quantile(level)
    square, q = z * z, 1.0 - p
    below = square - 2.0 - 1.0 / trials + 4.0 * p * (trials * q + 1.0)
    above = square + 2.0 - 1.0 / trials + 4.0 * p * (trials * q - 1.0)
    scale, centre = 2.0 * (trials + square), 2.0 * trials * p + square
    low = (centre - 1.0 - z * math.sqrt(max(below, 0.0))) / scale if successes else 0.0
    high = (centre + 1.0 + z * math.sqrt(max(above, 0.0))) / scale if successes < trials else 1.0
    return _cut(low, high, "wilson-continuity", level)


def clopper_pearson(successes: int, trials: int, *, level: float = LEVEL) -> Interval:
    """Return the exact interval: it never covers less than `level`, so it suits safety claims."""
    _checked(successes, trials)
    tail = (1.0 - arrays.share(level, name="level")) / 2.0
    low = float(beta.ppf(tail, successes, trials - successes + 1)) if successes else 0.0
    misses = trials - successes
    high = float(beta.ppf(1.0 - tail, successes + 1, misses)) if misses else 1.0
    return Interval(low, high, "clopper-pearson", level)


def mid_p(successes: int, trials: int, *, level: float = LEVEL) -> Interval:
    """Return the exact interval that counts half of what was observed: near `level` on average."""
    _checked(successes, trials)
    tail = (1.0 - arrays.share(level, name="level")) / 2.0

    def above(p: float) -> float:
        """Tell P(more) + P(as many)/2, that rises with p."""
        as_many = binom.pmf(successes, trials, p)
        return float(binom.sf(successes, trials, p) + as_many / 2.0)

    low = _root(lambda p: above(p) - tail) if successes else 0.0
    high = _root(lambda p: above(p) - (1.0 - tail)) if successes < trials else 1.0
    return Interval(low, high, "mid-p", level)


def likelihood(successes: int, trials: int, *, level: float = LEVEL) -> Interval:
    """Return the proportions whose likelihood ratio is not refused by a chi-square of 1 degree."""
    p = _checked(successes, trials) / trials
    drop = float(chi2.ppf(arrays.share(level, name="level"), 1)) / 2.0

    def log_likelihood(at: float) -> float:
        return float(xlogy(successes, at) + xlogy(trials - successes, 1.0 - at))

    def gap(at: float) -> float:
        return log_likelihood(p) - log_likelihood(at) - drop

    low = _root(gap, high=p) if successes else 0.0
    high = _root(gap, low=p) if successes < trials else 1.0
    return Interval(low, high, "likelihood", level)


def agresti_coull(successes: int, trials: int, *, level: float = LEVEL) -> Interval:
    """Return the Wald interval after adding z²/2 successes and z²/2 failures."""
    _checked(successes, trials)
    z = quantile(level)
    n = trials + z * z
    p = (successes + z * z / 2.0) / n
    reach = z * math.sqrt(p * (1.0 - p) / n)
    return _cut(p - reach, p + reach, "agresti-coull", level)


def jeffreys(successes: int, trials: int, *, level: float = LEVEL) -> Interval:
    """Return the equal-tailed interval of a Beta(1/2, 1/2) prior, with its ends at 0 and n."""
    _checked(successes, trials)
    tail = (1.0 - arrays.share(level, name="level")) / 2.0
    shape = successes + 0.5, trials - successes + 0.5
    low = float(beta.ppf(tail, *shape)) if successes else 0.0
    high = float(beta.ppf(1.0 - tail, *shape)) if successes < trials else 1.0
    return Interval(low, high, "jeffreys", level)


def proportion(
    successes: int, trials: int, *, level: float = LEVEL, safety_claim: bool = False
) -> Estimate:
    """Return a proportion with the interval that the rule picks.

    Wilson; Clopper-Pearson where nothing or everything succeeded, and for a safety claim, since
    the exact interval is the one that never promises too much.
    """
    at_an_end = _checked(successes, trials) in (0, trials)
    pick = clopper_pearson if safety_claim or at_an_end else wilson
    p = successes / trials
    error = math.sqrt(p * (1.0 - p) / trials)
    return Estimate(p, pick(successes, trials, level=level), error)


def upper_bound(failures: int, trials: int, *, level: float = LEVEL) -> float:
    """Return the rate under which the true rate lies with one-sided confidence, exactly.

    With 0 failures of n it is about 3/n. Source: Clopper and Pearson 1934, one side.
    """
    _checked(failures, trials)
    arrays.share(level, name="level")
    return 1.0 if failures == trials else float(beta.ppf(level, failures + 1, trials - failures))


def difference(
    first: tuple[int, int], second: tuple[int, int], *, level: float = LEVEL
) -> Estimate:
    """Return p1 - p2 of two independent samples, each (successes, trials).

    Hybrid of the two Wilson intervals: Newcombe 1998, 17:873, method 10.
    """
    one, two = wilson(*first, level=level), wilson(*second, level=level)
    p, q = first[0] / first[1], second[0] / second[1]
    low = p - q - math.hypot(p - one.low, two.high - q)
    high = p - q + math.hypot(one.high - p, q - two.low)
    error = math.sqrt(p * (1 - p) / first[1] + q * (1 - q) / second[1])
    return Estimate(p - q, Interval(low, high, "newcombe-wilson", level), error)


def paired_difference(
    both: int, first_only: int, second_only: int, neither: int, *, level: float = LEVEL
) -> Estimate:
    """Return p1 - p2 where the same cases were judged twice: Newcombe 1998, 17:2635, method 10."""
    cells = [arrays.count(cell, name="count") for cell in (both, first_only, second_only, neither)]
    trials = arrays.count(sum(cells), name="trials", least=1)
    p, q = (both + first_only) / trials, (both + second_only) / trials
    one = wilson(both + first_only, trials, level=level)
    two = wilson(both + second_only, trials, level=level)
    phi = _correlation(both, first_only, second_only, neither)
    low = _reach(p - one.low, two.high - q, phi)
    high = _reach(one.high - p, q - two.low, phi)
    value = p - q
    error = math.sqrt(max(first_only + second_only - trials * value**2, 0.0)) / trials
    return Estimate(
        value, Interval(value - low, value + high, "newcombe-wilson-paired", level), error
    )


def _correlation(both: int, first_only: int, second_only: int, neither: int) -> float:
    """Return phi of a paired table, corrected downwards when positive; 0 where it is undefined."""
    cross = both * neither - first_only * second_only
    margins = (both + first_only) * (second_only + neither)
    margins *= (both + second_only) * (first_only + neither)
    if not margins:
        return 0.0
    trials = both + first_only + second_only + neither
    corrected = max(cross - trials / 2.0, 0.0) if cross > 0 else float(cross)
    return corrected / math.sqrt(margins)


def _reach(first: float, second: float, phi: float) -> float:
    return math.sqrt(max(first**2 - 2.0 * phi * first * second + second**2, 0.0))


def _checked(successes: int, trials: int) -> int:
    arrays.count(trials, name="trials", least=1)
    if arrays.count(successes, name="successes") > trials:
        raise InvalidInput(f"{successes} successes of {trials} trials: count again.")
    return successes


def _root(function: Callable[[float], float], *, low: float = 0.0, high: float = 1.0) -> float:
    inside = max(low, TIGHT), min(high, 1.0 - TIGHT)
    return float(brentq(function, *inside, xtol=1e-14))


def _cut(low: float, high: float, method: str, level: float) -> Interval:
    return Interval(max(low, 0.0), min(high, 1.0), method, level)
