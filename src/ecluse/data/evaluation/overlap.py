"""Masks against a reference: overlap, and how far the borders lie apart.

Sources: Dice, Ecology 1945;26:297. Maier-Hein and others, Nat Methods 2024;21:195 (which measure
when). Huttenlocher and others, IEEE PAMI 1993;15:850 (Hausdorff distance).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.ndimage import binary_erosion, distance_transform_edt

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Bools, Floats
from ecluse.domain.errors import InvalidInput


def dice(predicted: npt.ArrayLike, reference: npt.ArrayLike) -> float:
    """Return 2|A∩B|/(|A|+|B|) of two masks of one shape, in any number of dimensions.

    Raises:
        InvalidInput: shapes differ, or both masks are empty: the protocol must say what an image
            without lesion, rightly left empty, counts for.
    """
    one, two = _masks(predicted, reference)
    sizes = int(one.sum()) + int(two.sum())
    if not sizes:
        raise InvalidInput("Both masks are empty: Dice does not exist; count such images apart.")
    return 2.0 * int((one & two).sum()) / sizes


def jaccard(predicted: npt.ArrayLike, reference: npt.ArrayLike) -> float:
    """Return |A∩B|/|A∪B|, which is dice/(2-dice). Raises InvalidInput as `dice` does."""
    found = dice(predicted, reference)
    return found / (2.0 - found)


def hausdorff(
    predicted: npt.ArrayLike,
    reference: npt.ArrayLike,
    *,
    spacing: Sequence[float],
    percentile: float = 95.0,
) -> float:
    """Return the larger of the two directed percentiles of border distances, in mm.

    `spacing` is the size of a pixel in mm on each axis. The border is what touches the outside by
    a face. At 95 it is HD95; at 100 the Hausdorff distance.

    Raises:
        InvalidInput: a mask is empty, so that there is no distance; or `spacing` fits no mask.
    """
    one, two = _masks(predicted, reference)
    sizes = arrays.positives(spacing, name="spacing")
    if sizes.size != one.ndim or not sizes.all():
        raise InvalidInput(f"{sizes.size} spacings for {one.ndim} axes: one above 0 a axis.")
    if not one.any() or not two.any():
        raise InvalidInput("A mask is empty: no border, no distance; count such images apart.")
    if not 0.0 < percentile <= 100.0:  # noqa: PLR2004 (percent)
        raise InvalidInput(f"Percentile {percentile}: above 0, at most 100.")
    apart = _directed(one, two, sizes), _directed(two, one, sizes)
    return float(max(np.percentile(distances, percentile) for distances in apart))


def _masks(predicted: npt.ArrayLike, reference: npt.ArrayLike) -> tuple[Bools, Bools]:
    one, two = np.asarray(predicted), np.asarray(reference)
    if one.shape != two.shape or not one.ndim:
        raise InvalidInput(f"Masks of shapes {one.shape} and {two.shape}: they must be one image.")
    if not (np.isin(one, (0, 1)).all() and np.isin(two, (0, 1)).all()):
        raise InvalidInput("A mask holds something else than 0 and 1: one mask a structure.")
    return one.astype(np.bool_), two.astype(np.bool_)


def _directed(source: Bools, target: Bools, spacing: Floats) -> Floats:
    """Return the distance to the border of `target` of each point of the border of `source`."""
    found = distance_transform_edt(~_border(target), sampling=spacing)
    return np.asarray(found, np.float64)[_border(source)]


def _border(mask: Bools) -> Bools:
    return np.asarray(mask & ~binary_erosion(mask))
