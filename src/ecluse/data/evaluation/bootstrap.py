"""Resampling by cluster: seeded, the same on any number of threads, percentile or BCa.

A statistic is a function of weights: how many times each row was drawn. Rows are never copied, so
that what can be sorted is sorted once. Counts may be drawn instead of rows (`bootstrap_counts`):
the distribution is the same, the cost is that of the cells.

Sources: Efron, J Am Stat Assoc 1987;82:171 (BCa). Davison and Hinkley 1997, sections 2.4 (clusters)
and 5.3. Field and Welsh, J R Stat Soc B 2007;69:369 (whole clusters).
"""

import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Floats, Ints, Values
from ecluse.data.evaluation.intervals import LEVEL, Estimate, Interval
from ecluse.data.evaluation.proportions import clopper_pearson
from ecluse.domain.errors import InvalidInput

LEAST_DRAWS: Final = 200
LEAST_CLUSTERS: Final = 5
CHUNK: Final = 20
"""Draws that share one stream of random numbers: results do not depend on the threads."""
BLOCKS: Final = 400
"""Blocks of clusters left out in turn, for the acceleration of BCa."""
UNDEFINED_SHARE: Final = 0.05
"""Draws in which a measure may not exist (no case drawn) before it is called not evaluable."""

SAME: Final = 1e-12
"""What rounding may leave between two equal values."""

Method = Literal["bca", "percentile"]
Statistic = Callable[[Floats], Floats]
"""Gives k numbers from how often each row counts; NaN where one does not exist."""
CountStatistic = Callable[[Floats], Floats]
"""Gives a draws x k table of numbers from a draws x cells table of counts."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a protocol fixes: the seed, the number of draws, the level, the method, the threads."""

    seed: int
    draws: int = 2000
    level: float = LEVEL
    method: Method = "bca"
    threads: int = 1

    def __post_init__(self) -> None:
        arrays.count(self.seed, name="seed")
        arrays.count(self.draws, name="draws", least=LEAST_DRAWS)
        arrays.count(self.threads, name="threads", least=1)
        arrays.share(self.level, name="level")


@dataclass(frozen=True, slots=True)
class Replicates:
    """What was measured: k `values` on all rows, then one row a draw and a column a value.

    `left_out` holds the values without each block; `times` how many units each block stands for.
    """

    values: Floats
    draws: Floats
    left_out: Floats
    times: Floats
    plan: Plan

    def estimates(self) -> tuple[Estimate, ...]:
        """Return one estimate a value. Raises InvalidInput as `estimate` does."""
        return tuple(self.estimate(index) for index in range(self.values.size))

    def estimate(self, index: int, *, counts: tuple[int, int] | None = None) -> Estimate:
        """Return the value at `index` with its interval and standard error.

        `counts` (successes, trials) are those of a proportion: where every draw gives the same
        value, the interval is then the exact one, and it is refused without them.

        Raises:
            InvalidInput: the value does not exist, in the data or in over 5 % of the draws; or no
                draw differs and no counts were given.
        """
        drawn = self.draws[:, index]
        kept = drawn[np.isfinite(drawn)]
        value = float(self.values[index])
        undefined = 1.0 - kept.size / drawn.size
        if not math.isfinite(value) or undefined > UNDEFINED_SHARE:
            raise InvalidInput(
                f"The measure does not exist in {undefined:.0%} of the draws: "
                "too few cases or controls, so it is not evaluable."
            )
        if np.ptp(kept) <= SAME * max(abs(value), 1.0):
            return Estimate(value, _exact(counts, self.plan.level))
        return Estimate(value, self._interval(index, value, kept), float(kept.std(ddof=1)))

    def _interval(self, index: int, value: float, kept: Floats) -> Interval:
        tails = _tails(self.plan.level)
        if self.plan.method == "percentile":
            return _percentile(kept, tails, "percentile", self.plan.level)
        shift = _bias(kept, value)
        pull = _acceleration(self.left_out[:, index], self.times)
        if shift is None or pull is None:
            return _percentile(kept, tails, "percentile (no bca here)", self.plan.level)
        moved = [_moved(tail, shift, pull) for tail in tails]
        if not 0.0 < moved[0] < moved[1] < 1.0:
            return _percentile(kept, tails, "percentile (no bca here)", self.plan.level)
        return _percentile(kept, moved, "bca", self.plan.level)


def bootstrap(statistic: Statistic, clusters: Values, *, plan: Plan) -> Replicates:
    """Draw clusters with replacement, `plan.draws` times, and measure each draw.

    `clusters` names the cluster of each row (a patient, a site); give each row its own where rows
    are independent. All rows of a drawn cluster count together.

    Raises:
        InvalidInput: fewer than five clusters, whose intervals would be far too narrow.
    """
    codes, size = _codes(clusters)
    if size < LEAST_CLUSTERS:
        raise InvalidInput(f"{size} clusters: the bootstrap needs {LEAST_CLUSTERS} at least.")
    spread = _spreader(codes)
    values = statistic(spread(np.ones(size)))

    def one(rng: np.random.Generator) -> Floats:
        return statistic(spread(np.bincount(rng.integers(size, size=size), minlength=size)))

    draws = np.stack(list(_in_threads(one, plan)))
    left_out = np.empty((0, values.size))
    if plan.method == "bca":
        left_out = np.stack([statistic(spread(kept)) for kept in _without_blocks(size, plan.seed)])
    return Replicates(values, draws, left_out, np.ones(left_out.shape[0]), plan)


