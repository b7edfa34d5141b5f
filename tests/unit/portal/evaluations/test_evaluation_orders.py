"""An evaluation ordered by its holder: signed, answered, checked, its report filed by itself."""

from dataclasses import replace

import pytest

from ecluse.domain.documents import Decision, EvaluationOrder, Refusal, Signer
from ecluse.domain.errors import InvalidInput, NotAllowed, OutOfScope, Replayed, Revoked
from ecluse.portal.audit import identity
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.evaluations import actions, orders, reporting
from ecluse.portal.evaluations.models import OrderState
from ecluse.portal.mailbox.actions import receive
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.permits import actions as permits
from ecluse.portal.permits.models import PermitRecord
from ecluse.portal.releases.models import ReleaseRecord
from ecluse.trust import canonical, documents
from tests.unit.domain.evaluations.answered import DATA, MODEL
from tests.unit.portal.applications.road import NOW
from tests.unit.portal.evaluations.evaluating import (
    DEVIATION,
    NUMBER,
    Evaluating,
    again,
    lock_of,
    order_of,
    receipt,
    rejection,
    release,
    report,
)

OTHER = "sha256:" + "0" * 64


def test_an_order_is_signed_for_the_zone_and_names_what_was_locked(evaluating: Evaluating) -> None:
    made = evaluating.ordered()

    sent = OutgoingDocument.objects.get(kind="EvaluationOrder")
    verified = documents.verify(bytes(sent.data), identity.keyring(), now=NOW)
    body = verified.document.body
    assert isinstance(body, EvaluationOrder)
    assert (body.model, body.dataset) == (MODEL, DATA)
    assert body.lock_digest == lock_of(made).digest
    assert body.ordered_by == evaluating.road.camille.subject
    assert set(sent.audience) == {"agent:zone-1", "site:checking"}
    entry = JournalEntry.objects.get(action="evaluation.order-run")
    assert (entry.subject, entry.digest) == (NUMBER, verified.digest)


def test_an_order_states_the_deviations_declared_before_it(evaluating: Evaluating) -> None:
    made, camille = evaluating.locked(), evaluating.road.camille
    actions.deviate(made, DEVIATION, by=camille, now=NOW)

    ordered = orders.order(made, by=camille, now=NOW)

    assert ordered.order().deviations == (DEVIATION,)


def test_an_order_sent_twice_is_one_order(evaluating: Evaluating) -> None:
    made = evaluating.ordered()

    orders.order(made, by=evaluating.road.camille, now=NOW)

    assert made.orders.count() == 1
    assert OutgoingDocument.objects.filter(kind="EvaluationOrder").count() == 1


def test_nothing_is_ordered_before_the_lock_nor_by_a_stranger(evaluating: Evaluating) -> None:
    made = evaluating.registered()

    with pytest.raises(NotAllowed):
        orders.order(made, by=evaluating.road.camille, now=NOW)
    with pytest.raises(NotAllowed):
        orders.order(made, by=evaluating.road.stranger, now=NOW)


def test_nothing_is_ordered_under_a_permit_that_was_revoked(evaluating: Evaluating) -> None:
    made = evaluating.locked()
    permits.revoke(PermitRecord.objects.get(), "Fin.", by=evaluating.road.decider, now=NOW)

    with pytest.raises((Revoked, NotAllowed)):
        orders.order(made, by=evaluating.road.camille, now=NOW)
    assert made.orders.count() == 0


def test_a_receipt_notes_the_run(evaluating: Evaluating) -> None:
    made = evaluating.checking()

    assert made.state == "run"
    assert order_of(made).state == OrderState.CHECKED
    assert JournalEntry.objects.filter(action="evaluation.record-run").count() == 1


@pytest.mark.parametrize(
    "changes", [{"lock_digest": OTHER}, {"order_digest": OTHER}, {"evaluation_number": "EV-1"}]
)
def test_a_receipt_of_another_order_is_refused(
    evaluating: Evaluating, changes: dict[str, str]
) -> None:
    made = evaluating.ordered()
    body = replace(receipt(order_of(made), b"report"), **changes)

    with pytest.raises(OutOfScope):
        evaluating.road.deliver(body, issuer=Signer.AGENT)
    assert order_of(made).state == OrderState.ORDERED


