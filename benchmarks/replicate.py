"""A verified copy beside rclone's and cp's: `python -m benchmarks.replicate [--size 400]`.

In one run, on the same incompressible files (7/8 of the bytes in files of 32 MiB, 1/8 in files of
50 KiB): `cp -r` and sync; `rclone copy` then `rclone check --download`; our copy, read back whole.
Each goes to a folder of its own, and again at twice the size: the slope is the ratio of times over
that of bytes. Then at twice as many objects of 50 KiB: the slope over objects. Every step begins
with nothing left to write on the disk, or what the step before left would be counted; the best of
`--repeats`. In `--folder /dev/shm` the slopes are those of the programs, without the disk's.

Then the drill: a copy killed `--kills` times, `--corruptions` objects altered one by one. Ratios
matter more than seconds: the machine may be shared. The CPU is that of the programs, user and
system.
"""

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ecluse.domain.documents import Signer
from ecluse.hosting.replicas import copying, planning
from ecluse.hosting.replicas.copying import Layout, Way
from ecluse.hosting.replicas.manifests import Manifest
from ecluse.hosting.replicas.progress import Progress
from ecluse.hosting.replicas.verification import Fault, verify
from ecluse.hosting.stores.folders import FolderStore
from ecluse.trust.keys import Keyring, draw_key
from ecluse.trust.zone.sealed_files import MAGIC
from tests.crash.replica_copier import copy_once

NOW = datetime(2026, 1, 5, tzinfo=UTC)
KEY = draw_key(Signer.AGENT, now=NOW)
KEYRING = Keyring([KEY.public()])
LARGE, SMALL = 32 << 20, 50 << 10
MEGABYTE = 1_000_000
OBJECTS = 8
SMALL_SHARE = 1 / 8


@dataclass(frozen=True, slots=True)
class Measure:
    """What was done on so many bytes: wall-clock seconds, and seconds of CPU."""

    what: str
    size: int
    objects: int
    seconds: float
    cpu: float


