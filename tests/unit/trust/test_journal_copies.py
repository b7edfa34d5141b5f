"""Copies of a journal in tiles: what is added alone is written, and never another past."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ecluse.domain.errors import JournalBroken, NotAllowed
from ecluse.hosting.stores.folders import FolderStore
from ecluse.trust.journal import checkpoints, copies, tree
from ecluse.trust.journal.copies import Copied, Original
from ecluse.trust.journal.reading import in_memory
from tests.unit.trust.build import AGENT, KEYRING, entry

LINES = [entry(number).line() for number in range(1, 601)]


def original(lines: list[bytes], *, origin: str = "test/zone") -> Original:
    leaves = [tree.leaf_hash(line) for line in lines]
    note = checkpoints.sign_checkpoint(origin, len(lines), tree.root(leaves), AGENT)
    read = in_memory(lines, note)
    return Original(read.tree, read.lines, note)


def keys_of(store: FolderStore) -> set[str]:
    return {one.key for one in store.list()}


def test_a_copy_has_the_published_layout(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    done = copies.copy(original(LINES), store, KEYRING)

    assert done == Copied(before=0, after=600, written=8)
    assert keys_of(store) == {
        *("tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"),
        *("tile/entries/000", "tile/entries/001", "tile/entries/002.p/88", "checkpoint/600"),
    }
    assert (tmp_path / "tile/0/001").read_bytes() == b"".join(map(tree.leaf_hash, LINES[256:512]))
    first = (tmp_path / "tile/entries/000").read_bytes()
    assert first[2 : 2 + int.from_bytes(first[:2], "big")] == LINES[0]


@pytest.mark.parametrize(
    ("index", "width", "name"),
    [
        (0, 256, "000"),
        (999, 256, "999"),
        (1234, 256, "x001/234"),
        (1234567, 7, "x001/x234/567.p/7"),
    ],
)
def test_names_of_tiles_are_those_of_the_specification(index: int, width: int, name: str) -> None:
    assert copies.tile_name(index, width) == name


def test_a_second_copy_writes_what_was_added_alone(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    copies.copy(original(LINES[:300]), store, KEYRING)
    before = keys_of(store)
    done = copies.copy(original(LINES), store, KEYRING)

    assert (done.before, done.after) == (300, 600)
    assert keys_of(store) - before == {
        *("tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"),
        *("tile/entries/001", "tile/entries/002.p/88", "checkpoint/600"),
    }


def test_nothing_is_written_when_nothing_was_added(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    copies.copy(original(LINES), store, KEYRING)

    assert copies.copy(original(LINES), store, KEYRING) == Copied(600, 600, 0)


def test_an_interrupted_copy_goes_on(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    objects = list(copies.objects(original(LINES), size=600, since=0))
    store.put_if_absent(*objects[0])
    store.put_if_absent(*objects[1])
    done = copies.copy(original(LINES), store, KEYRING)

    assert (done.before, done.written) == (0, 6)


def test_another_past_is_not_copied_over_the_first(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    copies.copy(original(LINES[:300]), store, KEYRING)
    forged = [entry(1, subject="another").line(), *LINES[1:]]

    with pytest.raises(JournalBroken, match="do not begin with the same 300"):
        copies.copy(original(forged), store, KEYRING)


def test_a_journal_that_was_cut_is_told_by_its_copy(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    copies.copy(original(LINES), store, KEYRING)

    with pytest.raises(JournalBroken, match="one was cut"):
        copies.copy(original(LINES[:300]), store, KEYRING)


def test_an_object_that_is_not_ours_stops_the_copy(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put_if_absent("tile/0/000", b"x" * 8192)

    with pytest.raises(JournalBroken, match="another tile/0/000"):
        copies.copy(original(LINES), store, KEYRING)


def test_what_is_locked_cannot_be_deleted(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    until = datetime.now(UTC) + timedelta(days=1)
    copies.copy(original(LINES), store, KEYRING, locked_until=until)

    with pytest.raises(NotAllowed, match="is locked"):
        store.delete("tile/entries/000")
