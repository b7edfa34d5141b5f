"""Regulation 1182/71, paragraph by paragraph; answers worked out on a calendar of 2026 to 2028."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.clocks.calendars import CALENDARS
from ecluse.domain.clocks.periods import (
    UNITS,
    add_months,
    ends_at,
    ends_on,
    last_day_before,
)
from ecluse.domain.errors import InvalidInput
from ecluse.domain.parameters import Parameter

FRANCE = CALENDARS["FR"]
IN_FORCE = date(1971, 7, 1)


def period(value: int, unit: str) -> Parameter:
    return Parameter(value, unit, IN_FORCE, "test")


@pytest.mark.parametrize(
    ("event_on", "value", "unit", "last"),
    [
        (date(2026, 6, 1), 3, "days", date(2026, 6, 4)),  # 3(1): 1 June is not counted
        (date(2026, 6, 1), 2, "weeks", date(2026, 6, 15)),  # 3(2)(c): Monday to Monday
        (date(2026, 9, 30), 1, "months", date(2026, 10, 30)),  # 3(2)(c): same date
        (date(2027, 1, 29), 1, "months", date(2027, 3, 1)),  # 28 February is a Sunday
        (date(2028, 2, 29), 1, "years", date(2029, 2, 28)),  # no 29 February in 2029
        (date(2026, 7, 9), 5, "days", date(2026, 7, 15)),  # 3(4): 14 July is a holiday
        (date(2026, 7, 9), 5, "working days", date(2026, 7, 17)),  # 3(3): without 11, 12, 14
        (date(2026, 12, 24), 1, "days", date(2026, 12, 28)),  # 25 holiday, then week-end
        (date(2026, 6, 5), 2, "days", date(2026, 6, 9)),  # 3(5): Saturday, Sunday, so two more
        (date(2026, 6, 5), 4, "days", date(2026, 6, 9)),  # Monday and Tuesday: already two
    ],
)
def test_a_period_ends_where_the_regulation_says(
    event_on: date, value: int, unit: str, last: date
) -> None:
    assert ends_on(event_on, period(value, unit), calendar=FRANCE) == last


def test_the_same_period_ends_by_the_holidays_of_the_country_that_acts() -> None:
    event_on, month = date(2026, 6, 23), period(4, "weeks")  # 21 July 2026, Belgian holiday

    assert ends_on(event_on, month, calendar=CALENDARS["FR"]) == date(2026, 7, 21)
    assert ends_on(event_on, month, calendar=CALENDARS["BE"]) == date(2026, 7, 22)


@given(
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    st.integers(2, 40),
    st.sampled_from([unit for unit in UNITS if unit != "hours"]),
    st.sampled_from(sorted(CALENDARS)),
)
def test_a_period_ends_on_a_working_day_and_holds_two(
    event_on: date, value: int, unit: str, name: str
) -> None:
    calendar = CALENDARS[name]
    last = ends_on(event_on, period(value, unit), calendar=calendar)
    days = (date.fromordinal(n) for n in range(event_on.toordinal() + 1, last.toordinal() + 1))

    assert calendar.is_working_day(last)
    assert sum(calendar.is_working_day(day) for day in days) >= 2


@pytest.mark.parametrize(
    ("event_at", "hours", "end"),
    [
        # 3(1): the hour of the event is not counted
        ("2026-06-01T10:20Z", 24, "2026-06-02T11:00Z"),
        # 3(4): a period in hours is not moved; 7 June is a Sunday
        ("2026-06-06T10:20Z", 24, "2026-06-07T11:00Z"),
        # 72 hours from Friday 17:30: Friday and Monday are in
        ("2026-06-05T17:30Z", 72, "2026-06-08T18:00Z"),
        # 3(5): from Saturday 4 April, Easter Monday the 6th: Tuesday and Wednesday
        ("2026-04-04T09:00Z", 72, "2026-04-09T00:00Z"),
    ],
)
def test_hours_are_counted_from_the_next_one_and_hold_two_working_days(
    event_at: str, hours: int, end: str
) -> None:
    found = ends_at(datetime.fromisoformat(event_at), period(hours, "hours"), calendar=FRANCE)

    assert found == datetime.fromisoformat(end)


def test_a_period_counted_back_is_not_moved() -> None:
    # 3(4), second subparagraph: one month before 14 August 2026 is 14 July, a holiday.
    assert last_day_before(date(2026, 8, 14), period(1, "months")) == date(2026, 7, 14)


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_months_keep_the_date_or_take_the_last_of_the_month(
    day: date, months: int, result: date
) -> None:
    assert add_months(day, months) == result


def test_a_figure_that_is_no_period_is_refused() -> None:
    with pytest.raises(InvalidInput, match="persons"):
        ends_on(date(2026, 1, 1), period(11, "persons"), calendar=FRANCE)
    with pytest.raises(InvalidInput, match="ask ends_on"):
        ends_at(datetime(2026, 1, 1, tzinfo=UTC), period(1, "months"), calendar=FRANCE)
