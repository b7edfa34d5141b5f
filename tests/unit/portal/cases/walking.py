"""A random walk of one file through `perform`: its value beside its rows, whoever acts, any day."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from random import Random
from typing import Final

from django.db import transaction

from ecluse.domain.actors import Actor
from ecluse.domain.clocks.tracks import Track
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines import MACHINES, Kind, actions_for
from ecluse.domain.machines.acts import act, add
from ecluse.domain.machines.files import Act, CaseFile
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.cases import actions, daily, storage
from ecluse.portal.cases.actions import Content
from ecluse.portal.cases.models import Item
from ecluse.portal.cases.parties import actors_of
from tests.unit.portal.cases.desk import MONDAY

DULL = ("read", "remark", "copy-as-new", "tag", "redact-attachment")
PATIENCE = 0.6
"""How often a walk takes a step on the road to a decision rather than any step at all."""
AWAKE = 9
"""How many of the people are looked at for each act: any of them, in turn."""
OPENED: Final[dict[Kind, tuple[tuple[Track, ...], Role]]] = {
    Kind.APPLICATION: ((Track.STANDARD, Track.ACCELERATED), Role.DATA_USER),
    Kind.DATA_REQUEST: ((Track.REQUEST,), Role.DATA_USER),
    Kind.DECLARATION: ((Track.STANDARD,), Role.DATA_USER),
    Kind.DESIGNATION: ((Track.STANDARD,), Role.DATA_USER),
    Kind.COMPLAINT: ((Track.STANDARD,), Role.CITIZEN),
    Kind.RIGHTS_REQUEST: ((Track.STANDARD,), Role.CITIZEN),
    Kind.DESCRIPTION: ((Track.STANDARD,), Role.DATA_USER),
    Kind.FINDING: ((Track.STANDARD,), Role.DATA_USER),
}
"""What is opened, on which tracks, by an account of which role."""
AS_ACTOR = {
    Kind.DESIGNATION: Actor.DATA_HOLDER,
    Kind.COMPLAINT: Actor.CITIZEN,
    Kind.RIGHTS_REQUEST: Actor.CITIZEN,
    Kind.DESCRIPTION: Actor.DATA_HOLDER,
}
PARTS = (Kind.AMENDMENT, Kind.RENEWAL, Kind.HOLDER_CALL, Kind.APPEAL)
ROAD = frozenset(
    {
        *("submit", "start-screening", "declare-complete", "assess", "no-estimate", "grant"),
        *("supply-information", "supply-supplement", "accept-estimate", "start-assessment"),
        *("consult-committee", "declare", "ask-committee", "apply", "confirm"),
        *("report-finding", "give-precision", "qualify", "send-finding"),
        *("approve", "lodge", "designate", "register", "ask", "acknowledge", "supply", "receive"),
    }
)
NUMBERS = count(1)
Clock = tuple[str, str, date]
"""The object, the rule and the first day of a clock: what tells it from every other."""


@dataclass
class Walker:
    """One file in the database, the value that it should be, and the day that it is."""

    people: list[User]
    holder: User
    random: Random
    kind: Kind
    done: Counter[str]
    now: datetime = MONDAY

    def __post_init__(self) -> None:
        tracks, role = OPENED[self.kind]
        opener = self.random.choice([one for one in self.people if role in one.roles()])
        self.case = actions.open_case(
            self.kind,
            self.random.choice(tracks),
            number=f"W-{next(NUMBERS)}",
            by=opener,
            now=self.now,
            as_actor=AS_ACTOR.get(self.kind, Actor(role.value)),
        )
        self.file = storage.load(self.case)
        self.seen: set[Clock] = set()

    def clocks(self) -> set[Clock]:
        """Every clock of the file, whatever became of it."""
        return {
            (item_id, clock.rule.rule_id, clock.started_on)
            for item_id, item in self.file.items.items()
            for clock in (*item.past, *item.clocks.values())
        }

    def reload(self) -> None:
        """Take what the rows say: something moved the file that is no act of a person on it."""
        self.file = storage.load(self.case)

    def pass_days(self, days: int) -> None:
        """Days pass before somebody acts; the daily job has not run yet."""
        self.now += timedelta(days=days)

    def wait(self) -> None:
        """Weeks pass; the software then does what falls to it, in the rows and nowhere else."""
        self.pass_days(self.random.choice((1, 10, 30, 60, 120)))
        done = daily.run(now=self.now)
        self.done["daily"] += done.lapsed + done.published + done.late + done.reminded
        self.reload()

    def ask(self) -> None:
        """Something is asked about an object of the file: both sides agree on whether it can be."""
        kind, parent = self.random.choice(PARTS), self.random.choice(sorted(self.file.items))
        item = Item.objects.select_related("case").get(case=self.case, item_id=parent)
        try:
            after: CaseFile | None = add(self.file, kind, parent)[0]
        except NotAllowed:
            after = None
        try:
            actions.add_part(item, kind, now=self.now)
            went = True
        except NotAllowed:
            went = False
        assert went == (after is not None)
        self.file = after or self.file
        self.done[f"add {kind.value}"] += went

    def act(self) -> None:
        """Somebody does something: both sides do it, or neither does."""
        person, item_id, action = self._choice()
        content = Content(reason="Parce que.", until_on=self._last_day(action))
        as_actor = Actor.DATA_HOLDER if person == self.holder else None
        item = Item.objects.select_related("case").get(case=self.case, item_id=item_id)
        try:
            with transaction.atomic():
                actions.perform(
                    item, action, by=person, now=self.now, content=content, as_actor=as_actor
                )
            went = True
        except (NotAllowed, InvalidInput):
            went = False
        self._follow(person, item, action, content, went=went)

    def _choice(self) -> tuple[User, str, str]:
        """Often a step on the road by whoever may take it; else anything, by anybody."""
        every = [
            (person, item_id, action)
            for person in self.random.sample([*self.people, self.holder], AWAKE)
            for item_id, action in self._offers(person)
        ]
        forward = [move for move in every if move[2] in ROAD]
        whatever = self.random.choice(MACHINES[self.kind].actions).name
        anything = [(self.random.choice(self.people), "file", whatever), *every]
        return self.random.choice(
            forward if forward and self.random.random() < PATIENCE else anything
        )

    def _offers(self, person: User) -> list[tuple[str, str]]:
        return [
            (item.item_id, name)
            for item in self.file.items.values()
            for actor in self._actors(person, item.kind)
            for name in actions_for(MACHINES[item.kind], item.state, actor, track=item.track)
            if name not in DULL
        ]

    def _actors(self, person: User, kind: Kind) -> list[Actor]:
        """What a person is on an object: who speaks for the holder is so on its calls alone."""
        if person == self.holder:
            return [Actor.DATA_HOLDER] if kind is Kind.HOLDER_CALL else []
        return sorted(actors_of(person, self.case))

    def _last_day(self, action: str) -> date | None:
        return self.now.date() + timedelta(days=300) if action in ("grant", "extend") else None

    def _follow(
        self, person: User, item: Item, action: str, content: Content, *, went: bool
    ) -> None:
        today = actions.day_of(self.case, self.now)
        role = self._role(person, item, action)
        done = Act(
            item.item_id, action, role, person.subject, today, content.reason, content.until_on
        )
        try:
            after: CaseFile | None = act(self.file, done).file
        except (NotAllowed, InvalidInput):
            after = None
        assert went == (after is not None), (action, role)
        self.file = after or self.file
        self.done[action] += went

    def _role(self, person: User, item: Item, action: str) -> Actor:
        machine = MACHINES[Kind(item.kind)]
        if person == self.holder:
            return Actor.DATA_HOLDER
        found = self._actors(person, machine.kind)
        open_to = [
            actor
            for actor in found
            if action in actions_for(machine, item.state, actor, track=Track(item.track))
        ]
        return (open_to or found or [Actor.NOBODY])[0]
