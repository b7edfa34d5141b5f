"""EHDS art. 68(4) and 68(6): the clock of the decision, complete file to permit or refusal."""

from datetime import date

import pytest

from ecluse.domain.actors import Actor
from ecluse.domain.clocks import clock as clocks
from ecluse.domain.clocks.calendars import CALENDARS
from ecluse.domain.clocks.clock import Clock
from ecluse.domain.clocks.ehds import EHDS
from ecluse.domain.clocks.tracks import Track
from ecluse.domain.errors import NotAllowed
from tests.unit.domain.machines_walk import COMPLETE_ON, Walk, complete, deciding, screening

DECIDER, ASSESSOR, USER = Actor.DECIDER, Actor.ASSESSOR, Actor.DATA_USER


def decision_of(walk: Walk) -> Clock:
    return next(clock for clock in walk["unit-1"].running())


@pytest.mark.parametrize(
    ("calendar", "complete_on", "due_on"),
    [
        ("FR", date(2031, 1, 31), date(2031, 4, 30)),  # no 31 April
        ("NL", date(2030, 1, 31), date(2030, 4, 30)),
        ("FR", date(2028, 1, 31), date(2028, 5, 2)),  # 30 April a Sunday, 1 May a holiday
        ("FR", date(2032, 1, 31), date(2032, 4, 30)),
        ("FR", date(2033, 1, 31), date(2033, 5, 2)),  # 30 April a Saturday, 1 May a Sunday
    ],
)
def test_paragraph_4_three_months_from_31_january_end_on_30_april_or_the_next_working_day(
    calendar: str, complete_on: date, due_on: date
) -> None:
    clock = clocks.start(EHDS, "decision", on=complete_on, calendar=CALENDARS[calendar])

    assert clocks.due_on(clock) == due_on


def test_paragraph_4_a_file_completed_four_weeks_and_a_day_late_is_refused() -> None:
    # Submitted 25 February; told incomplete on day 10, 7 March 2030; four weeks: 4 April.
    walk = screening(Track.STANDARD)
    walk.do("file", "ask-information", ASSESSOR, date(2030, 3, 7))
    with pytest.raises(NotAllowed, match="completion on 2030-04-04"):
        walk.do("file", "close-incomplete", Actor.SYSTEM, date(2030, 4, 4))
    walk.do("file", "close-incomplete", Actor.SYSTEM, date(2030, 4, 5))

    assert walk.states() == {"file": "decided-negative", "case": "decided", "unit-1": "refused"}
    assert walk.letters[-1] == "incomplete-refusal"
    with pytest.raises(NotAllowed, match="awaiting-information"):
        walk.do("file", "supply-information", USER, date(2030, 4, 5))


def test_paragraph_4_a_file_completed_on_the_last_day_is_screened_again() -> None:
    walk = screening(Track.STANDARD)
    walk.do("file", "ask-information", ASSESSOR, date(2030, 3, 7))
    walk.do("file", "supply-information", USER, date(2030, 4, 4))

    assert walk["file"].state == "pre-screening"
    assert "decision" not in walk["unit-1"].clocks  # it runs from the complete application


def test_paragraph_4_the_decision_is_extended_by_three_months_once_with_reasons() -> None:
    walk = deciding().do(
        "unit-1", "extend", DECIDER, date(2030, 5, 20), reason="Avis de deux comités attendus."
    )

    assert clocks.due_on(decision_of(walk)) == date(2030, 9, 4)
    assert walk.letters[-1] == "extension"
    assert walk.messages[-1] == "due-day-moved"
    with pytest.raises(NotAllowed, match="once only"):
        walk.do("unit-1", "extend", DECIDER, date(2030, 8, 1))


def test_paragraph_4_a_late_extension_is_refused() -> None:
    with pytest.raises(NotAllowed, match="due on 2030-06-04"):
        deciding().do("unit-1", "extend", DECIDER, date(2030, 6, 5))


def test_paragraph_6_the_accelerated_decision_takes_two_months_and_one_more() -> None:
    walk = complete(Track.ACCELERATED)
    first = clocks.due_on(decision_of(walk))
    walk.do("unit-1", "extend", DECIDER, date(2030, 4, 29))

    assert first == date(2030, 5, 6)  # 4 May 2030 is a Saturday
    assert clocks.due_on(decision_of(walk)) == date(2030, 6, 4)


def test_paragraph_6_a_file_that_is_not_of_a_public_health_body_goes_to_the_standard_track() -> (
    None
):
    walk = complete(Track.ACCELERATED)
    walk.do("unit-1", "reroute", ASSESSOR, date(2030, 3, 18))

    assert walk["unit-1"].track is Track.STANDARD
    assert decision_of(walk).started_on == COMPLETE_ON
    assert clocks.due_on(decision_of(walk)) == date(2030, 6, 4)


def test_paragraph_9_a_refusal_has_its_reasons_and_its_letter_the_remedies() -> None:
    walk = deciding().do("unit-1", "refuse", DECIDER, date(2030, 4, 30), reason="Finalité 54(a).")

    assert walk.letters[-1] == "refusal"
    assert walk["unit-1"].clocks["decision"].completed_on == date(2030, 4, 30)


def test_paragraph_3_an_answer_under_69_is_offered_and_needs_the_applicants_agreement() -> None:
    walk = deciding().do("unit-1", "offer-answer", DECIDER, date(2030, 4, 30))
    offered = walk["unit-1"].state
    walk.do("unit-1", "accept-answer", USER, date(2030, 5, 6))

    assert offered == "answer-offered"
    assert walk["unit-1"].state == "converted"
    assert not walk["unit-1"].running()
