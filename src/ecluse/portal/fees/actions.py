"""Write an estimate, send it, answer it, record the work done: each is one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from ecluse.domain import codec
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.fees import (
    Estimate,
    FeeState,
    HolderPart,
    Payer,
    Work,
    check_move,
    estimate,
    incurred,
)
from ecluse.domain.machines import Kind
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.actions import Content
from ecluse.portal.cases.models import Item
from ecluse.portal.cases.parties import role_for
from ecluse.portal.fees.models import WITHDRAWN, EstimateRecord
from ecluse.portal.fees.tariffs import tariff_of
from ecluse.portal.fees.wording import estimate_words
from ecluse.trust import canonical

ESTIMATED_KINDS: Final = frozenset({Kind.DECISION_UNIT.value, Kind.DATA_REQUEST.value})
WORKED_ON: Final = frozenset({FeeState.SENT, FeeState.ACCEPTED})


@dataclass(frozen=True, slots=True)
class EstimateEntry:
    """What an officer composes: the payer and why it may pay less, the work, the holders' parts."""

    payer: Payer
    payer_reason: str
    work: tuple[Work, ...]
    holder_parts: tuple[HolderPart, ...] = ()


@transaction.atomic
def compose(item: Item, entry: EstimateEntry, *, by: User, now: datetime) -> EstimateRecord:
    """Write the estimate of a file under the tariff of today, or write its draft again.

    Raises:
        NotAllowed: the fees of this object are not to be estimated now, or not by this person.
        NotFound, InvalidInput: see `domain.fees.estimate`; a reduction without its reason.
    """
    case = cases.hold(item.case)
    fresh = Item.objects.select_related("case").get(pk=item.pk)
    role_for(fresh, "send-estimate", by)
    if entry.payer is not Payer.OTHER and not entry.payer_reason.strip():
        raise InvalidInput("A payer who pays less is named with the reason why (art. 62(1)).")
    tariff = tariff_of(cases.day_of(case, now)).tariff
    told = estimate(tariff, entry.payer, entry.work, entry.holder_parts)
    kept = _draft(fresh) or EstimateRecord(item=fresh, round=fresh.estimates.count() + 1)
    _write(kept, told, entry, by=by, now=now)
    details: dict[str, str | int] = {"round": kept.round, "cents": told.amount_with_vat_cents}
    record(
        "estimate.composed", case.number, by=by.subject, digest=kept.digest, details=details, at=now
    )
    return kept


def _draft(item: Item) -> EstimateRecord | None:
    return item.estimates.filter(state=FeeState.ESTIMATED.value).first()


def _write(
    kept: EstimateRecord, told: Estimate, entry: EstimateEntry, *, by: User, now: datetime
) -> None:
    body = codec.encode(told)
    kept.tariff, kept.payer = told.tariff, entry.payer.value
    kept.payer_reason = entry.payer_reason.strip()
    kept.body, kept.digest = body, canonical.digest(canonical.encode(body))
    kept.amount_cents, kept.vat_cents = told.amount_cents, told.vat_cents
    kept.total_cents = told.amount_with_vat_cents
    kept.composed_by, kept.composed_at = by, now
    kept.save()


@transaction.atomic
def send(kept: EstimateRecord, *, by: User, now: datetime) -> EstimateRecord:
    """Tell the applicant what it will cost, before any decision (EHDS art. 62(5)).

    Raises NotAllowed: not now, not this person, or it was sent already.
    """
    held = _hold(kept)
    check_move(held.fee_state, FeeState.SENT)
    content = Content(estimate_words(held.told()), digest=held.digest, details=_details(held))
    cases.perform(held.item, "send-estimate", by=by, now=now, content=content)
    held.state, held.sent_at = FeeState.SENT.value, now
    held.save(update_fields=["state", "sent_at"])
    return _read_again(held)


@transaction.atomic
def accept(kept: EstimateRecord, *, by: User, now: datetime) -> EstimateRecord:
    """Accept what was announced: the file goes on to its decision. Raises NotAllowed."""
    return _answer(kept, FeeState.ACCEPTED, "accept-estimate", by=by, now=now)


@transaction.atomic
def decline(kept: EstimateRecord, *, by: User, now: datetime) -> EstimateRecord:
    """Withdraw the application rather than pay: the costs incurred by now alone are owed.

    Raises NotAllowed. Source: EHDS art. 62(5).
    """
    is_unit = kept.item.kind == Kind.DECISION_UNIT.value
    action = "decline-estimate" if is_unit else "withdraw"
    return _answer(kept, FeeState.WITHDRAWN, action, by=by, now=now)


def _answer(
    kept: EstimateRecord, state: FeeState, action: str, *, by: User, now: datetime
) -> EstimateRecord:
    held = _hold(kept)
    check_move(held.fee_state, state)
    content = Content(digest=held.digest, details=_details(held))
    cases.perform(held.item, action, by=by, now=now, content=content)
    held.state, held.answered_at = state.value, now
    held.save(update_fields=["state", "answered_at"])
    return _read_again(held)


@transaction.atomic
def record_work(
    kept: EstimateRecord, done: Mapping[int, int], *, by: User, now: datetime
) -> EstimateRecord:
    """Write how many units of each line were done by now: what a withdrawal, or the end, bills.

    Raises:
        NotAllowed: the fees were not announced, are billed, or the file was withdrawn: what is
            done after a withdrawal is never owed (EHDS art. 62(5)).
        InvalidInput: more than was announced.
    """
    by.require("fees.bill")
    held = _hold(kept)
    if held.fee_state not in WORKED_ON or held.item.state == WITHDRAWN:
        raise NotAllowed(f"Fees that are {held.fee_state} take no more work: see the file.")
    incurred(held.told(), done)
    held.done = {str(place): quantity for place, quantity in sorted(done.items()) if quantity}
    held.save(update_fields=["done"])
    details = {**_details(held), "cents": held.owed().amount_with_vat_cents}
    record("estimate.work-recorded", held.case.number, by=by.subject, details=details, at=now)
    return held


def _hold(kept: EstimateRecord) -> EstimateRecord:
    cases.hold(kept.item.case)
    found = EstimateRecord.objects.select_for_update(of=("self",), no_key=True)
    return found.select_related("item__case").get(pk=kept.pk)


def _read_again(kept: EstimateRecord) -> EstimateRecord:
    """The estimate with its object as the act left it."""
    return EstimateRecord.objects.select_related("item__case").get(pk=kept.pk)


def _details(kept: EstimateRecord) -> dict[str, str | int]:
    return {"round": kept.round, "tariff": kept.tariff}
