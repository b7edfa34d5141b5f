"""Files that only grow, written by one process at a time."""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from ecluse.domain.errors import NotAllowed

LOCK_SUFFIX: Final = ".lock"
_BLOCK: Final = 1 << 14


@dataclass(slots=True)
class Appended:
    """A file that only grows, of which the first `size` bytes count."""

    file: BinaryIO
    size: int = 0

    def append(self, data: bytes) -> None:
        """Put `data` on the disk after what counts. Raises OSError."""
        if os.fstat(self.file.fileno()).st_size != self.size:
            # What an interruption (Ctrl-C, say) left of an entry that was not acknowledged.
            self.cut(self.size)
        left = memoryview(data)
        while left:
            left = left[os.write(self.file.fileno(), left) :]
        os.fsync(self.file.fileno())

    def keep(self, data: bytes) -> None:
        """Count what was appended last."""
        self.size += len(data)

    def cut(self, size: int) -> None:
        """Forget, on the disk, what lies beyond `size` bytes. Raises OSError."""
        os.ftruncate(self.file.fileno(), size)
        os.fsync(self.file.fileno())
        self.size = size

    def whole_lines(self) -> int:
        """Return the bytes up to the last end of line: what is beyond was torn by a crash."""
        at = os.fstat(self.file.fileno()).st_size
        while at > 0:
            start = max(0, at - _BLOCK)
            found = os.pread(self.file.fileno(), at - start, start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            at = start
        return 0

    def last_line(self) -> bytes | None:
        """Return the last line that counts, without its end; None when there is none."""
        end, data = self.size, b""
        while end > 0:
            start = max(0, end - _BLOCK)
            data = os.pread(self.file.fileno(), end - start, start) + data
            before = data[:-1].rfind(b"\n")
            if before >= 0:
                return data[before + 1 : -1]
            end = start
        return data[:-1] if data else None


def open_appended(path: Path) -> BinaryIO:
    """Return the file at `path`, made when absent, to read and to append to."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return os.fdopen(descriptor, "rb")


def take_lock(path: Path) -> BinaryIO:
    """Return the lock of the only writer of `path`. Raises NotAllowed."""
    lock = path.with_name(path.name + LOCK_SUFFIX).open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise NotAllowed(
            f"Another process writes the journal {path}: stop it first (is an agent running?)."
        ) from error
    return lock
