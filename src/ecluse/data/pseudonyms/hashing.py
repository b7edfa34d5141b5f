"""HMAC-SHA-256 twice over many values, with what the two keys need hashed only once.

This file is also the program of a second process, that takes half of a large batch: the keys and
the values come by its standard input, never by its command line or its environment.
"""

import hashlib
import sys
from array import array
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import BinaryIO, Final

DIGEST_BYTES: Final = 32
BLOCK_BYTES: Final = 64
INNER, OUTER = 0x36, 0x5C
"""Bytes that RFC 2104 mixes with the key before the message, and before the inner digest."""
OFFSETS: Final = "i"
COUNT_BYTES: Final = 8


def hash_twice(values: Iterable[bytes], first: bytes, second: bytes) -> bytes:
    """Return HMAC(`second`, HMAC(`first`, value)) of each value: 32 bytes each, end to end.

    The keys are at most 64 bytes long.
    """
    inner_1, outer_1 = _state(first, INNER).copy, _state(first, OUTER).copy
    inner_2, outer_2 = _state(second, INNER).copy, _state(second, OUTER).copy
    digests = []
    # Calls are all the cost, and a pair of `copy` and `update` is cheaper than hashing the pad.
    for value in values:
        inner = inner_1()
        inner.update(value)
        outer = outer_1()
        outer.update(inner.digest())
        inner = inner_2()
        inner.update(outer.digest())
        outer = outer_2()
        outer.update(inner.digest())
        digests.append(outer.digest())
    return b"".join(digests)


def write_batch(
    file: BinaryIO, keys: tuple[bytes, bytes], offsets: bytes, data: bytes | memoryview
) -> None:
    """Write what `answer` reads: both keys, then values as an offset (int32) each and one more."""
    count = len(offsets) // array(OFFSETS).itemsize - 1
    file.write(keys[0] + keys[1] + count.to_bytes(COUNT_BYTES, "little"))
    file.write(offsets)
    file.write(data)


def answer(source: BinaryIO, target: BinaryIO) -> None:
    """Read one batch, write its digests."""
    first, second = source.read(DIGEST_BYTES), source.read(DIGEST_BYTES)
    count = int.from_bytes(source.read(COUNT_BYTES), "little")
    offsets = array(OFFSETS)
    offsets.frombytes(source.read((count + 1) * offsets.itemsize))
    target.write(hash_twice(_cut(source.read(), offsets), first, second))


def _cut(data: bytes, offsets: "array[int]") -> Iterator[bytes]:
    return (data[start:end] for start, end in pairwise(offsets))


def _state(key: bytes, pad: int) -> "hashlib._Hash":
    # No variable holds the padded key: a traceback can show those.
    return hashlib.sha256(bytes(byte ^ pad for byte in key.ljust(BLOCK_BYTES, b"\0")))


if __name__ == "__main__":
    from ecluse.trust.custody.core_dumps import forbid_core_dumps

    forbid_core_dumps()
    answer(sys.stdin.buffer, sys.stdout.buffer)
