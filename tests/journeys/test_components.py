"""Every component, in both themes: accessible, quiet under the strict policy, never too wide."""

from collections.abc import Callable
from itertools import product

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import Look, Visit

THEMES = ("neutral", "dsfr")
LOOKS = [
    Look(theme=theme, lang=lang, width=width, scheme=scheme)
    for theme, lang, width, scheme in product(THEMES, ("fr", "en"), (390, 1280), ("light", "dark"))
]
PAGES = {
    "salle": "/?site=checking",
    "plan": "/plan/?",
    "accessibilite": "/accessibilite/?",
    "mentions": "/mentions-legales/?",
    "donnees": "/donnees-personnelles/?",
    "erreur": "/erreur/?",
}


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_component_can_be_used_by_everyone(
    gallery: str, visit: Callable[[Look], Visit], look: Look
) -> None:
    visitor = visit(look)
    visitor.page.goto(f"{gallery}/composants/?user=1&theme={look.theme}&lang={look.lang}")
    visitor.page.get_by_text("Vérification terminée.").wait_for()
    visitor.photograph("composants")

    assert visitor.violations() == []
    assert visitor.overflow() <= 0


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_home_page_can_be_used_by_everyone(
    gallery: str, visit: Callable[[Look], Visit], look: Look
) -> None:
    visitor = visit(look)
    visitor.page.goto(f"{gallery}/?site=public&theme={look.theme}&lang={look.lang}")
    visitor.photograph("accueil")

    assert visitor.violations() == []
    assert visitor.overflow() <= 0


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", PAGES)
def test_every_other_page_of_the_site_can_be_used_by_everyone(
    gallery: str, visit: Callable[[Look], Visit], theme: str, name: str
) -> None:
    visitor = visit(Look(theme=theme, width=390))
    visitor.page.goto(f"{gallery}{PAGES[name]}&theme={theme}")
    visitor.photograph(name)

    assert visitor.violations() == []
    assert visitor.overflow() <= 0


@pytest.mark.parametrize("theme", THEMES)
def test_the_first_key_pressed_offers_to_skip_to_the_content(
    gallery: str, visit: Callable[[Look], Visit], theme: str
) -> None:
    page = visit(Look(theme=theme)).page
    page.goto(f"{gallery}/composants/?theme={theme}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("theme", THEMES)
def test_an_error_of_the_summary_leads_to_its_field(
    gallery: str, visit: Callable[[Look], Visit], theme: str
) -> None:
    page = visit(Look(theme=theme)).page
    page.goto(f"{gallery}/composants/?theme={theme}")
    page.get_by_role("alert").get_by_role("link", name="Catégorie : Ce champ").click()

    expect(page.locator("#id_refused_category_0")).to_be_focused()


@pytest.mark.parametrize("theme", THEMES)
def test_a_part_that_follows_a_job_is_read_again_until_it_is_paused(
    gallery: str, visit: Callable[[Look], Visit], theme: str
) -> None:
    page = visit(Look(theme=theme)).page
    page.clock.install()
    page.goto(f"{gallery}/composants/?theme={theme}")
    page.clock.run_for(61_000)
    reading = page.get_by_text("Relevé n°")
    expect(reading).to_be_visible()
    page.get_by_role("button", name="Suspendre la mise à jour").last.click()
    last = reading.inner_text()
    page.clock.run_for(600_000)

    expect(reading).to_have_text(last)


def test_the_menu_opens_on_a_narrow_screen_in_the_state_theme(
    gallery: str, visit: Callable[[Look], Visit]
) -> None:
    visitor = visit(Look(theme="dsfr", width=390))
    visitor.page.goto(f"{gallery}/?site=public&theme=dsfr")
    visitor.page.get_by_role("button", name="Menu").click()
    visitor.page.get_by_role("dialog").get_by_role("link", name="Catalogue").wait_for()

    assert visitor.violations() == []
