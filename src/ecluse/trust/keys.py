"""Keys: who signs with which key, since when, and until when it is believed.

A private key is a PEM file (PKCS #8) that only its owner reads; beside it lies a `.pub` file, one
line of JSON, to give to whoever must verify. The name of a key is derived from the key itself.
"""

import base64
import binascii
import dataclasses
import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from ecluse.domain import codec
from ecluse.domain.documents import Signer
from ecluse.domain.errors import InvalidInput, Malformed, NotFound, UnknownKey
from ecluse.trust import canonical, durable

PUBLIC_KEY_BYTES: Final = 32
PRIVATE_MODE: Final = 0o600
PUBLIC_MODE: Final = 0o644


def to_base64url(data: bytes) -> str:
    """Return base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Return the bytes of the only base64url spelling that they have. Raises Malformed."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise Malformed("A base64url value holds a foreign character or a wrong length.") from error
    if to_base64url(data) != text:
        raise Malformed("A base64url value sets unused bits: ask the sender for the original.")
    return data


def to_milliseconds(at: datetime) -> datetime:
    """Return the instant in UTC without the digits that documents do not keep. Raises Malformed."""
    if at.tzinfo is None:
        raise Malformed(f"The instant {at.isoformat()} has no time zone: give it in UTC.")
    return codec.parse_instant(codec.format_instant(at))


def name_key(signer: Signer, public: bytes) -> str:
    """Return the name of a key: its signer and 16 hexadecimal characters of its SHA-256."""
    return f"{signer.value}-{hashlib.sha256(public).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What verifies a signer: believed for what was issued from `valid_from` to `valid_until`.

    Both instants are included, so that a key's last act can be to name its successor.
    `public` is the raw 32 bytes in base64url. A key with `revoked_at` verifies nothing any more.
    """

    key_id: str
    signer: Signer
    public: str
    valid_from: datetime
    valid_until: datetime | None = None
    revoked_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a key that is not 32 bytes, or that bears another key's name."""
        if len(self.raw()) != PUBLIC_KEY_BYTES:
            raise ValueError(f"Key {self.key_id} is not {PUBLIC_KEY_BYTES} bytes long.")
        if self.key_id != name_key(self.signer, self.raw()):
            raise ValueError(f"Key {self.key_id} does not bear the name derived from its bytes.")

    @classmethod
    def parse(cls, data: bytes) -> "PublicKey":
        """Return the key written by `line` in a `.pub` file. Raises Malformed."""
        key: PublicKey = codec.decode(canonical.decode(data.removesuffix(b"\n")), cls, at="key")
        return key

    def line(self) -> bytes:
        """Return the key as one line of canonical JSON, the content of a `.pub` file."""
        return canonical.encode(codec.encode(self)) + b"\n"

    def raw(self) -> bytes:
        """Return the 32 bytes of the key. Raises Malformed."""
        return from_base64url(self.public)

    def verifier(self) -> Ed25519PublicKey:
        """Return the key as an object that checks signatures."""
        return Ed25519PublicKey.from_public_bytes(self.raw())


@dataclass(frozen=True, slots=True)
class _KeyringFile:
    keys: tuple[PublicKey, ...]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key of a signer, with what the others must know of it. Never printed."""

    key_id: str
    signer: Signer
    valid_from: datetime
    private: Ed25519PrivateKey = field(repr=False, compare=False)

    def public(self) -> PublicKey:
        """Return the half that may be given to everybody."""
        raw = self.private.public_key().public_bytes_raw()
        return PublicKey(self.key_id, self.signer, to_base64url(raw), self.valid_from)

    def sign(self, data: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of `data`."""
        return self.private.sign(data)


class Keyring:
    """The public keys that one side believes, by name. A keyring never changes: it is replaced."""

    def __init__(self, keys: Iterable[PublicKey] = ()) -> None:
        self.keys = {key.key_id: key for key in sorted(keys, key=lambda key: key.key_id)}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keyring) and self.keys == other.keys

    __hash__ = None  # type: ignore[assignment]  # compared by content, and the content is a dict

    @classmethod
    def load(cls, path: Path) -> Self:
        """Return the keyring of a file; a missing file is an empty keyring. Raises Malformed."""
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return cls()
        content: _KeyringFile = codec.decode(canonical.decode(data), _KeyringFile, at="keyring")
        return cls(content.keys)

    def save(self, path: Path) -> None:
        """Write the keyring in the place of the former one. Raises StorageFull."""
        content = _KeyringFile(tuple(self.keys.values()))
        durable.write(path, canonical.encode(codec.encode(content)), mode=PUBLIC_MODE)

    def find(self, key_id: str) -> PublicKey:
        """Return the key of this name. Raises UnknownKey when it is absent or revoked."""
        key = self.keys.get(key_id)
        if key is None:
            raise UnknownKey(
                f"Key {key_id[:80]!r} is not in this keyring: check its fingerprint with its "
                "owner, then add its .pub file."
            )
        if key.revoked_at is not None:
            raise UnknownKey(
                f"Key {key_id} was revoked on {codec.format_instant(key.revoked_at)}: "
                "ask its owner to sign again with the present key."
            )
        return key

    def with_key(self, key: PublicKey) -> "Keyring":
        """Return this keyring with one more key, or with that key's new dates."""
        return Keyring([*(self.keys | {key.key_id: key}).values()])

    def retired(self, key_id: str, at: datetime) -> "Keyring":
        """Return this keyring believing the key only for what was issued until `at`."""
        return self.with_key(dataclasses.replace(self.find(key_id), valid_until=at))

    def revoked(self, key_id: str, at: datetime) -> "Keyring":
        """Return this keyring believing nothing of the key any more: it was lost or stolen."""
        return self.with_key(dataclasses.replace(self.find(key_id), revoked_at=at))

    def of(self, signer: Signer) -> tuple[PublicKey, ...]:
        """Return the keys of one signer, oldest first."""
        keys = (key for key in self.keys.values() if key.signer == signer)
        return tuple(sorted(keys, key=lambda key: (key.valid_from, key.key_id)))


