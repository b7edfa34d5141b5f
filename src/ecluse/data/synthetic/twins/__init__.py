"""The synthetic country seen by other holders: a hospital warehouse, a cohort, a registry."""

from ecluse.data.synthetic.twins.blocks import Block
from ecluse.data.synthetic.twins.generation import TwinReport, generate_twins

__all__ = ["Block", "TwinReport", "generate_twins"]
