"""Whom a message is for: persons of the file by name, officers by role, never both."""

from collections.abc import Callable

from ecluse.domain.actors import Actor
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.cases import daily
from ecluse.portal.cases.actions import assign
from ecluse.portal.cases.models import Dispatch
from ecluse.portal.messages.recipients import accounts_of, recipients
from tests.unit.portal.cases.desk import Desk, later


def told(name: str) -> list[tuple[str, Actor]]:
    (dispatch,) = Dispatch.objects.filter(name=name)
    return [(account.email, actor) for account, actor in recipients(dispatch)]


def test_a_file_submitted_is_told_to_every_assessor(
    desk: Desk, account: Callable[..., User]
) -> None:
    account(Role.ASSESSOR, email="second@hub.example")
    desk.submitted()

    assert told("file-submitted") == [
        ("ines.garnier@hub.example", Actor.ASSESSOR),
        ("second@hub.example", Actor.ASSESSOR),
    ]


def test_once_it_is_assigned_whoever_has_it_is_told_alone(
    desk: Desk, account: Callable[..., User]
) -> None:
    second = account(Role.ASSESSOR, email="second@hub.example")
    desk.submitted()
    desk.do("start-screening", desk.assessor)
    assign([desk.now()], second, by=desk.assessor, now=later(0))
    desk.do("ask-information", desk.assessor, reason="L’avis manque.")
    desk.do("supply-information", desk.camille)

    assert told("file-assigned") == [("second@hub.example", Actor.ASSESSOR)]
    assert told("information-supplied") == [("second@hub.example", Actor.ASSESSOR)]


def test_a_file_complete_is_told_to_the_applicant_and_to_whoever_it_names(desk: Desk) -> None:
    desk.complete()

    assert told("file-complete") == [
        ("camille.moreau@univ.example", Actor.DATA_USER),
        ("louis.bernard@univ.example", Actor.PROJECT_MEMBER),
    ]


def test_a_letter_is_announced_to_whom_it_is_written(desk: Desk) -> None:
    desk.submitted()

    assert told("acknowledgement") == [("camille.moreau@univ.example", Actor.DATA_USER)]


def test_a_reminder_is_for_whoever_must_act(desk: Desk) -> None:
    desk.deciding()
    daily.run(now=later(62))  # thirty days before the decision is due

    assert told("due-soon") == [("paul.lefevre@hub.example", Actor.DECIDER)]


def test_a_member_of_the_committee_who_is_of_the_file_is_not_asked_for_an_opinion(
    desk: Desk, account: Callable[..., User]
) -> None:
    account(Role.COMMITTEE, email="hugo.simon@hub.example")
    desk.louis.role_rows.create(role=Role.COMMITTEE)
    desk.complete()
    desk.do("consult-committee", desk.assessor, on="unit-1")

    assert told("opinion-asked") == [("hugo.simon@hub.example", Actor.COMMITTEE)]


def test_an_account_that_is_closed_is_told_nothing(desk: Desk) -> None:
    User.objects.filter(pk=desk.assessor.pk).update(is_active=False)
    desk.submitted()

    assert told("file-submitted") == []


def test_whoever_has_no_account_here_is_nobody(desk: Desk) -> None:
    assert list(accounts_of(desk.now(), Actor.AUTHORITY)) == []
    assert list(accounts_of(desk.now(), Actor.APPEAL_BODY)) == []
    assert list(accounts_of(desk.now(), Actor.SYSTEM)) == []
