"""An evaluation in a real browser, on a telephone and by keyboard: its sponsor registers it, the
hub locks it, a deviation is declared; every page in both themes and both languages.
"""

import pytest
from playwright.sync_api import expect

from ecluse.portal.evaluations.models import EvaluationFile
from tests.journeys.browser import Look
from tests.journeys.visitors import LOOKS, Journey, Site, signed_in, site
from tests.unit.domain.evaluations.answered import DATA
from tests.unit.portal.applications.road import at_now, road
from tests.unit.portal.evaluations.evaluating import NUMBER, Evaluating, evaluating

__all__ = ["at_now", "evaluating", "road", "site"]

pytestmark = pytest.mark.usefixtures("transactional_db", "at_now")

FILE = f"/evaluations/{NUMBER}/"
PLACES = (
    (
        "draft",
        "camille",
        (
            "/evaluations/new/",
            f"{FILE}step/protocol/?checked=1",
            f"{FILE}step/model/?checked=1",
            f"{FILE}step/measures/?checked=1",
            f"{FILE}step/subgroups/?checked=1",
            f"{FILE}summary/",
        ),
    ),
    ("registered", "preparer", (FILE, f"{FILE}lock/")),
    ("locked", "camille", (FILE, f"{FILE}deviation/", f"{FILE}report/", f"{FILE}withdraw/")),
    ("public", "camille", ("/evaluations/", FILE, f"{FILE}checklist/")),
)


def judged(journey: Journey, addresses: tuple[str, ...]) -> list[str]:
    """What is wrong with each page, after its address."""
    found: list[str] = []
    for address in addresses:
        journey.go(address)
        journey.page.wait_for_load_state("networkidle")
        found += [f"{address}: {one}" for one in journey.judged()]
    return found


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize(("stage", "who", "addresses"), PLACES, ids=[one[0] for one in PLACES])
def test_the_pages_of_an_evaluation_can_be_used_by_everyone(
    site: Site,
    evaluating: Evaluating,
    stage: str,
    who: str,
    addresses: tuple[str, ...],
    look: Look,
) -> None:
    getattr(evaluating, stage)()
    found: list[str] = []
    for journey in site.open(signed_in(getattr(evaluating.road, who)), look):
        found += judged(journey, addresses)

    assert found == []


def test_a_protocol_is_registered_locked_and_departed_from_by_keyboard(
    site: Site, evaluating: Evaluating
) -> None:
    evaluating.draft()
    for camille in site.open(signed_in(evaluating.road.camille)):
        camille.go(f"{FILE}summary/")
        camille.page.get_by_role("button", name="Déposer la demande").focus()
        camille.page.keyboard.press("Enter")
        expect(camille.page.get_by_text("Protocole enregistré").first).to_be_visible()
    for officer in site.open(signed_in(evaluating.road.preparer)):
        officer.go(FILE)
        officer.follow("Verrouiller le protocole")
        officer.write("dataset", DATA)
        officer.follow("Verrouiller le protocole")
        expect(officer.page.get_by_text("La zone sécurisée en est avertie")).to_be_visible()
    for camille in site.open(signed_in(evaluating.road.camille)):
        camille.go(f"{FILE}deviation/")
        camille.write("part", "missing_data.handling")
        camille.write("planned", "Acceptée")
        camille.write("done", "Cas exclus")
        camille.write("reason", "Champ non livré")
        camille.choose("timing_1")
        camille.page.locator("#id_noticed_on").fill("2026-01-05")
        camille.follow("Déclarer un écart au protocole")
        expect(camille.page.get_by_text("le rapport le dira")).to_be_visible()

    made = EvaluationFile.objects.get()
    assert (made.state, made.deviations.count()) == ("locked", 1)
