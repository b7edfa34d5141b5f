"""Days of the period: integers since 1970-01-01, with the rhythm of the week and the seasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Days = NDArray[np.int32]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEVER: Final = np.int32(2**30)
YEAR_DAYS: Final = 365.25
MISSING_DATE: Final = "01/01/1600"

MONTH_WEIGHTS: Final = (1.20, 1.15, 1.10, 1.00, 0.96, 0.94, 0.86, 0.74, 0.96, 1.04, 1.06, 1.08)
WEEKDAY_WEIGHTS: Final = (1.25, 1.15, 1.10, 1.10, 1.15, 0.55, 0.10)
FIRST_WEEKDAY: Final = 3
"""1970-01-01 was a Thursday; Monday is 0."""


@dataclass(frozen=True, slots=True)
class Period:
    """The years of care: `start` is the first day, `end` the day after the last."""

    start: int
    end: int

    @property
    def years(self) -> float:
        """Length in years."""
        return (self.end - self.start) / YEAR_DAYS

    def draw_days(self, rng: np.random.Generator, count: int) -> Days:
        """Return `count` days: more in winter, few on Sundays."""
        days = np.arange(self.start, self.end)
        months = days.astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12
        weights = np.array(MONTH_WEIGHTS)[months]
        weights *= np.array(WEEKDAY_WEIGHTS)[(days + FIRST_WEEKDAY) % 7]
        chances = np.cumsum(weights)
        drawn = np.searchsorted(chances, rng.random(count) * chances[-1], side="right")
        drawn_days: Days = days[drawn].astype(np.int32)
        return drawn_days


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


def date_texts(days: Days, *, pattern: str = "%d/%m/%Y", missing: str = MISSING_DATE) -> pa.Array:
    """Return each day written as the insurer writes it; NEVER becomes `missing`."""
    distinct, positions = np.unique(days, return_inverse=True)
    # dates are few and rows many: each date is written once
    texts = [
        missing if day == NEVER else np.datetime64(int(day), "D").item().strftime(pattern)
        for day in distinct
    ]
    return pa.array(texts, pa.string()).take(pa.array(positions))
