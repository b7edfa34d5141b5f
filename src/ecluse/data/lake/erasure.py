"""Provable erasure of persons, of a snapshot, of a dataset.

Parts that hold the persons are written again without them, every snapshot that still holds them
is dropped, the files are deleted, and all that is left is read again to find nothing.
"""

import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import duckdb

from ecluse.data.engines import connect
from ecluse.data.lake.certificates import DeletionCertificate, Erased, ErasedTable
from ecluse.data.lake.manifests import LakeTable, Part, Snapshot
from ecluse.data.lake.publication import CURRENT
from ecluse.data.lake.rewriting import Checksum, amended, checksum, write_part
from ecluse.data.lake.snapshots import LOCK, Lake
from ecluse.data.lake.staging import Staging
from ecluse.data.lake.sweeping import drop_folder, sweep_folder
from ecluse.data.lake.traces import Persons, Tracer, Traces, find_persons
from ecluse.domain import codec
from ecluse.domain.errors import InvalidInput, SnapshotDamaged
from ecluse.trust import durable

AT_ONCE: Final = timedelta(0)
NOTHING: Final = Checksum(0, 0)


def erase_persons(
    lake: Lake, dataset: str, ids: Collection[str], *, reference: str, now: datetime
) -> DeletionCertificate:
    """Erase those who bear one of `ids` (person_id or opt_out_id) from every snapshot that stays.

    Their rows go, and so do the rows of nobody that name them; a name of theirs in a row of
    somebody else becomes NULL. Identifiers that nobody bears are counted, not refused.

    Raises:
        NotFound: no such dataset, or its key was not given.
        LoadFailed: a load of this dataset is under way.
        SnapshotDamaged: something of them was found after all; run the command again.
    """
    current = lake.snapshot(dataset)
    with lake.staging(dataset, load="erasure") as staging:
        current = staging.former or current
        former = _snapshots(lake, dataset)
        with connect(readable=[current.folder], writable=[staging.path]) as connection:
            persons = find_persons(connection, former, ids)
            sought = persons[current.snapshot_id]
            changed, tables = _without(connection, staging, current, sought)
            snapshot = current
            if changed:
                draft = amended(current, changed, report=codec.encode(tables), act="erasure")
                snapshot = lake.publish(staging, draft, now=now)
            proof = _Proof(connection)
            proof.read(snapshot, sought)
            kept = [one for one in former if proof.is_clean(one, persons[one.snapshot_id])]
        deleted = _delete(lake, former, [snapshot, *kept], now=now)
    return DeletionCertificate(
        erased=Erased.PERSONS,
        dataset=dataset,
        reference=reference,
        erased_at=now,
        persons_asked=len(set(ids)),
        # The most of any snapshot: one person may have another key in each.
        persons_erased=max(len(one.keys) for one in persons.values()),
        names_shared=len(sought.shared),
        snapshot_before=current.snapshot_id,
        snapshot_after=snapshot.snapshot_id,
        tables=tables,
        snapshots_dropped=deleted.snapshots,
        deleted=deleted.digests,
        bytes_deleted=deleted.size,
        parts_read_again=len(proof.clean),
        rows_read_again=proof.rows,
        rows_found_after=0,  # otherwise SnapshotDamaged was raised
        engine=f"duckdb {duckdb.__version__}",
    )


def erase_snapshot(
    lake: Lake, dataset: str, snapshot_id: str, *, reference: str, now: datetime
) -> DeletionCertificate:
    """Drop one former snapshot and delete the parts that no other names.

    Raises:
        NotFound: no such snapshot.
        InvalidInput: it is the current one.
        LoadFailed: a load of this dataset is under way.
    """
    gone = lake.snapshot(dataset, snapshot_id)
    with lake.alone(dataset):
        current = lake.snapshot(dataset)
        if snapshot_id == current.snapshot_id:
            raise InvalidInput(
                f"{snapshot_id} is the current snapshot of {dataset}: erase the dataset, or load "
                "its successor first."
            )
        # Not `_snapshots`: a damaged one stays, with parts that nobody could then tell.
        former = [lake.snapshot(dataset, name) for name in lake.snapshots(dataset)]
        kept = [one for one in former if one.snapshot_id != snapshot_id]
        deleted = _delete(lake, former, kept, now=now)
    return _plain(gone, deleted, reference=reference, now=now, after=current.snapshot_id)


def erase_dataset(
    lake: Lake, dataset: str, *, reference: str, now: datetime
) -> DeletionCertificate:
    """Delete everything of a dataset: every snapshot, every part, what loads left.

    Raises:
        NotFound: no such dataset.
        LoadFailed: a load of this dataset is under way.
    """
    current = lake.snapshot(dataset)
    with lake.alone(dataset) as folder:
        names = lake.snapshots(dataset)
        digests = {part.digest for one in _snapshots(lake, dataset) for part in one.every_part()}
        size = sum(file.lstat().st_size for file in folder.rglob("*") if not file.is_dir())
        (folder / CURRENT).unlink()  # first: from here on nobody finds the dataset
        durable.sync_folder(folder)
        for path in sorted(folder.iterdir()):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name != LOCK:
                path.unlink()
        (folder / LOCK).unlink()
    folder.rmdir()
    durable.sync_folder(folder.parent)
    deleted = _Deleted(names, tuple(sorted(digests)), size)
    return _plain(current, deleted, reference=reference, now=now, after=None)


@dataclass(frozen=True, slots=True)
class _Deleted:
    """Snapshots dropped, digests of the parts deleted, bytes."""

    snapshots: tuple[str, ...]
    digests: tuple[str, ...]
    size: int


