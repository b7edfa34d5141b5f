"""The key of a lake: 32 random bytes that wrap the key of every file, kept outside the lake.

Each Parquet file is encrypted with a key of its own, kept in the file wrapped by the key of the
lake. Whoever destroys the key of the lake makes every copy of every file unreadable, backups too.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ecluse.domain.errors import BadSignature, InvalidInput, Malformed, NotFound
from ecluse.trust import durable, keys

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
KEY_ID: Final = re.compile(r"lake-[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class LakeKey:
    """The key that wraps the keys of files. Never printed, never compared by its bytes."""

    key_id: str
    secret: bytes = field(repr=False, compare=False)

    def wrap(self, file_key: bytes) -> str:
        """Return a file's key as text that this key alone opens (AES-256-GCM)."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self.secret).encrypt(nonce, file_key, self.key_id.encode())
        return keys.to_base64url(nonce + sealed)

    def unwrap(self, wrapped: str) -> bytes:
        """Return the file's key. Raises BadSignature where another key wrapped it."""
        try:
            data = keys.from_base64url(wrapped)
            nonce, sealed = data[:NONCE_BYTES], data[NONCE_BYTES:]
            return AESGCM(self.secret).decrypt(nonce, sealed, self.key_id.encode())
        except (InvalidTag, Malformed, ValueError):
            raise BadSignature(f"A file's key is not wrapped by {self.key_id}.") from None


def draw_lake_key() -> LakeKey:
    """Return a new key at random, kept nowhere yet."""
    return _named(secrets.token_bytes(KEY_BYTES))


def create_lake_key(path: Path) -> LakeKey:
    """Return a new key, written in the file `path`, which its owner alone reads.

    Raises:
        InvalidInput: the file exists: a key that is overwritten is data that is lost.
        StorageFull: no space is left; no half-written key stays.
    """
    if path.exists():
        raise InvalidInput(f"{path} exists: name another file, or use the key that it holds.")
    key = draw_lake_key()
    path.parent.mkdir(mode=keys.PRIVATE_MODE | 0o100, parents=True, exist_ok=True)
    durable.write(path, keys.to_base64url(key.secret).encode() + b"\n", mode=keys.PRIVATE_MODE)
    return key


def load_lake_key(path: Path) -> LakeKey:
    """Return the key kept in the file `path`.

    Raises:
        NotFound: no such file.
        InvalidInput: other accounts can read it, or it is not a key.
    """
    if not path.is_file():
        raise NotFound(f"{path} is missing: restore it from its copy; without it nothing is read.")
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise InvalidInput(
            f"{path} can be read by other accounts (mode {mode:04o}): run `chmod 600 {path}`."
        )
    try:
        secret = keys.from_base64url(path.read_text(encoding="ascii").strip())
    except (Malformed, UnicodeDecodeError):
        secret = b""
    if len(secret) != KEY_BYTES:
        raise InvalidInput(f"{path} is not the key of a lake: restore it from its copy.")
    return _named(secret)


def _named(secret: bytes) -> LakeKey:
    return LakeKey(f"lake-{hashlib.sha256(b'ecluse-lake-key' + secret).hexdigest()[:16]}", secret)
