"""A file while it is written: it saves itself, and no tab overwrites another in silence."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from ecluse.domain.codec import JSON
from ecluse.domain.errors import NotAllowed, NotFound
from ecluse.portal.applications import actions, drafts, steps, versions
from ecluse.portal.applications.forms import StepForm
from ecluse.portal.applications.prefill import first_answers
from ecluse.portal.applications.steps import Typed, save_step
from tests.unit.portal.applications.road import CAMILLE, NOW, Road

pytestmark = pytest.mark.usefixtures("at_now")

STEP = "/drafts/2026-00001/step/project/"
PROJECT = {"title": "Saignements digestifs", "lay_summary": "Comparer deux médicaments."}


def seen_on(page: bytes) -> str:
    """The digest that a page carries of what it showed."""
    found = re.search(r'name="seen" id="seen" value="([0-9a-f]{32})"', page.decode())
    assert found
    return found[1]


def answers(road: Road) -> dict[str, JSON]:
    application = drafts.find("2026-00001", road.camille).application
    return dict(application.answers)


@pytest.fixture
def camille(road: Road, client: Client) -> Client:
    """Camille's browser, a draft just opened."""
    client.force_login(road.camille)
    actions.start(road.dataset, by=road.camille, now=NOW)
    return client


def test_a_step_shows_itself_with_the_digest_of_what_it_holds(camille: Client) -> None:
    page = camille.get(STEP)

    assert page.status_code == 200
    assert len(seen_on(page.content)) == 32
    assert 'hx-post="/drafts/2026-00001/step/project/save/"' in page.content.decode()


def test_a_step_that_saves_itself_keeps_an_invalid_draft(camille: Client, road: Road) -> None:
    seen = seen_on(camille.get(STEP).content)

    line = camille.post(f"{STEP}save/", {"title": "x" * 300, "seen": seen}).content.decode()

    assert answers(road)["title"] == "x" * 300
    assert "Brouillon enregistré à" in line
    assert "5 réponses à revoir" in line


def test_after_saving_itself_the_page_may_be_saved_again(camille: Client, road: Road) -> None:
    first = seen_on(camille.get(STEP).content)
    second = seen_on(camille.post(f"{STEP}save/", {**PROJECT, "seen": first}).content)

    camille.post(f"{STEP}save/", {"title": "Autre titre", "seen": second})

    assert answers(road)["title"] == "Autre titre"


def test_another_tab_is_not_overwritten_in_silence(camille: Client, road: Road) -> None:
    seen = seen_on(camille.get(STEP).content)
    camille.post(STEP, {**PROJECT, "title": "Écrit dans l’autre onglet", "seen": seen})

    late = camille.post(STEP, {**PROJECT, "title": "Écrit ici", "seen": seen})

    assert late.status_code == 409
    assert answers(road)["title"] == "Écrit dans l’autre onglet"
    page = late.content.decode()
    assert "Écrit dans l’autre onglet" in page
    assert 'value="Écrit ici"' in page


def test_once_warned_the_second_tab_may_replace_the_first(camille: Client, road: Road) -> None:
    seen = seen_on(camille.get(STEP).content)
    camille.post(STEP, {**PROJECT, "title": "Écrit dans l’autre onglet", "seen": seen})
    warned = camille.post(STEP, {**PROJECT, "title": "Écrit ici", "seen": seen})

    camille.post(STEP, {**PROJECT, "title": "Écrit ici", "seen": seen_on(warned.content)})

    assert answers(road)["title"] == "Écrit ici"


def test_a_step_that_saves_itself_says_that_another_tab_did(camille: Client, road: Road) -> None:
    seen = seen_on(camille.get(STEP).content)
    camille.post(STEP, {**PROJECT, "title": "Écrit dans l’autre onglet", "seen": seen})

    line = camille.post(f"{STEP}save/", {**PROJECT, "title": "Ici", "seen": seen}).content.decode()

    assert "Rien n’a été remplacé" in line
    assert "Écrit dans l’autre onglet" in line
    assert answers(road)["title"] == "Écrit dans l’autre onglet"


def test_who_is_no_longer_signed_in_is_told_in_the_line_itself(camille: Client, road: Road) -> None:
    camille.logout()

    line = camille.post(f"{STEP}save/", PROJECT).content.decode()

    assert "Vous n’êtes plus connecté" in line
    assert "<html" not in line
    assert "title" not in answers(road)


