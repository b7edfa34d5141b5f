"""Objects that a host keeps and cannot read: AES-256-GCM in chunks, opened from any place.

    prefix   "ecluse-object-1" and a line feed, its data key (16 characters), the size of
             chunks as a power of two (1 byte), the salt (32 bytes)
    chunks   64 KiB to 1 MiB of content each, the last one shorter, each followed by its 16-byte tag

Each object has a key of its own, HMAC-SHA-256 of its prefix under the data key. The salt comes from
the object's path and content: the same object is sealed into the same bytes, so that a copy that
was cut off goes on, and another content never meets the same key. The nonce of a chunk is its
number and whether it is the last (the STREAM construction); prefix and path are authenticated: a
chunk moved, cut off, or taken from another object does not open.

Source: Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance" (CRYPTO 2015); NIST SP 800-38D.
"""

import hmac
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ecluse.domain.errors import BadSignature, InvalidInput
from ecluse.trust.zone.sealed_files import KEY_ID, DataKey

MAGIC: Final = b"ecluse-object-1\n"
ID_BYTES: Final = 16
SALT_BYTES: Final = 32
PREFIX_BYTES: Final = len(MAGIC) + ID_BYTES + 1 + SALT_BYTES
TAG_BYTES: Final = 16
COUNTER_BYTES: Final = 11
LEAST_BITS, USUAL_BITS, MOST_BITS = 16, 18, 20
"""Chunks of 64 KiB at least and 1 MiB at most: powers of two; 256 KiB unless asked otherwise."""
SALTING: Final = b"ecluse object salt\0"
SEALING: Final = b"ecluse object\0"

