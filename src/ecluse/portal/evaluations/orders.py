"""Order the run of a locked evaluation, and obey what the secure zone and the checkers answer."""

from datetime import datetime
from typing import Final

from django.db import transaction

from ecluse.domain import evaluation_orders, outputs, permits
from ecluse.domain.documents import (
    AGENT,
    CHECKING_SITE,
    EvaluationOrder,
    EvaluationReceipt,
    EvaluationReport,
    Refusal,
    Rejection,
    Release,
)
from ecluse.domain.errors import InvalidInput, Malformed, NotAllowed, OutOfScope, Refused, Replayed
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.actions import Content
from ecluse.portal.evaluations import reporting
from ecluse.portal.evaluations.models import EvaluationFile, OrderRow, OrderState, ReportRow
from ecluse.portal.mailbox.actions import send
from ecluse.portal.permits.models import PermitRecord
from ecluse.trust.documents import Verified

ORDERING: Final = "order-run"
TITLE: Final = 300


@transaction.atomic
def order(evaluation: EvaluationFile, *, by: User, now: datetime) -> OrderRow:
    """Sign the order to run what was locked; the one under way stands, sent twice or not.

    Raises:
        NotAllowed: not now, not this person.
        Refused: the permit is not in force, or the order would not be obeyed.
    """
    cases.hold(evaluation.case)
    held = EvaluationFile.objects.select_related("item__case").get(pk=evaluation.pk)
    under_way = held.open_order()
    if under_way is not None:
        return under_way
    body = _body(held, by=by)
    _check(body, held, now=now)
    sent = send(body, audience=(AGENT, CHECKING_SITE), by=by.subject, now=now)
    content = Content(digest=sent.digest, details={"order": body.order_number})
    cases.perform(held.item, ORDERING, by=by, now=now, content=content)
    return OrderRow.objects.create(
        number=body.order_number,
        evaluation=held,
        ordered_by=by,
        ordered_at=now,
        data=sent.data,
        digest=sent.digest,
    )


def _body(held: EvaluationFile, *, by: User) -> EvaluationOrder:
    row = held.lock()
    if row is None:
        raise NotAllowed(f"{held.number} is not locked: there is nothing to run.")
    lock = row.lock()
    permit = PermitRecord.objects.get(number=lock.permit_number)
    return EvaluationOrder(
        order_number=f"{held.number}-O{held.orders.count() + 1}",
        evaluation_number=held.number,
        title=held.title[:TITLE],
        permit_number=permit.number,
        permit_digest=permit.digest,
        lock_digest=row.digest,
        model=lock.model,
        dataset=lock.dataset,
        deviations=tuple(one.deviation() for one in held.deviations.order_by("pk")),
        ordered_by=by.subject,
    )


def _check(body: EvaluationOrder, held: EvaluationFile, *, now: datetime) -> None:
    row, permit = held.lock(), PermitRecord.objects.get(number=body.permit_number)
    if row is not None:
        evaluation_orders.check_order(body, row.lock(), permit.terms())
    permits.check_in_force(permit.terms(), permit.withdrawals(), now=now)


@transaction.atomic
def receive_receipt(verified: Verified, *, now: datetime) -> OrderRow:
    """Keep the receipt that answers an order: its report is before the checkers. Raises Refused.

    Source: EHDS art. 61(4): the months of the results run from here; 73(2).
    """
    receipt = verified.document.body
    if not isinstance(receipt, EvaluationReceipt):
        raise Malformed(f"A {verified.document.kind} is not the receipt of an evaluation.")
    made = _lock(digest=receipt.order_digest)
    evaluation_orders.check_answers(receipt, made.order(), order_digest=made.digest)
    _answer(made, OrderState.CHECKED, verified, now=now)
    if made.evaluation.state == "locked":
        _perform(made, "record-run", verified, now=now)
    return made


@transaction.atomic
def receive_refusal(verified: Verified, *, now: datetime) -> OrderRow | None:
    """Show why the secure zone did not obey an order; a refusal of another document is only kept.

    Raises Refused if the order was already answered.
    """
    refusal = verified.document.body
    if not isinstance(refusal, Refusal) or refusal.refused_kind != EvaluationOrder.__name__:
        return None
    made = _lock(digest=refusal.refused_digest)
    _answer(made, OrderState.REFUSED, verified, now=now)
    _record(made, "evaluation.run-refused", verified, now=now, code=refusal.code)
    return made


