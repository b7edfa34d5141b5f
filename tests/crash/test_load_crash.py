"""A load that is killed, or meets a bad disk, loses nothing and doubles nothing."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data.lake import Lake, Part, read_table, verify
from ecluse.data.loading import load_delivery
from ecluse.domain.errors import LoadFailed, SnapshotDamaged, StorageFull
from tests.unit.data.loading.deliveries import NINE_KEYS, NOW, REGISTER, write

ROUNDS = int(os.environ.get("ECLUSE_KILLS", "6"))
KILLS_IN_ROUND = 4
MONTHS = ("02/2023", "03/2023")
LATER = (NOW + timedelta(days=1)).isoformat()
REGISTER_OF_MANY = "BEN_NIR_PSA;BEN_RNG_GEM;BEN_NIR_ANO;BEN_IDT_ANO\n" + "".join(
    f"P{number};1;N{number};N{number}\n" for number in range(60)
)


def act(month: str, number: int) -> str:
    claim = f"01/{month};10/01/2023;1;7;1;FUND;{number};1;1"
    return f"{claim};P{number % 67};1;05/01/2023;3313\n"


def pack(month: str, number: int) -> str:
    return f"01/{month};10/01/2023;1;7;1;FUND;{number};1;1;{34009 + number}\n"


ACTS = f"{NINE_KEYS};BEN_NIR_PSA;BEN_RNG_GEM;EXE_SOI_DTD;PRS_NAT_REF\n"
PACKS = f"{NINE_KEYS};PHA_PRS_C13\n"
FILES = {
    "IR_BEN_R.csv": REGISTER_OF_MANY,
    **{
        f"ER_PRS_F_{2000 + index}.csv": ACTS + "".join(act(month, n) for n in range(400)) + "bad\n"
        for index, month in enumerate(MONTHS)
    },
    "ER_PHA_F.csv": PACKS + "".join(pack(month, n) for month in MONTHS for n in range(0, 400, 3)),
    "T_MCO21C.csv": "NIR_ANO_17;ETA_NUM;RSA_NUM\n"
    + "".join(f"P{n % 67};990000001;{n}\n" for n in range(90)),
    "T_MCO21B.csv": "ETA_NUM;RSA_NUM;DGN_PAL\n"
    + "".join(f"990000001;{n};E11\n" for n in range(90)),
}
Parts = dict[str, frozenset[Part]]
Rows = dict[str, tuple[object, ...]]


@dataclass(frozen=True)
class Loader:
    """A process that loads, and is killed when asked."""

    process: subprocess.Popen[str]

    def load(
        self, source: Path, lake: Path, *, seconds: float | None = None, step: int | None = None
    ) -> str:
        order = {
            "source": str(source),
            "lake": str(lake),
            "now": LATER,
            "seconds": seconds,
            "step": step,
        }
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@pytest.fixture(scope="module")
def loader() -> Iterator[Loader]:
    command = [sys.executable, "-m", "tests.crash.load_once"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Loader(process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("delivery"), FILES)


@pytest.fixture(scope="module")
def lake_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake whose dataset has already a snapshot: the month of February, otherwise."""
    source = write(
        tmp_path_factory.mktemp("former"),
        {"IR_BEN_R.csv": REGISTER_OF_MANY, "ER_PRS_F.csv": ACTS + act("02/2023", 5000)},
    )
    lake = tmp_path_factory.mktemp("before")
    load_delivery(source, lake=Lake(lake), dataset="claims", model="snds", now=NOW)
    return lake


@dataclass(frozen=True)
class Whole:
    """What a load that nobody kills gives, and how long it takes."""

    parts: Parts
    rows: Rows
    seconds: float


@pytest.fixture(scope="module")
def whole(
    loader: Loader, delivery: Path, lake_before: Path, tmp_path_factory: pytest.TempPathFactory
) -> Whole:
    lake = tmp_path_factory.mktemp("whole") / "lake"
    shutil.copytree(lake_before, lake)
    begun = time.monotonic()
    assert loader.load(delivery, lake) == "loaded"
    seconds = time.monotonic() - begun
    return Whole(parts_of(lake), rows_of(lake), seconds)


def parts_of(lake: Path) -> Parts:
    """Return the parts of every table, each with the digest of its bytes."""
    snapshot = Lake(lake).snapshot("claims")
    return {table.name: frozenset(table.parts) for table in snapshot.every_table()}


def rows_of(lake: Path) -> Rows:
    """Return, per table, the count of its rows and a sum that changes with any of them."""
    snapshot = Lake(lake).snapshot("claims")
    with duckdb.connect() as connection:
        return {
            table.name: read_table(connection, snapshot, table)
            .aggregate(f"count(*), sum(hash({', '.join(sorted(table.columns))}))")
            .fetchall()[0]
            for table in snapshot.every_table()
        }


def killing_moments(
    loader: Loader, source: Path, lake: Path, *, within: float, seed: int
) -> Iterator[float]:
    """Kill loads at random, and give the moment of each that was killed before its end.

    A load that goes on after another is shorter, so many end before their moment: those do not
    count.
    """
    draw = random.Random(seed)  # noqa: S311 — not for secrets
    killed = 0
    while killed < KILLS_IN_ROUND:
        moment = draw.uniform(0, within)
        if loader.load(source, lake, seconds=moment) == "killed":
            killed += 1
            yield moment


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_load_killed_at_random_loses_and_doubles_nothing(
    tmp_path: Path, loader: Loader, delivery: Path, lake_before: Path, whole: Whole, number: int
) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(lake_before, lake)
    before = rows_of(lake)

    for moment in killing_moments(loader, delivery, lake, within=whole.seconds, seed=number):
        verify(Lake(lake).snapshot("claims"))
        assert rows_of(lake) in (before, whole.rows), moment
    last = loader.load(delivery, lake)

    verify(Lake(lake).snapshot("claims"))
    assert last == "loaded"
    assert rows_of(lake) == whole.rows
    assert not list((lake / "claims").glob(".staging-*"))


