"""The menu: few lines, the same in both themes; a group of one line is that line."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from tests.sites import Signers

Create = Callable[..., User]


def navigation(client: Client, address: str = "/") -> str:
    found = re.search(
        r'<nav [^>]*id="navigation".*?</nav>', client.get(address).content.decode(), re.S
    )
    assert found
    return found[0]


@pytest.mark.parametrize("theme", ["neutral", "dsfr"])
def test_the_menu_of_a_data_user_has_five_lines(
    signers: Signers, account: Create, client: Client, settings: Settings, theme: str
) -> None:
    settings.ECLUSE_THEME = theme
    client.force_login(account(Role.DATA_USER))

    text = navigation(client)

    assert text.count("<details") + text.count("fr-nav__btn") == 3
    assert text.count("href=") == 20


def test_a_group_says_that_the_page_is_one_of_its_own(
    signers: Signers, account: Create, client: Client
) -> None:
    client.force_login(account(Role.DATA_USER))

    text = navigation(client, "/requests/")

    assert re.search(r'<summary aria-current="true">Dossiers</summary>', text)
    assert '<a href="/requests/" aria-current="page">Demandes de tableaux</a>' in text


def test_a_group_of_one_line_is_that_line(
    signers: Signers, account: Create, client: Client
) -> None:
    client.force_login(account(Role.CITIZEN))

    text = navigation(client)

    assert '<li><a href="/lives/">Démarches</a></li>' in text
    assert "Dossiers" not in text
