"""Folders of the lake: staging what is being loaded, publishing it at once, proving it later.

<lake>/<dataset>/<snapshot_id>/   manifest.json, persons.parquet, quarantine.csv, <TABLE>.parquet
<lake>/<dataset>/current          the name of the snapshot that counts
<lake>/<dataset>/.staging-…/      a load under way, or what a killed one left
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from ecluse.data.engines import storage_failures
from ecluse.data.lake import manifests
from ecluse.data.lake.manifests import (
    MANIFEST,
    PERSONS,
    QUARANTINE,
    LakeTable,
    Snapshot,
    check_dataset_name,
    check_snapshot_id,
)
from ecluse.domain.errors import LoadFailed, NotFound, SnapshotDamaged
from ecluse.trust import canonical, durable

CURRENT: Final = "current"
STAGING: Final = ".staging-"
LOCK: Final = ".lock"


@dataclass(frozen=True, slots=True)
class Staging:
    """A private folder where one load of one dataset prepares its files."""

    dataset: str
    path: Path


class Lake:
    """The datasets under one folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def datasets(self) -> tuple[str, ...]:
        """Return the names of the datasets that have a current snapshot, sorted."""
        if not self.path.is_dir():
            return ()
        return tuple(sorted(file.parent.name for file in self.path.glob(f"*/{CURRENT}")))

    def snapshots(self, dataset: str) -> tuple[str, ...]:
        """Return the published snapshots of `dataset`, oldest first."""
        folder = self.path / check_dataset_name(dataset)
        found = (item.parent.name for item in folder.glob(f"*/{MANIFEST}"))
        return tuple(sorted(name for name in found if manifests.SNAPSHOT_ID.fullmatch(name)))

    def snapshot(self, dataset: str, snapshot_id: str | None = None) -> Snapshot:
        """Return a snapshot of `dataset`: the one named, otherwise the current one.

        Only its manifest is read and proved; `verify` proves the files.

        Raises:
            NotFound: no such dataset, or no such snapshot of it.
            SnapshotDamaged: its manifest was changed, or its folder is a symbolic link.
        """
        folder = self.path / check_dataset_name(dataset)
        name = self._current(dataset) if snapshot_id is None else snapshot_id
        path = folder / check_snapshot_id(name)
        if path.is_symlink() or (path / MANIFEST).is_symlink():
            raise SnapshotDamaged(f"{dataset} {name} is a symbolic link: load the dataset again.")
        if not (path / MANIFEST).is_file():
            raise NotFound(f"The dataset {dataset} has no snapshot {name}: see `ecluse lake list`.")
        snapshot = manifests.decode((path / MANIFEST).read_bytes(), folder=path, snapshot_id=name)
        if snapshot.dataset != dataset:
            raise SnapshotDamaged(f"{name} is a snapshot of {snapshot.dataset}, not of {dataset}.")
        return snapshot

    @contextmanager
    def staging(self, dataset: str) -> Iterator[Staging]:
        """Give a private folder for one load of `dataset`, removed afterwards unless published.

        Raises:
            LoadFailed: another load of this dataset is under way.
            StorageFull: no space is left, at any moment of the block.
        """
        folder = self.path / check_dataset_name(dataset)
        with storage_failures(self.path):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _only_loader(folder, dataset):
                _remove_leftovers(folder)
                path = folder / f"{STAGING}{secrets.token_hex(8)}"
                path.mkdir(mode=0o700)
                try:
                    yield Staging(dataset, path)
                finally:
                    shutil.rmtree(path, ignore_errors=True)

    def publish(
        self, staging: Staging, *, model: str, tables: Sequence[str], now: datetime
    ) -> Snapshot:
        """Make the staged files the current snapshot, all at once.

        The staging folder must hold `persons.parquet`, `quarantine.csv` and one Parquet file for
        each of `tables`; other files are removed.
        """
        draft = _describe(staging, model=model, tables=tables, now=now)
        data = manifests.encode(draft)
        name = manifests.snapshot_id_of(data, published_at=draft.published_at)
        for file in staging.path.iterdir():
            _keep_or_remove(file, keep=draft.files().keys())
        durable.write(staging.path / MANIFEST, data)
        durable.sync_folder(staging.path)
        folder = staging.path.parent
        if not (folder / name).exists():  # the same files, published again within a second
            staging.path.rename(folder / name)
        durable.sync_folder(folder)
        durable.write(folder / CURRENT, name.encode())
        return manifests.decode(data, folder=folder / name, snapshot_id=name)

    def _current(self, dataset: str) -> str:
        pointer = self.path / dataset / CURRENT
        if pointer.is_symlink() or not pointer.is_file():
            raise NotFound(
                f"The lake has no dataset {dataset}: load it with "
                f"`ecluse lake load SOURCE --dataset {dataset} --model …`."
            )
        return pointer.read_text(encoding="ascii").strip()


