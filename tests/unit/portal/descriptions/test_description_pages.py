"""The pages of the desk, from the title to the catalogue, and who may open them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ecluse.domain.metadata.answers import Answer, answers_of
from ecluse.portal.catalogue.actions import describe
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.descriptions import actions, writing
from ecluse.portal.descriptions.models import DescriptionFile
from ecluse.portal.messages.actions import announce
from ecluse.portal.messages.models import Notice
from tests.unit.portal.build import CLAIMS
from tests.unit.portal.descriptions.desk import COMPLETE, NOW, SQL, Desk
from tests.unit.portal.routes import Route, Stage, answers, by_stage, signed_in

pytestmark = pytest.mark.usefixtures("at_now")
EVERY, FILE = "/descriptions/", "/descriptions/JD-2029-00001/"
PAGE, TABLES, REVIEW = f"{FILE}page/what/", f"{FILE}tables/", f"{FILE}review/"
PEOPLE = ("anne", "remi", "bob", "stranger", "preparer", "assessor", "auditor")


ROUTES = (
    Route("started", "get", EVERY, (200, 200, 200, 200, 200, 200, 200)),
    Route("started", "get", f"{EVERY}new/", (200, 200, 200, 403, 403, 403, 403)),
    Route("started", "post", f"{EVERY}new/", (422, 422, 422, 403, 403, 403, 403)),
    Route("started", "get", FILE, (200, 200, 404, 404, 404, 404, 404)),
    Route("started", "get", PAGE, (200, 200, 404, 404, 404, 404, 404)),
    Route("started", "post", PAGE, (409, 409, 404, 404, 404, 404, 404)),
    Route("started", "get", f"{FILE}page/other/", (404, 404, 404, 404, 404, 404, 404)),
    Route("started", "post", f"{PAGE}save/", (200, 200, 404, 404, 404, 404, 404)),
    Route("started", "get", TABLES, (200, 200, 404, 404, 404, 404, 404)),
    Route("started", "post", TABLES, (422, 422, 404, 404, 404, 404, 404)),
    Route("started", "get", REVIEW, (200, 200, 404, 404, 404, 404, 404)),
    Route("started", "get", f"{FILE}judgement/", (200, 200, 404, 404, 404, 404, 404)),
    Route("started", "get", f"{FILE}do/submit/", (200, 200, 404, 404, 404, 404, 404)),
    Route("started", "get", f"{FILE}do/drop-changes/", (403, 403, 404, 404, 404, 404, 404)),
    Route("started", "get", f"{FILE}do/save-draft/", (404, 404, 404, 404, 404, 404, 404)),
    Route("submitted", "get", FILE, (200, 200, 404, 404, 200, 200, 200)),
    Route("submitted", "get", REVIEW, (200, 200, 404, 404, 200, 200, 200)),
    Route("submitted", "get", f"{FILE}judgement/", (200, 200, 404, 404, 200, 200, 200)),
    Route("submitted", "get", f"{FILE}versions/1/", (200, 200, 404, 404, 200, 200, 200)),
    Route("submitted", "get", f"{FILE}versions/2/", (404, 404, 404, 404, 404, 404, 404)),
    Route("submitted", "get", PAGE, (403, 403, 404, 404, 403, 403, 403)),
    Route("submitted", "post", PAGE, (403, 403, 404, 404, 403, 403, 403)),
    Route("submitted", "get", f"{FILE}do/validate/", (403, 403, 404, 404, 200, 403, 403)),
    Route("submitted", "post", f"{FILE}do/validate/", (403, 403, 404, 404, 302, 403, 403)),
    Route("submitted", "post", f"{FILE}do/ask-changes/", (403, 403, 404, 404, 422, 403, 403)),
    Route("submitted", "get", f"{FILE}do/submit/", (403, 403, 404, 404, 403, 403, 403)),
    Route("validated", "post", f"{FILE}do/publish/", (403, 403, 404, 404, 302, 403, 403)),
    Route("published", "post", f"{FILE}do/confirm-unchanged/", (302, 302, 404, 404, 403, 403, 403)),
    Route("published", "get", f"{FILE}do/revise/", (200, 200, 404, 404, 403, 403, 403)),
    Route("published", "get", f"{FILE}do/withdraw/", (200, 200, 404, 404, 403, 403, 403)),
)


@pytest.mark.parametrize("stage", by_stage(ROUTES), ids=str)
def test_each_address_answers_each_person_as_the_desk_says(desk: Desk, stage: Stage) -> None:
    getattr(desk, stage.name)()

    assert answers(stage, [getattr(desk, one) for one in PEOPLE]) == stage.answers


def posted(page: str, **changes: Answer) -> dict[str, object]:
    """What a browser sends of one page, rightly answered but for these changes."""
    return {**COMPLETE[page], **changes}


def test_a_visitor_is_sent_to_sign_in(client: Client, signers: object) -> None:
    assert client.get(FILE)["Location"] == f"/accounts/sign-in/?next={FILE}"


def sent_page(browser: Client, page: str, **changes: Answer) -> str:
    """Send one page as it was drawn; where it leads."""
    seen = writing.seen(DescriptionFile.objects.get(), page)
    answered = browser.post(f"{FILE}page/{page}/", {**posted(page, **changes), "seen": seen})
    return str(answered["Location"])


def test_a_dataset_is_described_from_title_to_submission_by_pages_alone(desk: Desk) -> None:
    anne = signed_in(desk.anne)
    anne.post(f"{EVERY}new/", {"holder": "chu-dexemple", "title": "Infarctus"})
    anne.post(TABLES, {"file": SimpleUploadedFile("schema.sql", SQL)})
    ways = [sent_page(anne, page) for page in COMPLETE]
    answered = anne.post(f"{FILE}do/submit/", {"reason": ""}, follow=True)

    assert "Soumise. Le hub va la relire" in answered.content.decode()
    assert ways == [
        f"{FILE}page/who/",
        f"{FILE}page/coverage/",
        f"{FILE}page/population/",
        f"{FILE}page/access/",
        f"{FILE}page/data/",
        REVIEW,
    ]


def test_a_page_that_saves_itself_says_what_is_wrong_and_how_to_mend_it(desk: Desk) -> None:
    file = desk.started()
    sent = {**posted("population", person_count="7"), "seen": writing.seen(file, "population")}
    answered = signed_in(desk.anne).post(f"{FILE}page/population/save/", sent)

    text = answered.content.decode()
    assert "Brouillon enregistré à" in text
    assert "Moins de onze personnes : n’écrivez pas ce nombre, laissez-le vide." in text
    assert answered["HX-Trigger"] == "saved"


def test_a_page_that_saves_itself_tells_who_is_no_longer_signed_in(desk: Desk) -> None:
    desk.started()
    answered = Client().post(f"{PAGE}save/", posted("what"))

    assert (answered.status_code, "Vous n’êtes plus connecté" in answered.content.decode()) == (
        200,
        True,
    )


def test_a_page_written_by_another_meanwhile_shows_what_is_kept(desk: Desk) -> None:
    file = desk.started()
    drawn = writing.seen(file, "who")
    desk.save(file, "who", {"holder_name": "CHU de Rémi"}, by=desk.remi)
    sent = {**posted("who", holder_name="CHU d’Anne"), "seen": drawn}
    answered = signed_in(desk.anne).post(f"{FILE}page/who/", sent)

    text = answered.content.decode()
    assert answered.status_code == 409
    assert "CHU de Rémi" in text
    assert 'value="CHU d’Anne"' in text


def test_what_is_missing_is_told_beside_its_control_when_it_is_asked(desk: Desk) -> None:
    desk.started()
    text = signed_in(desk.anne).get(f"{PAGE}?checked=1").content.decode()

    assert 'id="id_summary_fr_error"' in text
    assert 'id="id_title_fr_error"' not in text


def test_what_is_missing_leads_to_the_first_of_its_choices(desk: Desk) -> None:
    desk.started()
    text = signed_in(desk.anne).get(PAGE).content.decode()

    assert 'href="#id_categories_0"' in text
    assert 'id="id_categories_0"' in text


def test_a_file_that_is_no_schema_is_refused_beside_its_control(desk: Desk) -> None:
    desk.started()
    sent = {"file": SimpleUploadedFile("donnees.parquet", b"PAR1....")}
    answered = signed_in(desk.anne).post(TABLES, sent)

    assert answered.status_code == 422
    assert "may be of persons" in answered.content.decode()


def test_the_list_says_what_to_do_next_and_until_when(desk: Desk) -> None:
    desk.published()
    text = signed_in(desk.remi).get(EVERY).content.decode()

    assert "Rien, jusqu’à la vérification annuelle" in text
    assert "2\N{NO-BREAK SPACE}avril 2030" in text


def test_the_queue_of_the_hub_holds_what_waits_for_it(desk: Desk) -> None:
    desk.submitted()
    text = signed_in(desk.preparer).get(EVERY).content.decode()
    queue = text.partition('id="queue"')[2].partition('id="others"')[0]

    assert "JD-2029-00001" in queue


def test_the_hub_reads_the_reason_that_it_gave_on_the_page_of_the_holder(desk: Desk) -> None:
    desk.submitted()
    sent = {"reason": "Précisez la période."}
    signed_in(desk.preparer).post(f"{FILE}do/ask-changes/", sent)

    text = signed_in(desk.anne).get(FILE).content.decode()
    assert "Ce que le hub demande de corriger" in text
    assert "Précisez la période." in text


def test_one_click_confirms_that_nothing_changed(desk: Desk) -> None:
    desk.published()
    text = signed_in(desk.anne).get(FILE).content.decode()
    answered = signed_in(desk.anne).post(f"{FILE}do/confirm-unchanged/", follow=True)

    assert f'action="{FILE}do/confirm-unchanged/"' in text
    assert "prochaine vérification dans un an" in answered.content.decode()


def test_a_form_sent_twice_leads_to_where_the_description_is(desk: Desk) -> None:
    file = desk.submitted()
    actions.act(file, "validate", by=desk.preparer, now=NOW)
    answered = signed_in(desk.preparer).post(f"{FILE}do/validate/", follow=True)

    assert "La description avait déjà avancé" in answered.content.decode()


def test_a_second_version_shows_what_it_changes_field_by_field(desk: Desk) -> None:
    file = desk.published()
    actions.act(file, "revise", by=desk.anne, now=NOW)
    desk.save(file, "population", {"person_count": "5300"})
    writing.import_tables(
        file, "schema.sql", SQL.replace(b"diagnostic", b"motif"), by=desk.anne, now=NOW
    )
    actions.submit(file, "Chiffres de 2029.", by=desk.anne, now=NOW)
    text = signed_in(desk.preparer).get(f"{FILE}versions/2/").content.decode()
    changes = text.partition('id="changes"')[2].partition('id="said"')[0]

    assert "Nombre de personnes" in changes
    assert "5200" in changes
    assert "5300" in changes
    assert "ajoutées : motif ; retirées : diagnostic" in changes
    assert "Titre" not in changes


def test_a_dataset_of_the_catalogue_is_taken_up_by_a_button(desk: Desk) -> None:
    desk.holder.datasets.add(describe("claims", CLAIMS, by="set-up", now=NOW))
    anne = signed_in(desk.anne)
    offered = anne.get(f"{EVERY}new/").content.decode()
    anne.post(f"{EVERY}new/", {"dataset": "claims"})

    assert "Reprendre claims" in offered
    assert DescriptionFile.objects.get().slug == "claims"


def test_a_message_to_the_hub_leads_to_the_description(desk: Desk) -> None:
    desk.submitted()
    announce(now=NOW)
    notice = Notice.objects.get(account=desk.preparer)
    answered = signed_in(desk.preparer).get(f"/messages/{notice.pk}/")

    assert answered["Location"] == FILE


def test_the_page_of_the_catalogue_is_that_of_what_was_published(
    desk: Desk, client: Client
) -> None:
    file = desk.published()
    answered = client.get(f"/catalogue/{file.slug}/", headers={"accept": "text/html"})

    assert "Tous les séjours pour infarctus depuis 2015." in answered.content.decode()
    assert answers_of(Dataset.objects.get().record.description())["person_count"] == "5200"
