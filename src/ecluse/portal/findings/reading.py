"""A finding as each reader sees it: its project, the hub, a holder. Nobody sees a person."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.urls import reverse

from ecluse.domain.findings import Certainty, Way
from ecluse.domain.machines import MACHINES, Kind
from ecluse.portal.accounts.models import User
from ecluse.portal.cases import labels as case_labels
from ecluse.portal.cases import reading as case_reading
from ecluse.portal.cases.reading import ClockLine, Reader
from ecluse.portal.findings import labels
from ecluse.portal.findings.models import FindingFile, Recipient
from ecluse.portal.permits.models import PermitRecord

FIRST: Final = frozenset({"report-finding", "give-precision", "qualify", "send-finding"})
"""The acts that lead on; the others stand after them."""
HIDDEN: Final = frozenset({"read", "save-draft", "tell-outcome"})


@dataclass(frozen=True, slots=True)
class Brief:
    """A finding as a line of a list."""

    number: str
    permit: str
    state: str
    badge: str
    todo: str
    is_urgent: bool
    due_on: date | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class Act:
    """Something that this person may do now."""

    name: str
    label: str
    address: str
    is_first: bool


@dataclass(frozen=True, slots=True)
class HolderLine:
    """What one holder has before it, and did; its counts are for it and for officers."""

    pk: int
    holder: str
    dataset: str
    digest: str
    told_at: datetime | None
    way: str
    told: str
    refused: str
    not_found: str
    is_mine: bool


def brief(finding: FindingFile, *, today: date) -> Brief:
    """The finding as a line of a list."""
    due = finding.case.due_on
    return Brief(
        finding.number,
        finding.permit.number,
        case_labels.state_label(Kind.FINDING, finding.state),
        labels.BADGES[finding.state],
        str(labels.NEXT_STEPS[finding.state]),
        finding.is_urgent,
        due,
        is_late=due is not None and due < today,
    )


def is_of_project(finding: FindingFile, user: User) -> bool:
    """Whether this person is of the project, whatever else their account is for."""
    return finding.case.parties.filter(subject=user.subject).exists()


def sees_counts(finding: FindingFile, user: User) -> bool:
    """Whether this person may read the counts of the zone: an officer who is not of the project."""
    return user.may("finding.read-any") and not is_of_project(finding, user)


def acts(finding: FindingFile, reader: Reader) -> list[Act]:
    """What this person may do now, in the order of the machine."""
    names = [
        row.name
        for row in MACHINES[Kind.FINDING].actions
        if row.name not in HIDDEN
        and set(row.by) & set(reader.actors)
        and finding.state in row.sources
        and case_reading.why_not(reader, finding.item.item_id, row.name) is None
    ]
    if not finding.certainty:
        names = [name for name in names if name not in FIRST]
    ranked = sorted(names, key=lambda name: name not in FIRST)
    return [
        Act(
            name,
            str(labels.ACTS[name]),
            reverse("findings:act", args=[finding.number, name]),
            is_first=name in FIRST,
        )
        for name in ranked
    ]


def may_write(finding: FindingFile, reader: Reader) -> bool:
    """Whether this person may write the report now."""
    return case_reading.why_not(reader, finding.item.item_id, "save-draft") is None


def pairs(finding: FindingFile) -> list[tuple[str, str]]:
    """The answers in words."""
    told = [(str(label), getattr(finding, name)) for name, label in labels.TEXTS.items()]
    sure = str(labels.CERTAINTIES[Certainty(finding.certainty)]) if finding.certainty else ""
    return [*told, (str(labels.SURE), sure)]


def counts(finding: FindingFile) -> list[tuple[str, str]]:
    """What the zone told, in words; empty before it did."""
    if finding.searched_at is None:
        return []
    minimum = finding.permit.terms().minimum_count
    told = (finding.to_tell_count, finding.unwilling_count, finding.not_found_count)
    return [
        (str(label), labels.count_label(count, minimum))
        for label, count in zip(labels.COUNTS, told, strict=True)
    ]


def holder_lines(finding: FindingFile, user: User) -> list[HolderLine]:
    """The holders that this person may know of: all for officers, their own for holders."""
    rows = finding.recipients.select_related("holder", "dataset").order_by("holder__name", "pk")
    if not sees_counts(finding, user):
        rows = rows.filter(holder__persons__subject=user.subject)
    minimum = finding.permit.terms().minimum_count
    return [_holder_line(row, user, minimum) for row in rows]


def _holder_line(row: Recipient, user: User, minimum: int) -> HolderLine:
    told = (row.told_count, row.refused_count, row.not_found_count)
    words = [labels.count_label(one, minimum) if row.told_at else "" for one in told]
    return HolderLine(
        pk=row.pk,
        holder=row.holder.name,
        dataset=row.dataset.slug,
        digest=row.answer_digest,
        told_at=row.told_at,
        way=str(labels.WAYS[Way(row.way)]) if row.way else "",
        told=words[0],
        refused=words[1],
        not_found=words[2],
        is_mine=row.told_at is None and row.holder.has(user),
    )


def clocks(reader: Reader) -> list[ClockLine]:
    """The clocks of the finding, the running one first."""
    return case_reading.clock_lines(reader)


def permits_to_report(user: User) -> list[PermitRecord]:
    """The permits of which `user` is a person: what is found in their data is theirs to say."""
    return list(PermitRecord.objects.naming(user).newest_first())


def timeline(finding: FindingFile) -> list[tuple[str, datetime, str, str]]:
    """What was done, the oldest first; who did it is an office, not a name."""
    return case_reading.timeline(finding.case)
