"""The pages of a finding, from the permit to the outcome, and who may open them at each stage."""

import pytest
from django.test import Client

from ecluse.portal.audit import identity
from ecluse.portal.findings.models import FindingFile
from tests.unit.portal.findings.reporting import QUESTION, REASONS, REPORT, Reporting
from tests.unit.portal.routes import Route, Stage, answers, by_stage, signed_in

pytestmark = pytest.mark.usefixtures("at_now")
EVERY, FILE = "/findings/", "/findings/CS-2026-00001/"
WRITE, DO, OUTCOME = f"{FILE}write/", f"{FILE}do/", f"{FILE}outcome/{{pk}}/"
PEOPLE = (
    "camille",
    "louis",
    "stranger",
    "assessor",
    "decider",
    "auditor",
    "preparer",
    "anne",
    "bob",
)
HIDDEN = (404,) * 9
WORDS = {
    "what": REPORT.what,
    "relevance": REPORT.relevance,
    "action": REPORT.action,
    "basis": REPORT.basis,
    "certainty": "confirmed",
}
JUDGED = {
    "is_relevant": "yes",
    "is_actionable": "yes",
    "certainty": "confirmed",
    "reason": REASONS,
}
TOLD = {"way": "professional", "told": "40", "refused": "3", "not_found": "0"}

ROUTES = (
    Route("draft", "get", EVERY, (200,) * 9),
    Route("draft", "post", f"{EVERY}new/", HIDDEN),
    Route("draft", "get", FILE, (200, 200, *(404,) * 7)),
    Route("draft", "get", WRITE, (200, 200, *(404,) * 7)),
    Route("draft", "post", WRITE, (422, 422, *(404,) * 7)),
    Route("draft", "get", f"{DO}report-finding/", (200, 200, *(404,) * 7)),
    Route("draft", "post", f"{DO}report-finding/", (302, 302, *(404,) * 7)),
    Route("draft", "get", f"{DO}qualify/", (403, 403, *(404,) * 7)),
    Route("draft", "get", f"{DO}save-draft/", HIDDEN),
    Route("reported", "get", FILE, (200, 200, 404, 200, 200, 200, 404, 404, 404)),
    Route("reported", "get", WRITE, (403, 403, 404, 403, 403, 403, 404, 404, 404)),
    Route("reported", "get", f"{DO}qualify/", (403, 403, 404, 200, 403, 403, 404, 404, 404)),
    Route("reported", "post", f"{DO}qualify/", (403, 403, 404, 422, 403, 403, 404, 404, 404)),
    Route("reported", "get", f"{DO}set-aside/", (403, 403, 404, 200, 403, 403, 404, 404, 404)),
    Route("reported", "get", f"{DO}ask-precision/", (403, 403, 404, 200, 403, 403, 404, 404, 404)),
    Route("reported", "get", f"{DO}withdraw/", (200, 200, 404, 403, 403, 403, 404, 404, 404)),
    Route("reported", "get", f"{DO}send-finding/", (403, 403, 404, 403, 403, 403, 404, 404, 404)),
    Route("asked", "get", WRITE, (200, 200, 404, 403, 403, 403, 404, 404, 404)),
    Route("asked", "post", f"{DO}give-precision/", (302, 302, 404, 403, 403, 403, 404, 404, 404)),
    Route("qualified", "get", f"{DO}send-finding/", (403, 403, 404, 200, 403, 403, 404, 404, 404)),
    Route("qualified", "post", f"{DO}send-finding/", (403, 403, 404, 422, 403, 403, 404, 404, 404)),
    Route("searching", "get", FILE, (200, 200, 404, 200, 200, 200, 404, 404, 404)),
    Route("answered", "get", FILE, (200, 200, 404, 200, 200, 200, 404, 200, 404)),
    Route("answered", "get", OUTCOME, (403, 403, 404, 403, 403, 403, 404, 200, 404)),
    Route("answered", "post", OUTCOME, (403, 403, 404, 403, 403, 403, 404, 422, 404)),
    Route("done", "get", FILE, (200, 200, 404, 200, 200, 200, 404, 200, 404)),
    Route("done", "get", OUTCOME, (403, 403, 404, 403, 403, 403, 404, 403, 404)),
)


def people(reporting: Reporting) -> list[object]:
    """The persons of the table, in their order."""
    return [getattr(reporting, one, None) or getattr(reporting.road, one) for one in PEOPLE]


@pytest.mark.parametrize("stage", by_stage(ROUTES), ids=str)
def test_each_address_answers_each_person_as_its_stage_says(
    reporting: Reporting, stage: Stage
) -> None:
    made = getattr(reporting, stage.name)()
    row = made.recipients.first()
    pk = row.pk if row is not None else 1

    found = answers(stage, people(reporting), pk=pk)  # type: ignore[arg-type]

    assert found == stage.answers


def test_a_visitor_is_sent_to_sign_in(client: Client, signers: object) -> None:
    assert client.get(FILE)["Location"] == f"/accounts/sign-in/?next={FILE}"


