"""Tokens: made, shown once, kept as a digest, ended, revoked."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from ecluse.domain.errors import InvalidInput
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.api import actions
from ecluse.portal.api.actions import Wanted
from ecluse.portal.api.models import Token
from ecluse.portal.api.scopes import Scope
from ecluse.portal.audit.models import JournalEntry
from tests.unit.portal.api.programs import token_of
from tests.unit.portal.applications.road import DAY, NOW

Create = Callable[..., User]
ALL = tuple(Scope)


def test_a_token_speaks_for_its_account(account: Create) -> None:
    by = account(Role.DATA_USER)
    text = token_of(by, now=NOW)

    caller = actions.open_token(text, now=NOW)

    assert caller is not None
    assert caller.user == by


def test_only_a_digest_is_kept(account: Create) -> None:
    text = token_of(account(), now=NOW)

    stored = str(Token.objects.values().get())
    assert text not in stored
    assert text.split("_", 2)[2] not in stored


@pytest.mark.parametrize("change", ["x", "", "é"])
def test_a_token_changed_opens_nothing(account: Create, change: str) -> None:
    text = token_of(account(), now=NOW)

    assert actions.open_token(text[:-1] + change, now=NOW) is None


@pytest.mark.parametrize("text", ["", "ecl", "ecl__", "ecl_0_0", "_" * 500, "key_a_b"])
def test_what_is_no_token_opens_nothing(account: Create, text: str) -> None:
    account()

    assert actions.open_token(text, now=NOW) is None


def test_a_token_ends(account: Create) -> None:
    text = token_of(account(), days=1, now=NOW)

    assert actions.open_token(text, now=NOW + DAY - timedelta(seconds=1)) is not None
    assert actions.open_token(text, now=NOW + DAY) is None


def test_a_token_revoked_opens_nothing_and_the_journal_says_so(account: Create) -> None:
    by = account()
    text = token_of(by, now=NOW)
    actions.revoke_token(Token.objects.get(), by=by.subject, now=NOW)
    actions.revoke_token(Token.objects.get(), by=by.subject, now=NOW)

    assert actions.open_token(text, now=NOW) is None
    assert JournalEntry.objects.filter(action="token.made").count() == 1
    assert JournalEntry.objects.filter(action="token.revoked").count() == 1


def test_a_token_of_an_account_that_is_closed_opens_nothing(account: Create) -> None:
    by = account()
    text = token_of(by, now=NOW)
    by.is_active = False
    by.save()

    assert actions.open_token(text, now=NOW) is None


@pytest.mark.parametrize(
    "wanted",
    [Wanted(" ", ALL, 30), Wanted("n" * 81, ALL, 30), Wanted("a", (), 30)]
    + [Wanted("a", ALL, days) for days in (0, 367)],
)
def test_a_token_without_a_name_a_scope_or_an_end_is_refused(
    account: Create, wanted: Wanted
) -> None:
    with pytest.raises(InvalidInput):
        actions.make_token(account(), wanted, by="set-up", now=NOW)


def test_an_account_has_twenty_open_tokens_at_most(account: Create) -> None:
    by = account()
    made = [token_of(by, now=NOW) for _ in range(20)]

    with pytest.raises(InvalidInput, match="20 tokens"):
        token_of(by, now=NOW)

    assert len(made) == 20


def test_a_page_makes_a_token_shows_it_once_and_revokes_it(account: Create, client: Client) -> None:
    client.force_login(account(Role.DATA_USER))
    wanted = {"name": "Tableau de bord", "scopes": ["files:read"], "days": "30"}

    made = client.post("/tokens/", wanted).content.decode()
    listed = client.get("/tokens/").content.decode()
    token = Token.objects.get()
    revoked = client.post("/tokens/", {"do": "revoke", "token": token.key_id})

    assert f"ecl_{token.key_id}_" in made
    assert f"ecl_{token.key_id}_" not in listed
    assert "Tableau de bord" in listed
    assert revoked["Location"] == "/tokens/"
    assert Token.objects.get().revoked_at is not None


def test_a_page_gives_nobody_the_scope_of_a_partner(account: Create, client: Client) -> None:
    client.force_login(account(Role.DATA_USER))

    answer = client.post("/tokens/", {"name": "a", "scopes": ["partner:act"], "days": "30"})

    assert answer.status_code == 422
    assert not Token.objects.exists()


def test_a_page_revokes_no_token_of_another(account: Create, client: Client) -> None:
    token_of(account(Role.AUDITOR), now=NOW)
    client.force_login(account(Role.DATA_USER))

    answer = client.post("/tokens/", {"do": "revoke", "token": Token.objects.get().key_id})

    assert answer.status_code == 404


def test_a_machine_is_never_the_account_of_a_person(account: Create) -> None:
    account(Role.DATA_USER, email="camille@univ.example")

    with pytest.raises(InvalidInput, match="account of a person"):
        actions.make_machine("camille@univ.example", "Portail", by="set-up")


@pytest.mark.parametrize("theme", ["neutral", "dsfr"])
def test_the_page_is_drawn_in_both_themes_and_languages(
    account: Create, client: Client, settings: Settings, theme: str
) -> None:
    settings.ECLUSE_THEME = theme
    by = account(Role.DATA_USER)
    client.force_login(by)
    token_of(by)

    french = client.get("/tokens/").content.decode()
    client.cookies["ecluse_language"] = "en"
    english = client.get("/tokens/").content.decode()

    assert "Mes jetons d’accès" in french
    assert "My access tokens" in english
    assert "Read your files and their deadlines" in english
    assert ("fr-btn" in english) is (theme == "dsfr")
