"""Finding data on diabetes on a telephone, by keyboard alone: a word with a mistake, why each
result, two of them compared, a basket that survives the sign-in, an application begun with them.

Served by the site of this process, on six made-up descriptions of the relevance set.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from ecluse.domain.documents import Signer
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.catalogue.actions import publish
from ecluse.portal.mailbox.actions import receive
from ecluse.portal.search.indexing import refresh
from tests.journeys.browser import Look, Visit
from tests.sites import PASSWORD, Signers
from tests.spec.search.corpus import description_of, rows
from tests.unit.portal.build import NOTICE

pytestmark = pytest.mark.usefixtures("transactional_db")
FEW = ("entred", "glucose-capteurs", "reunion-diabete", "eds-lille", "epipage", "snds")
SURVEY = "Enquête auprès de personnes diabétiques"
ISLAND = "Cohorte réunionnaise"
SLOW_MS = 60_000
NARROW = (Look(width=390), Look(theme="dsfr", width=390))


@pytest.fixture
def catalogue(signers: Signers, live_server: LiveServer, settings: Settings) -> str:
    """The address of a site with six datasets, of which the survey of diabetics is loaded."""
    settings.ECLUSE_URL = live_server.url
    now = timezone.now()
    known = {row["slug"]: row for row in rows("corpus.tsv")}
    for slug in FEW:
        publish(slug, description_of(known[slug]), by="holder", now=now - timedelta(minutes=1))
    notice = replace(NOTICE, dataset="entred")
    receive(signers.sign(notice, issuer=Signer.AGENT, now=now), now=now)
    refresh(now=now)
    return live_server.url


@pytest.fixture
def camille(account: Callable[..., User]) -> User:
    """A data user."""
    return account(Role.DATA_USER, email="camille@lab.example")


def press(element: Locator, key: str) -> None:
    """Come to an element without a mouse, and press a key on it."""
    element.focus()
    element.press(key)


def judged(visitor: Visit) -> tuple[list[str], int]:
    """What accessibility finds broken on the page, and by how much it is too wide."""
    return visitor.violations(), visitor.overflow()


def result(page: Page, title: str) -> Locator:
    return page.get_by_role("article").filter(has_text=title)


def search(visitor: Visit, site: str) -> None:
    """Type a word with a mistake, and read why the survey was found."""
    page = visitor.page
    page.goto(f"{site}/catalogue/")
    page.get_by_label("Rechercher un jeu de données").focus()
    page.keyboard.type("diabtete")
    page.keyboard.press("Enter")
    expect(page.get_by_text("« diabtete » n’est écrit nulle part")).to_be_visible()
    press(result(page, SURVEY).get_by_text("Pourquoi ce résultat"), "Enter")
    expect(result(page, SURVEY).get_by_text("le titre")).to_be_visible()
    visitor.picture(f"41-find-{visitor.look.theme}")


def compare(visitor: Visit) -> None:
    """Tick two results, and see them side by side."""
    page = visitor.page
    press(result(page, SURVEY).get_by_role("checkbox"), "Space")
    press(result(page, ISLAND).get_by_role("checkbox"), "Space")
    press(page.get_by_role("button", name="Comparer ceux qui sont cochés"), "Enter")
    expect(page.get_by_role("heading", name="Comparer des jeux de données")).to_be_visible()
    expect(page.get_by_role("row", name="Années")).to_contain_text("1999")
    visitor.picture(f"42-compare-{visitor.look.theme}")


def sign_in(page: Page, user: User) -> None:
    """Sign in from the page of the comparison, and come back to it."""
    press(page.get_by_role("link", name="Se connecter pour les demander"), "Enter")
    page.locator("#id_email").focus()
    page.keyboard.type(user.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


def in_basket(page: Page, slug: str) -> Locator:
    return page.get_by_role("main").get_by_role("link", name=slug, exact=True)


@pytest.mark.parametrize("look", NARROW, ids=str)
def test_from_a_word_with_a_mistake_to_an_application(
    catalogue: str,
    camille: User,
    settings: Settings,
    visit: Callable[[Look], Visit],
    look: Look,
) -> None:
    settings.ECLUSE_THEME = look.theme
    visitor = visit(look)
    page = visitor.page
    page.set_default_timeout(SLOW_MS)

    search(visitor, catalogue)
    assert judged(visitor) == ([], 0)

    compare(visitor)
    assert judged(visitor) == ([], 0)

    sign_in(page, camille)
    press(page.get_by_role("button", name="Mettre dans mon panier"), "Enter")
    expect(in_basket(page, "entred")).to_be_visible()
    expect(in_basket(page, "reunion-diabete")).to_be_visible()
    assert judged(visitor) == ([], 0)

    press(in_basket(page, "entred"), "Enter")
    press(page.get_by_role("link", name="Demander l’accès à ces données"), "Enter")
    press(page.get_by_role("button", name="Ouvrir un brouillon"), "Enter")
    expect(page.get_by_text("Brouillon ouvert")).to_be_visible()
    visitor.picture(f"43-application-begun-{look.theme}")
    page.goto(page.url.partition("/step/")[0] + "/")
    expect(page.get_by_role("main")).to_contain_text(SURVEY)
    expect(page.get_by_role("main")).to_contain_text(ISLAND)
