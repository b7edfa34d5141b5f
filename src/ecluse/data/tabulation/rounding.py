"""Controlled rounding: every number becomes a neighbouring multiple, and all still add up.

Zero-restricted: a multiple of the base stays as it is. Which neighbour is taken depends on numbers
drawn from the cells themselves, so that the same request is rounded in the same way each time and
asking again tells nothing. Source: Cox (1987); mixed-integer programme.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from ecluse.data.tabulation.systems import Flags, Floats, System
from ecluse.domain.errors import Refused

SECONDS: Final = 60.0
DIGITS: Final = 2**32


def rounded(system: System, *, base: int, secret: bytes, known: Mapping[int, int]) -> Floats:
    """Return numbers that are multiples of `base`, near the true ones, and add up as they do.

    `secret` keys the draw: without it nobody can repeat the draw to test a guess. `known` gives the
    numbers rounded before, by place: they stay as they were published.

    Raises:
        Refused: no additive rounding was found (it always exists for two variables).
    """
    low = np.floor(system.values / base)
    remainder = system.values - low * base
    is_free = remainder > 0
    draws = np.array([_draw(secret, repr(name)) for name in system.names])[system.spots]
    # Choosing up costs less where the remainder is large: on average, each number is unbiased.
    cost = np.where(is_free, np.where(draws * base < remainder, -1.0, 1.0), 0.0)
    matrices = [matrix for matrix in (system.equal, system.below) if matrix.shape[0]]
    upper = [np.zeros(system.equal.shape[0]), np.zeros(system.below.shape[0])]
    constraints: list[LinearConstraint] = []
    if matrices:
        stacked = sparse.vstack([system.equal, system.below]).tocsr()
        moved = stacked @ low
        above = np.concatenate(upper) - moved
        below = np.concatenate([above[: upper[0].size], np.full(upper[1].size, -np.inf)])
        constraints.append(LinearConstraint(stacked, below, above))
    found = milp(
        cost,
        constraints=constraints,
        bounds=_bounds(low, is_free, {place: n / base for place, n in known.items()}),
        integrality=np.ones(low.size),
        options={"time_limit": SECONDS},
    )
    if found.x is None:
        raise Refused(
            "No table leaves: its numbers cannot be rounded so that they still add up. Ask for "
            "suppression, or for fewer variables."
        )
    return np.asarray((low + np.round(found.x)) * base, np.float64)


def _bounds(low: Floats, is_free: Flags, known: Mapping[int, float]) -> Bounds:
    least, most = np.zeros(low.size), is_free.astype(np.float64)
    for place, multiple in known.items():
        least[place] = most[place] = multiple - low[place]
    return Bounds(least, most)


def nearest(number: float, *, base: int) -> int:
    """Return the nearest multiple of `base`, the greater one halfway."""
    return int(np.floor(number / base + 0.5)) * base


def _draw(secret: bytes, name: str) -> float:
    digest = hashlib.blake2b(name.encode(), key=secret[:64], digest_size=4).digest()
    return int.from_bytes(digest, "big") / DIGITS
