"""Where a file stands: whose turn it is, until when, and what suspends it. Values in, values out.

While an application is assessed its decision units say whose turn it is, because the due day of
law belongs to them; before, the file itself does; once it rests, what was asked about it since.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ecluse.domain.actors import Actor
from ecluse.domain.clocks.clock import Clock, due_on
from ecluse.domain.clocks.rules import Shape
from ecluse.domain.clocks.tracks import governing
from ecluse.domain.machines import MACHINES, Kind
from ecluse.domain.machines.files import CaseFile, Item

FILE = "file"
FAR = date.max
SINCE = frozenset({Kind.AMENDMENT, Kind.RENEWAL, Kind.APPEAL})
"""What is asked about a file that is decided: filed, it waits for somebody like the file did."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whose turn it is, on which object, and the clock that governs; None if none runs."""

    item: Item
    turn: Actor
    clock: Clock | None

    @property
    def due_on(self) -> date | None:
        """The governing due day; None without a figure, and while the clock is suspended."""
        return due_on(self.clock) if self.clock is not None else None

    @property
    def is_suspended(self) -> bool:
        """Whether the governing clock waits for something else."""
        return self.clock is not None and self.clock.is_suspended


def standing(file: CaseFile) -> Standing:
    """Where the file stands. Of several decision units, the one that is due first."""
    own = file.item(FILE)
    units = [unit for unit in file.of(Kind.DECISION_UNIT) if not rests(unit)]
    if own.kind is Kind.APPLICATION and own.state == "processing" and units:
        return min((_of(unit) for unit in units), key=lambda one: one.due_on or FAR)
    asked = [item for item in file.items.values() if _is_asked_since(item)] if rests(own) else []
    return min((_of(item) for item in asked), key=lambda one: one.due_on or FAR, default=_of(own))


def _is_asked_since(item: Item) -> bool:
    is_draft = item.state == MACHINES[item.kind].initial
    return item.kind in SINCE and not is_draft and not rests(item)


def _of(item: Item) -> Standing:
    return Standing(item, item.owner, governing_clock(item))


def governing_clock(item: Item) -> Clock | None:
    """The running clock that shows the due day of one object."""
    running = item.running()
    by_track = governing(item.track, running)
    if by_track is not None or not running:
        return by_track
    limits = [clock for clock in running if clock.rule.shape is not Shape.AT_LEAST]
    return min(limits, key=lambda clock: due_on(clock) or FAR, default=None)


def rests(item: Item) -> bool:
    """Whether nobody has to act on the object."""
    return MACHINES[item.kind].state(item.state).rests


def all_clocks(items: Iterable[Item]) -> list[tuple[Item, Clock]]:
    """Every clock of these objects with its object: the running first, by due day."""
    found = [(item, clock) for item in items for clock in (*item.past, *item.clocks.values())]
    return sorted(found, key=lambda pair: (not pair[1].is_running, due_on(pair[1]) or FAR))
