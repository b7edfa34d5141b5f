"""What each snapshot changed: slices that came, were replaced, or left."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ecluse.data.lake.manifests import Act, LakeTable, Snapshot
from ecluse.data.lake.snapshots import Lake


@dataclass(frozen=True, slots=True)
class TableChange:
    """Slices of one table that a snapshot added, replaced by other files, or no longer has."""

    table: str
    added: tuple[str, ...]
    replaced: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A snapshot, and how it differs from the one before. Bytes are those of files of its own."""

    snapshot_id: str
    published_at: datetime
    act: Act
    persons: int
    rows: int
    new_size: int
    tables: tuple[TableChange, ...]


def history(lake: Lake, dataset: str) -> tuple[Change, ...]:
    """Return the snapshots of `dataset` that are kept, oldest first, each against the one before.

    Raises:
        NotFound: no such dataset.
        SnapshotDamaged: a manifest cannot be read.
    """
    lake.snapshot(dataset)
    found = [lake.snapshot(dataset, name) for name in lake.snapshots(dataset)]
    befores: list[Snapshot | None] = [None, *found[:-1]]
    return tuple(_change(before, after) for before, after in zip(befores, found, strict=True))


def _change(before: Snapshot | None, after: Snapshot) -> Change:
    known = {part.file for part in before.every_part()} if before else set()
    tables = before.tables if before else {}
    names = [*dict.fromkeys([*tables, *after.tables])]
    changes = [_table_change(name, tables.get(name), after.tables.get(name)) for name in names]
    return Change(
        snapshot_id=after.snapshot_id,
        published_at=after.published_at,
        act=after.act,
        persons=after.person_count,
        rows=sum(table.rows for table in after.tables.values()),
        new_size=sum(part.size for part in after.every_part() if part.file not in known),
        tables=tuple(one for one in changes if one.added or one.replaced or one.removed),
    )


def _table_change(name: str, before: LakeTable | None, after: LakeTable | None) -> TableChange:
    old, new = _slices(before), _slices(after)
    both = old.keys() & new.keys()
    return TableChange(
        table=name,
        added=tuple(sorted(new.keys() - old.keys())),
        replaced=tuple(sorted(one for one in both if old[one] != new[one])),
        removed=tuple(sorted(old.keys() - new.keys())),
    )


def _slices(table: LakeTable | None) -> dict[str, set[Path]]:
    found: dict[str, set[Path]] = defaultdict(set)
    for part in table.parts if table else ():
        found[part.slice].add(part.file)
    return dict(found)
