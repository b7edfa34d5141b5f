"""Every address of the core apps, for every role: who gets the page, who does not."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User

Create = Callable[..., User]
ROLES = tuple(Role)
PUBLIC = (
    "/",
    "/map/",
    "/accessibility/",
    "/legal/",
    "/privacy/",
    "/health",
    "/health/live",
    "/keys.json",
    "/catalogue/",
    "/catalogue/catalogue.ttl",
    "/catalogue/feed.atom",
    "/catalogue/sparql",
    "/optouts/",
    "/citizens/explained/",
    "/citizens/check/",
    "/identities/left/",
    "/check/",
    "/journal/check/",
    "/journal/verify.py",
    "/register/",
    "/fees/",
    "/holders/",
    "/label/",
    "/aisystems/",
    "/boards/",
    "/drills/",
    "/aisystems/surveys/",
    "/aisystems/systems.csv",
    "/aisystems/systems.json",
    "/aisystems/systems.jsonld",
    "/aisystems/schema.json",
    "/evaluations/",
    "/register/register.csv",
    "/register/register.json",
    "/register/register.jsonld",
    "/register/feed.atom",
    "/register/report/",
    "/register/report/report.csv",
    "/register/report/report.json",
    "/accounts/sign-in/",
)
RESERVED = {
    "/accounts/password/": frozenset(ROLES),
    "/accounts/profile/": frozenset(ROLES),
    "/tokens/": frozenset(ROLES),
    "/webhooks/": frozenset(ROLES),
    "/journal/": frozenset({Role.AUDITOR}),
    "/journal/export": frozenset({Role.AUDITOR}),
    "/journal/export.checkpoints": frozenset({Role.AUDITOR}),
    "/aisystems/new/": frozenset(ROLES),
    "/evaluations/new/": frozenset({Role.DATA_USER}),
    "/aisystems/import/": frozenset(ROLES),
    "/aisystems/contradictions/": frozenset(
        {Role.ASSESSOR, Role.DECIDER, Role.PREPARER, Role.AUDITOR}
    ),
    "/aisystems/surveys/new/": frozenset({Role.PREPARER}),
    "/boards/new/": frozenset({Role.PREPARER}),
    "/boards/entities/": frozenset({Role.PREPARER}),
    "/cases/": frozenset({Role.ASSESSOR, Role.DECIDER, Role.COMMITTEE, Role.AUDITOR}),
    "/committees/": frozenset({Role.ASSESSOR, Role.DECIDER, Role.COMMITTEE, Role.AUDITOR}),
    "/committees/new/": frozenset({Role.ASSESSOR}),
    "/register/due/": frozenset({Role.ASSESSOR, Role.DECIDER, Role.COMMITTEE, Role.AUDITOR}),
    "/messages/": frozenset(ROLES),
    "/descriptions/": frozenset(ROLES),
    "/findings/": frozenset(ROLES),
    "/messages/desk/": frozenset({Role.ASSESSOR, Role.DECIDER, Role.COMMITTEE, Role.AUDITOR}),
    "/identities/number/": frozenset({Role.CITIZEN}),
    "/citizens/desk/": frozenset({Role.OPT_OUT_DESK}),
}
CASES = [
    pytest.param(address, role, 200 if role in allowed else 403, id=f"{address} {role}")
    for address, allowed in RESERVED.items()
    for role in ROLES
]


@pytest.mark.parametrize("address", PUBLIC)
def test_an_open_page_needs_no_account(signers: object, client: Client, address: str) -> None:
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", PUBLIC)
def test_an_open_page_stays_open_to_whoever_is_signed_in(
    account: Create, client: Client, address: str
) -> None:
    client.force_login(account())

    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", sorted(RESERVED))
def test_a_visitor_is_sent_to_sign_in_and_back(
    signers: object, client: Client, address: str
) -> None:
    answer = client.get(address)

    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/accounts/sign-in/?next={address}",
    )


@pytest.mark.parametrize(("address", "role", "status"), CASES)
def test_a_reserved_page_opens_to_its_roles_alone(
    account: Create, client: Client, address: str, role: Role, status: int
) -> None:
    client.force_login(account(role))

    assert client.get(address).status_code == status


@pytest.mark.parametrize("address", ["/journal/", "/citizens/", "/citizens/desk/"])
def test_an_account_without_a_role_opens_nothing_reserved(
    account: Create, client: Client, address: str
) -> None:
    client.force_login(account())

    assert client.get(address).status_code == 403


@pytest.mark.parametrize("address", [*PUBLIC, *sorted(RESERVED)])
def test_a_page_takes_no_method_that_it_does_not_know(
    account: Create, client: Client, address: str
) -> None:
    client.force_login(account(Role.AUDITOR, Role.CITIZEN))

    assert client.delete(address).status_code == 405


@pytest.mark.parametrize(
    "address", ["/identities/number/", "/citizens/rights/ehds-71/out/", "/accounts/sign-out/"]
)
def test_a_form_of_another_site_is_refused(account: Create, address: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(account(Role.CITIZEN))

    answer = strict.post(address, {"number": "1"})

    assert answer.status_code == 403
    assert "expiré" in answer.content.decode()


def test_the_checking_room_has_its_home_and_nothing_of_the_public_site(
    checking_room: object, client: Client
) -> None:
    assert client.get("/").status_code == 200
    assert client.get("/catalogue/").status_code == 404
    assert client.get("/optouts/").status_code == 404
    assert client.get("/keys.json").status_code == 200


def test_the_public_site_has_nothing_of_the_checking_room(
    signers: object, client: Client, settings: Settings
) -> None:
    settings.ROOT_URLCONF = "ecluse.portal.site.urls_public"

    assert client.get("/enclaves/").status_code == 404
    assert client.get("/outputs/").status_code == 404
