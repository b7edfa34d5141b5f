"""How far an extraction had come: the tables that a killed one finished are not written again."""

from dataclasses import dataclass
from typing import Final, cast

from ecluse.data.extraction import staging
from ecluse.data.extraction.files import ExtractFiles
from ecluse.domain import codec
from ecluse.domain.documents import ExtractedTable
from ecluse.domain.errors import BadSignature, Malformed, NotFound
from ecluse.trust import canonical

PROGRESS: Final = ".progress.json"


@dataclass(frozen=True)
class _Written:
    """What the file of progress holds."""

    fingerprint: str
    tables: tuple[ExtractedTable, ...]


@dataclass(slots=True)
class Progress:
    """The tables finished among `files`, of the extraction that `fingerprint` tells from others."""

    files: ExtractFiles
    fingerprint: str
    tables: dict[str, ExtractedTable]

    @classmethod
    def begin(cls, files: ExtractFiles, fingerprint: str) -> "Progress":
        """Return what was finished under this fingerprint; anything else there is removed.

        A file that is not, to the last byte, the one that was finished is written again.
        """
        former = _read(files)
        is_same = former is not None and former.fingerprint == fingerprint
        tables = former.tables if former is not None and is_same else ()
        whole = {one.table: one for one in tables if _is_whole(files, one)}
        staging.empty(files.folder, but=frozenset(map(file_of, whole)))
        return cls(files, fingerprint, whole)

    def add(self, table: ExtractedTable) -> None:
        """Note that a table is finished."""
        self.tables[table.table] = table
        written = _Written(self.fingerprint, tuple(self.tables.values()))
        self.files.write(PROGRESS, canonical.encode(codec.encode(written)))


def file_of(table: str) -> str:
    """Return the file of a table of an extract."""
    return f"{table}.parquet"


def _read(files: ExtractFiles) -> _Written | None:
    try:
        data = canonical.decode(files.read(PROGRESS))
        return cast(_Written, codec.decode(data, _Written))
    except (BadSignature, Malformed, NotFound):
        return None


def _is_whole(files: ExtractFiles, table: ExtractedTable) -> bool:
    try:
        return files.told(file_of(table.table))[1] == table.digest
    except (BadSignature, NotFound):
        return False
