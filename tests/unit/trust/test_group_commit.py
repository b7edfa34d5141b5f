"""Group commit: one write for all who wait, in the order of the queue, each told its own fate."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep

import pytest

from ecluse.domain.errors import Malformed, StorageFull
from ecluse.trust.journal.group_commit import MOST, GroupCommit, Waiting

Group = Sequence[Waiting[int, str]]


class Disk:
    """A disk that keeps what it was given, and waits for `open` before each write."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.open = Event()
        self.reached = Event()

    def write(self, group: Group) -> None:
        self.reached.set()
        self.open.wait(5)
        self.groups.append([one.fact for one in group])
        for one in group:
            one.kept = f"kept {one.fact}"


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; the test's own limit of time is the end of patience."""
    while not holds():
        sleep(0.001)


def test_alone_each_fact_is_a_group() -> None:
    disk = Disk()
    disk.open.set()
    queue = GroupCommit(disk.write)

    assert [queue.keep(1), queue.keep(2)] == ["kept 1", "kept 2"]
    assert disk.groups == [[1], [2]]


def test_those_who_come_during_a_write_share_the_next_one() -> None:
    disk = Disk()
    queue = GroupCommit(disk.write)
    with ThreadPoolExecutor(10) as pool:
        first = pool.submit(queue.keep, 0)
        disk.reached.wait(5)
        others = [pool.submit(queue.keep, number) for number in range(1, 10)]
        until(lambda: len(queue._queue) == 9)
        disk.open.set()
        kept = [one.result(5) for one in (first, *others)]

    assert kept == [f"kept {number}" for number in range(10)]
    assert disk.groups[0] == [0]
    assert sorted(disk.groups[1]) == list(range(1, 10))


def test_no_group_is_longer_than_a_crash_may_leave() -> None:
    sizes: list[int] = []

    def write(group: Group) -> None:
        sizes.append(len(group))
        for one in group:
            one.kept = ""

    queue = GroupCommit(write)
    with ThreadPoolExecutor(64) as pool:
        list(pool.map(queue.keep, range(3000)))

    assert sum(sizes) == 3000
    assert max(sizes) <= MOST


def test_a_fact_that_cannot_be_written_fails_alone() -> None:
    def write(group: Group) -> None:
        for one in group:
            one.kept, one.error = (None, Malformed("odd")) if one.fact % 2 else ("kept", None)

    queue = GroupCommit(write)

    assert queue.keep(2) == "kept"
    with pytest.raises(Malformed, match="odd"):
        queue.keep(3)
    assert queue.keep(4) == "kept"


def test_a_full_disk_is_told_to_all_who_waited_and_the_next_may_try() -> None:
    states = iter([True, False])

    def write(group: Group) -> None:
        if next(states):
            raise StorageFull("full")
        for one in group:
            one.kept = "kept"

    queue = GroupCommit(write)

    with pytest.raises(StorageFull):
        queue.keep(1)
    assert queue.keep(2) == "kept"


def test_whoever_is_stopped_while_leading_leaves_the_queue_to_the_next() -> None:
    states = iter([True, False])

    def write(group: Group) -> None:
        if next(states):
            raise KeyboardInterrupt
        for one in group:
            one.kept = "kept"

    queue = GroupCommit(write)

    with pytest.raises(KeyboardInterrupt):
        queue.keep(1)
    assert queue.keep(2) == "kept"