def main() -> None:
    """Measure everything in a folder of its own, which is removed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=400, help="MB of the smaller size")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--drill", type=int, default=400, help="MB of the copy that is killed")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--corruptions", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=None, help="where to work")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="replicate-", dir=options.folder))
    try:
        draws = ((options.size, SMALL_SHARE), (2 * options.size, SMALL_SHARE))
        draws += ((options.size // 4, 1), (options.size // 2, 1))
        measures = [best(folder, draw_, options.repeats) for draw_ in draws]
        drills = {
            "kills": killed(folder, options.drill, options.kills) if options.kills else None,
            "corruptions": corrupted(folder, options.corruptions) if options.corruptions else None,
        }
    finally:
        shutil.rmtree(folder)
    show(measures, drills, as_json=options.json)


def best(folder: Path, draw_: tuple[int, float], repeats: int) -> list[Measure]:
    """Return the measures of these files, each the quickest of some runs."""
    runs = [copies(folder, *draw_) for _ in range(repeats)]
    return [min(same, key=lambda one: one.seconds) for same in zip(*runs, strict=True)]


def show(measures: list[list[Measure]], drills: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        copies = [[asdict(one) for one in run] for run in measures]
        print(json.dumps({"copies": copies, **drills}, indent=2))
        return
    for one in (one for run in measures for one in run):
        rate = one.size / one.seconds / MEGABYTE
        print(
            f"{one.what:<36} {one.size / MEGABYTE:8.0f} MB {one.objects:7} objects "
            f"{one.seconds:7.2f} s {rate:6.0f} MB/s {one.cpu:6.2f} s CPU"
        )
    for what, (first, second) in (("bytes", measures[:2]), ("objects", measures[2:])):
        for one, twice in zip(first, second, strict=True):
            slope = twice.seconds / one.seconds / (twice.size / one.size)
            print(f"slope over {what:<8} of {one.what:<30} {slope:.2f}")
    for name, found in drills.items():
        print(f"{name}: {found}")


def copies(folder: Path, megabytes: int, small_share: float) -> list[Measure]:
    """Return the measures at one size; every copy begins with the source in memory."""
    source = draw(folder / "source", megabytes, small_share=small_share)
    sizes = [path.stat().st_size for path in source.rglob("*") if path.is_file()]
    size = sum(sizes), len(sizes)
    subprocess.run(["cp", "-r", source, folder / "warm"], check=True)
    shutil.rmtree(folder / "warm")
    rclone = str(Path(sys.executable).with_name("rclone"))
    quiet = ["--config", "/dev/null", "--quiet"]
    target = folder / "target"
    steps: list[tuple[str, Callable[[], object]]] = [
        ("cp -r, sync", lambda: run("sh", "-c", 'cp -r "$0" "$1" && sync "$1"', source, target)),
        ("rclone copy", lambda: run(rclone, "copy", source, folder / "rclone", *quiet)),
        (
            "rclone check --download",
            lambda: run(rclone, "check", "--download", source, folder / "rclone", *quiet),
        ),
    ]
    measures = [timed(what, size, do) for what, do in steps]
    both = Measure("rclone copy + check", *size, *sums(measures[1:3]))
    planned: list[Manifest] = []
    measures += [both, timed("ecluse plan", size, lambda: planned.append(plan(source)))]
    way = Way(FolderStore(source), Layout.PATHS, FolderStore(folder / "ecluse"))
    with Progress(folder / "state") as progress:
        measures.append(
            timed("ecluse copy, read back", size, lambda: copying.copy(planned[0], way, progress))
        )
    measures.append(timed("ecluse verify", size, lambda: check(planned[0], folder / "ecluse")))
    for path in (target, folder / "rclone", folder / "ecluse", source):
        shutil.rmtree(path)
    (folder / "state").unlink()
    return measures


def killed(folder: Path, megabytes: int, kills: int) -> dict[str, object]:
    """Copy a dataset while the copier is killed again and again at random points."""
    world = folder / "killed"
    source = draw(world / "old", megabytes, small_share=0)
    manifest = plan(source)
    (world / "manifest").write_bytes(manifest.data())
    KEYRING.save(world / "keyring.json")
    strike, died = random.Random(1), 0  # noqa: S311
    # A copy notes a line for each piece of 1 MiB: the kills are spread over all of it.
    lines = max(3, 2 * (manifest.size >> 20) // (kills + 1))
    for _ in range(kills):
        died += copy_once(world, deadly=strike.randrange(2, lines)) != 0
    ended = copy_once(world)
    with Progress(world / "state") as progress:
        again = progress.sent_bytes - manifest.size
    found = verify(manifest, FolderStore(world / "new"), keyring=KEYRING)
    shutil.rmtree(world)
    return {
        "asked": kills,
        "died": died,
        "ended": ended,
        "bytes": manifest.size,
        "sent_twice": again,
        "share": round(again / manifest.size, 4),
        "whole": found.is_whole,
    }


def corrupted(folder: Path, count: int) -> dict[str, object]:
    """Alter one object at a time, in five ways, and count what is found and named rightly."""
    world = folder / "corrupted"
    source = world / "old"
    source.mkdir(parents=True)
    draw_ = random.Random(2)  # noqa: S311
    for number in range(OBJECTS):
        (source / f"{number}").write_bytes(MAGIC + draw_.randbytes(3000 + number))
    store, former = FolderStore(world / "new"), plan(source)
    send(former, source, store, world / "one")
    old = (source / "0").read_bytes()
    (source / "0").write_bytes(MAGIC + draw_.randbytes(3000))
    manifest = plan(source, former)
    send(manifest, source, store, world / "two")
    named = sum(strike(manifest, former, store, old, draw_) for _ in range(count))
    shutil.rmtree(world)
    return {"altered": count, "found_and_named": named, "ways": 5}


def strike(
    manifest: Manifest, former: Manifest, store: FolderStore, old: bytes, draw_: random.Random
) -> bool:
    """Alter one object, and tell whether it alone is named, with the right fault."""
    item, other = draw_.sample(manifest.items, 2)
    way = draw_.choice(list(Fault)[:5])
    item = manifest.items[0] if way is Fault.REPLAYED else item
    path = store.folder / item.key
    before = path.read_bytes()
    flipped = bytearray(before)
    flipped[draw_.randrange(len(before))] ^= 1 << draw_.randrange(8)
    after = {
        Fault.ALTERED: bytes(flipped),
        Fault.CUT: before[: draw_.randrange(len(before))],
        Fault.SWAPPED: (store.folder / other.key).read_bytes(),
        Fault.REPLAYED: old,
    }
    if way is Fault.MISSING:
        path.unlink()
    else:
        path.write_bytes(after[way])
    found = verify(manifest, store, keyring=KEYRING, former=[former]).findings
    path.write_bytes(before)
    return [(one.path, one.fault) for one in found] == [(item.path, way)]


def plan(source: Path, former: Manifest | None = None) -> Manifest:
    header = planning.next_header("bench", former, now=NOW)
    return planning.plan(FolderStore(source), header=header, key=KEY)


def send(manifest: Manifest, source: Path, store: FolderStore, state: Path) -> None:
    with Progress(state) as progress:
        copying.copy(manifest, Way(FolderStore(source), Layout.PATHS, store), progress)


def check(manifest: Manifest, folder: Path) -> None:
    assert verify(manifest, FolderStore(folder), keyring=KEYRING).is_whole


def draw(folder: Path, megabytes: int, *, small_share: float = SMALL_SHARE) -> Path:
    """Make incompressible files of 32 MiB, and of 50 KiB for this share of the bytes."""
    folder.mkdir(parents=True)
    small = int(megabytes * MEGABYTE * small_share / SMALL)
    large = (megabytes * MEGABYTE - small * SMALL) // LARGE
    for number in range(large + small):
        size = LARGE if number < large else SMALL
        (folder / f"{number:06}").write_bytes(MAGIC + os.urandom(size - len(MAGIC)))
    return folder


def run(*command: object) -> None:
    subprocess.run([str(one) for one in command], check=True)


def timed(what: str, size: tuple[int, int], do: Callable[[], object]) -> Measure:
    os.sync()
    begun, before = time.perf_counter(), cpu()
    do()
    return Measure(what, *size, time.perf_counter() - begun, cpu() - before)


def cpu() -> float:
    whom = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(one) for one in whom]
    return sum(one.ru_utime + one.ru_stime for one in used)


def sums(measures: list[Measure]) -> tuple[float, float]:
    return sum(one.seconds for one in measures), sum(one.cpu for one in measures)


if __name__ == "__main__":
    main()
