"""A file walked by its persons, one act a line, for the tests of machines and of the law."""

from dataclasses import dataclass, field
from datetime import date

from ecluse.domain.actors import Actor
from ecluse.domain.clocks.calendars import CALENDARS, Calendar
from ecluse.domain.clocks.tracks import Track
from ecluse.domain.machines.acts import act, add
from ecluse.domain.machines.files import Act, CaseFile, Item, open_file
from ecluse.domain.machines.machine import Kind

COMPLETE_ON = date(2030, 3, 4)  # a Monday


@dataclass
class Walk:
    """A file under way. Each role is one person of the same name unless another is given."""

    file: CaseFile
    letters: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def do(
        self,
        item_id: str,
        action: str,
        role: Actor,
        on: date,
        *,
        person: str = "",
        reason: str = "Motif.",
        until_on: date | None = None,
    ) -> "Walk":
        done = Act(item_id, action, role, person or role.value, on, reason, until_on)
        outcome = act(self.file, done)
        self.file = outcome.file
        self.letters += outcome.letters
        self.messages += outcome.messages
        return self

    def add(self, kind: Kind, parent_id: str) -> str:
        self.file, item_id = add(self.file, kind, parent_id)
        return item_id

    def __getitem__(self, item_id: str) -> Item:
        return self.file.item(item_id)

    def states(self) -> dict[str, str]:
        return {item_id: item.state for item_id, item in self.file.items.items()}


def draft(*tracks: Track, kind: Kind = Kind.APPLICATION, calendar: Calendar | None = None) -> Walk:
    return Walk(open_file(kind, *tracks, calendar=calendar or CALENDARS["FR"]))


def screening(*tracks: Track) -> Walk:
    """Submitted on Monday 25 February 2030 and opened on Tuesday."""
    walk = draft(*tracks)
    walk.do("file", "submit", Actor.DATA_USER, date(2030, 2, 25))
    return walk.do("file", "start-screening", Actor.ASSESSOR, date(2030, 2, 26))


def complete(*tracks: Track) -> Walk:
    """Complete on 4 March 2030."""
    return screening(*tracks).do("file", "declare-complete", Actor.ASSESSOR, COMPLETE_ON)


def deciding(unit: str = "unit-1", walk: Walk | None = None) -> Walk:
    """Assessed, estimate accepted, on 2 April 2030."""
    walk = walk or complete(Track.STANDARD)
    walk.do(unit, "assess", Actor.ASSESSOR, date(2030, 4, 2))
    walk.do(unit, "send-estimate", Actor.ASSESSOR, date(2030, 4, 2))
    return walk.do(unit, "accept-estimate", Actor.DATA_USER, date(2030, 4, 2))


def permitted(until_on: date = date(2033, 4, 30)) -> Walk:
    """A permit issued on 30 April 2030, by default for three years."""
    return deciding().do("unit-1", "grant", Actor.DECIDER, date(2030, 4, 30), until_on=until_on)


def refused() -> Walk:
    """A refusal of 30 April 2030, published on 2 May."""
    walk = deciding().do("unit-1", "refuse", Actor.DECIDER, date(2030, 4, 30))
    return walk.do("case", "publish-decision", Actor.ASSESSOR, date(2030, 5, 2))


def changing(kind: Kind) -> Walk:
    """A permit with two amendments or renewals that wait for their decision on 7 May 2030."""
    walk = permitted(until_on=date(2030, 12, 31))
    for item_id in (walk.add(kind, "permit-1"), walk.add(kind, "permit-1")):
        walk.do(item_id, "submit", Actor.DATA_USER, date(2030, 5, 6))
        walk.do(item_id, "assess", Actor.ASSESSOR, date(2030, 5, 7))
    return walk
