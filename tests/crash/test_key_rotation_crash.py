"""A rotation of keys that is killed anywhere goes on from there; no data key is ever lost."""

import signal
from pathlib import Path

import pytest

from ecluse.trust.envelopes.headers import unwrap
from ecluse.trust.envelopes.holders import KeyHolder
from ecluse.trust.zone.sealed_files import DataKey
from tests.crash.key_rotator import rotate_once, rotate_with_deadly_writes
from tests.unit.trust.envelopes import drawn, header_folder, new_holder

COUNT = 4
STEPS = 1 + COUNT + 1 + 2 + 1
"""Keys drawn, a wrap for each of 4 data keys, in use, two old keys destroyed, ended."""
WRITES = 1 + 1 + 1 + COUNT + 1
"""Files written: root, purpose key, what is next, a header for each data key, what is in use."""


@pytest.fixture
def world(tmp_path: Path) -> tuple[Path, KeyHolder, list[DataKey]]:
    hub = new_holder(tmp_path)
    return tmp_path, hub, [drawn(tmp_path, hub) for _ in range(COUNT)]


def secrets_of(folder: Path, holder: KeyHolder, keys: list[DataKey]) -> list[bytes]:
    headers = header_folder(folder)
    return [unwrap(headers.load(key.key_id), holder).secret for key in keys]


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_rotation_killed_at_any_step_loses_nothing_and_ends_when_called_again(
    world: tuple[Path, KeyHolder, list[DataKey]], step: int
) -> None:
    folder, hub, keys = world
    before = hub.in_use()

    died = rotate_once(folder, deadly=step)
    between = secrets_of(folder, hub, keys)
    drawn_between = drawn(folder, hub, "births")
    ended = rotate_once(folder)

    assert (died, ended) == (-signal.SIGKILL, 0)
    assert between == secrets_of(folder, hub, keys) == [key.secret for key in keys]
    assert secrets_of(folder, hub, [drawn_between]) == [drawn_between.secret]
    assert before.root not in hub.roots()
    assert hub.roots() == (hub.in_use().root,)
    assert hub.purpose_keys() == hub.in_use().purposes
    assert not (hub.folder / "next.json").exists()


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", range(1, WRITES + 1))
def test_a_rotation_killed_at_any_write_loses_nothing_and_ends_when_called_again(
    world: tuple[Path, KeyHolder, list[DataKey]], number: int, after: bool
) -> None:
    folder, hub, keys = world

    died = rotate_with_deadly_writes(folder, number, after=after)
    between = secrets_of(folder, hub, keys)
    ended = rotate_once(folder)

    assert (died, ended) == (-signal.SIGKILL, 0)
    assert between == secrets_of(folder, hub, keys) == [key.secret for key in keys]
    assert hub.roots() == (hub.in_use().root,)
    assert hub.purpose_keys() == hub.in_use().purposes