@pytest.mark.parametrize("step", range(11))
def test_a_load_killed_at_a_step_goes_on_from_there(
    tmp_path: Path, loader: Loader, delivery: Path, lake_before: Path, whole: Whole, step: int
) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(lake_before, lake)
    killed = loader.load(delivery, lake, step=step)

    assert loader.load(delivery, lake) == "loaded"

    report = json.loads((Lake(lake).snapshot("claims").path / "report.json").read_text())
    assert killed == "killed"
    assert report["work"]["steps_resumed"] == step
    assert parts_of(lake) == whole.parts


def test_another_delivery_begins_anew_after_a_kill(
    tmp_path: Path, loader: Loader, delivery: Path, lake_before: Path
) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(lake_before, lake)
    loader.load(delivery, lake, step=5)
    other = write(tmp_path / "other", {"ER_PRS_F.csv": ACTS + act("04/2023", 1)})

    assert loader.load(other, lake) == "loaded"

    claims = Lake(lake).snapshot("claims").tables["ER_PRS_F"]
    assert {part.slice: part.rows for part in claims.parts} == {"2023-02": 1, "2023-04": 1}


def test_what_a_snapshot_names_is_on_the_disk_before_its_name_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, delivery: Path, lake_before: Path
) -> None:
    """A power failure after the pointer has changed finds every part whole."""
    lake = tmp_path / "lake"
    shutil.copytree(lake_before, lake)
    synced: list[tuple[int, str]] = []
    force = os.fsync

    def told(descriptor: int) -> None:
        force(descriptor)
        name = Path(f"/proc/self/fd/{descriptor}").readlink().name
        synced.append((os.fstat(descriptor).st_ino, name))

    monkeypatch.setattr(os, "fsync", told)
    load_delivery(delivery, lake=Lake(lake), dataset="claims", model="snds", now=NOW)

    snapshot = Lake(lake).snapshot("claims")
    parts = [
        snapshot.folder / part.file for table in snapshot.every_table() for part in table.parts
    ]
    pointer = next(rank for rank, (_, name) in enumerate(synced) if name.startswith(".current."))
    before = {inode for inode, _ in synced[:pointer]}
    carried = {part.name for part in (lake_before / "claims").glob("parts/*/*.parquet")}
    new = [part for part in parts if part.name not in carried]
    assert len(new) > 5
    assert {part.stat().st_ino for part in new} <= before
    assert {part.parent.stat().st_ino for part in new} <= before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def load_former(lake: Path, tmp_path: Path) -> None:
    source = write(tmp_path / "first", {"IR_BEN_R.csv": REGISTER})
    load_delivery(source, lake=Lake(lake), dataset="claims", model="snds", now=NOW)


def test_a_full_disk_is_reported_and_the_former_snapshot_stays(
    small_disk: Path, tmp_path: Path
) -> None:
    load_former(small_disk, tmp_path)
    former = Lake(small_disk).snapshot("claims")
    acts = ACTS + "".join(act("02/2023", n * 7919) for n in range(400_000))
    source = write(tmp_path / "large", {"ER_PRS_F.csv": acts})

    with pytest.raises(StorageFull, match="untouched"):
        load_delivery(source, lake=Lake(small_disk), dataset="claims", model="snds", now=NOW)

    assert Lake(small_disk).snapshot("claims") == former
    verify(former)
    assert not list((small_disk / "claims").glob(".staging-*"))


def test_a_disk_that_cannot_be_written_is_reported_and_the_former_snapshot_stays(
    small_disk: Path, tmp_path: Path, delivery: Path
) -> None:
    load_former(small_disk, tmp_path)
    former = Lake(small_disk).snapshot("claims")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)

    with pytest.raises(LoadFailed, match="cannot be written"):
        load_delivery(delivery, lake=Lake(small_disk), dataset="claims", model="snds", now=NOW)

    verify(former)


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_file_stops_the_load_and_the_former_snapshot_stays(
    tmp_path: Path, kept: float
) -> None:
    load_former(tmp_path / "lake", tmp_path)
    former = Lake(tmp_path / "lake").snapshot("claims")
    source = tmp_path / "delivery"
    source.mkdir()
    file = source / "IR_IMB_R.parquet"
    columns = {"BEN_NIR_PSA": ["ANNA"] * 5000, "BEN_RNG_GEM": [1] * 5000}
    pq.write_table(pa.table(columns), file)
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * kept)])

    with pytest.raises(LoadFailed, match=r"IR_IMB_R\.parquet"):
        load_delivery(source, lake=Lake(tmp_path / "lake"), dataset="claims", model="snds", now=NOW)

    assert Lake(tmp_path / "lake").snapshot("claims") == former


@pytest.mark.parametrize("seed", range(20))
def test_a_bit_that_flips_in_a_part_is_found(tmp_path: Path, seed: int) -> None:
    load_former(tmp_path / "lake", tmp_path)
    snapshot = Lake(tmp_path / "lake").snapshot("claims")
    draw = random.Random(seed)  # noqa: S311 — not for secrets
    file = draw.choice(sorted((tmp_path / "lake" / "claims" / "parts").glob("*/*.parquet")))
    data = bytearray(file.read_bytes())
    data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    file.write_bytes(data)

    with pytest.raises(SnapshotDamaged, match=file.name):
        verify(snapshot)