def bootstrap_counts(counts: npt.ArrayLike, statistic: CountStatistic, *, plan: Plan) -> Replicates:
    """Draw tables of counts: the same distribution as drawing the cases, at the cost of the cells.

    `counts` holds how many independent cases are in each cell; `statistic` is given many tables at
    once. Exact: the counts of cells of a bootstrap sample are multinomial.

    Raises:
        InvalidInput: no case.
    """
    cells = arrays.positives(counts, name="counts")
    total = arrays.count(int(cells.sum()), name="cases", least=1)
    rng = np.random.default_rng(plan.seed)
    drawn = rng.multinomial(total, cells / cells.sum(), size=plan.draws).astype(np.float64)
    filled = np.flatnonzero(cells)
    without = np.repeat(cells[None, :], filled.size, axis=0)
    without[np.arange(filled.size), filled] -= 1.0
    values = statistic(cells[None, :])[0]
    return Replicates(values, statistic(drawn), statistic(without), cells[filled], plan)


def by_rows(measure: Callable[..., float], *columns: Values) -> Statistic:
    """Return a statistic from any function of rows: rows drawn twice are given twice.

    For kappa, intraclass correlation, macro F1 and all that takes no weights. `measure` is given
    the drawn rows of each column (a vector, or a table by its first axis); where it raises
    InvalidInput the draw counts as undefined. Slower than a statistic of weights.
    """
    tables = [np.asarray(column) for column in columns]
    size = arrays.same_length(**{f"column {index + 1}": one for index, one in enumerate(tables)})

    def of_weights(weights: Floats) -> Floats:
        rows = np.repeat(np.arange(size), weights.astype(np.int64))
        try:
            return np.array([measure(*(one[rows] for one in tables))])
        except InvalidInput:
            return np.array([np.nan])

    return of_weights


def mean_difference(first: Values, second: Values, clusters: Values, *, plan: Plan) -> Estimate:
    """Return the mean of first - second over paired rows, clusters drawn whole."""
    one, two = arrays.numbers(first, name="first"), arrays.numbers(second, name="second")
    arrays.same_length(first=one, second=two)
    gaps = one - two

    def mean(weights: Floats) -> Floats:
        return np.array([weights @ gaps / weights.sum()])

    found = bootstrap(mean, clusters, plan=plan)
    return found.estimate(0)


def _codes(clusters: Values) -> tuple[Ints | None, int]:
    """Return the cluster of each row, None where every row is its own."""
    names, codes = arrays.labels(clusters, name="clusters")
    return (None if len(names) == codes.size else codes), len(names)


def _spreader(codes: Ints | None) -> Callable[[npt.NDArray[np.generic]], Floats]:
    if codes is None:
        return lambda drawn: drawn.astype(np.float64)
    return lambda drawn: drawn.astype(np.float64)[codes]


def _in_threads(one: Callable[[np.random.Generator], Floats], plan: Plan) -> Iterator[Floats]:
    streams = np.random.SeedSequence(plan.seed).spawn(math.ceil(plan.draws / CHUNK))

    def chunk(number: int) -> list[Floats]:
        rng = np.random.Generator(np.random.SFC64(streams[number]))
        return [one(rng) for _ in range(min(CHUNK, plan.draws - number * CHUNK))]

    with ThreadPoolExecutor(plan.threads) as pool:
        for found in pool.map(chunk, range(len(streams))):
            yield from found


def _without_blocks(size: int, seed: int) -> Iterator[Floats]:
    """Give weights of clusters with one block left out in turn: one cluster a block if few."""
    order = np.random.default_rng(seed).permutation(size)
    for block in np.array_split(order, min(size, BLOCKS)):
        kept = np.ones(size)
        kept[block] = 0.0
        yield kept


def _bias(kept: Floats, value: float) -> float | None:
    """Return z0: where the value lies among the draws, ties for half; None at the very edge."""
    same = np.abs(kept - value) <= SAME * max(abs(value), 1.0)
    under = (float(((kept < value) & ~same).sum()) + float(same.sum()) / 2.0) / kept.size
    return float(ndtri(under)) if 0.0 < under < 1.0 else None


def _acceleration(left_out: Floats, times: Floats) -> float | None:
    if not np.isfinite(left_out).all() or not times.sum():
        return None
    gaps = float(left_out @ times) / float(times.sum()) - left_out
    spread = float(times @ gaps**2)
    return float(times @ gaps**3) / (6.0 * spread**1.5) if spread > 0.0 else None


def _moved(tail: float, shift: float, pull: float) -> float:
    z = shift + float(ndtri(tail))
    return float(ndtr(shift + z / (1.0 - pull * z)))


def _tails(level: float) -> tuple[float, float]:
    return (1.0 - level) / 2.0, (1.0 + level) / 2.0


def _percentile(kept: Floats, tails: Iterable[float], method: str, level: float) -> Interval:
    low, high = np.quantile(kept, list(tails))
    return Interval(float(low), float(high), method, level)


def _exact(counts: tuple[int, int] | None, level: float) -> Interval:
    if counts is None:
        raise InvalidInput(
            "Every draw gives the same value, at the edge of what is possible: the bootstrap tells "
            "no interval here. Give the counts for an exact one, or report the value alone."
        )
    return clopper_pearson(*counts, level=level)
