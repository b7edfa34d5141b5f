"""Conformal prediction: sets and intervals that hold the truth as often as promised.

Sources: Vovk, Gammerman and Shafer 2005. Lei and others, J Am Stat Assoc 2018;113:1094 (split).
Romano, Sesia and Candès, NeurIPS 2020 (adaptive sets). Vovk, ACML 2012 (coverage of a calibration
sample is Beta; Mondrian categories).

The promise is marginal: on average over persons like those of the calibration sample. It is not a
promise for each subgroup; `coverage` shows both, and Mondrian thresholds make it one a group.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Bools, Floats, Values
from ecluse.data.evaluation.intervals import LEVEL, Estimate
from ecluse.data.evaluation.proportions import proportion
from ecluse.domain.errors import InvalidInput

TABLE: Final = 2
UNITY: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often the truth was held, and the mean size of sets (or width of intervals)."""

    group: str
    coverage: Estimate
    size: float


def split_threshold(nonconformity: Values, *, miss: float) -> float:
    """Return the score under which a value is kept: the ⌈(n+1)(1-miss)⌉-th smallest.

    `nonconformity` are the scores of the calibration sample, large where the model was wrong.

    Raises:
        InvalidInput: the sample is too small to promise 1 - miss.
    """
    found = np.sort(arrays.numbers(nonconformity, name="nonconformity scores"))
    rank = _rank(found.size, arrays.share(miss, name="miss"))
    return float(found[rank - 1])


def mondrian_thresholds(
    nonconformity: Values, groups: Values, *, miss: float
) -> Mapping[str, float]:
    """Return one threshold a group, so that the promise holds in each.

    Raises:
        InvalidInput: a group is too small, with its name and the number it needs.
    """
    found = arrays.numbers(nonconformity, name="nonconformity scores")
    names, codes = arrays.labels(groups)
    arrays.same_length(nonconformity=found, groups=codes)
    least = math.ceil(1.0 / arrays.share(miss, name="miss")) - 1
    small = [name for index, name in enumerate(names) if int((codes == index).sum()) < least]
    if small:
        raise InvalidInput(
            f"Groups {', '.join(small)} have under {least} calibration cases: merge them or give "
            "the marginal promise alone."
        )
    return {
        name: split_threshold(found[codes == index], miss=miss) for index, name in enumerate(names)
    }


def expected_coverage(size: int, *, miss: float, level: float = LEVEL) -> tuple[float, float]:
    """Return between which values the coverage of one calibration sample lies, over samples.

    It is Beta(k, n+1-k) with k = ⌈(n+1)(1-miss)⌉, for scores that do not tie.
    """
    arrays.count(size, name="size", least=1)
    rank = _rank(size, arrays.share(miss, name="miss"))
    tail = (1.0 - arrays.share(level, name="level")) / 2.0
    low, high = beta.ppf([tail, 1.0 - tail], rank, size + 1 - rank)
    return float(low), float(high)


def classification_scores(probabilities: npt.ArrayLike, truth: Values) -> Floats:
    """Return 1 - the probability given to the true class, of cases x classes probabilities."""
    table, classes = _classes(probabilities, truth)
    return 1.0 - np.asarray(table[np.arange(classes.size), classes], np.float64)


def classification_sets(probabilities: npt.ArrayLike, threshold: float) -> Bools:
    """Return which classes are kept for each case: cases x classes."""
    return np.asarray(1.0 - _table(probabilities) <= threshold)


def adaptive_scores(probabilities: npt.ArrayLike, truth: Values) -> Floats:
    """Return the probability of all classes at least as likely as the true one, it included."""
    table, classes = _classes(probabilities, truth)
    return np.asarray(_mass(table)[np.arange(classes.size), classes], np.float64)


def adaptive_sets(probabilities: npt.ArrayLike, threshold: float) -> Bools:
    """Return which classes are kept for each case; the likeliest always is."""
    table = _table(probabilities)
    kept = _mass(table) <= threshold
    kept[np.arange(table.shape[0]), table.argmax(axis=1)] = True
    return kept


def coverage(
    held: Values, sizes: Values, groups: Values | None = None, *, level: float = LEVEL
) -> tuple[Coverage, ...]:
    """Return coverage and size over all cases, then by group where groups are given."""
    inside, extent = arrays.binary(held, name="held"), arrays.positives(sizes, name="sizes")
    arrays.same_length(held=inside, sizes=extent)
    found = [_coverage("all", inside, extent, level)]
    if groups is not None:
        names, codes = arrays.labels(groups)
        arrays.same_length(held=inside, groups=codes)
        found += [
            _coverage(name, inside[codes == index], extent[codes == index], level)
            for index, name in enumerate(names)
        ]
    return tuple(found)


def _coverage(group: str, inside: Bools, extent: Floats, level: float) -> Coverage:
    share = proportion(int(inside.sum()), inside.size, level=level)
    return Coverage(group, share, float(extent.mean()))


def _rank(size: int, miss: float) -> int:
    # 0.9 x 10 is 9.000000000000002 for the processor: without the guard the rank would be 10.
    rank = math.ceil((size + 1) * (1.0 - miss) - 1e-9)
    if rank > size:
        raise InvalidInput(
            f"{size} calibration cases cannot promise {1 - miss:.0%}: "
            f"{math.ceil(1.0 / miss - 1e-9) - 1} at least."
        )
    return rank


def _mass(table: Floats) -> Floats:
    order = np.argsort(-table, axis=1, kind="stable")
    running = np.cumsum(np.take_along_axis(table, order, axis=1), axis=1)
    found = np.empty_like(table)
    np.put_along_axis(found, order, running, axis=1)
    return found


def _table(probabilities: npt.ArrayLike) -> Floats:
    table = np.asarray(probabilities, np.float64)
    if table.ndim != TABLE or not table.size or not np.isfinite(table).all():
        raise InvalidInput(f"Shape {table.shape}: give cases x classes probabilities.")
    if (table < 0).any() or (np.abs(table.sum(axis=1) - 1.0) > UNITY).any():
        raise InvalidInput("Probabilities of a case must be at least 0 and sum to 1.")
    return table


def _classes(probabilities: npt.ArrayLike, truth: Values) -> tuple[Floats, arrays.Ints]:
    table, classes = _table(probabilities), arrays.numbers(truth, name="truth").astype(np.int64)
    arrays.same_length(probabilities=table, truth=classes)
    if (classes < 0).any() or (classes >= table.shape[1]).any():
        raise InvalidInput(f"True classes must be ranks from 0 to {table.shape[1] - 1}.")
    return table, classes
