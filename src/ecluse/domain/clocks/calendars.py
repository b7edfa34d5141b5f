"""A calendar: which days are worked where a body acts, and what day it is there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from ecluse.domain.clocks.holidays import table
from ecluse.domain.clocks.zones import zone

MONDAY_TO_FRIDAY = range(5)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The holidays of a country, of a region of it if any, and a time zone by its IANA name."""

    country: str
    zone: str
    region: str | None = None

    def day(self, instant: datetime) -> date:
        """The day that it is there at an instant."""
        return zone(self.zone).day(instant)

    def holidays(self, year: int) -> frozenset[date]:
        """The public holidays of the year."""
        return _days(self.country, year, self.region)

    def is_working_day(self, day: date) -> bool:
        """Whether the day is neither a public holiday, a Sunday nor a Saturday.

        Source: Reg. 1182/71 art. 2(2).
        """
        return day.weekday() in MONDAY_TO_FRIDAY and day not in self.holidays(day.year)

    def first_working_day(self, day: date) -> date:
        """The day itself if it is worked, or the next that is."""
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def working_days_after(self, day: date) -> Iterator[date]:
        """Yield the working days that follow `day`, without end."""
        while True:
            day = self.first_working_day(day + timedelta(days=1))
            yield day


@cache
def _days(country: str, year: int, region: str | None) -> frozenset[date]:
    return table(country).days(year, region)


CALENDARS: dict[str, Calendar] = {
    "FR": Calendar("FR", "Europe/Paris"),
    "FR-alsace-moselle": Calendar("FR", "Europe/Paris", "alsace-moselle"),
    "FR-guadeloupe": Calendar("FR", "America/Guadeloupe", "guadeloupe"),
    "FR-martinique": Calendar("FR", "America/Martinique", "martinique"),
    "FR-guyane": Calendar("FR", "America/Cayenne", "guyane"),
    "FR-la-reunion": Calendar("FR", "Indian/Reunion", "la-reunion"),
    "FR-mayotte": Calendar("FR", "Indian/Mayotte", "mayotte"),
    "FR-saint-martin": Calendar("FR", "America/Marigot", "saint-martin"),
    "FR-saint-barthelemy": Calendar("FR", "America/St_Barthelemy", "saint-barthelemy"),
    "EU": Calendar("EU", "Europe/Brussels"),
    "BE": Calendar("BE", "Europe/Brussels"),
    "DE": Calendar("DE", "Europe/Berlin"),
    "ES": Calendar("ES", "Europe/Madrid"),
    "IT": Calendar("IT", "Europe/Rome"),
    "LU": Calendar("LU", "Europe/Luxembourg"),
    "NL": Calendar("NL", "Europe/Amsterdam"),
    "FI": Calendar("FI", "Europe/Helsinki"),
}
HUB = CALENDARS["FR"]
"""The calendar of permits: their days are those of metropolitan France, on both sides."""


def legal_day(instant: datetime) -> date:
    """The day that it is in metropolitan France at `instant`; permits and periods count in it."""
    return HUB.day(instant)
