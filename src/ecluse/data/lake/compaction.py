"""Compaction: the small parts of a slice become few, and the rows are proved to be the same."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from ecluse.data.engines import OnProgress, connect
from ecluse.data.lake.manifests import LakeTable, Part, Snapshot
from ecluse.data.lake.rewriting import ROWS_A_PART, Checksum, amended, checksum, write_sorted
from ecluse.data.lake.snapshots import Lake
from ecluse.data.lake.staging import Staging
from ecluse.domain import codec
from ecluse.domain.codec import JSON
from ecluse.domain.errors import NotFound, SnapshotDamaged


@dataclass(frozen=True, slots=True)
class CompactedSlice:
    """One slice of one table: parts before and after, and the rows that both hold."""

    table: str
    slice: str
    parts_before: int
    parts_after: int
    rows: int


@dataclass(frozen=True, slots=True)
class Compaction:
    """The current snapshot after a compaction; the one of before when nothing was to be done."""

    snapshot: Snapshot
    slices: tuple[CompactedSlice, ...]


def compact(
    lake: Lake,
    dataset: str,
    *,
    now: datetime,
    rows_a_part: int = ROWS_A_PART,
    on_progress: OnProgress | None = None,
) -> Compaction:
    """Publish a snapshot of the same rows in fewer parts. Never in place: the former one stays.

    A slice is written again when its rows fit in fewer parts than it has.

    Raises:
        NotFound: no such dataset.
        LoadFailed: a load of this dataset is under way.
        SnapshotDamaged: rows written are not the rows read; nothing was published.
    """
    lake.snapshot(dataset)
    with lake.staging(dataset, load="compaction") as staging:
        former = _former(staging)
        todo = _crowded(former, rows_a_part)
        if not todo:
            return Compaction(former, ())
        slices, changed = [], {}
        with connect(readable=[former.folder], writable=[staging.path]) as connection:
            for done, (table, crowded) in enumerate(todo.items()):
                if on_progress:
                    on_progress(table.name, done, len(todo))
                parts, compacted = _table(connection, staging, table, crowded, rows_a_part)
                changed[table.name] = parts
                slices += compacted
        report: JSON = {"compacted": codec.encode(tuple(slices))}
        draft = amended(former, changed, report=report, act="compaction")
        return Compaction(lake.publish(staging, draft, now=now), tuple(slices))


def _former(staging: Staging) -> Snapshot:
    if staging.former is None:
        raise NotFound(f"The dataset {staging.dataset} has no snapshot: load it first.")
    return staging.former


def _crowded(snapshot: Snapshot, rows_a_part: int) -> dict[LakeTable, dict[str, list[Part]]]:
    found = {}
    for table in snapshot.every_table():
        slices: dict[str, list[Part]] = defaultdict(list)
        for part in table.parts:
            slices[part.slice].append(part)
        crowded = {name: parts for name, parts in slices.items() if _is_crowded(parts, rows_a_part)}
        if crowded:
            found[table] = crowded
    return found


def _is_crowded(parts: Sequence[Part], rows_a_part: int) -> bool:
    needed = max(1, -(-sum(part.rows for part in parts) // rows_a_part))
    return len(parts) > needed


def _table(
    connection: duckdb.DuckDBPyConnection,
    staging: Staging,
    table: LakeTable,
    crowded: Mapping[str, list[Part]],
    rows_a_part: int,
) -> tuple[list[Part], list[CompactedSlice]]:
    kept = [part for part in table.parts if part.slice not in crowded]
    slices = []
    for name, parts in crowded.items():
        rows = staging.rows(connection, parts)
        written = write_sorted(
            staging, rows, table=table.name, slice_name=name, rows_a_part=rows_a_part
        )
        if len(written) >= len(parts):  # persons with many rows: nothing is gained, the old stay
            kept += parts
            continue
        after = staging.rows(connection, written)
        told = _same(checksum(rows, rows.columns), checksum(after, rows.columns), table.name, name)
        kept += written
        slices.append(CompactedSlice(table.name, name, len(parts), len(written), told.rows))
    return kept, slices


def _same(before: Checksum, after: Checksum, table: str, slice_name: str) -> Checksum:
    if before != after:
        raise SnapshotDamaged(
            f"{table} {slice_name}: {after.rows} rows were written from {before.rows}, or others: "
            "nothing was published. Verify the snapshot, then report this as a defect."
        )
    return after
