"""Files that one data key opens: AES-256-GCM in chunks, readable from any place.

    header   "ecluse-sealed-1" and a line feed, the name of the data key (16 characters), 32 random
             bytes
    chunks   1 MiB of content each, the last one shorter, each followed by its 16-byte tag

Each file has a key of its own: HMAC-SHA-256 of its random bytes under the data key. The nonce of a
chunk is its number and whether it is the last (the STREAM construction), and the name of the file
is authenticated: a chunk moved, cut off, or taken from another file does not open.

Source: Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance" (CRYPTO 2015); NIST SP 800-38D.
"""

import hmac
import io
import os
import re
import secrets
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ecluse.domain.errors import BadSignature, InvalidInput
from ecluse.trust.custody.secrets import KEY_BYTES, Secret

MAGIC: Final = b"ecluse-sealed-1\n"
KEY_ID: Final = re.compile(r"[0-9a-f]{16}")
ID_BYTES: Final = 16
SALT_BYTES: Final = 32
HEADER_BYTES: Final = len(MAGIC) + ID_BYTES + SALT_BYTES
CHUNK_BYTES: Final = 1 << 20
TAG_BYTES: Final = 16
COUNTER_BYTES: Final = 11
PURPOSE: Final = b"ecluse sealed file\0"


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key of a set of files; `key_id` is drawn at random and tells nothing of it."""

    key_id: str
    secret: bytes = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if not KEY_ID.fullmatch(self.key_id) or len(self.secret) != KEY_BYTES:
            raise InvalidInput("A data key has a name of 16 hexadecimal characters and 32 bytes.")
        object.__setattr__(self, "secret", Secret(self.secret))


def draw_data_key() -> DataKey:
    """Return a new key at random, kept nowhere yet."""
    return DataKey(secrets.token_hex(ID_BYTES // 2), secrets.token_bytes(KEY_BYTES))


def plain_size(sealed_bytes: int) -> int:
    """Return the bytes of content in a sealed file of so many. Raises BadSignature."""
    body = sealed_bytes - HEADER_BYTES
    chunks = -(-body // (CHUNK_BYTES + TAG_BYTES))
    size = body - max(chunks, 1) * TAG_BYTES
    if body < TAG_BYTES or size < 0:
        raise BadSignature("A sealed file was cut off: restore it from its copy.")
    return size


def key_id_of(file: BinaryIO) -> str:
    """Return the name of the key that opens a sealed file. Raises BadSignature: it is not one."""
    return _read_header(file)[0]


class SealingFile:
    """A file to write from its beginning to its end; what reaches `target` is sealed.

    `finish` writes the last chunk: a file that was never finished does not open.
    """

    def __init__(self, target: BinaryIO, key: DataKey, *, name: str) -> None:
        salt = secrets.token_bytes(SALT_BYTES)
        target.write(MAGIC + key.key_id.encode() + salt)
        self._target, self._name = target, name.encode()
        self._cipher = _cipher(key, salt)
        self._waiting = bytearray()
        self._number = 0

    def write(self, data: bytes) -> None:
        """Take some content; whole chunks are sealed at once."""
        self._waiting += data
        # One chunk always waits: only at the end is it known to be the last.
        while len(self._waiting) > CHUNK_BYTES:
            self._seal(bytes(self._waiting[:CHUNK_BYTES]), is_last=False)
            del self._waiting[:CHUNK_BYTES]

    def finish(self) -> None:
        """Seal the last chunk; the target stays open."""
        self._seal(bytes(self._waiting), is_last=True)

    def _seal(self, chunk: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._number, is_last=is_last)
        self._target.write(self._cipher.encrypt(nonce, chunk, self._name))
        self._number += 1


class OpenedFile(io.RawIOBase):
    """The content of a sealed file, read from any place.

    Raises:
        BadSignature: sealed with another key, for another name, or altered.
    """

    def __init__(self, source: BinaryIO, key: DataKey, *, name: str) -> None:
        super().__init__()
        key_id, salt = _read_header(source)
        if key_id != key.key_id:
            raise BadSignature(f"{name} is sealed with the key {key_id}, not {key.key_id}.")
        self._source, self._name = source, name
        self._cipher = _cipher(key, salt)
        self._size = plain_size(source.seek(0, os.SEEK_END))
        self._place = 0
        self._known: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place of the content."""
        starts = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}
        self._place = max(0, starts[whence] + offset)
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` as far as the chunk at this place goes."""
        if self._place >= self._size:
            if self._size == 0:
                self._chunk(0)  # an empty file too is authenticated
            return 0
        number, start = divmod(self._place, CHUNK_BYTES)
        part = memoryview(self._chunk(number))[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)

    def close(self) -> None:
        """Close the sealed file too."""
        if not self.closed:
            self._source.close()
        super().close()

    def _chunk(self, number: int) -> bytes:
        if self._known[0] != number:
            self._known = number, self._open(number)
        return self._known[1]

    def _open(self, number: int) -> bytes:
        self._source.seek(HEADER_BYTES + number * (CHUNK_BYTES + TAG_BYTES))
        sealed = self._source.read(CHUNK_BYTES + TAG_BYTES)
        is_last = (number + 1) * CHUNK_BYTES >= self._size
        try:
            return self._cipher.decrypt(
                _nonce(number, is_last=is_last), sealed, self._name.encode()
            )
        except InvalidTag:
            raise BadSignature(
                f"{self._name} was altered, or is not the file of that name: restore its copy."
            ) from None


def open_sealed(source: BinaryIO, key: DataKey, *, name: str) -> io.BufferedReader:
    """Return the content of a sealed file; closing it closes `source`. Raises BadSignature."""
    return io.BufferedReader(OpenedFile(source, key, name=name), CHUNK_BYTES)


def _read_header(source: BinaryIO) -> tuple[str, bytes]:
    source.seek(0)
    header = source.read(HEADER_BYTES)
    names, salt = header[len(MAGIC) : -SALT_BYTES], header[-SALT_BYTES:]
    key_id = names.decode("ascii", errors="replace")
    is_whole = len(header) == HEADER_BYTES and header.startswith(MAGIC)
    if not is_whole or not KEY_ID.fullmatch(key_id):
        raise BadSignature("This is not a sealed file: restore it from its copy.")
    return key_id, salt


def _cipher(key: DataKey, salt: bytes) -> AESGCM:
    return AESGCM(hmac.digest(key.secret, PURPOSE + salt, "sha256"))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(COUNTER_BYTES, "big") + bytes([is_last])
