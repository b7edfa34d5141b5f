"""Incidents of security: by when each word of one must be sent to whom it concerns."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ecluse.domain.clocks.periods import add_months
from ecluse.domain.parameters import (
    INCIDENT_DETAIL_HOURS,
    INCIDENT_REPORT_MONTHS,
    INCIDENT_WARNING_HOURS,
    Parameter,
)


class Word(StrEnum):
    """What is sent of an incident, in this order."""

    WARNING = "warning"
    DETAIL = "detail"
    REPORT = "report"


FIGURES: Final[dict[Word, Parameter]] = {
    Word.WARNING: INCIDENT_WARNING_HOURS,
    Word.DETAIL: INCIDENT_DETAIL_HOURS,
    Word.REPORT: INCIDENT_REPORT_MONTHS,
}
"""The delay of each word, from the moment the incident was noticed, with its source."""


@dataclass(frozen=True, slots=True)
class Due:
    """One word of an incident: by when it is due, when it was sent if it was."""

    word: Word
    due_at: datetime
    sent_at: datetime | None

    def is_late(self, *, now: datetime) -> bool:
        """Whether it was sent late, or is late now."""
        return (self.sent_at or now) > self.due_at


def due_at(word: Word, *, noticed_at: datetime) -> datetime:
    """Return by when a word is due. A month ends the same day of the next one, or its last.

    Source: TEHDAS2 D7.4, OPR-19.
    """
    figure = FIGURES[word]
    if figure.unit == "hours":
        return noticed_at + timedelta(hours=figure.value)
    day = add_months(noticed_at.date(), figure.value)
    return datetime.combine(day, noticed_at.timetz())
