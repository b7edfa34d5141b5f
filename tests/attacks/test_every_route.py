"""Every address of both sites, found in the sites themselves: a new page cannot be forgotten."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver

from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.site import urls_everything
from tests.sites import Signers

VALUES = {
    "str": "FR-2026-0001",
    "slug": "snds-synthetic",
    "int": "1",
    "uuid": "11111111-1111-4111-8111-111111111111",
}
"""What stands in an address for each kind of parameter."""

PROGRAMS = (
    "/mailbox/",
    "/api/",
    "/workspaces/proposals/",
    "/workspaces/report",
    "/ingest/",
    "/catalogue/sparql",
    "/opinions/",
)
"""What answers programs, which have tokens and no session, and whoever holds the link of an
opinion: see test_mailbox, test_api, the tests of the catalogue and of assessments."""

OPEN = frozenset(
    {
        "/",
        "/accessibility/",
        "/accounts/sign-in/",
        "/aisystems/",
        "/aisystems/FR-2026-0001/",
        "/aisystems/FR-2026-0001/system.json",
        "/aisystems/schema.json",
        "/aisystems/surveys/",
        "/aisystems/systems.csv",
        "/aisystems/systems.json",
        "/aisystems/systems.jsonld",
        "/boards/",
        "/boards/FR-2026-0001/",
        "/boards/FR-2026-0001/board.json",
        "/catalogue/",
        "/catalogue/catalogue.snds-synthetic",
        "/catalogue/feed.atom",
        "/catalogue/series/",
        "/catalogue/series/snds-synthetic.json",
        "/catalogue/series/snds-synthetic.snds-synthetic",
        "/catalogue/series/snds-synthetic/",
        "/catalogue/services/",
        "/catalogue/services/snds-synthetic.json",
        "/catalogue/services/snds-synthetic.snds-synthetic",
        "/catalogue/services/snds-synthetic/",
        "/catalogue/snds-synthetic.json",
        "/catalogue/snds-synthetic.snds-synthetic",
        "/catalogue/snds-synthetic/",
        "/catalogue/snds-synthetic/report/",
        "/check/",
        "/check/FR-2026-0001/",
        "/citizens/check/",
        "/citizens/explained/",
        "/check/seal.pem",
        "/evaluations/",
        "/evaluations/FR-2026-0001/",
        "/evaluations/FR-2026-0001/checklist/",
        "/evaluations/FR-2026-0001/deviations.json",
        "/evaluations/FR-2026-0001/lock.json",
        "/evaluations/FR-2026-0001/protocol.json",
        "/evaluations/FR-2026-0001/report.json",
        "/fees/",
        "/fees/tariffs/FR-2026-0001.json",
        "/fees/tariffs/FR-2026-0001/",
        "/health",
        "/health/live",
        "/holders/",
        "/identities/left/",
        "/journal/check/",
        "/journal/checkpoint",
        "/journal/proofs/1",
        "/journal/verify.py",
        "/keys.json",
        "/label/",
        "/label/1.svg",
        "/label/1/",
        "/language/snds-synthetic/",
        "/legal/",
        "/map/",
        "/optouts/",
        "/drills/",
        "/drills/FR-2026-0001/",
        "/drills/FR-2026-0001/report.json",
        "/posture/",
        "/privacy/",
        "/register/",
        "/register/FR-2026-0001/",
        "/register/FR-2026-0001/decision.json",
        "/register/feed.atom",
        "/register/register.csv",
        "/register/register.json",
        "/register/register.jsonld",
        "/register/report/",
        "/register/report/report.csv",
        "/register/report/report.json",
        "/schemas/FR-2026-0001",
        "/search/compare/",
        "/search/variables/",
        "/theme/snds-synthetic/",
    }
)
"""What nobody needs an account for."""


def addresses(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    """Every address below `before`, with a value for each parameter."""
    for one in patterns:
        address = before + re.sub(r"<(\w+):\w+>", lambda found: VALUES[found[1]], str(one.pattern))
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, address)
        else:
            yield address


PAGES = sorted(a for a in addresses(urls_everything.urlpatterns) if not a.startswith(PROGRAMS))
ABSENT = ("/identities/return/", "/identities/start/")
"""What is not there where no provider of identities is named."""
RESERVED = [address for address in PAGES if address not in OPEN and address not in ABSENT]


def test_the_list_is_that_of_the_sites() -> None:
    assert set(PAGES) > OPEN
    assert {"/permits/FR-2026-0001/permit.json", "/outputs/FR-2026-0001/"} < set(RESERVED)


@pytest.mark.parametrize("address", RESERVED)
def test_a_visitor_reads_nothing_that_is_not_open(
    signers: Signers, client: Client, address: str
) -> None:
    answer = client.get(address)

    where = answer.get("Location", "").partition("?")[0]
    assert (answer.status_code, where) in {(302, "/accounts/sign-in/"), (405, "")}


@pytest.mark.parametrize("address", ABSENT)
def test_a_sign_in_that_is_not_set_up_is_not_there(
    signers: Signers, client: Client, address: str
) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", RESERVED)
def test_nothing_private_is_kept_by_a_browser_or_a_proxy(
    signers: Signers, client: Client, address: str
) -> None:
    assert client.get(address)["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("address", PAGES)
def test_a_form_of_another_site_changes_nothing(account: Callable[..., User], address: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(account(Role.CITIZEN))

    answer = strict.post(address, {"number": "1850599000042", "decision": "approve"})

    assert (answer.status_code, "expiré" in answer.content.decode()) == (403, True)


@pytest.mark.parametrize("address", PAGES)
def test_no_page_may_be_framed_or_run_a_foreign_script(
    signers: Signers, client: Client, address: str
) -> None:
    answer = client.get(address)

    policy = answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
