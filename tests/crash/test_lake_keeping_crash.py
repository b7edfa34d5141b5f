"""Compaction, archiving, erasure and encryption that are killed: nothing lost, and they finish."""

import os
import random
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import pytest

from ecluse.data.lake import Lake, Snapshot, verify
from ecluse.data.lake.compaction import compact
from ecluse.data.lake.erasure import erase_persons
from ecluse.data.lake.rekeying import change_key
from ecluse.data.lake.retention import retire
from ecluse.data.lake.sweeping import sweep
from ecluse.trust.zone.lake_keys import LakeKey
from tests.unit.data.lake.worlds import MORNING, files_under, publish, rows, texts_under

KILLS: Final = int(os.environ.get("ECLUSE_KILLS", "5"))
LATER: Final = MORNING + timedelta(days=1)
KEY: Final = LakeKey("lake-0123456789abcdef", bytes(range(32)))
COUNTED: Final = "ER_PRS_F"


def run_compact(folder: Path) -> None:
    compact(Lake(folder), "claims", now=LATER)


def run_retire(folder: Path) -> None:
    retire(Lake(folder), "claims", before=2006, now=LATER)


def run_erase(folder: Path) -> None:
    erase_persons(Lake(folder), "claims", ["IDENTITY-ANNA"], reference="1", now=LATER)


def run_encrypt(folder: Path) -> None:
    # With the key once it is encrypted, without it before: whoever runs it again does not know.
    found = Lake(folder, key=KEY).snapshot("claims")
    change_key(Lake(folder, key=KEY if found.encryption else None), "claims", to=KEY, now=LATER)


ACTS: Final[Mapping[str, Callable[[Path], None]]] = {
    "compact": run_compact,
    "retire": run_retire,
    "erase": run_erase,
    "encrypt": run_encrypt,
}
ROWS_AFTER: Final = {"compact": 6, "retire": 4, "erase": 4, "encrypt": 6}

PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])


def kill_after(act: str, folder: Path, seconds: float) -> None:
    """Kill an act after a moment of its work, or let it end if it was quicker."""
    process = PROCESSES.Process(target=ACTS[act], args=(folder,))
    process.start()
    process.join(seconds)
    process.kill()
    process.join()


@pytest.fixture(scope="module")
def seconds(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, float]:
    """How long each act takes when nobody kills it."""
    return {act: duration(act, tmp_path_factory.mktemp(act)) for act in ACTS}


def duration(act: str, folder: Path) -> float:
    publish(folder, one_row_a_part=True)
    begun = time.monotonic()
    kill_after(act, folder, seconds=60)
    return time.monotonic() - begun


def snapshot_of(folder: Path) -> Snapshot:
    return Lake(folder, key=KEY).snapshot("claims")


@pytest.mark.parametrize("attempt", range(KILLS))
@pytest.mark.parametrize("act", ACTS)
def test_a_killed_act_loses_nothing_and_finishes_when_it_is_run_again(
    tmp_path: Path, seconds: Mapping[str, float], act: str, attempt: int
) -> None:
    publish(tmp_path, one_row_a_part=True)
    moment = random.Random(attempt).uniform(0, seconds[act])  # noqa: S311 - not for secrets

    kill_after(act, tmp_path, moment)

    after_kill = snapshot_of(tmp_path)
    verify(after_kill)
    assert len(rows(after_kill, COUNTED, "person_key")) in {6, ROWS_AFTER[act]}

    ACTS[act](tmp_path)
    sweep(Lake(tmp_path), "claims", now=LATER, grace=timedelta(0))

    finished = snapshot_of(tmp_path)
    verify(finished)
    assert len(rows(finished, COUNTED, "person_key")) == ROWS_AFTER[act]
    assert len(files_under(finished.folder)) == len(named_files(tmp_path))
    assert (act != "erase") or ("ANNA" not in texts_under(tmp_path))


def named_files(folder: Path) -> set[Path]:
    lake = Lake(folder)
    found = (lake.snapshot("claims", name) for name in lake.snapshots("claims"))
    return {part.file for snapshot in found for part in snapshot.every_part()}
