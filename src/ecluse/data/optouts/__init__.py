"""Opt-outs in the zone: who of a dataset a list names, and what proves afterwards that it bit."""

from ecluse.data.optouts.lists import Listing
from ecluse.data.optouts.matching import Told, names_of, tell
from ecluse.data.optouts.records import Record, Records, evidence

__all__ = ["Listing", "Record", "Records", "Told", "evidence", "names_of", "tell"]
