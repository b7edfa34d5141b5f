"""Sealed datasets in a folder, their manifests, and copies of them."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ecluse.domain.documents import Signer
from ecluse.hosting.replicas import copying, planning
from ecluse.hosting.replicas.copying import Copied, Layout, Way
from ecluse.hosting.replicas.manifests import Manifest
from ecluse.hosting.replicas.progress import Progress
from ecluse.hosting.replicas.verification import Verification, verify
from ecluse.hosting.stores.folders import FolderStore
from ecluse.hosting.stores.interface import Store
from ecluse.trust.keys import Keyring, draw_key
from ecluse.trust.zone.sealed_files import MAGIC

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = draw_key(Signer.AGENT, now=NOW - timedelta(days=1))
KEYRING = Keyring([KEY.public()])


def sealed(size: int, seed: int) -> bytes:
    """Return what a sealed file of `size` bytes looks like to a host: its mark, then noise."""
    return (MAGIC + random.Random(seed).randbytes(size))[:size]  # noqa: S311 — not a secret


def dataset(folder: Path, files: dict[str, bytes]) -> FolderStore:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return FolderStore(folder)


def planned(source: Store, former: Manifest | None = None, clear: tuple[str, ...] = ()) -> Manifest:
    header = planning.next_header("claims", former, now=NOW)
    return planning.plan(source, header=header, key=KEY, clear=clear)


def copied(manifest: Manifest, source: Store, target: Store, state: Path) -> Copied:
    with Progress(state) as progress:
        return copying.copy(manifest, Way(source, Layout.PATHS, target), progress)


def verified(manifest: Manifest, store: Store, former: Iterable[Manifest] = ()) -> Verification:
    return verify(manifest, store, keyring=KEYRING, former=former)


def path_of(manifest: Manifest, store: FolderStore, path: str) -> Path:
    return store.folder / next(item.key for item in manifest.items if item.path == path)
