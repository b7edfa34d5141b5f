"""A synthetic country: a delivery shaped like the insurer's, about persons who do not exist."""

from ecluse.data.synthetic.generation import SyntheticReport, generate

__all__ = ["SyntheticReport", "generate"]