def test_a_file_submitted_meanwhile_is_told_in_the_line_itself(road: Road, client: Client) -> None:
    road.submitted()
    client.force_login(road.camille)

    line = client.post(f"{STEP}save/", {**PROJECT, "title": "Trop tard"}).content.decode()

    assert "pas été enregistré" in line
    assert answers(road)["title"] == "Saignements digestifs sous anti-inflammatoires"


def test_the_same_step_sent_twice_is_no_conflict(camille: Client) -> None:
    seen = seen_on(camille.get(STEP).content)
    camille.post(STEP, {**PROJECT, "seen": seen})

    again = camille.post(STEP, {**PROJECT, "seen": seen})

    assert again.status_code == 302


def test_somebody_else_learns_nothing_of_a_draft(road: Road, client: Client) -> None:
    actions.start(road.dataset, by=road.camille, now=NOW)
    client.force_login(road.stranger)

    assert client.get(STEP).status_code == 404
    assert client.post(f"{STEP}save/", PROJECT).status_code == 404
    assert client.get("/drafts/2026-00001/").status_code == 404


def test_an_officer_learns_nothing_of_a_draft(road: Road, client: Client) -> None:
    actions.start(road.dataset, by=road.camille, now=NOW)
    client.force_login(road.assessor)

    assert client.get("/drafts/2026-00001/").status_code == 404


def test_a_submitted_file_is_written_no_more(road: Road) -> None:
    road.submitted()

    with pytest.raises(NotAllowed):
        save_step(
            drafts.WRITING,
            ("2026-00001", "project"),
            Typed(PROJECT, None),
            by=road.camille,
            now=NOW,
        )


def test_a_named_person_reads_the_draft_and_does_not_write_it(road: Road, client: Client) -> None:
    road.draft()
    client.force_login(road.louis)

    assert client.get("/drafts/2026-00001/").status_code == 200
    assert client.post(STEP, PROJECT).status_code == 403


def test_progress_counts_what_is_still_wrong_in_each_step(road: Road) -> None:
    application = road.draft()
    form = actions.form_of(application)

    found = steps.progress(form, {**application.answers, "title": "", "ethics": None})

    assert {each.section.id: each.wrong for each in found if each.wrong} == {
        "project": 1,
        "environment": 1,
    }


def test_an_unknown_step_is_not_found(camille: Client) -> None:
    assert camille.get("/drafts/2026-00001/step/nothing/").status_code == 404


def test_a_new_draft_knows_who_opens_it_and_what_they_put_aside(road: Road) -> None:
    form = versions.load("data-access-application", 2)
    known = first_answers(form, road.camille, ["SNDS", "Registre"])

    assert known["organisation"] == "Hub"
    assert known["contact_email"] == CAMILLE
    assert known["sources"] == [{"source_dataset": "SNDS"}, {"source_dataset": "Registre"}]
    assert known["persons"] == [
        {"subject": CAMILLE, "name": CAMILLE, "is_principal_investigator": True}
    ]


@pytest.mark.django_db(transaction=True)
def test_of_two_tabs_at_the_same_instant_one_wins_and_the_other_is_told(road: Road) -> None:
    application = actions.start(road.dataset, by=road.camille, now=NOW)
    place = drafts.find(application.number, road.camille)
    seen = steps.step_form(place.application, place.form.sections[0]).seen
    together = Barrier(2)

    def save(title: str) -> bool:
        together.wait()
        try:
            typed = Typed({**PROJECT, "title": title, "seen": seen}, None)
            step = (application.number, "project")
            _, form = save_step(drafts.WRITING, step, typed, by=road.camille, now=NOW)
            return not form.conflict
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        kept = list(threads.map(save, ["Premier", "Second"]))

    assert sorted(kept) == [False, True]
    assert answers(road)["title"] == ("Premier" if kept[0] else "Second")


def test_a_file_of_another_number_is_not_found(road: Road) -> None:
    with pytest.raises(NotFound):
        drafts.find("2026-09999", road.camille)


def test_the_form_of_a_step_is_that_of_the_file(road: Road) -> None:
    application = road.draft()

    form = steps.step_form(application, actions.form_of(application).sections[0])

    assert isinstance(form, StepForm)
    assert list(form.fields)[:3] == ["title", "project_leader", "domicile"]
