"""The hashes of a journal's tree, kept beside its entries so that nothing is hashed twice.

File `<level>` of the folder holds the roots of the complete subtrees of 256^level leaves, 32 bytes
each, in order; file `ends` the byte where each entry ends, 8 bytes each. Tile `index` of a level is
therefore a slice. All of it can be made again from the entries, and proves nothing by itself: what
comes from here is compared with a signed root.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ecluse.trust.journal.proofs import fold

SUFFIX: Final = ".tree"
HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
HASH_BYTES: Final = 32
END_BYTES: Final = 8
ENDS: Final = "ends"
LEVELS: Final = 6
"""Enough for 2^48 entries."""


def hashes_path(path: Path) -> Path:
    """Return the folder of hashes that goes with the file of entries `path`."""
    return path.with_name(path.name + SUFFIX)


class HashFiles:
    """The tree in `folder`, of `size` leaves. Close it."""

    def __init__(self, folder: Path, *, writable: bool = False) -> None:
        self._flags = os.O_CLOEXEC | (os.O_RDWR | os.O_CREAT if writable else os.O_RDONLY)
        self._folder = folder
        if writable:
            folder.mkdir(mode=0o700, exist_ok=True)
        self._files: dict[str, int] = {}
        self.size = 0
        try:
            self.size = self._file_size(ENDS) // END_BYTES
        except FileNotFoundError:
            self.size = 0

    def close(self) -> None:
        """Let go of the files."""
        for descriptor in self._files.values():
            os.close(descriptor)
        self._files = {}

    def usable(self, size: int) -> int:
        """Return how many of `size` leaves are kept here whole, up to the last complete tile."""
        try:
            kept = min(self.size, self._file_size("0") // HASH_BYTES, size) >> HEIGHT << HEIGHT
            levels = range(1, LEVELS)
            missing = any(kept >> level * HEIGHT > self._count(level) for level in levels)
        except FileNotFoundError:
            return 0
        return 0 if missing else kept

    def cut(self, size: int) -> None:
        """Forget the leaves from number `size`, counted from 0."""
        for level in range(LEVELS):
            os.ftruncate(self._file(str(level)), (size >> level * HEIGHT) * HASH_BYTES)
        os.ftruncate(self._file(ENDS), size * END_BYTES)
        self.size = size

    def extend(self, leaves: Sequence[bytes], ends: Sequence[int]) -> None:
        """Add leaf hashes, and the byte where the entry of each ends. Raises OSError."""
        _write(self._file("0"), b"".join(leaves), at=self.size * HASH_BYTES)
        after = self.size + len(leaves)
        for level in range(1, LEVELS):
            for index in range(self.size >> level * HEIGHT, after >> level * HEIGHT):
                below = self._slice(level - 1, index << HEIGHT, WIDTH)
                _write(self._file(str(level)), fold(below), at=index * HASH_BYTES)
        # The ends come last: they say how many leaves there are.
        data = b"".join(end.to_bytes(END_BYTES, "big") for end in ends)
        _write(self._file(ENDS), data, at=self.size * END_BYTES)
        if self.size >> HEIGHT != after >> HEIGHT:
            self.sync()
        self.size = after

    def sync(self) -> None:
        """Force everything to the disk."""
        for descriptor in self._files.values():
            os.fsync(descriptor)

    def end(self, size: int) -> int:
        """Return the byte where the first `size` entries end."""
        if size == 0:
            return 0
        data = os.pread(self._file(ENDS), END_BYTES, (size - 1) * END_BYTES)
        return int.from_bytes(data, "big")

    def node(self, height: int, index: int) -> bytes:
        """Return the root of a complete subtree, from one tile."""
        level, above = divmod(height, HEIGHT)
        return fold(self._slice(level, index << above, 1 << above))

    def tile(self, level: int, index: int, width: int = WIDTH) -> bytes:
        """Return the first `width` hashes of a tile, 32 bytes each."""
        return b"".join(self._slice(level, index << HEIGHT, width))

    def _slice(self, level: int, start: int, count: int) -> list[bytes]:
        data = os.pread(self._file(str(level)), count * HASH_BYTES, start * HASH_BYTES)
        if len(data) != count * HASH_BYTES:
            raise ValueError(f"The tree has no {count} hashes of level {level} from {start}.")
        return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]

    def _count(self, level: int) -> int:
        return self._file_size(str(level)) // HASH_BYTES

    def _file_size(self, name: str) -> int:
        return os.fstat(self._file(name)).st_size

    def _file(self, name: str) -> int:
        if name not in self._files:
            self._files[name] = os.open(self._folder / name, self._flags, 0o600)
        return self._files[name]


def _write(descriptor: int, data: bytes, *, at: int) -> None:
    left = memoryview(data)
    while left:
        written = os.pwrite(descriptor, left, at)
        left, at = left[written:], at + written
