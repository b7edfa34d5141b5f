"""Random walks through `perform`: rows and values never part, whoever acts, on whatever day.

`ECLUSE_STEPS=10000` walks that many steps instead of a few hundred; Hypothesis prints the seed of a
walk that breaks something (`--hypothesis-seed`).
"""

import os
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from ecluse.domain.actors import CONFLICTS
from ecluse.domain.machines import Kind
from ecluse.domain.machines.permit import IN_FORCE
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.cases import storage
from ecluse.portal.cases.models import CaseRecord
from ecluse.portal.cases.standing import standing
from tests.unit.portal.cases.sittings import Committee, members_of
from tests.unit.portal.cases.walking import OPENED, Walker

STEPS = int(os.environ.get("ECLUSE_STEPS", "480"))
LENGTH = 60
PEOPLE = (
    *(Role.DATA_USER, Role.ASSESSOR, Role.DECIDER, Role.COMMITTEE, Role.PREPARER, Role.AUDITOR),
    *(Role.CITIZEN, Role.OPT_OUT_DESK, Role.CHECKER),
)
KINDS = (*[Kind.APPLICATION] * 4, *OPENED)
"""An application in half of the walks: it has the most to say."""


class Walks(RuleBasedStateMachine):
    """One file in the database, and beside it the value that it should be."""

    people: ClassVar[list[User]] = []
    done: ClassVar[Counter[str]] = Counter()
    steps: ClassVar[int] = 0

    @initialize(seed=st.integers(0, 2**32), kind=st.sampled_from(KINDS))
    def open(self, seed: int, kind: Kind) -> None:
        self.before = transaction.savepoint()
        *others, holder = self.people
        chance = Random(seed)  # noqa: S311 - a walk, no secret
        self.walker = Walker(others, holder, chance, kind, type(self).done)
        officer = next(one for one in others if Role.ASSESSOR in one.roles())
        self.committee = Committee(self.walker, members_of(others), officer)

    @rule(days=st.integers(0, 6))
    def something_happens(self, days: int) -> None:
        walker, committee = self.walker, self.committee
        walker.pass_days(days)
        happenings = (walker.act, walker.wait, walker.ask, committee.act)
        sits = 40 if committee.has_work() else 0
        walker.random.choices(happenings, weights=(70, 6, 8, sits))[0]()
        type(self).steps += 1

    @invariant()
    def the_rows_say_what_the_value_says(self) -> None:
        read = storage.load(self.walker.case)

        assert read.items == self.walker.file.items
        assert read.acted == self.walker.file.acted

    @invariant()
    def the_list_says_whose_turn_it_is(self) -> None:
        row = CaseRecord.objects.get(pk=self.walker.case.pk)
        where = standing(self.walker.file)

        assert (row.turn, row.due_on) == (where.turn.value, where.due_on)

    @invariant()
    def no_two_permits_of_one_decision_are_in_force(self) -> None:
        items = self.walker.file.of(Kind.PERMIT)
        in_force = Counter(item.parent_id for item in items if item.state in IN_FORCE)

        assert max(in_force.values(), default=0) <= 1

    @invariant()
    def no_clock_is_lost(self) -> None:
        now = self.walker.clocks()

        assert self.walker.seen <= now
        self.walker.seen = now

    @invariant()
    def nobody_holds_two_roles_that_law_keeps_apart(self) -> None:
        roles = self.walker.file.acted.values()

        assert not [pair for held in roles for pair in CONFLICTS if pair <= held]

    @invariant()
    def no_blind_vote_is_shown_early(self) -> None:
        assert self.committee.early(self.people) == []
        assert self.committee.told_to_the_interested(self.people) == []

    def teardown(self) -> None:
        if hasattr(self, "before"):
            transaction.savepoint_rollback(self.before)


@pytest.mark.usefixtures("signers")
def test_a_walk_through_the_door_is_a_walk_through_the_machines(
    account: Callable[..., User],
) -> None:
    Walks.people = [
        *(account(r, email=f"{r}-{n}@hub.example") for r in PEOPLE for n in (1, 2)),
        account(Role.COMMITTEE, email="committee-3@hub.example"),
        account(email="anne@chu.example"),
    ]

    run_state_machine_as_test(
        Walks,
        settings=settings(
            max_examples=-(-STEPS // (LENGTH - 2)),  # each walk opens its file first
            stateful_step_count=LENGTH,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            # A walk is drawn from one random source: nothing of it can be made smaller.
            phases=(Phase.generate,),
        ),
    )

    print(f"{Walks.steps} steps: {dict(Walks.done.most_common())}")  # noqa: T201 - asked for by -s
    assert Walks.steps >= STEPS // 2
    assert {"submit", "daily"} <= set(Walks.done)
