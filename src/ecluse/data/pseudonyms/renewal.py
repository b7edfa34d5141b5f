"""A project's files, written again under new pseudonyms: all of them, or none.

The new files are made beside the folder, in `.renewing-<name>`, and take its place at the end. A
renewal that was killed goes on with the files that are left to do.
"""

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.engines import OnProgress, connect, quoted, storage_failures
from ecluse.data.pseudonyms.correspondence import Renewed, Versions, correspond_all
from ecluse.data.pseudonyms.finding import ProjectFiles, check_others, find_pseudonyms, list_files
from ecluse.data.pseudonyms.labels import Label
from ecluse.domain.errors import NotAllowed, NotFound
from ecluse.trust import canonical, durable

STAGING: Final = ".renewing-"
REPLACED: Final = ".renewed-"
ROWS: Final = 122_880
FROM: Final = b"ecluse.renewed_from"
KEYS: Final = b"ecluse.pseudonym_keys"
MEMORY: Final = "1GiB"


@dataclass(frozen=True, slots=True)
class Renewal:
    """What was done: the digest of each file now, and how many pseudonyms were replaced.

    `resumed` files had been written by a renewal that was stopped.
    """

    files: Mapping[str, str]
    pseudonyms: Mapping[Label, int]
    resumed: int


def renew(
    folder: Path,
    versions: Versions,
    *,
    known: Mapping[str, Label],
    values: Mapping[Label, Iterable[pa.Array]],
    memory_limit: str = MEMORY,
    on_progress: OnProgress = lambda _step, _done, _total: None,
) -> Renewal:
    """Replace every pseudonym in the files of `folder` and return what was done.

    `known` are the identifier columns of the data, `values` what they name in the lake. Rows are
    put in a new order, so that it does not tell the old pseudonyms. When it raises, or is killed,
    the folder is as it was; called again, it goes on.

    Raises:
        InvalidInput: a pseudonym stands where none should, or is not of this project; or
            `memory_limit` does not hold the pseudonyms that differ (about 100 bytes each).
        NotAllowed: another renewal of this project is under way.
        NotFound: there is no such folder.
        StorageFull: no space is left.
    """
    staging = folder.with_name(STAGING + folder.name)
    with storage_failures(folder.parent), _only_writer(folder):
        _finish_swap(folder, staging)
        files = list_files(folder)
        if _is_done(files, versions):
            return Renewal(_digests(files), {}, resumed=len(files.tables))
        on_progress("find", 0, len(files.tables))
        # No folder to spill into: neither old pseudonyms nor the correspondence go to a disk.
        with connect(readable=[folder], memory_limit=memory_limit) as connection:
            wanted = find_pseudonyms(files, known, connection)
        check_others(files, wanted.values())
        renewed = correspond_all(versions, wanted, values)
        resumed = _Writer(files, staging, renewed, known, versions).write_all(on_progress)
        _swap(folder, staging)
        counts = {label: len(pairs.old) for label, pairs in renewed.items()}
        return Renewal(_digests(list_files(folder)), counts, resumed)


def _is_done(files: ProjectFiles, versions: Versions) -> bool:
    """Say whether every table has the new pseudonyms: a kill came after the swap."""
    return all(_notes(path).get(KEYS) == _key_ids(versions) for path in files.tables)


