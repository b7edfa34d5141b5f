"""Report a finding, judge it, have its persons found, tell what became of it.

Each is one transaction.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from ecluse.domain.actors import Actor
from ecluse.domain.documents import (
    AGENT,
    FindingOrder,
    FindingReceipt,
    FindingRecipient,
    Refusal,
    Signer,
)
from ecluse.domain.errors import InvalidInput, Malformed, NotAllowed, OutOfScope
from ecluse.domain.findings import (
    Certainty,
    Judgement,
    Way,
    check_significant,
    check_words,
    told_count,
)
from ecluse.domain.machines import Kind
from ecluse.portal.accounts.models import User
from ecluse.portal.applications.actions import next_number
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.actions import Content
from ecluse.portal.cases.models import CaseRecord
from ecluse.portal.cases.standing import FILE
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.findings import wishes
from ecluse.portal.findings.models import FindingFile, HubJudgement, Recipient
from ecluse.portal.holders.models import Holder
from ecluse.portal.mailbox import actions as mailbox
from ecluse.portal.permits.models import PermitRecord
from ecluse.trust.documents import Verified
from ecluse.trust.keys import to_milliseconds

SERIES: Final = "CS"
TEXTS: Final = ("what", "relevance", "action", "basis")


@dataclass(frozen=True, slots=True)
class Report:
    """What a project says of a finding, in words that name nobody."""

    what: str
    relevance: str
    action: str
    basis: str
    certainty: Certainty
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a holder did: to whom it spoke, how many it told, who did not wish, whom it lacks."""

    way: Way
    told: int
    refused: int
    not_found: int


@transaction.atomic
def start(permit: PermitRecord, *, by: User, now: datetime) -> FindingFile:
    """Open a finding about persons of the extracts of a permit, a draft of its project.

    Raises NotAllowed: only the persons of the permit report what they find (EHDS art. 61(5)).
    """
    if not permit.names(by):
        raise NotAllowed(f"Only the persons of {permit.number} report what they find in its data.")
    year = timezone.localtime(now).year
    number = f"{SERIES}-{year}-{next_number(f'{Kind.FINDING.value}-{year}'):05}"
    case = cases.open_case(Kind.FINDING, number=number, by=by, now=now)
    cases.name_members(case, permit.persons.values_list("subject", flat=True))
    made = FindingFile.objects.create(
        number=number, item=case.item(FILE), permit=permit, opened_by=by, opened_at=now
    )
    record("finding.opened", number, by=by.subject, details={"permit": permit.number}, at=now)
    return made


@transaction.atomic
def save(finding: FindingFile, report: Report, *, by: User, now: datetime) -> FindingFile:
    """Keep what is written. Raises NotAllowed; InvalidInput: it names somebody, or says too little.

    What names somebody is not kept, not even in a draft.
    """
    held = lock(finding)
    for name in TEXTS:
        setattr(held, name, check_words(getattr(report, name)))
    held.certainty, held.is_urgent = report.certainty.value, report.is_urgent
    cases.perform(held.item, "save-draft", by=by, now=now)
    held.save(update_fields=[*TEXTS, "certainty", "is_urgent"])
    return held


@transaction.atomic
def send_report(finding: FindingFile, *, by: User, now: datetime) -> FindingFile:
    """Report the finding to the hub, or give the precisions that it asked.

    Raises NotAllowed; InvalidInput: nothing is written yet.
    """
    held = lock(finding)
    if not held.certainty:
        raise InvalidInput("Nothing is written yet: say what was found.")
    action = "report-finding" if held.state == "draft" else "give-precision"
    cases.perform(held.item, action, by=by, now=now)
    if held.reported_at is None:
        held.reported_at = now
        held.save(update_fields=["reported_at"])
        CaseRecord.objects.filter(pk=held.case.pk).update(title=held.permit.number)
    return again(held)


