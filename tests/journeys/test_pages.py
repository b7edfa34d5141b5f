"""Every page of both sites: accessible, quiet under its policy, never too wide, in one language."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, StorageState, expect

from ecluse.cli.road import JEANNE
from ecluse.cli.serve import Site
from ecluse.portal.site.translations import stored
from ecluse.trust.pseudonyms.national_numbers import synthetic_national_number
from tests.journeys import places
from tests.journeys.browser import Look, Visit, visiting
from tests.journeys.demonstration import Demonstration, Walk
from tests.journeys.places import NOBODY, NOT_VISITED, OTHER_LOOKS, PLACES, Place

DESK = Look()
ENGLISH = Look(lang="en", width=390)
IN_TURN = [
    pytest.param(place, OTHER_LOOKS[index % len(OTHER_LOOKS)], id=f"{place}-{index}")
    for index, place in enumerate(PLACES[::2])
]
LONG_ENOUGH = 12
"""Shorter texts may be English words too."""

Open = Callable[[Place, Look], Visit]


@pytest.fixture(scope="module")
def numbers(demo: Demonstration, walk: Walk) -> Mapping[str, str]:
    """The numbers of files at every stage of the road."""
    return places.numbers(demo, walk)


@pytest.fixture(scope="module")
def open_place(browser: Browser, demo: Demonstration, numbers: Mapping[str, str]) -> Iterator[Open]:
    """A function that opens a page as its visitor sees it: each signs in once for all looks."""
    states: dict[tuple[Site, str], StorageState] = {}
    visits: dict[tuple[Site, str, Look], Visit] = {}
    with ExitStack() as open_visits:

        def state_of(place: Place) -> StorageState | None:
            if place.who == NOBODY:
                return None
            key = (place.site, place.who[1])
            if key not in states:
                with visiting(browser, DESK) as visitor:
                    visitor.sign_in(demo.url(place.site), place.who[1], demo.password)
                    states[key] = visitor.page.context.storage_state()
            return states[key]

        def visit(place: Place, look: Look) -> Visit:
            key = (place.site, place.who[1], look)
            if key not in visits:
                made = visiting(browser, look, state=state_of(place))
                visits[key] = open_visits.enter_context(made)
                visits[key].choose_look(demo.url(place.site))
            return visits[key]

        def open_one(place: Place, look: Look) -> Visit:
            visitor = visit(place, look)
            visitor.complaints.clear()
            address = f"{demo.url(place.site)}{place.address.format_map(numbers)}"
            answer = visitor.page.goto(address)
            assert answer is not None
            assert answer.status == place.status
            return visitor

        yield open_one


@pytest.mark.parametrize("site", Site)
def test_every_address_is_visited_or_has_its_reason(site: Site) -> None:
    visited = {place.name for place in PLACES if place.site is site}

    assert places.address_names(site) - visited - NOT_VISITED.keys() == set()


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_the_page_can_be_used_by_everyone(open_place: Open, place: Place) -> None:
    visitor = open_place(place, DESK)

    assert visitor.violations() == []
    assert visitor.complaints == []
    assert visitor.overflow() <= 0


@pytest.mark.parametrize(("place", "look"), IN_TURN)
def test_the_page_can_be_used_in_another_look(open_place: Open, place: Place, look: Look) -> None:
    visitor = open_place(place, look)

    assert visitor.violations() == []
    assert visitor.complaints == []
    assert visitor.overflow() <= 0


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_the_english_page_holds_no_french_and_fits_a_telephone(
    open_place: Open, french: frozenset[str], place: Place
) -> None:
    visitor = open_place(place, ENGLISH)
    words = visitor.words() + visitor.page.title()

    assert [text for text in french if text in words] == []
    assert visitor.overflow() <= 0


@pytest.fixture(scope="module")
def french() -> frozenset[str]:
    """Every French text of the pages that reads otherwise in English, in pieces without holes."""
    return frozenset(
        piece.strip()
        for message in stored()
        if message.id and message.string
        for piece in _pieces(message.id)
        if len(piece.strip()) >= LONG_ENOUGH and piece.strip() not in str(message.string)
    )


def _pieces(text: object) -> list[str]:
    texts = text if isinstance(text, list | tuple) else [text]
    return [piece for one in texts for piece in places.HOLES.split(str(one))]


def test_jeanne_opts_out_and_keeps_a_receipt_that_says_nothing_of_her(
    demo: Demonstration, visit: Callable[[Look], Visit]
) -> None:
    jeanne = visit(DESK)
    jeanne.sign_in(demo.url(Site.PUBLIC), JEANNE[1], demo.password)
    jeanne.page.get_by_role("link", name="Vos droits", exact=True).click()
    jeanne.page.get_by_role("link", name="Exercer mes droits").click()
    number = synthetic_national_number(7)
    jeanne.fill({"number": number})
    jeanne.page.get_by_role("button", name="Continuer").click()
    jeanne.page.get_by_role("button", name="Refuser toute réutilisation").click()

    expect(jeanne.page.get_by_text("Le refus est enregistré.")).to_be_visible()
    jeanne.picture("01-opt-out")
    assert number not in jeanne.page.content()
    assert jeanne.violations() == []


@pytest.mark.parametrize(
    ("look", "address", "name"),
    [
        (Look(), "/", "00-home"),
        (Look(theme="dsfr"), "/", "20-home-dsfr"),
        (Look(theme="dsfr"), "/catalogue/snds-synthetic/", "21-dataset-dsfr"),
        (Look(theme="dsfr"), "/register/", "22-register-dsfr"),
        (Look(lang="en"), "/", "23-home-en"),
        (Look(lang="en"), "/catalogue/snds-synthetic/", "24-dataset-en"),
    ],
    ids=str,
)
def test_anyone_may_choose_the_look_and_the_language_of_the_demonstration(
    demo: Demonstration, visit: Callable[[Look], Visit], look: Look, address: str, name: str
) -> None:
    anyone = visit(look)
    anyone.choose_look(demo.url(Site.PUBLIC))
    anyone.page.goto(f"{demo.url(Site.PUBLIC)}{address}")
    anyone.picture(name)

    expect(anyone.page.locator("html")).to_have_attribute("lang", look.lang)
    expect(anyone.page.locator(f'link[href*="themes/{look.theme}/"]').first).to_be_attached()
