"""Conversion: a dataset of the SNDS in the OMOP common data model, every row accounted for."""

from ecluse.data.conversion.accounts import Coverage, Flow, Told, UnmappedCode
from ecluse.data.conversion.conversions import Converted, convert
from ecluse.data.conversion.workshop import ADVISED, Choices, DrugStart

__all__ = [
    "ADVISED",
    "Choices",
    "Converted",
    "Coverage",
    "DrugStart",
    "Flow",
    "Told",
    "UnmappedCode",
    "convert",
]
