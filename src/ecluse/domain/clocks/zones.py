"""What day it is somewhere, from an instant: time zones by their IANA name, without a clock.

Only hours fixed by law are needed (the Union's summer time, or none), so no file of the machine is
read and the same instant gives the same day everywhere. Tests compare with the IANA database.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ecluse.domain.errors import NotFound

FIRST_YEAR = 2002  # Directive 2000/84/EC applies from 2002: earlier instants are not dated here


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone: hours ahead of UTC in winter, and whether the Union's summer time adds one."""

    name: str
    hours: int
    has_summer_time: bool = True

    def day(self, instant: datetime) -> date:
        """The day that it is in this zone at `instant`, an aware date and time since 2002.

        Summer time lasts from 01:00 UTC on the last Sunday of March to 01:00 UTC on the last
        Sunday of October. Source: Directive 2000/84/EC art. 2 and 3.
        """
        utc = instant.astimezone(UTC)
        is_summer = self.has_summer_time and _change(utc.year, 3) <= utc < _change(utc.year, 10)
        return (utc + timedelta(hours=self.hours + is_summer)).date()


def _change(year: int, month: int) -> datetime:
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() + 1) % 7)


_WESTERN = "Europe/Lisbon Europe/Dublin Atlantic/Canary Atlantic/Madeira"
_CENTRAL = (
    "Paris Brussels Berlin Madrid Rome Luxembourg Amsterdam Vienna Copenhagen Stockholm Warsaw"
    " Prague Bratislava Budapest Ljubljana Zagreb Malta"
)
_EASTERN = (
    "Europe/Helsinki Europe/Tallinn Europe/Riga Europe/Vilnius Europe/Athens Europe/Sofia"
    " Europe/Bucharest Asia/Nicosia"
)
ZONES: dict[str, Zone] = {
    zone.name: zone
    for zone in (
        *(Zone(name, 0) for name in _WESTERN.split()),
        *(Zone(f"Europe/{city}", 1) for city in _CENTRAL.split()),
        *(Zone(name, 2) for name in _EASTERN.split()),
        Zone("Atlantic/Azores", -1),
        Zone("UTC", 0, has_summer_time=False),
        Zone("America/Guadeloupe", -4, has_summer_time=False),
        Zone("America/Martinique", -4, has_summer_time=False),
        Zone("America/Marigot", -4, has_summer_time=False),
        Zone("America/St_Barthelemy", -4, has_summer_time=False),
        Zone("America/Cayenne", -3, has_summer_time=False),
        Zone("Indian/Mayotte", 3, has_summer_time=False),
        Zone("Indian/Reunion", 4, has_summer_time=False),
    )
}


def zone(name: str) -> Zone:
    """The time zone of an IANA name. Raises NotFound if its hours are not known here."""
    if name not in ZONES:
        raise NotFound(f"No time zone {name!r}: known are {', '.join(sorted(ZONES))}.")
    return ZONES[name]
