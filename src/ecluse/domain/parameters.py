"""Legal and statistical figures: value, unit, date of effect, source."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Parameter:
    """A figure that a text fixes. `effective_on` is the day it begins to bind."""

    value: int
    unit: str
    effective_on: date
    source: str


CHAPTER_IV = date(2029, 3, 26)  # EHDS art. 105: secondary use applies from this day

COMPLETION_WEEKS = Parameter(4, "weeks", CHAPTER_IV, "EHDS art. 68(4)")
DECISION_MONTHS = Parameter(3, "months", CHAPTER_IV, "EHDS art. 68(4)")
DECISION_EXTENSION_MONTHS = Parameter(3, "months", CHAPTER_IV, "EHDS art. 68(4)")
PERMIT_MAXIMUM_YEARS = Parameter(10, "years", CHAPTER_IV, "EHDS art. 68(12)")
DELETION_MONTHS = Parameter(6, "months", CHAPTER_IV, "EHDS art. 68(12)")
RESULTS_PUBLIC_MONTHS = Parameter(18, "months", CHAPTER_IV, "EHDS art. 61(4)")
ACCESS_LOG_YEARS = Parameter(1, "years", CHAPTER_IV, "EHDS art. 73(1)(e)")

MINIMUM_COUNT = Parameter(
    11,
    "persons per published cell",
    date(2020, 1, 1),
    "Practice for the SNDS: no cell under 11 patients or stays; the EHDS fixes no threshold",
)
INDEPENDENT_CHECKERS = Parameter(
    2,
    "checkers per release",
    date(2020, 1, 1),
    "Choice of this project; EHDS art. 73(2) asks a review of each download without a number",
)
CLAIMS_LAG_MONTHS = Parameter(
    27, "months", date(2013, 1, 1), "SNDS documentation: longest delay from care to claims flow"
)
