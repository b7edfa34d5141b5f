"""What changes after the lock: only typed deviations, each with its reason, none taken back.

A report states every one of them; those that touch the primary result say so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations import figures


class Change(StrEnum):
    """What a deviation is about."""

    POPULATION = "population"
    SAMPLE_SIZE = "sample-size"
    REFERENCE_STANDARD = "reference-standard"
    MISSING_DATA = "missing-data"
    ANALYSIS = "analysis"
    SUBGROUPS = "subgroups"
    FAILURES = "failures"
    SCHEDULE = "schedule"
    SOFTWARE = "software"
    REPORTING = "reporting"


class Timing(StrEnum):
    """When it was decided, which tells how far it can be trusted."""

    BEFORE_DATA = "before-data"
    BEFORE_RESULTS = "before-results"
    AFTER_RESULTS = "after-results"


NEVER: Final[dict[str, str]] = {
    "primary": "The primary measure and its acceptable value are what was locked",
    "threshold": "A threshold chosen after data are opened fits them",
    "model": "Another model is another evaluation",
}
"""What no deviation changes, and why: register another protocol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One departure from the locked protocol.

    `part` names the field of the protocol, such as `missing_data.handling`. `touches_primary`: the
    primary result would have been another without it.
    """

    change: Change
    part: str
    planned: str
    done: str
    reason: str
    timing: Timing
    touches_primary: bool
    noticed_on: date

    def __post_init__(self) -> None:
        for text, name in (
            (self.part, "The part of the protocol"),
            (self.planned, "What was planned"),
            (self.done, "What was done"),
            (self.reason, "The reason"),
        ):
            figures.said(text, name=name)
        for word, why in NEVER.items():
            if self.part.startswith(PARTS[word]):
                raise InvalidInput(f"{why}: register another protocol instead of a deviation.")


PARTS: Final[dict[str, str]] = {
    "primary": "metrics.primary",
    "threshold": "index_test.thresholds",
    "model": "index_test.artefact",
}


def check_timing(
    deviation: Deviation, *, locked_at: datetime, reported_at: datetime | None
) -> None:
    """Pass if a deviation says truly when it was decided. Raises InvalidInput.

    One that is written once a report is there came after its results.
    """
    if deviation.noticed_on < locked_at.date():
        raise InvalidInput(
            "Before the lock nothing deviates: correct the day, or register a new version."
        )
    if reported_at is not None and deviation.timing is not Timing.AFTER_RESULTS:
        raise InvalidInput("The report is there: this deviation comes after results, say so.")


def weakens_primary(deviations: Iterable[Deviation]) -> bool:
    """Whether the primary result rests on something decided once it was known."""
    return any(one.touches_primary and one.timing is Timing.AFTER_RESULTS for one in deviations)
