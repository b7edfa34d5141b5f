"""Random walks over whole files, by anybody, on any day: what must never happen, does not."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import ClassVar

import pytest
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
from ecluse.domain.clocks.tracks import TRACKS, Track
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines import MACHINES, Kind, actions_for
from ecluse.domain.machines.files import Item
from ecluse.domain.machines.permit import IN_FORCE
from tests.unit.domain.machines_walk import (
    Walk,
    changing,
    complete,
    deciding,
    draft,
    permitted,
    refused,
)

STEPS = 10_000
UNIT_TRACKS = (Track.STANDARD, Track.ACCELERATED, Track.TRUSTED_HOLDER, Track.CROSS_BORDER)
ACTORS = tuple(actor for actor in Actor if actor is not Actor.NOBODY)
PERSONS = ("data-user", "assessor", "decider", "ada", "basile")
PERIOD = ("permit-duration", "permit-extension")

# In these states one of these clocks runs, or the file has lost its time.
AWAITED: dict[tuple[Kind, str], tuple[str, ...]] = {
    (Kind.APPLICATION, "submitted"): ("completeness-check",),
    (Kind.APPLICATION, "pre-screening"): ("completeness-check",),
    (Kind.APPLICATION, "awaiting-information"): ("completion",),
    (Kind.APPLICATION, "awaiting-supplement"): ("supplement",),
    (Kind.CASE, "received"): ("publish-application",),
    (Kind.CASE, "decided"): ("publish-decision",),
    (Kind.DECISION_UNIT, "trusted-assessment"): ("trusted-holder-assessment",),
    (Kind.DECISION_UNIT, "trusted-suspended"): ("trusted-holder-assessment",),
    (Kind.DECISION_UNIT, "conditions-sent"): ("conditions-answer",),
    (Kind.PERMIT, "active"): PERIOD,
    (Kind.PERMIT, "suspended"): PERIOD,
    (Kind.PERMIT, "expired"): ("deletion",),
    (Kind.PERMIT, "revoked"): ("deletion",),
    (Kind.PERMIT, "closing"): ("deletion",),
    **{
        (kind, state): ("decision",)
        for kind in (Kind.AMENDMENT, Kind.RENEWAL)
        for state in ("assessment", "awaiting-information", "deciding")
    },
}
DECIDING = ("assessment", "suspended", "estimating", "estimate-sent", "deciding", "answer-offered")
GIVING_UP = frozenset({"withdraw", "delete", "finish", "archive", "revoke", "decline-estimate"})
PATIENCE = 0.9
CHANGEABLE = ("active", "refused", "revoked")
MAY_REST = {"results-public", *PERIOD}


def awaited(item: Item) -> tuple[str, ...]:
    """The rules one of whose clocks must run on this object."""
    if item.kind is Kind.DECISION_UNIT and item.state in DECIDING:
        return (TRACKS[item.track].decision,)
    return AWAITED.get((item.kind, item.state), ())


class Files(RuleBasedStateMachine):
    """One file with one to three decision units, walked at random."""

    steps: ClassVar[int] = 0
    reached: ClassVar[Counter[str]] = Counter()

    @initialize(random=st.randoms(use_true_random=True))  # one seed a walk: dice, not small cases
    def open(self, random: Random) -> None:
        self.random = random
        tracks = random.choices(UNIT_TRACKS, k=random.randint(1, 3))
        starts: tuple[Callable[[], Walk], ...] = (
            *(lambda: draft(*tracks), lambda: complete(*tracks), deciding, permitted, refused),
            *(lambda: changing(Kind.AMENDMENT), lambda: changing(Kind.RENEWAL)),
        )
        self.walk = random.choice(starts)()
        self.today = date(2030, 5, 7)
        self.started = 0

    @rule(days=st.integers(0, 5))
    def somebody_does_what_is_open_to_them(self, days: int) -> None:
        items = sorted(self.walk.file.items)
        item = self.walk[self.random.choice(items)]
        role = self.random.choice(ACTORS)
        open_now = actions_for(MACHINES[item.kind], item.state, role, track=item.track)
        moves = [name for name in open_now if name not in ("read", "remark", "copy-as-new")]
        action = self.random.choice(moves or ["read"])
        person = self.random.choice((role.value,) * 9 + PERSONS)
        self.today += timedelta(days=days)
        self.attempt(item.item_id, action, role, person)

    @rule(days=st.integers(0, 20))
    def something_moves(self, days: int) -> None:
        moves: list[tuple[str, str, Actor]] = sorted(
            {
                (item.item_id, row.name, actor)
                for item in self.walk.file.items.values()
                for row in MACHINES[item.kind].actions
                if row.applies(item.state, item.track) and (row.to or row.clocks)
                for actor in row.by
                if actor is not Actor.ENTAILED
            }
        )
        is_patient = self.random.random() < PATIENCE
        going_on = [move for move in moves if move[1] not in GIVING_UP or not is_patient]
        item_id, action, actor = self.random.choice(going_on or [("file", "read", ACTORS[0])])
        self.today += timedelta(days=days)
        self.attempt(item_id, action, actor, actor.value)

    @rule()
    def time_passes(self) -> None:
        self.today += timedelta(days=self.random.choice((1, 1, 7, 7, 30, 30, 100, 2000)))
        Files.steps += 1

    @rule(kind=st.sampled_from([Kind.AMENDMENT, Kind.RENEWAL, Kind.APPEAL]))
    def somebody_asks_for_a_change_or_appeals(self, kind: Kind) -> None:
        Files.steps += 1
        fitting = [p.item_id for p in self.walk.file.items.values() if p.state in CHANGEABLE]
        parent = self.random.choice(sorted(fitting) or sorted(self.walk.file.items))
        try:
            self.walk.add(kind, parent)
        except NotAllowed:
            Files.reached["refused"] += 1

    def attempt(self, item_id: str, action: str, role: Actor, person: str) -> None:
        Files.steps += 1
        try:
            self.walk.do(item_id, action or "read", role, self.today, person=person)
        except (NotAllowed, InvalidInput):
            Files.reached["refused"] += 1
        else:
            Files.reached.update(f"{i.kind}: {i.state}" for i in self.walk.file.items.values())

    @invariant()
    def one_permit_in_force_for_a_decision_unit(self) -> None:
        permits = [p for p in self.walk.file.of(Kind.PERMIT) if p.state in IN_FORCE]
        assert len({permit.parent_id for permit in permits}) == len(permits)

    @invariant()
    def every_object_that_waits_for_law_has_its_clock(self) -> None:
        lost = [
            (item.item_id, item.state)
            for item in self.walk.file.items.values()
            if awaited(item)
            and not {clock.rule.rule_id for clock in item.running()} & set(awaited(item))
        ]
        assert lost == []

    @invariant()
    def no_clock_is_dropped_and_none_runs_where_nobody_acts(self) -> None:
        items = self.walk.file.items.values()
        known = sum(len(item.clocks) + len(item.past) for item in items)
        idle = [
            (item.item_id, item.state, clock.rule.rule_id)
            for item in items
            if MACHINES[item.kind].is_final(item.state)
            for clock in item.running()
            if clock.rule.rule_id not in MAY_REST
        ]
        assert known >= self.started
        assert idle == []
        self.started = known

    @invariant()
    def no_person_has_two_roles_that_law_keeps_apart(self) -> None:
        held = self.walk.file.acted.values()
        assert not any(pair <= roles for roles in held for pair in CONFLICTS)

    @invariant()
    def a_file_is_decided_once_its_units_are(self) -> None:
        units = self.walk.file.of(Kind.DECISION_UNIT)
        is_open = any(not MACHINES[unit.kind].state(unit.state).rests for unit in units)
        assert is_open or self.walk["file"].state != "processing"


@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
def test_ten_thousand_random_steps_break_nothing() -> None:
    run_state_machine_as_test(
        Files,
        settings=settings(
            max_examples=300,
            stateful_step_count=80,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

    assert Files.steps >= STEPS
    # The walks went far enough to mean something.
    assert set(Files.reached) >= {"refused", "permit: superseded", "permit: expired"}
