"""The key of a secure zone, which wraps the keys of extracts; in a file or in a security module.

It never serves as it is: for each key that it wraps it derives another with HMAC-SHA-256, from
random bytes kept beside what is wrapped, so that in a module it never leaves it.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ecluse.domain.errors import BadSignature, InvalidInput, Malformed, NotAllowed, NotFound
from ecluse.trust import durable, keys
from ecluse.trust.custody.core_dumps import forbid_core_dumps
from ecluse.trust.custody.secrets import KEY_BYTES, Secret

SALT_BYTES: Final = 32
NAMING: Final = "ecluse zone key id"
WRAPPING: Final = "ecluse zone wrapping"
NONCE: Final = bytes(12)
"""Each derived key wraps one key, once: the nonce need not change."""


class ZoneKey(Protocol):
    """The key of a zone, in its custodian's hands."""

    @property
    def key_id(self) -> str:
        """`zone-` and 16 hexadecimal characters that come from the key."""

    def derive(self, purpose: str) -> Secret:
        """Return the 32-byte key of one purpose: HMAC-SHA-256 of its name under this key."""


@dataclass(frozen=True, slots=True)
class FileZoneKey:
    """A zone's key that was read from a file. Never printed, copied."""

    secret: bytes = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise InvalidInput(f"The key of a zone has {KEY_BYTES} bytes.")
        object.__setattr__(self, "secret", Secret(self.secret))

    @property
    def key_id(self) -> str:
        """The name that comes from the key."""
        return name_zone_key(self.derive(NAMING))

    def derive(self, purpose: str) -> Secret:
        """Return the 32-byte key of one purpose."""
        return Secret(hmac.digest(self.secret, purpose.encode(), "sha256"))

    def __reduce__(self) -> NoReturn:
        raise NotAllowed("The key of a zone is never copied out of its process.")


def name_zone_key(derived: bytes) -> str:
    """Return the name of a key, from what it derives for the purpose `NAMING`."""
    return f"zone-{hashlib.sha256(derived).hexdigest()[:16]}"


def wrap(key: ZoneKey, secret: bytes, *, subject: str) -> str:
    """Return a secret as text that this key alone opens, for this subject alone."""
    salt = secrets.token_bytes(SALT_BYTES)
    sealed = _cipher(key, salt).encrypt(NONCE, secret, subject.encode())
    return keys.to_base64url(salt + sealed)


def unwrap(key: ZoneKey, wrapped: str, *, subject: str) -> Secret:
    """Return the secret. Raises BadSignature: wrapped by another key, for another, or altered."""
    try:
        data = keys.from_base64url(wrapped)
        salt, sealed = data[:SALT_BYTES], data[SALT_BYTES:]
        return Secret(_cipher(key, salt).decrypt(NONCE, sealed, subject.encode()))
    except (InvalidTag, Malformed, ValueError):
        raise BadSignature(f"The key of {subject} is not wrapped by {key.key_id}.") from None


def create_zone_key(path: Path) -> FileZoneKey:
    """Return a new key, written in the file `path` for its owner alone.

    Raises:
        InvalidInput: the file exists: every extract of the zone needs the key that it holds.
        StorageFull: no space is left; no half-written key stays.
    """
    if path.exists():
        raise InvalidInput(f"{path} exists: keep it, every extract of this zone needs it.")
    forbid_core_dumps()
    key = FileZoneKey(secrets.token_bytes(KEY_BYTES))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    durable.write(path, keys.to_base64url(key.secret).encode() + b"\n", mode=keys.PRIVATE_MODE)
    return key


def load_zone_key(path: Path) -> FileZoneKey:
    """Return the key kept in the file `path`.

    Raises:
        NotFound: no such file.
        InvalidInput: other accounts can read it, or it is not a key.
    """
    forbid_core_dumps()
    if not path.is_file():
        raise NotFound(f"{path} is missing: restore it; without it no extract is read.")
    if path.stat().st_mode & 0o077:
        raise InvalidInput(f"{path} can be read by other accounts: run `chmod 600 {path}`.")
    try:
        secret = keys.from_base64url(path.read_text(encoding="ascii").strip())
        return FileZoneKey(secret)
    except (InvalidInput, Malformed, UnicodeDecodeError):
        raise InvalidInput(f"{path} is not the key of a zone: restore it from its copy.") from None


def _cipher(key: ZoneKey, salt: bytes) -> AESGCM:
    return AESGCM(key.derive(f"{WRAPPING}\0{salt.hex()}"))
