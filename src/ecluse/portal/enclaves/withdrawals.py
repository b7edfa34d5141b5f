"""What closes a workspace, for now or for ever: suspensions, revocations, the end of its data."""

from datetime import datetime
from typing import Final, cast

from django.db import transaction

from ecluse.domain import permits
from ecluse.domain.documents import DeletionCertificate, Revocation, Suspension, number_of
from ecluse.domain.errors import NotAllowed, Refused
from ecluse.domain.permits import Withdrawal
from ecluse.portal.audit.actions import record
from ecluse.portal.enclaves.models import Workspace
from ecluse.portal.mailbox import blobs
from ecluse.portal.mailbox.models import IncomingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.trust.documents import CLOCK_TOLERANCE, Verified

KINDS: Final = {"Revocation": Revocation, "Suspension": Suspension}


def withdrawals_of(number: str) -> tuple[Withdrawal, ...]:
    """Return all that was said here to take back what bears this number."""
    rows = IncomingDocument.objects.filter(kind__in=KINDS, number=number).order_by("pk")
    return tuple(cast(Withdrawal, body_of(row, KINDS[row.kind])) for row in rows)


def check_not_frozen(number: str, *, now: datetime) -> None:
    """Pass if the permit, or the approval of a data request, of this number is not withdrawn.

    What is done at the second gate asks this first. Raises NotAllowed. Source: EHDS art. 63(3).
    """
    try:
        permits.check_not_withdrawn(number, withdrawals_of(number), now=now + CLOCK_TOLERANCE)
    except Refused as error:
        raise NotAllowed(str(error)) from None


@transaction.atomic
def receive_withdrawal(verified: Verified, *, now: datetime) -> None:
    """Close, freeze or open again the workspace of a permit (EHDS art. 63(3), 63(5))."""
    number = number_of(verified.document.body)
    for workspace in Workspace.objects.select_for_update().filter(permit_number=number):
        write_standing(workspace, now=now)


def write_standing(workspace: Workspace, *, now: datetime) -> None:
    """Write again on the workspace what binds now of the documents received."""
    # The portal's clock may be ahead of ours by what is tolerated of its documents.
    known = withdrawals_of(workspace.permit_number)
    binding = permits.standing(workspace.permit_number, known, now=now + CLOCK_TOLERANCE)
    revoked = [one.revoked_at for one in binding if isinstance(one, Revocation)]
    suspended = [one.suspended_at for one in binding if isinstance(one, Suspension)]
    workspace.revoked_at = revoked[0] if revoked else None
    workspace.suspended_at = suspended[0] if suspended else None
    workspace.save(update_fields=["revoked_at", "suspended_at"])


def reason_of(workspace: Workspace, *, now: datetime) -> str:
    """Why nothing is done in the workspace now, in the words of the authority; nothing if open."""
    known = withdrawals_of(workspace.permit_number)
    binding = permits.standing(workspace.permit_number, known, now=now + CLOCK_TOLERANCE)
    return binding[0].reason if binding else ""


@transaction.atomic
def receive_deletion(verified: Verified, *, now: datetime) -> None:
    """Keep the certificate that a permit's data are no more, and remove our copies of its files.

    Released files are not ours: they were published. Source: EHDS art. 68(12).
    """
    certificate = cast(DeletionCertificate, verified.document.body)
    document = IncomingDocument.objects.get(digest=verified.digest)
    workspaces = Workspace.objects.filter(permit_number=certificate.permit_number)
    workspaces.update(deletion_document=document)
    removed = sum(blobs.remove(digest) for digest in certificate.outputs)
    record(
        "permit.data-destroyed",
        certificate.permit_number,
        by=verified.document.issuer.value,
        digest=verified.digest,
        details={"files": removed},
        at=now,
    )
