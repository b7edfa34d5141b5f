"""Many tests at once: adjusted p-values.

Sources: Holm, Scand J Stat 1979;6:65. Benjamini and Hochberg, J R Stat Soc B 1995;57:289.
"""

import numpy as np

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Floats, Values


def holm(p_values: Values) -> Floats:
    """Return adjusted p-values, in the order given: under alpha, no false alarm in the family."""
    found = arrays.probabilities(p_values, name="p-values")
    order = np.argsort(found, kind="stable")
    left = np.arange(found.size, 0, -1)
    return _back(np.minimum(np.maximum.accumulate(found[order] * left), 1.0), order)


def benjamini_hochberg(p_values: Values) -> Floats:
    """Return adjusted p-values, in the order given: under q, a share q of alarms is false."""
    found = arrays.probabilities(p_values, name="p-values")
    order = np.argsort(-found, kind="stable")
    scale = found.size / np.arange(found.size, 0, -1)
    return _back(np.minimum(np.minimum.accumulate(found[order] * scale), 1.0), order)


def _back(adjusted: Floats, order: arrays.Ints) -> Floats:
    placed = np.empty_like(adjusted)
    placed[order] = adjusted
    return placed
