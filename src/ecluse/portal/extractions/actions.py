"""Order an extraction within a permit, and obey what the secure zone answers."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from ecluse.domain import cohorts, minimisation, permits
from ecluse.domain.cohorts import Cohort
from ecluse.domain.documents import (
    AGENT,
    ExtractionOrder,
    ExtractionReceipt,
    FileFormat,
    FilterSwitch,
    Permit,
    Refusal,
    SnapshotNotice,
    TableScope,
)
from ecluse.domain.errors import InvalidInput, Malformed, NotAllowed, OutOfScope, Replayed
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import scope
from ecluse.portal.audit.actions import record
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.extractions.models import Extraction, State
from ecluse.portal.holders import source_lists
from ecluse.portal.lives import following
from ecluse.portal.mailbox.actions import send
from ecluse.portal.permits.models import PermitRecord
from ecluse.trust.documents import Verified

PSEUDONYM = "person_pseudonym"
"""The column that names persons in an extract; it is ours, so no order asks for it."""


@dataclass(frozen=True)
class Request:
    """What the data user asks to extract. `flux_until` is the last month of claims flow to read.

    `filters` are those whose state is not the default; `formats` come beside Parquet.
    """

    dataset: str
    tables: tuple[TableScope, ...]
    cohort: Cohort
    care_from: date
    care_to: date
    flux_until: date
    filters: tuple[FilterSwitch, ...] = ()
    formats: tuple[FileFormat, ...] = ()


@transaction.atomic
def order(
    permit: PermitRecord, request: Request, *, key: uuid.UUID, by: User, now: datetime
) -> Extraction:
    """Sign an order that stays within the permit, and hold it for the secure zone.

    `key` is drawn once per request: the same key again gives the same extraction, nothing more.

    Raises:
        NotAllowed: `by` is not a person of the permit, or the permit is not active, or one of its
            conditions is not accepted, or late where that stops orders.
        Refused: the order asks more than the permit gives (OutOfScope), or the permit is not in
            force (NotYetValid, Expired, Revoked), or a holder applied older opt-outs
            (StaleOptOuts).
        InvalidInput: the cohort names a source that the dataset does not have, a column cannot be
            given so, or no filter of the dataset has that name.
    """
    locked = PermitRecord.objects.select_for_update(of=("self",), no_key=True).get(pk=permit.pk)
    already = Extraction.objects.filter(request_key=key, permit=locked, ordered_by=by).first()
    if already is not None:
        return already
    by.require("extraction.order", state=locked.state(today=timezone.localtime(now).date()).value)
    if not locked.names(by):
        raise NotAllowed(f"You are not a person of permit {locked.number}: ask one of them.")
    following.check_may_order(locked, today=timezone.localtime(now).date())
    # What an evaluation fixed comes after this app: the assembled site names it.
    import_string(settings.ECLUSE_BEFORE_OPENING)(locked.number)
    source_lists.check_fresh(locked, request.dataset)
    body = _body(locked, request, by=by)
    _check(body, locked.terms(), locked, now=now)
    sent = send(body, audience=(AGENT,), by=by.subject, now=now)
    extraction = Extraction.objects.create(
        number=body.order_number,
        permit=locked,
        request_key=key,
        ordered_by=by,
        ordered_at=sent.document.issued_at,
        order_data=sent.data,
        order_digest=sent.digest,
    )
    record("extraction.ordered", extraction.number, by=by.subject, digest=sent.digest)
    return extraction


def _body(permit: PermitRecord, request: Request, *, by: User) -> ExtractionOrder:
    return ExtractionOrder(
        order_number=f"{permit.number}-E{permit.extractions.count() + 1}",
        permit_number=permit.number,
        permit_digest=permit.digest,
        dataset=request.dataset,
        snapshot=_notice(request.dataset).snapshot,
        tables=request.tables,
        cohort=request.cohort,
        care_from=request.care_from,
        care_to=request.care_to,
        flux_until=request.flux_until,
        pseudonym_domain=permit.number,
        opt_out_list_digest=permit.opt_out_list_digest,
        ordered_by=by.subject,
        filters=request.filters,
        formats=request.formats,
    )


def _notice(dataset: str) -> SnapshotNotice:
    found = Dataset.objects.filter(slug=dataset).first()
    if found is None:
        raise InvalidInput(f"There is no dataset {dataset}: choose one of the permit.")
    return scope.latest_notice(found)


def _check(body: ExtractionOrder, terms: Permit, permit: PermitRecord, *, now: datetime) -> None:
    permits.check_in_force(terms, permit.withdrawals(), now=now)
    permits.check_extraction(body, terms)
    notice = _notice(body.dataset)
    (given,) = (one for one in terms.datasets if one.dataset == body.dataset)
    usable = {
        source.name
        for source in notice.sources
        if permits.gives_source(source.table, source.code_column, given)
    }
    unknown = sorted(cohorts.sources(body.cohort) - usable)
    if unknown:
        raise InvalidInput(
            f"The permit gives no event source {', '.join(unknown)}: choose another."
        )
    scope.check_within(body.tables, scope.offered(notice), what="in the latest snapshot")
    minimisation.check_can_be_given(body.tables, notice)
    _check_filters(body, notice)


def _check_filters(body: ExtractionOrder, notice: SnapshotNotice) -> None:
    known = {described.name for described in notice.filters}
    unknown = sorted({switch.filter for switch in body.filters} - known)
    if unknown:
        raise InvalidInput(f"The dataset has no filter {', '.join(unknown)}: leave it out.")


@transaction.atomic
def receive_receipt(verified: Verified, *, now: datetime) -> Extraction:
    """Keep the receipt of an extraction that answers its order exactly. Raises Refused.

    What was delivered must be what was ordered: same snapshot, same opt-out list, no table or
    column beyond the order (EHDS art. 71, 73(1)(d)).
    """
    receipt = verified.document.body
    if not isinstance(receipt, ExtractionReceipt):
        raise Malformed(f"A {verified.document.kind} is not the receipt of an extraction.")
    extraction = _lock(order_digest=receipt.order_digest)
    _check_answers(receipt, extraction.order(), extraction.permit.terms())
    _answer(extraction, State.DELIVERED, verified, now=now)
    record(
        "extraction.delivered",
        extraction.number,
        by=verified.document.issuer.value,
        digest=verified.digest,
        details={"tables": len(receipt.tables)},
        at=now,
    )
    return extraction


def _check_answers(receipt: ExtractionReceipt, order_: ExtractionOrder, terms: Permit) -> None:
    for member in ("order_number", "permit_number", "dataset", "snapshot", "opt_out_list_digest"):
        answered, ordered = getattr(receipt, member), getattr(order_, member)
        if answered != ordered:
            raise OutOfScope(f"The receipt says {member} {answered}; the order says {ordered}.")
    asked = {table.table: set(table.columns) for table in order_.tables}
    for table in receipt.tables:
        if not set(table.columns) - {PSEUDONYM} <= asked.get(table.table, set()):
            raise OutOfScope(f"The receipt delivers more of {table.table} than was ordered.")
    _check_precision(receipt, order_, terms)


def _check_precision(receipt: ExtractionReceipt, order_: ExtractionOrder, terms: Permit) -> None:
    """Refuse a receipt that says a column was delivered otherwise than the permit gives it."""
    given = {table.table: table for table in permits.effective_tables(order_, terms)}
    for table in receipt.tables:
        whole = given.get(table.table, TableScope(table.table, ()))
        due = {one for one in whole.coarsened if one.column in table.columns}
        if table.table not in given or due != set(table.coarsened):
            raise OutOfScope(
                f"The receipt delivers columns of {table.table} otherwise than the permit gives."
            )


@transaction.atomic
def receive_refusal(verified: Verified, *, now: datetime) -> Extraction | None:
    """Show why the secure zone did not obey an order; a refusal of another document is only kept.

    Raises Refused if the order was already answered.
    """
    refusal = verified.document.body
    if not isinstance(refusal, Refusal):
        raise Malformed(f"A {verified.document.kind} is not a refusal.")
    if refusal.refused_kind != ExtractionOrder.__name__:
        return None
    extraction = _lock(order_digest=refusal.refused_digest)
    _answer(extraction, State.REFUSED, verified, now=now)
    record(
        "extraction.refused",
        extraction.number,
        by=verified.document.issuer.value,
        digest=verified.digest,
        details={"code": refusal.code},
        at=now,
    )
    return extraction


def _lock(*, order_digest: str) -> Extraction:
    rows = Extraction.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(order_digest=order_digest).first()
    if found is None:
        raise OutOfScope(f"No extraction was ordered by the document {order_digest}.")
    return found


def _answer(extraction: Extraction, state: State, verified: Verified, *, now: datetime) -> None:
    if extraction.state != State.ORDERED:
        raise Replayed(f"Extraction {extraction.number} was already answered: nothing to do.")
    extraction.state = state.value
    extraction.answered_at = now
    extraction.answer_data, extraction.answer_digest = verified.data, verified.digest
    extraction.save()
