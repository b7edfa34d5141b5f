"""Several sites: one pooled value, how far sites differ, and what a new site may see.

Sources: DerSimonian and Laird, Control Clin Trials 1986;7:177. Viechtbauer, J Educ Behav Stat
2005;30:261 (REML). Paule and Mandel 1982. Knapp and Hartung, Stat Med 2003;22:2693, and Sidik and
Jonkman 2002 (interval). Higgins, Thompson and Spiegelhalter, J R Stat Soc A 2009;172:137, and
IntHout and others, BMJ Open 2016;6:e010247 (prediction). Debray and others, BMJ 2017;356:i6460.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2
from scipy.stats import t as student

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Floats, Values
from ecluse.data.evaluation.intervals import LEVEL, Estimate, Interval, expit, logit, quantile
from ecluse.domain.errors import InvalidInput

Heterogeneity = Literal["reml", "dersimonian-laird", "paule-mandel"]
LEAST_SITES: Final = 2
LEAST_PREDICTED: Final = 3
STEPS: Final = 500
CLOSE: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Pooled:
    """A pooled value; `tau2` is the variance between sites, `i2` its share of the total.

    `prediction` is where the true value of a new site lies: the number a hospital should read
    before using the model. None with fewer than three sites.
    """

    estimate: Estimate
    prediction: Interval | None
    tau2: float
    q: float
    q_p_value: float
    i2: float
    sites: int


def pool(
    values: Values,
    errors: Values,
    *,
    heterogeneity: Heterogeneity = "reml",
    knapp_hartung: bool = True,
    level: float = LEVEL,
) -> Pooled:
    """Pool values of sites with their standard errors, on the scale given: random effects.

    With `knapp_hartung` the interval uses Student's t and the spread seen between sites, as few
    sites need; otherwise the normal one. The prediction interval has k-1 degrees of freedom with
    Knapp and Hartung, k-2 without, as in each source.

    Raises:
        InvalidInput: fewer than two sites, or an error that is not over 0.
    """
    found, variances = _checked(values, errors)
    tau2 = _BETWEEN[heterogeneity](found, variances)
    weights = 1.0 / (variances + tau2)
    centre = float(weights @ found / weights.sum())
    variance = 1.0 / float(weights.sum())
    sites = found.size
    method = f"{heterogeneity}, normal"
    reach = quantile(level)
    if knapp_hartung:
        variance *= float(weights @ (found - centre) ** 2) / (sites - 1)
        reach, method = _student(level, sites - 1), f"{heterogeneity}, Knapp-Hartung"
    error = math.sqrt(variance)
    interval = Interval(centre - reach * error, centre + reach * error, method, level)
    ahead = _prediction((centre, variance + tau2), sites, level, 1 if knapp_hartung else 2)
    q, i2 = _cochran(found, variances)
    p_value = float(chi2.sf(q, sites - 1))
    return Pooled(Estimate(centre, interval, error), ahead, tau2, q, p_value, i2, sites)


def pool_proportions(
    values: Values, errors: Values, *, heterogeneity: Heterogeneity = "reml", level: float = LEVEL
) -> Pooled:
    """Pool areas or proportions of sites, with standard errors on their own scale, on the logit.

    Raises:
        InvalidInput: a site is at 0 or 1, where its logit does not exist: pool counts instead.
    """
    found = [logit(float(one)) for one in arrays.probabilities(values, name="values")]
    shares = arrays.probabilities(values, name="values")
    scaled = arrays.numbers(errors, name="errors") / (shares * (1.0 - shares))
    pooled = pool(found, scaled, heterogeneity=heterogeneity, level=level)
    return _mapped(pooled, expit)


def pool_ratios(
    values: Values,
    log_errors: Values,
    *,
    heterogeneity: Heterogeneity = "reml",
    level: float = LEVEL,
) -> Pooled:
    """Pool ratios of sites (observed over expected) with the standard errors of their logs."""
    found = arrays.positives(values, name="ratios")
    if not found.all():
        raise InvalidInput("A ratio is 0: its logarithm does not exist; merge this site.")
    return _mapped(
        pool(np.log(found), log_errors, heterogeneity=heterogeneity, level=level), math.exp
    )


def pool_counts(tables: Sequence[Values]) -> Floats:
    """Return the sum of tables of counts of one length: what pools exactly, without any model."""
    found = [arrays.positives(table, name="counts") for table in tables]
    arrays.count(len(found), name="sites", least=1)
    arrays.same_length(**{f"site {index + 1}": table for index, table in enumerate(found)})
    return np.asarray(np.sum(found, axis=0), np.float64)


def binned_area(cases: Values, controls: Values) -> float:
    """Return the area under the curve from counts by bins of rising score, ties for half.

    Bins common to all sites let counts be summed: no score of anyone leaves a site.
    """
    ill, well = arrays.positives(cases, name="cases"), arrays.positives(controls, name="controls")
    arrays.same_length(cases=ill, controls=well)
    if not ill.sum() or not well.sum():
        raise InvalidInput("Bins lack cases or controls.")
    under = np.cumsum(well) - well / 2.0
    return float(ill @ under / (ill.sum() * well.sum()))


def _mapped(pooled: Pooled, back: Callable[[float], float]) -> Pooled:
    """Return a pooled value on its own scale; tau2 stays on the scale of pooling."""
    inner = pooled.estimate
    ends = _back(inner.interval, back)
    ahead = _back(pooled.prediction, back) if pooled.prediction else None
    estimate = Estimate(back(inner.value), ends, None)
    return Pooled(estimate, ahead, pooled.tau2, pooled.q, pooled.q_p_value, pooled.i2, pooled.sites)


def _back(interval: Interval, back: Callable[[float], float]) -> Interval:
    return Interval(back(interval.low), back(interval.high), interval.method, interval.level)


def _prediction(found: tuple[float, float], sites: int, level: float, lost: int) -> Interval | None:
    if sites < LEAST_PREDICTED:
        return None
    centre, variance = found
    reach = _student(level, sites - lost) * math.sqrt(variance)
    return Interval(centre - reach, centre + reach, f"prediction, t of {sites - lost}", level)


def _dersimonian_laird(values: Floats, variances: Floats) -> float:
    weights = 1.0 / variances
    q, _ = _cochran(values, variances)
    scale = float(weights.sum() - (weights**2).sum() / weights.sum())
    return max((q - (values.size - 1)) / scale, 0.0)


def _paule_mandel(values: Floats, variances: Floats) -> float:
    def gap(tau2: float) -> float:
        return _cochran(values, variances + tau2)[0] - (values.size - 1)

    if gap(0.0) <= 0.0:
        return 0.0
    high = float(np.var(values)) + 1.0
    while gap(high) > 0.0:
        high *= 2.0
    return float(brentq(gap, 0.0, high, xtol=CLOSE))


def _reml(values: Floats, variances: Floats) -> float:
    """Return the variance by Fisher scoring of the restricted likelihood, never under 0."""
    tau2 = _dersimonian_laird(values, variances)
    for _ in range(STEPS):
        weights = 1.0 / (variances + tau2)
        total, squares = float(weights.sum()), float((weights**2).sum())
        centre = float(weights @ values) / total
        slope = float(weights**2 @ (values - centre) ** 2) - total + squares / total
        curve = squares - 2.0 * float((weights**3).sum()) / total + (squares / total) ** 2
        step = slope / curve if curve > 0 else 0.0
        new = max(tau2 + step, 0.0)
        if abs(new - tau2) < CLOSE:
            return new
        tau2 = new
    raise InvalidInput("The variance between sites does not converge: use paule-mandel.")


_BETWEEN: Final[dict[str, Callable[[Floats, Floats], float]]] = {
    "reml": _reml,
    "dersimonian-laird": _dersimonian_laird,
    "paule-mandel": _paule_mandel,
}


def _cochran(values: Floats, variances: Floats) -> tuple[float, float]:
    weights = 1.0 / variances
    centre = float(weights @ values / weights.sum())
    q = float(weights @ (values - centre) ** 2)
    return q, max(0.0, 1.0 - (values.size - 1) / q) if q > 0 else 0.0


def _student(level: float, degrees: int) -> float:
    return float(student.ppf(0.5 + arrays.share(level, name="level") / 2.0, degrees))


def _checked(values: Values, errors: Values) -> tuple[Floats, Floats]:
    found, spread = arrays.numbers(values), arrays.numbers(errors, name="errors")
    arrays.same_length(values=found, errors=spread)
    if found.size < LEAST_SITES:
        raise InvalidInput("One site is no pool: two at least.")
    if (spread <= 0).any():
        raise InvalidInput("A standard error is 0 or less: a site without uncertainty is no site.")
    return found, spread**2