@transaction.atomic
def receive_rejection(verified: Verified, *, now: datetime) -> OrderRow:
    """Two checkers let nothing out: another run may be ordered. Raises Refused.

    Source: EHDS art. 73(2).
    """
    rejection = verified.document.body
    if not isinstance(rejection, Rejection):
        raise Malformed(f"A {verified.document.kind} is not a rejection.")
    made = _checked(rejection.job_number, rejection.permit_number)
    terms = PermitRecord.objects.get(number=rejection.permit_number).terms()
    for index, vote in enumerate(rejection.votes):
        outputs.check_checker(vote.checker, terms, rejection.votes[:index])
    if not outputs.reject(rejection.votes):
        raise OutOfScope(f"The votes on {made.number} reject nothing.")
    made.state = OrderState.REJECTED.value
    made.save(update_fields=["state"])
    _record(made, "evaluation.run-rejected", verified, now=now)
    return made


def note_release(release: Release) -> OrderRow | None:
    """Note that the report of an order left, in the caller's transaction; None for another release.

    Only the files of the receipt, whatever the release lists. Raises Refused.
    """
    if not is_order(release.job_number):
        return None
    made = _checked(release.job_number, release.permit_number)
    receipt = made.receipt()
    known = {(file.name, file.digest) for file in receipt.files} if receipt else set()
    if not {(file.name, file.digest) for file in release.files} <= known:
        raise OutOfScope(f"The release holds more than the report made for {made.number}.")
    made.state, made.release_number = OrderState.RELEASED.value, release.request_number
    made.save(update_fields=["state", "release_number"])
    return made


@transaction.atomic
def receive_report(verified: Verified, *, now: datetime) -> ReportRow:
    """File the signed report of an order, once its release is here. Raises Refused.

    The report is the one of the receipt, byte for byte: the one that the checkers read.
    """
    report = verified.document.body
    if not isinstance(report, EvaluationReport):
        raise Malformed(f"A {verified.document.kind} is not the report of an evaluation.")
    rows = OrderRow.objects.filter(evaluation__number=report.evaluation_number)
    made = rows.filter(state=OrderState.RELEASED.value).select_related("evaluation").first()
    receipt = made.receipt() if made else None
    if made is None or receipt is None:
        raise OutOfScope(f"No report of {report.evaluation_number} was let out by two checkers.")
    evaluation_orders.check_report(report, verified.digest, receipt)
    try:
        return reporting.file_released(made, report, verified, now=now)
    except (NotAllowed, InvalidInput) as error:
        raise Refused(f"{report.evaluation_number} takes no report now: {error}") from error


def is_order(number: str) -> bool:
    """Whether an order to run an evaluation bears this number."""
    return OrderRow.objects.filter(number=number).exists()


def _perform(made: OrderRow, action: str, verified: Verified, *, now: datetime) -> None:
    content = Content(digest=verified.digest, details={"order": made.number})
    try:
        cases.perform_by_software(made.evaluation.item, action, now=now, content=content)
    except (NotAllowed, InvalidInput) as error:
        raise Refused(f"{made.evaluation.number} is not at this stage: {error}") from error


def _record(
    made: OrderRow, action: str, verified: Verified, *, now: datetime, **details: str
) -> None:
    by, digest = verified.document.issuer.value, verified.digest
    told = {"order": made.number, **details}
    record(action, made.evaluation.number, by=by, digest=digest, details=told, at=now)


def _lock(*, digest: str) -> OrderRow:
    rows = OrderRow.objects.select_for_update(of=("self",), no_key=True)
    found = rows.select_related("evaluation__item__case").filter(digest=digest).first()
    if found is None:
        raise OutOfScope(f"No evaluation was ordered by the document {digest}.")
    return found


def _checked(number: str, permit_number: str) -> OrderRow:
    """Return an order whose report is before the checkers. Raises OutOfScope, Replayed."""
    rows = OrderRow.objects.select_for_update(of=("self",), no_key=True)
    found = rows.select_related("evaluation").filter(number=number).first()
    if found is None or found.order().permit_number != permit_number:
        raise OutOfScope(f"No order {number} was made here under {permit_number}.")
    if found.state != OrderState.CHECKED:
        raise Replayed(f"Order {number} is {found.state}: nothing to do.")
    return found


def _answer(made: OrderRow, state: OrderState, verified: Verified, *, now: datetime) -> None:
    if made.state != OrderState.ORDERED:
        raise Replayed(f"Order {made.number} was already answered: nothing to do.")
    made.state, made.answered_at = state.value, now
    made.answer_data, made.answer_digest = verified.data, verified.digest
    made.save()
