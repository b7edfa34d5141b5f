"""One copy of a replica in a process that may be killed at any of the points it comes to."""

import os
import signal
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from ecluse.hosting.replicas import copying, manifests
from ecluse.hosting.replicas.copying import Layout, Way
from ecluse.hosting.replicas.progress import Progress, Step
from ecluse.hosting.stores.folders import FolderStore
from ecluse.trust.keys import Keyring

PROCESSES: Final = get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])
SECONDS: Final = 120


class Deadly(Progress):
    """A progress that dies at its n-th line: after it is written, or before (n negative)."""

    def __init__(self, path: Path, deadly: int) -> None:
        self._lines, self._deadly = 0, deadly
        super().__init__(path)

    def reach(self, key: str, step: Step) -> None:
        self._die(before=True)
        super().reach(key, step)
        self._die(before=False)

    def send(self, key: str, size: int) -> None:
        self._die(before=True)
        super().send(key, size)
        self._die(before=False)

    def _die(self, *, before: bool) -> None:
        self._lines += before
        dies_before = self._deadly < 0
        if before == dies_before and 0 < abs(self._deadly) <= self._lines:
            os.kill(os.getpid(), signal.SIGKILL)


def copy_once(folder: Path, deadly: int = 0) -> int:
    """Run the copy of a folder's `old` to its `new`, to its end or its death; return the code."""
    child = PROCESSES.Process(target=_copy, args=(folder, deadly))
    child.start()
    child.join(SECONDS)
    assert child.exitcode is not None
    return child.exitcode


def _copy(folder: Path, deadly: int) -> None:
    keyring = Keyring.load(folder / "keyring.json")
    manifest = manifests.parse((folder / "manifest").read_bytes(), keyring)
    way = Way(FolderStore(folder / "old"), Layout.PATHS, FolderStore(folder / "new"), workers=2)
    with Deadly(folder / "state", deadly) as progress:
        assert copying.copy(manifest, way, progress).is_sealed
