"""A file that awaits the committee's opinion, four members, an officer who calls them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest
from pytest_django import Settings

from ecluse.domain import committees
from ecluse.domain.committees import Choice
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.committees import actions, minutes
from ecluse.portal.committees.actions import Call
from ecluse.portal.committees.models import Entry, Sitting
from tests.unit.portal.cases.desk import MONDAY, Desk

SITTING_DAY = date(2026, 1, 12)


@dataclass(frozen=True)
class Table:
    """Four members around a table: Anne presides, Bruno replaces her, Chloé and David sit."""

    desk: Desk
    anne: User
    bruno: User
    chloe: User
    david: User

    def consulted(self) -> None:
        """Take the file to its assessment, and ask the committee."""
        self.desk.complete()
        self.desk.do("consult-committee", self.desk.assessor, on="unit-1")

    def called(self) -> Sitting:
        """A sitting with that one file on its agenda."""
        self.consulted()
        call = Call(SITTING_DAY, "Salle 3", self.anne, self.bruno)
        sitting = actions.call(call, by=self.desk.assessor, now=MONDAY)
        unit = self.desk.item("unit-1")
        actions.put_on_agenda(sitting, [unit], by=self.desk.assessor, now=MONDAY)
        return sitting

    def seated(self, *members: User) -> Entry:
        """The file, once these members are there and declared no interest in it."""
        sitting = self.called()
        entry = sitting.entries.get()
        for member in members:
            actions.arrive(sitting, by=member, now=MONDAY)
            actions.declare(entry, "", by=member, now=MONDAY)
        return entry

    def voting(self) -> Entry:
        """The first vote, open; Chloé withdrew from the file, David is away."""
        entry = self.seated(self.anne, self.bruno)
        actions.declare(entry, "Ma doctorante.", by=self.chloe, now=MONDAY)
        return self.open_vote(entry, self.anne)

    def open_vote(self, entry: Entry, by: User) -> Entry:
        """Open the next vote."""
        step = lambda file: committees.open_vote(file, by=by.subject)  # noqa: E731
        return actions.do(entry, "vote-opened", step, by=by, now=MONDAY)

    def close_vote(self, entry: Entry, by: User) -> Entry:
        """Close the open vote."""
        step = lambda file: committees.close_vote(file, by=by.subject)  # noqa: E731
        return actions.do(entry, "vote-closed", step, by=by, now=MONDAY)

    def vote(self, entry: Entry, choice: Choice, *members: User) -> Entry:
        """The same vote by each of these members."""
        for member in members:
            entry = actions.vote(entry, choice, "", by=member, now=MONDAY)
        return entry

    def concluded(self, choice: Choice = Choice.FAVOURABLE) -> Entry:
        """The file with the opinion that three members gave, with its reasons."""
        entry = self.seated(self.anne, self.bruno, self.chloe)
        self.open_vote(entry, self.anne)
        self.vote(entry, choice, self.anne, self.bruno, self.chloe)
        self.close_vote(entry, self.anne)
        self.open_vote(entry, self.anne)
        self.vote(entry, choice, self.anne, self.bruno, self.chloe)
        self.close_vote(entry, self.anne)
        step = lambda file: committees.write_opinion(  # noqa: E731
            file, "Le protocole répond à la question.", by=self.anne.subject
        )
        return actions.do(entry, "reasoned", step, by=self.anne, now=MONDAY)

    def closed(self, choice: Choice = Choice.FAVOURABLE) -> Sitting:
        """The sitting, its minutes to be signed."""
        return minutes.close(self.concluded(choice).sitting, by=self.anne, now=MONDAY)


@pytest.fixture
def table(desk: Desk, account: Callable[..., User], settings: Settings) -> Table:
    """The members of the committee around one file, on the public site."""
    settings.ROOT_URLCONF = "ecluse.portal.site.urls_public"
    names = ("anne.a", "bruno.b", "chloe.c", "david.d")
    members = [account(Role.COMMITTEE, email=f"{name}@comite.example") for name in names]
    return Table(desk, *members)
