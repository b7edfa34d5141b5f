"""Gzip and zip: members are unpacked one at a time, by their content alone, within limits.

A member's name is only read to recognise its table: it is never a path that is written to.
"""

import gzip
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Final

from ecluse.data.deliveries.sources.origins import LocalFile, Readable, printable
from ecluse.domain.errors import LoadFailed

GZIP: Final = ".gz"
ZIP: Final = ".zip"
BLOCK: Final = 1 << 20
FREE_BYTES: Final = 1 << 28
"""Up to this size a member is unpacked whatever its ratio."""
HIGHEST_RATIO: Final = 200
"""Claims pack about 10 to 1; a bomb, 1000 to 1."""
MOST_MEMBERS: Final = 10_000
BROKEN: Final = (
    EOFError,
    zlib.error,
    lzma.LZMAError,
    gzip.BadGzipFile,
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
)
"""What Python raises for archives that are damaged, encrypted, or packed in an unknown way."""
_copies = count()


@dataclass(frozen=True, slots=True)
class Packed:
    """A file inside the archive `path`: a member of a zip, or all there is in a gzip."""

    path: Path
    name: str
    member: str | None

    @property
    def identity(self) -> str:
        """See `Origin`."""
        return LocalFile(self.path).identity

    @property
    def size(self) -> int:
        """See `Origin`."""
        if self.member is None:
            return self.path.stat().st_size
        with self._reading(), zipfile.ZipFile(self.path) as archive:
            return archive.getinfo(self.member).compress_size

    @contextmanager
    def stream(self) -> Iterator[Readable]:
        """See `Origin`; going back unpacks from the start once more."""
        with self._reading(), self._opened() as stream:
            yield stream

    @contextmanager
    def open(self, scratch: Path) -> Iterator[Path]:
        """See `Origin`."""
        copy = scratch / f"unpacked_{next(_copies)}"
        try:
            self._unpack(copy)
            yield copy
        finally:
            copy.unlink(missing_ok=True)

    def _unpack(self, copy: Path) -> None:
        highest = max(FREE_BYTES, self.size * HIGHEST_RATIO)
        written = 0
        with self.stream() as stream, copy.open("wb") as target:
            while block := stream.read(BLOCK):
                written += len(block)
                if written > highest:
                    raise LoadFailed(
                        f"{self.name}: it unpacks to over {HIGHEST_RATIO} times its size, as "
                        "archives made to fill a disk do; unpack it yourself if you trust it. "
                        "Nothing was loaded."
                    )
                target.write(block)

    @contextmanager
    def _opened(self) -> Iterator[Readable]:
        if self.member is None:
            with gzip.open(self.path) as stream:
                yield stream
        else:
            with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as stream:
                yield stream

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except BROKEN as error:
            raise LoadFailed(
                f"{self.name}: the archive is damaged, encrypted or packed in a way that is not "
                f"known ({type(error).__name__}); ask for it again. Nothing was loaded."
            ) from None


def packed_files(path: Path, *, name: str) -> list[Packed]:
    """Return the files inside the archive `path`, delivered as `name`, by name.

    Raises:
        LoadFailed: not an archive, too many members, or a member named outside of the archive.
    """
    if path.suffix.lower() == GZIP:
        return [Packed(path, name, None)]
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist()]
    except BROKEN:
        raise LoadFailed(
            f"{name}: not a complete zip; ask for it again. Nothing was loaded."
        ) from None
    members = sorted(name for name in names if not name.endswith("/"))
    doubled = len(members) != len(set(members))
    if doubled or len(members) > MOST_MEMBERS or any(map(_leaves, members)):
        raise LoadFailed(
            f"{name}: its {len(members)} members are too many, doubled, or named outside of the "
            "archive, as in archives made to harm; unpack it yourself if you trust it. Nothing "
            "was loaded."
        )
    return [Packed(path, f"{name}/{printable(member)}", member) for member in members]


def _leaves(member: str) -> bool:
    path = PurePosixPath(member.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or not path.parts or ":" in path.parts[0]
