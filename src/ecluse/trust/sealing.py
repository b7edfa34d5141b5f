"""Messages that one receiver alone opens: HPKE (RFC 9180), X25519, HKDF-SHA-256, AES-256-GCM.

A receiver's key pair is two files, `<name>.opening.key`, which its owner alone reads, and
`<name>.opening.pub`, 32 bytes in base64url, to give to whoever sends. Sealing does not say who
sent: what must be believed is signed as well.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from ecluse.domain.errors import BadSignature, InvalidInput, Malformed, NotFound
from ecluse.trust import durable, keys

SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
PRIVATE: Final = ".opening.key"
PUBLIC: Final = ".opening.pub"


@dataclass(frozen=True, slots=True)
class OpeningKey:
    """The key that opens what was sealed for its owner. Never printed."""

    private: X25519PrivateKey = field(repr=False, compare=False)

    def public(self) -> X25519PublicKey:
        """Return the half to give to senders."""
        return self.private.public_key()

    def open(self, sealed: bytes, *, purpose: str) -> bytes:
        """Return the message. Raises BadSignature: for another, for another purpose, or altered."""
        try:
            return SUITE.decrypt(sealed, self.private, purpose.encode())
        except (InvalidTag, ValueError):
            raise BadSignature(
                "This message was sealed for another key or another purpose, or was altered: ask "
                "its sender for it again."
            ) from None


def seal(message: bytes, receiver: X25519PublicKey, *, purpose: str) -> bytes:
    """Return a message that `receiver` alone opens, for this purpose alone."""
    return SUITE.encrypt(message, receiver, purpose.encode())


def create_opening_key(folder: Path, name: str) -> OpeningKey:
    """Return a new key, written in `folder`. Raises InvalidInput when it exists, StorageFull."""
    path = folder / f"{name}{PRIVATE}"
    if path.exists():
        raise InvalidInput(f"{path} exists: what was sealed for it needs it. Name another.")
    key = OpeningKey(X25519PrivateKey.generate())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = keys.to_base64url(key.private.private_bytes_raw())
    durable.write(path, f"{secret}\n".encode(), mode=keys.PRIVATE_MODE)
    public = keys.to_base64url(key.public().public_bytes_raw())
    durable.write(folder / f"{name}{PUBLIC}", f"{public}\n".encode(), mode=keys.PUBLIC_MODE)
    return key


def load_opening_key(path: Path) -> OpeningKey:
    """Return the key of a `.opening.key` file. Raises NotFound, InvalidInput."""
    if path.is_file() and path.stat().st_mode & 0o077:
        raise InvalidInput(f"{path} can be read by other accounts: run `chmod 600 {path}`.")
    return OpeningKey(X25519PrivateKey.from_private_bytes(_read(path)))


def load_receiver(path: Path) -> X25519PublicKey:
    """Return the public half of a `.opening.pub` file. Raises NotFound, InvalidInput."""
    return X25519PublicKey.from_public_bytes(_read(path))


def _read(path: Path) -> bytes:
    try:
        raw = keys.from_base64url(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        raise NotFound(f"{path} is missing: check its name, or restore it.") from None
    except (Malformed, UnicodeDecodeError):
        raw = b""
    if len(raw) != keys.PUBLIC_KEY_BYTES:
        raise InvalidInput(f"{path} is not a key that seals or opens: restore it from its copy.")
    return raw
