"""Every machine is whole: reachable states, ways out, owners, declared letters, texts."""

import pytest

from ecluse.domain.actors import CONFLICTS, PROPOSED, Actor
from ecluse.domain.clocks.ehds import EHDS
from ecluse.domain.clocks.france import FRANCE
from ecluse.domain.clocks.gdpr import GDPR
from ecluse.domain.clocks.tracks import Track
from ecluse.domain.machines import MACHINES, Kind, Machine
from ecluse.domain.machines.letters import LETTERS, MESSAGES
from ecluse.domain.machines.machine import ALL, DECISION
from ecluse.domain.machines.redress import APPEALABLE
from ecluse.domain.roles import INCOMPATIBLE, Role

RULES = {*EHDS.rules, *FRANCE.rules, *GDPR.rules, DECISION, ALL}
ALL_MACHINES = pytest.mark.parametrize("machine", MACHINES.values(), ids=lambda m: m.kind.value)


def reachable(machine: Machine) -> set[str]:
    """The states that a new object can come to."""
    found = {machine.initial}
    for _ in machine.states:
        found |= {row.to for row in machine.actions if row.to and found & set(row.sources)}
    return found


def test_every_kind_has_a_machine() -> None:
    assert set(MACHINES) == set(Kind)


@ALL_MACHINES
def test_every_state_can_be_reached(machine: Machine) -> None:
    assert reachable(machine) == set(machine.states)


@ALL_MACHINES
def test_a_state_that_somebody_owns_has_a_way_out_for_its_owner_or_the_system(
    machine: Machine,
) -> None:
    stuck = [
        state.name
        for state in machine.states.values()
        if not state.rests
        and not any(
            state.name in row.sources and row.to not in (None, state.name)
            for row in machine.actions
        )
    ]

    assert stuck == []


@ALL_MACHINES
def test_a_final_state_is_nobodys_turn(machine: Machine) -> None:
    owned = [name for name, state in machine.states.items() if machine.is_final(name)]

    assert [name for name in owned if not machine.states[name].rests] == []


@ALL_MACHINES
def test_the_owner_of_a_state_can_act_in_it(machine: Machine) -> None:
    idle = [
        state.name
        for state in machine.states.values()
        if not state.rests
        and not any(
            state.name in row.sources
            and state.owner in row.by
            and row.name not in ("read", "remark")
            for row in machine.actions
        )
    ]

    # These wait for another object of the file: the application, its answer, the decision.
    waits = {
        Kind.DECISION_UNIT: ["pending", "suspended", "trusted-suspended"],
        Kind.PERMIT: ["to-issue"],
        Kind.CASE: ["expected", "under-way", "on-appeal"],
    }
    assert idle == waits.get(machine.kind, [])


@ALL_MACHINES
def test_rows_name_states_actors_rules_and_letters_that_exist(machine: Machine) -> None:
    rows = machine.actions
    rules = [e.rule_id for row in rows for e in row.clocks]
    rules += [rule for row in rows for rule in (*row.after_lapse, *row.not_while)]

    assert {state for row in rows for state in (*row.sources, row.to)} <= {*machine.states, None}
    assert [row.name for row in rows if not row.by or not row.sources] == []
    assert Actor.NOBODY not in {actor for row in rows for actor in row.by}
    assert set(rules) <= RULES
    assert {row.letter for row in rows} <= {*LETTERS, None}
    assert {message for row in rows for message in row.messages} <= set(MESSAGES)


@ALL_MACHINES
def test_a_call_names_an_action_that_an_act_may_entail(machine: Machine) -> None:
    calls = [call for row in machine.actions for call in row.calls]
    impossible = [
        call
        for call in calls
        if not any(Actor.ENTAILED in row.by for row in MACHINES[call.kind].named(call.action))
    ]

    assert impossible == []


@ALL_MACHINES
def test_one_row_at_most_answers_a_state_an_action_an_actor_and_a_track(machine: Machine) -> None:
    keys = [
        (state, row.name, actor, track)
        for row in machine.actions
        for state in row.sources
        for actor in row.by
        for track in (row.tracks or tuple(Track))
    ]

    assert len(keys) == len(set(keys))


@ALL_MACHINES
def test_a_row_that_moves_the_object_says_its_text(machine: Machine) -> None:
    silent = [r.name for r in machine.actions if r.to and not r.source and r.name != "delete"]

    assert silent == []


def test_every_letter_and_message_is_sent_by_some_action() -> None:
    rows = [row for machine in MACHINES.values() for row in machine.actions]

    assert set(LETTERS) == {row.letter for row in rows if row.letter}
    assert set(MESSAGES) == {message for row in rows for message in row.messages}


def test_a_letter_that_denies_or_takes_away_states_remedies() -> None:
    silent = [
        name for name, one in LETTERS.items() if "efus" in one.french and not one.states_remedies
    ]

    assert silent == []


def test_every_actor_is_a_role_of_accounts_or_is_proposed() -> None:
    assert {role.value for role in Role} | {actor.value for actor in PROPOSED} == set(Actor)
    assert not {role.value for role in Role} & set(PROPOSED)


def test_the_pairs_that_accounts_keep_apart_stay_apart() -> None:
    assert {frozenset(Actor(role.value) for role in pair) for pair in INCOMPATIBLE} <= CONFLICTS


def test_what_can_be_appealed_is_a_state_and_its_reopening_an_action() -> None:
    states = {(kind, state) for kind, state in APPEALABLE if state in MACHINES[kind].states}

    assert states == set(APPEALABLE)
    assert all(MACHINES[kind].named(u.action) for (kind, _), u in APPEALABLE.items())
    assert all(MACHINES[Kind.CASE].named(u.case_action) for u in APPEALABLE.values())
