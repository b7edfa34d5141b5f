"""A load under way: a private folder where parts are written, then sealed."""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import duckdb

from ecluse.data.lake.encryption import Cipher, metadata_of, write_again
from ecluse.data.lake.manifests import Part, Snapshot
from ecluse.data.lake.reading import read_files
from ecluse.trust import canonical

PERSON_KEY: Final = "person_key"
BEING_WRITTEN: Final = "writing"
SYNCS: Final = 8
"""Files forced to the disk together: their waits overlap, and a disk does several at once."""


@dataclass(frozen=True, slots=True)
class Staging:
    """The private folder of one load of a dataset, and the snapshot that it starts from.

    With `cipher`, parts are encrypted when they are sealed; what is being written is in clear.
    """

    dataset: str
    path: Path
    former: Snapshot | None
    cipher: Cipher | None = field(default=None, repr=False, compare=False)

    def writing(self, name: str) -> Path:
        """Return where a file or folder called `name` may be written before it is sealed."""
        folder = self.path / BEING_WRITTEN
        folder.mkdir(exist_ok=True)
        return folder / name

    def seal(self, file: Path, *, table: str, slice_name: str) -> Part:
        """Return the part that the Parquet `file` becomes; it cannot be written any more.

        Raises:
            SnapshotDamaged: the file cannot be read as Parquet.
        """
        part = self.seal_unsynced(file, table=table, slice_name=slice_name)
        self.sync([part])
        return part

    def seal_unsynced(
        self, file: Path, *, table: str, slice_name: str, metadata: Any = None
    ) -> Part:
        """Seal a part that a power failure may still lose: `sync` it before anything names it.

        `metadata`: of the file, when it was read already. Raises SnapshotDamaged.
        """
        metadata = metadata or metadata_of(file, None)
        first, last = key_range(metadata)
        if self.cipher is not None:
            clear, file = file, file.with_name(f"{file.name}.encrypted")
            write_again(clear, file, opens=None, seals=self.cipher)
            clear.unlink()
        return self._place(
            file,
            Part(
                table=table,
                slice=slice_name,
                rows=metadata.num_rows,
                size=file.stat().st_size,
                digest=canonical.digest_file(file),
                first_key=first,
                last_key=last,
            ),
        )

    def seal_again(self, source: Path, part: Part, *, opens: Cipher | None) -> Part:
        """Return the part that the rows of `part`, in `source`, become under this load's key.

        Raises:
            SnapshotDamaged: the source cannot be read.
        """
        file = self.writing(source.name)
        write_again(source, file, opens=opens, seals=self.cipher)
        size, digest = file.stat().st_size, canonical.digest_file(file)
        again = self._place(file, replace(part, size=size, digest=digest))
        self.sync([again])
        return again

    def sync(self, parts: Iterable[Part]) -> None:
        """Make the bytes of the parts that this load sealed survive a power failure."""
        files = [file for part in parts if (file := self.path / part.file).exists()]
        if len(files) == 1:
            _sync(files[0])
        elif files:
            with ThreadPoolExecutor(SYNCS) as pool:
                list(pool.map(_sync, files))

    def _place(self, file: Path, part: Part) -> Part:
        target = self.path / part.file
        target.parent.mkdir(parents=True, exist_ok=True)
        file.rename(target)
        return part

    def path_of(self, part: Part) -> Path:
        """Return where a part is now: sealed by this load, or published before."""
        staged = self.path / part.file
        return staged if staged.exists() else self.path.parent / part.file

    def rows(
        self, connection: duckdb.DuckDBPyConnection, parts: Sequence[Part]
    ) -> duckdb.DuckDBPyRelation:
        """Return the rows of at least one part, sealed by this load or published before."""
        return read_files(connection, [self.path_of(part) for part in parts], cipher=self.cipher)


def _sync(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def key_range(metadata: Any) -> tuple[int | None, int | None]:
    """Return the least and greatest person keys that a file's statistics tell."""
    names = metadata.schema.names
    if PERSON_KEY not in names or not metadata.num_row_groups:
        return None, None
    column = names.index(PERSON_KEY)
    groups = (metadata.row_group(index).column(column) for index in range(metadata.num_row_groups))
    found = [group.statistics for group in groups]
    told = [item for item in found if item is not None and item.has_min_max]
    return (
        min((item.min for item in told), default=None),
        max((item.max for item in told), default=None),
    )
