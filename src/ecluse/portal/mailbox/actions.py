"""Send documents, receive documents, witness checkpoints."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist
from django.db import DataError, IntegrityError, models, transaction
from django.utils import timezone

from ecluse.domain.documents import SIGNERS, Body, Document, Signer, number_of
from ecluse.domain.errors import EcluseError, InvalidInput, OutOfScope, Replayed, WrongSigner
from ecluse.portal.audit import actions as audit
from ecluse.portal.audit import identity
from ecluse.portal.mailbox import content
from ecluse.portal.mailbox.models import (
    AnnouncedFile,
    IncomingDocument,
    NumbersLost,
    OfferedFile,
    OutgoingDocument,
    UsedToken,
)
from ecluse.portal.mailbox.receivers import receiver_of
from ecluse.trust import canonical, documents, rotation
from ecluse.trust.documents import Verified
from ecluse.trust.journal.entries import document_details
from ecluse.trust.tokens import Caller

REASON_CHARACTERS = 300
MOST_LOST = 1_000_000
"""More documents than a site sends between two copies of its database."""


@dataclass(frozen=True, slots=True)
class SentDocument:
    """A document that waits for its receivers: its digest and the signed bytes."""

    document: Document
    digest: str
    data: bytes
    sequence: int


def send(
    body: Body,
    *,
    audience: tuple[str, ...],
    by: str,
    signer: Signer | None = None,
    expires_at: datetime | None = None,
    now: datetime | None = None,
) -> SentDocument:
    """Sign a document with the key of this site, or of `signer`, and hold it for its receivers.

    Raises:
        WrongSigner: this signer may not sign this kind.
        NotFound: the key is not on this machine.
    """
    issuer = signer or identity.signer()
    _check_may_sign(issuer, type(body).__name__)
    document = documents.new_document(
        body, issuer=issuer, audience=audience, now=now or timezone.now(), expires_at=expires_at
    )
    return _hold(document, documents.sign(document, identity.signing_key(issuer)), by=by)


def send_signed(data: bytes, *, by: str, now: datetime) -> SentDocument:
    """Hold a document that was signed elsewhere, such as a key rotation, for its receivers.

    Raises:
        Refused: the document does not verify with the keyring of this site.
    """
    verified = documents.verify(data, identity.keyring(), now=now)
    return _hold(verified.document, data, by=by)


def _check_may_sign(issuer: Signer, kind: str) -> None:
    if issuer not in SIGNERS[kind]:
        raise WrongSigner(f"A {kind} is not signed by {issuer}: its receivers would refuse it.")


@transaction.atomic
def note_position(after: int, *, by: str, now: datetime) -> None:
    """Number from after what a receiver already has: this site was put back from an older copy.

    Else what it sends next, a revocation perhaps, would bear numbers that are never asked for. The
    journal tells the operator, who finds what was lost with whoever has it.

    Raises InvalidInput: further than a site can have gone.
    """
    if after <= _last_number():
        return
    audit.lock()
    last = _last_number()
    if after > last + MOST_LOST:
        raise InvalidInput(f"This site has sent nothing numbered {after}: ask from 0.")
    if after > last:
        NumbersLost.objects.create(last=after, told_at=now)
        audit.record(
            "mailbox.numbers-lost", by, by=by, details={"here": last, "there": after}, at=now
        )


def _last_number() -> int:
    """Return the number of the last document sent, by this database or a later state of it."""
    sent = OutgoingDocument.objects.aggregate(last=models.Max("sequence"))["last"]
    lost = NumbersLost.objects.aggregate(last=models.Max("last"))["last"]
    return max(sent or 0, lost or 0)


@transaction.atomic
def _hold(document: Document, data: bytes, *, by: str) -> SentDocument:
    audit.lock()  # numbers are given and shown in one order, so that no receiver skips one
    number = number_of(document.body)
    digest = canonical.digest(data)
    held = OutgoingDocument.objects.create(
        sequence=_last_number() + 1,
        document_id=document.id,
        audience=list(document.audience),
        kind=document.kind,
        number=number,
        digest=digest,
        data=data,
        issued_at=document.issued_at,
        expires_at=document.expires_at,
    )
    offered = content.offered_files(document.body)
    OfferedFile.objects.bulk_create(OfferedFile(document=held, digest=file) for file in offered)
    audit.record(
        "document.sent",
        f"{document.kind} {number}",
        by=by,
        digest=digest,
        details=document_details(document),
        at=document.issued_at,
    )
    return SentDocument(document, digest, data, held.sequence)


def receive(data: bytes, *, now: datetime) -> Verified:
    """Verify, store and obey one document, all or nothing.

    A refusal is journalled in a transaction of its own: call this outside of any other.

    Raises:
        Replayed: already obeyed.
        Refused: not signed by whom it should, altered, expired, or not for this site.
        EcluseError: its receiver could not obey it.
    """
    try:
        return _obey_what_fits(data, now=now)
    except EcluseError as error:
        digest = canonical.digest(data)
        reason = {"code": error.code, "reason": str(error)[:REASON_CHARACTERS]}
        audit.record(
            "document.refused",
            digest,
            by=identity.audience(),
            digest=digest,
            details=reason,
            at=now,
        )
        raise


def _obey_what_fits(data: bytes, *, now: datetime) -> Verified:
    """Obey a document, or refuse for good one that would fail again each time it is delivered."""
    try:
        return _obey(data, now=now)
    except (DataError, IntegrityError, ObjectDoesNotExist) as error:
        raise OutOfScope(
            f"This document does not fit what is known here ({type(error).__name__}): another one "
            "bears its number, the one that it needs never came, or a member is too long."
        ) from error


@transaction.atomic
def _obey(data: bytes, *, now: datetime) -> Verified:
    verified = documents.verify(data, identity.keyring(), now=now)
    document = verified.document
    if identity.audience() not in document.audience:
        raise OutOfScope(f"This {document.kind} is for {', '.join(document.audience)}.")
    obey = receiver_of(document.kind)
    _store(verified, now=now)
    audit.record(
        "document.received",
        f"{document.kind} {number_of(document.body)}",
        by=document.issuer.value,
        digest=verified.digest,
        details=document_details(document),
        at=now,
    )
    obey(verified, now=now)
    return verified


def _store(verified: Verified, *, now: datetime) -> None:
    audit.lock()  # two deliveries of one document wait for each other here
    document = verified.document
    known = IncomingDocument.objects.filter(document_id=document.id)
    if known.exists() or IncomingDocument.objects.filter(digest=verified.digest).exists():
        raise Replayed(f"{document.kind} {document.id} was already received: nothing to do.")
    stored = IncomingDocument.objects.create(
        document_id=document.id,
        digest=verified.digest,
        kind=document.kind,
        number=number_of(document.body),
        issuer=document.issuer.value,
        key_id=verified.key_id,
        data=verified.data,
        issued_at=document.issued_at,
        received_at=now,
    )
    AnnouncedFile.objects.bulk_create(
        AnnouncedFile(document=stored, kind=document.kind, digest=digest, size=size)
        for digest, size in content.listed_files(document.body).items()
    )


def receive_rotation(verified: Verified, *, now: datetime) -> None:
    """Believe the next key that a signer named with its present one.

    The keyring is written before the transaction ends: a crash between is mended by delivering
    the same rotation again.
    """
    changed = rotation.accept_rotation(identity.keyring(), verified, now)
    audit.record(
        "key.rotated",
        number_of(verified.document.body),
        by=verified.document.issuer.value,
        digest=verified.digest,
        at=now,
    )
    changed.save(identity.keyring_path())


def use_token(caller: Caller, *, now: datetime) -> bool:
    """Remember the token of a request; tell whether it was new."""
    UsedToken.objects.filter(expires_at__lt=now).delete()
    _, is_new = UsedToken.objects.get_or_create(
        jti=caller.jti, defaults={"expires_at": caller.forget_at}
    )
    return is_new
