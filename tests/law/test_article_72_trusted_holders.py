"""EHDS art. 72: the trusted data holder proposes in two months, the access body decides in two."""

from datetime import date

import pytest

from ecluse.domain.actors import Actor
from ecluse.domain.clocks import clock as clocks
from ecluse.domain.clocks.tracks import Track
from ecluse.domain.errors import NotAllowed
from ecluse.domain.machines.machine import Kind
from tests.unit.domain.machines_walk import Walk, complete, draft

HOLDER, DECIDER, ASSESSOR = Actor.TRUSTED_HOLDER, Actor.DECIDER, Actor.ASSESSOR


def proposed() -> Walk:
    walk = complete(Track.TRUSTED_HOLDER)
    return walk.do("unit-1", "propose", HOLDER, date(2030, 4, 29))


def test_paragraph_5_two_months_then_two_months() -> None:
    first = complete(Track.TRUSTED_HOLDER)["unit-1"].clocks["trusted-holder-assessment"]
    second = proposed()["unit-1"].clocks["decision-after-trusted-holder"]

    assert (clocks.due_on(first), first.turn) == (date(2030, 5, 6), HOLDER)
    assert (clocks.due_on(second), second.turn) == (date(2030, 7, 1), DECIDER)  # 29 June: Saturday


def test_paragraph_5_neither_period_can_be_extended() -> None:
    with pytest.raises(NotAllowed):
        proposed().do("unit-1", "extend", DECIDER, date(2030, 5, 2))


def test_paragraph_5_the_access_body_may_refuse_what_the_holder_proposed() -> None:
    walk = proposed().do("unit-1", "no-estimate", ASSESSOR, date(2030, 5, 2))
    walk.do("unit-1", "refuse", DECIDER, date(2030, 5, 6))

    assert walk["unit-1"].state == "refused"


def test_paragraph_4_the_holder_assesses_only_on_its_own_track() -> None:
    with pytest.raises(NotAllowed, match="trusted-assessment"):
        complete(Track.STANDARD).do("unit-1", "propose", HOLDER, date(2030, 4, 29))


def designated() -> Walk:
    walk = draft(kind=Kind.DESIGNATION)
    walk.do("file", "apply", Actor.DATA_HOLDER, date(2030, 3, 4))
    walk.do("file", "assess", ASSESSOR, date(2030, 4, 2))
    return walk.do("file", "designate", DECIDER, date(2030, 5, 2))


def test_paragraph_3_a_designation_is_reviewed_after_three_years_by_itself() -> None:
    walk = designated()
    due = clocks.due_on(walk["file"].clocks["designation-review"])
    with pytest.raises(NotAllowed):
        walk.do("file", "review", Actor.SYSTEM, date(2033, 5, 2))

    walk.do("file", "review", Actor.SYSTEM, date(2033, 5, 3))

    assert (due, walk["file"].state) == (date(2033, 5, 2), "review")


def test_paragraph_3_a_review_confirmed_starts_the_time_anew() -> None:
    walk = designated().do("file", "review", ASSESSOR, date(2031, 5, 5))
    walk.do("file", "assess-review", ASSESSOR, date(2031, 5, 6))
    walk.do("file", "confirm", DECIDER, date(2031, 5, 7))

    assert clocks.due_on(walk["file"].clocks["designation-review"]) == date(2034, 5, 9)


def test_paragraph_2_a_designation_is_assessed_decided_and_reviewed() -> None:
    walk = draft(kind=Kind.DESIGNATION)
    walk.do("file", "apply", Actor.DATA_HOLDER, date(2030, 3, 4))
    walk.do("file", "assess", ASSESSOR, date(2030, 4, 2))
    walk.do("file", "designate", DECIDER, date(2030, 5, 2))
    walk.do("file", "review", ASSESSOR, date(2032, 5, 3))
    walk.do("file", "assess-review", ASSESSOR, date(2032, 5, 4))
    walk.do("file", "end", DECIDER, date(2032, 5, 5))

    assert walk["file"].state == "ended"
    assert walk.letters == ["acknowledgement", "designation", "designation-withdrawn"]
