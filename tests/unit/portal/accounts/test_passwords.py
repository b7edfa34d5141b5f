"""Passwords: words of this place are refused; changed by who knows the present one."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings

from ecluse.domain.errors import NotAllowed
from ecluse.domain.roles import Role
from ecluse.portal.accounts import actions
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.models import JournalEntry
from tests.sites import PASSWORD

Create = Callable[..., User]
PAGE = "/accounts/password/"
NEW = "trois bateaux sous la pluie"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize("password", ["Écluse-2026-!!", "ecluse.snds.26", "health-data-hub"])
def test_words_of_this_place_with_figures_and_signs_are_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password)


def test_the_name_of_the_authority_is_refused(settings: Settings) -> None:
    settings.ECLUSE_ACCESS_BODY = "Autorité Exemple"

    with pytest.raises(ValidationError):
        validate_password("Autorite-exemple-1")


def test_a_passphrase_may_hold_one_of_these_words() -> None:
    validate_password("trois bateaux à l’écluse")
    validate_password("1234-5678-éàü-une-9")


def given(**changes: str) -> dict[str, str]:
    return {"present": PASSWORD, "new": NEW, "again": NEW, **changes}


@pytest.fixture
def user(signers: object, account: Create) -> User:
    return account(Role.DATA_USER)


@pytest.fixture
def signed_in(user: User, client: Client) -> Client:
    client.force_login(user)
    return client


def test_whoever_knows_the_present_password_changes_it_and_stays(
    user: User, signed_in: Client
) -> None:
    page = signed_in.post(PAGE, given(), follow=True).content.decode()

    assert "Votre mot de passe est changé." in page
    assert User.objects.get(pk=user.pk).check_password(NEW)
    last = JournalEntry.objects.order_by("sequence").last()
    assert last is not None
    assert (last.action, last.actor) == ("account.password_changed", user.journal_name())


def test_every_other_session_ends(user: User, signed_in: Client) -> None:
    elsewhere = Client()
    elsewhere.force_login(user)
    before = signed_in.session.session_key

    signed_in.post(PAGE, given())

    assert elsewhere.get("/accounts/profile/").status_code == 302
    assert signed_in.get("/accounts/profile/").status_code == 200
    assert signed_in.session.session_key != before


def test_a_session_does_not_last_longer_for_it(signed_in: Client) -> None:
    session = signed_in.session
    session.set_expiry(datetime(2027, 1, 1, tzinfo=UTC))
    session.save()

    signed_in.post(PAGE, given())

    assert signed_in.session.get_expiry_date() == datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"present": "wrong"}, "pas votre mot de passe actuel"),
        ({"new": "Écluse-2026-!!", "again": "Écluse-2026-!!"}, "mots de ce service"),
        ({"new": "short", "again": "short"}, "trop court"),
        ({"again": "trois bateaux"}, "pas le même"),
    ],
)
def test_what_is_wrong_is_told_and_changes_nothing(
    user: User, signed_in: Client, changes: dict[str, str], told: str
) -> None:
    answer = signed_in.post(PAGE, given(**changes))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert told in page
    assert not {value for value in changes.values() if value in page} - {"short"}
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


def test_ten_wrong_ones_close_the_page_for_the_right_one_too(user: User) -> None:
    for _ in range(10):
        with pytest.raises(NotAllowed, match="actuel"):
            actions.change_password(user, "wrong", NEW, now=NOON)

    with pytest.raises(NotAllowed, match="quinze minutes"):
        actions.change_password(user, PASSWORD, NEW, now=NOON)


def test_an_account_of_an_identity_provider_has_no_password_to_change(
    user: User, client: Client
) -> None:
    user.set_unusable_password()
    user.save()
    client.force_login(user)

    assert client.get(PAGE).status_code == 404
    assert PAGE not in client.get("/accounts/profile/").content.decode()
