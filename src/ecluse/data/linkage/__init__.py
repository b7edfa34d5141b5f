"""Linkage: a cohort from outside joined to the lake, without the hub seeing an identity."""

from ecluse.data.linkage.giving import Given, give_matches
from ecluse.data.linkage.indirect import match_exactly
from ecluse.data.linkage.national import Linked, join_links, name_links, prepare
from ecluse.data.linkage.quality import Quality, measure
from ecluse.data.linkage.records import Matches, Records, Rule

__all__ = [
    "Given",
    "Linked",
    "Matches",
    "Quality",
    "Records",
    "Rule",
    "give_matches",
    "join_links",
    "match_exactly",
    "measure",
    "name_links",
    "prepare",
]
