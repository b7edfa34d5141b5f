"""Folders of the lake: staging what is being loaded, publishing it at once, reading it as of a day.

<lake>/<dataset>/current                            the name of the snapshot that counts
<lake>/<dataset>/<snapshot_id>/                     manifest, model, report, quarantine
<lake>/<dataset>/parts/<TABLE>/<slice>-….parquet    shared by the snapshots that name them
<lake>/<dataset>/.staging-…/                        a load under way, or what a killed one left
<lake>/.archive/                                    a lake of slices too old to be studied
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from ecluse.data import schemas
from ecluse.data.engines import storage_failures
from ecluse.data.lake import manifests, publication
from ecluse.data.lake.encryption import Cipher
from ecluse.data.lake.manifests import (
    MANIFEST,
    MODEL,
    Snapshot,
    check_dataset_name,
    check_snapshot_id,
)
from ecluse.data.lake.publication import CURRENT, Draft
from ecluse.data.lake.staging import Staging
from ecluse.domain.errors import InvalidInput, LoadFailed, Malformed, NotFound, SnapshotDamaged
from ecluse.trust import canonical
from ecluse.trust.zone.lake_keys import LakeKey

STAGING: Final = ".staging-"
LOCK: Final = ".lock"
ARCHIVE: Final = ".archive"


class Lake:
    """The datasets under one folder. With `key`, what is written is encrypted under it."""

    def __init__(self, path: Path, *, key: LakeKey | None = None) -> None:
        self.path = path
        self.cipher = None if key is None else Cipher(key)

    @property
    def archive(self) -> "Lake":
        """The lake of what is kept but can no longer be ordered, under the same key."""
        return Lake(self.path / ARCHIVE, key=self.cipher.key if self.cipher else None)

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

        Only its manifest and its model are read and proved; `verify` proves the parts. Its key is
        not needed until rows are read.

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
        snapshot = opened(path)
        if snapshot.dataset != dataset:
            raise SnapshotDamaged(f"{name} is a snapshot of {snapshot.dataset}, not of {dataset}.")
        if self.cipher is None or snapshot.encryption != self.cipher.key.key_id:
            return snapshot
        return replace(snapshot, cipher=self.cipher)

    def as_of(self, dataset: str, instant: datetime) -> Snapshot:
        """Return the snapshot that was current at `instant`. Raises NotFound."""
        stamp = f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        earlier = [name for name in self.snapshots(dataset) if name.partition("-")[0] <= stamp]
        if not earlier:
            raise NotFound(
                f"The dataset {dataset} has no snapshot of {instant:%Y-%m-%d %H:%M} or before: "
                "see `ecluse lake history`."
            )
        return self.snapshot(dataset, earlier[-1])

    @contextmanager
    def staging(
        self, dataset: str, *, load: str = "load", changes_key: bool = False
    ) -> Iterator[Staging]:
        """Give a private folder for one load of `dataset`.

        `load` names what is being loaded: a killed load leaves its folder, and the next one of the
        same name goes on from there; any other removes it. A block that raises leaves nothing.
        `changes_key`: the block writes every part again, so the former ones may have another key.

        Raises:
            LoadFailed: another load of this dataset is under way.
            InvalidInput: the dataset is encrypted with another key, or in clear and a key is given.
            StorageFull: no space is left, at any moment of the block.
        """
        with storage_failures(self.path), self.alone(dataset) as folder:
            former = self.snapshot(dataset) if (folder / CURRENT).exists() else None
            if not changes_key:
                self._check_key(former)
            path = folder / f"{STAGING}{load}"
            _remove(found for found in folder.glob(f"{STAGING}*") if found != path)
            if path.is_symlink():  # not ours: what is written would go where it leads
                path.unlink()
            path.mkdir(mode=0o700, exist_ok=True)
            try:
                yield Staging(dataset, path, former, self.cipher)
            finally:
                _remove([path])

    @contextmanager
    def alone(self, dataset: str) -> Iterator[Path]:
        """Hold the dataset's lock and give its folder. Raises LoadFailed.

        The system lets the lock go when the process dies.
        """
        folder = self.path / check_dataset_name(dataset)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _lock_file(folder / LOCK) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LoadFailed(
                    f"Another load of {dataset} is under way: wait for its end, then retry."
                ) from None
            yield folder

    def publish(self, staging: Staging, draft: Draft, *, now: datetime) -> Snapshot:
        """Make what the draft says the current snapshot, all at once.

        Raises:
            LoadFailed: another load has published since, whose rows would be lost.
            StorageFull: no space is left.
        """
        known = staging.former.snapshot_id if staging.former else None
        is_known = (self.path / staging.dataset / CURRENT).exists()
        if (self._current(staging.dataset) if is_known else None) != known:
            raise LoadFailed(
                f"Another load of {staging.dataset} has published since this one began, its lock "
                "having been removed: load again. Nothing was published."
            )
        return publication.publish(staging, draft, now=now)

    def _check_key(self, former: Snapshot | None) -> None:
        given = self.cipher.key.key_id if self.cipher else None
        if former is not None and former.encryption != given:
            raise InvalidInput(
                f"{former.dataset} is kept under the key {former.encryption or '(none)'}, and "
                f"{given or '(none)'} is given: change it first with `ecluse lake encrypt`."
            )

    def _current(self, dataset: str) -> str:
        pointer = self.path / dataset / CURRENT
        if pointer.is_symlink() or not pointer.is_file():
            raise NotFound(
                f"The lake has no dataset {dataset}: load it with "
                f"`ecluse lake load SOURCE --dataset {dataset} --model …`."
            )
        return pointer.read_text(encoding="ascii", errors="replace").strip()


def opened(path: Path) -> Snapshot:
    """Return the snapshot in the folder `path`, its manifest and its model proved.

    Raises:
        SnapshotDamaged: one of them was changed after publication.
    """
    data = (path / MANIFEST).read_bytes()
    try:
        written = (path / MODEL).read_bytes()
        model = schemas.decode(canonical.decode(written))
    except (OSError, KeyError, TypeError, ValueError, Malformed):
        raise SnapshotDamaged(f"The model of {path.name} cannot be read: reload it.") from None
    snapshot = manifests.decode(data, folder=path.parent, snapshot_id=path.name, model=model)
    if snapshot.beside[MODEL] != canonical.digest(written):
        raise SnapshotDamaged(f"The model of {path.name} was changed after publication.")
    return snapshot


def _lock_file(path: Path) -> IO[bytes]:
    """Open a lock, never emptied: a link in its place would lead to the file of somebody else."""
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.fdopen(os.open(path, flags, 0o600), "r+b")
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise LoadFailed(f"{path} is a symbolic link: remove it, then retry.") from None


def _remove(folders: Iterable[Path]) -> None:
    for path in folders:
        shutil.rmtree(path, ignore_errors=True)
