"""Boards at the portal: who may submit, what is counted, what the secure zone may answer."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from ecluse.domain.documents import Signer
from ecluse.domain.documents import Submission as SubmissionBody
from ecluse.domain.errors import InvalidInput, NotAllowed, OutOfScope, Replayed, WrongSigner
from ecluse.domain.evaluations.secrecy import (
    Fault,
    FaultCode,
    Level,
    Purpose,
    SubmissionStatus,
    left,
)
from ecluse.portal.audit import identity
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.boards import actions
from ecluse.portal.boards.models import Board, LegalEntity, Submission
from ecluse.portal.mailbox import blobs
from ecluse.portal.permits.actions import revoke
from ecluse.trust import documents
from tests.unit.data.evaluation.boarding import COMPANY, HOSPITAL, RULES
from tests.unit.portal.applications.road import NOW
from tests.unit.portal.boards.meeting import OPENED, PREDICTIONS, SECOND, Meeting


def remaining(board: Board, number: str = HOSPITAL) -> int:
    """What an entity has left on a board."""
    entity = LegalEntity.objects.get(number=number)
    return left(board.rules(), board.usage(entity, 0))


def test_an_opening_is_signed_and_names_its_permit_and_rules(meeting: Meeting) -> None:
    board = meeting.opened()

    verified = documents.verify(bytes(board.opening_data), identity.keyring(), now=NOW)
    opening = board.opening()
    assert verified.document.body == opening
    assert (opening.board_number, opening.rules) == ("B-2026-0001", RULES)
    assert opening.permit_digest == board.permit.digest


def test_a_board_needs_a_permit_in_force(meeting: Meeting) -> None:
    permit = meeting.road.permit()
    revoke(permit, "Misuse.", by=meeting.road.decider, now=NOW)
    permit.refresh_from_db()

    with pytest.raises(NotAllowed, match="not active"):
        actions.open_board(permit, OPENED, by=meeting.preparer, now=NOW)


def test_rules_that_cannot_work_open_no_board(meeting: Meeting) -> None:
    short = replace(OPENED, rules=replace(RULES, final_percent=20))

    with pytest.raises(InvalidInput, match="final_percent"):
        actions.open_board(meeting.road.permit(), short, by=meeting.preparer, now=NOW)


def test_nothing_is_explored_where_inputs_are_secret(meeting: Meeting) -> None:
    secret = replace(OPENED, rules=replace(RULES, level=Level.NOTHING_PUBLIC))

    with pytest.raises(InvalidInput, match="nothing is explored"):
        actions.open_board(meeting.road.permit(), secret, by=meeting.preparer, now=NOW)


def test_a_submission_is_signed_for_the_entity_and_its_file_is_offered(meeting: Meeting) -> None:
    sent = meeting.send(meeting.opened())

    order = sent.order()
    assert isinstance(order, SubmissionBody)
    assert (order.entity, order.submitted_by) == (HOSPITAL, meeting.camille.subject)
    assert blobs.find_for(order.file.digest, "agent:zone-1").read_bytes() == PREDICTIONS


def test_an_account_without_an_entity_submits_nothing(meeting: Meeting) -> None:
    board = meeting.opened()
    meeting.camille.enrolment.delete()

    with pytest.raises(NotAllowed, match="No legal entity"):
        meeting.send(board)


def test_an_account_cannot_name_its_own_entity(meeting: Meeting) -> None:
    with pytest.raises(NotAllowed):
        actions.enrol(meeting.camille, COMPANY, "Exemple SAS", by=meeting.camille, now=NOW)


@pytest.mark.parametrize("number", ["552081318", "FR:552081317", "55208131700046"])
def test_an_entity_is_a_proved_number(meeting: Meeting, number: str) -> None:
    with pytest.raises(InvalidInput, match="no legal entity"):
        actions.enrol(meeting.camille, number, "Hôpital", by=meeting.preparer, now=NOW)


def test_two_accounts_of_an_entity_spend_one_budget(meeting: Meeting) -> None:
    board = meeting.opened()
    meeting.tell(meeting.send(board))
    meeting.send(board, by=meeting.louis)

    assert remaining(board) == 8
    assert remaining(board, COMPANY) == 10


def test_what_waits_for_its_answer_is_counted(meeting: Meeting) -> None:
    """Two at once must not pass where one is left."""
    board = meeting.opened()
    sent = [meeting.send(board, by=one) for one in (meeting.camille, meeting.louis) * 5]

    assert len(sent) == 10
    with pytest.raises(NotAllowed, match="All 10 submissions"):
        meeting.send(board)


def test_a_failed_or_repeated_file_gives_its_submission_back(meeting: Meeting) -> None:
    board = meeting.opened()
    faults = (Fault(FaultCode.MISSING_CASES, 3),)
    failed = {"status": SubmissionStatus.FAILED, "faults": faults, "shown_millionths": None}
    meeting.tell(meeting.send(board), **failed, has_moved=False, standings=())
    meeting.tell(meeting.send(board), status=SubmissionStatus.REPEATED, has_moved=False)

    assert remaining(board) == 10


def test_a_period_gives_a_new_budget_and_a_clock_set_back_none(meeting: Meeting) -> None:
    board = meeting.opened()
    later = NOW + timedelta(days=31)
    one = meeting.send(board, now=later)

    again = meeting.send(board, by=meeting.louis, now=NOW)

    assert (one.period, again.period) == (1, 1)


def test_the_same_page_sent_twice_submits_once(meeting: Meeting) -> None:
    board, key = meeting.opened(), uuid.uuid4()
    what = actions.Sent("predictions.csv", [PREDICTIONS], len(PREDICTIONS), Purpose.COMPETE)
    first = actions.submit(board, what, key=key, by=meeting.camille, now=NOW)

    again = actions.submit(board, what, key=key, by=meeting.camille, now=NOW)

    assert again == first
    assert Submission.objects.count() == 1


def test_a_question_says_what_was_measured(meeting: Meeting) -> None:
    board = meeting.opened()

    with pytest.raises(InvalidInput, match="exploratory question"):
        meeting.send(board, purpose=Purpose.EXPLORE)
    with pytest.raises(InvalidInput, match="exploratory question"):
        meeting.send(board, claimed_millionths=800_000)
    with pytest.raises(InvalidInput, match="between 0 and 1"):
        meeting.send(board, purpose=Purpose.EXPLORE, claimed_millionths=1_000_001)


def test_an_answer_gives_the_board_its_standings(meeting: Meeting) -> None:
    board = meeting.answered()

    assert [one.entity for one in board.standings()] == [HOSPITAL]
    assert board.submissions.get().answer().shown_millionths == 812_000


def test_an_answer_is_obeyed_once(meeting: Meeting) -> None:
    sent = meeting.tell(meeting.send(meeting.opened()))

    with pytest.raises(Replayed, match="was answered"):
        meeting.tell(sent, shown_millionths=900_000)


def test_an_answer_to_what_was_never_sent_is_refused(meeting: Meeting) -> None:
    sent = meeting.send(meeting.opened())

    with pytest.raises(OutOfScope, match="No submission left here"):
        meeting.tell(sent, submission_digest="sha256:" + "0" * 64)
    with pytest.raises(OutOfScope, match="is not that of"):
        meeting.tell(sent, board_digest="sha256:" + "0" * 64)


def test_the_agent_alone_tells_scores(meeting: Meeting) -> None:
    sent = meeting.send(meeting.opened())

    with pytest.raises(WrongSigner):
        meeting.road.deliver(meeting.answer(sent), issuer=Signer.PORTAL)


def test_a_board_is_closed_once_and_ends_with_its_result(meeting: Meeting) -> None:
    board = meeting.closed()

    assert board.state == "closed"
    assert board.standings()[1] == SECOND
    with pytest.raises(NotAllowed, match="closed once"):
        actions.close_board(board, by=meeting.preparer, now=NOW)
    with pytest.raises(Replayed, match="has its result"):
        meeting.end(board, case_count=299)
    with pytest.raises(NotAllowed, match="takes no submission"):
        meeting.send(board)


def test_a_result_of_another_closing_is_refused(meeting: Meeting) -> None:
    board = meeting.closing()

    with pytest.raises(OutOfScope, match="No board was closed"):
        meeting.end(board, closing_digest="sha256:" + "0" * 64)


def test_a_board_is_not_closed_while_an_answer_is_awaited(meeting: Meeting) -> None:
    with pytest.raises(NotAllowed, match="waits for its answer"):
        actions.close_board(meeting.submitted(), by=meeting.preparer, now=NOW)


def test_refusals_of_the_zone_are_shown_where_they_belong(meeting: Meeting) -> None:
    board = meeting.opened()
    sent = meeting.send(board)
    meeting.refuse("Submission", sent.order_digest, "not-allowed")
    sent.refresh_from_db()

    assert (sent.state, sent.refusal_code) == ("refused", "not-allowed")
    assert remaining(board) == 10


def test_a_refused_opening_leaves_no_board(meeting: Meeting) -> None:
    board = meeting.refused()

    assert (board.state, board.refusal_code) == ("refused", "not-found")
    assert list(Board.objects.visible_to(meeting.camille)) == []


def test_a_refused_closing_opens_the_board_again(meeting: Meeting) -> None:
    board = meeting.closing()
    meeting.refuse("BoardClosing", board.closing_digest, "revoked")
    board.refresh_from_db()

    assert (board.state, board.closing_digest) == ("open", "")


def test_each_act_is_in_the_journal(meeting: Meeting) -> None:
    meeting.closed()

    told = JournalEntry.objects.filter(action__startswith="board.").order_by("sequence")
    assert [one.action for one in told] == [
        *["board.enrolled"] * 3,
        "board.opened",
        "board.submitted",
        "board.answered",
        "board.closed",
        "board.result",
    ]
