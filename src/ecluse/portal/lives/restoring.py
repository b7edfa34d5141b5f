"""Give back a permit whose revocation a court annulled: what withdrew it is signed as ended.

Its data are still there: an appeal lies against a permit that is revoked, not against one whose
workspace is closed. Source: EHDS art. 63(5).
"""

from dataclasses import replace
from datetime import datetime

from ecluse.domain.machines import Kind
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.actions import record
from ecluse.portal.cases.models import Item
from ecluse.portal.lives.suspensions import lift_what_binds
from ecluse.portal.mailbox.actions import send
from ecluse.portal.permits.actions import audience
from ecluse.portal.permits.models import PermitRecord
from ecluse.trust.keys import to_milliseconds


def restore(decided: Item | None, *, by: User, now: datetime) -> None:
    """Annul the revocation, and lift the suspensions, of the permit that was decided on, if one.

    Called in the transaction that writes the judgement; `by` is who enters it.
    """
    if decided is None or decided.kind != Kind.PERMIT.value:
        return
    permit = PermitRecord.objects.select_for_update(of=("self",)).get(item=decided)
    at = to_milliseconds(now)
    for revocation in permit.revocations():
        annulled = replace(revocation, annulled_at=at)
        sent = send(annulled, audience=audience(), by=by.subject, now=at)
        record("permit.restored", permit.number, by=by.subject, digest=sent.digest, at=at)
    permit.revoked_at = permit.revoked_by = None
    permit.revocation_reason = permit.revocation_digest = ""
    permit.save()
    lift_what_binds(permit, by=by, now=now)
