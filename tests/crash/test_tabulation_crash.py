"""The agent is killed while it answers a data request: one answer, one spending, none lost."""

import json
import signal
from pathlib import Path

import pytest

from ecluse.domain.documents import CheckReport, Refusal, TabulationReceipt
from ecluse.domain.tabulation import Noise
from ecluse.trust.journal import files, verification
from ecluse.trust.journal.entries import Entry
from ecluse.trust.keys import Keyring
from tests.crash.steps import finish
from tests.unit.data.agent.requests import Requests, asked

POINTS = [
    "pulled",
    "obeying",
    "tabulation: counted",
    "tabulation: made",
    "tabulation: written",
    "tabulation: kept",
    "tabulation: files",
    "obeyed",
    "journalled",
    "done",
    "delivering",
    "handed over",
]


def run(folder: Path, deadly: str = "") -> int:
    """Run one step, to its end or its death; return the exit code."""
    return finish(folder, deadly)[0]


def told(world: Requests) -> list[str]:
    """The actions of the journal, once it has proved itself."""
    export = files.read(world.zone.journal / files.ENTRIES)
    lines = list(export.lines)
    keyring = Keyring.load(world.zone.keyring)
    verification.verify(lines, export.checkpoints, keyring).require_sound()
    return [Entry.parse(line).action for line in lines]


def spent(world: Requests) -> list[int]:
    """What the ledger of the clinic holds."""
    ledger = world.zone.path / "answers" / "clinic" / "privacy.jsonl"
    return [json.loads(line)["epsilon_thousandths"] for line in ledger.read_text().splitlines()]


@pytest.mark.parametrize("point", POINTS)
def test_an_agent_killed_there_answers_once(tmp_path: Path, point: str) -> None:
    world = Requests(tmp_path)
    world.send(world.order())

    death, end = run(tmp_path, point), run(tmp_path)

    receipts = world.bodies(world.public, TabulationReceipt)
    assert (death, end) == (-signal.SIGKILL, 0)
    assert len(receipts) == len(world.bodies(world.checking, CheckReport)) == 1
    assert world.bodies(world.public, Refusal) == []
    assert world.kept() == 1
    assert world.tables()["by_sex.csv"].splitlines()[1] == "_T,47"
    assert told(world).count("tabulation.answered") == 1
    assert [path.name for path in (world.zone.path / "tabulations").iterdir()] == [
        "DR-2026-00001-T1"
    ]


@pytest.mark.parametrize("point", ["tabulation: made", "tabulation: written", "tabulation: kept"])
def test_an_agent_killed_there_spends_the_budget_once(tmp_path: Path, point: str) -> None:
    pytest.importorskip("opendp")
    world = Requests(tmp_path)
    world.send(world.order(plan=asked(protection=Noise(600))))

    death, end = run(tmp_path, point), run(tmp_path)

    assert (death, end) == (-signal.SIGKILL, 0)
    assert spent(world) == [600]
    assert world.kept() == len(world.bodies(world.public, TabulationReceipt)) == 1


def test_what_was_kept_before_the_death_is_what_is_given_after_it(tmp_path: Path) -> None:
    pytest.importorskip("opendp")
    world = Requests(tmp_path)
    world.send(world.order(plan=asked(protection=Noise(600))))
    run(tmp_path, "tabulation: kept")
    (draft,) = (world.zone.path / "tabulations").iterdir()
    before = (draft / "by_sex.csv").read_text()

    run(tmp_path)

    assert world.tables()["by_sex.csv"] == before
