"""Group commit: whoever waits for the disk takes everybody who waits along.

Each caller adds its fact to a queue. The first one leads: it writes all that is queued, once, for
all, then hands over to the first of those who came meanwhile. Facts keep the order of the queue.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Condition, Event
from typing import Final, Generic, TypeVar

from ecluse.domain.errors import JournalBroken

MOST: Final = 1024
"""Facts in one group, at most."""
WINDOW_SECONDS: Final = 0.002
"""How long a leader waits for as many facts as came last time; alone, it does not wait."""

Fact = TypeVar("Fact")
Kept = TypeVar("Kept")


@dataclass(slots=True, eq=False)
class Waiting(Generic[Fact, Kept]):
    """A fact in the queue, then what was kept of it or why it was not."""

    fact: Fact
    kept: Kept | None = None
    error: BaseException | None = None
    turn: Event = field(default_factory=Event)

    @property
    def is_done(self) -> bool:
        """Whether its group was written, or refused."""
        return self.kept is not None or self.error is not None


class GroupCommit(Generic[Fact, Kept]):
    """The queue before one disk. `write` keeps a group and fills each `kept`, or its `error`."""

    def __init__(self, write: Callable[[Sequence[Waiting[Fact, Kept]]], None]) -> None:
        self._write = write
        self._queue: list[Waiting[Fact, Kept]] = []
        self._changed = Condition()
        self._has_leader = False
        self._expected = 1

    def keep(self, fact: Fact) -> Kept:
        """Return what was kept of a fact, once its group is on the disk.

        Raises what `write` did.
        """
        mine: Waiting[Fact, Kept] = Waiting(fact)
        with self._changed:
            self._queue.append(mine)
            leads, self._has_leader = not self._has_leader, True
            self._changed.notify()
        if not leads:
            self._wait(mine)
        if not mine.is_done:
            self._lead(mine)
        if mine.error is not None:
            raise mine.error
        if mine.kept is None:
            raise JournalBroken("A group was written without one of its facts: this is a defect.")
        return mine.kept

    def _wait(self, mine: Waiting[Fact, Kept]) -> None:
        try:
            mine.turn.wait()
        except BaseException:
            # Stopped (Ctrl-C): it must not be the one to whom the lead is handed.
            self._leave(mine)
            if mine.turn.is_set() and not mine.is_done:
                self._hand_over(())
            raise

    def _lead(self, mine: Waiting[Fact, Kept]) -> None:
        group: list[Waiting[Fact, Kept]] = []
        try:
            group = self._take()
            self._write(group)
        except Exception as error:  # told to each of those who wait
            _fail(group, error)
        except BaseException:
            # Stopped (Ctrl-C): the others were acknowledged nothing.
            _fail(group, JournalBroken("The group was interrupted: do the same again."))
            self._leave(mine)
            raise
        finally:
            self._hand_over(group)

    def _leave(self, mine: Waiting[Fact, Kept]) -> None:
        with self._changed:
            if mine in self._queue:
                self._queue.remove(mine)

    def _take(self) -> list[Waiting[Fact, Kept]]:
        with self._changed:
            self._changed.wait_for(
                lambda: len(self._queue) >= self._expected, timeout=WINDOW_SECONDS
            )
            group, self._queue = self._queue[:MOST], self._queue[MOST:]
        self._expected = len(group)
        return group

    def _hand_over(self, group: Sequence[Waiting[Fact, Kept]]) -> None:
        with self._changed:
            self._has_leader = bool(self._queue)
            if self._queue:
                self._queue[0].turn.set()
        for one in group:
            one.turn.set()


def _fail(group: Sequence[Waiting[Fact, Kept]], error: BaseException) -> None:
    for one in group:
        one.kept, one.error = None, one.error or error
