"""What an object store does for us, whoever keeps it: the only door to a host.

Objects are written once and never changed. Nothing relies on a server's own checksums, nor on
conditions that some servers ignore: what was written is read back and compared by its digest.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from ecluse.domain.errors import InvalidInput

CHUNK_BYTES: Final = 1 << 20
MAX_KEY_CHARACTERS: Final = 900
SEGMENT: Final = re.compile(r"[A-Za-z0-9_=+@,()~-][A-Za-z0-9._=+@,()~-]*")
"""A part of a key between two slashes: no leading dot, nothing that a server could rewrite."""


@dataclass(frozen=True, slots=True, order=True)
class Stored:
    """An object as its host lists it: its key and its size in bytes."""

    key: str
    size: int


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object; `is_deletion` when it only says that the object was deleted."""

    key: str
    version_id: str
    is_deletion: bool


class Upload(Protocol):
    """An object on its way in, which a later upload of the same key and size resumes."""

    @property
    def received(self) -> int:
        """Bytes that the store holds already, from the beginning of the object."""

    def write(self, data: bytes) -> None:
        """Give the bytes that follow. Raises StorageFull, Unreachable."""

    def finish(self) -> bool:
        """Make the object visible, whole and durable; False when the key was taken before."""

    def abandon(self) -> None:
        """Let go of it; what the store received stays for a later upload to resume."""


class Source(Protocol):
    """One place to read objects from. Every method raises Unreachable when it does not answer."""

    @property
    def place(self) -> str:
        """The address of the store, without any secret."""

    def stream(self, key: str, *, start: int = 0) -> Iterator[bytes]:
        """Yield the bytes from `start` to the end, in pieces. Raises NotFound."""

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """Yield the objects whose key begins with `prefix`, in no promised order."""


class Store(Source, Protocol):
    """One place that keeps objects."""

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Keep `data` under `key`; False, and nothing changes, when the key is taken."""

    def upload(self, key: str, *, size: int) -> Upload:
        """Begin an object of `size` bytes, or resume one that was interrupted."""

    def read(self, key: str, *, start: int = 0, length: int) -> bytes:
        """Return at most `length` bytes from `start`. Raises NotFound."""

    def head(self, key: str) -> Stored | None:
        """Return the object, or None."""

    def versions(self, key: str) -> tuple[Version, ...]:
        """Return every version that the host keeps of this very key."""

    def delete(self, key: str, *, version_id: str | None = None) -> None:
        """Delete an object, or one version for good. Absent is as good. Raises NotAllowed."""

    def lock(self, key: str, *, until: datetime) -> None:
        """Have the host refuse any deletion before `until`. Raises NotAllowed, NotFound."""


def checked_key(key: str) -> str:
    """Return `key` when every store keeps it as it is. Raises InvalidInput."""
    parts = key.split("/")
    if len(key) > MAX_KEY_CHARACTERS or not all(map(SEGMENT.fullmatch, parts)):
        raise InvalidInput(
            f"{key[:80]!r} cannot name an object: letters, digits and ._=+@,()~- between slashes, "
            f"no leading dot, {MAX_KEY_CHARACTERS} characters at most."
        )
    return key
