"""A hospital describes a dataset in a real browser, on a telephone: in under ten steps, by pages
that save themselves and say at once what is wrong; and every page of the desk, in both themes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from ecluse.portal.accounts.models import User
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.descriptions import actions
from ecluse.portal.descriptions.models import DescriptionFile
from tests.journeys.browser import Look, Visit, visiting
from tests.unit.portal.descriptions.desk import COMPLETE, NOW, SQL, Desk, at_now, desk

__all__ = ["at_now", "desk"]

pytestmark = pytest.mark.usefixtures("transactional_db", "at_now")

FILE = "/descriptions/JD-2029-00001/"
TELEPHONE = Look(width=390)
LOOKS = (TELEPHONE, Look(theme="dsfr", width=390))
SAVED = "Brouillon enregistré à"


@dataclass
class Journey:
    """One person in front of the site, and the buttons that they pressed to go on."""

    visit: Visit
    url: str
    steps: list[str] = field(default_factory=list)

    @property
    def page(self) -> Page:
        """What the browser shows."""
        return self.visit.page

    def go(self, address: str) -> None:
        """Open an address of the site."""
        self.page.goto(f"{self.url}{address}")

    def press(self, name: str) -> None:
        """Press a button of the page, a step on the way."""
        self.page.get_by_role("main").get_by_role("button", name=name, exact=True).click()
        self.steps.append(name)

    def follow(self, name: str) -> None:
        """Follow a link of the page."""
        self.page.get_by_role("main").get_by_role("link", name=name, exact=True).click()

    def answer(self, page: str) -> None:
        """Answer every question of a page of the description, and go on."""
        given = {name: value for name, value in COMPLETE[page].items() if value}
        self.visit.fill(given)
        self.press("Enregistrer et continuer")


@dataclass(frozen=True)
class Site:
    """This process's site, and the browser that visits it."""

    server: LiveServer
    browser: Browser
    settings: Settings

    def open(self, user: User, look: Look = TELEPHONE) -> Iterator[Journey]:
        """Yield somebody's journey, signed in."""
        self.settings.ECLUSE_THEME = look.theme
        client = Client()
        client.force_login(user)
        name = self.settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": self.server.url}
        with visiting(self.browser, look) as visit:
            visit.page.context.add_cookies([cookie])  # type: ignore[list-item]
            yield Journey(visit, self.server.url)


@pytest.fixture
def site(live_server: LiveServer, browser: Browser, settings: Settings) -> Site:
    """The public site at an address of this machine."""
    settings.ECLUSE_URL = live_server.url
    return Site(live_server, browser, settings)


@pytest.fixture
def anne(site: Site, desk: Desk) -> Iterator[Journey]:
    """Anne, who speaks for the hospital, on her telephone."""
    yield from site.open(desk.anne)


def test_a_dataset_is_described_by_its_holder_in_under_ten_steps(anne: Journey, desk: Desk) -> None:
    anne.go("/descriptions/")
    anne.follow("Décrire un jeu de données")
    anne.page.locator("#id_title").focus()
    anne.page.keyboard.type("Infarctus du CHU d’Exemple")
    anne.page.keyboard.press("Enter")
    anne.steps.append("Commencer")
    anne.page.wait_for_url("**/page/what/")
    for page in ("what", "who", "coverage", "population", "access"):
        anne.answer(page)
    anne.follow("Importer des tables")
    anne.visit.attach({"file": ("schema.sql", SQL, "application/sql")})
    anne.press("Importer")
    anne.answer("data")
    anne.press("Soumettre au hub")
    expect(anne.page.get_by_text("Soumise. Le hub va la relire")).to_be_visible()

    file = DescriptionFile.objects.get()
    assert (file.state, len(file.said().every_variable())) == ("submitted", 3)
    assert len(anne.steps) == 9
    assert anne.visit.complaints == []


def test_a_page_saves_itself_and_says_at_once_what_is_wrong_and_how_to_mend_it(
    anne: Journey, desk: Desk
) -> None:
    desk.started()
    anne.go(f"{FILE}page/population/")
    anne.page.locator("#id_person_count").focus()
    anne.page.keyboard.type("7")
    expect(anne.page.get_by_text(SAVED)).to_be_visible(timeout=15_000)
    wrong = anne.page.locator("#told").get_by_text("Moins de onze personnes")
    expect(wrong).to_be_visible()
    anne.page.keyboard.type("00")
    expect(wrong).not_to_be_visible(timeout=15_000)

    assert DescriptionFile.objects.get().said().person_count == 700
    assert anne.visit.complaints == []


def test_the_hub_validates_and_publishes_and_the_catalogue_shows_it(site: Site, desk: Desk) -> None:
    file = desk.submitted()
    for officer in site.open(desk.preparer):
        officer.go("/descriptions/")
        officer.follow("Infarctus du CHU d’Exemple")
        officer.follow("Valider")
        officer.press("Valider")
        officer.follow("Publier")
        officer.press("Publier")
        officer.follow("La page du catalogue")
        officer.page.wait_for_url(f"**/catalogue/{file.slug}/")

    assert Dataset.objects.described().get().title_fr == "Infarctus du CHU d’Exemple"


def test_the_yearly_check_is_one_click(anne: Journey, desk: Desk) -> None:
    desk.published()
    anne.go(FILE)
    anne.press("Rien n’a changé : confirmer")
    expect(anne.page.get_by_text("prochaine vérification dans un an")).to_be_visible()

    assert len(anne.steps) == 1


def second(desk: Desk) -> DescriptionFile:
    """A second version, which waits for the hub."""
    file = desk.published()
    actions.act(file, "revise", by=desk.anne, now=NOW)
    desk.save(file, "population", {"person_count": "5300"})
    return actions.submit(file, "Chiffres de 2029.", by=desk.anne, now=NOW)


STAGES = {
    "started": Desk.started,
    "written": Desk.written,
    "submitted": Desk.submitted,
    "published": Desk.published,
    "second": second,
}
PLACES = (
    ("started", "anne", "/descriptions/new/"),
    ("started", "anne", f"{FILE}page/what/?checked=1"),
    ("started", "anne", f"{FILE}page/access/"),
    ("written", "anne", f"{FILE}page/data/"),
    ("written", "anne", f"{FILE}tables/"),
    ("written", "anne", f"{FILE}review/"),
    ("started", "anne", f"{FILE}review/"),
    ("submitted", "preparer", "/descriptions/"),
    ("submitted", "preparer", FILE),
    ("submitted", "preparer", f"{FILE}do/ask-changes/"),
    ("published", "anne", "/descriptions/"),
    ("published", "anne", FILE),
    ("second", "preparer", f"{FILE}versions/2/"),
)


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize(("stage", "who", "address"), PLACES, ids=str)
def test_a_page_of_the_desk_can_be_used_by_everyone(
    site: Site, desk: Desk, stage: str, who: str, address: str, look: Look
) -> None:
    STAGES[stage](desk)
    for journey in site.open(getattr(desk, who), look):
        journey.go(address)
        journey.page.wait_for_load_state("networkidle")
        found = (
            journey.visit.violations(),
            journey.visit.complaints,
            journey.visit.overflow(),
        )
        journey.visit.photograph(f"desk-{stage}-{address.strip('/').replace('/', '-')[:40]}")

    assert found == ([], [], 0)
