"""EHDS art. 81: a complaint is followed and answered; opt-out matters go to the authority."""

from datetime import date

import pytest

from ecluse.domain.actors import Actor, check_separate
from ecluse.domain.errors import NotAllowed
from ecluse.domain.machines.machine import Kind
from tests.unit.domain.machines_walk import Walk, draft

DESK = Actor.COMPLAINT_DESK


def lodged() -> Walk:
    walk = draft(kind=Kind.COMPLAINT)
    return walk.do("file", "lodge", Actor.CITIZEN, date(2030, 3, 4))


def test_paragraph_2_the_person_is_told_of_the_progress_before_the_answer() -> None:
    walk = lodged()

    with pytest.raises(NotAllowed, match="under-way"):
        walk.do("file", "answer", DESK, date(2030, 3, 5))
    walk.do("file", "inform-progress", DESK, date(2030, 3, 11))
    walk.do("file", "answer", DESK, date(2030, 4, 2))
    assert walk["file"].state == "decided"
    assert walk.letters == ["complaint-receipt", "complaint-answer"]


def test_paragraph_4_an_opt_out_matter_is_transmitted_to_the_authority() -> None:
    walk = lodged().do("file", "transmit", DESK, date(2030, 3, 5))

    assert walk["file"].state == "transmitted"
    assert walk.messages[-1] == "complaint-transmitted"


def test_the_officer_who_decided_does_not_examine_the_complaint() -> None:
    walk = lodged().do("file", "inform-progress", DESK, date(2030, 3, 5), person="noor")

    with pytest.raises(NotAllowed, match="complaint-desk"):
        walk.do("file", "answer", Actor.DECIDER, date(2030, 3, 6))
    with pytest.raises(NotAllowed, match="as complaint-desk may not act on it as decider"):
        check_separate(Actor.DECIDER, walk.file.acted["noor"])