def create_key(folder: Path, signer: Signer, *, now: datetime) -> SigningKey:
    """Return a new key of `signer`, written in `folder` as `<key id>.key` and `<key id>.pub`.

    Raises:
        StorageFull: no space is left; no half-written key stays.
    """
    key = draw_key(signer, now=now)
    store_key(folder, key)
    return key


def draw_key(signer: Signer, *, now: datetime) -> SigningKey:
    """Return a new key at random, kept nowhere yet."""
    private = Ed25519PrivateKey.generate()
    key_id = name_key(signer, private.public_key().public_bytes_raw())
    return SigningKey(key_id, signer, to_milliseconds(now), private)


def store_key(folder: Path, key: SigningKey) -> None:
    """Write a key as `<key id>.key` and `<key id>.pub`. Raises StorageFull."""
    pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    durable.write(folder / f"{key.key_id}.key", pem, mode=PRIVATE_MODE)
    # The `.pub` file comes last: a key without it is not used, so a crash between leaves no harm.
    durable.write(folder / f"{key.key_id}.pub", key.public().line(), mode=PUBLIC_MODE)


def load_signing_key(folder: Path, signer: Signer) -> SigningKey:
    """Return the newest key of `signer` in `folder` that is not retired.

    Raises:
        NotFound: there is none.
        InvalidInput: its file can be read by other accounts, or is not a key.
    """
    keys = [key for key in public_keys(folder) if key.signer == signer and not _is_over(key)]
    if not keys:
        raise NotFound(
            f"No key of {signer.value} in {folder}: make one with "
            f"`ecluse keys create {signer.value}`."
        )
    newest = max(keys, key=lambda key: (key.valid_from, key.key_id))
    private = _load_private(folder / f"{newest.key_id}.key")
    if private.public_key().public_bytes_raw() != newest.raw():
        raise InvalidInput(f"{newest.key_id}.key and {newest.key_id}.pub are not one pair.")
    return SigningKey(newest.key_id, signer, newest.valid_from, private)


def load_retired_keys(folder: Path, signer: Signer) -> tuple[SigningKey, ...]:
    """Return the keys of `signer` in `folder` that sign nothing new, and are still there.

    Raises:
        InvalidInput: a file can be read by other accounts, or is not a key.
    """
    over = [key for key in public_keys(folder) if key.signer == signer and _is_over(key)]
    files = {key: folder / f"{key.key_id}.key" for key in over}
    return tuple(
        SigningKey(key.key_id, signer, key.valid_from, _load_private(path))
        for key, path in files.items()
        if path.exists()
    )


def public_keys(folder: Path) -> tuple[PublicKey, ...]:
    """Return the public halves of the keys kept in `folder`, in the order of their names.

    Raises:
        Malformed: a `.pub` file is not one line of canonical JSON.
    """
    name = re.compile(rf"({'|'.join(signer.value for signer in Signer)})-[0-9a-f]{{16}}\.pub")
    paths = sorted(path for path in folder.glob("*.pub") if name.fullmatch(path.name))
    return tuple(PublicKey.parse(path.read_bytes()) for path in paths)


def retire(folder: Path, key_id: str, *, at: datetime) -> None:
    """Note in the `.pub` file of a key of ours that it signs nothing from `at`."""
    path = folder / f"{key_id}.pub"
    key = PublicKey.parse(path.read_bytes())
    over = dataclasses.replace(key, valid_until=to_milliseconds(at))
    durable.write(path, over.line(), mode=PUBLIC_MODE)


def _is_over(key: PublicKey) -> bool:
    return key.valid_until is not None or key.revoked_at is not None


def _load_private(path: Path) -> Ed25519PrivateKey:
    try:
        mode = path.stat().st_mode & 0o777
        pem = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"{path} is missing: restore it, or make a new key.") from error
    if mode & 0o077:
        raise InvalidInput(
            f"{path} can be read by other accounts (mode {mode:04o}): run `chmod 600 {path}`, "
            "and replace the key with `ecluse keys rotate` if others may have copied it."
        )
    return _parse_private(pem, path=path)


def _parse_private(pem: bytes, *, path: Path) -> Ed25519PrivateKey:
    load: Callable[..., object] = load_pem_private_key
    try:
        private = load(pem, password=None)
    except (ValueError, TypeError) as error:
        raise InvalidInput(f"{path} is not a PEM private key: restore it from its copy.") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise InvalidInput(f"{path} is not an Ed25519 key: make one with `ecluse keys create`.")
    return private
