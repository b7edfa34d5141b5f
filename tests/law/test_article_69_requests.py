"""EHDS art. 69: a data request is assessed in three months of receipt, answered in three more."""

from datetime import date

from ecluse.domain.actors import Actor
from ecluse.domain.clocks import clock as clocks
from ecluse.domain.clocks.rules import Force
from ecluse.domain.clocks.tracks import Track, governing
from ecluse.domain.machines.machine import Kind
from tests.unit.domain.machines_walk import Walk, draft

ASSESSOR, DECIDER, USER = Actor.ASSESSOR, Actor.DECIDER, Actor.DATA_USER
RECEIVED_ON = date(2030, 3, 4)


def received() -> Walk:
    walk = draft(Track.REQUEST, kind=Kind.DATA_REQUEST)
    walk.do("file", "submit", USER, RECEIVED_ON)
    return walk.do("file", "start-assessment", ASSESSOR, date(2030, 3, 11))


def approved() -> Walk:
    walk = received().do("file", "assess", ASSESSOR, date(2030, 4, 2))
    walk.do("file", "no-estimate", ASSESSOR, date(2030, 4, 2))
    return walk.do("file", "approve", DECIDER, date(2030, 4, 15))


def test_paragraph_4_three_months_run_from_receipt_and_three_more_from_the_assessment() -> None:
    first = governing(Track.REQUEST, received()["file"].running())
    second = governing(Track.REQUEST, approved()["file"].running())

    assert first is not None
    assert second is not None
    assert clocks.due_on(first) == date(2030, 6, 4)
    assert clocks.due_on(second) == date(2030, 7, 15)
    assert second.rule.force is Force.TARGET  # "where possible"


def test_paragraph_4_asking_for_information_stops_nothing() -> None:
    walk = received().do("file", "ask-information", ASSESSOR, date(2030, 4, 2))
    walk.do("file", "supply-information", USER, date(2030, 5, 2))
    clock = walk["file"].clocks["request-assessment"]

    assert clock.suspensions == ()
    assert clocks.due_on(clock) == date(2030, 6, 4)


def test_paragraph_1_the_answer_is_checked_before_it_is_given() -> None:
    walk = approved().do("file", "prepare-answer", Actor.PREPARER, date(2030, 5, 2))
    walk.do("file", "return-answer", Actor.CHECKER, date(2030, 5, 3), reason="Cellule de 4.")
    walk.do("file", "prepare-answer", Actor.PREPARER, date(2030, 5, 6))
    walk.do("file", "release-answer", Actor.CHECKER, date(2030, 5, 7))

    assert walk["file"].state == "answered"
    assert walk.letters == ["acknowledgement", "request-approved", "answer"]


def test_article_61_4_results_are_public_eighteen_months_after_the_answer() -> None:
    walk = approved().do("file", "prepare-answer", Actor.PREPARER, date(2030, 5, 2))
    walk.do("file", "release-answer", Actor.CHECKER, date(2030, 5, 7))

    # 7 November 2031 is a Friday.
    assert clocks.due_on(walk["file"].clocks["results-public"]) == date(2031, 11, 7)
