"""Order the tables that answer a data request, and obey what the secure zone answers."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ecluse.domain import data_requests, outputs
from ecluse.domain.clocks.periods import add_months
from ecluse.domain.cohorts import Cohort
from ecluse.domain.documents import (
    AGENT,
    CHECKING_SITE,
    Refusal,
    Rejection,
    Release,
    TabulationOrder,
    TabulationReceipt,
)
from ecluse.domain.errors import InvalidInput, Malformed, NotAllowed, OutOfScope, Refused, Replayed
from ecluse.domain.tabulation import TabulationPlan, policy_of
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import scope
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.actions import Content
from ecluse.portal.cases.parties import role_for
from ecluse.portal.mailbox.actions import send
from ecluse.portal.requests.models import DataRequest, State, Tabulation
from ecluse.trust.documents import Verified

TITLE = 300
REJECTED = "Deux contrôleurs ont voté : ces tableaux ne sortent pas. Leurs motifs sont dans la "
REJECTED += "salle de contrôle."


@dataclass(frozen=True)
class Asked:
    """What is to be tabulated: whom to count, and the tables."""

    cohort: Cohort | None
    plan: TabulationPlan


def asked(request: DataRequest, cohort: Cohort | None, plan: TabulationPlan) -> Asked:
    """Return a plan as that of this request, its population named by the software.

    Raises OutOfScope: the cohort says more than whom to count.
    """
    data_requests.check_population(cohort)
    named = data_requests.population(cohort)
    return Asked(cohort, replace(plan, number=request.number, population=named))


@transaction.atomic
def order(
    request: DataRequest, what: Asked, *, key: uuid.UUID, by: User, now: datetime
) -> Tabulation:
    """Sign the order to tabulate, and hold it for the secure zone and the checking room.

    `key` is drawn once per summary page: the same key again gives the same order, nothing more.

    Raises:
        NotAllowed: `by` does not prepare answers, or an order is under way.
        Refused: the order would not be obeyed; the class says why.
    """
    cases.hold(request.case)
    locked = DataRequest.objects.select_related("item__case", "dataset").get(pk=request.pk)
    already = Tabulation.objects.filter(request_key=key, request=locked, ordered_by=by).first()
    if already is not None:
        return already
    role_for(locked.item, "prepare-answer", by)
    if locked.open_order() is not None:
        raise NotAllowed(f"An order on request {locked.number} is under way: wait for its answer.")
    body = _body(locked, what, by=by, now=now)
    data_requests.check_order(body, now=now)
    sent = send(body, audience=(AGENT, CHECKING_SITE), by=by.subject, now=now)
    made = Tabulation.objects.create(
        number=body.order_number,
        request=locked,
        request_key=key,
        ordered_by=by,
        ordered_at=sent.document.issued_at,
        order_data=sent.data,
        order_digest=sent.digest,
    )
    record("tabulation.ordered", made.number, by=by.subject, digest=sent.digest, at=now)
    return made


def _body(request: DataRequest, what: Asked, *, by: User, now: datetime) -> TabulationOrder:
    if request.decided_at is None or request.decided_by is None or request.minimum_count is None:
        raise NotAllowed(f"Request {request.number} is not granted: decide it first.")
    today = timezone.localtime(now).date()
    return TabulationOrder(
        order_number=f"{request.number}-T{request.tabulations.count() + 1}",
        request_number=request.number,
        title=request.title[:TITLE],
        persons=tuple(sorted(request.subjects())),
        dataset=request.dataset.slug,
        snapshot=scope.latest_notice(request.dataset).snapshot,
        cohort=what.cohort,
        plan=what.plan,
        policy=policy_of(request.minimum_count).reference,
        minimum_count=request.minimum_count,
        opt_out_list_digest=request.opt_out_list_digest,
        assessed_by=tuple(sorted(request.assessors())),
        decided_by=request.decided_by.subject,
        decided_at=request.decided_at,
        valid_until=add_months(today, data_requests.VALID_MONTHS),
        ordered_by=by.subject,
        opt_out_exception_reason=request.opt_out_exception_reason or None,
    )


@transaction.atomic
def receive_receipt(verified: Verified, *, now: datetime) -> Tabulation:
    """Keep the receipt that answers an order exactly: its tables are being checked. Raises Refused.

    Source: EHDS art. 69(1), 73(2).
    """
    receipt = verified.document.body
    if not isinstance(receipt, TabulationReceipt):
        raise Malformed(f"A {verified.document.kind} is not the receipt of a tabulation.")
    made = _lock(order_digest=receipt.order_digest)
    data_requests.check_answers(receipt, made.order(), order_digest=made.order_digest)
    _answer(made, State.CHECKED, verified, now=now)
    _perform(made, "prepare-answer", verified, now=now)
    return made


@transaction.atomic
def receive_refusal(verified: Verified, *, now: datetime) -> Tabulation | None:
    """Show why the secure zone did not obey an order; a refusal of another document is only kept.

    Raises Refused if the order was already answered.
    """
    refusal = verified.document.body
    if not isinstance(refusal, Refusal) or refusal.refused_kind != TabulationOrder.__name__:
        return None
    made = _lock(order_digest=refusal.refused_digest)
    _answer(made, State.REFUSED, verified, now=now)
    record(
        "tabulation.refused",
        made.number,
        by=verified.document.issuer.value,
        digest=verified.digest,
        details={"code": refusal.code},
        at=now,
    )
    return made


@transaction.atomic
def receive_rejection(verified: Verified, *, now: datetime) -> Tabulation:
    """Two checkers let nothing out: the answer is to be prepared again. Raises Refused.

    Source: EHDS art. 73(2).
    """
    rejection = verified.document.body
    if not isinstance(rejection, Rejection):
        raise Malformed(f"A {verified.document.kind} is not a rejection.")
    made = _locked_in(State.CHECKED, number=rejection.job_number)
    _check_same(made, rejection)
    for index, vote in enumerate(rejection.votes):
        outputs.check_checker(vote.checker, made.order(), rejection.votes[:index])
    if not outputs.reject(rejection.votes):
        raise OutOfScope(f"The votes on {made.number} reject nothing.")
    made.state = State.REJECTED.value
    made.save(update_fields=["state"])
    _perform(made, "return-answer", verified, now=now, reason=REJECTED)
    return made


def answer(release: Release, verified: Verified, *, now: datetime) -> Tabulation:
    """Give the answer that two checkers let out, in the caller's transaction. Raises Refused.

    Only the files of the receipt, whatever the release lists. Source: EHDS art. 55(3), 69(1).
    """
    made = _locked_in(State.CHECKED, number=release.job_number)
    _check_same(made, release)
    outputs.check_approvals(release, made.order())
    receipt = made.receipt()
    known = {(file.name, file.digest) for file in receipt.files} if receipt else set()
    if not {(file.name, file.digest) for file in release.files} <= known:
        raise OutOfScope(f"The release holds more than the files tabulated for {made.number}.")
    made.state, made.release_number = State.RELEASED.value, release.request_number
    made.save(update_fields=["state", "release_number"])
    _perform(made, "release-answer", verified, now=now)
    return made


def is_of_request(number: str) -> bool:
    """Whether a data request bears this number."""
    return DataRequest.objects.filter(number=number).exists()


def _check_same(made: Tabulation, told: Release | Rejection) -> None:
    if told.permit_number != made.order().request_number:
        raise OutOfScope(f"{told.permit_number} is not the request that {made.number} answers.")


def _perform(
    made: Tabulation, action: str, verified: Verified, *, now: datetime, reason: str = ""
) -> None:
    details = {"order": made.number}
    content = Content(reason=reason, digest=verified.digest, details=details)
    try:
        cases.perform_by_software(made.request.item, action, now=now, content=content)
    except (NotAllowed, InvalidInput) as error:
        raise Refused(f"Request {made.request.number} is not at this stage: {error}") from error


def _lock(*, order_digest: str) -> Tabulation:
    rows = Tabulation.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(order_digest=order_digest).first()
    if found is None:
        raise OutOfScope(f"No tabulation was ordered by the document {order_digest}.")
    return found


def _locked_in(state: State, *, number: str) -> Tabulation:
    rows = Tabulation.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(number=number).first()
    if found is None:
        raise OutOfScope(f"No order {number} was made here.")
    if found.state != state:
        raise Replayed(f"Order {number} is {found.state}: nothing to do.")
    return found


def _answer(made: Tabulation, state: State, verified: Verified, *, now: datetime) -> None:
    if made.state != State.ORDERED:
        raise Replayed(f"Order {made.number} was already answered: nothing to do.")
    made.state = state.value
    made.answered_at = now
    made.answer_data, made.answer_digest = verified.data, verified.digest
    made.save()
