"""Filters: the known traps of a data model, left out, merged or repaired, and counted."""

from ecluse.data.filters.cleaning import Cleaning, Years, clean, earliest_cut_off
from ecluse.data.filters.counting import FilterCount, counts
from ecluse.data.filters.definitions import Filter, Group
from ecluse.data.filters.reading import filters, find, late_regimes
from ecluse.data.filters.switches import DEFAULTS, State, Switch, Switches

__all__ = [
    "DEFAULTS",
    "Cleaning",
    "Filter",
    "FilterCount",
    "Group",
    "State",
    "Switch",
    "Switches",
    "Years",
    "clean",
    "counts",
    "earliest_cut_off",
    "filters",
    "find",
    "late_regimes",
]
