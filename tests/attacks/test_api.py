"""The API attacked: without a token, with a wrong one, by a portal for others, with anything.

The whole contract is fuzzed from its own description: no request, drawn at random or aimed at a
file that exists, makes the site fail, or is answered otherwise than described. A few draws for each
route here; as many as ECLUSE_SCHEMATHESIS says when it is set.
"""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from pytest_django import Settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.api.contract import api
from ecluse.portal.api.models import PartnerPerson
from ecluse.portal.api.scopes import Scope
from ecluse.portal.applications.models import Application
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.webhooks.models import Subscription
from tests.unit.portal.api.programs import Portal, Program, portal_of, token_of
from tests.unit.portal.applications.road import NOW, Road, at_now, road

__all__ = ["at_now", "road"]

Create = Callable[..., User]
DRAWS = int(os.environ.get("ECLUSE_SCHEMATHESIS", "2"))
OPEN = frozenset({("get", "/api/jwk")})
DESCRIPTION: dict[str, Any] = api.get_openapi_schema(path_prefix="/api/")
OPERATIONS = [
    (method, address)
    for address, operations in DESCRIPTION["paths"].items()
    for method in operations
]
V1 = [(method, address) for method, address in OPERATIONS if "/v1/" in address]
REMS = [pair for pair in OPERATIONS if pair not in V1 and pair not in OPEN]


def filled(address: str) -> str:
    """An address with a value for each parameter."""
    return (
        address.replace("{webhook_id}", "11111111-1111-4111-8111-111111111111")
        .replace("{application_id}", "1")
        .replace("{attachment_id}", "1")
        .replace("{version}", "1")
        .replace("{", "")
        .replace("}", "")
    )


@pytest.mark.parametrize(("method", "address"), V1)
def test_no_route_opens_without_a_token(
    signers: object, client: Client, method: str, address: str
) -> None:
    answer = client.generic(method.upper(), filled(address), b"{}", "application/json")

    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer["WWW-Authenticate"] == 'Bearer realm="ecluse"'


@pytest.mark.parametrize(("method", "address"), REMS)
def test_no_route_of_a_portal_opens_without_its_key(
    signers: object, client: Client, method: str, address: str
) -> None:
    answer = client.generic(
        method.upper(), filled(address), b"{}", "application/json", headers={"x-rems-user-id": "a"}
    )

    assert (answer.status_code, answer.json()) == (401, {"error": "unauthorized"})


@pytest.mark.parametrize(("method", "address"), REMS)
def test_the_token_of_a_person_opens_no_route_of_a_portal(
    account: Create, client: Client, method: str, address: str
) -> None:
    personal = tuple(scope for scope in Scope if scope is not Scope.PARTNER)
    key = token_of(account(Role.DATA_USER), *personal)
    headers = {"x-rems-api-key": key, "x-rems-user-id": "data-user@hub.example"}

    answer = client.generic(
        method.upper(), filled(address), b"{}", "application/json", headers=headers
    )

    assert (answer.status_code, answer.json()) == (403, {"error": "forbidden"})


def test_a_session_of_the_pages_opens_nothing_of_the_api(account: Create, client: Client) -> None:
    client.force_login(account(Role.AUDITOR))

    assert client.get("/api/v1/files").status_code == 401


def test_a_browser_of_another_site_is_given_nothing_to_read(
    account: Create, client: Client
) -> None:
    headers = {
        "Authorization": f"Bearer {token_of(account(Role.DATA_USER))}",
        "Origin": "https://elsewhere.example",
    }

    read = client.get("/api/v1/account", headers=headers)
    asked = client.options("/api/v1/account", headers=headers)

    assert [name for name in read.headers if name.startswith("Access-Control")] == []
    assert [name for name in asked.headers if name.startswith("Access-Control")] == []
    assert (read.status_code, asked.status_code) == (200, 405)
    assert read["Cross-Origin-Resource-Policy"] == "same-origin"
    assert read["Cache-Control"] == "private, no-store"


def test_no_page_of_documentation_is_served(signers: object, client: Client) -> None:
    assert client.get("/api/docs").status_code == 404
    assert client.get("/api/v1/docs").status_code == 404


def test_the_description_of_the_api_is_open(signers: object, client: Client) -> None:
    described = client.get("/api/v1/openapi.json").json()

    assert described["openapi"].startswith("3.1")
    assert described["paths"].keys() == DESCRIPTION["paths"].keys()


@pytest.mark.parametrize("role", [Role.ASSESSOR, Role.DECIDER, Role.DATA_USER, Role.AUDITOR])
def test_a_portal_gets_hold_of_no_account_that_it_did_not_make(
    account: Create, client: Client, role: Role
) -> None:
    victim = account(role, email="victim@hub.example")
    portal, _machine = portal_of(client)
    asked = {"userid": "mine", "name": "x", "email": victim.email}

    status, said = portal.post("users/create", asked)
    as_mine = Portal(client, portal.key, "mine").get("my-applications")
    as_them = Portal(client, portal.key, victim.email).get("my-applications")

    assert (status, said["success"], said["errors"][0]["type"]) == (200, False, "invalid-user")
    assert as_mine == as_them == (403, {"error": "forbidden"})
    assert PartnerPerson.objects.filter(account=victim).count() == 0


