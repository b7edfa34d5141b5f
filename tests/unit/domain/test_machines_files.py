"""A whole file: its application, decision units, permits, appeals and clocks move together."""

from datetime import date

import pytest

from ecluse.domain.actors import Actor
from ecluse.domain.clocks import clock as clocks
from ecluse.domain.clocks.tracks import Track
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines.machine import Kind
from tests.unit.domain.machines_walk import (
    Walk,
    changing,
    complete,
    deciding,
    draft,
    permitted,
    refused,
    screening,
)

USER, ASSESSOR, DECIDER = Actor.DATA_USER, Actor.ASSESSOR, Actor.DECIDER
COURT, SYSTEM = Actor.APPEAL_BODY, Actor.SYSTEM
MAY_2 = date(2030, 5, 2)


def due(walk: Walk, item_id: str, rule_id: str) -> date | None:
    return clocks.due_on(walk[item_id].clocks[rule_id])


def test_a_granted_application_becomes_a_permit_and_a_decision_to_publish() -> None:
    walk = permitted(until_on=date(2033, 4, 30))

    assert walk.states() == {
        "file": "decided-positive",
        "case": "decided",
        "unit-1": "granted",
        "permit-1": "active",
    }
    assert due(walk, "permit-1", "permit-duration") == date(2033, 4, 30)
    assert due(walk, "case", "publish-decision") == date(2030, 6, 17)  # 30 working days: see law
    assert walk.letters == ["acknowledgement", "estimate", "permit"]


def test_a_file_of_two_units_waits_for_both_and_is_positive_if_one_is() -> None:
    walk = complete(Track.STANDARD, Track.CROSS_BORDER)
    deciding("unit-1", walk).do("unit-1", "refuse", DECIDER, MAY_2)
    before = walk["file"].state
    deciding_two = walk.do("unit-2", "assess", ASSESSOR, MAY_2)
    deciding_two.do("unit-2", "no-estimate", ASSESSOR, MAY_2)
    deciding_two.do("unit-2", "grant", DECIDER, date(2030, 5, 3))

    assert before == "processing"
    assert walk["file"].state == "decided-positive"
    assert walk["permit-1"].parent_id == "unit-2"


def test_a_supplement_stops_the_clock_of_the_decision_and_starts_it_anew() -> None:
    walk = complete(Track.STANDARD)
    walk.do("file", "ask-supplement", ASSESSOR, date(2030, 4, 2))
    suspended = due(walk, "unit-1", "decision")
    walk.do("file", "supply-supplement", USER, date(2030, 4, 16))

    assert suspended is None
    assert due(walk, "unit-1", "decision") == date(2030, 7, 16)
    assert walk.states() == {"file": "processing", "case": "received", "unit-1": "assessment"}


def test_a_withdrawal_ends_every_clock_but_the_publication() -> None:
    walk = complete(Track.STANDARD).do("file", "withdraw", USER, date(2030, 4, 2))

    assert walk.states() == {"file": "withdrawn", "case": "closed", "unit-1": "withdrawn"}
    assert [item.running() for item in walk.file.items.values()] == [(), (), ()]


def test_declined_conditions_are_a_withdrawal_and_no_permit() -> None:
    walk = deciding().do("unit-1", "grant-with-conditions", DECIDER, MAY_2)
    walk.do("unit-1", "decline-conditions", USER, date(2030, 5, 6))

    assert walk.states() == {"file": "withdrawn", "case": "closed", "unit-1": "withdrawn"}


def test_conditions_without_an_answer_wait_for_their_due_day() -> None:
    walk = deciding().do("unit-1", "grant-with-conditions", DECIDER, MAY_2)

    with pytest.raises(NotAllowed, match="conditions-answer on 2030-06-03"):
        walk.do("unit-1", "close-unanswered", DECIDER, date(2030, 6, 3))
    walk.do("unit-1", "close-unanswered", DECIDER, date(2030, 6, 4))
    assert walk["file"].state == "withdrawn"


def test_a_permit_waits_for_the_opinion_that_was_asked() -> None:
    walk = complete(Track.STANDARD)
    walk.do("unit-1", "consult-authority", ASSESSOR, date(2030, 3, 5))
    deciding(walk=walk)

    with pytest.raises(NotAllowed, match="waits for authority-authorisation"):
        walk.do("unit-1", "grant", DECIDER, MAY_2)
    walk.do("unit-1", "authorise", Actor.AUTHORITY, MAY_2)
    walk.do("unit-1", "grant", DECIDER, date(2030, 5, 3))
    assert walk["permit-1"].state == "active"


