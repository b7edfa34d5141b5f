"""Headers: what is known of a data key, and the list of its wraps, apart from what it seals.

<data key id>.json

A wrap is the data key closed for one holder: under one of the holder's keys, or for the public half
of a hybrid key. To add a holder, or to drop one, writes this small file anew and no byte of data.
Each header is signed by whoever keeps the folder.
"""

import hmac
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from ecluse.domain.errors import BadSignature, InvalidInput, NotAllowed, NotFound
from ecluse.trust import durable, keys
from ecluse.trust.custody.destruction import destroy_file
from ecluse.trust.custody.secrets import Secret
from ecluse.trust.envelopes import signatures
from ecluse.trust.envelopes.chunks import USUAL_BITS
from ecluse.trust.envelopes.hybrid import HybridKey, Receiver
from ecluse.trust.keys import Keyring, SigningKey
from ecluse.trust.zone import keys as zone_keys
from ecluse.trust.zone.keys import ZoneKey
from ecluse.trust.zone.sealed_files import KEY_ID, DataKey

CHECKING: Final = b"ecluse data key check"
SIGNING: Final = "data key header"


class Means(StrEnum):
    """How a data key is closed for a holder."""

    KEY = "key"
    HYBRID = "hybrid"


@dataclass(frozen=True, slots=True)
class Wrap:
    """A data key closed for one holder; `key_id` names the holder's key that opens it."""

    holder: str
    means: Means
    key_id: str
    wrapped: str


@dataclass(frozen=True, slots=True)
class Header:
    """A data key: what it is for, how it seals, and its wraps, one a holder.

    `check` comes from the key: whoever unwraps knows that it is the right one. `serial` counts the
    times that the header was written.
    """

    key_id: str
    subject: str
    purpose: str
    check: str
    wraps: tuple[Wrap, ...]
    chunk_bits: int = USUAL_BITS
    serial: int = 1

    def wrap_of(self, holder: str) -> Wrap:
        """Return the wrap of a holder. Raises NotFound."""
        for wrap in self.wraps:
            if wrap.holder == holder:
                return wrap
        raise NotFound(f"The data key {self.key_id} of {self.subject} is not held by {holder}.")

    def with_wrap(self, wrap: Wrap) -> "Header":
        """Return the next header, where the holder of `wrap` has this one and no other."""
        others = tuple(one for one in self.wraps if one.holder != wrap.holder)
        ordered = tuple(sorted((*others, wrap), key=lambda one: one.holder))
        return replace(self, wraps=ordered, serial=self.serial + 1)

    def without(self, holder: str) -> "Header":
        """Return the next header, without a holder. Raises NotFound; NotAllowed: it is the last."""
        self.wrap_of(holder)
        others = tuple(one for one in self.wraps if one.holder != holder)
        if not others:
            raise NotAllowed(
                f"{holder} is the last holder of {self.key_id}: add another one first, or destroy "
                "the data key."
            )
        return replace(self, wraps=others, serial=self.serial + 1)


class Holder(Protocol):
    """Who holds keys of their own and opens what is wrapped for them."""

    @property
    def name(self) -> str:
        """The name that wraps bear."""

    def find(self, key_id: str) -> ZoneKey:
        """Return one of the holder's keys. Raises NotFound: it was destroyed, or never was."""

    def current(self, purpose: str) -> ZoneKey:
        """Return the key that wraps for a purpose."""


def draw_header(key: DataKey, subject: str, purpose: str, first: Wrap) -> Header:
    """Return the header of a new data key, with its first wrap."""
    return Header(key.key_id, subject, purpose, _check(key), (first,))


def wrap_for(holder: Holder, key: DataKey, subject: str, purpose: str) -> Wrap:
    """Return the wrap of a data key for a holder, under the key that it has for this purpose."""
    wrapping = holder.current(purpose)
    wrapped = zone_keys.wrap(wrapping, key.secret, subject=_subject(subject, key.key_id))
    return Wrap(holder.name, Means.KEY, wrapping.key_id, wrapped)


