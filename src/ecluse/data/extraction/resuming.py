"""How far an extraction had come: the tables that a killed one finished are not written again."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from ecluse.data.extraction import staging
from ecluse.domain import codec
from ecluse.domain.documents import ExtractedTable
from ecluse.domain.errors import Malformed
from ecluse.trust import canonical, durable

PROGRESS: Final = ".progress.json"


@dataclass(frozen=True)
class _Written:
    """What the file of progress holds."""

    fingerprint: str
    tables: tuple[ExtractedTable, ...]


@dataclass(slots=True)
class Progress:
    """The tables finished in `folder`, of the extraction that `fingerprint` tells from others."""

    folder: Path
    fingerprint: str
    tables: dict[str, ExtractedTable]

    @classmethod
    def begin(cls, folder: Path, fingerprint: str) -> "Progress":
        """Return what was finished under this fingerprint; anything else in `folder` is removed.

        A file that is not, to the last byte, the one that was finished is written again.
        """
        former = _read(folder / PROGRESS)
        is_same = former is not None and former.fingerprint == fingerprint
        tables = former.tables if former is not None and is_same else ()
        whole = {one.table: one for one in tables if _is_whole(file_of(folder, one.table), one)}
        staging.empty(folder, but=frozenset(file_of(folder, name).name for name in whole))
        return cls(folder, fingerprint, whole)

    def add(self, table: ExtractedTable) -> None:
        """Note that a table is finished."""
        self.tables[table.table] = table
        written = _Written(self.fingerprint, tuple(self.tables.values()))
        durable.write(self.folder / PROGRESS, canonical.encode(codec.encode(written)))


def file_of(folder: Path, table: str) -> Path:
    """Return where a table of an extract is."""
    return folder / f"{table}.parquet"


def _read(path: Path) -> _Written | None:
    if path.is_symlink() or not path.is_file():
        return None
    try:
        return cast(_Written, codec.decode(canonical.decode(path.read_bytes()), _Written))
    except Malformed:
        return None


def _is_whole(path: Path, table: ExtractedTable) -> bool:
    is_file = path.is_file() and not path.is_symlink()
    return is_file and canonical.digest_file(path) == table.digest
