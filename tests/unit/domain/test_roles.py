"""Who may do what, when: read from one table."""

import pytest

from ecluse.domain import roles
from ecluse.domain.errors import NotAllowed
from ecluse.domain.roles import Role


def test_a_checker_assigns_no_file() -> None:
    with pytest.raises(NotAllowed, match=r"case\.assign is for: assessor; decider"):
        roles.require("case.assign", roles={Role.CHECKER})


def test_a_right_holds_in_its_states_alone() -> None:
    assert roles.may("output.vote", roles={Role.CHECKER}, state="one-review")
    assert not roles.may("output.vote", roles={Role.CHECKER}, state="released")


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


def test_every_action_has_somebody_who_may_do_it() -> None:
    assert [action for action, rights in roles.RIGHTS.items() if not rights] == []
