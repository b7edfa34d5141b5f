"""Agreement of readers: kappa for categories, intraclass correlation for numbers.

Sources: Cohen, Educ Psychol Meas 1960;20:37. Fleiss, Cohen and Everitt, Psychol Bull 1969;72:323
(standard errors). Fleiss, Psychol Bull 1971;76:378 (many readers). Shrout and Fleiss, Psychol Bull
1979;86:420, and McGraw and Wong, Psychol Methods 1996;1:30 (intraclass correlation).
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import f as fisher

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Floats, Values
from ecluse.data.evaluation.intervals import LEVEL, Estimate, Interval, wald
from ecluse.domain.errors import InvalidInput

Weighting = Literal["none", "linear", "quadratic"]
TABLE = 2


@dataclass(frozen=True, slots=True)
class Intraclass:
    """The six coefficients of Shrout and Fleiss, of one reader then of the mean of all.

    `one_way`: readers differ from case to case. `agreement`: readers drawn from many, whose level
    counts, ICC(2, ·). `consistency`: these readers alone, ICC(3, ·).
    """

    one_way: Estimate
    agreement: Estimate
    consistency: Estimate
    mean_one_way: Estimate
    mean_agreement: Estimate
    mean_consistency: Estimate


def cohen_kappa(
    table: npt.ArrayLike, *, weighting: Weighting = "none", level: float = LEVEL
) -> Estimate:
    """Return kappa of two readers from a k x k table of counts, categories in order.

    Raises:
        InvalidInput: the table is not square, is empty, or both readers used one category alone.
    """
    counts = _matrix(table)
    if counts.shape[0] != counts.shape[1] or (counts < 0).any() or not counts.sum():
        raise InvalidInput(f"A table of shape {counts.shape} is no square table of counts.")
    total, shares = counts.sum(), counts / counts.sum()
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    weights = _weights(counts.shape[0], weighting)
    seen, expected = float((weights * shares).sum()), float(rows @ weights @ columns)
    if math.isclose(expected, 1.0):
        raise InvalidInput("Both readers used one category alone: kappa does not exist.")
    kappa = (seen - expected) / (1.0 - expected)
    pull = (weights @ columns)[:, None] + (rows @ weights)[None, :]
    inner = float((shares * (weights - pull * (1.0 - kappa)) ** 2).sum())
    variance = (inner - (kappa - expected * (1.0 - kappa)) ** 2) / total
    error = math.sqrt(max(variance, 0.0)) / (1.0 - expected)
    interval = wald(kappa, error, level=level, method="fleiss-cohen-everitt")
    return Estimate(kappa, _within(interval, -1.0), error)


def kappa_of(first: Values, second: Values, *, level: float = LEVEL) -> Estimate:
    """Return unweighted kappa of two vectors of categories, one row a case."""
    names = np.concatenate([np.asarray(first).ravel(), np.asarray(second).ravel()])
    kinds, codes = arrays.labels(names, name="categories")
    half = codes.size // 2
    arrays.same_length(first=np.asarray(first), second=np.asarray(second))
    pairs = codes[:half] * len(kinds) + codes[half:]
    table = np.bincount(pairs, minlength=len(kinds) ** 2)
    return cohen_kappa(table.reshape(len(kinds), -1), level=level)


def fleiss_kappa(counts: npt.ArrayLike) -> float:
    """Return kappa of many readers: rows are cases, columns categories, cells counts of readers.

    Raises:
        InvalidInput: cases have different numbers of readers, or one category alone was used.
    """
    table = _matrix(counts)
    readers = table.sum(axis=1)
    if (table < 0).any() or np.ptp(readers) or readers[0] < TABLE:
        raise InvalidInput("Every case needs the same number of readers, two at least.")
    n = float(readers[0])
    seen = float(((table**2).sum(axis=1) - n).mean() / (n * (n - 1.0)))
    expected = float(((table.sum(axis=0) / table.sum()) ** 2).sum())
    if math.isclose(expected, 1.0):
        raise InvalidInput("All readers used one category alone: kappa does not exist.")
    return (seen - expected) / (1.0 - expected)


def intraclass(ratings: npt.ArrayLike, *, level: float = LEVEL) -> Intraclass:
    """Return the intraclass correlations of a cases x readers table of numbers, none missing.

    Raises:
        InvalidInput: fewer than two cases or readers, or cases that do not vary.
    """
    table = _matrix(ratings)
    if min(table.shape) < TABLE:
        raise InvalidInput(f"Ratings of shape {table.shape}: two cases and two readers at least.")
    squares = _MeanSquares.of(table)
    if squares.rows <= 0 or squares.error <= 0:
        raise InvalidInput("Ratings do not vary between cases, or readers agree to the digit.")
    ways = squares.one_way(level), squares.agreement(level), squares.consistency(level)
    means = [_of_mean(way, squares.readers) for way in ways]
    return Intraclass(*ways, *means)


@dataclass(frozen=True, slots=True)
class _MeanSquares:
    """The two-way analysis of variance of n cases by k readers."""

    rows: float
    columns: float
    error: float
    within: float
    cases: int
    readers: int

    @classmethod
    def of(cls, table: Floats) -> "_MeanSquares":
        n, k = table.shape
        mean = table.mean()
        rows = k * float(((table.mean(axis=1) - mean) ** 2).sum())
        columns = n * float(((table.mean(axis=0) - mean) ** 2).sum())
        rest = float(((table - mean) ** 2).sum()) - rows - columns
        within = (columns + rest) / (n * (k - 1))
        return cls(
            rows / (n - 1), columns / (k - 1), rest / ((n - 1) * (k - 1)), within, int(n), int(k)
        )

    def one_way(self, level: float) -> Estimate:
        degrees = self.cases - 1, self.cases * (self.readers - 1)
        return self._from_ratio(self.rows / self.within, degrees, level, "icc-1")

    def consistency(self, level: float) -> Estimate:
        degrees = self.cases - 1, (self.cases - 1) * (self.readers - 1)
        return self._from_ratio(self.rows / self.error, degrees, level, "icc-3")

    def agreement(self, level: float) -> Estimate:
        n, k = self.cases, self.readers
        value = (self.rows - self.error) / (
            self.rows + (k - 1) * self.error + k * (self.columns - self.error) / n
        )
        # Satterthwaite's degrees of freedom, McGraw and Wong 1996, table 7.
        a = k * value / (n * (1.0 - value))
        b = 1.0 + k * value * (n - 1) / (n * (1.0 - value))
        free = (a * self.columns + b * self.error) ** 2
        free /= (a * self.columns) ** 2 / (k - 1) + (b * self.error) ** 2 / ((n - 1) * (k - 1))
        low_f, high_f = _f_points((n - 1, free), level)
        rest = k * self.columns + (k * n - k - n) * self.error
        low = n * (self.rows - low_f * self.error) / (low_f * rest + n * self.rows)
        high = n * (high_f * self.rows - self.error) / (rest + n * high_f * self.rows)
        return Estimate(value, Interval(low, high, "icc-2", level))

    def _from_ratio(
        self, ratio: float, degrees: tuple[float, float], level: float, method: str
    ) -> Estimate:
        low_f, high_f = _f_points(degrees, level)
        ends = [
            (one - 1.0) / (one + self.readers - 1.0)
            for one in (ratio / low_f, ratio, ratio * high_f)
        ]
        return Estimate(ends[1], Interval(ends[0], ends[2], method, level))


def _f_points(degrees: tuple[float, float], level: float) -> tuple[float, float]:
    upper = 0.5 + arrays.share(level, name="level") / 2.0
    return float(fisher.ppf(upper, *degrees)), float(fisher.ppf(upper, degrees[1], degrees[0]))


def _of_mean(single: Estimate, readers: int) -> Estimate:
    """Spearman and Brown: what the mean of all readers reaches."""
    value, low, high = (
        readers * one / (1.0 + (readers - 1) * one)
        for one in (single.value, single.interval.low, single.interval.high)
    )
    return Estimate(value, Interval(low, high, f"{single.interval.method}k", single.interval.level))


def _weights(size: int, weighting: Weighting) -> Floats:
    apart = np.abs(np.subtract.outer(np.arange(size), np.arange(size))).astype(np.float64)
    if weighting == "none":
        return np.eye(size)
    scaled = apart / max(size - 1, 1)
    return 1.0 - (scaled if weighting == "linear" else scaled**2)


def _matrix(values: npt.ArrayLike) -> Floats:
    found = np.asarray(values, np.float64)
    if found.ndim != TABLE or not found.size or not np.isfinite(found).all():
        raise InvalidInput(f"Shape {found.shape}: give a table of finite numbers, not empty.")
    return found


def _within(interval: Interval, least: float) -> Interval:
    low, high = max(interval.low, least), min(interval.high, 1.0)
    return Interval(low, high, interval.method, interval.level)
