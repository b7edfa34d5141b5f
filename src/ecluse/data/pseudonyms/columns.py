"""Columns of values into columns of pseudonyms, on two processors where there are many."""

import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO, Final, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ecluse.data.pseudonyms import hashing
from ecluse.domain.errors import InvalidInput

PSEUDONYM_CHARACTERS: Final = 2 * hashing.DIGEST_BYTES
BLOCK: Final = 65_536
"""Values hashed at a time: what Python holds of them stays under 20 MB."""
SHARED_FROM: Final = 200_000
"""From how many values on a second process takes half: it costs 40 ms to start."""
MOST: Final = (2**31 - 1) // PSEUDONYM_CHARACTERS
HEX: Final = np.array([b"%02x" % byte for byte in range(256)], "S2").view(np.uint16)

Keys = tuple[bytes, bytes]


def pseudonymise(values: pa.Array, keys: Keys) -> pa.StringArray:
    """Return the pseudonym of each value, 64 hexadecimal characters; nulls stay null.

    `keys` are those of the first and of the second level.

    Raises:
        InvalidInput: values that are not text, or over 33 million of them.
    """
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        raise InvalidInput(f"Pseudonyms are made of texts, not of {values.type}: cast them first.")
    if len(values) > MOST:
        raise InvalidInput(f"{len(values)} values at once: give at most {MOST}, block by block.")
    filled = values.drop_null() if values.null_count else values
    made = _as_text(_digests(filled.cast(pa.binary()), keys), len(filled))
    return _with_nulls(made, values) if values.null_count else made


def _digests(values: pa.BinaryArray, keys: Keys) -> bytes:
    half = len(values) // 2
    if len(values) < SHARED_FROM:
        return _hash_here(values, keys)
    with ThreadPoolExecutor(1) as waiting:
        second: Future[bytes] = waiting.submit(_hash_elsewhere, values.slice(half), keys)
        first = _hash_here(values.slice(0, half), keys)
        return first + second.result()


def _hash_here(values: pa.BinaryArray, keys: Keys) -> bytes:
    blocks = (values.slice(start, BLOCK).to_pylist() for start in range(0, len(values), BLOCK))
    return b"".join(hashing.hash_twice(block, *keys) for block in blocks)


def _hash_elsewhere(values: pa.BinaryArray, keys: Keys) -> bytes:
    """Have another process hash the values; where it cannot start, hash them here."""
    offsets = np.frombuffer(values.buffers()[1], np.int32)[values.offset :][: len(values) + 1]
    first, last = int(offsets[0]), int(offsets[-1])
    data = memoryview(values.buffers()[2] or b"")[first:last]
    try:
        made = _ask([sys.executable, "-I", hashing.__file__], keys, offsets - first, data)
    except OSError:
        made = b""
    is_whole = len(made) == len(values) * hashing.DIGEST_BYTES
    return made if is_whole else _hash_here(values, keys)


def _ask(program: list[str], keys: Keys, offsets: NDArray[np.int32], data: memoryview) -> bytes:
    """Return what the program of `hashing` answers: it reads everything before it writes."""
    with subprocess.Popen(  # noqa: S603 - our own interpreter and file
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as other:
        source, target = cast(BinaryIO, other.stdout), cast(BinaryIO, other.stdin)
        with target:
            hashing.write_batch(target, keys, offsets.tobytes(), data)
        return source.read()


def _as_text(digests: bytes, count: int) -> pa.StringArray:
    text: NDArray[np.uint16] = HEX[np.frombuffer(digests, np.uint8)]
    offsets = np.arange(count + 1, dtype=np.int32) * np.int32(PSEUDONYM_CHARACTERS)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(text))


def _with_nulls(made: pa.StringArray, values: pa.Array) -> pa.StringArray:
    """Return `made`, one for each value that is not null, with the nulls in their places."""
    is_valid = values.is_valid().to_numpy(zero_copy_only=False)
    return pc.take(made, pa.array(np.cumsum(is_valid) - 1, mask=~is_valid))
