"""What each entry of the journal counts for in the activity report, at the instant it is written.

An entry gives facts; a fact is a figure's name, a label inside it, and a value. `recount` finds the
same facts again from what the entries are about, without reading the journal.

Source: EHDS art. 59(1)(a) to (k).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import F, Min
from django.utils import timezone

from ecluse.domain.actors import Actor
from ecluse.domain.codec import JSON
from ecluse.domain.machines import Kind
from ecluse.domain.machines.rights_request import ANSWER
from ecluse.portal.applications.models import Submission
from ecluse.portal.applications.pinned import answer_text
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.cases import storage
from ecluse.portal.cases.models import CaseRecord, ClockRow, Item
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.extractions.models import Extraction
from ecluse.portal.extractions.models import State as ExtractionState
from ecluse.portal.permits.models import PermitRecord
from ecluse.portal.requests.models import RequestSubmission
from ecluse.trust.journal.entries import Entry


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing to add to a figure of one year. `value` is one, days, or euro cents."""

    counter: str
    label: str
    year: int
    value: int = 1


RECEIVED, APPLICANT, DECIDED = "received", "applicant", "decided"
PURPOSE, CATEGORY, RESULT = "purpose", "category", "result"
MEASURE, LATE, RIGHTS = "measure", "late", "rights"
REVENUE, RECEIPTS, ACCESS_DAYS = "revenue-cents", "receipts-cents", "access-days"

ACTS: Final[Mapping[str, tuple[str, str]]] = {
    "application.submit": (RECEIVED, "application"),
    "data-request.submit": (RECEIVED, "data-request"),
    "amendment.submit": (RECEIVED, "amendment"),
    "renewal.submit": (RECEIVED, "renewal"),
    "decision-unit.grant": (DECIDED, "granted"),
    "decision-unit.accept-conditions": (DECIDED, "granted"),
    "decision-unit.refuse": (DECIDED, "refused"),
    "application.close-incomplete": (DECIDED, "incomplete"),
    "decision-unit.accept-answer": (DECIDED, "answer-instead"),
    "data-request.approve": (DECIDED, "request-approved"),
    "data-request.refuse": (DECIDED, "request-refused"),
    "permit.suspend": (MEASURE, "suspended"),
    "permit.revoke": (MEASURE, "revoked"),
    "rights-request.lodge": (RIGHTS, "rights-request"),
    "rights-request.answer": (RIGHTS, "rights-request-answered"),
    "rights-request.refuse": (RIGHTS, "rights-request-refused"),
    "complaint.lodge": (RIGHTS, "complaint"),
    "complaint.answer": (RIGHTS, "complaint-answered"),
    "complaint.transmit": (RIGHTS, "complaint-transmitted"),
}
"""The acts that count by themselves, by the name that the journal gives them."""
OPT_OUTS: Final[Mapping[str, tuple[str, str]]] = {
    "optout.recorded": (RIGHTS, "opt-out"),
    "optout.reversed": (RIGHTS, "opt-out-reversed"),
}
BOUND = frozenset({Actor.DATA_USER, Actor.DATA_HOLDER, Actor.TRUSTED_HOLDER})
"""Whose lateness is a commitment not kept (59(1)(b)); the hub's own is told by the deadlines."""


def year_of(instant: datetime) -> int:
    """The year of an event in the hub's own time."""
    return timezone.localtime(instant).year


def facts_of(entry: JournalEntry) -> Iterator[Fact]:
    """Yield what an entry counts for; most entries count for nothing."""
    year = year_of(entry.at)
    counted = ACTS.get(entry.action) or OPT_OUTS.get(entry.action)
    if counted:
        yield Fact(*counted, year)
    if entry.action in BREAKDOWNS:
        yield from BREAKDOWNS[entry.action](entry, year)


def _submitted(entry: JournalEntry, year: int) -> Iterator[Fact]:
    applications = Submission.objects.filter(application__number=entry.subject, round=1)
    requests = RequestSubmission.objects.filter(request__number=entry.subject, round=1)
    for answers in (
        *applications.values_list("answers", flat=True),
        *requests.values_list("answers", flat=True),
    ):
        yield from of_submission(answers, year)


def _granted(entry: JournalEntry, year: int) -> Iterator[Fact]:
    for permit in PermitRecord.objects.filter(number=entry.subject):
        yield from of_permit(permit, year)


