"""Sign another version of a permit, or end it before its day: each is one transaction.

The version replaced is ended in the secure zone by a signed revocation that names the next one: at
most one version of a permit is obeyed. Source: EHDS art. 68(12), 68(13).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ecluse.domain import documents, permits
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines import Kind
from ecluse.domain.optouts import list_instant
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.applications.actions import next_number
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.actions import Content
from ecluse.portal.cases.models import ActRow
from ecluse.portal.cases.parties import role_for
from ecluse.portal.lives.actions import lock
from ecluse.portal.lives.models import CHANGES, ConditionRow, Matter
from ecluse.portal.mailbox.actions import send
from ecluse.portal.permits.actions import audience, sign
from ecluse.portal.permits.models import PermitRecord
from ecluse.trust.keys import to_milliseconds

ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Changed:
    """What the decider writes anew; the rest is that of the version replaced.

    `valid_until` is read of an extension alone: an amendment keeps the last day. No `persons`: the
    same as before.
    """

    title: str
    environment: str
    conditions: tuple[str, ...]
    valid_until: date | None = None
    persons: tuple[documents.AuthorisedPerson, ...] = ()


@transaction.atomic
def grant(matter: Matter, changed: Changed, *, by: User, now: datetime) -> PermitRecord:
    """Grant an amendment or an extension: sign the next version, end the one that it replaces.

    Raises:
        NotAllowed: not at this stage, not this person, or a limit of the extension is passed.
        InvalidInput: longer than was asked, or the terms are unlawful.
    """
    locked = lock(matter)
    if locked.kind not in CHANGES or locked.permit is None:
        raise NotAllowed(f"{locked.number} changes no permit.")
    role_for(locked.item, "grant", by)
    former = locked.permit
    until_on = _until(locked, changed)
    written = replace(changed, valid_until=until_on)
    body = _body(locked, former, written, by=by, at=to_milliseconds(now))
    _check(body, former)
    _check_accounts(body, former)
    content = Content(until_on=until_on, details={"matter": locked.number})
    cases.perform(locked.item, "grant", by=by, now=now, content=content)
    made = _version(body, former, by=by)
    reason = f"Replaced by {made.number}."
    _end(former.number, reason, by=by, at=body.decided_at)
    return made


def _until(matter: Matter, changed: Changed) -> date | None:
    """The last day granted to an extension: none beyond what was asked. Raises InvalidInput."""
    if matter.kind is not Kind.RENEWAL:
        return None
    asked = date.fromisoformat(matter.text("until_on"))
    if changed.valid_until is None or matter.permit is None:
        raise InvalidInput("An extension has a last day: write it.")
    if not matter.permit.valid_until < changed.valid_until <= asked:
        raise InvalidInput(
            f"The file asks to go on until {asked}: give a day after"
            f" {matter.permit.valid_until} and none beyond."
        )
    return changed.valid_until


def _body(
    matter: Matter, former: PermitRecord, changed: Changed, *, by: User, at: datetime
) -> documents.Permit:
    terms = former.terms()
    assessors = ActRow.objects.filter(item=matter.item, action="assess", by__isnull=False)
    assessed_by = {*terms.assessed_by, *(row.by.subject for row in assessors if row.by)}
    today = timezone.localtime(at).date()
    year = today.year
    return replace(
        terms,
        permit_number=f"FR-{year}-{next_number(f'permit-{year}'):04}",
        title=changed.title,
        persons=changed.persons or terms.persons,
        environment=changed.environment,
        conditions=changed.conditions,
        valid_from=max(today, former.valid_from),
        valid_until=changed.valid_until or former.valid_until,
        assessed_by=tuple(sorted(assessed_by)),
        decided_by=by.subject,
        decided_at=at,
        opt_outs_as_of=list_instant(
            str(settings.ECLUSE_COUNTRY),
            former=terms,
            decided_at=at,
            is_longer=matter.kind is Kind.RENEWAL,
        ),
    )


def _check(body: documents.Permit, former: PermitRecord) -> None:
    """Pass if the next version is lawful; an extension counts from the end that it moves."""
    is_longer = body.valid_until > former.valid_until
    first = former.valid_until + ONE_DAY if is_longer else former.valid_from
    permits.check_terms(replace(body, valid_from=first))


def _check_accounts(body: documents.Permit, former: PermitRecord) -> None:
    """Pass if everybody who is new in the list has an account to work with. Raises InvalidInput."""
    known = set(former.persons.values_list("subject", flat=True))
    new = {person.subject for person in body.persons} - known
    held = User.objects.filter(
        email__in=new, is_active=True, role_rows__role=Role.DATA_USER.value
    ).values_list("email", flat=True)
    if new - set(held):
        raise InvalidInput("Somebody new in the list has no account of a data user here.")


def _version(body: documents.Permit, former: PermitRecord, *, by: User) -> PermitRecord:
    made = sign(former.application, body, by=by)
    cases.name_members(made.item.case, {person.subject for person in body.persons})
    _keep_conditions(former, made)
    details = {"replaces": former.number, "opt_out_list": made.opt_out_list_digest}
    record("permit.version-signed", made.number, by=by.subject, digest=made.digest, details=details)
    return made


def _keep_conditions(former: PermitRecord, made: PermitRecord) -> None:
    """Keep what was accepted and done of the conditions that are still the same words."""
    before = former.terms().conditions
    rows = {before[row.number - 1]: row for row in former.conditions.all()}
    ConditionRow.objects.bulk_create(
        ConditionRow(
            permit=made,
            number=number,
            accepted_at=row.accepted_at,
            accepted_by=row.accepted_by,
            due_on=row.due_on,
            done_at=row.done_at,
            done_by=row.done_by,
            evidence=row.evidence,
        )
        for number, text in enumerate(made.terms().conditions, start=1)
        if (row := rows.get(text)) is not None
    )


@transaction.atomic
def finish(permit: PermitRecord, *, by: User, now: datetime) -> PermitRecord:
    """End the use of a permit before its last day; its data are then deleted.

    Raises NotAllowed: only who asked for it may, while it is in force. Source: EHDS art. 61(4).
    """
    cases.hold(permit.item.case)
    cases.perform(permit.item, "finish", by=by, now=now)
    _end(permit.number, "Its use is finished.", by=by, at=to_milliseconds(now))
    return PermitRecord.objects.select_related("item__case").get(pk=permit.pk)


def _end(number: str, reason: str, *, by: User, at: datetime) -> None:
    body = documents.Revocation(number, at, reason)
    send(body, audience=audience(), by=by.subject, now=at)