@dataclass(frozen=True, slots=True)
class _Writer:
    files: ProjectFiles
    staging: Path
    renewed: Mapping[Label, Renewed]
    known: Mapping[str, Label]
    versions: Versions

    def write_all(self, on_progress: OnProgress) -> int:
        """Write what a former attempt did not; return how many tables it had written."""
        self._clear()
        resumed = 0
        for number, path in enumerate(self.files.tables):
            on_progress(path.name, number, len(self.files.tables))
            target = self._target(path)
            note = {FROM: canonical.digest_file(path).encode(), KEYS: _key_ids(self.versions)}
            if _notes(target) == note:
                resumed += 1
            else:
                self._write(path, target, note)
        for path in self.files.others:
            durable.write(self._target(path), path.read_bytes())
        for path in (*self.files.tables, *self.files.others):
            self._target(path).chmod(path.stat().st_mode & 0o777)
        return resumed

    def _target(self, path: Path) -> Path:
        target = self.staging / path.relative_to(self.files.folder)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return target

    def _clear(self) -> None:
        """Remove what a stopped renewal left, its whole files excepted."""
        self.staging.mkdir(mode=0o700, exist_ok=True)
        kept = {self._target(path) for path in (*self.files.tables, *self.files.others)}
        for path in self.staging.rglob("*"):
            if path.is_file() and path not in kept:
                path.unlink()

    def _write(self, path: Path, target: Path, note: Mapping[bytes, bytes]) -> None:
        """Write one table in the order of its new pseudonyms and other values."""
        with pq.ParquetFile(path) as source:
            schema = source.schema_arrow
            noted = schema.with_metadata({**(schema.metadata or {}), **note})
            with connect(readable=[], writable=[self.staging], memory_limit=MEMORY) as connection:
                replaced = pa.RecordBatchReader.from_batches(schema, self._replaced(source, schema))
                rows = connection.from_arrow(replaced)
                ordered = rows.order(", ".join(quoted(name) for name in schema.names))
                _write_rows(ordered.to_arrow_reader(ROWS), noted, target)

    def _replaced(self, source: pq.ParquetFile, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        for batch in source.iter_batches(ROWS):
            columns = [
                self.renewed[self.known[name]].replace(column).cast(schema.field(name).type)
                if name in self.known
                else column
                for name, column in zip(schema.names, batch.columns, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _write_rows(reader: pa.RecordBatchReader, schema: pa.Schema, target: Path) -> None:
    with (
        durable.replacing(target) as file,
        pq.ParquetWriter(file, schema, compression="zstd") as writer,
    ):
        for batch in reader:
            # The engine gives back its own types: the file keeps those that it had.
            typed = pa.Table.from_batches([batch]).cast(schema)
            writer.write_table(typed, row_group_size=ROWS)


def _key_ids(versions: Versions) -> bytes:
    return " ".join(versions.new.keys.key_ids).encode()


def _notes(path: Path) -> dict[bytes, bytes]:
    if not path.exists():
        return {}
    metadata = pq.read_schema(path).metadata or {}
    return {key: metadata[key] for key in (FROM, KEYS) if key in metadata}


def _swap(folder: Path, staging: Path) -> None:
    """Put the new files in the place of the old, in two renames that `_finish_swap` completes."""
    for path in staging.rglob(".spill-*"):
        shutil.rmtree(path, ignore_errors=True)
    for path in folder.rglob("*"):
        if path.is_dir():
            (staging / path.relative_to(folder)).mkdir(exist_ok=True)
            (staging / path.relative_to(folder)).chmod(path.stat().st_mode & 0o777)
    staging.chmod(folder.stat().st_mode & 0o777)
    folder.rename(folder.with_name(REPLACED + folder.name))
    durable.sync_folder(folder.parent)
    _finish_swap(folder, staging)


def _finish_swap(folder: Path, staging: Path) -> None:
    """Complete a swap if one was begun. Raises NotFound."""
    replaced = folder.with_name(REPLACED + folder.name)
    if replaced.exists():
        if not folder.exists():
            staging.rename(folder)
            durable.sync_folder(folder.parent)
        _remove(replaced)
    if not folder.is_dir():
        raise NotFound(f"{folder} is not a folder: name the project's folder of files.")


def _remove(folder: Path) -> None:
    """Remove what others may have closed to writing."""
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o700)
    shutil.rmtree(folder)


def _digests(files: ProjectFiles) -> dict[str, str]:
    paths = (*files.tables, *files.others)
    return {str(path.relative_to(files.folder)): canonical.digest_file(path) for path in paths}


@contextmanager
def _only_writer(folder: Path) -> Iterator[None]:
    """Hold the project; the system lets it go when the process dies. Raises NotAllowed."""
    if not folder.parent.is_dir():
        raise NotFound(f"{folder} is not a folder: name the project's folder of files.")
    lock = os.open(folder.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise NotAllowed(f"Another renewal in {folder.parent} is under way: wait.") from None
    finally:
        os.close(lock)
