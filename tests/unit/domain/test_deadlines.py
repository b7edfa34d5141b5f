"""Legal periods end on working days: Reg. 1182/71 with the French holidays."""

from datetime import date

import pytest

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
