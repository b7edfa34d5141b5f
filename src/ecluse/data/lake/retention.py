"""Retention: old slices leave for the archive, old snapshots are dropped.

The archive is a lake of its own: what is there can be read, verified and erased, never ordered.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Final

from ecluse.data.engines import connect
from ecluse.data.lake.manifests import LakeTable, Part, Snapshot
from ecluse.data.lake.publication import CURRENT, Draft
from ecluse.data.lake.reading import read_table
from ecluse.data.lake.rewriting import amended, write_part
from ecluse.data.lake.snapshots import Lake
from ecluse.data.lake.staging import Staging
from ecluse.data.lake.sweeping import drop_folder
from ecluse.domain.codec import JSON
from ecluse.domain.errors import InvalidInput, NotFound, SnapshotDamaged

YEAR_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Retirement:
    """The snapshot that is left, and the archive's; None where no slice was old enough."""

    snapshot: Snapshot
    archive: Snapshot | None
    parts: int
    rows: int


def archive_name(dataset: str, before: int) -> str:
    """Return the dataset of the archive that keeps the slices of `dataset` before a year."""
    return f"{dataset}-before-{before}"


def archives_of(lake: Lake, dataset: str) -> list[tuple[Lake, str]]:
    """Return the archives of `dataset`, each as its lake and its name there."""
    start = archive_name(dataset, 0).removesuffix("0")
    return [(lake.archive, name) for name in lake.archive.datasets() if name.startswith(start)]


def retire(lake: Lake, dataset: str, *, before: int, now: datetime) -> Retirement:
    """Move the slices of years before `before` to the archive; the rest is the new snapshot.

    A slice is a month of claims flow or a year of stays; tables without slices stay whole. The
    archive is published first: killed between the two, the same command goes on. Snapshots that
    name the old slices still do, until they are dropped.

    Raises:
        NotFound: no such dataset.
        InvalidInput: the archive exists and holds other slices.
        LoadFailed: a load of this dataset is under way.
    """
    lake.snapshot(dataset)
    with lake.staging(dataset, load="retirement") as staging:
        former = staging.former
        if former is None:
            raise NotFound(f"The dataset {dataset} has no snapshot: load it first.")
        old = {name: _old(table, before) for name, table in former.tables.items()}
        moved = [part for parts in old.values() for part in parts]
        if not moved:
            return Retirement(former, None, 0, 0)
        archived = _archive(lake.archive, former, old, before=before, now=now)
        changed = {
            name: _left(staging, former.tables[name], parts) for name, parts in old.items() if parts
        }
        report: JSON = {"retired_before": before, "archive": archived.dataset, "parts": len(moved)}
        draft = amended(former, changed, report=report, act="retirement")
        snapshot = lake.publish(staging, draft, now=now)
    return Retirement(snapshot, archived, len(moved), sum(part.rows for part in moved))


def drop_snapshots(lake: Lake, dataset: str, *, before: datetime) -> tuple[str, ...]:
    """Drop the snapshots published before an instant, and return their names; never the current.

    Their parts stay until a sweep finds that no other snapshot names them.

    Raises:
        NotFound: no such dataset.
        LoadFailed: a load of this dataset is under way.
    """
    stamp = f"{before.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    with lake.alone(dataset) as folder:
        current = lake.snapshot(dataset).snapshot_id
        dropped = tuple(
            name
            for name in lake.snapshots(dataset)
            if name.partition("-")[0] < stamp and name != current
        )
        for name in dropped:
            drop_folder(folder / name)
    return dropped


def _old(table: LakeTable, before: int) -> list[Part]:
    return [part for part in table.parts if _year(part.slice) < before]


def _year(slice_name: str) -> float:
    digits = slice_name[:YEAR_DIGITS]
    return int(digits) if digits.isdigit() else float("inf")


def _left(staging: Staging, table: LakeTable, gone: Sequence[Part]) -> list[Part]:
    """Return the parts that stay; one without rows where none would, to keep the columns."""
    left = [part for part in table.parts if part not in gone]
    if left or staging.former is None:
        return left
    with connect(readable=[staging.former.folder], writable=[staging.path]) as connection:
        nothing = read_table(connection, staging.former, table).limit(0)
        return [write_part(staging, nothing, table=table.name, slice_name="all")]


def _archive(
    archive: Lake, former: Snapshot, old: dict[str, list[Part]], *, before: int, now: datetime
) -> Snapshot:
    """Publish the old slices, with the persons they name, as a dataset of the archive."""
    name = archive_name(former.dataset, before)
    tables = {table: parts for table, parts in old.items() if parts}
    if (archive.path / name / CURRENT).exists():
        return _already(archive.snapshot(name), tables)
    with archive.staging(name, load="retirement") as staging:
        people = (former.persons.parts, former.names.parts)
        for part in chain.from_iterable([*people, *tables.values()]):
            _share(former.folder / part.file, staging.path / part.file)
        draft = Draft(
            model=former.model,
            tables=tables,
            persons=former.persons.parts,
            names=former.names.parts,
            quarantine=former.quarantine_path,
            report={"retired_from": former.dataset, "snapshot": former.snapshot_id},
            act="retirement",
        )
        return archive.publish(staging, draft, now=now)


def _already(found: Snapshot, tables: dict[str, list[Part]]) -> Snapshot:
    """Return the archive that a killed retirement published. Raises InvalidInput."""
    if {name: set(parts) for name, parts in tables.items()} != {
        name: set(table.parts) for name, table in found.tables.items()
    }:
        raise InvalidInput(
            f"The archive {found.dataset} exists and holds other slices: retire them with another "
            "year, or erase that archive first."
        )
    return found


def _share(source: Path, target: Path) -> None:
    """Have the same bytes at `target`: a second name where the disk allows it, else a copy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_symlink() or not source.is_file():
        raise SnapshotDamaged(f"{source.name} is missing or is a link: verify the snapshot.")
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
