"""Sweeping: files that no snapshot names are deleted, after a delay, never under a load."""

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from ecluse.data.lake.manifests import PARTS, Snapshot
from ecluse.data.lake.snapshots import STAGING, Lake
from ecluse.domain import codec
from ecluse.domain.errors import Malformed
from ecluse.trust import canonical, durable

DROPPED: Final = ".dropped-"
UNNAMED: Final = ".unnamed.json"
GRACE: Final = timedelta(days=1)
"""An extraction that began before a snapshot was dropped may still read its parts for a while."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """Files deleted, their bytes, and files that wait for the end of the delay."""

    deleted: int
    size: int
    waiting: int


def sweep(lake: Lake, dataset: str, *, now: datetime, grace: timedelta = GRACE) -> Sweep:
    """Delete the parts that no snapshot has named for `grace`, and what killed loads left.

    The delay runs from the first sweep that finds a part without a snapshot.

    Raises:
        NotFound: no such dataset.
        LoadFailed: a load of this dataset is under way.
        SnapshotDamaged: a manifest cannot be read, so nobody knows which parts it names.
    """
    lake.snapshot(dataset)
    with lake.alone(dataset) as folder:
        kept = [lake.snapshot(dataset, name) for name in lake.snapshots(dataset)]
        return sweep_folder(folder, kept, now=now, grace=grace)


def sweep_folder(
    folder: Path, kept: Iterable[Snapshot], *, now: datetime, grace: timedelta
) -> Sweep:
    """Delete in the folder of a dataset what the snapshots `kept` do not need.

    The caller holds the lock of the dataset.
    """
    seen = _seen(folder)
    found = _unnamed(folder, kept)
    since = {name: seen.get(name, now) for name in found}
    due = [name for name, first in since.items() if now - first >= grace]
    size = sum(_size(folder / name) for name in due)
    for name in due:
        _delete(folder / name)
    waiting = {name: codec.format_instant(since[name]) for name in found if name not in due}
    durable.write(folder / UNNAMED, canonical.encode(waiting))
    for parent in sorted({(folder / name).parent for name in due}):
        durable.sync_folder(parent)
    return Sweep(len(due), size, len(waiting))


def drop_folder(path: Path) -> None:
    """Remove the folder of a snapshot, all at once: renamed first, so that no half stays named."""
    leaving = path.with_name(f"{DROPPED}{path.name}")
    path.rename(leaving)
    durable.sync_folder(path.parent)
    shutil.rmtree(leaving)


def _unnamed(folder: Path, kept: Iterable[Snapshot]) -> list[str]:
    named = {str(part.file) for snapshot in kept for part in snapshot.every_part()}
    tables = [path for path in _inside(folder / PARTS) if path.is_dir()]
    parts = [str(path.relative_to(folder)) for table in tables for path in _inside(table)]
    left = [path.name for start in (STAGING, DROPPED) for path in folder.glob(f"{start}*")]
    return sorted({*parts, *left} - named)


def _inside(folder: Path) -> list[Path]:
    """Return what is in a folder; nothing through a link, which could lead out of the lake."""
    return [] if folder.is_symlink() or not folder.is_dir() else list(folder.iterdir())


def _seen(folder: Path) -> Mapping[str, datetime]:
    """Return since when each file is known to be without a snapshot."""
    try:
        noted = json.loads((folder / UNNAMED).read_bytes())
        return {str(name): codec.parse_instant(instant) for name, instant in noted.items()}
    except (FileNotFoundError, AttributeError, TypeError, ValueError, Malformed):
        return {}  # absent or unreadable: the delay begins again, nothing is deleted too early


def _size(path: Path) -> int:
    if path.is_dir() and not path.is_symlink():
        return sum(file.lstat().st_size for file in path.rglob("*") if not file.is_dir())
    return path.lstat().st_size


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
