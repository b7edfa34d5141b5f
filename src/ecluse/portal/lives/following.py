"""Conditions of a permit accepted and followed, and the deletion of its data, stated by two."""

from datetime import date, datetime
from typing import Final

from django.db import transaction

from ecluse.domain.actors import Actor
from ecluse.domain.codec import JSON
from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.actions import Content
from ecluse.portal.cases.models import Item
from ecluse.portal.cases.parties import actors_of
from ecluse.portal.lives.models import ConditionRow, DeletionStatement
from ecluse.portal.permits.models import PermitRecord, State
from ecluse.trust import canonical

FOLLOWERS: Final = frozenset({Actor.ASSESSOR, Actor.DECIDER})
OPEN: Final = frozenset({State.ACTIVE, State.SUSPENDED})
LONGEST: Final = 4000
FIRST: Final = frozenset({Role.PREPARER, Role.AUDITOR})
SECOND: Final = frozenset({Role.PREPARER})
"""Who may state a deletion first, and who then certifies it: another person, who prepares data."""
TWO: Final = 2


@transaction.atomic
def accept(permit: PermitRecord, number: int, *, by: User, now: datetime) -> ConditionRow:
    """Accept one numbered condition; again changes nothing. Raises NotAllowed, NotFound."""
    row = _hold(permit, number)
    require_user(permit, by)
    _require_open(permit, now)
    if row.accepted_at is None:
        row.accepted_at, row.accepted_by = now, by
        row.save()
        _record("condition.accepted", row, by=by, now=now)
    return row


@transaction.atomic
def accept_all(permit: PermitRecord, *, by: User, now: datetime) -> None:
    """Accept every condition that is not accepted yet. Raises NotAllowed."""
    for number in unaccepted(permit):
        accept(permit, number, by=by, now=now)


def unaccepted(permit: PermitRecord) -> tuple[int, ...]:
    """The numbers of the conditions that nobody accepted yet."""
    rows = permit.conditions.filter(accepted_at__isnull=False)
    accepted = set(rows.values_list("number", flat=True))
    every = range(1, len(permit.terms().conditions) + 1)
    return tuple(number for number in every if number not in accepted)


def late(permit: PermitRecord, *, today: date) -> tuple[int, ...]:
    """The numbers of the conditions that are not met and whose last day has passed."""
    rows = permit.conditions.filter(done_at__isnull=True, due_on__lt=today).order_by("number")
    return tuple(rows.values_list("number", flat=True))


def check_may_order(permit: PermitRecord, *, today: date) -> None:
    """Pass if the conditions let the data be used today. Raises NotAllowed.

    Source: EHDS art. 68(10)(h).
    """
    waiting = unaccepted(permit)
    if waiting:
        raise NotAllowed(
            f"{len(waiting)} conditions of {permit.number} are not accepted: the applicant accepts"
            " them on the page « Vie de l’autorisation »; order then."
        )
    overdue = late(permit, today=today)
    if overdue and permit.terms().stops_when_late:
        raise NotAllowed(
            f"{len(overdue)} conditions of {permit.number} are late, and this permit stops orders"
            " until they are met: say how on the page « Vie de l’autorisation »."
        )


@transaction.atomic
def set_due(
    permit: PermitRecord, number: int, due_on: date, *, by: User, now: datetime
) -> ConditionRow:
    """Say until when a condition is to be met. Raises NotAllowed, NotFound, InvalidInput."""
    row = _hold(permit, number)
    require_follower(permit, by)
    _require_open(permit, now)
    if row.done_at is not None or due_on < cases.day_of(permit.item.case, now):
        raise InvalidInput("Give a day that is to come, for a condition that is not met yet.")
    row.due_on, row.late_told_at = due_on, None
    row.save()
    _record("condition.dated", row, by=by, now=now)
    return row


@transaction.atomic
def meet(
    permit: PermitRecord, number: int, evidence: str, *, by: User, now: datetime
) -> ConditionRow:
    """Say how a condition was met. Raises NotAllowed if it was not accepted; InvalidInput."""
    row = _hold(permit, number)
    require_user(permit, by)
    if row.accepted_at is None:
        raise NotAllowed(f"Condition {number} is not accepted yet: accept it first.")
    if row.done_at is not None:
        raise NotAllowed(f"Condition {number} is met already.")
    row.done_at, row.done_by, row.evidence = now, by, said(evidence)
    row.save()
    _record("condition.met", row, by=by, now=now)
    return row


