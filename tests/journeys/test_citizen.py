"""A person exercises a right on a telephone, by keyboard alone, in few steps; axe finds nothing."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from ecluse.cli.road import JEANNE
from ecluse.cli.serve import Site
from ecluse.trust.pseudonyms.national_numbers import synthetic_national_number
from tests.journeys.browser import Look, Visit
from tests.journeys.demonstration import Demonstration

NUMBER = synthetic_national_number(4242)
NADIA = "nadia.benali@hub.example"
LETTER = {
    "channel": "post",
    "capacity": "self",
    "number": synthetic_national_number(4243),
    "basis": "ehds-71",
    "choice": "out",
    "kind": "identity-document",
    "reference": "courrier 2026-0412",
}
"""What the desk types of a refusal that came by post."""
TWO_MINUTES = 120
STEPS = 2
"""Pages with something to do between the sign-in and the receipt: the number, the choice."""
SECONDS_A_STEP = 40
"""What somebody who reads each page and types slowly takes, at most."""


def follow(page: Page, name: str) -> None:
    """Go through the page with the Tab key until this link or button, then press Enter."""
    wanted = page.get_by_role("main").get_by_text(name, exact=True)
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("Enter")


def judged(visit: Visit) -> list[str]:
    """What is wrong with a page: broken rules, or wider than a telephone."""
    return [*visit.violations(), *(["too wide"] if visit.overflow() > 0 else [])]


def test_jeanne_refuses_then_accepts_again_by_keyboard_on_a_telephone(
    demo: Demonstration, visit: Callable[[Look], Visit]
) -> None:
    jeanne = visit(Look(width=390))
    page = jeanne.page
    jeanne.sign_in(demo.url(Site.PUBLIC), JEANNE[1], demo.password)
    page.goto(f"{demo.url(Site.PUBLIC)}/optouts/")
    found = judged(jeanne)
    follow(page, "Exercer mes droits")
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre numéro de sécurité sociale")
    found += judged(jeanne)
    page.get_by_label("Numéro de sécurité sociale").focus()
    page.keyboard.type(NUMBER)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes droits")
    found += judged(jeanne)
    follow(page, "Refuser toute réutilisation")
    expect(page.get_by_text("Le refus est enregistré.")).to_be_visible()
    jeanne.picture("20-receipt")
    found += judged(jeanne)
    follow(page, "Revenir à mes droits")
    follow(page, "Accepter de nouveau la réutilisation")

    expect(page.get_by_text("Le refus est levé.")).to_be_visible()
    assert found == []
    assert STEPS * SECONDS_A_STEP < TWO_MINUTES


def test_every_page_of_rights_is_accessible_in_both_looks_and_languages(
    demo: Demonstration, visit: Callable[[Look], Visit]
) -> None:
    looks = (Look(), Look(theme="dsfr", lang="en"))
    visits = [visit(look) for look in looks]
    site = demo.url(Site.PUBLIC)
    found = []
    for one in visits:
        one.sign_in(site, JEANNE[1], demo.password)
        one.choose_look(site)
        one.page.set_viewport_size({"width": 390, "height": 844})
        one.page.goto(f"{site}/identities/number/?next=/citizens/")
        one.page.locator("#id_number").fill(NUMBER)
        one.page.keyboard.press("Enter")
        one.page.locator("#historique").wait_for()
        for address in ("", "others/", "data/", "explained/", "check/"):
            one.page.goto(f"{site}/citizens/{address}")
            found += [f"{one.look} {address}: {what}" for what in judged(one)]

    assert found == []


def requested(jeanne: Visit, site: str) -> tuple[str, list[str]]:
    """Write and lodge a request for access: its number, and what is wrong with its form."""
    page = jeanne.page
    page.goto(f"{site}/identities/number/?next=/citizens/")
    page.locator("#id_number").fill(NUMBER)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Écrire une demande").click()
    jeanne.fill({"right": "access", "words": "De 2020 à 2024."})
    found = judged(jeanne)
    number = page.url.rstrip("/").split("/")[-2]
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    page.goto(f"{site}/lives/files/{number}/lodge/")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    return number, found


def test_the_desk_and_requests_on_ones_data_are_accessible_and_the_zone_answers(
    demo: Demonstration, visit: Callable[[Look], Visit]
) -> None:
    site = demo.url(Site.PUBLIC)
    jeanne, desk = visit(Look(width=390)), visit(Look(theme="dsfr", width=390))
    jeanne.sign_in(site, JEANNE[1], demo.password)
    desk.sign_in(site, NADIA, demo.password)
    desk.choose_look(site)
    number, found = requested(jeanne, site)
    jeanne.page.goto(f"{site}/citizens/data/")
    jeanne.page.get_by_role("button", name="Poser la question").click()
    told = jeanne.page.get_by_text("La zone sécurisée cherche")
    expect(told).to_have_count(0, timeout=60_000)
    found += judged(jeanne)
    for address in (
        *(f"/citizens/requesters/{number}/", f"/lives/files/{number}/"),
        *(f"/lives/files/{number}/answer/", "/citizens/desk/"),
    ):
        desk.page.goto(f"{site}{address}")
        found += [f"{address}: {what}" for what in judged(desk)]
    desk.fill(LETTER)
    desk.page.locator("main form button[type=submit]").first.click()
    expect(desk.page.get_by_text("courrier 2026-0412")).to_be_visible()
    found += judged(desk)

    assert found == []