@transaction.atomic
def withdraw(finding: FindingFile, reason: str, *, by: User, now: datetime) -> FindingFile:
    """Take the report back. Raises NotAllowed, InvalidInput: see `cases.perform`."""
    held = lock(finding)
    cases.perform(held.item, "withdraw", by=by, now=now, content=Content(check_words(reason)))
    return again(held)


@transaction.atomic
def ask_precision(finding: FindingFile, reason: str, *, by: User, now: datetime) -> FindingFile:
    """Ask the project for more. Raises NotAllowed; InvalidInput: words too few, or of somebody."""
    held = _judging(finding, by)
    cases.perform(held.item, "ask-precision", by=by, now=now, content=Content(check_words(reason)))
    return again(held)


@transaction.atomic
def qualify(
    finding: FindingFile, judged: Judgement, reasons: str, *, by: User, now: datetime
) -> FindingFile:
    """Hold the finding significant.

    Raises NotAllowed; InvalidInput: the answers do not make it so, or the reasons name somebody.
    """
    check_significant(judged)
    return _judged(finding, "qualify", judged, reasons, by=by, now=now)


@transaction.atomic
def set_aside(
    finding: FindingFile, judged: Judgement, reasons: str, *, by: User, now: datetime
) -> FindingFile:
    """Send the finding to nobody, and say why to the project.

    Raises NotAllowed; InvalidInput: the answers make it significant, or the reasons name somebody.
    """
    if judged.is_significant:
        raise InvalidInput("These answers make the finding significant: qualify it.")
    return _judged(finding, "set-aside", judged, reasons, by=by, now=now)


def _judged(
    finding: FindingFile,
    action: str,
    judged: Judgement,
    reasons: str,
    *,
    by: User,
    now: datetime,
) -> FindingFile:
    held, words = _judging(finding, by), check_words(reasons)
    cases.perform(held.item, action, by=by, now=now, content=Content(words))
    HubJudgement.objects.create(
        finding=held,
        is_relevant=judged.is_relevant,
        is_actionable=judged.is_actionable,
        certainty=judged.certainty.value,
        reasons=words,
        by=by,
        at=now,
    )
    return again(held)


def _judging(finding: FindingFile, by: User) -> FindingFile:
    by.require("finding.judge")
    return lock(finding)


def holders_of(finding: FindingFile) -> list[tuple[Holder, Dataset]]:
    """Return who holds the datasets of the permit: to whom the finding can be sent."""
    slugs = [scope.dataset for scope in finding.permit.terms().datasets]
    found = Dataset.objects.filter(slug__in=slugs).prefetch_related("holders").order_by("slug")
    return [(holder, one) for one in found for holder in one.holders.order_by("name")]


@transaction.atomic
def send(
    finding: FindingFile,
    chosen: Collection[tuple[Holder, Dataset]],
    *,
    by: User,
    now: datetime,
) -> FindingFile:
    """Order the search in the zone, for these holders of the datasets of the permit.

    Raises:
        NotAllowed: not now, or not this officer.
        InvalidInput: no holder, or one that does not hold data of the permit.
        SetupIncomplete: the zone's public key was not given to this site.
    """
    held = _judging(finding, by)
    known = holders_of(held)
    if not chosen or any(one not in known for one in chosen):
        raise InvalidInput("Choose holders of the data of this permit: one at least.")
    judgement = held.judgements.latest("pk")
    listed = wishes.publish(held.number, by=by, now=now)
    body = FindingOrder(
        finding_number=held.number,
        permit_number=held.permit.number,
        permit_digest=held.permit.digest,
        wish_list_digest=listed.digest,
        reason=judgement.reasons,
        recipients=tuple(FindingRecipient(holder.slug, one.slug) for holder, one in chosen),
    )
    sent = mailbox.send(
        body, audience=(AGENT,), by=by.subject, signer=Signer.PORTAL, now=to_milliseconds(now)
    )
    content = Content(digest=sent.digest)
    cases.perform(held.item, "send-finding", by=by, now=now, content=content)
    held.recipients.all().delete()  # those of an order that the zone refused
    Recipient.objects.bulk_create(
        Recipient(finding=held, holder=holder, dataset=one) for holder, one in chosen
    )
    held.order_digest = sent.digest
    held.save(update_fields=["order_digest"])
    return again(held)


