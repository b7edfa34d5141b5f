"""Opt-outs in the zone: who of a dataset a list names, and what proves afterwards that it bit."""

from ecluse.data.optouts.lists import Listing
from ecluse.data.optouts.matching import Told, is_national, names_of, tell
from ecluse.data.optouts.records import Record, Records, commitment_alone, evidence

__all__ = [
    "Listing",
    "Record",
    "Records",
    "Told",
    "commitment_alone",
    "evidence",
    "is_national",
    "names_of",
    "tell",
]
