"""What both demonstrations give: labels, predictions, predictions under perturbation."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ecluse.data.evaluation.arrays import Bools, Floats


@dataclass(frozen=True, slots=True)
class Trial:
    """A model tried on cases that it never saw: one value a case in every column.

    `groups` cut the cases; `perturbed` are predictions of the same cases from damaged inputs, by
    the name of the perturbation. `parameters` is the model: names and numbers. `inputs` are the
    columns that it reads, under no name and under that of each perturbation; none where it is not
    brought as a file.
    """

    outcomes: Bools
    predictions: Floats
    groups: Mapping[str, npt.NDArray[np.str_]]
    perturbed: Mapping[str, Floats]
    parameters: Mapping[str, float]
    inputs: Mapping[str, Mapping[str, Floats]] = field(default_factory=dict)
