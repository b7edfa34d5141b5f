"""Tokens made by who runs the site: what the command line does once it is in the site."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from ecluse.cli import tokens
from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.api import actions
from ecluse.portal.audit.models import JournalEntry

Create = Callable[..., User]


def test_a_machine_is_made_with_its_token_and_nobody_signs_in_as_it(signers: object) -> None:
    text = tokens.make_token("portal@genomes.example", "Portail", ["partner:act"], 30, True)

    caller = actions.open_token(text, now=timezone.now())
    assert caller is not None
    assert caller.user.email == "portal@genomes.example"
    assert caller.user.roles() == frozenset()
    assert caller.token.scopes == ["partner:act"]
    assert JournalEntry.objects.get(action="token.made").actor.startswith("operator:")


def test_a_second_token_of_a_machine_is_of_the_same_account(signers: object) -> None:
    first = tokens.make_token("portal@genomes.example", "Portail", ["partner:act"], 30, True)
    second = tokens.make_token("portal@genomes.example", "Portail", ["register:read"], 30, True)

    one = actions.open_token(first, now=timezone.now())
    other = actions.open_token(second, now=timezone.now())
    assert one is not None
    assert other is not None
    assert one.user == other.user


def test_a_token_of_a_person_is_made_listed_and_revoked(account: Create) -> None:
    account(Role.DATA_USER, email="camille@univ.example")
    text = tokens.make_token("camille@univ.example", "Labo", ["files:read"], 30, False)
    key = text.split("_")[1]

    listed = tokens.tell_tokens()
    revoked = tokens.revoke_token(key)

    assert key in listed
    assert "camille@univ.example  files:read" in listed
    assert text.rpartition("_")[2] not in listed
    assert revoked == f"revoked: {key}"
    assert tokens.tell_tokens() == "—"


def test_an_unknown_account_scope_or_token_is_told(account: Create) -> None:
    account(Role.DATA_USER, email="camille@univ.example")

    with pytest.raises(NotFound, match="nobody@univ"):
        tokens.make_token("nobody@univ.example", "Labo", ["files:read"], 30, False)
    with pytest.raises(InvalidInput, match="files:eat"):
        tokens.make_token("camille@univ.example", "Labo", ["files:eat"], 30, False)
    with pytest.raises(NotFound, match="list"):
        tokens.revoke_token("000000000000")
