"""Proving that what stands on the disk is what was published."""

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ecluse.data.engines import OnProgress
from ecluse.data.lake.manifests import MANIFEST, PARTS, Part, Snapshot
from ecluse.data.lake.snapshots import opened
from ecluse.domain.errors import SnapshotDamaged
from ecluse.trust import canonical

THREADS: Final = 4
"""Digests are computed outside Python's lock, and half the time is spent waiting for the disk."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was read again and found as it was published."""

    files: int
    size: int


def verify(
    snapshot: Snapshot,
    *,
    tables: Collection[str] | None = None,
    on_progress: OnProgress | None = None,
) -> Verification:
    """Read files of `snapshot` again and prove that they are the ones that were published.

    With `tables`, only their parts and those of the persons are read; else every file. No key is
    needed: digests are those of the bytes on the disk, encrypted or not.

    Raises:
        NotFound: one of `tables` is not in the snapshot.
        SnapshotDamaged: naming every file that is missing, added, changed or a symbolic link.
    """
    opened(snapshot.path)
    parts = _parts(snapshot, tables)
    problems = [*_beside(snapshot), *_folders(snapshot, parts)]
    with ThreadPoolExecutor(THREADS) as readers:
        found = readers.map(lambda part: _part_problem(snapshot, part), parts)
        for done, problem in enumerate(found, start=1):
            problems += [problem] if problem else []
            if on_progress:
                on_progress("parts", done, len(parts))
    if problems:
        raise SnapshotDamaged(
            f"{snapshot.dataset} {snapshot.snapshot_id}: {'; '.join(problems)}. "
            "Use an earlier snapshot, or load the delivery again."
        )
    return Verification(len(parts) + len(snapshot.beside), sum(part.size for part in parts))


def _beside(snapshot: Snapshot) -> Iterator[str]:
    expected = snapshot.beside.keys() | {MANIFEST}
    for name in sorted({file.name for file in snapshot.path.iterdir()} - expected):
        yield f"{name} was added"
    for name, digest in snapshot.beside.items():
        problem = _changed(snapshot.path / name, digest)
        yield from [problem] if problem else []


def _folders(snapshot: Snapshot, parts: Collection[Part]) -> Iterator[str]:
    """Find folders of parts that lead elsewhere: what is there could change after this reading."""
    names = sorted({part.table for part in parts})
    for folder in [Path(PARTS), *(Path(PARTS) / name for name in names)]:
        if (snapshot.folder / folder).is_symlink():
            yield f"{folder} is a symbolic link"


def _parts(snapshot: Snapshot, tables: Collection[str] | None) -> list[Part]:
    if tables is None:
        return list(snapshot.every_part())
    chosen = [snapshot.table(name) for name in tables]
    ours = [snapshot.persons, snapshot.names]
    return [part for table in (*ours, *chosen) for part in table.parts]


def _part_problem(snapshot: Snapshot, part: Part) -> str | None:
    file = snapshot.folder / part.file
    problem = _changed(file, part.digest)
    if problem is None and file.stat().st_size != part.size:
        return f"{file.name} has not the size that the manifest says"
    return problem


def _changed(file: Path, digest: str) -> str | None:
    if file.is_symlink():
        return f"{file.name} is a symbolic link"
    if not file.is_file():
        return f"{file.name} is missing"
    return None if canonical.digest_file(file) == digest else f"{file.name} was changed"
