"""A synthetic country: a delivery shaped like the insurer's, about persons who do not exist."""

from ecluse.data.synthetic.generation import Country, SyntheticReport, generate, write_country
from ecluse.data.synthetic.writing import Rendering

__all__ = ["Country", "Rendering", "SyntheticReport", "generate", "write_country"]
