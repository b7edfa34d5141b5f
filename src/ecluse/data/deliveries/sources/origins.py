"""Where a delivered file lies, and how its bytes reach the reader."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


def printable(name: str) -> str:
    """Return a file's name as reports and terminals may show it: signs that act are spelt out."""
    return "".join(
        sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in name.replace("\\", "\\\\")
    )


class Readable(Protocol):
    """Bytes that can be read again from any point."""

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes."""

    def seek(self, position: int, whence: int = 0, /) -> int:
        """Go to a point."""


class Origin(Protocol):
    """A delivered file: on disk, inside an archive, or a table of a database."""

    @property
    def identity(self) -> str:
        """What tells this version of the file from another: size and time of change."""

    @property
    def size(self) -> int:
        """Bytes as delivered, or an estimate."""

    def stream(self) -> AbstractContextManager[Readable]:
        """Give its bytes, unpacked, to find its columns. Raises LoadFailed."""

    def open(self, scratch: Path) -> AbstractContextManager[Path]:
        """Give a plain file for the time of the `with`, made in `scratch` if need be.

        Raises:
            LoadFailed: what is delivered cannot be read to its end.
        """


class Table(Origin, Protocol):
    """A table of an open database, given to the reader as CSV."""

    @property
    def name(self) -> str:
        """The name that reports give to it."""

    @property
    def table(self) -> str:
        """Its name in the database."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns, in order."""


class TableSource(Protocol):
    """An open database whose tables can be loaded: see `sources.databases`."""

    @property
    def name(self) -> str:
        """The name that messages give to it."""

    @property
    def tables(self) -> Sequence[Table]:
        """Its tables, by name."""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that is read where it lies."""

    path: Path

    @property
    def identity(self) -> str:
        """See `Origin`."""
        stat = self.path.stat()
        return f"{stat.st_size} {stat.st_mtime_ns}"

    @property
    def size(self) -> int:
        """See `Origin`."""
        return self.path.stat().st_size

    @contextmanager
    def stream(self) -> Iterator[Readable]:
        """See `Origin`."""
        with self.path.open("rb") as file:
            yield file

    @contextmanager
    def open(self, scratch: Path) -> Iterator[Path]:  # noqa: ARG002 — nothing to make
        """See `Origin`."""
        yield self.path
