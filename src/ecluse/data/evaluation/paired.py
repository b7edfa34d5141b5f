"""Two tests on the same cases: McNemar.

Sources: McNemar, Psychometrika 1947;12:153. Fagerland, Lydersen and Laake, BMC Med Res Methodol
2013;13:91 (mid-p is the one to use; the exact test is too careful).
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binom, chi2

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Values
from ecluse.data.evaluation.intervals import LEVEL, Estimate
from ecluse.data.evaluation.proportions import paired_difference


@dataclass(frozen=True, slots=True)
class McNemar:
    """P-values of "both are right as often", by three methods; `mid_p` is the one to report."""

    exact: float
    mid_p: float
    asymptotic: float


def mcnemar(first_only: int, second_only: int) -> McNemar:
    """Return the tests from the counts of cases that only one of two judged well.

    With no such case there is no evidence at all: every p-value is 1.
    """
    first = arrays.count(first_only, name="first_only")
    second = arrays.count(second_only, name="second_only")
    disagreeing, least = first + second, min(first, second)
    if not disagreeing:
        return McNemar(1.0, 1.0, 1.0)
    tail = 2.0 * float(binom.cdf(least, disagreeing, 0.5))
    if first == second:
        # Both tails meet in the middle: the p-value is 1, less half of that point for mid-p.
        point = float(binom.pmf(least, disagreeing, 0.5))
        return McNemar(1.0, 1.0 - point / 2.0, 1.0)
    at_point = float(binom.pmf(least, disagreeing, 0.5))
    statistic = (first - second) ** 2 / disagreeing
    return McNemar(min(tail, 1.0), tail - at_point, float(chi2.sf(statistic, 1)))


def compare_correct(
    first_right: Values, second_right: Values, *, level: float = LEVEL
) -> tuple[Estimate, McNemar]:
    """Return the difference of the shares of cases judged well, and its tests, one row a case."""
    one = arrays.binary(first_right, name="first_right")
    two = arrays.binary(second_right, name="second_right")
    arrays.same_length(first_right=one, second_right=two)
    cells = [int(np.sum(cell)) for cell in (one & two, one & ~two, ~one & two, ~one & ~two)]
    difference = paired_difference(*cells, level=level)
    return difference, mcnemar(cells[1], cells[2])
