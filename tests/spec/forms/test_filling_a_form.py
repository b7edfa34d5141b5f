"""Every form that we ship is rendered, filled in its pages, and judged."""

import pytest
from django.test import Client

from ecluse.domain.answers import problems
from ecluse.domain.forms import FormVersion
from ecluse.portal.applications import actions, drafts, versions
from ecluse.portal.applications.models import Application
from tests.spec.forms.filling import typed
from tests.unit.portal.applications.road import NOW, Road

pytestmark = pytest.mark.usefixtures("at_now")

NUMBER = "2026-00001"
PLAN = {"name": "plan.pdf", "type": "pdf", "size": 900, "digest": "sha256:" + "a" * 64}


@pytest.fixture
def client_at(road: Road, client: Client) -> Client:
    """Camille's browser, a draft just opened."""
    actions.start(road.dataset, by=road.camille, now=NOW)
    client.force_login(road.camille)
    return client


def pin(form: str, version: int) -> FormVersion:
    """Pin the draft to a form, nothing answered."""
    Application.objects.update(form=form, form_version=version, answers={})
    return versions.load(form, version)


def fill(client: Client, form: FormVersion) -> None:
    for section in form.sections:
        client.post(f"/drafts/{NUMBER}/step/{section.id}/", typed(section))


def left(road: Road) -> set[tuple[str, str]]:
    place = drafts.find(NUMBER, road.camille)
    return {(each.field, each.code) for each in problems(place.form, place.application.answers)}


@pytest.mark.parametrize(
    ("form", "version", "missing"),
    [
        ("data-access-application", 1, set()),
        (
            "data-access-application",
            2,
            {("research_plan", "required"), ("ethics_file", "required")},
        ),
        ("data-request", 1, {("research_plan", "required")}),
        (
            "french-file",
            1,
            {
                ("interests", "required"),
                ("impact_assessment", "required"),
                ("cpp_opinion", "required"),
                ("protocol_file", "required"),
                ("notice", "required"),
            },
        ),
    ],
)
def test_a_form_filled_in_its_pages_lacks_its_documents_alone(
    client_at: Client, road: Road, form: str, version: int, missing: set[tuple[str, str]]
) -> None:
    fill(client_at, pin(form, version))

    assert left(road) == missing


def test_a_part_is_added_and_removed_without_losing_the_others(
    client_at: Client, road: Road
) -> None:
    pin("data-access-application", 2)
    step = f"/drafts/{NUMBER}/step/sources/"
    first = {"sources_0": "1", "sources_1_source_dataset": "SNDS", "sources_1_source_country": "FR"}
    client_at.post(step, {**first, "stay": "add:sources"})
    assert 'name="sources_2_source_dataset"' in client_at.get(step).content.decode()

    both = {**first, "sources_0": "2", "sources_2_source_dataset": "Registre"}
    client_at.post(step, {**both, "stay": "remove:sources:1"})

    answers = drafts.find(NUMBER, road.camille).application.answers
    assert [item["source_dataset"] for item in answers["sources"]] == ["Registre"]


def test_a_problem_inside_a_part_is_shown_beside_its_control(client_at: Client, road: Road) -> None:
    pin("data-access-application", 2)
    step = f"/drafts/{NUMBER}/step/sources/"
    client_at.post(step, {"sources_0": "1", "sources_1_source_dataset": "SNDS"})

    page = client_at.get(f"{step}?checked=1").content.decode()

    assert 'id="id_sources_1_source_country_error"' in page
    assert 'href="#id_sources_1_source_country"' in page
    assert 'id="id_sources_1_source_dataset_error"' not in page


def test_a_condition_is_told_in_words(client_at: Client, road: Road) -> None:
    pin("data-access-application", 2)

    page = client_at.get(f"/drafts/{NUMBER}/step/cohort/").content.decode()

    assert "À remplir si « Comment la cohorte est-elle formée » : Population entière." in page


def test_a_page_speaks_english_when_asked(client_at: Client, road: Road) -> None:
    pin("french-file", 1)
    client_at.cookies["ecluse_language"] = "en"

    page = client_at.get(f"/drafts/{NUMBER}/step/purpose/").content.decode()

    assert "Purposes pursued" in page
    assert "(art. L. 1461-1, III (CSP))" in page


@pytest.mark.parametrize("theme", ["neutral", "dsfr"])
def test_both_themes_draw_every_kind(
    client_at: Client, road: Road, theme: str, settings: object
) -> None:
    settings.ECLUSE_THEME = theme  # type: ignore[attr-defined]
    pin("data-access-application", 2)

    page = client_at.get(f"/drafts/{NUMBER}/step/sources/").content.decode()

    assert 'value="add:sources"' in page
    assert client_at.get(f"/drafts/{NUMBER}/step/notes/").status_code == 200
