"""A committee that does anything at any time about one file, and what each person then reads."""

from dataclasses import dataclass
from random import Random

from django.db import transaction

from ecluse.domain import committees
from ecluse.domain.committees import VOTING, Choice
from ecluse.domain.errors import EcluseError
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.models import CaseRecord
from ecluse.portal.committees import actions, minutes, storage
from ecluse.portal.committees.actions import Call, awaits_opinion
from ecluse.portal.committees.models import Entry, Sitting
from ecluse.portal.committees.reading import entry_text
from tests.unit.portal.cases.walking import Walker

FORWARD = 0.8
"""How often the committee does what its page offers, rather than anything."""
STEPS = ("open-vote", "close-vote", "write", "postpone")


@dataclass
class Committee:
    """Its members around the file of a walk."""

    walker: Walker
    members: list[User]
    officer: User

    @property
    def random(self) -> Random:
        """The chance of the walk."""
        return self.walker.random

    def entry(self) -> Entry | None:
        """The file on its last agenda."""
        found = Entry.objects.filter(item__case=self.walker.case).select_related(
            "sitting__chair", "sitting__deputy", "item__case"
        )
        return found.order_by("pk").last()

    def has_work(self) -> bool:
        """Whether a sitting is under way, or an opinion awaited."""
        entry = self.entry()
        if entry is not None and not entry.sitting.is_over:
            return True
        return any(awaits_opinion(item) for item in self.walker.case.items.all())

    def act(self) -> None:
        """Somebody calls a sitting, or does something at it: it goes, or it is refused."""
        entry = self.entry()
        name = "call"
        try:
            with transaction.atomic():
                name = self._call() if entry is None or entry.sitting.is_over else self._sit(entry)
            self.walker.done[f"committee {name}"] += 1
        except EcluseError:
            self.walker.done["committee refused"] += 1
        self.walker.reload()

    def _call(self) -> str:
        items = [
            item
            for item in self.walker.case.items.select_related("case").order_by("pk")
            if awaits_opinion(item)
        ]
        if not items:
            return "rest"
        now, (chair, deputy) = self.walker.now, self.random.sample(self.members, 2)
        call = Call(now.date(), "Salle 3", chair, deputy)
        sitting = actions.call(call, by=self.officer, now=now)
        actions.put_on_agenda(sitting, items[:1], by=self.officer, now=now)
        for member in self.members:
            actions.arrive(sitting, by=member, now=now)
        return "call"

    def _sit(self, entry: Entry) -> str:
        now = self.walker.now
        who = self.random.choice(self.members)
        name = self.random.choice(("declare", "vote", "leave", "arrive", "end", *STEPS))
        offered = [(m, step) for m in self.members for step, _ in entry_text(entry, m).steps]
        useful = [one for one in offered if one[1] != "postpone"]
        if useful and self.random.random() < FORWARD:
            who, name = self.random.choice(useful)
        if name == "declare":
            said = "Mon épouse y travaille." if self.random.random() < 0.1 else ""
            actions.declare(entry, said, by=who, now=now)
        elif name == "vote":
            actions.vote(entry, self.random.choice(list(Choice)), "", by=who, now=now)
        elif name == "end":
            self._end(entry.sitting, who)
        elif name in STEPS:
            self._step(entry, name, who)
        else:
            getattr(actions, name)(entry.sitting, by=who, now=now)
        return name

    def _end(self, sitting: Sitting, who: User) -> None:
        minutes.close(sitting, by=who, now=self.walker.now)
        for member in self.members:
            minutes.sign(sitting, by=member, now=self.walker.now)

    def _step(self, entry: Entry, name: str, who: User) -> None:
        subject = who.subject
        steps = {
            "open-vote": lambda file: committees.open_vote(file, by=subject),
            "close-vote": lambda file: committees.close_vote(file, by=subject),
            "write": lambda file: committees.write_opinion(file, "Motif.", by=subject),
            "postpone": lambda file: committees.postpone(file, "Trop tard.", by=subject),
        }
        actions.do(entry, name, steps[name], by=who, now=self.walker.now)

    def early(self, people: list[User]) -> list[str]:
        """Who reads the vote of another before that vote is closed."""
        entry = self.entry()
        file = storage.load(entry) if entry else None
        if entry is None or file is None or file.phase not in VOTING:
            return []
        return [
            reader.subject
            for reader in people
            for line in entry_text(entry, reader).votes
            if line.turn == file.turn and line.who != reader.full_name
        ]

    def told_to_the_interested(self, people: list[User]) -> list[str]:
        """Who reads a vote, or the file itself, in spite of an interest declared in it."""
        entry = self.entry()
        hidden = storage.load(entry).conflicted if entry else frozenset()
        return [
            reader.subject
            for reader in people
            if reader.subject in hidden
            and entry is not None
            and (
                entry_text(entry, reader).votes
                or CaseRecord.objects.visible_to(reader).filter(pk=self.walker.case.pk).exists()
            )
        ]


def members_of(people: list[User]) -> list[User]:
    """The members of the committee among these people."""
    return [one for one in people if Role.COMMITTEE in one.roles()]
