"""The day that it is somewhere, from an instant, as the IANA database says."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.clocks.calendars import CALENDARS
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
