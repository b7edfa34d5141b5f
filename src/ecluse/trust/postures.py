"""Reports on the posture of an installation, signed by a key of it and dated.

    {"report": {...}, "key_id": "portal-…", "signature": "base64url of 64 bytes"}

The signature is Ed25519 over `ecluse posture 1` and the report in canonical JSON.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature

from ecluse.domain import codec
from ecluse.domain.errors import BadSignature
from ecluse.domain.posture import PostureReport
from ecluse.trust import canonical
from ecluse.trust.keys import Keyring, SigningKey, from_base64url, to_base64url

PREFIX: Final = b"ecluse posture 1\n"


@dataclass(frozen=True, slots=True)
class _Signed:
    report: PostureReport
    key_id: str
    signature: str


def sign(report: PostureReport, key: SigningKey) -> bytes:
    """Return the signed report, as bytes of canonical JSON."""
    signature = to_base64url(key.sign(_signed_bytes(report)))
    return canonical.encode(codec.encode(_Signed(report, key.key_id, signature)))


def read(data: bytes, keyring: Keyring) -> PostureReport:
    """Return a report that a believed key signed.

    Raises:
        Malformed: this is no report.
        UnknownKey: the key is not believed.
        BadSignature: the report is not what was signed.
    """
    signed: _Signed = codec.decode(canonical.decode(data), _Signed, at="posture")
    key = keyring.find(signed.key_id)
    try:
        key.verifier().verify(from_base64url(signed.signature), _signed_bytes(signed.report))
    except InvalidSignature:
        raise BadSignature("This report on the posture is not the one that was signed.") from None
    return signed.report


def _signed_bytes(report: PostureReport) -> bytes:
    return PREFIX + canonical.encode(codec.encode(report))
