"""The two keys of pseudonyms, each in the hands of another custodian.

A pseudonym takes both levels, first then second; each custodian holds the key of one. A key never
serves as it is: for each project and kind of value it gives a key of that purpose, made with
HMAC-SHA-256, so that a key in a security module never leaves it.

A key file is one line of canonical JSON that its owner alone reads. With a passphrase, the secret
in it is sealed with AES-256-GCM under a key made by scrypt: whoever copies the file needs both.
"""

import hmac
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ecluse.domain import codec
from ecluse.domain.errors import BadSignature, InvalidInput, Malformed, NotAllowed, NotFound
from ecluse.trust import canonical, durable, keys
from ecluse.trust.custody.core_dumps import forbid_core_dumps
from ecluse.trust.custody.secrets import KEY_BYTES, Secret

NONCE_BYTES: Final = 12
SALT_BYTES: Final = 16
SCRYPT: Final = {"n": 2**15, "r": 8, "p": 1}
"""32 MiB and about 0.1 s a try (RFC 7914)."""
KIND: Final = "ecluse-pseudonym-key"
FIRST, SECOND = 1, 2
LEVELS: Final = frozenset({FIRST, SECOND})
KEY_ID: Final = re.compile(r"pseudonym-[12]-[0-9a-f]{16}")
NAMING: Final = "ecluse pseudonym key id"


class LevelKey(Protocol):
    """The key of one level, in its custodian's hands."""

    @property
    def level(self) -> int:
        """1, nearest to the values, or 2."""

    @property
    def key_id(self) -> str:
        """`pseudonym-<level>-` and 16 hexadecimal characters that come from the key."""

    def derive(self, purpose: str) -> Secret:
        """Return the 32-byte key of one purpose: HMAC-SHA-256 of its name under this key."""


@dataclass(frozen=True, slots=True)
class FileKey:
    """A key that was read from a file: its 32 bytes are in this process. Never printed, copied."""

    level: int
    secret: bytes = field(repr=False, compare=False)
    key_id: str = field(init=False)

    def __post_init__(self) -> None:
        if self.level not in LEVELS or len(self.secret) != KEY_BYTES:
            raise InvalidInput(f"A pseudonym key has level 1 or 2 and {KEY_BYTES} bytes.")
        object.__setattr__(self, "secret", Secret(self.secret))
        object.__setattr__(self, "key_id", name_level_key(self.level, self.derive(NAMING)))

    def derive(self, purpose: str) -> Secret:
        """Return the 32-byte key of one purpose."""
        return Secret(hmac.digest(self.secret, purpose.encode(), "sha256"))

    def __reduce__(self) -> NoReturn:
        raise NotAllowed(f"{self.key_id} is never copied out of its process.")


def name_level_key(level: int, derived: bytes) -> str:
    """Return the name of a key, from what it derives for the purpose `NAMING`."""
    return f"pseudonym-{level}-{derived.hex()[:16]}"


def draw_level_key(level: int) -> FileKey:
    """Return a new key at random, kept nowhere yet."""
    forbid_core_dumps()
    return FileKey(level, secrets.token_bytes(KEY_BYTES))


def store_level_key(path: Path, key: FileKey, *, passphrase: str | None = None) -> None:
    """Write a key in the file `path` for its owner alone. Raises InvalidInput, StorageFull."""
    if path.exists():
        raise InvalidInput(f"{path} exists: keep it, or name another file for a new version.")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    data = canonical.encode(_content(key, passphrase)) + b"\n"
    durable.write(path, data, mode=keys.PRIVATE_MODE)


def load_level_key(path: Path, level: int, *, passphrase: str | None = None) -> FileKey:
    """Return the key of `level` kept in the file `path`.

    Raises:
        NotFound: no such file.
        InvalidInput: other accounts can read it, it is not a key of this level, or it is sealed
            and no passphrase is given.
        BadSignature: the passphrase is not the one that sealed it.
    """
    forbid_core_dumps()
    content = _read(path)
    if content.get("kind") != KIND or content.get("level") != level:
        raise InvalidInput(f"{path} is not a pseudonym key of level {level}: restore its copy.")
    try:
        key = FileKey(level, _secret(content, passphrase, path=path))
    except (Malformed, KeyError, TypeError):
        raise InvalidInput(f"{path} is not a pseudonym key: restore it from its copy.") from None
    if key.key_id != content.get("key_id"):
        raise InvalidInput(f"{path} was altered: its key is not the one it names. Restore it.")
    return key


def _content(key: FileKey, passphrase: str | None) -> dict[str, codec.JSON]:
    content: dict[str, codec.JSON] = {"key_id": key.key_id, "kind": KIND, "level": key.level}
    if passphrase is None:
        return {**content, "secret": keys.to_base64url(key.secret)}
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    sealed = _cipher(passphrase, salt).encrypt(nonce, key.secret, key.key_id.encode())
    names = {"salt": salt, "nonce": nonce, "sealed": sealed}
    return {**content, **{name: keys.to_base64url(data) for name, data in names.items()}}


def _read(path: Path) -> dict[str, codec.JSON]:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read()
    except FileNotFoundError:
        raise NotFound(
            f"{path} is missing: restore it from its copy; without it no pseudonym is made again."
        ) from None
    if mode & 0o077:
        raise InvalidInput(f"{path} can be read by other accounts: run `chmod 600 {path}`.")
    try:
        content = canonical.decode(data.rstrip(b"\n"))
    except Malformed:
        content = None
    if not isinstance(content, dict):
        raise InvalidInput(f"{path} is not a pseudonym key: restore it from its copy.")
    return content


def _secret(content: dict[str, codec.JSON], passphrase: str | None, *, path: Path) -> bytes:
    if "secret" in content:
        return _bytes(content, "secret")
    if passphrase is None:
        raise InvalidInput(f"{path} is sealed: give the passphrase that opens it.")
    salt, nonce, sealed = (_bytes(content, name) for name in ("salt", "nonce", "sealed"))
    try:
        return _cipher(passphrase, salt).decrypt(nonce, sealed, str(content["key_id"]).encode())
    except (InvalidTag, ValueError):
        raise BadSignature(f"This passphrase does not open {path}: try another.") from None


def _bytes(content: dict[str, codec.JSON], name: str) -> bytes:
    text = content[name]
    if not isinstance(text, str):
        raise Malformed(f"{name} is not text.")
    return keys.from_base64url(text)


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=KEY_BYTES, **SCRYPT).derive(passphrase.encode()))
