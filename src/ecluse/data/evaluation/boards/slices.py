"""Which cases answer submissions, and which none answers before the end."""

import math

import numpy as np

from ecluse.data.evaluation.arrays import Bools
from ecluse.data.evaluation.boards.labels import LEAST_EACH
from ecluse.domain.errors import InvalidInput


def final_slice(outcomes: Bools, *, percent: int, seed: int) -> Bools:
    """Return which cases are kept for the end: `percent` of each class at least, drawn by `seed`.

    Raises:
        InvalidInput: a slice would have fewer than ten cases of a class.
    """
    rng, kept = np.random.default_rng(seed), np.zeros(outcomes.size, np.bool_)
    for is_event in (False, True):
        places = np.flatnonzero(outcomes == is_event)
        count = math.ceil(places.size * percent / 100)
        if min(count, places.size - count) < LEAST_EACH:
            raise InvalidInput(
                f"{percent} % of {places.size} cases of a class: each slice needs {LEAST_EACH} of "
                "each class. Prepare more labels, or another share."
            )
        kept[rng.permutation(places)[:count]] = True
    return kept
