"""Days of the period: integers since 1970-01-01, with the rhythm of the week and the seasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

# Of any width: lines are many, so each column is as narrow as its values allow.
Ints: TypeAlias = NDArray[np.integer]
Days: TypeAlias = NDArray[np.integer]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEVER: Final = np.int32(2**30)
YEAR_DAYS: Final = 365.25
MISSING_DATE: Final = "01/01/1600"

MONTH_WEIGHTS: Final = (1.20, 1.15, 1.10, 1.00, 0.96, 0.94, 0.86, 0.74, 0.96, 1.04, 1.06, 1.08)
WEEKDAY_WEIGHTS: Final = (1.25, 1.15, 1.10, 1.10, 1.15, 0.55, 0.10)
FIRST_WEEKDAY: Final = 3
"""1970-01-01 was a Thursday; Monday is 0."""

FIRST_WRITTEN, LAST_WRITTEN = "1870-01-01", "2110-01-01"
WRITTEN: Final = {
    # positions of the characters of an ISO date; -1 is a slash
    "day": (8, 9, -1, 5, 6, -1, 0, 1, 2, 3),
    "compact": (8, 9, 5, 6, 0, 1, 2, 3),
    "year-month": (0, 1, 2, 3, 5, 6),
    "month-year": (5, 6, 0, 1, 2, 3),
    "year": (0, 1, 2, 3),
    "month": (5, 6),
}
"""How the insurer writes days: dd/mm/yyyy, ddmmyyyy, yyyymm, mmyyyy, yyyy, mm."""


@dataclass(frozen=True, slots=True)
class Period:
    """The years of care: `start` is the first day, `end` the day after the last."""

    start: int
    end: int

    @property
    def years(self) -> float:
        """Length in years."""
        return (self.end - self.start) / YEAR_DAYS

    @property
    def middle(self) -> int:
        """The day in the middle."""
        return (self.start + self.end) // 2

    def calendar_years(self) -> range:
        """Return the years, first to last."""
        first = int(year_of(np.array([self.start], dtype=np.int32))[0])
        return range(first, int(year_of(np.array([self.end - 1], dtype=np.int32))[0]) + 1)

    def draw_days(self, rng: np.random.Generator, count: int) -> Days:
        """Return `count` days: more in winter, few on Sundays."""
        drawn: Days = _likely_days(self.start, self.end)[
            rng.integers(0, LIKELY_DAYS, count, dtype=np.uint32)
        ]
        return drawn


LIKELY_DAYS: Final = 2**18
"""Entries of the table in which days are drawn: each day has its share of them."""


@cache
def _likely_days(start: int, end: int) -> Days:
    days = np.arange(start, end, dtype=np.int32)
    weights = np.array(MONTH_WEIGHTS)[month_of(days) - 1]
    weights *= np.array(WEEKDAY_WEIGHTS)[(days + FIRST_WEEKDAY) % 7]
    chances = np.cumsum(weights)
    even = (np.arange(LIKELY_DAYS) + 0.5) * chances[-1] / LIKELY_DAYS
    likely: Days = days[np.searchsorted(chances, even, side="right")]
    return likely


def period_of(years: Sequence[int]) -> Period:
    """Return the period from the first day of the first year to the last day of the last."""
    return Period(first_day(min(years)), first_day(max(years) + 1))


def first_day(year: int) -> int:
    """Return 1 January of `year` as a day number."""
    return int(np.datetime64(f"{year}-01-01").astype(int))


def year_of(days: Days) -> Ints:
    """Return the calendar year of each day."""
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def month_of(days: Days) -> Ints:
    """Return the calendar month of each day, 1 to 12."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1


def next_month(days: Days) -> Days:
    """Return the first day of the month after each day."""
    months = days.astype("datetime64[D]").astype("datetime64[M]") + 1
    return months.astype("datetime64[D]").astype(np.int64).astype(np.int32)


def date_texts(days: Days, *, pattern: str = "day", missing: str = MISSING_DATE) -> pa.Array:
    """Return each day written as a `pattern` of WRITTEN; NEVER becomes `missing`."""
    first = int(np.datetime64(FIRST_WRITTEN).astype(int))
    absent = days == NEVER
    known = np.where(absent, first - 1, days) - (first - 1)
    return _written(pattern, missing).take(pa.array(known.astype(np.int32)))


@cache
def _written(pattern: str, missing: str) -> pa.Array:
    """Return `missing`, then the text of every day that can be written."""
    days = np.arange(FIRST_WRITTEN, LAST_WRITTEN, dtype="datetime64[D]")
    letters = np.datetime_as_string(days).view("U1").reshape(len(days), -1)
    slashed = np.concatenate([letters, np.full((len(days), 1), "/")], axis=1)
    chosen = np.ascontiguousarray(slashed[:, WRITTEN[pattern]])
    texts = chosen.view(f"U{chosen.shape[1]}").ravel()
    return pa.array([missing, *texts.tolist()], pa.string())
