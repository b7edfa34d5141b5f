"""What the statistics accept: arrays checked once, refused in words that quote no value."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ecluse.domain.errors import InvalidInput

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Values = npt.ArrayLike


def numbers(values: Values, *, name: str = "values") -> Floats:
    """Return a vector of finite numbers. Raises InvalidInput."""
    try:
        found = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        raise InvalidInput(f"{name} holds something that is no number: convert it first.") from None
    if found.ndim != 1 or not found.size:
        raise InvalidInput(f"{name} has shape {found.shape}: give one vector, not empty.")
    missing = int(found.size - np.isfinite(found).sum())
    if missing:
        raise InvalidInput(
            f"{name} holds {missing} missing or infinite numbers of {found.size}: "
            "say in the protocol how missing values are treated, and treat them first."
        )
    return found


def positives(values: Values, *, name: str = "values") -> Floats:
    """Return a vector of numbers of at least 0. Raises InvalidInput."""
    found = numbers(values, name=name)
    if (found < 0).any():
        raise InvalidInput(f"{name} holds {int((found < 0).sum())} negative numbers: none may be.")
    return found


def probabilities(values: Values, *, name: str = "probabilities") -> Floats:
    """Return a vector of numbers from 0 to 1. Raises InvalidInput."""
    found = numbers(values, name=name)
    outside = int(((found < 0) | (found > 1)).sum())
    if outside:
        raise InvalidInput(f"{outside} of {found.size} {name} are not between 0 and 1.")
    return found


def strict_probabilities(values: Values, *, name: str = "probabilities") -> Floats:
    """Return probabilities of which none is 0 or 1, so that each has a logit.

    Raises:
        InvalidInput: a probability is exactly 0 or 1: the model claims certainty, and the logit
            that calibration needs does not exist. The protocol must name a bound.
    """
    found = probabilities(values, name=name)
    certain = int(((found == 0) | (found == 1)).sum())
    if certain:
        raise InvalidInput(
            f"{certain} of {found.size} {name} are exactly 0 or 1 and have no logit: "
            "bound them as the protocol says (for instance 1e-6), then retry."
        )
    return found


def binary(values: Values, *, name: str = "outcomes") -> Bools:
    """Return a vector of outcomes, each 0 or 1. Raises InvalidInput."""
    found = numbers(values, name=name)
    if not np.isin(found, (0.0, 1.0)).all():
        raise InvalidInput(f"{name} must be 0 or 1.")
    return np.asarray(found == 1.0)


def both_classes(values: Values, *, name: str = "outcomes") -> Bools:
    """Return outcomes of which some are 0 and some are 1. Raises InvalidInput."""
    found = binary(values, name=name)
    if found.all() or not found.any():
        raise InvalidInput(
            f"All {found.size} {name} are the same: this measure compares cases with controls."
        )
    return found


def labels(values: Values, *, name: str = "groups") -> tuple[tuple[str, ...], Ints]:
    """Return the distinct labels in order, and the rank of the label of each row."""
    found: npt.NDArray[Any] = np.asarray(values)
    if found.ndim != 1 or not found.size:
        raise InvalidInput(f"{name} has shape {found.shape}: give one vector, not empty.")
    distinct, codes = np.unique(found, return_inverse=True)
    return tuple(str(label) for label in distinct), codes.astype(np.int64)


def same_length(**arrays: npt.NDArray[Any]) -> int:
    """Return the common length of arrays. Raises InvalidInput with the lengths."""
    lengths = {name: int(array.shape[0]) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise InvalidInput(f"Lengths differ ({told}): give one value a case to each.")
    return next(iter(lengths.values()))


def count(value: int, *, name: str, least: int = 0) -> int:
    """Return a whole number of at least `least`. Raises InvalidInput."""
    if value != int(value) or value < least:
        raise InvalidInput(f"{name} is {value}: it must be a whole number of at least {least}.")
    return int(value)


def share(value: float, *, name: str) -> float:
    """Return a number strictly between 0 and 1. Raises InvalidInput."""
    if not 0.0 < value < 1.0:
        raise InvalidInput(f"{name} is {value}: it must be between 0 and 1, both excluded.")
    return float(value)
