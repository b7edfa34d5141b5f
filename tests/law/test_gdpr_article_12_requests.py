"""GDPR art. 12: a person is answered within a month, extended by two at most, free of charge."""

from datetime import date

import pytest

from ecluse.domain.actors import Actor
from ecluse.domain.clocks.clock import due_on
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines.letters import LETTERS
from ecluse.domain.machines.machine import Kind
from tests.unit.domain.machines_walk import Walk, draft

DESK = Actor.OPT_OUT_DESK
LODGED = date(2030, 3, 4)


def lodged() -> Walk:
    """A request of a person, received on 4 March 2030."""
    return draft(kind=Kind.RIGHTS_REQUEST).do("file", "lodge", Actor.CITIZEN, LODGED)


def due(walk: Walk) -> date | None:
    """Until when the answer is due."""
    return due_on(walk["file"].clocks["rights-answer"])


def test_paragraph_3_the_answer_is_due_within_a_month() -> None:
    assert due(lodged()) == date(2030, 4, 4)


def test_paragraph_3_a_last_day_without_work_moves_to_the_next_one() -> None:
    walk = draft(kind=Kind.RIGHTS_REQUEST).do("file", "lodge", Actor.CITIZEN, date(2030, 4, 1))

    assert due(walk) == date(2030, 5, 2)  # 1 May is a holiday


def test_paragraph_3_two_further_months_are_told_within_the_first_with_the_reason() -> None:
    walk = lodged().do("file", "extend", DESK, date(2030, 4, 3), reason="Three holders to ask.")

    assert due(walk) == date(2030, 6, 4)
    assert walk.letters == ["rights-receipt", "rights-extension"]


def test_paragraph_3_no_extension_without_a_reason() -> None:
    with pytest.raises(InvalidInput):
        lodged().do("file", "extend", DESK, date(2030, 4, 3), reason="")


def test_paragraph_3_no_second_extension() -> None:
    walk = lodged().do("file", "extend", DESK, date(2030, 4, 3), reason="Three holders to ask.")

    with pytest.raises(NotAllowed):
        walk.do("file", "extend", DESK, date(2030, 5, 3), reason="Again.")


def test_paragraph_3_no_extension_once_the_month_is_over() -> None:
    with pytest.raises(NotAllowed):
        lodged().do("file", "extend", DESK, date(2030, 4, 5), reason="Too late.")


def test_paragraph_4_a_refusal_says_why_and_where_to_complain() -> None:
    walk = lodged().do("file", "refuse", DESK, date(2030, 3, 8), reason="Not held here.")

    assert walk["file"].state == "refused"
    assert walk.letters[-1] == "rights-refusal"
    assert LETTERS["rights-refusal"].states_remedies


def test_an_answer_completes_the_clock() -> None:
    walk = lodged().do("file", "answer", DESK, date(2030, 3, 8), reason="Here they are.")

    assert walk["file"].clocks["rights-answer"].completed_on == date(2030, 3, 8)


def test_the_person_withdraws_and_nobody_waits_any_more() -> None:
    walk = lodged().do("file", "withdraw", Actor.CITIZEN, date(2030, 3, 8))

    assert walk["file"].running() == ()


def test_nobody_but_the_desk_answers() -> None:
    with pytest.raises(NotAllowed):
        lodged().do("file", "answer", Actor.ASSESSOR, date(2030, 3, 8), reason="Here.")
