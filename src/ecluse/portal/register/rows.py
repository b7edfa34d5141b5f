"""What the register says of a file or of a permit: one flat value, and nothing that is not in it.

`PublicRow` is the allow-list. Every public output (pages, CSV, JSON, JSON-LD, Atom) is written from
it alone, and it is built here alone, from the decisions: a private field is not hidden, it never
arrives. What people typed is cleaned of the names, addresses and numbers of the file's own persons.

A decision is public from the instant it is taken, whether its letter was opened or not: the thirty
working days of art. 57(1)(j)(iii) run from the decision, not from its notification, and are a
limit; an application is public from its receipt (57(1)(j)(ii)), and who got which datasets for
which purposes is what art. 58(1)(f) tells every person. No natural person is named.

Source: EHDS art. 57(1)(e), 57(1)(j), 58(1)(f).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.utils import timezone

from ecluse.domain.machines import Kind as ItemKind
from ecluse.portal.cases.models import ActRow, CaseRecord
from ecluse.portal.cases.standing import FILE
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.permits.models import PermitRecord
from ecluse.portal.register.asked import Asked, asked_of
from ecluse.portal.register.redaction import without_persons


class Kind(StrEnum):
    """What a line of the register is about."""

    APPLICATION = ItemKind.APPLICATION.value
    REQUEST = ItemKind.DATA_REQUEST.value
    PERMIT = ItemKind.PERMIT.value


class Stage(StrEnum):
    """Where it stands, as the public reads it."""

    RECEIVED = "received"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    GRANTED = "granted"  # an application that became the permit on its own line
    APPROVED = "approved"  # a data request that is being answered
    ANSWERED = "answered"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    REPLACED = "replaced"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class PublicRow:
    """A line of the register. `purposes` and `categories` are letters of EHDS art. 53(1), 51(1).

    `file` is the number of the file, the same on the lines of all its permits; `replaces` that of
    the permit before an amendment. `reason`: of a refusal, a suspension or a revocation.
    """

    number: str
    file: str
    kind: str
    stage: str
    title: str
    organisation: str
    domicile: str
    purposes: tuple[str, ...]
    categories: tuple[str, ...]
    datasets: tuple[str, ...]
    holders: tuple[str, ...]
    data_format: str
    summary: str
    reason: str
    received_on: date | None
    decided_on: date | None
    valid_from: date | None
    valid_until: date | None
    ended_on: date | None
    replaces: str


@dataclass(frozen=True, slots=True)
class PublicResult:
    """A result of the line with that number. Source: EHDS art. 57(1)(j), 58(1)(g), 61(4)."""

    number: str
    title: str
    link: str
    summary: str
    public_on: date


@dataclass(frozen=True, slots=True)
class PublicRecall:
    """A release of the line with that number, taken back: when, and why in one code.

    Why in a checker's own words stays private: they may quote a cell. Source: EHDS art. 73(2).
    """

    number: str
    released_on: date
    recalled_on: date
    reason: str


PUBLISHED = (Kind.APPLICATION.value, Kind.REQUEST.value)
UNFILED = frozenset({"draft", "deleted"})
STAGES: Mapping[str, Mapping[str, Stage]] = {
    Kind.APPLICATION: {
        "decided-positive": Stage.GRANTED,
        "decided-negative": Stage.REFUSED,
        "withdrawn": Stage.WITHDRAWN,
    },
    Kind.REQUEST: {
        "answering": Stage.APPROVED,
        "checking": Stage.APPROVED,
        "answered": Stage.ANSWERED,
        "refused": Stage.REFUSED,
        "withdrawn": Stage.WITHDRAWN,
    },
    Kind.PERMIT: {
        "active": Stage.ACTIVE,
        "suspended": Stage.SUSPENDED,
        "superseded": Stage.REPLACED,
        "revoked": Stage.REVOKED,
        "expired": Stage.ENDED,
        "closing": Stage.ENDED,
        "deleted": Stage.ENDED,
    },
}
"""By kind and state of the machine; any other state of a file is that of one received."""
DECIDING = ("grant", "accept-conditions", "approve", "refuse", "close-incomplete")
REFUSING = ("refuse", "close-incomplete")
AGAINST = {Stage.SUSPENDED: ("suspend",), Stage.REVOKED: ("revoke",)}
ENDING = ("revoke", "expire", "finish", "supersede")


def rows_of(case: CaseRecord) -> Iterator[PublicRow]:
    """Yield the lines of a file: its own, then one for each permit that it became, oldest first.

    Nothing for a draft, and nothing for kinds that are not published (an appeal, a complaint).
    """
    state = case.item(FILE).state
    if case.kind not in PUBLISHED or state in UNFILED:
        return
    asked = asked_of(case)
    yield _file_row(case, asked, STAGES[case.kind].get(state, Stage.RECEIVED))
    before = ""
    for record in PermitRecord.objects.filter(item__case=case).order_by("granted_at", "pk"):
        yield _permit_row(case, asked, record, replaces=before)
        before = record.number


def _file_row(case: CaseRecord, asked: Asked, stage: Stage) -> PublicRow:
    decision = _last(case, DECIDING)
    is_decided = stage not in (Stage.RECEIVED, Stage.WITHDRAWN)
    refusal = _last(case, REFUSING) if stage is Stage.REFUSED else None
    ended = _last(case, ("withdraw",)) if stage is Stage.WITHDRAWN else None
    categories, holders = _described(asked.datasets)
    return PublicRow(
        number=case.number,
        file=case.number,
        kind=case.kind,
        stage=stage.value,
        title=asked.title,
        organisation=asked.organisation,
        domicile=asked.domicile,
        purposes=asked.purposes,
        categories=categories,
        datasets=asked.datasets,
        holders=holders,
        data_format=asked.data_format,
        summary=asked.summary,
        reason=without_persons(refusal.reason, asked.names) if refusal else "",
        received_on=_day(case.filed_at),
        decided_on=_day(decision.at) if decision and is_decided else None,
        valid_from=None,
        valid_until=None,
        ended_on=_day(ended.at) if ended else None,
        replaces="",
    )


def _permit_row(
    case: CaseRecord, asked: Asked, record: PermitRecord, *, replaces: str
) -> PublicRow:
    terms, item = record.terms(), record.item
    stage = STAGES[Kind.PERMIT].get(item.state, Stage.ACTIVE)
    datasets = tuple(given.dataset for given in terms.datasets)
    categories, holders = _described(datasets)
    acts = ActRow.objects.filter(item=item).order_by("at", "pk")
    against = acts.filter(action__in=AGAINST.get(stage, ())).last()
    ended = acts.filter(action__in=ENDING).last() if stage is not Stage.ACTIVE else None
    organisation = without_persons(terms.organisation, asked.names)
    return PublicRow(
        number=record.number,
        file=case.number,
        kind=Kind.PERMIT.value,
        stage=stage.value,
        title=without_persons(terms.title, asked.names),
        organisation="" if asked.is_natural_person else organisation,
        domicile=asked.domicile,
        purposes=tuple(terms.purposes),
        categories=categories,
        datasets=datasets,
        holders=holders,
        data_format=terms.data_format.value,
        summary=asked.summary,
        reason=without_persons(against.reason, asked.names) if against else "",
        received_on=_day(case.filed_at),
        decided_on=_day(record.granted_at),
        valid_from=record.valid_from,
        valid_until=record.valid_until,
        ended_on=_day(ended.at) if ended else None,
        replaces=replaces,
    )


def _last(case: CaseRecord, actions: tuple[str, ...]) -> ActRow | None:
    return ActRow.objects.filter(item__case=case, action__in=actions).order_by("at", "pk").last()


def _day(instant: datetime | None) -> date | None:
    return timezone.localtime(instant).date() if instant else None


def _described(datasets: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The categories and the holders of datasets, as the catalogue says them now."""
    found = list(Dataset.objects.filter(slug__in=datasets).values_list("category", "holder"))
    categories = {category for category, _ in found if category}
    return tuple(sorted(categories)), tuple(sorted({holder for _, holder in found if holder}))
