"""Signed documents: bytes that prove who issued what, to anybody, without a network.

A signed document is one canonical JSON object, `{"document": …, "signature": …}`. The signature is
a detached JWS (RFC 7515 appendix F, RFC 7797) over the canonical bytes of `document`, with Ed25519
and nothing else. Of one signed document there is one spelling: any other byte is refused.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import jwt

from ecluse.domain import codec
from ecluse.domain.documents import SIGNERS, Body, Document, Signer, from_json, to_json
from ecluse.domain.errors import BadSignature, Expired, Malformed, NotYetValid, WrongSigner
from ecluse.trust import canonical, keys
from ecluse.trust.keys import Keyring, PublicKey, SigningKey

MAX_BYTES: Final = 16 * 1024 * 1024
CLOCK_TOLERANCE: Final = timedelta(minutes=5)
ALGORITHM: Final = "EdDSA"
TYPE: Final = "ecluse-document"
SIGNATURE_BYTES: Final = 64
_JWS: Final = jwt.PyJWS(algorithms=[ALGORITHM])


@dataclass(frozen=True, slots=True)
class Verified:
    """A document whose signature was checked: the only form that may be obeyed."""

    document: Document
    digest: str
    key_id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class _Envelope:
    content: codec.JSON
    signature: str
    key_id: str


def new_document(
    body: Body,
    *,
    issuer: Signer,
    audience: tuple[str, ...],
    now: datetime,
    expires_at: datetime | None = None,
) -> Document:
    """Return `body` with a fresh header, issued at `now` to the millisecond."""
    return Document(
        id=str(uuid.uuid4()),
        issuer=issuer,
        audience=audience,
        issued_at=keys.to_milliseconds(now),
        expires_at=None if expires_at is None else keys.to_milliseconds(expires_at),
        body=body,
    )


def sign(document: Document, key: SigningKey) -> bytes:
    """Return the signed document. Whether `key` may sign this kind is for the reader to judge.

    Raises:
        Malformed: the document holds a value without canonical spelling, or is over 16 MiB.
    """
    content = to_json(document)
    header = _header(key.key_id)
    signature = _JWS.encode(
        canonical.encode(content), key.private, ALGORITHM, headers=header, is_payload_detached=True
    )
    data = canonical.encode({"document": content, "signature": signature})
    if len(data) > MAX_BYTES:
        raise Malformed(
            f"This {document.kind} is {len(data)} bytes long, more than the {MAX_BYTES} that a "
            "reader accepts: send less at once."
        )
    return data


def verify(data: bytes, keyring: Keyring, *, now: datetime) -> Verified:
    """Return the document if every byte of `data` is what a believed key signed.

    Checked in this order: size, spelling, shape, key, signature, right to sign, last day.

    Raises:
        Malformed: over 16 MiB, not canonical, or not of the published shape.
        UnknownKey: the key is not in the keyring, or was revoked.
        Expired: issued after the key was retired, or past its own last instant.
        NotYetValid: issued before the key began, or over five minutes ahead of `now`.
        BadSignature: altered, or signed by another key.
        WrongSigner: this key's owner may not sign this kind, or is not the issuer named.
    """
    envelope = _open(data)
    document = from_json(envelope.content)
    key = keyring.find(envelope.key_id)
    _check_key_dates(document, key, now=now)
    _check_signature(envelope, key)
    _check_signer(document, key)
    if document.expires_at is not None and now >= document.expires_at:
        raise Expired(
            f"{document.kind} {document.id} expired on "
            f"{codec.format_instant(document.expires_at)}: ask {document.issuer} for a new one."
        )
    return Verified(document, canonical.digest(data), key.key_id, data)


def _header(key_id: str) -> dict[str, object]:
    return {"b64": False, "crit": ["b64"], "kid": key_id, "typ": TYPE}


def _open(data: bytes) -> _Envelope:
    if len(data) > MAX_BYTES:
        raise Malformed(f"{len(data)} bytes is more than the {MAX_BYTES} of a document.")
    envelope = canonical.decode(data)
    if not isinstance(envelope, dict) or envelope.keys() != {"document", "signature"}:
        raise Malformed("A signed document has two members, `document` and `signature`.")
    signature = envelope["signature"]
    if not isinstance(signature, str):
        raise Malformed("The signature is not text.")
    return _Envelope(envelope["document"], signature, _read_key_id(signature))


def _read_key_id(signature: str) -> str:
    """Return the key that a detached JWS names, when its header is exactly the one we write."""
    parts = signature.split(".")
    if len(parts) != 3 or parts[1]:  # noqa: PLR2004 - a compact JWS has three parts
        raise Malformed("The signature is not a detached JWS `header..signature`.")
    if len(keys.from_base64url(parts[2])) != SIGNATURE_BYTES:
        raise Malformed(f"The signature is not {SIGNATURE_BYTES} bytes long.")
    header = canonical.decode(keys.from_base64url(parts[0]))
    key_id = header.get("kid") if isinstance(header, dict) else None
    if not isinstance(key_id, str) or header != {"alg": ALGORITHM, **_header(key_id)}:
        raise Malformed(f"The signature's header is not that of an {ALGORITHM} {TYPE}.")
    return key_id


def _check_key_dates(document: Document, key: PublicKey, *, now: datetime) -> None:
    issued_at = document.issued_at
    if issued_at > now + CLOCK_TOLERANCE:
        raise NotYetValid(
            f"{document.kind} {document.id} is dated {codec.format_instant(issued_at)}, ahead of "
            f"{codec.format_instant(now)} here: compare the clocks of both machines."
        )
    if issued_at < key.valid_from:
        raise NotYetValid(f"{document.kind} {document.id} is older than its key {key.key_id}.")
    if key.valid_until is not None and issued_at > key.valid_until:
        raise Expired(
            f"{document.kind} {document.id} was issued after its key {key.key_id} was retired: "
            f"ask {key.signer.value} to sign it again."
        )


def _check_signature(envelope: _Envelope, key: PublicKey) -> None:
    payload = canonical.encode(envelope.content)
    try:
        _JWS.decode(
            envelope.signature, key.verifier(), algorithms=[ALGORITHM], detached_payload=payload
        )
    except jwt.PyJWTError as error:
        raise BadSignature(
            f"The content does not match the signature of {key.key_id}: it was altered, or signed "
            "by another key. Ask the sender for the original file."
        ) from error


def _check_signer(document: Document, key: PublicKey) -> None:
    if document.issuer != key.signer or key.signer not in SIGNERS[document.kind]:
        raise WrongSigner(
            f"Key {key.key_id} of {key.signer.value} may not sign a {document.kind} "
            f"issued by {document.issuer.value}."
        )
