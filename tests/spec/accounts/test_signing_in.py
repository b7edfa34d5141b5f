"""Signing in: one message for every mistake, a pause after ten, twelve hours at most."""

from collections.abc import Callable

from django.test import Client

from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from tests.sites import PASSWORD

Create = Callable[..., User]


def attempt(client: Client, email: str, password: str) -> str:
    """The page that answers a sign-in."""
    form = {"email": email, "password": password}
    return client.post("/accounts/sign-in/", form, follow=True).content.decode()


def test_somebody_signs_in_and_sees_their_name(account: Create, client: Client) -> None:
    user = account(Role.DATA_USER)

    page = attempt(client, user.email, PASSWORD)

    assert "Se déconnecter" in page
    assert user.full_name in page


def test_a_stranger_cannot_learn_which_accounts_exist(account: Create, client: Client) -> None:
    user = account(Role.DATA_USER)

    wrong_password = attempt(client, user.email, "not the password")
    unknown_account = attempt(client, "nobody@univ.example", "not the password")

    message = "L’adresse ou le mot de passe n’est pas le bon. Vérifiez les deux."
    assert message in wrong_password
    assert message in unknown_account


def test_after_ten_mistakes_one_waits_fifteen_minutes(account: Create, client: Client) -> None:
    user = account(Role.DATA_USER)
    pages = [attempt(client, user.email, "not the password") for _ in range(10)]

    eleventh = attempt(client, user.email, PASSWORD)

    assert "Trop d’essais" not in pages[-1]
    assert "Trop d’essais : attendez quinze minutes" in eleventh.replace("\N{NO-BREAK SPACE}", " ")


def test_the_account_page_says_in_which_roles_one_is(account: Create, client: Client) -> None:
    client.force_login(account(Role.OPT_OUT_DESK))

    assert "Guichet des oppositions" in client.get("/accounts/profile/").content.decode()
