"""Close the workspace of a permit that is over, have its data destroyed, keep the certificate.

The secure zone destroys and certifies; two persons may state it instead, where data lie elsewhere.
Source: EHDS art. 68(12).
"""

from datetime import datetime
from typing import cast

from django.db import transaction

from ecluse.domain.documents import (
    AGENT,
    CHECKING_SITE,
    DeletionCertificate,
    DeletionOrder,
    number_of,
)
from ecluse.domain.errors import NotAllowed, OutOfScope
from ecluse.domain.machines import Kind
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.actions import Content
from ecluse.portal.cases.models import Item
from ecluse.portal.mailbox.actions import send
from ecluse.portal.mailbox.models import IncomingDocument, OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.permits.models import PermitRecord
from ecluse.trust.documents import Verified
from ecluse.trust.keys import to_milliseconds

CLOSING = "closing"
AWAITED = ("lodged", "before-court")
"""The states of an appeal that may still be upheld."""


@transaction.atomic
def close(permit: PermitRecord, *, by: User, now: datetime) -> PermitRecord:
    """Close the workspace, and order the destruction of the data of every version of the permit.

    Raises NotAllowed: the permit is in force, `by` does not prepare data, or a court may give the
    permit back.
    """
    cases.hold(permit.item.case)
    check_no_appeal(permit)
    cases.perform(permit.item, "close-enclave", by=by, now=now)
    at = to_milliseconds(now)
    for version in permit.application.permits.order_by("pk"):
        body = DeletionOrder(version.number, version.digest, at, by.subject)
        sent = send(body, audience=(AGENT, CHECKING_SITE), by=by.subject, now=at)
        record("permit.deletion-ordered", version.number, by=by.subject, digest=sent.digest, at=at)
    return PermitRecord.objects.select_related("item__case").get(pk=permit.pk)


def check_no_appeal(permit: PermitRecord) -> None:
    """Pass if no appeal is open against what was decided on the permit. Raises NotAllowed."""
    appeals = Item.objects.filter(parent=permit.item, kind=Kind.APPEAL.value)
    if appeals.filter(state__in=AWAITED).exists():
        raise NotAllowed(
            f"An appeal against the revocation of {permit.number} is not settled: its data are kept"
            " until it is."
        )


@transaction.atomic
def receive_certificate(verified: Verified, *, now: datetime) -> None:
    """Keep a certificate; with that of the last version, the data of the permit are deleted.

    Raises OutOfScope: nobody ordered this destruction here, or it names another document.
    """
    certificate = cast(DeletionCertificate, verified.document.body)
    permit = _ordered(certificate)
    record(
        "permit.data-destroyed",
        permit.number,
        by=verified.document.issuer.value,
        digest=verified.digest,
        details={"extracts": len(certificate.extracts), "keys": len(certificate.key_ids)},
        at=now,
    )
    versions = list(permit.application.permits.select_related("item__case"))
    if not all(certificate_of(one) is not None for one in versions):
        return
    for version in versions:
        if version.item.state == CLOSING:
            content = Content(digest=verified.digest, details={"permit": version.number})
            cases.perform_by_software(version.item, "certify-deletion", now=now, content=content)


def _ordered(certificate: DeletionCertificate) -> PermitRecord:
    number = number_of(certificate)
    orders = OutgoingDocument.objects.filter(kind="DeletionOrder", number=number)
    permit = PermitRecord.objects.filter(number=number, digest=certificate.permit_digest).first()
    if permit is None or not orders.filter(digest=certificate.order_digest).exists():
        raise OutOfScope(f"The destruction of the data of {number} was not ordered here.")
    return permit


def certificate_of(permit: PermitRecord) -> IncomingDocument | None:
    """The signed certificate that the data of this version are no more, once it came."""
    found = IncomingDocument.objects.filter(kind="DeletionCertificate", number=permit.number)
    return found.order_by("pk").first()


def certificates(permit: PermitRecord) -> list[tuple[IncomingDocument, DeletionCertificate]]:
    """The certificates of every version of a permit, each with what it says."""
    numbers = permit.application.permits.values("number")
    found = IncomingDocument.objects.filter(kind="DeletionCertificate", number__in=numbers)
    return [(row, body_of(row, DeletionCertificate)) for row in found.order_by("pk")]
