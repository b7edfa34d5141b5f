"""EHDS art. 60(2), 63(4) and 68(7): what is asked of a holder, until when, and when it is late."""

from datetime import date

import pytest

from ecluse.domain.actors import Actor
from ecluse.domain.clocks import clock as clocks
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines import Kind, acts
from ecluse.domain.machines.files import Act, CaseFile
from tests.unit.domain.machines_walk import permitted

CALL = "holder-call-1"
GRANTED = date(2030, 4, 30)


def act(
    file: CaseFile,
    action: str,
    role: Actor,
    on: date,
    *,
    reason: str = "",
    until: date | None = None,
) -> CaseFile:
    """The file after somebody of that role did something to the call."""
    return acts.act(file, Act(CALL, action, role, role.value, on, reason, until)).file


@pytest.fixture
def asked() -> CaseFile:
    """A permit of 30 April 2030 and a call of 2 May under it."""
    file, call = acts.add(permitted().file, Kind.HOLDER_CALL, "permit-1")
    assert call == CALL
    return act(file, "ask", Actor.PREPARER, date(2030, 5, 2))


def test_article_68_7_a_call_is_made_under_a_permit_in_force_by_who_prepares_data() -> None:
    file, _ = acts.add(permitted().file, Kind.HOLDER_CALL, "permit-1")

    with pytest.raises(NotAllowed, match="ask is for: preparer"):
        act(file, "ask", Actor.DECIDER, date(2030, 5, 2))
    with pytest.raises(NotAllowed, match="No holder-call can be made of a decision-unit"):
        acts.add(file, Kind.HOLDER_CALL, "unit-1")


def test_paragraph_2_the_holder_has_three_months_from_the_request(asked: CaseFile) -> None:
    clock = asked.item(CALL).clocks["supply"]

    assert (clocks.due_on(clock), clock.turn) == (date(2030, 8, 2), Actor.DATA_HOLDER)
    assert not clocks.is_overdue(clock, today=date(2030, 8, 2))
    assert clocks.is_overdue(clock, today=date(2030, 8, 3))


def test_paragraph_2_the_access_body_extends_once_where_justified(asked: CaseFile) -> None:
    day = date(2030, 7, 1)
    longer = act(asked, "extend", Actor.DECIDER, day, reason="Trois sources.")

    assert clocks.due_on(longer.item(CALL).clocks["supply"]) == date(2030, 11, 4)
    with pytest.raises(InvalidInput, match="needs a reason"):
        act(asked, "extend", Actor.DECIDER, day)
    with pytest.raises(NotAllowed, match="not for data-holder"):
        act(asked, "extend", Actor.DATA_HOLDER, day, reason="Pour moi.")
    with pytest.raises(NotAllowed, match="once only"):
        act(longer, "extend", Actor.DECIDER, date(2030, 10, 1), reason="Encore.")


def test_paragraph_2_what_is_not_what_was_asked_was_not_supplied(asked: CaseFile) -> None:
    supplied = act(asked, "supply", Actor.DATA_HOLDER, date(2030, 8, 1))
    returned = act(supplied, "return-supply", Actor.PREPARER, date(2030, 8, 5), reason="Vide.")
    clock = returned.item(CALL).clocks["supply"]

    assert not clocks.is_overdue(supplied.item(CALL).clocks["supply"], today=date(2030, 9, 1))
    assert (clock.started_on, clock.is_running) == (date(2030, 5, 2), True)
    assert clocks.is_overdue(clock, today=date(2030, 8, 5))


def test_article_68_7_two_months_to_make_the_data_available_begin_on_receipt(
    asked: CaseFile,
) -> None:
    supplied = act(asked, "supply", Actor.DATA_HOLDER, date(2030, 6, 3))
    received = act(supplied, "receive", Actor.PREPARER, date(2030, 6, 4))
    clock = received.item(CALL).clocks["provision"]
    available = act(received, "make-available", Actor.PREPARER, date(2030, 7, 1))

    assert (clocks.due_on(clock), clock.turn) == (date(2030, 8, 5), Actor.PREPARER)
    assert available.item(CALL).running() == ()


def test_article_63_4_a_call_without_object_leaves_no_clock_behind(asked: CaseFile) -> None:
    ended = act(asked, "cancel", Actor.PREPARER, date(2030, 5, 9), reason="Autorisation retirée.")

    assert (ended.item(CALL).state, ended.item(CALL).running()) == ("cancelled", ())
