"""EHDS art. 68(4): four weeks to complete a file, three months to decide it."""

from datetime import date

import pytest

from ecluse.domain.clocks.calendars import HUB
from ecluse.domain.clocks.clock import due_on as last_day
from ecluse.domain.clocks.clock import start
from ecluse.domain.clocks.ehds import EHDS


def due(rule_id: str, event_on: date) -> date | None:
    return last_day(start(EHDS, rule_id, on=event_on, calendar=HUB))


@pytest.mark.parametrize(
    ("complete_on", "due_on"),
    [
        (date(2026, 1, 5), date(2026, 4, 7)),  # 5 April is Easter Sunday, 6 April a holiday
        (date(2026, 1, 6), date(2026, 4, 7)),  # 6 April is Easter Monday
        (date(2026, 1, 7), date(2026, 4, 7)),
        (date(2026, 11, 30), date(2027, 3, 1)),  # 28 February 2027 is a Sunday
        (date(2026, 2, 14), date(2026, 5, 15)),  # 14 May is Ascension Day
        (date(2026, 9, 25), date(2026, 12, 28)),  # 25 December, then a week-end
        (date(2026, 4, 14), date(2026, 7, 15)),  # 14 July is a holiday
    ],
)
def test_a_permit_is_decided_within_three_months_of_the_complete_file(
    complete_on: date, due_on: date
) -> None:
    assert due("decision", complete_on) == due_on


@pytest.mark.parametrize(
    ("asked_on", "due_on"),
    [
        (date(2026, 1, 5), date(2026, 2, 2)),
        (date(2026, 4, 3), date(2026, 5, 4)),  # 1 May is a holiday, then a week-end
        (date(2026, 6, 16), date(2026, 7, 15)),  # 14 July is a holiday
    ],
)
def test_an_applicant_has_four_weeks_to_complete_the_file(asked_on: date, due_on: date) -> None:
    assert due("completion", asked_on) == due_on
