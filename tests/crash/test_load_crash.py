"""A load that is killed, or meets a full disk, leaves the former snapshot whole."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ecluse.data.lake import Lake, verify
from ecluse.data.loading import load_delivery
from ecluse.data.synthetic import generate
from ecluse.domain.errors import StorageFull
from tests.unit.data.deliveries import NOW, REGISTER, write

KEY = bytes(32)
KILLS = 24
FULL_DELIVERY = frozenset(
    {
        "ER_BIO_F",
        "ER_CAM_F",
        "ER_PHA_F",
        "ER_PRS_F",
        "IR_BEN_R",
        "IR_IMB_R",
        "IR_PHA_R",
        "KI_CCI_R",
        "T_MCOaaB",
        "T_MCOaaC",
        "T_MCOaaD",
    }
)
LATER = (NOW + timedelta(days=1)).isoformat()


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("country")
    return generate(folder, persons=400, years=(2022,), national_key=KEY).delivery_path


def start_load(source: Path, lake: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.crash.load_once", str(source), str(lake), LATER]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


def kill_after(process: subprocess.Popen[str], seconds: float) -> None:
    """Kill the load after a moment of its work, or let it end if it was quicker."""
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    process.communicate()


@pytest.fixture(scope="module")
def load_seconds(delivery: Path, tmp_path_factory: pytest.TempPathFactory) -> float:
    lake = tmp_path_factory.mktemp("lake")
    process = start_load(delivery, lake)
    begun = time.monotonic()
    output, _ = process.communicate(timeout=120)

    assert process.returncode == 0
    assert Lake(lake).snapshot("claims").snapshot_id == output.strip()
    return time.monotonic() - begun


@pytest.mark.parametrize("attempt", range(KILLS))
def test_a_killed_load_leaves_a_whole_snapshot(
    tmp_path: Path, delivery: Path, load_seconds: float, attempt: int
) -> None:
    lake = Lake(tmp_path / "lake")
    first = write(tmp_path / "first", {"IR_BEN_R.csv": REGISTER})
    former = load_delivery(first, lake=lake, dataset="claims", model="snds", now=NOW).snapshot
    moment = random.Random(attempt).uniform(0, load_seconds)  # noqa: S311 — not for secrets

    kill_after(start_load(delivery, lake.path), moment)

    current = lake.snapshot("claims")
    verify(current)
    verify(former)
    assert current.tables.keys() in (former.tables.keys(), FULL_DELIVERY)


def test_the_load_after_a_killed_one_succeeds_and_clears_what_it_left(
    tmp_path: Path, delivery: Path, load_seconds: float
) -> None:
    lake = Lake(tmp_path)
    kill_after(start_load(delivery, lake.path), load_seconds / 2)

    loaded = load_delivery(delivery, lake=lake, dataset="claims", model="snds", now=NOW)

    verify(loaded.snapshot)
    assert not list((tmp_path / "claims").glob(".staging-*"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_reported_and_the_former_snapshot_stays(
    small_disk: Path, tmp_path: Path, delivery: Path
) -> None:
    lake = Lake(small_disk)
    first = write(tmp_path / "first", {"IR_BEN_R.csv": REGISTER})
    former = load_delivery(first, lake=lake, dataset="claims", model="snds", now=NOW).snapshot
    large = tmp_path / "large"
    generate(large, persons=3000, years=(2022,), national_key=KEY)

    with pytest.raises(StorageFull, match="untouched"):
        load_delivery(large / "delivery", lake=lake, dataset="claims", model="snds", now=NOW)

    assert lake.snapshot("claims") == former
    verify(former)
    assert not list((small_disk / "claims").glob(".staging-*"))