def _hold(permit: PermitRecord, number: int) -> ConditionRow:
    cases.hold(permit.item.case)
    if not 1 <= number <= len(permit.terms().conditions):
        raise NotFound(f"{permit.number} has no condition {number}.")
    row, _ = ConditionRow.objects.get_or_create(permit=permit, number=number)
    return row


def require_follower(permit: PermitRecord, by: User) -> None:
    """Pass if `by` follows conditions for this hub. Raises NotAllowed."""
    if not actors_of(by, permit.item.case) & FOLLOWERS:
        raise NotAllowed("Only an officer of this hub says until when a condition is to be met.")


def require_user(permit: PermitRecord, by: User) -> None:
    """Pass if `by` asked for the permit. Raises NotAllowed."""
    if Actor.DATA_USER not in actors_of(by, permit.item.case):
        raise NotAllowed(f"Only the applicant of {permit.number} answers for its conditions.")


def _require_open(permit: PermitRecord, now: datetime) -> None:
    if permit.state(today=cases.day_of(permit.item.case, now)) not in OPEN:
        raise NotAllowed(f"{permit.number} is no longer in force.")


def _record(action: str, row: ConditionRow, *, by: User, now: datetime) -> None:
    details: dict[str, str | int] = {"condition": row.number}
    record(action, row.permit.number, by=by.subject, details=details, at=now)


def said(text: str) -> str:
    """The text without its ends. Raises InvalidInput: nothing, or too much."""
    found = text.strip()
    if not 0 < len(found) <= LONGEST:
        raise InvalidInput(f"Write a few words, {LONGEST} characters at most.")
    return found


@transaction.atomic
def state_deletion(
    permit: PermitRecord, text: str, *, by: User, now: datetime
) -> DeletionStatement:
    """State that the data of a permit are deleted; the second person's statement certifies it.

    Raises:
        NotAllowed: the workspace is not closed, `by` does not prepare data, or stated already.
        InvalidInput: nothing is said.

    Source: EHDS art. 68(12).
    """
    cases.hold(permit.item.case)
    item = Item.objects.select_related("case").get(pk=permit.item_id)
    earlier = list(permit.deletions.select_related("by").order_by("rank"))
    _check_may_state(permit, item, earlier, by)
    rank = len(earlier) + 1
    made = DeletionStatement.objects.create(
        permit=permit, rank=rank, text=said(text), by=by, at=now
    )
    digest = certificate_digest(permit)
    details: dict[str, str | int] = {"rank": rank}
    record("deletion.stated", permit.number, by=by.subject, digest=digest, details=details, at=now)
    if rank == TWO:
        content = Content(digest=digest, details={"permit": permit.number})
        cases.perform(item, "certify-deletion", by=by, now=now, content=content)
    return made


def _check_may_state(
    permit: PermitRecord, item: Item, earlier: list[DeletionStatement], by: User
) -> None:
    why = why_no_statement(permit, item, earlier, by)
    if why:
        raise NotAllowed(why)


def why_no_statement(
    permit: PermitRecord, item: Item, earlier: list[DeletionStatement], by: User
) -> str:
    """Why `by` cannot state the deletion now; nothing if they can."""
    if not by.roles() & (SECOND if earlier else FIRST):
        return "Deletion is stated by one person of this hub, then by another who prepares data."
    if item.state != "closing":
        return f"The workspace of {permit.number} is not closed, or its data are deleted already."
    if any(one.by_id == by.pk for one in earlier):
        return "You stated it already: somebody else must confirm it."
    return ""


def certificate(permit: PermitRecord) -> dict[str, JSON]:
    """What the two statements say, in the form whose digest stands in the journal."""
    return {
        "permit": permit.number,
        "permit_digest": permit.digest,
        "statements": [
            {"rank": one.rank, "by": one.by.subject, "at": one.at.isoformat(), "text": one.text}
            for one in permit.deletions.select_related("by").order_by("rank")
        ],
    }


def certificate_digest(permit: PermitRecord) -> str:
    """The digest of the certificate as it stands."""
    return canonical.digest(canonical.encode(certificate(permit)))
