"""The agent is killed while it runs an evaluation: one run kept, one report, one receipt."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ecluse.domain.documents import CheckReport
from ecluse.trust.journal import files, verification
from ecluse.trust.journal.entries import Entry
from ecluse.trust.keys import Keyring
from tests.unit.data.agent.evaluation_worlds import ORDER, Evaluations
from tests.unit.data.studies import PERMIT

AGENT = """
import os, signal, sys
from pathlib import Path
from ecluse.data.agent import Agent, Zone
from ecluse.trust.mailbox import FolderMailbox
from tests.unit.data.studies import NOW

folder, deadly = Path(sys.argv[1]), sys.argv[2]

def die_at_the_point(name):
    if name == deadly:
        os.kill(os.getpid(), signal.SIGKILL)

mailboxes = {name: FolderMailbox(folder / name) for name in ("public", "checking")}
agent = Agent(Zone(folder / "zone"), mailboxes, clock=lambda: NOW, on_progress=die_at_the_point)
agent.step(NOW)
agent.close()
"""
POINTS = ("evaluation: run", "evaluation: reported", "evaluation: files", "journalled")


def run(folder: Path, deadly: str = "") -> int:
    """Run one step, to its end or its death; return the exit code."""
    done = subprocess.run(
        [sys.executable, "-c", AGENT, str(folder), deadly],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["src", "."])},
    )
    return done.returncode


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Evaluations:
    """A world whose order waits in the mailbox."""
    made = Evaluations(tmp_path_factory.mktemp("ready"))
    lock = made.lock()
    made.step()
    made.send(made.order(lock))
    return made


@pytest.mark.parametrize("point", POINTS)
def test_an_agent_killed_there_answers_once_with_what_it_ran(
    ready: Evaluations, tmp_path: Path, point: str
) -> None:
    world = ready.copied(tmp_path)
    death = run(tmp_path, point)
    (before,) = world.zone.path.glob(f"evaluations/*/orders/*{ORDER}/predictions.parquet")
    ran_at = before.stat().st_mtime_ns

    end = run(tmp_path)

    assert (death, end) == (-signal.SIGKILL, 0)
    (receipt,) = world.receipts()
    assert len(world.bodies(world.checking, CheckReport)) == 1
    assert world.refused() == []
    orders = world.zone.evaluations(PERMIT.permit_number) / "orders"
    assert [path.name for path in orders.iterdir()] == [ORDER]
    assert (orders / ORDER / "predictions.parquet").stat().st_mtime_ns == ran_at
    assert receipt.files[0].digest == f"sha256:{next(world.zone.blobs.iterdir()).name}"
    assert _told(world).count("evaluation.run") == 1


def _told(world: Evaluations) -> list[str]:
    """The actions of the journal, once it has proved itself."""
    export = files.read(world.zone.journal / files.ENTRIES)
    lines, keyring = list(export.lines), Keyring.load(world.zone.keyring)
    verification.verify(lines, export.checkpoints, keyring).require_sound()
    return [Entry.parse(line).action for line in lines]
