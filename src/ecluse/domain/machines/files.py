"""A whole file as one value: its objects, their clocks, who acted; and one function, `act`.

`act` asks the machine, runs the clocks, does what follows on the other objects, and keeps what must
always hold: one permit in force for a decision unit, no clock lost, no incompatible roles in one
person. A portal loads a file, acts, and stores what changed, in one transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from ecluse.domain.actors import Actor, check_separate
from ecluse.domain.clocks import clock as clocks
from ecluse.domain.clocks.calendars import Calendar
from ecluse.domain.clocks.clock import Clock
from ecluse.domain.clocks.ehds import EHDS
from ecluse.domain.clocks.france import FRANCE
from ecluse.domain.clocks.gdpr import GDPR
from ecluse.domain.clocks.rules import RuleSet
from ecluse.domain.clocks.tracks import Track
from ecluse.domain.errors import NotFound
from ecluse.domain.machines import MACHINES
from ecluse.domain.machines.machine import Kind

PUBLISHED = frozenset({Kind.APPLICATION, Kind.DATA_REQUEST})
"""The kinds of file that are published when received and when decided (EHDS art. 57(1)(j))."""

UNHEARD = frozenset({Actor.SYSTEM, Actor.ENTAILED, Actor.NOBODY})
"""Actors that are nobody: they hold no role, and are never in conflict."""


@dataclass(frozen=True, slots=True)
class Item:
    """One object of a file.

    `parent_id` is what it depends on: the decision unit of a permit, the permit of an amendment or
    renewal, the decision that an appeal is against. `clocks` holds the last clock of each rule,
    `past` the earlier ones: none is ever dropped.
    """

    item_id: str
    kind: Kind
    state: str
    track: Track = Track.STANDARD
    parent_id: str | None = None
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    past: tuple[Clock, ...] = ()

    @property
    def owner(self) -> Actor:
        """Whose turn it is."""
        return MACHINES[self.kind].state(self.state).owner

    def running(self) -> tuple[Clock, ...]:
        """The clocks that still run, suspended ones included."""
        return tuple(clock for clock in self.clocks.values() if clock.is_running)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file: its objects by id, the roles in which each person acted on it, calendar and laws."""

    items: Mapping[str, Item]
    calendar: Calendar
    acted: Mapping[str, frozenset[Actor]] = field(default_factory=dict)
    laws: tuple[RuleSet, ...] = (EHDS, FRANCE, GDPR)

    def item(self, item_id: str) -> Item:
        """The object of that id. Raises NotFound."""
        if item_id not in self.items:
            raise NotFound(f"This file has no object {item_id!r}.")
        return self.items[item_id]

    def of(self, kind: Kind) -> tuple[Item, ...]:
        """The objects of a kind, in order of creation."""
        return tuple(item for item in self.items.values() if item.kind is kind)

    def law_of(self, rule_id: str) -> RuleSet:
        """The law that has the rule. Raises NotFound."""
        for law in self.laws:
            if rule_id in law.rules:
                return law
        raise NotFound(f"No law of this file has the rule {rule_id!r}.")

    def keeping(self, item: Item) -> "CaseFile":
        """The file with this object new or replaced."""
        return replace(self, items={**self.items, item.item_id: item})

    def remembering(self, person: str, role: Actor) -> "CaseFile":
        """The file once `person` acted on it as `role`. Raises NotAllowed for a conflict.

        Source: EHDS art. 55(3).
        """
        if role in UNHEARD:
            return self
        held = self.acted.get(person, frozenset())
        check_separate(role, held)
        return replace(self, acted={**self.acted, person: held | {role}})


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody does something to one object on a day.

    `until_on` names a last day where one is chosen: of a permit, or of an extension to which law
    gives no length.
    """

    item_id: str
    action: str
    role: Actor
    person: str
    on: date
    reason: str = ""
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The file afterwards, and what is to be sent: letters and messages by id, in order."""

    file: CaseFile
    letters: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()


def open_file(kind: Kind, *tracks: Track, calendar: Calendar) -> CaseFile:
    """A new draft of `kind`.

    An application and a data request have a case, which is published; an application has one
    decision unit per track given; any other file is on the first track, or on the standard one.
    """
    own = tracks[0] if tracks else Track.STANDARD
    is_application = kind is Kind.APPLICATION
    items = [Item("file", kind, MACHINES[kind].initial, Track.STANDARD if is_application else own)]
    if kind in PUBLISHED:
        items.append(Item("case", Kind.CASE, MACHINES[Kind.CASE].initial))
    units = (tracks or (own,)) if is_application else ()
    items += [
        Item(f"unit-{n}", Kind.DECISION_UNIT, MACHINES[Kind.DECISION_UNIT].initial, track)
        for n, track in enumerate(units, start=1)
    ]
    return CaseFile({item.item_id: item for item in items}, calendar)


def start_clock(file: CaseFile, rule_id: str, *, on: date, until_on: date | None = None) -> Clock:
    """A clock of that rule under the laws and the calendar of the file."""
    law = file.law_of(rule_id)
    return clocks.start(law, rule_id, on=on, calendar=file.calendar, until_on=until_on)
