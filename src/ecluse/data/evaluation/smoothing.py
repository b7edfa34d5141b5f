"""Local regression (loess): the observed risk as a smooth function of the predicted one.

Source: Cleveland and Devlin, J Am Stat Assoc 1988;83:596. Tricube weights, nearest neighbours by
span, local polynomial of degree 2, no robust steps: what R's `loess` computes with
`surface = "direct"`. Above `GRID` distinct predictions the curve is computed at quantiles of them
and drawn straight between: the error is under 1e-3 where the curve is smooth.
"""

from typing import Final

import numpy as np

from ecluse.data.evaluation.arrays import Floats
from ecluse.domain.errors import InvalidInput

GRID: Final = 300
SPAN: Final = 0.75
DEGREE: Final = 2


def loess(x: Floats, y: Floats, *, span: float = SPAN, degree: int = DEGREE) -> Floats:
    """Return the fitted value at each x, in the order given.

    Raises:
        InvalidInput: too few distinct values of x for the degree.
    """
    distinct, rows = np.unique(x, return_inverse=True)
    if distinct.size <= degree + 1:
        raise InvalidInput(
            f"{distinct.size} distinct predictions: a smooth curve needs {degree + 2} at least."
        )
    times = np.bincount(rows).astype(np.float64)
    means = np.bincount(rows, weights=y) / times
    places = distinct
    if distinct.size > GRID:
        spread = np.unique(np.quantile(x, np.linspace(0.0, 1.0, GRID)))
        places = np.unique(np.concatenate([spread, np.linspace(x.min(), x.max(), GRID // 3)]))
    reach = _reaches(places, distinct, times, span)
    fitted = np.array(
        [
            _at(place, far, (distinct, means, times), degree)
            for place, far in zip(places, reach, strict=True)
        ]
    )
    return np.asarray(np.interp(distinct, places, fitted)[rows], np.float64)


def _reaches(places: Floats, distinct: Floats, times: Floats, span: float) -> Floats:
    """Return how far the nearest share `span` of the rows of each place goes."""
    total = float(times.sum())
    wanted = min(max(int(np.floor(span * total + 1e-5)), 1), int(total))
    # Over 1 the span widens the reach of all rows: one explanatory variable, so by itself.
    wider = max(span, 1.0)
    return np.array([_reach(place, distinct, times, wanted) * wider for place in places])


def _reach(place: float, distinct: Floats, times: Floats, wanted: int) -> float:
    apart = np.abs(distinct - place)
    order = np.argsort(apart, kind="stable")
    held = np.cumsum(times[order])
    return float(apart[order][int(np.searchsorted(held, wanted))])


def _at(place: float, far: float, data: tuple[Floats, Floats, Floats], degree: int) -> float:
    """Return the local polynomial at one place, fitted to rows nearer than `far`."""
    distinct, means, times = data
    apart = np.abs(distinct - place)
    near = apart < far
    weights = (1.0 - (apart[near] / far) ** 3) ** 3 * times[near]
    shift = (distinct[near] - place) / far
    root = np.sqrt(weights)
    powers = np.vander(shift, degree + 1, increasing=True)
    found = np.linalg.lstsq(powers * root[:, None], means[near] * root, rcond=1e-10)[0]
    return float(found[0])
