"""A finding in a real browser, on a telephone and by keyboard: a project reports it, the hub sends
it, the hospital tells what it did, a citizen prefers not to know; every page in both themes.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.findings.models import FindingFile, Wish
from ecluse.trust.pseudonyms.national_numbers import synthetic_national_number
from tests.citizens import ThirdParty, jeanne, state, third_party
from tests.citizens import Visit as CitizenVisit
from tests.journeys.browser import Look
from tests.journeys.visitors import LOOKS, Site, signed_in, site
from tests.unit.portal.applications.road import at_now, road
from tests.unit.portal.findings.reporting import REASONS, REPORT, Reporting, reporting

__all__ = ["at_now", "jeanne", "reporting", "road", "site", "state", "third_party"]

pytestmark = pytest.mark.usefixtures("transactional_db", "at_now")

FILE, WISH = "/findings/CS-2026-00001/", "/findings/wish/"


def test_a_finding_goes_from_the_project_to_the_zone_by_keyboard_on_a_telephone(
    site: Site, reporting: Reporting
) -> None:
    for camille in site.open(signed_in(reporting.road.camille)):
        camille.go("/findings/")
        camille.follow(f"Signaler sous {reporting.permit.number}")
        camille.page.wait_for_url("**/write/")
        for name in ("what", "relevance", "action", "basis"):
            camille.write(name, getattr(REPORT, name))
        camille.choose("certainty_2")
        camille.follow("Enregistrer")
        camille.follow("Signaler au hub")
        camille.follow("Signaler au hub")
        expect(camille.page.get_by_text("Constatation signalée")).to_be_visible()
    for officer in site.open(signed_in(reporting.road.assessor)):
        officer.go(f"{FILE}do/qualify/")
        for control in ("is_relevant_0", "is_actionable_0", "certainty_2"):
            officer.choose(control)
        officer.write("reason", REASONS)
        officer.follow("Retenir comme significative")
        officer.follow("Transmettre aux détenteurs")
        officer.choose("recipients_0")
        officer.follow("Transmettre aux détenteurs")
        expect(officer.page.get_by_text("Constatation transmise")).to_be_visible()

    assert FindingFile.objects.get().state == "searching"


def test_jeanne_prefers_not_to_know_then_changes_her_mind_by_keyboard(
    site: Site, reporting: Reporting, jeanne: CitizenVisit
) -> None:
    jeanne.enter(synthetic_national_number(1))
    found: list[str] = []
    for citizen in site.open(jeanne.client):
        citizen.go("/citizens/")
        citizen.follow("Préférer ne pas être informé d’une constatation sur ma santé")
        citizen.page.wait_for_url(f"**{WISH}")
        found += citizen.judged()
        citizen.follow("Préférer ne pas être informé")
        expect(citizen.page.get_by_text("est enregistré.")).to_be_visible()
        found += citizen.judged()
        citizen.follow("Revenir à ce choix")
        citizen.follow("Être informé de nouveau")
        expect(citizen.page.get_by_text("Vous serez de nouveau informé.")).to_be_visible()

    assert found == []
    assert Wish.objects.believed().get().until is not None


PLACES = (
    ("draft", "camille", "/findings/"),
    ("draft", "camille", f"{FILE}write/"),
    ("draft", "camille", FILE),
    ("reported", "assessor", FILE),
    ("reported", "assessor", f"{FILE}do/qualify/"),
    ("refused", "assessor", f"{FILE}do/send-finding/"),
    ("asked", "camille", FILE),
    ("answered", "anne", FILE),
    ("answered", "anne", f"{FILE}outcome/{{pk}}/"),
    ("done", "assessor", FILE),
)


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize(("stage", "who", "address"), PLACES, ids=str)
def test_a_page_of_a_finding_can_be_used_by_everyone(
    site: Site, reporting: Reporting, stage: str, who: str, address: str, look: Look
) -> None:
    row = getattr(reporting, stage)().recipients.first()
    person = getattr(reporting, who, None) or getattr(reporting.road, who)
    for journey in site.open(signed_in(person), look):
        journey.go(address.format(pk=row.pk if row else 0))
        journey.page.wait_for_load_state("networkidle")
        found = journey.judged()
        journey.visit.photograph(f"finding-{stage}-{address.strip('/').replace('/', '-')[:40]}")

    assert found == []


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_page_of_the_wish_can_be_used_by_everyone(
    site: Site, jeanne: CitizenVisit, look: Look
) -> None:
    jeanne.enter(synthetic_national_number(1))
    receipt = jeanne.client.post(f"{WISH}make/")["Location"]
    found: list[str] = []
    for journey in site.open(jeanne.client, look):
        journey.go(WISH)
        found += journey.judged()
        journey.go(receipt)
        found += journey.judged()

    assert found == []


FOR_A_CHILD = {"capacity": "child", "number": synthetic_national_number(2), "choice": "out"}
BY_POST = FOR_A_CHILD | {
    "capacity": "self",
    "channel": "post",
    "kind": "identity-document",
    "reference": "courrier 2026-0412",
}


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_pages_of_a_wish_for_a_child_can_be_used_by_everyone(
    site: Site, jeanne: CitizenVisit, third_party: ThirdParty, look: Look
) -> None:
    third_party.know("self", synthetic_national_number(1))
    third_party.know("child", synthetic_national_number(2))
    jeanne.enter(synthetic_national_number(1))
    receipt = jeanne.client.post(f"{WISH}others/", FOR_A_CHILD)["Location"]
    found: list[str] = []
    for journey in site.open(jeanne.client, look):
        for address in (f"{WISH}others/", receipt, WISH):
            journey.go(address)
            found += journey.judged()

    assert found == []


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_pages_of_a_wish_at_the_desk_can_be_used_by_everyone(
    site: Site, account: Callable[..., User], look: Look
) -> None:
    desk = signed_in(account(Role.OPT_OUT_DESK))
    receipt = desk.post(f"{WISH}desk/", BY_POST)["Location"]
    found: list[str] = []
    for journey in site.open(desk, look):
        for address in (f"{WISH}desk/", receipt):
            journey.go(address)
            found += journey.judged()

    assert found == []
