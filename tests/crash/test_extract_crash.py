"""An extraction that is killed at any step leaves nothing, then gives the same bytes."""

import os
import signal
from pathlib import Path

import pytest

from ecluse.data.extraction import extract
from ecluse.data.lake import Lake
from ecluse.domain.documents import ExtractionReceipt
from tests.crash.steps import PROCESSES, SECONDS
from tests.unit.data import studies
from tests.unit.data.studies import KEY, NOW, Study

STEPS = (
    "verify",
    "cohort",
    "table ER_PRS_F",
    "table ER_PHA_F",
    "table IR_BEN_R",
    "table IR_PHA_R",
    "publish",
)


def extract_until(folder: Path, deadly: tuple[str, ...]) -> None:
    """Extract, and die where one of these steps begins."""

    def die_there(step: str, _done: int, _total: int) -> None:
        if step in deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    lake = Lake(folder / "lake")
    extract(
        studies.warrant(studies.order(lake.snapshot(studies.DATASET))),
        lake=lake,
        key=KEY,
        target=folder / "projects" / "FR-2026-0001" / "E1",
        clock=lambda: NOW,
        on_progress=die_there,
    )


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(tmp_path)


def kill(folder: Path, *steps: str) -> int | None:
    """Extract until one of these steps begins; return how the process ended."""
    victim = PROCESSES.Process(target=extract_until, args=(folder, steps))
    victim.start()
    victim.join(SECONDS)
    return victim.exitcode


def whole(study: Study, target: Path) -> ExtractionReceipt:
    return extract(
        studies.warrant(studies.order(study.snapshot)),
        lake=study.lake,
        key=KEY,
        target=target,
        clock=lambda: NOW,
    )


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_one_step_then_run_again(study: Study, tmp_path: Path, step: str) -> None:
    assert kill(tmp_path, step) == -signal.SIGKILL
    assert not study.target.exists()

    resumed = whole(study, study.target)
    expected = whole(study, tmp_path / "elsewhere" / "E1")
    assert [one.digest for one in resumed.files] == [one.digest for one in expected.files]
    assert [path.name for path in study.target.parent.iterdir()] == ["E1"]


def test_killed_at_every_step_one_after_the_other(study: Study, tmp_path: Path) -> None:
    endings = [kill(tmp_path, step) for step in reversed(STEPS)]

    resumed = whole(study, study.target)
    expected = whole(study, tmp_path / "elsewhere" / "E1")
    assert endings == [-signal.SIGKILL] * len(STEPS)
    assert [one.digest for one in resumed.files] == [one.digest for one in expected.files]
