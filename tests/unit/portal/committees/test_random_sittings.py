"""Random sittings through the actions: rows and values never part, nothing is seen early.

The domain's own walks are in `tests/unit/domain/test_committees.py`: here the rows, the pages'
reading and the roles that law keeps apart are held to them.
"""

from collections import Counter
from datetime import timedelta
from random import Random

from django.db import transaction

from ecluse.domain import committees
from ecluse.domain.actors import CONFLICTS, Actor
from ecluse.domain.committees import VOTING, Choice
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.models import ActedAs, CaseRecord
from ecluse.portal.committees import actions, minutes, reading, storage
from ecluse.portal.committees.models import Entry
from tests.unit.portal.cases.desk import MONDAY
from tests.unit.portal.committees.sitting import Table

WALKS, STEPS = 4, 40


class Walk:
    """One sitting on one file, whoever does whatever."""

    def __init__(self, table: Table, seed: int) -> None:
        self.table, self.random, self.now = table, Random(seed), MONDAY  # noqa: S311 - a test
        self.done: Counter[str] = Counter()
        self.entry = table.seated(table.anne, table.bruno, table.chloe)
        self.sitting = self.entry.sitting
        desk = table.desk
        self.members = [table.anne, table.bruno, table.chloe, table.david]
        self.people = [*self.members, desk.camille, desk.assessor, desk.decider]

    def step(self) -> None:
        """Somebody does something, allowed or not; then everything is checked."""
        self.now += timedelta(minutes=1)
        who = self.random.choice([*self.people, *self.members, self.table.anne])
        name = self.random.choice(ACTS)
        try:
            with transaction.atomic():
                getattr(self, name)(who)
            self.done[name] += 1
        except (NotAllowed, InvalidInput):
            self.done["refused"] += 1
        self.check()

    def arrives(self, who: User) -> None:
        actions.arrive(self.sitting, by=who, now=self.now)

    def leaves(self, who: User) -> None:
        actions.leave(self.sitting, by=who, now=self.now)

    def clears(self, who: User) -> None:
        actions.declare(self.entry, "", by=who, now=self.now)

    def withdraws(self, who: User) -> None:
        actions.declare(self.entry, "Un lien.", by=who, now=self.now)

    def votes(self, who: User) -> None:
        choice = self.random.choice(list(Choice)[:2])
        actions.vote(self.entry, choice, "", by=who, now=self.now)

    def opens(self, who: User) -> None:
        self.table.open_vote(self.entry, who)

    def closes(self, who: User) -> None:
        self.table.close_vote(self.entry, who)

    def leads(self, who: User) -> None:
        """Who presides opens the next vote, or closes the open one."""
        file = storage.load(Entry.objects.get(pk=self.entry.pk))
        leader = next(
            (one for one in self.members if one.subject == committees.presiding(file)), who
        )
        (self.closes if file.phase in VOTING else self.opens)(leader)

    def ends(self, who: User) -> None:
        minutes.close(self.sitting, by=who, now=self.now)

    def signs(self, who: User) -> None:
        minutes.sign(self.sitting, by=who, now=self.now)

    def check(self) -> None:
        """What must hold after every act."""
        entry = Entry.objects.select_related("item__case", "sitting").get(pk=self.entry.pk)
        file = storage.load(entry)
        shown = {who.subject: reading.entry_text(entry, who).votes for who in self.people}
        open_turn = file.turn if file.phase in VOTING else None
        early = [
            (who.subject, line.who)
            for who in self.people
            for line in shown[who.subject]
            if line.turn == open_turn and line.who != who.full_name
        ]
        read_by_conflicted = [who for who in file.conflicted if shown[who]]
        known = CaseRecord.objects.filter(pk=entry.item.case_id)
        still_read = [
            who.subject
            for who in self.members
            if who.subject in file.conflicted and known.visible_to(who).exists()
        ]
        assert early == []
        assert read_by_conflicted == []
        assert still_read == []
        assert committees.presiding(file) not in file.conflicted
        assert roles_that_met(entry.item.case) == []


ACTS = (
    *("arrives", "arrives", "arrives", "leaves", "clears", "clears", "withdraws"),
    *("votes", "votes", "votes", "votes", "votes", "leads", "leads", "opens", "closes"),
    *("ends", "signs"),
)


def roles_that_met(case: CaseRecord) -> list[str]:
    """Who acted on the file in two roles that law keeps apart."""
    acted: dict[str, set[Actor]] = {}
    for subject, role in ActedAs.objects.filter(case=case).values_list("subject", "role"):
        acted.setdefault(subject, set()).add(Actor(role))
    return [who for who, roles in acted.items() if any(pair <= roles for pair in CONFLICTS)]


def walked(table: Table, seed: int) -> Counter[str]:
    """What was done in one walk, taken back after it."""
    before = transaction.savepoint()
    walk = Walk(table, seed)
    for _ in range(STEPS):
        walk.step()
    transaction.savepoint_rollback(before)
    return walk.done


def test_no_order_of_acts_shows_a_vote_early_or_lets_roles_meet(table: Table) -> None:
    done = sum((walked(table, seed) for seed in range(WALKS)), Counter())

    assert done.total() == WALKS * STEPS
    assert min(done[name] for name in ("votes", "leads", "clears", "withdraws", "refused")) > 0