@dataclass(slots=True)
class _Proof:
    """Reads parts again; a part that two snapshots share is read once for the same persons."""

    connection: duckdb.DuckDBPyConnection
    clean: set[tuple[Path, Persons]] = field(default_factory=set)
    rows: int = 0

    def read(self, snapshot: Snapshot, persons: Persons) -> None:
        """Accept the snapshot if nothing of the persons is in it. Raises SnapshotDamaged."""
        if not self.is_clean(snapshot, persons):
            raise SnapshotDamaged(
                f"{snapshot.dataset} {snapshot.snapshot_id} still holds rows of the persons after "
                "the erasure: run the command again, then report this as a defect."
            )

    def is_clean(self, snapshot: Snapshot, persons: Persons) -> bool:
        """Say whether nothing of the persons is in any part of the snapshot."""
        tracer = Tracer(self.connection, snapshot, persons)
        return all(self._is_clean(tracer, table, persons) for table in snapshot.every_table())

    def _is_clean(self, tracer: Tracer, table: LakeTable, persons: Persons) -> bool:
        parts = [part for part in table.parts if (part.file, persons) not in self.clean]
        if parts and not tracer.look(table, parts).is_clean:
            return False
        self.clean.update((part.file, persons) for part in parts)
        self.rows += sum(part.rows for part in parts)
        return True


def _without(
    connection: duckdb.DuckDBPyConnection, staging: Staging, current: Snapshot, sought: Persons
) -> tuple[Mapping[str, Sequence[Part]], tuple[ErasedTable, ...]]:
    """Write again the parts that hold the persons; return the new lists of parts, and the counts.

    Raises:
        SnapshotDamaged: what was written is not the rows that had to stay.
    """
    tracer = Tracer(connection, current, sought)
    changed: dict[str, Sequence[Part]] = {}
    counts = []
    for table in current.every_table():
        if tracer.look(table, table.parts).is_clean:
            continue
        traces = [tracer.look(table, [part]) for part in table.parts]
        parts, expected, written = _table_without(connection, staging, tracer, table, traces)
        if expected != written:
            raise SnapshotDamaged(
                f"{table.name}: the rows written are not the rows that had to stay: nothing was "
                "published. Verify the snapshot, then report this as a defect."
            )
        changed[table.name] = parts
        counts.append(_counted(table, traces, expected, written))
    return changed, tuple(counts)


def _table_without(
    connection: duckdb.DuckDBPyConnection,
    staging: Staging,
    tracer: Tracer,
    table: LakeTable,
    traces: Sequence[Traces],
) -> tuple[list[Part], Checksum, Checksum]:
    parts: list[Part] = []
    empty: list[Part] = []
    expected, written = NOTHING, NOTHING
    for part, found in zip(table.parts, traces, strict=True):
        if found.is_clean:
            parts.append(part)
            continue
        rows = tracer.without(table, part)
        new = write_part(staging, rows, table=table.name, slice_name=part.slice)
        expected += checksum(rows, rows.columns)
        written += checksum(staging.rows(connection, [new]), rows.columns)
        (parts if new.rows else empty).append(new)
    return parts or empty[:1], expected, written


def _counted(
    table: LakeTable, traces: Iterable[Traces], expected: Checksum, written: Checksum
) -> ErasedTable:
    traces = list(traces)
    erased = sum(found.erased for found in traces)
    return ErasedTable(
        table=table.name,
        rows_before=table.rows,
        rows_erased=erased,
        rows_blanked=sum(found.blanked for found in traces),
        rows_after=table.rows - erased,
        parts_written_again=sum(not found.is_clean for found in traces),
        checksum_expected=str(expected),
        checksum_written=str(written),
    )


def _snapshots(lake: Lake, dataset: str) -> list[Snapshot]:
    """Return the snapshots of a dataset that can be read: nothing is proved of a damaged one."""
    found = []
    for name in lake.snapshots(dataset):
        with suppress(SnapshotDamaged):
            found.append(lake.snapshot(dataset, name))
    return found


def _delete(
    lake: Lake, former: Sequence[Snapshot], kept: Sequence[Snapshot], *, now: datetime
) -> _Deleted:
    """Delete every snapshot that is not kept, damaged ones included, and its files."""
    folder, dataset = kept[0].folder, kept[0].dataset
    dropped = sorted({*lake.snapshots(dataset)} - {one.snapshot_id for one in kept})
    for name in dropped:
        drop_folder(folder / name)
    swept = sweep_folder(folder, kept, now=now, grace=AT_ONCE)
    stays = {part.digest for one in kept for part in one.every_part()}
    gone = {part.digest for one in former for part in one.every_part()} - stays
    return _Deleted(tuple(dropped), tuple(sorted(gone)), swept.size)


def _plain(
    gone: Snapshot, deleted: _Deleted, *, reference: str, now: datetime, after: str | None
) -> DeletionCertificate:
    """Return the certificate of a snapshot (`after` another stays) or of a dataset."""
    return DeletionCertificate(
        erased=Erased.DATASET if after is None else Erased.SNAPSHOT,
        dataset=gone.dataset,
        reference=reference,
        erased_at=now,
        persons_asked=0,
        persons_erased=gone.person_count if after is None else 0,
        names_shared=0,
        snapshot_before=gone.snapshot_id,
        snapshot_after=after,
        tables=(),
        snapshots_dropped=deleted.snapshots,
        deleted=deleted.digests,
        bytes_deleted=deleted.size,
        parts_read_again=0,
        rows_read_again=0,
        rows_found_after=0,
        engine=f"duckdb {duckdb.__version__}",
    )
