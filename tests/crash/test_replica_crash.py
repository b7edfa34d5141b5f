"""A copy that is killed anywhere goes on from there: nothing lost, next to nothing sent twice."""

import os
import random
import signal
from pathlib import Path

import pytest

from ecluse.hosting.replicas.manifests import Manifest
from ecluse.hosting.replicas.progress import Progress
from ecluse.hosting.stores.folders import FolderStore
from tests.crash.replica_copier import copy_once
from tests.unit.hosting.replicas import KEYRING, dataset, planned, sealed, verified

MEBIBYTE = 1 << 20
KILLS = int(os.environ.get("ECLUSE_KILLS", "15"))
LINES = 3 * 2 + 6
"""What a whole copy notes: `copied` and `verified` for each of 3 objects, and 6 pieces sent."""


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    files = {"a": sealed(3 * MEBIBYTE, 1), "b": sealed(2 * MEBIBYTE, 2), "c": sealed(70, 3)}
    manifest = planned(dataset(tmp_path / "old", files))
    (tmp_path / "manifest").write_bytes(manifest.data())
    KEYRING.save(tmp_path / "keyring.json")
    return manifest


def sent(folder: Path) -> int:
    with Progress(folder / "state") as progress:
        return progress.sent_bytes


@pytest.mark.parametrize("point", [*range(1, LINES + 1), *range(-LINES, 0)])
def test_a_copy_killed_at_any_point_ends_whole(
    tmp_path: Path, manifest: Manifest, point: int
) -> None:
    died = copy_once(tmp_path, deadly=point)
    ended = copy_once(tmp_path)

    assert (died, ended) == (-signal.SIGKILL, 0)
    assert verified(manifest, FolderStore(tmp_path / "new")).is_whole
    assert sent(tmp_path) <= manifest.size + 2 * MEBIBYTE


def test_a_copy_killed_many_times_sends_at_most_a_twentieth_twice(tmp_path: Path) -> None:
    """A kill costs a piece of 1 MiB at most for each thread: 20 MiB a kill are well enough."""
    count = 2 * KILLS + 10
    files = {f"claims/{number}": sealed(10 * MEBIBYTE, number) for number in range(count)}
    manifest = planned(dataset(tmp_path / "old", files))
    (tmp_path / "manifest").write_bytes(manifest.data())
    KEYRING.save(tmp_path / "keyring.json")
    draw = random.Random(7)  # noqa: S311 — when to strike, not a secret

    died = [
        copy_once(tmp_path, deadly=draw.choice((-1, 1)) * draw.randrange(5, 25))
        for _ in range(KILLS)
    ]
    ended = copy_once(tmp_path)

    again = sent(tmp_path) - manifest.size
    assert (set(died), ended) == ({-signal.SIGKILL}, 0)
    assert again <= manifest.size / 20
    assert verified(manifest, FolderStore(tmp_path / "new")).is_whole
