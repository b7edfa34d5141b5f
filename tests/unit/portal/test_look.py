"""The frame of every page: one theme a request, both with the same components."""

import re

import pytest
from django.template import engines
from django.test import RequestFactory
from jinja2 import UndefinedError

from ecluse.cli.preparation import DEMO_ACCOUNTS
from ecluse.portal.site import jinja, staticfiles, theme, tour
from ecluse.portal.site.settings import both

MACRO = r"{%-? macro (\w+)\((.*?)\) -?%}"


def macros(name: str) -> dict[str, str]:
    """The components of a theme, its own and those that both share, with their arguments."""
    source = (theme.FOLDER / name / "components.html").read_text(encoding="utf-8")
    shared = (theme.FOLDER.parent / "jinja2/site/alike.html").read_text(encoding="utf-8")
    taken = re.findall(r"{% set (\w+) = alike\.\1 %}", source)
    return dict(re.findall(MACRO, source)) | {
        macro: arguments for macro, arguments in re.findall(MACRO, shared) if macro in taken
    }


CONTRACT = {
    "alert", "badge", "bars", "button", "button_form", "card", "code", "definition", "digest",
    "document", "empty", "error_summary", "form", "form_fields", "grid", "live", "page_title",
    "pagination", "section", "stepper", "table", "tag_list", "timeline",
}  # fmt: skip


def test_both_themes_give_the_components_of_the_contract_with_the_same_arguments() -> None:
    neutral = {name: macros("neutral")[name] for name in CONTRACT}
    state = {name: macros("dsfr")[name] for name in CONTRACT}

    assert neutral == state


def test_no_class_of_the_state_design_system_is_found_outside_its_theme() -> None:
    portal = theme.FOLDER.parent.parent
    pages = [path for path in portal.rglob("*.html") if theme.FOLDER / "dsfr" not in path.parents]
    strangers = [str(path) for path in pages if re.search(r"\bfr-[a-z]", path.read_text("utf-8"))]

    assert strangers == []


def test_no_page_holds_a_style_or_a_script_of_its_own() -> None:
    pages = list(theme.FOLDER.parent.parent.rglob("*.html"))
    forbidden = re.compile(r"<style|\bstyle=|<script(?![^>]*\bsrc=)|\bon(click|change|load)=")
    strangers = [str(path) for path in pages if forbidden.search(path.read_text("utf-8"))]

    assert strangers == []


def test_a_page_is_drawn_with_the_theme_of_its_request() -> None:
    page = engines["jinja2"].from_string('{% import "components.html" as ui %}{{ ui.badge("a") }}')
    theme.activate("dsfr")
    state = page.render()
    theme.activate(None)
    neutral = page.render()

    assert "fr-badge" in state
    assert "badge badge-neutral" in neutral


def test_an_unknown_theme_is_the_theme_of_the_site() -> None:
    theme.activate("../../etc")

    assert theme.active() == "neutral"


def test_a_page_with_a_hole_in_it_is_never_shown() -> None:
    page = engines["jinja2"].from_string("{{ forgotten }}")

    with pytest.raises(UndefinedError):
        page.render()


def test_texts_are_escaped_by_the_components() -> None:
    page = engines["jinja2"].from_string(
        '{% import "components.html" as ui %}{{ ui.card(text, href="/", text=text, meta=text) }}'
        "{{ ui.table(text, [text], [[text]]) }}{{ ui.alert('info', text, text) }}"
    )
    drawn = page.render({"text": "<b>"}, RequestFactory().get("/"))

    assert "<b>" not in drawn


def test_long_lists_link_to_the_ends_and_the_neighbours() -> None:
    assert jinja.page_numbers(7, 20) == [1, None, 6, 7, 8, None, 20]


def test_a_digest_is_shortened_to_twelve_digits() -> None:
    assert jinja.short_digest("sha256:" + "0123456789abcdef" * 4) == "sha256:0123456789ab…"


def test_the_state_design_system_is_served_without_its_thousand_other_files() -> None:
    finder = staticfiles.StateDesignFinder()
    found = finder.find("dsfr/dist/fonts/Marianne-Regular.woff2")

    assert finder.__class__.__name__ in both.STATICFILES_FINDERS[-1]
    assert str(found).endswith("Marianne-Regular.woff2")
    assert finder.find("dsfr/dist/analytics/analytics.module.min.js") == []
    assert len(finder.names()) < 150


def test_the_people_of_the_tour_are_the_accounts_of_the_demonstration() -> None:
    told = {(site, one.email, one.name) for one in tour.ACCOUNTS for site in one.sites}
    created = {(one.site.value, one.email, one.full_name) for one in DEMO_ACCOUNTS}

    assert told == created