def test_silence_of_the_authority_is_recorded_only_once_it_is_silence() -> None:
    walk = complete(Track.STANDARD)
    walk.do("unit-1", "consult-authority", ASSESSOR, date(2030, 3, 5))  # to 6 May, France

    with pytest.raises(NotAllowed, match="2030-05-06"):
        walk.do("unit-1", "record-silence", ASSESSOR, date(2030, 5, 6))
    walk.do("unit-1", "record-silence", ASSESSOR, date(2030, 5, 7))
    assert not walk["unit-1"].clocks["authority-authorisation"].is_running


def test_an_amended_permit_is_a_new_version_with_the_same_end() -> None:
    walk = permitted(until_on=date(2033, 4, 30))
    change = walk.add(Kind.AMENDMENT, "permit-1")
    walk.do(change, "submit", USER, date(2031, 1, 6))
    walk.do(change, "assess", ASSESSOR, date(2031, 1, 7))
    walk.do(change, "grant", DECIDER, date(2031, 1, 8))

    assert (walk["permit-1"].state, walk["permit-2"].state) == ("superseded", "active")
    assert walk["permit-2"].parent_id == "unit-1"
    assert due(walk, "permit-2", "permit-duration") == date(2033, 4, 30)


def test_an_extended_permit_runs_from_the_end_of_the_former_one_and_only_once() -> None:
    walk = permitted(until_on=date(2033, 4, 30))
    longer = walk.add(Kind.RENEWAL, "permit-1")
    walk.do(longer, "submit", USER, date(2033, 3, 30))
    walk.do(longer, "assess", ASSESSOR, date(2033, 4, 1))
    walk.do(longer, "grant", DECIDER, date(2033, 4, 4), until_on=date(2036, 4, 30))
    again = walk.add(Kind.RENEWAL, "permit-2")

    assert due(walk, "permit-2", "permit-extension") == date(2036, 4, 30)
    with pytest.raises(NotAllowed, match="extended once"):
        walk.do(again, "submit", USER, date(2034, 1, 2))


def test_a_second_amendment_of_a_replaced_version_is_refused() -> None:
    walk = changing(Kind.AMENDMENT)
    walk.do("amendment-1", "grant", DECIDER, date(2030, 5, 13))

    with pytest.raises(NotAllowed, match="can supersede"):
        walk.do("amendment-2", "grant", DECIDER, date(2030, 5, 14))
    assert (walk["permit-1"].state, walk["permit-2"].state) == ("superseded", "active")


def test_a_permit_expires_after_its_last_day_then_its_data_are_deleted() -> None:
    walk = permitted(until_on=date(2033, 4, 30))

    with pytest.raises(NotAllowed, match="permit-duration on 2033-04-30"):
        walk.do("permit-1", "expire", SYSTEM, date(2033, 4, 30))
    walk.do("permit-1", "expire", SYSTEM, date(2033, 5, 1))
    assert due(walk, "permit-1", "deletion") == date(2033, 11, 2)  # 1 November is a holiday
    walk.do("permit-1", "close-enclave", Actor.PREPARER, date(2033, 5, 2))
    walk.do("permit-1", "certify-deletion", SYSTEM, date(2033, 9, 1))
    assert [c.rule.rule_id for c in walk["permit-1"].running()] == ["results-public"]


def test_an_upheld_appeal_opens_the_decision_again_with_a_clock() -> None:
    walk = refused()
    appeal = walk.add(Kind.APPEAL, "unit-1")
    walk.do(appeal, "lodge", USER, date(2030, 5, 20))
    walk.do(appeal, "send-observations", DECIDER, date(2030, 6, 3))
    walk.do(appeal, "uphold", COURT, date(2030, 9, 2))
    opened = walk.states()
    walk.do("unit-1", "grant", DECIDER, date(2030, 9, 9))

    assert opened == {
        "file": "processing",
        "case": "under-way",
        "unit-1": "deciding",
        appeal: "upheld",
    }
    assert walk["unit-1"].clocks["decision"].started_on == date(2030, 9, 2)
    assert [c.started_on for c in walk["unit-1"].past] == [date(2030, 3, 4)]
    assert (walk["permit-1"].state, walk["case"].state) == ("active", "decided")


