"""Checkpoints: the size and root of a journal, signed (C2SP tlog-checkpoint in a signed note).

    example/journal
    3
    lIIYwKqtvP9Dn3zcHeFPN0cSTr0FhjcdvY5CDlDvbfA=
    <empty line>
    — agent-0123456789abcdef <base64 of 4 bytes of key hash and 64 bytes of signature>

The name after the dash is the key's own, so that the keyring finds it.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature

from ecluse.domain.errors import BadSignature, Malformed
from ecluse.trust.keys import Keyring, PublicKey, SigningKey

WITNESSED: Final = "checkpoint.witnessed"
MAX_CHARACTERS: Final = 4096
DASH: Final = "— "
_ED25519: Final = b"\x01"
_HASH_BYTES: Final = 4
_ROOT_BYTES: Final = 32
_SIGNED_BYTES: Final = _HASH_BYTES + 64


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a signer said of a journal: after `size` entries its root was `root`."""

    origin: str
    size: int
    root: bytes
    key_id: str


def sign_checkpoint(origin: str, size: int, root: bytes, key: SigningKey) -> str:
    """Return the signed note that says: journal `origin` has `size` entries under `root`.

    `origin` names one journal for ever, for instance `hub.example/portal`. Raises Malformed.
    """
    if not _is_name(origin) or size < 0 or len(root) != _ROOT_BYTES:
        raise Malformed(f"{origin[:80]!r} with {size} entries cannot be a checkpoint.")
    text = f"{origin}\n{size}\n{to_base64(root)}\n"
    signed = _key_hash(key.public()) + key.sign(text.encode())
    return f"{text}\n{DASH}{key.key_id} {to_base64(signed)}\n"


def verify_checkpoint(note: str, keyring: Keyring) -> Checkpoint:
    """Return the checkpoint that a believed key signed.

    A checkpoint bears no instant, so a retired key's ones stay true: only revocation ends them.

    Raises:
        Malformed: not a checkpoint with exactly one signature, in its only spelling.
        UnknownKey: the key is not in the keyring, or was revoked.
        BadSignature: altered, or signed by another key.
    """
    checkpoint, signed = _parse(note)
    key = keyring.find(checkpoint.key_id)
    try:
        key.verifier().verify(signed[_HASH_BYTES:], _signed_text(note))
    except InvalidSignature as error:
        raise BadSignature(
            f"The checkpoint of {checkpoint.origin} at {checkpoint.size} entries does not match "
            f"the signature of {key.key_id}: ask for the original."
        ) from error
    if not hmac.compare_digest(signed[:_HASH_BYTES], _key_hash(key)):
        raise BadSignature(f"The checkpoint of {checkpoint.origin} bears another key's hash.")
    return checkpoint


def read_checkpoint(note: str) -> Checkpoint:
    """Return what a note says, its signature unchecked. Raises Malformed."""
    return _parse(note)[0]


def witness_details(note: str) -> Mapping[str, str | int]:
    """Return the details of the journal entry `checkpoint.witnessed` that keeps another's note.

    The entry's subject is the note's origin. Kept so, a note is itself under the witness's root.
    """
    checkpoint = read_checkpoint(note)
    return {"note": note, "origin": checkpoint.origin, "size": checkpoint.size}


def _parse(note: str) -> tuple[Checkpoint, bytes]:
    if len(note) > MAX_CHARACTERS:
        raise Malformed(f"A checkpoint has at most {MAX_CHARACTERS} characters.")
    lines = note.split("\n")
    if len(lines) != 6 or lines[3] or lines[5] or not lines[4].startswith(DASH):  # noqa: PLR2004
        raise Malformed("A checkpoint has three lines, an empty one, and one signature.")
    origin, digits, root_text, _, signature, _ = lines
    key_id, _, signed_text = signature.removeprefix(DASH).partition(" ")
    size, root = _number(digits), from_base64(root_text, length=_ROOT_BYTES)
    if not _is_name(origin) or not _is_name(key_id):
        raise Malformed("A checkpoint's origin and key name hold no space and are not empty.")
    return Checkpoint(origin, size, root, key_id), from_base64(signed_text, length=_SIGNED_BYTES)


def _signed_text(note: str) -> bytes:
    return note[: note.index("\n\n") + 1].encode()


def _number(digits: str) -> int:
    if not digits.isascii() or not digits.isdigit() or str(int(digits)) != digits:
        raise Malformed("A checkpoint's size is not a plain decimal number.")
    return int(digits)


def _is_name(text: str) -> bool:
    return bool(text) and text.isprintable() and " " not in text and "+" not in text


def _key_hash(key: PublicKey) -> bytes:
    """Return the key's hash of the C2SP signed note format."""
    return hashlib.sha256(key.key_id.encode() + b"\n" + _ED25519 + key.raw()).digest()[:_HASH_BYTES]


def to_base64(data: bytes) -> str:
    """Return base64 as notes spell it."""
    return base64.b64encode(data).decode()


def from_base64(text: str, *, length: int) -> bytes:
    """Return `length` bytes from the only base64 spelling that they have. Raises Malformed."""
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise Malformed("A checkpoint holds a value that is not base64.") from error
    if len(data) != length or to_base64(data) != text:
        raise Malformed("A checkpoint holds base64 of another length or spelling.")
    return data
