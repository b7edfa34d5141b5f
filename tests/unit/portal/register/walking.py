"""Files that people move at random, over years, while the register follows from time to time."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from django.db import transaction

from ecluse.domain.clocks.tracks import Track
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines import MACHINES, Kind, actions_for
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.cases import daily
from ecluse.portal.cases.actions import Content, open_case, perform
from ecluse.portal.cases.models import CaseRecord, Item
from ecluse.portal.cases.parties import actors_of
from ecluse.portal.register.actions import follow
from tests.unit.portal.cases.desk import MONDAY

KINDS = (
    (Kind.APPLICATION, Track.STANDARD),
    (Kind.APPLICATION, Track.ACCELERATED),
    (Kind.DATA_REQUEST, Track.REQUEST),
)
ROAD = frozenset(
    {
        *("submit", "start-screening", "declare-complete", "assess", "no-estimate", "grant"),
        *("start-assessment", "approve", "refuse", "revoke", "suspend", "supply-information"),
    }
)
ROLES = (Role.DATA_USER, Role.ASSESSOR, Role.DECIDER, Role.PREPARER)
Move = tuple[User, Item, str]


class Walk:
    """Some files, their people, and a day that goes on."""

    def __init__(self, account: Callable[..., User], *, seed: int) -> None:
        self.random, self.now = Random(seed), MONDAY  # noqa: S311 - a walk that can be walked again
        self.people = [account(role, email=f"{role}@hub.example") for role in ROLES]
        self.cases = [
            open_case(kind, track, number=f"W-{rank}", by=self.people[0], now=self.now)
            for rank, (kind, track) in enumerate(KINDS * 2)
        ]

    def go(self, steps: int) -> None:
        """Let somebody act, days pass, the daily job run, and the register follow."""
        for _ in range(steps):
            self.act()
            chance = self.random.random()
            if chance < 0.2:
                self.now += timedelta(days=self.random.randrange(1, 60))
            if chance > 0.9:
                daily.run(now=self.now)
            if chance > 0.8:
                follow()

    def act(self) -> None:
        """Somebody does one of the things that their role does on a file, or is refused."""
        moves = self.moves(self.random.choice(self.cases))
        forward = [move for move in moves if move[2] in ROAD]
        if not moves:
            return
        is_forward = bool(forward) and self.random.random() < 0.8
        person, item, action = self.random.choice(forward if is_forward else moves)
        content = Content(reason="Parce que.", until_on=self.until(action))
        try:
            with transaction.atomic():
                perform(item, action, by=person, now=self.now, content=content)
        except (NotAllowed, InvalidInput):
            pass

    def until(self, action: str) -> date | None:
        """A permit ends on a day; nothing else does."""
        return (self.now + timedelta(days=200)).date() if action == "grant" else None

    def moves(self, case: CaseRecord) -> list[Move]:
        """What each person may do on a file now."""
        items = list(Item.objects.filter(case=case).select_related("case"))
        return [
            (person, item, name)
            for person in self.people
            for actor in actors_of(person, case)
            for item in items
            for name in actions_for(
                MACHINES[Kind(item.kind)], item.state, actor, track=Track(item.track)
            )
        ]
