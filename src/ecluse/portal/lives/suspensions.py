"""Suspend a permit and lift its suspension: one transaction, one signed document, one entry.

The secure zone and the checking room obey the document: what runs is stopped, nothing is destroyed,
and the lifting opens again. Source: EHDS art. 63(3).
"""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from ecluse.domain import documents, permits
from ecluse.domain.documents import Suspension
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.actions import Content
from ecluse.portal.mailbox.actions import send
from ecluse.portal.permits.actions import audience
from ecluse.portal.permits.models import PermitRecord
from ecluse.trust.keys import to_milliseconds


@transaction.atomic
def suspend(permit: PermitRecord, reason: str, *, by: User, now: datetime) -> PermitRecord:
    """Suspend a permit from now on, and tell the secure zone and the checking room.

    Raises NotAllowed: not by this person, or it is not in force; InvalidInput without a reason.
    """
    cases.hold(permit.item.case)
    cases.perform(permit.item, "suspend", by=by, now=now, content=Content(reason=reason))
    body = Suspension(permit.number, to_milliseconds(now), reason.strip())
    _send("permit.suspended", body, by=by, at=body.suspended_at)
    return _again(permit)


@transaction.atomic
def lift(permit: PermitRecord, reason: str, *, by: User, now: datetime) -> PermitRecord:
    """Lift the suspension of a permit, and tell those who obey it.

    Raises NotAllowed: not by this person, or it is not suspended; InvalidInput without a reason.
    """
    cases.hold(permit.item.case)
    content = Content(reason=reason)
    cases.perform(permit.item, "lift-suspension", by=by, now=now, content=content)
    lift_what_binds(permit, by=by, now=now)
    return _again(permit)


def lift_what_binds(permit: PermitRecord, *, by: User, now: datetime) -> None:
    """Sign the lifting of each suspension of this permit that still binds."""
    at = to_milliseconds(now)
    for one in permits.standing(permit.number, permit.suspensions(), now=at):
        if isinstance(one, Suspension):
            _send("permit.suspension-lifted", replace(one, lifted_at=at), by=by, at=at)


def _send(action: str, body: documents.Suspension, *, by: User, at: datetime) -> None:
    sent = send(body, audience=audience(), by=by.subject, now=at)
    record(action, body.permit_number, by=by.subject, digest=sent.digest, at=at)


def _again(permit: PermitRecord) -> PermitRecord:
    return PermitRecord.objects.select_related("item__case").get(pk=permit.pk)