def verify(snapshot: Snapshot) -> None:
    """Read every file of `snapshot` again and prove that it is the one that was published.

    Raises:
        SnapshotDamaged: naming every file that is missing, added, changed or a symbolic link.
    """
    manifest = (snapshot.path / MANIFEST).read_bytes()
    manifests.decode(manifest, folder=snapshot.path, snapshot_id=snapshot.snapshot_id)
    expected = snapshot.files()
    added = {file.name for file in snapshot.path.iterdir()} - expected.keys() - {MANIFEST}
    problems = [f"{name} was added" for name in sorted(added)]
    for name, digest in expected.items():
        problems += _problems(snapshot.path / name, digest)
    if problems:
        raise SnapshotDamaged(
            f"{snapshot.dataset} {snapshot.snapshot_id}: {'; '.join(problems)}. "
            "Use an earlier snapshot, or load the delivery again."
        )


def _problems(file: Path, digest: str) -> list[str]:
    if file.is_symlink():
        return [f"{file.name} is a symbolic link"]
    if not file.is_file():
        return [f"{file.name} is missing"]
    return [] if canonical.digest_file(file) == digest else [f"{file.name} was changed"]


def _describe(staging: Staging, *, model: str, tables: Sequence[str], now: datetime) -> Snapshot:
    path = staging.path
    described = {name: _table(path / f"{name}.parquet") for name in sorted(tables)}
    persons = _table(path / PERSONS)
    return Snapshot(
        dataset=staging.dataset,
        snapshot_id="",
        model=model,
        path=path,
        tables=described,
        persons_path=persons.path,
        persons_digest=persons.digest,
        person_count=persons.rows,
        quarantine_path=path / QUARANTINE,
        quarantine_digest=canonical.digest_file(path / QUARANTINE),
        published_at=now.astimezone(UTC).replace(microsecond=0),
    )


def _table(path: Path) -> LakeTable:
    metadata = pq.read_metadata(path)
    columns = tuple(metadata.schema.to_arrow_schema().names)
    return LakeTable(path.stem, metadata.num_rows, columns, canonical.digest_file(path), path)


def _keep_or_remove(file: Path, *, keep: Set[str]) -> None:
    if file.name in keep and not file.is_symlink():
        with file.open("rb") as opened:
            os.fsync(opened.fileno())
    elif file.is_dir() and not file.is_symlink():
        shutil.rmtree(file)
    else:
        file.unlink()


@contextmanager
def _only_loader(folder: Path, dataset: str) -> Iterator[None]:
    """Hold the dataset's lock; the system lets it go when the process dies."""
    with (folder / LOCK).open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LoadFailed(
                f"Another load of {dataset} is under way: wait for its end, then retry."
            ) from None
        yield


def _remove_leftovers(folder: Path) -> None:
    for path in folder.glob(f"{STAGING}*"):
        shutil.rmtree(path, ignore_errors=True)
