"""A store in a local folder, or on a disk that is carried from one host to another.

Objects are files under their key; what begins with a dot is work in progress or a lock, never an
object. A lock is kept by this program alone: whoever owns the disk may still delete.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from ecluse.domain import codec
from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound, StorageFull, Unreachable
from ecluse.hosting.stores.interface import CHUNK_BYTES, Stored, Version, checked_key
from ecluse.trust import durable

PARTS: Final = ".parts"
LOCKS: Final = ".locks"
CURRENT: Final = "current"


class FolderStore:
    """The objects under a folder, which is made when it is absent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def place(self) -> str:
        """The folder's path as a URL."""
        return self.folder.as_uri()

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Keep `data` under `key`; False, and nothing changes, when the key is taken."""
        upload = self.upload(key, size=len(data))
        try:
            upload.restart()
            upload.write(data)
        except (StorageFull, Unreachable):
            upload.abandon()
            raise
        return upload.finish()

    def upload(self, key: str, *, size: int) -> "FolderUpload":
        """Begin an object, or resume one: what was received lies in `.parts` under its key."""
        part = self.folder / PARTS / f"{checked_key(key).replace('/', '%')}.{size}"
        with _explained(self.place):
            part.parent.mkdir(exist_ok=True)
            return FolderUpload(part, self._path(key))

    def read(self, key: str, *, start: int = 0, length: int) -> bytes:
        """Return at most `length` bytes from `start`. Raises NotFound."""
        with _explained(self.place), self._open(key) as file:
            file.seek(start)
            return file.read(length)

    def stream(self, key: str, *, start: int = 0) -> Iterator[bytes]:
        """Yield the bytes from `start` to the end, in pieces. Raises NotFound."""
        with _explained(self.place), self._open(key) as file:
            file.seek(start)
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def head(self, key: str) -> Stored | None:
        """Return the object, or None."""
        path = self._path(key)
        with _explained(self.place):
            is_object = path.is_file() and not path.is_symlink()
            return Stored(key, path.stat().st_size) if is_object else None

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """Yield the objects under `prefix`. Raises InvalidInput: a link, or a name to avoid."""
        with _explained(self.place):
            for folder, folders, files in os.walk(self.folder):
                folders[:] = sorted(name for name in folders if not name.startswith("."))
                here = Path(folder)
                paths = (here / name for name in sorted(files) if not name.startswith("."))
                listed = (self._listed(path) for path in paths)
                yield from (one for one in listed if one.key.startswith(prefix))

    def versions(self, key: str) -> tuple[Version, ...]:
        """Return the one version that a folder keeps, or none."""
        return () if self.head(key) is None else (Version(key, CURRENT, is_deletion=False),)

    def delete(self, key: str, *, version_id: str | None = None) -> None:  # noqa: ARG002 — one version
        """Delete an object. Raises NotAllowed before the end of its lock."""
        until = self._locked_until(key)
        if until is not None and datetime.now(UTC) < until:
            raise NotAllowed(f"{key} at {self.place} is locked until {until.isoformat()}.")
        with _explained(self.place):
            path = self._path(key)
            path.unlink(missing_ok=True)
            self._lock_path(key).unlink(missing_ok=True)
            if path.parent.is_dir():
                durable.sync_folder(path.parent)

    def lock(self, key: str, *, until: datetime) -> None:
        """Refuse any deletion through here before `until`. Raises NotAllowed: it is locked longer.

        Raises:
            NotFound: no such object.
        """
        if self.head(key) is None:
            raise NotFound(f"{key} is not at {self.place}: nothing to lock.")
        before = self._locked_until(key)
        if before is not None and until < before:
            raise NotAllowed(f"{key} is locked until {before.isoformat()}: a lock only grows.")
        path = self._lock_path(key)
        with _explained(self.place):
            path.parent.mkdir(exist_ok=True)
            durable.write(path, codec.format_instant(until).encode())

    def _listed(self, path: Path) -> Stored:
        key = path.relative_to(self.folder).as_posix()
        if path.is_symlink() or not path.is_file():
            raise InvalidInput(f"{key} at {self.place} is not a plain file: remove it first.")
        return Stored(checked_key(key), path.stat().st_size)

    def _path(self, key: str) -> Path:
        return self.folder / checked_key(key)

    def _lock_path(self, key: str) -> Path:
        return self.folder / LOCKS / checked_key(key).replace("/", "%")

    def _locked_until(self, key: str) -> datetime | None:
        try:
            return codec.parse_instant(self._lock_path(key).read_text(encoding="ascii"))
        except FileNotFoundError:
            return None

    def _open(self, key: str) -> BinaryIO:
        try:
            descriptor = os.open(self._path(key), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            raise NotFound(f"{key} is not at {self.place}.") from None
        return os.fdopen(descriptor, "rb", buffering=0)


class FolderUpload:
    """An object in `.parts`, moved to its place once it is on the disk."""

    def __init__(self, part: Path, path: Path) -> None:
        self._part, self._path = part, path
        self._file = part.open("ab", buffering=0)
        self._received = os.fstat(self._file.fileno()).st_size

    @property
    def received(self) -> int:
        """Bytes received, from the beginning of the object."""
        return self._received

    def restart(self) -> None:
        """Forget what an interrupted upload left."""
        with _explained(str(self._path.parent)):
            os.ftruncate(self._file.fileno(), 0)
        self._received = 0

    def write(self, data: bytes) -> None:
        """Give the bytes that follow. Raises StorageFull."""
        with _explained(str(self._path.parent)):
            left = memoryview(data)
            while left:
                written = os.write(self._file.fileno(), left)
                self._received += written
                left = left[written:]

    def finish(self) -> bool:
        """Force the bytes to the disk, then give them their name; False when it was taken."""
        with _explained(str(self._path.parent)), self._file:
            os.fsync(self._file.fileno())
            # What is read back must come from the disk, not from what memory still holds of it.
            os.posix_fadvise(self._file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            self._make_folders()
            is_new = self._give_name()
            self._part.unlink(missing_ok=True)
            durable.sync_folder(self._path.parent)
            return is_new

    def abandon(self) -> None:
        """Let go of it; what was received stays for a later upload to resume."""
        self._file.close()

    def _make_folders(self) -> None:
        parents = [self._path.parent, *self._path.parent.parents]
        missing = [one for one in parents if not one.exists()]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        for folder in reversed(missing):
            durable.sync_folder(folder.parent)

    def _give_name(self) -> bool:
        try:
            os.link(self._part, self._path)
        except FileExistsError:
            return False
        return True


@contextmanager
def _explained(place: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno or errno.EIO)
        if error.errno in durable.NO_SPACE:
            raise StorageFull(f"No space is left at {place}: free some, then resume.") from error
        raise Unreachable(f"{place} does not answer ({reason}): check it, then resume.") from error
