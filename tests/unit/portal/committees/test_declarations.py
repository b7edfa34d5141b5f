"""The opinion on a declaration of conformity: it is registered, or needs the full procedure."""

from collections.abc import Callable
from datetime import date

import pytest

from ecluse.domain import committees
from ecluse.domain.committees import Choice
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.committees import actions, minutes
from ecluse.portal.committees.actions import Call
from ecluse.portal.committees.models import Entry
from ecluse.portal.lives.models import Matter
from tests.law.test_law_78_17_declarations import MR_007
from tests.unit.portal.applications.road import NOW, at_now, road
from tests.unit.portal.lives.road import Lives, lives

__all__ = ["at_now", "lives", "road"]


@pytest.fixture
def members(lives: Lives, account: Callable[..., User]) -> tuple[User, User, User]:
    """The committee: who presides, who replaces them, a third."""
    others = [account(Role.COMMITTEE, email=f"{name}@comite.example") for name in ("anne", "bruno")]
    return lives.road.committee, others[0], others[1]


def listed(lives: Lives, members: tuple[User, User, User]) -> tuple[Matter, Entry]:
    """A declaration on an agenda, the members there."""
    matter = lives.declaration(MR_007)
    lives.do(matter, "ask-committee", lives.road.assessor)
    call = Call(date(2026, 1, 12), "Salle 3", members[0], members[1])
    sitting = actions.call(call, by=lives.road.assessor, now=NOW)
    actions.put_on_agenda(sitting, [matter.item], by=lives.road.assessor, now=NOW)
    for member in members:
        actions.arrive(sitting, by=member, now=NOW)
    return matter, sitting.entries.get()


def given(entry: Entry, members: tuple[User, User, User], choice: Choice) -> None:
    """The same vote by all, twice, then reasons, minutes and two signatures."""
    chair = members[0]
    for member in members:
        actions.declare(entry, "", by=member, now=NOW)
    for _turn in range(2):
        _step(entry, chair, lambda file: committees.open_vote(file, by=chair.subject))
        for member in members:
            actions.vote(entry, choice, "", by=member, now=NOW)
        _step(entry, chair, lambda file: committees.close_vote(file, by=chair.subject))
    _step(entry, chair, lambda file: committees.write_opinion(file, "Lu.", by=chair.subject))
    sitting = minutes.close(entry.sitting, by=chair, now=NOW)
    minutes.sign(sitting, by=members[2], now=NOW)
    minutes.sign(sitting, by=chair, now=NOW)


def _step(entry: Entry, chair: User, step: actions.Step) -> None:
    actions.do(entry, "went-on", step, by=chair, now=NOW)


@pytest.mark.parametrize(
    ("choice", "state"),
    [
        (Choice.FAVOURABLE, "registered"),
        (Choice.WITH_RECOMMENDATIONS, "registered"),
        (Choice.RESERVED, "redirected"),
        (Choice.UNFAVOURABLE, "redirected"),
    ],
)
def test_the_opinion_registers_the_declaration_or_asks_the_full_procedure(
    lives: Lives, members: tuple[User, User, User], choice: Choice, state: str
) -> None:
    matter, entry = listed(lives, members)
    given(entry, members, choice)
    matter.item.refresh_from_db()

    assert matter.item.state == state


def test_a_member_with_an_interest_reads_the_declaration_no_more(
    lives: Lives, members: tuple[User, User, User]
) -> None:
    _, entry = listed(lives, members)
    before = Matter.objects.visible_to(members[2]).exists()
    actions.declare(entry, "Mon laboratoire.", by=members[2], now=NOW)

    assert before
    assert not Matter.objects.visible_to(members[2]).exists()