def _in_time(entry: JournalEntry, year: int) -> Iterator[Fact]:
    for item in Item.objects.filter(case__number=entry.subject, kind=Kind.RIGHTS_REQUEST.value):
        yield from of_answered_right(item, year)


def _lapsed(entry: JournalEntry, year: int) -> Iterator[Fact]:
    return of_lapse(str(details_of(entry).get("rule", "")), year)


def _delivered(entry: JournalEntry, year: int) -> Iterator[Fact]:
    for extraction in Extraction.objects.filter(number=entry.subject):
        yield from of_delivery(extraction, year)


def _published(entry: JournalEntry, year: int) -> Iterator[Fact]:
    yield Fact(RESULT, str(details_of(entry)["kind"]), year)


def _paid(entry: JournalEntry, year: int) -> Iterator[Fact]:
    kind = CaseRecord.objects.get(number=entry.subject).kind
    yield Fact(RECEIPTS, kind, year, int(details_of(entry)["cents"]))


def _stated(entry: JournalEntry, _year: int) -> Iterator[Fact]:
    yield of_statement(details_of(entry))


BREAKDOWNS: Final[Mapping[str, Callable[[JournalEntry, int], Iterator[Fact]]]] = {
    "application.submit": _submitted,
    "data-request.submit": _submitted,
    "permit.granted": _granted,
    "rights-request.answer": _in_time,
    "rights-request.refuse": _in_time,
    "clock.lapsed": _lapsed,
    "extraction.delivered": _delivered,
    "result.published": _published,
    "invoice.paid": _paid,
    "report.stated": _stated,
    "report.withdrawn": _stated,
}
"""What further says what an entry counts for, from what it is about or from its details."""


def details_of(entry: JournalEntry) -> Mapping[str, str | int]:
    """The details that an entry committed to."""
    return Entry.parse(bytes(entry.body)).details


def of_submission(answers: Mapping[str, JSON], year: int) -> Iterator[Fact]:
    """Who asks, and for which purposes."""
    kind = answer_text(answers, "applicant_kind")
    if kind:
        yield Fact(APPLICANT, kind[:40], year)
    purposes = answers.get("purposes")
    for letter in sorted({str(one)[:40] for one in purposes} if isinstance(purposes, list) else ()):
        yield Fact(PURPOSE, letter, year)


def of_permit(permit: PermitRecord, year: int) -> Iterator[Fact]:
    """The categories of data that a permit gives, and its fees."""
    terms = permit.terms()
    datasets = Dataset.objects.filter(slug__in=[given.dataset for given in terms.datasets])
    for category in sorted(set(datasets.values_list("category", flat=True)) - {""}):
        yield Fact(CATEGORY, category, year)
    cents = sum(line.amount_cents for line in terms.fees)
    if cents:
        yield Fact(REVENUE, "permit", year, cents)


def of_lapse(rule: str, year: int) -> Iterator[Fact]:
    """A due day that a user or a holder let pass."""
    if storage.law_of(rule).rule(rule).owner in BOUND:
        yield Fact(LATE, rule, year)


def of_answered_right(item: Item, year: int) -> Iterator[Fact]:
    """A request on one's data that was answered, or refused, by its due day (GDPR art. 12(3))."""
    done = ClockRow.objects.filter(item=item, rule=ANSWER, completed_on__lte=F("due_on"))
    if done.exists():
        yield Fact(RIGHTS, "rights-request-in-time", year)


def of_delivery(extraction: Extraction, year: int) -> Iterator[Fact]:
    """How many days a permit's file took from its filing to its first data."""
    permit = extraction.permit
    delivered = permit.extractions.filter(state=ExtractionState.DELIVERED)
    first = delivered.aggregate(first=Min("answered_at"))["first"]
    filed_at = permit.item.case.filed_at
    if filed_at is None or extraction.answered_at is None or extraction.answered_at != first:
        return
    if delivered.filter(answered_at=first).order_by("pk").values_list("pk", flat=True)[0] != (
        extraction.pk
    ):
        return
    days = timezone.localtime(first).date() - timezone.localtime(filed_at).date()
    yield Fact(ACCESS_DAYS, "", year, days.days)


def of_statement(details: Mapping[str, str | int]) -> Fact:
    """What the hub stated, in the year that it is about; taken away where it was withdrawn."""
    on = date.fromisoformat(str(details["on"]))
    return Fact(str(details["counter"]), str(details["label"]), on.year, int(details["value"]))
