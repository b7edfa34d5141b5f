"""The agent is killed, at every point where it says what it does and at random instants."""

import random
import signal
from pathlib import Path

import pytest

from ecluse.domain.documents import ExtractionReceipt
from ecluse.trust.journal import files, verification
from ecluse.trust.journal.entries import Entry
from ecluse.trust.keys import Keyring
from tests.crash.steps import finish, sampled, start
from tests.unit.data.agent.worlds import World


def check_one_of_each(world: World) -> None:
    """One extract, one receipt, each fact journalled once, and a journal that proves itself."""
    receipts = [one for one in world.delivered(world.public) if one.kind == "ExtractionReceipt"]
    copies = [one for one in world.delivered(world.checking) if one.kind == "ExtractionReceipt"]
    assert len({one.id for one in (*receipts, *copies)}) == len(receipts) == len(copies) == 1
    assert isinstance(receipts[0].body, ExtractionReceipt)
    assert world.extracts() == ["FR-2026-0001/FR-2026-0001-E1"]
    export = files.read(world.zone.journal / files.ENTRIES)
    lines = list(export.lines)
    keyring = Keyring.load(world.zone.keyring)
    verification.verify(lines, export.checkpoints, keyring).require_sound()
    told = [Entry.parse(line).action for line in lines]
    assert told.count("extraction.delivered") == 1
    assert told.count("document.received") == 3
    assert told.count("document.refused") == 0
    assert told.count("document.sent") == 4


def test_an_agent_killed_at_any_of_its_points_obeys_once(tmp_path: Path) -> None:
    first = World(tmp_path / "first")
    first.send(first.grant())
    first.copied(tmp_path / "whole")
    _, count = finish(tmp_path / "whole")
    points = sampled(count)
    worlds = [first.copied(tmp_path / str(point)) for point in points]

    deaths = [finish(tmp_path / str(point), point)[0] for point in points]
    ends = [finish(tmp_path / str(point))[0] for point in points]

    assert count > 20
    assert set(deaths) == {-signal.SIGKILL}
    assert set(ends) == {0}
    assert [check_one_of_each(world) for world in worlds]


@pytest.mark.parametrize("seed", range(3))
def test_an_agent_killed_again_and_again_obeys_once(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path)
    world.send(world.grant())
    chance = random.Random(seed)  # noqa: S311 - points to die at, not a secret

    deaths = [finish(tmp_path, chance.randint(1, 12))[0] for _ in range(4)]
    finish(tmp_path)

    assert -signal.SIGKILL in deaths
    check_one_of_each(world)


@pytest.mark.parametrize("milliseconds", [5, 45, 130])
def test_an_agent_killed_from_outside_obeys_once(tmp_path: Path, milliseconds: int) -> None:
    world = World(tmp_path)
    world.send(world.grant())
    victim, _ = start(tmp_path)

    victim.join(milliseconds / 1000)
    victim.kill()
    victim.join()
    finish(tmp_path)

    check_one_of_each(world)
