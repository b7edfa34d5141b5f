"""The files of one extract: sealed where the zone keeps a key for them, in clear elsewhere.

Digests and sizes are those of the content, so that the same order on the same snapshot gives the
same ones however it is sealed. Nothing in clear is written on the way to a sealed file.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, Protocol, cast

from ecluse.domain.errors import BadSignature, NotFound
from ecluse.trust import durable
from ecluse.trust.zone.sealed_files import DataKey, SealingFile, key_id_of, open_sealed

SEALED_MODES: Final = (0o400, 0o500)
CLEAR_MODES: Final = (0o444, 0o555)
"""Of files and of their folder: in clear, a job reads them as a stranger; sealed, nobody does."""


class Seals(Protocol):
    """The keys of one project's extracts."""

    def draw(self) -> DataKey:
        """Return a new key, once it is kept."""

    def find(self, key_id: str) -> DataKey:
        """Return a key. Raises NotFound where it was destroyed."""

    def forget(self, key: DataKey) -> None:
        """Destroy a key: what it sealed is read by nobody any more."""


@dataclass(frozen=True, slots=True)
class ExtractFiles:
    """The files in `folder`, each opened and written by its name; in clear without `key`."""

    folder: Path
    key: DataKey | None = None
    _told: dict[str, tuple[int, str]] = field(default_factory=dict, repr=False)

    @property
    def modes(self) -> tuple[int, int]:
        """The access modes of the files and of the folder, once whole."""
        return CLEAR_MODES if self.key is None else SEALED_MODES

    @contextmanager
    def replacing(self, name: str) -> Iterator[BinaryIO]:
        """Give a file to write; it has its name at once when the block ends well.

        Raises:
            StorageFull: no space is left.
        """
        with durable.replacing(self.folder / name) as target:
            sealing = None if self.key is None else SealingFile(target, self.key, name=name)
            counted = _Counted(sealing or target)
            yield cast(BinaryIO, counted)
            if sealing is not None:
                sealing.finish()
        self._told[name] = counted.size, f"sha256:{counted.digest.hexdigest()}"

    def write(self, name: str, data: bytes) -> None:
        """Write a small file. Raises StorageFull."""
        with self.replacing(name) as file:
            file.write(data)

    def open(self, name: str) -> BinaryIO:
        """Return a file to read from any place. Raises NotFound, BadSignature."""
        path = self.folder / name
        if path.is_symlink() or not path.is_file():
            raise NotFound(f"{self.folder} holds no {name}.")
        source = path.open("rb")
        if self.key is None:
            return source
        try:
            return cast(BinaryIO, open_sealed(source, self.key, name=name))
        except BadSignature:
            source.close()
            raise

    def read(self, name: str) -> bytes:
        """Return the content of a small file. Raises NotFound, BadSignature."""
        with self.open(name) as file:
            return file.read()

    def told(self, name: str) -> tuple[int, str]:
        """Return the size and the digest of a file's content. Raises NotFound, BadSignature."""
        if name not in self._told:
            with self.open(name) as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
                self._told[name] = file.tell(), f"sha256:{digest}"
        return self._told[name]

    def names(self) -> tuple[str, ...]:
        """Return the names of the files, sorted; hidden ones and links are none."""
        paths = (path for path in self.folder.iterdir() if not path.name.startswith("."))
        return tuple(sorted(one.name for one in paths if one.is_file() and not one.is_symlink()))


def open_files(folder: Path, seals: Seals | None) -> ExtractFiles:
    """Return the files of a finished extract, with the key that opens them.

    Raises:
        NotFound: there is no extract, or its key was destroyed.
        BadSignature: its files are not what was sealed.
    """
    if seals is None:
        return ExtractFiles(folder)
    try:
        first = min(path for path in folder.iterdir() if path.is_file())
        with first.open("rb") as file:
            return ExtractFiles(folder, seals.find(key_id_of(file)))
    except (FileNotFoundError, ValueError):
        raise NotFound(f"{folder} holds no extract.") from None


@contextmanager
def files_to_make(folder: Path, seals: Seals | None, *, begun: str) -> Iterator[ExtractFiles]:
    """Give the files of an extract under way, under the key that a killed one began with.

    `begun` is the file that it would have left. When the block fails the key is destroyed; after
    Ctrl-C it stays, as the files do.
    """
    if seals is None:
        yield ExtractFiles(folder)
        return
    key = _begun_with(folder / begun, seals) or seals.draw()
    try:
        yield ExtractFiles(folder, key)
    except KeyboardInterrupt:
        raise
    except BaseException:
        seals.forget(key)
        raise


def forget_begun(folder: Path, seals: Seals | None, *, begun: str) -> None:
    """Destroy the key that a killed extraction began with, if it had one."""
    key = _begun_with(folder / begun, seals) if seals else None
    if seals and key:
        seals.forget(key)


def _begun_with(path: Path, seals: Seals) -> DataKey | None:
    if path.is_symlink() or not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            return seals.find(key_id_of(file))
    except (NotFound, BadSignature):
        return None


class _Counted:
    """What is written to a file, counted and digested on the way."""

    def __init__(self, target: BinaryIO | SealingFile) -> None:
        self._target = target
        self.digest = hashlib.sha256()
        self.size = 0
        self.closed = False

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def write(self, data: bytes) -> int:
        self._target.write(data)
        self.digest.update(data)
        count = memoryview(data).nbytes
        self.size += count
        return count

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        """Nothing: the file is whole or absent, and synchronised at its end."""

    def close(self) -> None:
        self.closed = True
