"""A copy in a process of its own, to be killed: `python -m ecluse.hosting.drills.copier FOLDER`.

`way.json` in the folder names the two hosts; identities come from the environment, as always.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from ecluse.domain.errors import Unreachable
from ecluse.hosting.replicas import copying, manifests
from ecluse.hosting.replicas.copying import Layout, Way
from ecluse.hosting.replicas.progress import Progress
from ecluse.hosting.stores.addresses import open_store
from ecluse.trust.keys import Keyring

STATE: Final = "state"
SENT: Final = b"sent "
LOOK_SECONDS: Final = 0.002
WORKERS: Final = 1
"""A kill costs a part of 5 MiB for each worker: that is what a drill counts."""


@dataclass(frozen=True, slots=True)
class Road:
    """The addresses of the two hosts of a drill."""

    source: str
    target: str


def prepare(folder: Path, road: Road, manifest: bytes, keyring: Keyring) -> None:
    """Write what a copier needs."""
    (folder / "way.json").write_text(json.dumps(asdict(road)), encoding="utf-8")
    (folder / "manifest").write_bytes(manifest)
    keyring.save(folder / "keyring.json")


def copy_killed(folder: Path, *, after: int) -> bool:
    """Copy until `after` more pieces have left, then kill the copier; say whether it died so."""
    goal = _sent(folder) + after
    return _run(folder, lambda: _sent(folder) >= goal) == -signal.SIGKILL


def copy_to_the_end(folder: Path) -> int:
    """Copy what is left; return the bytes that left in all, those sent twice included.

    Raises:
        Unreachable: the copier fails; its own words are on standard error.
    """
    if _run(folder, lambda: False) != 0:
        raise Unreachable("The copier of the drill did not end well: read what it said above.")
    with Progress(folder / STATE) as progress:
        return progress.sent_bytes


def _run(folder: Path, must_die: Callable[[], bool]) -> int:
    command = [sys.executable, "-m", "ecluse.hosting.drills.copier", str(folder)]
    child = subprocess.Popen(command)  # noqa: S603 — this very program
    while child.poll() is None:
        if must_die():
            child.kill()
        time.sleep(LOOK_SECONDS)
    return int(child.returncode)


def _sent(folder: Path) -> int:
    path = folder / STATE
    return path.read_bytes().count(SENT) if path.exists() else 0


def main(folder: Path) -> None:
    """Copy from the one host to the other, and read back."""
    road = Road(**json.loads((folder / "way.json").read_text(encoding="utf-8")))
    keyring = Keyring.load(folder / "keyring.json")
    manifest = manifests.parse((folder / "manifest").read_bytes(), keyring)
    source = open_store(road.source, host="drill-source", environment=os.environ)
    target = open_store(road.target, host="drill-target", environment=os.environ)
    way = Way(source, Layout.CONTENT, target, workers=WORKERS)
    with Progress(folder / STATE) as progress:
        copying.copy(manifest, way, progress)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