def test_a_dismissed_appeal_is_published_and_changes_nothing() -> None:
    walk = refused()
    appeal = walk.add(Kind.APPEAL, "unit-1")
    walk.do(appeal, "lodge", USER, date(2030, 5, 20))
    walk.do(appeal, "send-observations", DECIDER, date(2030, 6, 3))
    walk.do(appeal, "dismiss", COURT, date(2030, 9, 2))

    assert (walk["unit-1"].state, walk["case"].state) == ("refused", "decided")


def test_a_restored_permit_keeps_its_end_and_its_data() -> None:
    walk = permitted(until_on=date(2033, 4, 30))
    walk.do("case", "publish-decision", ASSESSOR, MAY_2)
    walk.do("permit-1", "revoke", DECIDER, date(2031, 2, 3))
    appeal = walk.add(Kind.APPEAL, "permit-1")
    walk.do(appeal, "lodge", USER, date(2031, 2, 10))
    walk.do(appeal, "send-observations", DECIDER, date(2031, 2, 17))
    walk.do(appeal, "uphold", COURT, date(2031, 4, 1))

    assert walk["permit-1"].state == "active"
    assert due(walk, "permit-1", "permit-duration") == date(2033, 4, 30)
    assert walk["permit-1"].clocks["deletion"].voided_on == date(2031, 4, 1)


def test_conditions_cannot_be_appealed_nor_a_withdrawn_file() -> None:
    conditions = deciding().do("unit-1", "grant-with-conditions", DECIDER, MAY_2)
    withdrawn = complete(Track.STANDARD).do("file", "withdraw", USER, MAY_2)

    with pytest.raises(NotAllowed, match="No appeal"):
        conditions.add(Kind.APPEAL, "unit-1")
    with pytest.raises(NotAllowed, match="No appeal"):
        withdrawn.add(Kind.APPEAL, "unit-1")


def test_a_reason_is_written_where_one_is_due() -> None:
    with pytest.raises(InvalidInput, match="needs a reason"):
        deciding().do("unit-1", "refuse", DECIDER, MAY_2, reason=" ")


def test_an_act_that_fails_changes_nothing() -> None:
    walk = deciding()
    before = walk.file

    with pytest.raises(NotAllowed, match="at the latest"):
        walk.do("unit-1", "grant", DECIDER, MAY_2, until_on=date(2041, 5, 3))
    assert walk.file is before


def test_a_draft_is_deleted_by_the_software_only_once_its_time_is_over() -> None:
    walk = draft(Track.STANDARD).do("file", "save-draft", USER, date(2030, 1, 7))
    walk.do("file", "save-draft", USER, date(2030, 2, 4))

    with pytest.raises(NotAllowed, match="2030-08-05"):
        walk.do("file", "delete", SYSTEM, date(2030, 8, 5))
    walk.do("file", "delete", SYSTEM, date(2030, 8, 6))
    assert walk["file"].state == "deleted"


def test_an_incomplete_file_is_not_declared_complete_twice() -> None:
    walk = screening(Track.STANDARD).do("file", "declare-complete", ASSESSOR, MAY_2)

    with pytest.raises(NotAllowed, match="pre-screening"):
        walk.do("file", "declare-complete", ASSESSOR, MAY_2)


def test_what_an_act_entails_is_done_by_nobody_alone() -> None:
    with pytest.raises(NotAllowed, match="nobody does it alone"):
        refused().do("unit-1", "reconsider", Actor.ENTAILED, MAY_2)


def test_a_designation_refused_is_appealed_without_a_case_to_publish() -> None:
    walk = draft(kind=Kind.DESIGNATION).do("file", "apply", Actor.DATA_HOLDER, date(2030, 3, 4))
    walk.do("file", "assess", ASSESSOR, date(2030, 4, 2))
    walk.do("file", "refuse", DECIDER, MAY_2)
    appeal = walk.add(Kind.APPEAL, "file")
    walk.do(appeal, "lodge", Actor.DATA_HOLDER, date(2030, 5, 20))
    walk.do(appeal, "send-observations", DECIDER, date(2030, 6, 3))
    walk.do(appeal, "uphold", COURT, date(2030, 9, 2))

    assert walk.states() == {"file": "deciding", appeal: "upheld"}
