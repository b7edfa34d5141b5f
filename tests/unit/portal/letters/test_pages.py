"""The pages of letters: who reads them, what they say, what anybody may check."""

import re
from html import unescape

import pytest
from django.test import Client
from pytest_django import Settings

from ecluse.portal.cases.actions import perform
from ecluse.portal.cases.models import CaseRecord
from ecluse.portal.letters.models import Opening
from ecluse.portal.letters.paper import grouped
from ecluse.portal.permits.actions import revoke
from tests.unit.portal.applications.road import DAY, NOW, Road
from tests.unit.portal.letters.sealed import address, letter_of, signed_in
from tests.unit.portal.routes import Route, answers, by_stage

pytestmark = pytest.mark.usefixtures("at_now", "seal")

PEOPLE = (
    *("camille", "louis", "stranger", "assessor", "decider", "auditor"),
    *("preparer", "committee"),
)
OF_THE_FILE = (200, 200, 404, 200, 200, 200, 404, 200)
ROUTES = (
    Route("refused", "get", "/letters/", (200, 200, 200, 200, 200, 200, 200, 200)),
    Route("refused", "get", "/letters/2026-00001/", OF_THE_FILE),
    Route("refused", "get", "/letters/2026-00001/{pk}/", OF_THE_FILE),
    Route("refused", "get", "/letters/2026-00001/{pk}/letter.fr.pdf", OF_THE_FILE),
    Route("refused", "get", "/letters/2026-00001/{pk}/letter.en.pdf", OF_THE_FILE),
    Route("refused", "get", "/letters/2026-00001/{pk}/letter.de.pdf", (404,) * 8),
    Route("refused", "get", "/letters/2026-00001/{pk}/letter.json", OF_THE_FILE),
    Route("refused", "get", "/letters/2026-00001/999999/", (404,) * 8),
    Route("refused", "get", "/letters/2026-00002/", (404,) * 8),
    Route(
        "refused",
        "get",
        "/letters/2026-00001/unit-1/refuse/",
        (403, 403, 404, 403, 403, 403, 404, 403),
    ),
    Route("refused", "get", "/check/", (200,) * 8),
    Route("refused", "get", "/check/ABCD/", (200,) * 8),
    Route("refused", "get", "/check/seal.pem", (200,) * 8),
)


def read(client: Client, where: str) -> str:
    """The words of a page, without its tags."""
    page = client.get(where).content.decode()
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def test_each_address_answers_each_person_as_the_law_says(road: Road) -> None:
    pk = road.refused().case.dispatches.get(name="refusal").pk
    (stage,) = by_stage(ROUTES)
    for_good = signed_in(road.camille)  # papers are drawn when they are first read
    for_good.get(f"/letters/2026-00001/{pk}/letter.fr.pdf")
    for_good.get(f"/letters/2026-00001/{pk}/letter.en.pdf")

    found = answers(stage, [getattr(road, one) for one in PEOPLE], pk=pk)

    assert found == stage.answers


def test_the_letter_to_come_is_read_by_whoever_may_decide_alone(road: Road) -> None:
    road.assessed()
    where = "/letters/2026-00001/unit-1/refuse/"

    answers = tuple(signed_in(getattr(road, one)).get(where).status_code for one in PEOPLE)

    assert answers == (403, 403, 404, 403, 200, 403, 404, 403)
    assert "Votre demande 2026-00001" in read(signed_in(road.decider), where)


def test_the_pages_of_the_decision_lead_to_the_letter_to_come(road: Road) -> None:
    road.assessed()
    client = signed_in(road.decider)

    granting = client.get("/permits/decisions/2026-00001/").content.decode()
    refusing = client.get("/applications/2026-00001/refusal/").content.decode()

    assert 'href="/letters/2026-00001/unit-1/grant/"' in granting
    assert 'href="/letters/2026-00001/unit-1/refuse/"' in refusing
    assert client.get("/letters/2026-00001/unit-1/grant/").status_code == 200


def test_an_action_without_a_letter_has_nothing_to_show(road: Road) -> None:
    road.assessed()

    assert signed_in(road.decider).get("/letters/2026-00001/unit-1/send-back/").status_code == 404


def test_the_letter_is_read_with_its_words_its_files_and_its_remedies(road: Road) -> None:
    letter = letter_of(road.refused().case, "refusal", now=NOW)

    page = read(signed_in(road.camille), address(letter))

    assert "Votre demande 2026-00001" in page
    assert "Trop de colonnes." in page
    assert "2026-00001-L2.fr.pdf" in page
    assert "Voies et délais de recours" in page


def test_the_page_counts_the_days_to_appeal_from_the_first_opening(
    road: Road,
) -> None:
    letter = letter_of(road.refused().case, "refusal", now=NOW)

    page = read(signed_in(road.camille), address(letter))

    assert "Notifié le 5 janvier 2026." in page
    assert "en France métropolitaine 6 mars 2026" in page
    assert "outre-mer 7 avril 2026" in page  # 6 April is Easter Monday
    assert "à l’étranger 6 mai 2026" in page


