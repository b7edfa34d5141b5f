"""Cosignatures: what witnesses add under a checkpoint, and how many of them are enough.

The formats are C2SP tlog-cosignature (`cosignature/v1`) and, for keys, the verifier key of
signed-note: `name+<4 bytes in hexadecimal>+<base64 of type 4 and the key>`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ecluse.domain.errors import BadSignature, JournalBroken, Malformed
from ecluse.trust import canonical, durable, keys
from ecluse.trust.journal.checkpoints import DASH, from_base64, to_base64
from ecluse.trust.journal.exports import read_notes

COSIGNED_SUFFIX: Final = ".cosigned"
KEPT: Final = 200
"""Cosigned checkpoints kept beside a journal: each commits to all that came before it."""
_TYPE: Final = b"\x04"
_HASH_BYTES: Final = 4
_INSTANT_BYTES: Final = 8
_SIGNED_BYTES: Final = _HASH_BYTES + _INSTANT_BYTES + 64


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """The public key of a witness. `public` is 32 bytes."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        """Refuse a name that a signature line could not hold."""
        if not self.name.isprintable() or not self.name or {" ", "+"} & set(self.name):
            raise Malformed(f"{self.name[:80]!r} cannot name a witness: no space and no `+`.")

    @classmethod
    def parse(cls, vkey: str) -> "WitnessKey":
        """Return the key of `name+hash+base64`. Raises Malformed."""
        name, _, rest = vkey.strip().partition("+")
        hashed, _, encoded = rest.partition("+")
        typed = from_base64(encoded, length=1 + keys.PUBLIC_KEY_BYTES)
        key = cls(name, typed[1:])
        if typed[:1] != _TYPE or hashed != key.hash().hex():
            raise Malformed(f"The key of witness {name[:80]!r} does not bear its own hash.")
        return key

    def __str__(self) -> str:
        """Return `name+hash+base64`, to give to whoever verifies."""
        return f"{self.name}+{self.hash().hex()}+{to_base64(_TYPE + self.public)}"

    def hash(self) -> bytes:
        """Return the 4 bytes that name the key in a signature line."""
        named = self.name.encode() + b"\n" + _TYPE + self.public
        return hashlib.sha256(named).digest()[:_HASH_BYTES]


@dataclass(frozen=True, slots=True)
class Policy:
    """Whose cosignatures count, and how many of them one checkpoint needs."""

    witnesses: tuple[WitnessKey, ...]
    quorum: int

    def __post_init__(self) -> None:
        """Refuse more than there are, and one key under two names."""
        if not 0 <= self.quorum <= len({one.public for one in self.witnesses}):
            raise Malformed(f"{self.quorum} of {len(self.witnesses)} witnesses is not a policy.")

    def witnesses_of(self, cosigned: str) -> tuple[WitnessKey, ...]:
        """Return those who cosigned a note.

        Raises:
            BadSignature: a cosignature under a witness's name that its key did not make.
        """
        text, lines = _text_of(cosigned), split(cosigned)[1]
        return tuple(one for one in self.witnesses if _has_signed(one, text, lines))

    def require(self, cosigned: str) -> None:
        """Pass if enough witnesses cosigned a note. Raises JournalBroken, BadSignature."""
        count = len(self.witnesses_of(cosigned))
        if count < self.quorum:
            raise JournalBroken(
                f"{count} witnesses cosigned the checkpoint, and {self.quorum} must: show it to "
                "the others with `ecluse journal witness`."
            )


def cosign(note: str, name: str, private: Ed25519PrivateKey, *, at: datetime) -> str:
    """Return the line, with its end, that says: `name` saw this checkpoint, and no other past.

    Whoever calls has checked that (`witnesses.Witness`). `at` is kept to the second.
    """
    seconds = int(at.astimezone(UTC).timestamp())
    key = WitnessKey(name, private.public_key().public_bytes_raw())
    signature = private.sign(_message(_text_of(note), seconds))
    data = key.hash() + seconds.to_bytes(_INSTANT_BYTES, "big") + signature
    return f"{DASH}{name} {to_base64(data)}\n"


def split(cosigned: str) -> tuple[str, tuple[str, ...]]:
    """Return the checkpoint as its journal signed it, and the lines of its witnesses.

    Raises:
        Malformed: not a note, or a line that is no signature.
    """
    text, separator, signatures = cosigned.partition("\n\n")
    own, *others = signatures.split("\n")
    if not separator or not others or others.pop():
        raise Malformed("A cosigned checkpoint is a note whose every line ends.")
    if not all(line.startswith(DASH) for line in (own, *others)):
        raise Malformed("A checkpoint is followed by signatures alone.")
    return f"{text}\n\n{own}\n", tuple(others)


def join(note: str, lines: Iterable[str]) -> str:
    """Return a note with the lines of its witnesses, each witness once."""
    own, before = split(note)
    named = {line.split(" ")[1]: line for line in (*before, *(one.rstrip("\n") for one in lines))}
    return own + "".join(f"{line}\n" for line in named.values())


def cosigned_path(path: Path) -> Path:
    """Return the file of cosigned checkpoints that goes with the file of entries `path`."""
    return path.with_name(path.name + COSIGNED_SUFFIX)


def add_cosignature(path: Path, note: str, line: str) -> str:
    """Add a witness's line to the file of cosigned checkpoints `path`; return the whole note.

    Raises:
        StorageFull: no space is left; the file is as before.
    """
    notes = {split(one)[0]: one for one in read_notes(path)}
    own = split(note)[0]
    notes[own] = join(notes.get(own, note), [line])
    last = list(notes.values())[-KEPT:]
    data = b"".join(canonical.encode(one) + b"\n" for one in last)
    durable.write(path, data, mode=keys.PUBLIC_MODE)
    return notes[own]


def _message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _text_of(note: str) -> str:
    return note[: note.index("\n\n") + 1] if "\n\n" in note else note


def _has_signed(key: WitnessKey, text: str, lines: Sequence[str]) -> bool:
    """Say whether one of the lines is this witness's. Raises BadSignature, Malformed."""
    mine = [line for line in lines if line.startswith(f"{DASH}{key.name} ")]
    signed = [from_base64(line.split(" ")[2], length=_SIGNED_BYTES) for line in mine]
    # A witness that renewed its key signs under the same name: another hash is another key.
    own = [data for data in signed if data[:_HASH_BYTES] == key.hash()]
    for data in own:
        _check(key, text, data[_HASH_BYTES:])
    return bool(own)


def _check(key: WitnessKey, text: str, data: bytes) -> None:
    seconds, signature = int.from_bytes(data[:_INSTANT_BYTES], "big"), data[_INSTANT_BYTES:]
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, _message(text, seconds))
    except InvalidSignature:
        raise BadSignature(
            f"The cosignature of {key.name} does not match the checkpoint: ask it again."
        ) from None
