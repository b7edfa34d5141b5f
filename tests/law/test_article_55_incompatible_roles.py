"""EHDS art. 55(3): who assesses, who prepares and who checks outputs are never one person."""

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from ecluse.domain.errors import NotAllowed
from ecluse.domain.roles import INCOMPATIBLE, Role
from ecluse.portal.accounts import actions
from ecluse.portal.accounts.models import AccountRole, User

Create = Callable[..., User]
DECIDES_AND_CHECKS = [
    (Role.ASSESSOR, Role.CHECKER),
    (Role.DECIDER, Role.CHECKER),
    (Role.ASSESSOR, Role.DECIDER),
    (Role.DATA_USER, Role.ASSESSOR),
    (Role.DATA_USER, Role.DECIDER),
    (Role.DATA_USER, Role.CHECKER),
    (Role.AUDITOR, Role.ASSESSOR),
    (Role.AUDITOR, Role.DECIDER),
    (Role.AUDITOR, Role.CHECKER),
    (Role.PREPARER, Role.DATA_USER),
    (Role.PREPARER, Role.ASSESSOR),
    (Role.PREPARER, Role.DECIDER),
    (Role.PREPARER, Role.CHECKER),
    (Role.PREPARER, Role.AUDITOR),
    (Role.COMMITTEE, Role.DECIDER),
]


@pytest.mark.parametrize(("held", "asked"), DECIDES_AND_CHECKS)
def test_nobody_receives_a_role_that_the_law_keeps_apart_from_theirs(
    account: Create, held: Role, asked: Role
) -> None:
    person = account(held)

    with pytest.raises(NotAllowed, match="55"):
        actions.grant_role(person, asked, by="set-up")

    assert person.roles() == {held}


@pytest.mark.parametrize(("held", "asked"), DECIDES_AND_CHECKS)
def test_the_database_holds_the_rule_even_against_the_software(
    account: Create, held: Role, asked: Role
) -> None:
    person = account(asked)

    with pytest.raises(IntegrityError), transaction.atomic():
        AccountRole.objects.create(account=person, role=held.value)

    assert person.roles() == {asked}


def test_these_are_all_the_pairs_of_the_domain() -> None:
    assert {frozenset(pair) for pair in DECIDES_AND_CHECKS} == INCOMPATIBLE


def test_the_migrations_hold_the_pairs_of_the_domain(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("makemigrations", "accounts", check_changes=True, dry_run=True)

    assert "No changes" in capsys.readouterr().out
