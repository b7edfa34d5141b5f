"""Whoever REMS lets act, ours lets act too, or says why not."""

import json
from pathlib import Path
from typing import Any

import pytest

from ecluse.domain.machines import MACHINES, actions_for
from tests.unit.domain.rems_floor import COMMANDS, DIFFERENCES, ROLES, STATES

SHARED = Path(__file__).parents[4] / "shared" / "access" / "rems-api"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the REMS matrix is not here")


@pytest.fixture(scope="module")
def rights() -> set[tuple[str, str, str]]:
    """Every (state, role, command) of the REMS matrix."""
    matrix: dict[str, Any] = json.loads((SHARED / "permissions-matrix.json").read_text())
    return {
        (state, role, command)
        for state, roles in matrix["states"].items()
        for role, commands in roles.items()
        for command in commands
    }


def is_met(state: str, role: str, command: str) -> bool:
    return any(
        set(COMMANDS[command]) & set(actions_for(MACHINES[kind], ours, actor))
        for kind, ours in STATES[state]
        for actor in ROLES[role]
    )


def covers(difference: tuple[str, str, str, str], right: tuple[str, str, str]) -> bool:
    named = zip(difference, right, strict=False)
    return all(words == "*" or word in words.split() for words, word in named)


def test_every_state_role_and_command_of_rems_has_a_counterpart(
    rights: set[tuple[str, str, str]],
) -> None:
    assert {state for state, _, _ in rights} <= set(STATES)
    assert {role for _, role, _ in rights} <= set(ROLES)
    assert {command for _, _, command in rights} <= set(COMMANDS)


def test_whoever_rems_lets_act_may_act_here_or_the_difference_has_a_reason(
    rights: set[tuple[str, str, str]],
) -> None:
    unexplained = sorted(
        right
        for right in rights
        if not is_met(*right) and not any(covers(one, right) for one in DIFFERENCES)
    )

    assert unexplained == []


def test_no_difference_is_declared_that_is_none(rights: set[tuple[str, str, str]]) -> None:
    idle = [
        one
        for one in DIFFERENCES
        if not any(covers(one, right) and not is_met(*right) for right in rights)
    ]

    assert idle == []
    assert [one for one in DIFFERENCES if len(one[3]) < 20] == []
