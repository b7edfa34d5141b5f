"""Gaps between subgroups, with intervals that hold for all of them at once.

Sources: Romano and Wolf, Econometrica 2005;73:1237 (max-T). Hardt, Price and Srebro, NeurIPS 2016
(equal opportunity). Efron and Tibshirani 1993, chapter 10 (bias of a maximum). The largest gap of
many noisy groups is large by chance alone: it is never given without its simultaneous interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Floats, Ints, Values
from ecluse.data.evaluation.bootstrap import Plan, Replicates, bootstrap
from ecluse.data.evaluation.intervals import Estimate, Interval
from ecluse.data.evaluation.multiplicity import benjamini_hochberg
from ecluse.data.evaluation.subgroups import MEASURES, Group, Subgroups
from ecluse.domain.errors import InvalidInput

LEAST_EVENTS: Final = 50
"""Events under which a group is "not evaluable", which is not "no difference"."""
PAIR: Final = 2
SHARES: Final = {
    "sensitivity": (0, 1),
    "specificity": (3, 2),
    "ppv": (0, 2),
    "false-positive-rate": (2, 3),
}
"""Measures that are shares of persons: the counts that succeed, and the others, of a 2x2 table."""


@dataclass(frozen=True, slots=True)
class Gap:
    """First group minus second; `p_value` adjusted over all pairs by max-T, `q_value` by BH."""

    first: Group
    second: Group
    difference: Estimate
    p_value: float
    q_value: float


@dataclass(frozen=True, slots=True)
class Gaps:
    """Every gap of one measure in one variable, and the largest.

    `largest` has a simultaneous interval, so it may be read after having looked at all pairs;
    `corrected` takes off what chance alone adds to a maximum, never under 0. `left_out` are groups
    with too few events.
    """

    measure: str
    pairs: tuple[Gap, ...]
    largest: Estimate
    corrected: float
    left_out: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Study:
    """The replicates of every measure of every group.

    `tables` are the 2x2 tables of the groups where rows are independent: a share that no draw
    changes then has its exact interval. None where clusters were drawn.
    """

    groups: tuple[Group, ...]
    replicates: Replicates
    tables: Ints | None

    def estimate(self, group: Group, measure: str) -> Estimate | None:
        """Return a measure of a group, None where it has too few events to tell.

        Raises:
            InvalidInput: the measure does not exist in this group for another reason.
        """
        if group.events < LEAST_EVENTS or group.cases - group.events < LEAST_EVENTS:
            return None
        return self.replicates.estimate(
            self._index(group, measure), counts=self._counts(group, measure)
        )

    def gaps(self, variable: str, measure: str) -> Gaps:
        """Return the gaps of a measure between the groups of a variable.

        Raises:
            InvalidInput: an unknown variable, or fewer than two evaluable groups.
        """
        named = [group for group in self.groups if group.variable == variable]
        if not named:
            raise InvalidInput(f"No variable is called {variable!r}.")
        kept = [
            group
            for group in named
            if min(group.events, group.cases - group.events) >= LEAST_EVENTS
        ]
        if len(kept) < PAIR:
            raise InvalidInput(
                f"{len(kept)} group of {variable} has {LEAST_EVENTS} events and as many without: "
                "no gap is evaluable, which does not mean there is none."
            )
        indices = [self._index(group, measure) for group in kept]
        drawn, values = self.replicates.draws[:, indices], self.replicates.values[indices]
        left_out = tuple(group for group in named if group not in kept)
        return _gaps(measure, kept, (values, drawn), self.replicates.plan, left_out)

    def _counts(self, group: Group, measure: str) -> tuple[int, int] | None:
        if self.tables is None or measure not in SHARES:
            return None
        table = self.tables[self.groups.index(group)]
        part, rest = (int(table[cell]) for cell in SHARES[measure])
        return part, part + rest

    def _index(self, group: Group, measure: str) -> int:
        return self.groups.index(group) * len(MEASURES) + Subgroups.column(measure)


def study(subgroups: Subgroups, clusters: Values, *, plan: Plan) -> Study:
    """Return the replicates of all measures of all subgroups, clusters drawn whole."""
    names, codes = arrays.labels(clusters, name="clusters")
    tables = subgroups.counts() if len(names) == codes.size else None
    return Study(subgroups.groups, bootstrap(subgroups.measure, codes, plan=plan), tables)


def _gaps(
    measure: str,
    groups: Sequence[Group],
    found: tuple[Floats, Floats],
    plan: Plan,
    left_out: tuple[Group, ...],
) -> Gaps:
    values, drawn = found
    pairs = list(combinations(range(len(groups)), PAIR))
    first, second = (np.array(side) for side in zip(*pairs, strict=True))
    gaps = values[first] - values[second]
    errors, centred, critical = simultaneous(drawn[:, first] - drawn[:, second], gaps, plan.level)
    largest = np.abs(centred / errors).max(axis=1)
    scores = np.abs(gaps) / errors
    adjusted = _p_values(scores[None, :] <= largest[:, None])
    q_values = benjamini_hochberg(_p_values(scores <= np.abs(centred / errors)))
    told = [
        Gap(
            groups[one],
            groups[two],
            _estimate(gaps[index], errors[index], critical, plan.level),
            float(adjusted[index]),
            float(q_values[index]),
        )
        for index, (one, two) in enumerate(pairs)
    ]
    top, corrected = _largest(gaps, drawn[:, first] - drawn[:, second], told, plan.level)
    return Gaps(measure, tuple(told), top, corrected, left_out)


def simultaneous(draws: Floats, values: Floats, level: float) -> tuple[Floats, Floats, float]:
    """Return errors, centred draws, and how many errors hold all values at once at `level`.

    `draws` is draws x values. Draws in which a value does not exist are left out.

    Raises:
        InvalidInput: a value never varies.
    """
    arrays.share(level, name="level")
    kept = draws[np.isfinite(draws).all(axis=1)]
    errors = kept.std(axis=0, ddof=1)
    if kept.shape[0] < draws.shape[0] * 0.95 or (errors <= 0).any():
        raise InvalidInput("A gap does not exist or never varies in the draws: not evaluable.")
    centred = kept - values
    critical = float(np.quantile(np.abs(centred / errors).max(axis=1), level))
    return errors, centred, critical


def _estimate(value: float, error: float, critical: float, level: float) -> Estimate:
    reach = critical * error
    interval = Interval(float(value - reach), float(value + reach), "max-T bootstrap", level)
    return Estimate(float(value), interval, float(error))


def _largest(
    gaps: Floats, drawn: Floats, told: Sequence[Gap], level: float
) -> tuple[Estimate, float]:
    """Return the largest gap in size, its simultaneous interval, and the corrected value."""
    sizes = np.abs(gaps)
    value = float(sizes.max())
    ends = [one.difference.interval for one in told]
    low = max(max(end.low, -end.high, 0.0) for end in ends)
    high = max(max(end.high, -end.low) for end in ends)
    bias = float(np.nanmean(np.abs(drawn).max(axis=1))) - value
    top = Estimate(value, Interval(low, high, "max-T bootstrap", level), None)
    return top, max(value - max(bias, 0.0), 0.0)


def _p_values(at_least: arrays.Bools) -> Floats:
    """Return shares of draws as extreme, the data counted as one, so that none is 0."""
    return np.asarray((at_least.sum(axis=0) + 1.0) / (at_least.shape[0] + 1.0), np.float64)
