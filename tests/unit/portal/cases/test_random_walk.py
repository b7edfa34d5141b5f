"""Random walks through `perform`: rows and values never part, whoever acts, on whatever day."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from ecluse.domain.actors import CONFLICTS, Actor
from ecluse.domain.clocks.tracks import Track
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines import MACHINES, Kind, actions_for
from ecluse.domain.machines.acts import act
from ecluse.domain.machines.files import Act, CaseFile
from ecluse.domain.machines.permit import IN_FORCE
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.cases import actions, storage
from ecluse.portal.cases.actions import Content
from ecluse.portal.cases.models import CaseRecord, Item
from ecluse.portal.cases.parties import actors_of
from ecluse.portal.cases.standing import standing
from tests.unit.portal.cases.desk import MONDAY

WALKS, STEPS = 12, 30
PATIENCE = 0.4
DULL = ("read", "remark", "copy-as-new", "tag", "redact-attachment")
TRACKS = (Track.STANDARD, Track.ACCELERATED)
NUMBERS = count(1)
ROAD = frozenset(
    {
        *("submit", "start-screening", "declare-complete", "assess", "no-estimate", "grant"),
        *("supply-information", "supply-supplement", "accept-estimate"),
    }
)


class Walks(RuleBasedStateMachine):
    """One file in the database, and beside it the value that it should be."""

    people: ClassVar[list[User]] = []
    done: ClassVar[Counter[str]] = Counter()

    @initialize(random=st.randoms(use_true_random=True))
    def open(self, random: Random) -> None:
        self.random, self.now = random, MONDAY
        self.before = transaction.savepoint()
        number = f"W-{next(NUMBERS)}"
        track = random.choice(TRACKS)
        self.case = actions.open_case(
            Kind.APPLICATION, track, number=number, by=self.people[0], now=self.now
        )
        self.file = storage.load(self.case)

    @rule(days=st.integers(0, 6))
    def somebody_acts(self, days: int) -> None:
        self.now += timedelta(days=days)
        person, item_id, action = self._choice()
        content = Content(reason="Parce que.", until_on=self._last_day(action))
        item = Item.objects.select_related("case").get(case=self.case, item_id=item_id)
        try:
            with transaction.atomic():
                actions.perform(item, action, by=person, now=self.now, content=content)
            went = True
        except (NotAllowed, InvalidInput):
            went = False
        self._follow(person, item, action, content, went=went)

    def _choice(self) -> tuple[User, str, str]:
        """Mostly a step on the road by whoever may take it; else anything, by anybody."""
        every = [
            (person, item_id, action)
            for person in self.people
            for item_id, action in self._offers(person)
        ]
        forward = [move for move in every if move[2] in ROAD]
        anything = [(self.random.choice(self.people), "unit-1", "grant"), *every]
        return self.random.choice(
            forward if forward and self.random.random() < PATIENCE else anything
        )

    def _offers(self, person: User) -> list[tuple[str, str]]:
        actors = actors_of(person, self.case)
        return [
            (item.item_id, name)
            for item in self.file.items.values()
            for actor in actors
            for name in actions_for(MACHINES[item.kind], item.state, actor, track=item.track)
            if name not in DULL
        ]

    def _last_day(self, action: str) -> date | None:
        return self.now.date() + timedelta(days=300) if action == "grant" else None

    def _follow(
        self, person: User, item: Item, action: str, content: Content, *, went: bool
    ) -> None:
        """Do the same to the value: both go, or neither does."""
        role = self._role(person, item, action)
        today = actions.day_of(self.case, self.now)
        done = Act(
            item.item_id, action, role, person.subject, today, content.reason, content.until_on
        )
        try:
            after: CaseFile | None = act(self.file, done).file
        except (NotAllowed, InvalidInput):
            after = None
        assert went == (after is not None)
        self.file = after or self.file
        self.done[action] += went

    def _role(self, person: User, item: Item, action: str) -> Actor:
        machine = MACHINES[Kind(item.kind)]
        found = sorted(actors_of(person, self.case))
        open_to = [
            actor
            for actor in found
            if action in actions_for(machine, item.state, actor, track=Track(item.track))
        ]
        return (open_to or found or [Actor.NOBODY])[0]

    @invariant()
    def the_rows_say_what_the_value_says(self) -> None:
        read = storage.load(self.case)

        assert read.items == self.file.items
        assert read.acted == self.file.acted

    @invariant()
    def the_list_says_whose_turn_it_is(self) -> None:
        row, where = CaseRecord.objects.get(pk=self.case.pk), standing(self.file)

        assert (row.turn, row.due_on) == (where.turn.value, where.due_on)

    @invariant()
    def no_two_permits_and_no_conflict(self) -> None:
        in_force = self.case.items.filter(kind=Kind.PERMIT.value, state__in=IN_FORCE)
        roles = self.file.acted.values()

        assert in_force.count() <= 1
        assert not [pair for held in roles for pair in CONFLICTS if pair <= held]

    def teardown(self) -> None:
        if hasattr(self, "before"):
            transaction.savepoint_rollback(self.before)


@pytest.mark.usefixtures("signers")
def test_a_walk_through_the_door_is_a_walk_through_the_machines(
    account: Callable[..., User],
) -> None:
    Walks.people = [
        account(role, email=f"{role}-{number}@hub.example")
        for role in (Role.DATA_USER, Role.ASSESSOR, Role.DECIDER, Role.COMMITTEE, Role.PREPARER)
        for number in (1, 2)
    ]

    run_state_machine_as_test(
        Walks,
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )

    assert sum(Walks.done.values()) > WALKS
    assert {"submit", "declare-complete", "assess"} <= set(Walks.done)
