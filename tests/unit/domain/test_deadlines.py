"""Legal periods end on working days: Reg. 1182/71 with the French holidays."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain import deadlines


@pytest.mark.parametrize(
    ("year", "sunday"),
    [(2024, date(2024, 3, 31)), (2025, date(2025, 4, 20)), (2026, date(2026, 4, 5)),
     (2038, date(2038, 4, 25)), (2285, date(2285, 3, 22))],
)  # fmt: skip
def test_easter_falls_on_the_published_sundays(year: int, sunday: date) -> None:
    assert deadlines.easter(year) == sunday


def test_france_has_eleven_public_holidays() -> None:
    days = deadlines.french_holidays(2026)

    assert len(days) == 11
    assert {date(2026, 4, 6), date(2026, 5, 14), date(2026, 5, 25), date(2026, 7, 14)} <= days


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
    ],
)
def test_a_period_in_months_ends_on_the_same_date_or_the_last_of_the_month(
    day: date, months: int, result: date
) -> None:
    assert deadlines.add_months(day, months) == result


@given(st.integers(946_684_800, 4_102_444_800).map(lambda s: datetime.fromtimestamp(s, UTC)))
def test_the_legal_day_is_the_day_in_paris(instant: datetime) -> None:
    assert deadlines.legal_day(instant) == instant.astimezone(ZoneInfo("Europe/Paris")).date()


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
    assert deadlines.legal_day(instant) == day
