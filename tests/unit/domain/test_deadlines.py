"""The hub's own days are those of metropolitan France."""

from datetime import UTC, date, datetime

import pytest

from ecluse.domain import deadlines


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


def test_the_due_days_of_the_hub_avoid_french_holidays() -> None:
    # 14 July 2026 is a Tuesday; 14 April + 3 months, and 16 June + 4 weeks, both fall on it.
    assert deadlines.decision_due_on(date(2026, 4, 14)) == date(2026, 7, 15)
    assert deadlines.completion_due_on(date(2026, 6, 16)) == date(2026, 7, 15)