def wrap_for_receiver(name: str, receiver: Receiver, key: DataKey, subject: str) -> Wrap:
    """Return the wrap of a data key for the owner of a hybrid key, who need not be there."""
    sealed = receiver.seal(key.secret, purpose=_subject(subject, key.key_id))
    return Wrap(name, Means.HYBRID, receiver.key_id, keys.to_base64url(sealed))


def unwrap(header: Header, holder: Holder) -> DataKey:
    """Return the data key, opened by a holder.

    Raises:
        NotFound: the holder has no wrap, or the key that opens it was destroyed.
        BadSignature: the wrap was altered, or is that of another data key.
    """
    wrap = header.wrap_of(holder.name)
    if wrap.means is not Means.KEY:
        raise InvalidInput(f"{holder.name} opens {header.key_id} with a hybrid key: give its file.")
    subject = _subject(header.subject, header.key_id)
    opened = zone_keys.unwrap(holder.find(wrap.key_id), wrap.wrapped, subject=subject)
    return _checked(header, opened)


def unwrap_by_hybrid(header: Header, name: str, key: HybridKey) -> DataKey:
    """Return the data key, opened with the hybrid key of `name`. Raises NotFound, BadSignature."""
    wrapped = keys.from_base64url(header.wrap_of(name).wrapped)
    opened = key.open(wrapped, purpose=_subject(header.subject, header.key_id))
    return _checked(header, opened)


@dataclass(frozen=True, slots=True)
class HeaderFolder:
    """The headers of a hub, signed with its key. The folder is in no backup that outlives them."""

    folder: Path
    key: SigningKey = field(repr=False)
    keyring: Keyring = field(repr=False)

    def add(self, header: Header) -> None:
        """Keep a new header. Raises InvalidInput: its data key has one; StorageFull."""
        if self._path(header.key_id).exists():
            raise InvalidInput(f"The data key {header.key_id} has a header: change that one.")
        self.write(header)

    def write(self, header: Header) -> None:
        """Keep a header in the place of the former one, if any. Raises StorageFull."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        signed = signatures.sign(header, self.key, purpose=SIGNING)
        durable.write(self._path(header.key_id), signed.line(), mode=keys.PRIVATE_MODE)

    def load(self, key_id: str) -> Header:
        """Return the header of a data key.

        Raises:
            NotFound: it was destroyed, or never was.
            Malformed, BadSignature, UnknownKey: it is not what a believed key signed.
        """
        try:
            data = self._path(key_id).read_bytes()
        except FileNotFoundError:
            raise NotFound(
                f"The data key {key_id} is not kept here: what it sealed is read by nobody here."
            ) from None
        header = parse_header(data, self.keyring)
        if header.key_id != key_id:
            raise BadSignature(f"The header of {key_id} is that of {header.key_id}: restore it.")
        return header

    def all(self) -> tuple[Header, ...]:
        """Return every header, by the name of its data key."""
        named = sorted(path.stem for path in self.folder.glob("*.json"))
        return tuple(self.load(key_id) for key_id in named if KEY_ID.fullmatch(key_id))

    def of(self, subject: str) -> tuple[Header, ...]:
        """Return the headers of a subject."""
        return tuple(header for header in self.all() if header.subject == subject)

    def destroy(self, key_id: str) -> None:
        """Destroy a header. Copies of it open as long as the keys of its holders last."""
        destroy_file(self._path(key_id))

    def _path(self, key_id: str) -> Path:
        if not KEY_ID.fullmatch(key_id):
            raise InvalidInput("A data key has a name of 16 hexadecimal characters.")
        return self.folder / f"{key_id}.json"


def parse_header(data: bytes, keyring: Keyring) -> Header:
    """Return the header that a believed key signed. Raises Malformed, BadSignature, UnknownKey."""
    header: Header = signatures.read(data, Header, keyring, purpose=SIGNING)
    return header


def _subject(subject: str, key_id: str) -> str:
    return f"data key {key_id} of {subject}"


def _check(key: DataKey) -> str:
    return hmac.digest(key.secret, CHECKING, "sha256").hex()


def _checked(header: Header, secret: Secret) -> DataKey:
    key = DataKey(header.key_id, secret)
    if not hmac.compare_digest(_check(key), header.check):
        raise BadSignature(f"A wrap of {header.key_id} holds another data key: drop it.")
    return key
