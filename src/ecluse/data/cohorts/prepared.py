"""A dataset made ready for a cluster: cleaned by the filters, opened, sorted by person.

    prepared.json            dataset, snapshot, model, filters, and each file with its digest
    rows/<table>/0000.parquet    the rows that count under these filters
    raw/<table>/0000.parquet     as they were loaded: registers, references

Filters are DuckDB's, and the keys of an encrypted lake stay on its machine: what a cluster reads is
this copy, in clear. It holds persons as the lake does: it lies where the cluster encrypts its disks
and is deleted after the study.
"""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import ColumnExpression, DuckDBPyRelation

from ecluse.data.cohorts.failures import engine_stops
from ecluse.data.engines import OnProgress, connect, storage_failures
from ecluse.data.filters import Cleaning, Switches
from ecluse.data.lake import Snapshot, read, read_persons
from ecluse.data.schemas import Model, model
from ecluse.domain import codec
from ecluse.domain.errors import InvalidInput, Malformed, NotFound, SnapshotDamaged
from ecluse.trust import canonical, durable

MANIFEST: Final = "prepared.json"
ROWS, RAW = "rows", "raw"
PERSONS: Final = "persons"
STAGING: Final = ".preparing-"
ROWS_PER_GROUP: Final = 122_880
GROUPS_PER_FILE: Final = 32
"""About four million rows: files of the size that a cluster likes."""


@dataclass(frozen=True)
class PreparedFile:
    """One file, by its place in the folder and its content."""

    path: str
    row_count: int
    digest: str


@dataclass(frozen=True)
class _Manifest:
    dataset: str
    snapshot: str
    model: str
    switches: Switches
    files: tuple[PreparedFile, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prepared dataset, as Spark reads it."""

    folder: Path
    dataset: str
    snapshot_id: str
    model: Model
    switches: Switches
    files: tuple[PreparedFile, ...]

    @classmethod
    def open(cls, folder: Path) -> "Prepared":
        """Return the prepared dataset in `folder`. Raises NotFound, InvalidInput."""
        try:
            data = canonical.decode((folder / MANIFEST).read_bytes())
            told = codec.decode(data, _Manifest)
        except FileNotFoundError:
            raise NotFound(f"{folder} holds no prepared dataset: prepare one first.") from None
        except Malformed as error:
            raise InvalidInput(f"{folder / MANIFEST} was changed: {error}") from None
        return cls(
            folder, told.dataset, told.snapshot, model(told.model), told.switches, told.files
        )

    def has(self, table: str) -> bool:
        """Whether it has the table."""
        return bool(self._of(ROWS, table))

    def rows(self, table: str) -> tuple[Path, ...]:
        """Return the files of the rows that count. Raises NotFound."""
        return self._found(ROWS, table)

    def raw(self, table: str) -> tuple[Path, ...]:
        """Return the files of a table as it was loaded, or of its rows. Raises NotFound."""
        return self._of(RAW, table) or self._found(ROWS, table)

    def verify(self) -> None:
        """Pass if every file is the one that was prepared. Raises SnapshotDamaged."""
        for file in self.files:
            path = self.folder / file.path
            if not path.is_file() or canonical.digest_file(path) != file.digest:
                raise SnapshotDamaged(f"{file.path} is not the file that was prepared: redo it.")

    def _found(self, kind: str, table: str) -> tuple[Path, ...]:
        files = self._of(kind, table)
        if not files:
            raise NotFound(f"The prepared dataset {self.dataset} has no table {table}.")
        return files

    def _of(self, kind: str, table: str) -> tuple[Path, ...]:
        start = f"{kind}/{table}/"
        return tuple(self.folder / one.path for one in self.files if one.path.startswith(start))


def prepare(
    snapshot: Snapshot,
    target: Path,
    *,
    switches: Switches,
    memory_limit: str = "1GiB",
    on_progress: OnProgress = lambda _step, _done, _total: None,
) -> Prepared:
    """Write a snapshot for a cluster in the new folder `target`, under these filters.

    Raises:
        InvalidInput: `target` exists, or a filter is unknown.
        NotFound: the snapshot is encrypted with a key that was not given.
        StorageFull, JobFailed: the engine stopped; nothing is left at `target`.
    """
    if target.exists():
        raise InvalidInput(f"{target} exists: name another folder.")
    staging = target.with_name(f"{STAGING}{target.name}")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700, parents=True)
    try:
        with storage_failures(target.parent), engine_stops(doing="prepare the dataset"):
            files = tuple(_write_all(snapshot, staging, switches, memory_limit, on_progress))
            told = _Manifest(
                snapshot.dataset, snapshot.snapshot_id, snapshot.model.name, switches, files
            )
            durable.write(staging / MANIFEST, canonical.encode(codec.encode(told)))
            staging.rename(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Prepared.open(target)


def _write_all(
    snapshot: Snapshot, folder: Path, switches: Switches, memory: str, on_progress: OnProgress
) -> Iterator[PreparedFile]:
    with connect(readable=[snapshot.folder], writable=[folder], memory_limit=memory) as connection:
        cleaning = Cleaning(connection, snapshot, switches=switches)
        try:
            found = {f"{ROWS}/{name}": cleaning.table(name) for name in snapshot.tables}
            found |= _raw(snapshot, connection)
            for number, (place, relation) in enumerate(found.items()):
                on_progress(place, number, len(found))
                yield from _write(relation, folder, place)
        finally:
            cleaning.close()
    for spill in folder.glob(".spill-*"):
        shutil.rmtree(spill, ignore_errors=True)


def _raw(
    snapshot: Snapshot, connection: duckdb.DuckDBPyConnection
) -> Mapping[str, DuckDBPyRelation]:
    """Return what cohorts read as it was loaded: facts, references, and who there is."""
    known = snapshot.model
    facts = known.register.facts
    names = {known.register.table}
    names |= {facts.death_table} if facts and facts.death_table else set()
    names |= {one.reference.table for one in known.sources.values() if one.reference}
    tables = sorted(names & set(snapshot.tables))
    return {
        **{f"{RAW}/{name}": read(connection, snapshot, name) for name in tables},
        f"{ROWS}/{PERSONS}": read_persons(connection, snapshot).select("person_key"),
    }


def _write(relation: DuckDBPyRelation, folder: Path, place: str) -> Iterator[PreparedFile]:
    """Write rows in files of one size, sorted by person; one file, empty, when there is none."""
    if "person_key" in relation.columns:
        relation = relation.sort(ColumnExpression("person_key"))
    (folder / place).mkdir(parents=True)
    reader = relation.to_arrow_reader(ROWS_PER_GROUP)
    batches = iter(reader)
    first = next(batches, None)
    number = 0
    while first is not None or number == 0:
        path = folder / place / f"{number:04}.parquet"
        rows = 0
        with durable.replacing(path) as file, _writer(file, reader.schema) as writer:
            while first is not None and rows < GROUPS_PER_FILE * ROWS_PER_GROUP:
                writer.write_batch(first)
                rows += first.num_rows
                first = next(batches, None)
        yield PreparedFile(f"{place}/{path.name}", rows, canonical.digest_file(path))
        number += 1


def _writer(file: object, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(file, schema, compression="zstd")