def test_an_officer_reads_that_it_is_not_opened_yet_and_until_when(road: Road) -> None:
    letter = letter_of(road.refused().case, "refusal", now=NOW)

    page = read(signed_in(road.decider), address(letter))

    assert "Mis à disposition le 5 janvier 2026, pas encore ouvert" in page
    assert "Sans ouverture d’ici le 20 janvier 2026" in page
    assert "Jusqu’au" not in page


def test_a_person_finds_the_letters_of_their_files_and_whether_they_opened_them(
    road: Road,
) -> None:
    case = road.refused().case
    client = signed_in(road.camille)
    before = read(client, "/letters/")
    client.get(address(letter_of(case, "refusal", now=NOW)))
    client.get(address(letter_of(case, "acknowledgement", now=NOW)))
    after = read(client, "/letters/")

    assert "Refus motivé 5 janvier 2026 jamais ouvert 2026-00001" in before
    assert "jamais ouvert 2026" not in after
    assert "Refus motivé 5 janvier 2026 5 janvier 2026 2026-00001" in after


def test_the_file_leads_to_its_letters(road: Road) -> None:
    letter = letter_of(road.refused().case, "refusal", now=NOW)

    page = signed_in(road.camille).get("/applications/2026-00001/").content.decode()

    assert f'href="{address(letter)}"' in page


def test_hostile_words_in_a_reason_stay_words_in_the_letter(road: Road) -> None:
    road.assessed()
    hostile = {"reason": "<script>alert(1)</script> {number.__class__}"}
    signed_in(road.decider).post("/applications/2026-00001/refusal/", hostile)
    letter = letter_of(CaseRecord.objects.get(), "refusal", now=NOW)

    page = signed_in(road.camille).get(address(letter)).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {number.__class__}" in page


def test_the_pages_speak_english(road: Road) -> None:
    letter = letter_of(road.refused().case, "refusal", now=NOW)
    client = signed_in(road.camille)
    client.cookies["ecluse_language"] = "en"

    page = read(client, address(letter))

    assert "Reasoned refusal" in page
    assert "Notified on 5 January 2026." in page
    assert "The French letter" not in page  # said on paper


@pytest.mark.parametrize("theme", ["neutral", "dsfr"])
def test_every_page_is_drawn_in_both_themes(road: Road, settings: Settings, theme: str) -> None:
    settings.ECLUSE_THEME = theme
    letter = letter_of(road.refused().case, "refusal", now=NOW)
    client = signed_in(road.camille)

    pages = ["/letters/", "/letters/2026-00001/", address(letter), f"/check/{letter.code}/"]
    assert [client.get(page).status_code for page in (*pages, "/check/")] == [200] * 5


def test_anybody_checks_a_letter_and_learns_nothing_of_the_file(road: Road) -> None:
    letter = letter_of(road.refused().case, "refusal", now=NOW)

    page = read(Client(), f"/check/{letter.code}/")

    assert "Un courrier de ce guichet porte ce code" in page
    assert "Daté du 5 janvier 2026" in page
    assert "En vigueur" in page
    assert letter.file("fr").digest.removeprefix("sha256:")[:12] in page
    secrets = ["2026-00001", "Refus", "Camille", "Saignements", "Trop de colonnes", "Lefèvre"]
    assert [secret for secret in secrets if secret in page] == []


def test_checking_is_not_opening(road: Road) -> None:
    letter = letter_of(road.refused().case, "refusal", now=NOW)

    signed_in(road.camille).get(f"/check/{letter.code}/")

    assert Opening.objects.count() == 0


def test_a_code_is_found_however_it_is_typed(road: Road) -> None:
    letter = letter_of(road.refused().case, "refusal", now=NOW)
    typed = grouped(letter.code).lower().replace("o", "0")

    answer = Client().get("/check/", {"code": typed})

    assert answer["Location"] == f"/check/{letter.code}/"


def test_a_form_without_a_code_asks_again() -> None:
    answer = Client().get("/check/", {"code": " "})

    assert answer.status_code == 200


def test_a_permit_taken_back_is_said_to_have_ended(road: Road) -> None:
    permit = road.permit()
    letter = letter_of(permit.application.case, "permit", now=NOW)
    before = read(Client(), f"/check/{letter.code}/")
    revoke(permit, "Manquement.", by=road.decider, now=NOW + DAY)

    assert "En vigueur" in before
    assert "A pris fin" in read(Client(), f"/check/{letter.code}/")


def test_a_permit_past_its_last_day_has_ended_whether_the_daily_job_ran_or_not(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = letter_of(road.permit().application.case, "permit", now=NOW)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + 800 * DAY)

    assert "A pris fin" in read(Client(), f"/check/{letter.code}/")


def test_a_letter_that_has_served_has_ended(road: Road) -> None:
    application = road.submitted()
    letter = letter_of(application.case, "acknowledgement", now=NOW)
    perform(application.item, "start-screening", by=road.assessor, now=NOW)

    assert "A pris fin" in read(Client(), f"/check/{letter.code}/")


def test_the_file_that_is_given_is_the_one_that_is_checked(road: Road) -> None:
    letter = letter_of(road.refused().case, "refusal", now=NOW)

    answer = signed_in(road.camille).get(f"{address(letter)}letter.fr.pdf")

    assert answer.content == bytes(letter.file("fr").pdf)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="2026-00001-L2.fr.pdf"'
    assert answer["Cache-Control"] == "private, no-store"
