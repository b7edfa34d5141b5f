"""Which rows may be read at all, before any cohort is asked."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from ecluse.domain.cohorts import During

FLOW_DATE: Final = "FLX_DIS_DTD"
"""The claims flow a row arrived with: care of a month keeps arriving for up to 27 months."""

ORDERABLE_DATE: Final = "event_date"
"""Our own column in every table about persons: the date of care, a claim's for its details."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Care days that may be read, both included, and the last claims flow that counts."""

    care_from: date
    care_to: date
    flux_until: date

    def window(self, period: During | None) -> tuple[date, date]:
        """Return the days of `period` that may be read: it is cut to the care period."""
        if period is None:
            return self.care_from, self.care_to
        return (
            max(self.care_from, period.on_or_after or self.care_from),
            min(self.care_to, period.on_or_before or self.care_to),
        )