def test_a_released_report_files_itself(evaluating: Evaluating) -> None:
    made = evaluating.released()

    row = made.report()
    assert row is not None
    assert (made.state, row.filed_by) == ("reported", None)
    assert reporting.body_of(row) == report(made)
    assert row.digest == order_of(made).receipt().report  # type: ignore[union-attr]
    kept = ReleaseRecord.objects.get()
    assert (kept.permit, order_of(made).release_number) == (
        PermitRecord.objects.get(),
        kept.request_number,
    )


def test_a_report_that_no_checker_let_out_is_not_filed(evaluating: Evaluating) -> None:
    made = evaluating.ordered()
    data = evaluating.answer(made)

    with pytest.raises(OutOfScope, match="two checkers"):
        receive(data, now=NOW)
    assert again(made).report() is None


def test_another_report_than_the_one_checked_is_not_filed(evaluating: Evaluating) -> None:
    made = evaluating.ordered()
    evaluating.answer(made)
    evaluating.road.deliver(release(order_of(made)), issuer=Signer.CHECKING_ROOM)

    with pytest.raises(OutOfScope, match="not the one made"):
        receive(evaluating.signed(report(made)), now=NOW)
    assert again(made).report() is None


def test_a_release_of_other_bytes_than_the_receipt_is_refused(evaluating: Evaluating) -> None:
    made = evaluating.ordered()
    evaluating.answer(made)
    files = (replace(release(order_of(made)).files[0], digest=OTHER),)

    with pytest.raises(OutOfScope, match="more than the report"):
        evaluating.road.deliver(release(order_of(made), files=files), issuer=Signer.CHECKING_ROOM)
    assert not ReleaseRecord.objects.exists()


def test_a_refusal_of_the_zone_leaves_room_for_another_order(evaluating: Evaluating) -> None:
    made = evaluating.ordered()
    body = Refusal("EvaluationOrder", "1", order_of(made).digest, "not-found", "Nothing there.")
    evaluating.road.deliver(body, issuer=Signer.AGENT)

    second = orders.order(made, by=evaluating.road.camille, now=NOW)

    assert second.number == f"{NUMBER}-O2"
    assert JournalEntry.objects.filter(action="evaluation.run-refused").count() == 1


def test_a_rejected_report_leaves_room_for_another_order(evaluating: Evaluating) -> None:
    made = evaluating.checking()
    body = rejection(order_of(made), Decision.APPROVE, Decision.REJECT)
    evaluating.road.deliver(body, issuer=Signer.CHECKING_ROOM)

    second = orders.order(made, by=evaluating.road.camille, now=NOW)
    evaluating.answer(again(made))

    assert second.number == f"{NUMBER}-O2"
    assert order_of(made).state == OrderState.CHECKED


def test_a_rejection_that_two_checkers_did_not_vote_is_refused(evaluating: Evaluating) -> None:
    made = evaluating.checking()
    body = rejection(order_of(made), Decision.APPROVE, Decision.APPROVE)

    with pytest.raises(OutOfScope):
        evaluating.road.deliver(body, issuer=Signer.CHECKING_ROOM)
    assert order_of(made).state == OrderState.CHECKED


def test_no_report_is_filed_by_hand_while_the_zone_makes_it(evaluating: Evaluating) -> None:
    made = evaluating.checking()

    with pytest.raises(InvalidInput, match="zone sécurisée"):
        reporting.file_report(
            made, evaluating.signed(report(made)), by=evaluating.road.camille, now=NOW
        )


def test_a_receipt_that_comes_again_is_refused(evaluating: Evaluating) -> None:
    made = evaluating.checking()
    body = receipt(order_of(made), b"another report")

    with pytest.raises(Replayed):
        evaluating.road.deliver(body, issuer=Signer.AGENT)
    assert canonical.digest(b"another report") != order_of(made).receipt().report  # type: ignore[union-attr]
