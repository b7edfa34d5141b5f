"""Which rows may be read at all, before any cohort is asked."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from ecluse.data.filters import DEFAULTS, Switches

FLOW_DATE: Final = "FLX_DIS_DTD"
"""The claims flow a row arrived with: care of a month keeps arriving for up to 27 months."""

ORDERABLE_DATE: Final = "event_date"
"""Our own column in every table about persons: the date of care, a claim's for its details."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Care days that may be read, both included, and the last claims flow that counts.

    `switches`: the filters under which rows count.
    """

    care_from: date
    care_to: date
    flux_until: date
    switches: Switches = DEFAULTS