def test_a_finding_goes_from_the_permit_to_the_outcome_by_pages_alone(
    reporting: Reporting,
) -> None:
    camille, officer = signed_in(reporting.road.camille), signed_in(reporting.road.assessor)
    begun = camille.post(f"{EVERY}new/", {"permit": reporting.permit.number})
    camille.post(begun["Location"], WORDS)
    camille.post(f"{DO}report-finding/")
    officer.post(f"{DO}ask-precision/", {"reason": QUESTION})
    camille.post(WRITE, WORDS)
    camille.post(f"{DO}give-precision/")
    officer.post(f"{DO}qualify/", JUDGED)
    chosen = f"{reporting.holder.pk}-{reporting.road.dataset.pk}"
    sent = officer.post(f"{DO}send-finding/", {"recipients": [chosen]}, follow=True)

    assert begun["Location"] == WRITE
    assert "la zone sécurisée cherche les personnes" in sent.content.decode()
    assert FindingFile.objects.get().state == "searching"


def test_the_holder_tells_counts_and_is_thanked(reporting: Reporting) -> None:
    row = reporting.answered().recipients.get()
    page = signed_in(reporting.anne).post(OUTCOME.format(pk=row.pk), TOLD, follow=True)

    row.refresh_from_db()
    assert "Merci" in page.content.decode()
    assert (row.told_count, row.refused_count, row.not_found_count) == (40, None, None)


@pytest.mark.parametrize("words", ["jeanne.petit@mail.example", "a1" * 32, "185057800608436"])
def test_a_form_refuses_what_names_somebody_and_keeps_none_of_it(
    reporting: Reporting, words: str
) -> None:
    reporting.draft()
    sent = {**WORDS, "basis": f"Voir {words} dans les données de l’étude."}
    page = signed_in(reporting.road.camille).post(WRITE, sent)

    assert page.status_code == 422
    assert "pourrait dire qui est une personne" in page.content.decode()
    assert FindingFile.objects.get().basis == REPORT.basis


def test_answers_that_make_nothing_significant_are_not_qualified(reporting: Reporting) -> None:
    reporting.reported()
    sent = {**JUDGED, "is_actionable": "no"}
    page = signed_in(reporting.road.assessor).post(f"{DO}qualify/", sent)

    assert page.status_code == 422
    assert FindingFile.objects.get().state == "reported"


def test_a_form_sent_twice_leads_to_the_finding_as_it_stands(reporting: Reporting) -> None:
    reporting.qualified()
    page = signed_in(reporting.road.assessor).post(f"{DO}qualify/", JUDGED, follow=True)

    assert "avait déjà avancé" in page.content.decode()


def test_officers_read_the_counts_that_may_be_told_and_the_project_reads_none(
    reporting: Reporting,
) -> None:
    reporting.done()
    officer = signed_in(reporting.road.assessor).get(FILE).content.decode()
    project = signed_in(reporting.road.camille).get(FILE).content.decode()

    assert ">52<" in officer.replace("\n", "").replace(" ", "")
    assert "moins de 11, ou aucune" in officer
    assert "52" not in project
    assert "Chez les détenteurs" not in project
    assert "ne veulent pas être informées" not in project


def test_the_holder_reads_what_was_found_and_not_who_found_it(reporting: Reporting) -> None:
    reporting.answered()
    page = signed_in(reporting.anne).get(FILE).content.decode()

    assert REPORT.what.partition(" ")[2] in page.replace("&#39;", "'")
    assert "Camille" not in page
    assert "Ce que la zone a compté" not in page
    assert "Rendre compte" in page


def test_the_list_shows_each_person_their_own(reporting: Reporting) -> None:
    reporting.answered()
    pages = {
        one: signed_in(getattr(reporting, one, None) or getattr(reporting.road, one))
        .get(EVERY)
        .content.decode()
        for one in ("camille", "assessor", "anne", "bob")
    }

    assert {one: FILE in page for one, page in pages.items()} == {
        "camille": True,
        "assessor": True,
        "anne": True,
        "bob": False,
    }
    assert "Signaler sous" in pages["camille"]
    assert "Signaler sous" not in pages["assessor"]


def test_without_the_key_of_the_zone_nothing_is_sent_and_the_officer_is_told(
    reporting: Reporting,
) -> None:
    (identity.room() / "zone.opening.pub").unlink()
    reporting.qualified()
    chosen = f"{reporting.holder.pk}-{reporting.road.dataset.pk}"
    officer = signed_in(reporting.road.assessor)
    page = officer.post(f"{DO}send-finding/", {"recipients": [chosen]})

    assert page.status_code == 422
    assert FindingFile.objects.get().state == "qualified"


def test_in_english_every_word_of_the_pages_is_english(reporting: Reporting) -> None:
    reporting.answered()
    officer = signed_in(reporting.road.assessor)
    officer.cookies["ecluse_language"] = "en"
    pages = officer.get(EVERY).content.decode() + officer.get(FILE).content.decode()

    assert "With the holders" in pages
    assert "Constatation" not in pages
    assert "détenteur" not in pages
