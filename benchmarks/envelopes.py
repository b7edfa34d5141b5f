"""What it costs that a copy is sealed on its way: `python -m benchmarks.envelopes [--size 200]`.

In one run, on the same incompressible files, at one size and at twice it: the copy as it is, and
the copy sealed on its way; both are planned, read back and sealed. The ratio is that of their times
(plan and copy together). Then the rotation of a holder's keys over data keys, at two numbers of
them, and how long each takes.
"""

import argparse
import json
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ecluse.domain.documents import Signer
from ecluse.hosting.replicas import copying, planning
from ecluse.hosting.replicas.copying import Layout, Way
from ecluse.hosting.replicas.progress import Progress
from ecluse.hosting.replicas.sealing import SealedSource
from ecluse.hosting.stores.folders import FolderStore
from ecluse.hosting.stores.interface import Source
from ecluse.trust.envelopes.headers import HeaderFolder, draw_header, wrap_for
from ecluse.trust.envelopes.holders import STORAGE, KeyHolder
from ecluse.trust.envelopes.rotation import rotate
from ecluse.trust.keys import Keyring, draw_key
from ecluse.trust.zone.sealed_files import draw_data_key

NOW = datetime(2026, 1, 5, tzinfo=UTC)
KEY = draw_key(Signer.AGENT, now=NOW)
MEBIBYTE = 1 << 20
FILE = 16 * MEBIBYTE
ROUNDS = 3
DATA_KEYS = 300


@dataclass(frozen=True, slots=True)
class Copies:
    """Megabytes copied, and the seconds of wall clock and CPU as it is and sealed."""

    megabytes: int
    plain: float
    sealed: float
    plain_cpu: float
    sealed_cpu: float

    @property
    def ratio(self) -> float:
        """How many times as long the sealed copy takes."""
        return self.sealed / self.plain


def main() -> None:
    """Measure in a folder of its own, which is removed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=200, help="MiB of the smaller size")
    parser.add_argument("--keys", type=int, default=DATA_KEYS, help="data keys of the smaller set")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="envelopes-"))
    try:
        found = [copies(folder, options.size * factor) for factor in (1, 2)]
        turned = [rotation(folder / str(factor), options.keys * factor) for factor in (1, 2)]
    finally:
        shutil.rmtree(folder)
    if options.json:
        told = {"copies": [asdict(one) for one in found], "rotations": turned}
        print(json.dumps(told, indent=2))
        return
    for one in found:
        print(
            f"{one.megabytes:>6} MiB  as it is {one.plain:6.2f} s ({one.plain_cpu:.2f} CPU)  "
            f"sealed {one.sealed:6.2f} s ({one.sealed_cpu:.2f} CPU)  ratio {one.ratio:.2f}"
        )
    for count, seconds in turned:
        print(f"{count:>6} data keys wrapped again in {seconds:.2f} s ({count / seconds:.0f}/s)")


def copies(folder: Path, mebibytes: int) -> Copies:
    """Return the least times of a few rounds at one size, the two ways in turn."""
    source = folder / "source"
    source.mkdir()
    draw = random.Random(mebibytes)  # noqa: S311
    for number in range(max(1, mebibytes * MEBIBYTE // FILE)):
        (source / f"{number}").write_bytes(draw.randbytes(min(FILE, mebibytes * MEBIBYTE)))
    spent: dict[str, list[tuple[float, float]]] = {"plain": [], "sealed": []}
    for _ in range(ROUNDS):
        spent["plain"].append(timed(lambda: move(folder, is_sealed=False)))
        spent["sealed"].append(timed(lambda: move(folder, is_sealed=True)))
    shutil.rmtree(source)
    (plain, plain_cpu), (sealed, sealed_cpu) = min(spent["plain"]), min(spent["sealed"])
    return Copies(mebibytes, plain, sealed, plain_cpu, sealed_cpu)


def timed(do: Callable[[], object]) -> tuple[float, float]:
    begun, cpu = time.monotonic(), time.process_time()
    do()
    return time.monotonic() - begun, time.process_time() - cpu


def move(folder: Path, *, is_sealed: bool) -> None:
    """Plan and copy everything once, read back, and forget it."""
    store, key = FolderStore(folder / "source"), draw_data_key()
    leaving: Source = SealedSource(store, key) if is_sealed else store
    header = planning.next_header("bench", None, now=NOW)
    manifest = planning.plan(leaving, header=header, key=KEY, clear=("*",))
    if is_sealed:
        leaving = SealedSource(store, key, planned=manifest)
    with Progress(folder / "state") as progress:
        way = Way(leaving, Layout.PATHS, FolderStore(folder / "target"))
        assert copying.copy(manifest, way, progress).is_sealed
    shutil.rmtree(folder / "target")
    (folder / "state").unlink()


def rotation(folder: Path, count: int) -> tuple[int, float]:
    """Return the seconds that `count` data keys take to be wrapped again, each on the disk."""
    holder = KeyHolder("hub", folder / "hub")
    holder.create()
    headers = HeaderFolder(folder / "data-keys", KEY, Keyring([KEY.public()]))
    for _ in range(count):
        key = draw_data_key()
        wrap = wrap_for(holder, key, "bench", STORAGE)
        headers.add(draw_header(key, "bench", STORAGE, wrap))
    return count, timed(lambda: rotate(holder, headers))[0]


if __name__ == "__main__":
    main()