def test_a_portal_reaches_nobody_of_another_portal(road: Road, client: Client) -> None:
    portal, _machine = portal_of(client)
    _status, said = portal.post("applications/create", {"catalogue-item-ids": [road.dataset.pk]})
    other = token_of(road.camille, Scope.PARTNER)

    answer = Portal(client, other, "alice").get(f"applications/{said['application-id']}")

    assert answer == (403, {"error": "forbidden"})


def test_a_person_of_a_portal_reads_no_file_of_another(road: Road, client: Client) -> None:
    portal, _machine = portal_of(client)
    theirs = Application.objects.get(number=road.draft().number).pk
    command = {"application-id": theirs}
    not_found = {"success": False, "errors": [{"type": "application-not-found"}]}

    assert portal.get(f"applications/{theirs}") == (404, {"error": "not found"})
    assert portal.post("applications/submit", command) == (200, not_found)
    assert portal.post("applications/delete", command) == (200, not_found)


@pytest.mark.usefixtures("at_now")
def test_nobody_withdraws_what_is_filed_through_a_portal(road: Road, client: Client) -> None:
    portal, machine = portal_of(client)
    number = road.submitted().number
    PartnerPerson.objects.create(partner=machine, user_id="camille", account=road.camille)
    filed = Application.objects.get(number=number)
    as_camille = Portal(client, portal.key, "camille")

    said = as_camille.post("applications/delete", {"application-id": filed.pk})

    assert said == (200, {"success": False, "errors": [{"type": "forbidden"}]})
    assert Application.objects.get(number=number).state == "submitted"


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://169.254.169.254/latest/meta-data/", "https://[::1]/"]
)
def test_a_webhook_does_not_lead_inside(account: Create, client: Client, url: str) -> None:
    program = Program(client, token_of(account(Role.DATA_USER)))

    status, said = program.send("POST", "webhooks", {"url": url, "events": []})

    assert (status, said["type"]) == (403, "urn:ecluse:problem:not-allowed")
    assert not Subscription.objects.exists()


def test_the_secret_of_a_token_is_in_no_entry_of_the_journal(account: Create) -> None:
    secret = token_of(account(Role.DATA_USER)).rpartition("_")[2]

    bodies = b"".join(bytes(entry.body) for entry in JournalEntry.objects.all())
    assert b"token.made" in bodies
    assert secret.encode() not in bodies


@pytest.fixture
def known(road: Road, client: Client) -> dict[str, Any]:
    """Names of what exists, by the parameters of addresses; and the headers that open all."""
    application = road.draft()
    permit = road.permit()
    portal, machine = portal_of(client)
    PartnerPerson.objects.create(partner=machine, user_id="camille", account=road.camille)
    webhook = Subscription.objects.create(
        account=road.camille,
        url="https://hook.example/",
        salt="0" * 32,
        after_act=0,
        created_at=NOW,
    )
    return {
        "number": application.number,
        "permit": permit.number,
        "slug": "snds-synthetic",
        "form": "data-access-application",
        "version": 1,
        "field": "research_plan",
        "webhook_id": str(webhook.pk),
        "application_id": application.pk,
        "attachment_id": 1,
        "wanted": "camille",
        "headers": {
            "Authorization": f"Bearer {token_of(road.camille)}",
            "x-rems-api-key": portal.key,
            "x-rems-user-id": "camille",
        },
    }


@pytest.fixture
def nothing_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name of the Internet is known here."""

    def look_up(*_rest: object, **_options: object) -> list[object]:
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@contextmanager
def one_connection() -> Iterator[None]:
    """Requests that are served leave the connection of the test open, as Django's own client."""
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    try:
        yield
    finally:
        signals.request_started.connect(close_old_connections)
        signals.request_finished.connect(close_old_connections)


def checks(address: str) -> list[Any]:
    """What an answer is held to: REMS's shapes are REMS's, and tested against its description."""
    if "/v1/" not in address:
        return [not_a_server_error]
    return [
        not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_schema_conformance,
    ]


def aimed(address: str, drawn: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """The parameters of an address, of things that exist."""
    number = known["permit" if "permits" in address else "number"]
    return {name: number if name == "number" else known[name] for name in drawn}


def subject(address: str) -> str:
    """What an address is about: its first word after the version."""
    return address.removeprefix("/api/").removeprefix("v1/").partition("/")[0]


@pytest.mark.usefixtures("nothing_outside")
@pytest.mark.parametrize("about", sorted({subject(address) for _method, address in OPERATIONS}))
def test_no_request_makes_the_site_fail(
    known: dict[str, Any], about: str, settings: Settings
) -> None:
    settings.ECLUSE_API_REQUESTS_A_MINUTE = 10**9
    routes = [pair for pair in OPERATIONS if subject(pair[1]) == about]

    with one_connection():
        sent = sum(fuzz(known, *route, is_aimed=mode) for route in routes for mode in (True, False))

    assert sent > 0


def fuzz(known: dict[str, Any], method: str, address: str, *, is_aimed: bool) -> int:
    """Send drawn requests to one route, hold every answer to the description; how many."""
    schema = schemathesis.openapi.from_dict(DESCRIPTION)
    schema.app = get_wsgi_application()
    sent: list[int] = []

    @hypothesis_settings(
        max_examples=DRAWS,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema[address][method.upper()].as_strategy())
    def draw(case: Any) -> None:
        if is_aimed:
            case.path_parameters = aimed(address, dict(case.path_parameters or {}), known)
        answer = case.call(headers=known["headers"])
        case.validate_response(answer, checks=checks(address))
        sent.append(answer.status_code)

    draw()
    return len(sent)