Get = Callable[[int, int], bytes]
"""Reads at most so many bytes (second) of a sealed object from a place (first)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What says how an object is sealed, but for its key: the content of its prefix."""

    key_id: str
    salt: bytes
    chunk_bits: int = USUAL_BITS

    def __post_init__(self) -> None:
        is_size = LEAST_BITS <= self.chunk_bits <= MOST_BITS
        if not is_size or len(self.salt) != SALT_BYTES or not KEY_ID.fullmatch(self.key_id):
            raise InvalidInput(
                f"A sealed object has chunks of 2^{LEAST_BITS} to 2^{MOST_BITS} bytes, a salt of "
                f"{SALT_BYTES}, and a data key named by {ID_BYTES} hexadecimal characters."
            )

    @classmethod
    def parse(cls, data: bytes) -> "Frame":
        """Return the frame of a prefix. Raises BadSignature: it is not one."""
        named = data[len(MAGIC) : len(MAGIC) + ID_BYTES].decode("ascii", errors="replace")
        if len(data) != PREFIX_BYTES or not data.startswith(MAGIC):
            raise BadSignature("This is not a sealed object: restore it from another replica.")
        try:
            return cls(named, data[-SALT_BYTES:], data[-SALT_BYTES - 1])
        except InvalidInput:
            raise BadSignature("The prefix of a sealed object was altered: restore it.") from None

    def prefix(self) -> bytes:
        """Return the first bytes of the object."""
        return MAGIC + self.key_id.encode() + bytes([self.chunk_bits]) + self.salt

    @property
    def chunk_bytes(self) -> int:
        """Bytes of content in a whole chunk."""
        return 1 << self.chunk_bits

    def sealed_size(self, plain_bytes: int) -> int:
        """Return the bytes that an object of so many takes at a host."""
        return PREFIX_BYTES + plain_bytes + max(1, -(-plain_bytes // self.chunk_bytes)) * TAG_BYTES

    def plain_size(self, sealed_bytes: int) -> int:
        """Return the bytes of content in a sealed object. Raises BadSignature: it was cut off."""
        body = sealed_bytes - PREFIX_BYTES
        chunks = max(1, -(-body // (self.chunk_bytes + TAG_BYTES)))
        size = body - chunks * TAG_BYTES
        if size < 0 or self.sealed_size(size) != sealed_bytes:
            raise BadSignature("A sealed object was cut off: restore it from another replica.")
        return size

    def chunk_start(self, number: int) -> int:
        """Return the place of a chunk, from 0, in the sealed object."""
        return PREFIX_BYTES + number * (self.chunk_bytes + TAG_BYTES)


def frame_of(key: DataKey, path: str, content: bytes, *, chunk_bits: int = USUAL_BITS) -> Frame:
    """Return the frame of an object by its path and the digest of its whole content."""
    named = path.encode()
    message = SALTING + len(named).to_bytes(4, "big") + named + content
    return Frame(key.key_id, hmac.digest(key.secret, message, "sha256"), chunk_bits)


def seal(
    pieces: Iterable[bytes], frame: Frame, key: DataKey, *, path: str, first: int = 0
) -> Iterator[bytes]:
    """Yield the sealed chunks of a content from chunk `first`, where `pieces` begin.

    The prefix comes before chunk 0. The pieces go to the end of the content: the last chunk says
    that it is the last.
    """
    cipher, bound = _cipher(frame, key), _bound(frame, path)
    if first == 0:
        yield frame.prefix()
    waiting, number = bytearray(), first
    for piece in pieces:
        waiting += piece
        # One chunk always waits: only at the end is it known to be the last.
        while len(waiting) > frame.chunk_bytes:
            with memoryview(waiting) as view, view[: frame.chunk_bytes] as chunk:
                sealed = cipher.encrypt(_nonce(number, is_last=False), chunk, bound)
            yield sealed
            del waiting[: frame.chunk_bytes]
            number += 1
    yield cipher.encrypt(_nonce(number, is_last=True), bytes(waiting), bound)


class SealedObject:
    """A sealed object at a host, of which any part is read by its own chunks alone.

    Raises:
        BadSignature: sealed with another key, for another path, or altered.
    """

    def __init__(self, get: Get, *, sealed_bytes: int, path: str, frame: Frame) -> None:
        self._get, self._path, self.frame = get, path, frame
        self.size = frame.plain_size(sealed_bytes)

    @classmethod
    def at(cls, get: Get, *, sealed_bytes: int, path: str) -> "SealedObject":
        """Return the object that `get` reads; its frame says which data key opens it."""
        frame = Frame.parse(get(0, PREFIX_BYTES))
        return cls(get, sealed_bytes=sealed_bytes, path=path, frame=frame)

    def read(self, key: DataKey, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield the content from `start`, `length` bytes at most, chunk by chunk."""
        if key.key_id != self.frame.key_id:
            raise BadSignature(f"{self._path} is sealed with {self.frame.key_id}, not {key.key_id}")
        cipher, wide = _cipher(self.frame, key), self.frame.chunk_bytes
        end = self.size if length is None else min(self.size, start + length)
        # An empty object too is authenticated, by its one empty chunk.
        last = max(end - 1, 0) // wide
        for number in range(min(start, self.size) // wide, last + 1):
            chunk = self._open(cipher, number)
            yield chunk[max(start - number * wide, 0) : end - number * wide]

    def _open(self, cipher: AESGCM, number: int) -> bytes:
        wide = self.frame.chunk_bytes
        sealed = self._get(self.frame.chunk_start(number), wide + TAG_BYTES)
        nonce = _nonce(number, is_last=(number + 1) * wide >= self.size)
        try:
            return cipher.decrypt(nonce, sealed, _bound(self.frame, self._path))
        except (InvalidTag, ValueError):
            raise BadSignature(
                f"{self._path} was altered, or is not the object of that path: restore it from "
                "another replica."
            ) from None


def _cipher(frame: Frame, key: DataKey) -> AESGCM:
    return AESGCM(hmac.digest(key.secret, SEALING + frame.prefix(), "sha256"))


def _bound(frame: Frame, path: str) -> bytes:
    return frame.prefix() + path.encode()


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(COUNTER_BYTES, "big") + bytes([is_last])