@transaction.atomic
def receive_receipt(verified: Verified, *, now: datetime) -> FindingFile:
    """Take how the search ended: sealed files await the holders. Raises OutOfScope, Malformed."""
    body = verified.document.body
    if not isinstance(body, FindingReceipt):
        raise Malformed(f"A {verified.document.kind} says nothing of a finding.")
    held = _ordered(body.order_digest)
    told = {(one.holder, one.dataset): one.digest for one in body.answers}
    rows = list(held.recipients.select_related("holder", "dataset"))
    if held.number != body.finding_number or set(told) != {
        (row.holder.slug, row.dataset.slug) for row in rows
    }:
        raise OutOfScope("This receipt is not that of the order that it names.")
    for row in rows:
        row.answer_digest = told[row.holder.slug, row.dataset.slug]
        row.save(update_fields=["answer_digest"])
    held.to_tell_count, held.unwilling_count = body.to_tell_count, body.unwilling_count
    held.not_found_count, held.searched_at = body.not_found_count, now
    held.save()
    content = Content(digest=verified.digest)
    cases.perform_by_software(held.item, "record-search", now=now, content=content)
    return again(held)


@transaction.atomic
def receive_refusal(verified: Verified, *, now: datetime) -> FindingFile | None:
    """Give the finding back to the hub with the zone's reason; leave other refusals alone."""
    refusal = verified.document.body
    if not isinstance(refusal, Refusal) or refusal.refused_kind != FindingOrder.__name__:
        return None
    held = _ordered(refusal.refused_digest)
    content = Content(refusal.reason, digest=verified.digest, details={"code": refusal.code})
    cases.perform_by_software(held.item, "record-refusal", now=now, content=content)
    return again(held)


def _ordered(order_digest: str) -> FindingFile:
    found = FindingFile.objects.filter(order_digest=order_digest).first()
    if found is None or found.state != "searching":
        raise OutOfScope("No finding waits for the answer to this order.")
    return lock(found)


@transaction.atomic
def tell_outcome(recipient: Recipient, outcome: Outcome, *, by: User, now: datetime) -> FindingFile:
    """Say what the holder did; the last of the holders closes the finding.

    Counts of a few are not kept. Raises NotAllowed: not for this holder, or it has told already.
    """
    held = lock(recipient.finding)
    row = held.recipients.select_related("holder").get(pk=recipient.pk)
    if not row.holder.has(by):
        raise NotAllowed(f"Only the persons of {row.holder.name} say what it did.")
    if row.told_at is not None:
        raise NotAllowed(f"{row.holder.name} has told already what it did.")
    cases.perform(held.item, "tell-outcome", by=by, now=now, as_actor=Actor.DATA_HOLDER)
    minimum = held.permit.terms().minimum_count
    row.told_at, row.told_by, row.way = now, by, outcome.way.value
    row.told_count = told_count(outcome.told, minimum=minimum)
    row.refused_count = told_count(outcome.refused, minimum=minimum)
    row.not_found_count = told_count(outcome.not_found, minimum=minimum)
    row.save()
    if not held.recipients.filter(told_at__isnull=True).exists():
        cases.perform_by_software(held.item, "close-finding", now=now)
    return again(held)


def lock(finding: FindingFile) -> FindingFile:
    """Hold the file until the transaction ends, and read the finding again."""
    cases.hold(finding.case)
    return again(finding)


def again(finding: FindingFile) -> FindingFile:
    """The finding as it stands now."""
    related = ("item__case", "permit__item__case", "opened_by")
    return FindingFile.objects.select_related(*related).get(pk=finding.pk)
