"""EHDS art. 57(1)(j): applications published on receipt, decisions within 30 working days."""

from datetime import date

import pytest

from ecluse.domain.actors import Actor
from ecluse.domain.clocks import clock as clocks
from ecluse.domain.clocks.calendars import CALENDARS
from ecluse.domain.clocks.ehds import EHDS
from tests.unit.domain.machines_walk import Track, complete, deciding, screening


@pytest.mark.parametrize(
    ("calendar", "decided_on", "due_on"),
    [
        # France, 30 April 2030: holidays 1 and 8 May, 30 May (Ascension), 10 June (Whit Monday)
        ("FR", date(2030, 4, 30), date(2030, 6, 17)),
        # Germany: no 8 May
        ("DE", date(2030, 4, 30), date(2030, 6, 14)),
        # Italy: 1 May alone in the week (2 June is a Sunday)
        ("IT", date(2030, 4, 30), date(2030, 6, 12)),
        # The institutions: 1 and 9 May, Ascension and the day after, Whit Monday
        ("EU", date(2030, 4, 30), date(2030, 6, 18)),
    ],
)
def test_point_j_iii_thirty_working_days_are_counted_without_the_holidays_of_the_country(
    calendar: str, decided_on: date, due_on: date
) -> None:
    clock = clocks.start(EHDS, "publish-decision", on=decided_on, calendar=CALENDARS[calendar])

    assert clocks.due_on(clock) == due_on


def test_point_j_iii_a_refusal_is_published_too() -> None:
    walk = deciding().do("unit-1", "refuse", Actor.DECIDER, date(2030, 4, 30))

    assert walk["case"].state == "decided"
    assert walk["case"].clocks["publish-decision"].turn is Actor.ASSESSOR


def test_point_j_ii_an_application_is_to_be_published_before_it_is_complete() -> None:
    walk = screening(Track.STANDARD)

    assert walk["case"].state == "received"
    assert walk["case"].clocks["publish-application"].is_running
    assert clocks.due_on(walk["case"].clocks["publish-application"]) is None


def test_point_j_ii_a_withdrawn_application_was_received_so_it_is_published() -> None:
    walk = complete(Track.STANDARD).do("file", "withdraw", Actor.DATA_USER, date(2030, 4, 2))

    assert walk["case"].clocks["publish-application"].completed_on == date(2030, 4, 2)
