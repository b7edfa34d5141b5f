"""Every address of the rights of persons, for every role: who gets the page, who does not."""

from collections.abc import Callable

import pytest
from django.test import Client

from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User

Create = Callable[..., User]
OF_CITIZENS = (
    "/citizens/",
    "/citizens/others/",
    "/citizens/data/",
    "/citizens/data/answer/",
    "/citizens/receipts/OPP-AAAA-BBBB-CCCC/",
    "/citizens/receipts/OPP-AAAA-BBBB-CCCC/pdf/",
    "/citizens/receipts/OPP-AAAA-BBBB-CCCC/kept/",
    "/citizens/receipts/OPP-AAAA-BBBB-CCCC/kept/answer/",
)
BUTTONS = ("/citizens/requests/new/", "/citizens/rights/ehds-71/out/")
OF_THE_DESK = (
    "/citizens/desk/OPP-AAAA-BBBB-CCCC/",
    "/citizens/desk/OPP-AAAA-BBBB-CCCC/pdf/",
    "/citizens/requesters/DR-2026-00001/",
)
OTHERS = sorted(set(Role) - {Role.CITIZEN})


@pytest.mark.parametrize("address", OF_CITIZENS)
def test_a_citizen_is_asked_for_a_number_first(
    account: Create, client: Client, address: str
) -> None:
    client.force_login(account(Role.CITIZEN))

    answer = client.get(address)

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/identities/number/")


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("address", OF_CITIZENS)
def test_nobody_but_a_citizen_opens_the_pages_of_ones_rights(
    account: Create, client: Client, address: str, role: Role
) -> None:
    client.force_login(account(role))

    assert client.get(address).status_code == 403


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("address", BUTTONS)
def test_nobody_but_a_citizen_presses_the_buttons_of_ones_rights(
    account: Create, client: Client, address: str, role: Role
) -> None:
    client.force_login(account(role))

    assert client.post(address).status_code == 403


@pytest.mark.parametrize("address", OF_THE_DESK)
def test_the_desk_finds_nothing_under_a_number_that_it_did_not_record(
    account: Create, client: Client, address: str
) -> None:
    client.force_login(account(Role.OPT_OUT_DESK))

    assert client.get(address).status_code == 404


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OPT_OUT_DESK}))
@pytest.mark.parametrize("address", OF_THE_DESK)
def test_nobody_but_the_desk_opens_the_pages_of_the_desk(
    account: Create, client: Client, address: str, role: Role
) -> None:
    client.force_login(account(role))

    assert client.get(address).status_code == 403


@pytest.mark.parametrize("address", [*OF_CITIZENS, *OF_THE_DESK])
def test_a_visitor_is_sent_to_sign_in(signers: object, client: Client, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/sign-in/")
