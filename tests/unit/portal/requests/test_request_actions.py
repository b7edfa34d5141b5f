"""A data request from its draft to its answer: each act, each document, each refusal."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from ecluse.domain import data_requests
from ecluse.domain.cohorts import AtLeast, Events, cohort_of
from ecluse.domain.documents import (
    OptOutList,
    OutputFile,
    Signer,
    TabulationOrder,
    TabulationReceipt,
)
from ecluse.domain.errors import EcluseError, InvalidInput, NotAllowed, OutOfScope, Replayed
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.cases.models import ClockRow, Dispatch
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.releases import actions as release_actions
from ecluse.portal.releases.models import ReleaseRecord
from ecluse.portal.requests import actions, tabulations
from ecluse.portal.requests.models import DataRequest, Tabulation
from tests.unit.portal.applications.road import NOW, Road, vote
from tests.unit.portal.requests.road import (
    KEY,
    MARC,
    NUMBER,
    ORDER,
    PLAN,
    SARAH,
    Requests,
    receipt,
    rejection,
    release,
)

OTHER_KEY = UUID("33333333-3333-4333-8333-333333333333")
DIABETES = cohort_of(AtLeast(Events("drug_atc", ("A10",))))


def state() -> str:
    return DataRequest.objects.get().item.state


def test_the_clock_runs_from_receipt_whatever_is_asked_after(requests: Requests) -> None:
    requests.awaiting()

    clock = ClockRow.objects.get(rule="request-assessment")
    assert (str(clock.started_on), str(clock.due_on)) == ("2026-01-05", "2026-04-07")
    assert not clock.suspension_rows.exists()


def test_what_is_submitted_is_frozen_and_its_digest_journalled(requests: Requests) -> None:
    request = requests.submitted()

    submission = request.submissions.get()
    entry = JournalEntry.objects.get(action="data-request.submit")
    assert (entry.subject, entry.digest) == (NUMBER, submission.digest)
    assert submission.answers == request.answers


def test_a_draft_with_a_question_left_is_not_submitted(requests: Requests) -> None:
    draft = actions.save(requests.draft(), {"title": ""}, by=requests.camille, now=NOW)

    with pytest.raises(InvalidInput, match="title"):
        actions.submit(draft, by=requests.camille, now=NOW)


def test_a_decision_publishes_the_list_of_opt_outs_of_that_instant(requests: Requests) -> None:
    request = requests.answering()

    sent = OutgoingDocument.objects.get(kind="OptOutList")
    body = body_of(sent, OptOutList)
    assert (body.permit_number, body.as_of) == (NUMBER, request.decided_at)
    assert sent.digest == request.opt_out_list_digest
    assert state() == "answering"


def test_a_minimum_under_that_of_the_policy_is_not_granted(requests: Requests, road: Road) -> None:
    with pytest.raises(InvalidInput):
        actions.approve(requests.deciding(), 10, by=road.decider, now=NOW)
    assert state() == "deciding"


def test_who_assessed_does_not_decide(requests: Requests, road: Road) -> None:
    with pytest.raises(NotAllowed):
        actions.approve(requests.deciding(), 11, by=road.assessor, now=NOW)


def test_an_order_says_all_that_the_decision_was(requests: Requests, road: Road) -> None:
    made = requests.ordered()

    sent = OutgoingDocument.objects.get(kind="TabulationOrder")
    body = body_of(sent, TabulationOrder)
    assert made.order() == body
    assert (body.order_number, body.request_number) == (ORDER, NUMBER)
    assert body.persons == (road.camille.subject,)
    assert body.assessed_by == (road.assessor.subject,)
    assert (body.decided_by, body.ordered_by) == (road.decider.subject, road.preparer.subject)
    assert (body.plan.number, body.plan.population) == (NUMBER, data_requests.EVERYBODY)
    assert (body.policy, body.minimum_count) == ("SNDS-2026", 11)
    assert set(sent.audience) == {"agent:zone-1", "site:checking"}


def test_a_stricter_minimum_makes_a_policy_of_its_own(requests: Requests, road: Road) -> None:
    request = actions.approve(requests.deciding(), 20, by=road.decider, now=NOW)
    asked = tabulations.asked(request, None, PLAN)

    made = tabulations.order(request, asked, key=KEY, by=road.preparer, now=NOW)

    assert (made.order().policy, made.order().minimum_count) == ("SNDS-2026-20", 20)


def test_the_population_is_named_by_the_software(requests: Requests) -> None:
    request = requests.answering()
    plan = replace(PLAN, number="DR-2025-00099", population="Personne")

    asked = tabulations.asked(request, DIABETES, plan)

    assert asked.plan.number == NUMBER
    assert "A10" in asked.plan.population


def test_an_order_sent_twice_is_one_order(requests: Requests, road: Road) -> None:
    made = requests.ordered()
    asked = tabulations.asked(made.request, None, PLAN)

    again = tabulations.order(made.request, asked, key=KEY, by=road.preparer, now=NOW)

    assert again == made
    assert OutgoingDocument.objects.filter(kind="TabulationOrder").count() == 1


def test_one_order_at_a_time(requests: Requests, road: Road) -> None:
    made = requests.ordered()
    asked = tabulations.asked(made.request, None, PLAN)

    with pytest.raises(NotAllowed, match="under way"):
        tabulations.order(made.request, asked, key=OTHER_KEY, by=road.preparer, now=NOW)


@pytest.mark.parametrize("person", ["camille", "assessor", "decider", "auditor", "stranger"])
def test_only_who_prepares_answers_orders(requests: Requests, road: Road, person: str) -> None:
    request = requests.answering()
    asked = tabulations.asked(request, None, PLAN)

    with pytest.raises(NotAllowed):
        tabulations.order(request, asked, key=KEY, by=getattr(road, person), now=NOW)


def test_a_receipt_moves_the_file_to_the_checkers(requests: Requests) -> None:
    made = requests.checking()

    assert (made.state, state()) == ("checked", "checking")
    assert made.receipt() == receipt(made)
    assert Dispatch.objects.filter(name="answer-ready").count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"dataset": "other"},
        {"snapshot": "20200101T000000Z-00000000"},
        {"opt_out_list_digest": "sha256:" + "0" * 64},
        {"plan_digest": "sha256:" + "0" * 64},
        {"policy": "SNDS-2019"},
        {"request_number": "DR-2026-00002"},
        {"order_digest": "sha256:" + "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_receipt_of_another_order_is_refused(
    requests: Requests, road: Road, change: dict[str, object]
) -> None:
    made = requests.ordered()
    false: TabulationReceipt = replace(receipt(made), **change)  # type: ignore[arg-type]

    with pytest.raises(OutOfScope):
        road.deliver(false, issuer=Signer.AGENT)
    assert state() == "answering"


def test_an_order_is_answered_once(requests: Requests, road: Road) -> None:
    made = requests.checking()

    with pytest.raises(Replayed):
        road.deliver(receipt(made), issuer=Signer.AGENT)


def test_a_refusal_of_the_zone_lets_another_order_be_made(requests: Requests, road: Road) -> None:
    refused = requests.zone_refused()
    asked = tabulations.asked(refused.request, None, PLAN)

    again = tabulations.order(refused.request, asked, key=OTHER_KEY, by=road.preparer, now=NOW)

    assert (refused.state, state(), again.number) == ("refused", "answering", f"{NUMBER}-T2")


def test_a_rejection_returns_the_file_to_who_prepares(requests: Requests) -> None:
    rejected = requests.rejected()

    assert (rejected.state, state()) == ("rejected", "answering")
    assert rejected.request.open_order() is None


@pytest.mark.parametrize(
    ("votes", "error"),
    [
        ((vote(SARAH), vote(MARC)), OutOfScope),
        ((vote(SARAH),), OutOfScope),
        ((vote(SARAH), vote("nora.blanc@hub.example")), EcluseError),
    ],
)
def test_votes_that_reject_nothing_move_nothing(
    requests: Requests, road: Road, votes: tuple[object, ...], error: type[EcluseError]
) -> None:
    made = requests.checking()

    with pytest.raises(error):
        road.deliver(rejection(made, *votes), issuer=Signer.CHECKING_ROOM)  # type: ignore[arg-type]
    assert state() == "checking"


def test_a_release_gives_the_answer_and_starts_the_last_clock(requests: Requests) -> None:
    given = requests.answered()

    assert state() == "answered"
    assert Tabulation.objects.get().release_number == given.request_number
    assert ClockRow.objects.get(rule="request-answer").completed_on is not None
    assert ClockRow.objects.filter(rule="results-public", completed_on=None).exists()
    assert Dispatch.objects.filter(name="answer", is_letter=True).count() == 1


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"votes": (vote(SARAH),)}, OutOfScope),
        ({"votes": (vote(SARAH), vote(SARAH))}, NotAllowed),
        ({"votes": (vote(SARAH), vote("camille.moreau@univ.example"))}, NotAllowed),
        ({"votes": (vote(SARAH), vote("paul.lefevre@hub.example"))}, NotAllowed),
        ({"votes": (vote(SARAH), vote("ines.garnier@hub.example"))}, NotAllowed),
        ({"votes": (vote(SARAH), vote("nora.blanc@hub.example"))}, NotAllowed),
        ({"job_number": "DR-2026-00001-T9"}, OutOfScope),
        ({"files": (OutputFile("rows.csv", 9, "sha256:" + "9" * 64),)}, OutOfScope),
        ({"files": ()}, OutOfScope),
    ],
)
def test_a_release_that_does_not_prove_itself_gives_nothing(
    requests: Requests, road: Road, change: dict[str, object], error: type[EcluseError]
) -> None:
    made = requests.checking()

    with pytest.raises(error):
        road.deliver(release(made, **change), issuer=Signer.CHECKING_ROOM)
    assert state() == "checking"
    assert not ReleaseRecord.objects.exists()


def test_the_requester_downloads_and_nobody_else(requests: Requests, road: Road) -> None:
    file = requests.answered().files.get()

    path = release_actions.download(file, by=road.camille, now=NOW)

    assert path.read_bytes().startswith(b"sex,persons")
    with pytest.raises(NotAllowed):
        release_actions.download(file, by=road.louis, now=NOW)
    with pytest.raises(NotAllowed):
        release_actions.download(file, by=road.decider, now=NOW)


def test_an_order_outlives_six_months_and_no_more(requests: Requests) -> None:
    order = requests.ordered().order()

    later = NOW + timedelta(days=182)
    with pytest.raises(EcluseError, match="ended on 2026-07-05"):
        data_requests.check_order(order, now=later)


def test_a_draft_deleted_forgets_what_it_said(requests: Requests) -> None:
    draft = requests.draft()

    actions.act(draft, "delete", reason="", by=requests.camille, now=NOW)

    assert DataRequest.objects.get().answers == {}
