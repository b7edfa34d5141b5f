"""The day that it is somewhere, from an instant, as the IANA database says."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.clocks.calendars import CALENDARS, legal_day
from ecluse.domain.clocks.zones import ZONES, zone
from ecluse.domain.errors import NotFound

SINCE_2002 = st.integers(1_009_843_200, 4_102_444_800)


@given(st.sampled_from(sorted(ZONES)), SINCE_2002)
def test_the_day_is_that_of_the_iana_zone(name: str, seconds: int) -> None:
    instant = datetime.fromtimestamp(seconds, UTC)

    assert zone(name).day(instant) == instant.astimezone(ZoneInfo(name)).date()


def test_every_calendar_has_a_known_zone() -> None:
    assert {calendar.zone for calendar in CALENDARS.values()} <= set(ZONES)


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(NotFound, match="Europe/Atlantis"):
        zone("Europe/Atlantis")


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 11, 22, 23, 0, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 11, 22, 22, 59, tzinfo=UTC), date(2026, 11, 22)),
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), date(2026, 3, 29)),
    ],
)
def test_a_new_legal_day_begins_at_midnight_in_france(instant: datetime, day: date) -> None:
    assert legal_day(instant) == day
