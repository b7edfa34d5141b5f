"""Who may do what, when: read from one table."""

import pytest

from ecluse.domain import applications, roles
from ecluse.domain.errors import NotAllowed
from ecluse.domain.roles import Role


def test_an_assessor_may_not_decide() -> None:
    with pytest.raises(NotAllowed, match=r"application\.decide is for: decider while assessed"):
        roles.require("application.decide", roles={Role.ASSESSOR}, state="assessed")


def test_a_right_holds_in_its_states_alone() -> None:
    assert roles.may("application.decide", roles={Role.DECIDER}, state="assessed")
    assert not roles.may("application.decide", roles={Role.DECIDER}, state="submitted")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Role.ASSESSOR, Role.CHECKER),
        (Role.DECIDER, Role.CHECKER),
        (Role.ASSESSOR, Role.DECIDER),
        (Role.DATA_USER, Role.DECIDER),
    ],
)
def test_one_person_never_holds_roles_that_the_law_keeps_apart(first: Role, second: Role) -> None:
    with pytest.raises(NotAllowed, match=r"art\. 55\(3\)"):
        roles.check_compatible({first, second})


def test_compatible_roles_pass() -> None:
    assert roles.check_compatible({Role.DATA_USER, Role.CITIZEN}) is None


def test_every_state_of_an_application_has_a_turn_and_every_open_state_a_way_out() -> None:
    leavable = {
        state
        for action, rights in roles.RIGHTS.items()
        if action.startswith("application.")
        for right in rights
        for state in right.states
    }
    turned = {s for s, turn in applications.TURNS.items() if turn != applications.Turn.NOBODY}

    assert set(applications.TURNS) == set(applications.State)
    assert leavable == {state.value for state in turned}


def test_every_action_has_somebody_who_may_do_it() -> None:
    assert [action for action, rights in roles.RIGHTS.items() if not rights] == []
