"""Every address of an assessment, for everybody: who gets the page, who does not; both themes."""

import pytest
from django.test import Client
from pytest_django import Settings

from ecluse.portal.applications import actions as applications
from ecluse.portal.assessments.models import Note, VariableFinding
from tests.unit.portal.applications.road import ANSWERS, NOW, Road
from tests.unit.portal.routes import Route, Stage, answers, by_stage

pytestmark = pytest.mark.usefixtures("at_now")

HERE = "/assessments/2026-00001/"
PEOPLE = (
    *("camille", "louis", "stranger", "assessor", "decider", "auditor"),
    *("preparer", "committee"),
)
PAGES = (
    HERE,
    f"{HERE}questions/b/",
    f"{HERE}questions/risk-a/",
    f"{HERE}variables/",
    f"{HERE}variables/ER_PHA_F/",
    f"{HERE}opinions/",
    f"{HERE}versions/",
)
READ = (403, 403, 404, 200, 200, 200, 404, 200)
ASSESSED = (403, 403, 404, 200, 403, 403, 404, 403)


ROUTES = (
    Route("draft", "get", HERE, (403, 403, 404, 404, 404, 404, 404, 404)),
    Route("submitted", "get", HERE, READ),
    Route("submitted", "get", f"{HERE}questions/b/", (403, 403, 404, 403, 403, 403, 404, 403)),
    Route("complete", "get", HERE, READ),
    Route("complete", "get", f"{HERE}questions/b/", ASSESSED),
    Route("complete", "get", f"{HERE}questions/z/", (403, 403, 404, 404, 404, 404, 404, 404)),
    Route("complete", "post", f"{HERE}questions/b/", (403, 403, 404, 422, 403, 403, 404, 403)),
    Route("complete", "post", f"{HERE}conclusion/", (403, 403, 404, 302, 403, 403, 404, 403)),
    Route("complete", "get", f"{HERE}variables/", READ),
    Route("complete", "get", f"{HERE}variables/ER_PHA_F/", ASSESSED),
    Route("complete", "get", f"{HERE}variables/NONE/", (403, 403, 404, 404, 403, 403, 404, 403)),
    Route(
        "complete", "post", f"{HERE}variables/ER_PHA_F/", (403, 403, 404, 422, 403, 403, 404, 403)
    ),
    Route("complete", "get", f"{HERE}opinions/", READ),
    Route("complete", "post", f"{HERE}opinions/", (403, 403, 404, 422, 403, 403, 404, 403)),
    Route("assessed", "post", f"{HERE}opinions/", (403, 403, 404, 403, 422, 403, 404, 403)),
    Route("complete", "get", f"{HERE}versions/", READ),
    Route("complete", "get", f"{HERE}versions/9/", (403, 403, 404, 404, 404, 404, 404, 404)),
    Route("complete", "get", "/opinions/none/", (404, 404, 404, 404, 404, 404, 404, 404)),
)


@pytest.mark.parametrize("stage", by_stage(ROUTES), ids=str)
def test_each_address_answers_each_person_as_the_law_says(road: Road, stage: Stage) -> None:
    getattr(road, stage.name)()

    assert answers(stage, [getattr(road, one) for one in PEOPLE]) == stage.answers


@pytest.mark.parametrize("theme", ["neutral", "dsfr"])
@pytest.mark.parametrize("page", PAGES)
def test_pages_are_drawn_in_both_themes(
    road: Road, client: Client, settings: Settings, theme: str, page: str
) -> None:
    settings.ECLUSE_THEME = theme
    road.complete()
    client.force_login(road.assessor)

    assert client.get(page).status_code == 200


def test_an_assessor_answers_a_question_on_its_page(road: Road, client: Client) -> None:
    road.complete()
    client.force_login(road.assessor)
    client.post(f"{HERE}questions/b/", {"outcome": "no", "reason": "Trop de colonnes."})

    assert [(note.question, note.reason) for note in Note.objects.all()] == [
        ("b", "Trop de colonnes.")
    ]


def test_an_assessor_reviews_a_table_on_its_page(road: Road, client: Client) -> None:
    road.complete()
    client.force_login(road.assessor)
    sent = {"way_0": "as-is", "way_1": "drop", "reason_1": "La dose n’est pas étudiée."}
    client.post(f"{HERE}variables/ER_PHA_F/", sent)
    rows = VariableFinding.objects.order_by("pk").values_list("column", "verdict")

    assert list(rows) == [("PHA_PRS_C13", "keep"), ("PHA_ACT_QSN", "drop")]


def test_less_without_a_reason_is_asked_again(road: Road, client: Client) -> None:
    road.complete()
    client.force_login(road.assessor)
    answered = client.post(f"{HERE}variables/ER_PHA_F/", {"way_0": "as-is", "way_1": "drop"})

    assert answered.status_code == 422
    assert "Dites pourquoi en donner moins." in answered.content.decode()


def test_two_submissions_stand_side_by_side_with_what_changed_alone(
    road: Road, client: Client
) -> None:
    application = road.complete()
    asked = [("necessity", "Pourquoi le sexe ?")]
    applications.ask_information(application, asked, by=road.assessor, now=NOW)
    said = {**ANSWERS, "necessity": "Le sexe est un facteur de risque."}
    applications.save(application, said, by=road.camille, now=NOW)
    applications.submit(application, by=road.camille, now=NOW)
    client.force_login(road.assessor)
    page = client.get(f"{HERE}versions/").content.decode()

    assert "Le médicament, la quantité et le sexe suffisent." in page
    assert "Le sexe est un facteur de risque." in page
    assert "Nouveaux utilisateurs de 2022." not in page


def test_the_page_shows_a_new_link_once(road: Road, client: Client) -> None:
    road.complete()
    client.force_login(road.assessor)
    sent = {
        "expert_name": "Marie Expert",
        "expert_email": "marie@chu.example",
        "question": "Le protocole tient-il ?",
        "sections": ["data"],
    }
    first = client.post(f"{HERE}opinions/", sent).content.decode()
    again = client.get(f"{HERE}opinions/").content.decode()

    assert "/opinions/" in first
    assert "http://testserver/opinions/" in first
    assert "http://testserver/opinions/" not in again
