"""From the decision to the results: a signed permit, an order told in words, files for the few."""

import json
import re
from pathlib import Path

import pytest
from django.test import Client
from typer.testing import CliRunner

from ecluse.cli.permit import app
from ecluse.domain.cohorts import MAX_CODES
from ecluse.domain.documents import Refusal, Signer
from ecluse.portal.audit import identity
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.extractions.models import Extraction
from ecluse.portal.mailbox import blobs
from ecluse.portal.permits.models import PermitRecord
from ecluse.trust import canonical, documents
from tests.unit.portal.applications.road import COUNTS, FAILED, NOW, Road, receipt, release

pytestmark = pytest.mark.usefixtures("at_now")

DECISION = "/permits/decisions/2026-00001/"
PERMIT = "/permits/FR-2026-0001/"
ORDER = "/extractions/permits/FR-2026-0001/order/"
CONFIRM = "/extractions/permits/FR-2026-0001/confirmation/"
EXTRACTION = "/extractions/FR-2026-0001-E1/"
TERMS = {
    "title": "Saignements digestifs",
    "purpose_text": "Comparer.",
    "data_format": "pseudonymised",
    "care_from": "2021-01-01",
    "care_to": "2023-12-31",
    "valid_from": "2026-01-05",
    "valid_until": "2028-01-04",
    "minimum_count": "11",
    "environment": "Analyses isolées.",
    "conditions": "Publier.",
    "fees": "Instruction ; 1500,50",
    "tables_ER_PHA_F": ["PHA_PRS_C13"],
}
COHORT = {
    "source_1": "drug_atc",
    "codes_1": "m01ah01, M01AB05",
    "match_1": "prefix",
    "dates_1": "2",
    "from_1": "2022-01-01",
    "to_1": "2022-12-31",
    "dates_2": "1",
    "dates_3": "1",
    "match_2": "prefix",
    "match_3": "prefix",
    "combination": "all",
    "care_from": "2022-01-01",
    "care_to": "2022-12-31",
    "flux_until": "2023-06",
    "tables_ER_PHA_F": ["PHA_PRS_C13"],
}


def text(page: str) -> str:
    """The words of a page, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def read(client: Client, address: str) -> str:
    return text(client.get(address).content.decode())


def definition(page: str) -> str:
    """The sealed order that the summary page carries."""
    found = re.search(r'name="definition" value="([^"]+)"', page)
    assert found
    return found[1]


def test_the_decision_page_is_filled_in_with_what_was_asked(road: Road, client: Client) -> None:
    road.assessed()
    client.force_login(road.decider)

    page = client.get(DECISION).content.decode()
    assert 'value="2021-01-01"' in page
    assert 'value="2028-01-04"' in page
    assert "Louis Bernard" in page
    assert "art. 61(3)" in text(page)


def test_the_decider_signs_a_permit_that_anybody_can_verify(road: Road, client: Client) -> None:
    road.assessed()
    client.force_login(road.decider)

    answer = client.post(DECISION, TERMS, follow=True)
    signed = client.get(f"{PERMIT}permit.json")

    assert "Autorisation FR-2026-0001" in text(answer.content.decode())
    verified = documents.verify(signed.content, identity.keyring(), now=NOW)
    assert verified.digest == PermitRecord.objects.get().digest
    assert signed["Content-Disposition"] == 'attachment; filename="FR-2026-0001.permit.json"'


def test_the_command_that_the_permit_page_gives_proves_the_permit(
    road: Road, client: Client, tmp_path: Path
) -> None:
    road.permit()
    client.force_login(road.camille)
    command = "ecluse permit verify FR-2026-0001.permit.json --keyring keys.json"
    assert command in read(client, PERMIT)
    signed, keys = tmp_path / "FR-2026-0001.permit.json", tmp_path / "keys.json"
    signed.write_bytes(client.get(f"{PERMIT}permit.json").content)
    keys.write_bytes(client.get("/keys.json").content)

    proof = CliRunner().invoke(app, ["verify", str(signed), "--keyring", str(keys), "--json"])

    assert proof.exit_code == 0
    assert json.loads(proof.stdout)["verified"] is True


def test_a_decision_sent_twice_leads_to_the_one_permit(road: Road, client: Client) -> None:
    road.assessed()
    client.force_login(road.decider)
    client.post(DECISION, TERMS)

    again = client.post(DECISION, TERMS, follow=True)

    assert again.redirect_chain[-1][0] == PERMIT
    assert PermitRecord.objects.count() == 1


def test_a_file_with_a_failed_criterion_offers_only_the_refusal(road: Road, client: Client) -> None:
    road.assessed(FAILED)
    client.force_login(road.decider)

    page = read(client, DECISION)
    assert "Cette demande ne peut pas être accordée" in page
    assert "Signer l’autorisation" not in page
    assert client.post(DECISION, TERMS).status_code == 403


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fees": "Instruction 1500"}, "un libellé, un point-virgule"),
        ({"fees": "Instruction ; NaN"}, "un libellé, un point-virgule"),
        ({"valid_until": "2037-01-01"}, "dix ans au plus"),
        ({"valid_until": "2025-01-01"}, "précède le premier jour"),
        ({"tables_ER_PHA_F": []}, "ne donne aucune table"),
    ],
)
def test_wrong_terms_are_explained_on_the_page(
    road: Road, client: Client, change: dict[str, object], message: str
) -> None:
    road.assessed()
    client.force_login(road.decider)

    answer = client.post(DECISION, {**TERMS, **change})

    assert answer.status_code == 422
    assert message in text(answer.content.decode())


def test_the_permit_page_tells_terms_persons_tables_and_documents(
    road: Road, client: Client
) -> None:
    road.delivered()
    client.force_login(road.louis)

    page = read(client, PERMIT)
    assert "Camille Moreau" in page
    assert "PHA_PRS_C13, PHA_ACT_QSN" in page
    assert "1 500,50 €" in page.replace("\u202f", " ")
    assert "Liste des oppositions du jour de la décision FR-2026-0001" in page
    assert "Récépissé d’extraction FR-2026-0001-E1" in page


def test_a_revoked_permit_says_so_and_offers_no_extraction(road: Road, client: Client) -> None:
    road.permit()
    client.force_login(road.decider)
    client.post(f"{PERMIT}revocation/", {"reason": "Usage interdit."})
    client.force_login(road.camille)

    page = read(client, PERMIT)
    assert "Usage interdit." in page
    assert "n’est plus en vigueur" in page
    assert client.get(ORDER).status_code == 403


def test_an_order_is_told_in_words_before_anything_is_ordered(road: Road, client: Client) -> None:
    road.permit()
    client.force_login(road.camille)

    page = text(client.post(ORDER, COHORT).content.decode())

    assert "code commençant par M01AH01 ou M01AB05" in page
    assert "à au moins 2 dates distinctes" in page
    assert "entre le 1er janvier 2022 et le 31 décembre 2022" in page
    assert not Extraction.objects.exists()


def test_the_words_are_english_for_an_english_reader(road: Road, client: Client) -> None:
    road.permit()
    client.force_login(road.camille)
    client.cookies["ecluse_language"] = "en"

    assert "on at least 2 distinct dates" in text(client.post(ORDER, COHORT).content.decode())


def test_the_order_confirmed_is_the_order_read(road: Road, client: Client) -> None:
    road.permit()
    client.force_login(road.camille)
    sealed = definition(client.post(ORDER, COHORT).content.decode())

    answer = client.post(CONFIRM, {"definition": sealed})

    ordered = Extraction.objects.get().order()
    assert answer["Location"] == EXTRACTION
    assert ordered.tables[0].columns == ("PHA_PRS_C13",)
    assert ordered.flux_until.isoformat() == "2023-06-30"


def test_a_confirmation_sent_twice_orders_once(road: Road, client: Client) -> None:
    road.permit()
    client.force_login(road.camille)
    sealed = definition(client.post(ORDER, COHORT).content.decode())

    client.post(CONFIRM, {"definition": sealed})
    client.post(CONFIRM, {"definition": sealed})

    assert Extraction.objects.count() == 1


def test_a_summary_altered_on_its_way_back_orders_nothing(road: Road, client: Client) -> None:
    road.permit()
    client.force_login(road.camille)
    sealed = definition(client.post(ORDER, COHORT).content.decode())

    answer = client.post(CONFIRM, {"definition": f"A{sealed}"}, follow=True)

    assert "expiré" in answer.content.decode()
    assert not Extraction.objects.exists()


def test_a_summary_of_somebody_else_orders_nothing(road: Road, client: Client) -> None:
    road.permit()
    client.force_login(road.camille)
    sealed = definition(client.post(ORDER, COHORT).content.decode())
    client.force_login(road.louis)

    assert client.post(CONFIRM, {"definition": sealed}).status_code == 404
    assert not Extraction.objects.exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"codes_1": "M01; D'ROP"}, "ne sont pas faits de lettres"),
        ({"codes_1": ""}, "obligatoire"),
        ({"codes_1": " ".join(f"A{n}" for n in range(MAX_CODES + 1))}, "c’est trop"),
        ({"source_2": "drug_atc"}, "Un critère a un événement et des codes"),
        ({"to_1": "2021-01-01"}, "précède le premier jour"),
        ({"care_from": "2020-01-01"}, "restez dedans"),
        ({"flux_until": "juin"}, "un mois comme 2024-06"),
        ({"flux_until": "2023-13"}, "un mois comme 2024-06"),
        ({"tables_ER_PHA_F": []}, "Cochez au moins une colonne"),
        ({"excludes_1": "on"}, "au moins un critère qui inclut"),
    ],
)
def test_a_wrong_order_is_explained_on_the_page(
    road: Road, client: Client, change: dict[str, object], message: str
) -> None:
    road.permit()
    client.force_login(road.camille)

    answer = client.post(ORDER, {**COHORT, **change})

    assert answer.status_code == 422
    assert message in text(answer.content.decode())


def test_several_criteria_are_combined_and_some_excluded(road: Road, client: Client) -> None:
    road.permit()
    client.force_login(road.camille)
    second = {"source_2": "drug_atc", "codes_2": "M01AB", "excludes_2": "on", "match_2": "exact"}

    page = text(client.post(ORDER, {**COHORT, **second}).content.decode())

    assert "étape après étape" in page
    assert "cette condition n’est pas remplie" in page
    assert "au moins un événement « Médicaments » (code M01AB)" in page


def test_the_page_of_an_extraction_waits_then_shows_the_receipt(road: Road, client: Client) -> None:
    extraction = road.extraction()
    client.force_login(road.camille)
    assert f'hx-get="{EXTRACTION}progress/"' in client.get(EXTRACTION).content.decode()
    road.deliver(receipt(extraction), issuer=Signer.AGENT)

    progress = client.get(f"{EXTRACTION}progress/")

    assert progress.status_code == 286
    words = text(progress.content.decode()).replace("\u202f", " ")
    assert "Personnes du jeu de données 20 000" in words
    assert "4 321" in words
    assert "hx-get" not in client.get(EXTRACTION).content.decode()


def test_a_refusal_of_the_zone_is_shown_with_its_reason(road: Road, client: Client) -> None:
    extraction = road.extraction()
    reason = "The opt-out list is missing."
    refusal = Refusal("ExtractionOrder", "id", extraction.order_digest, "stale-opt-outs", reason)
    road.deliver(refusal, issuer=Signer.AGENT)
    client.force_login(road.camille)

    assert reason in read(client, EXTRACTION)


def test_released_files_arrive_and_are_given_as_plain_attachments(
    road: Road, client: Client
) -> None:
    permit = road.permit()
    road.deliver(release(permit), issuer=Signer.CHECKING_ROOM)
    client.force_login(road.louis)
    assert "En cours d’acheminement" in read(client, "/releases/FR-2026-0001-R1/")
    blobs.take(canonical.digest(COUNTS), [COUNTS])
    page = client.get("/releases/FR-2026-0001-R1/").content.decode()
    (address,) = re.findall(r'href="(/releases/FR-2026-0001-R1/files/\d+/)"', page)

    answer = client.get(address)

    assert b"".join(answer) == COUNTS
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="counts.csv"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert JournalEntry.objects.get(action="release.downloaded").actor == road.louis.subject


def test_the_public_register_shows_permits_without_a_name(road: Road, client: Client) -> None:
    road.permit()

    page = read(client, "/register/")
    assert "FR-2026-0001" in page
    assert "Université d’Exemple" in page
    assert "Recherche scientifique" in page
    assert "Moreau" not in page
    assert "univ.example" not in page


def test_the_public_register_shows_refusals_with_their_reasons(road: Road, client: Client) -> None:
    road.refused()

    page = read(client, "/register/")
    assert "2026-00001" in page
    assert "Trop de colonnes." in page


def test_the_public_register_shows_applications_as_soon_as_received(
    road: Road, client: Client
) -> None:
    draft = road.draft()
    assert draft.number not in read(client, "/register/")
    road.submitted()

    assert "2026-00002" in read(client, "/register/")


def test_the_signed_order_and_receipt_are_given_as_they_are(road: Road, client: Client) -> None:
    road.delivered()
    client.force_login(road.camille)

    order = json.loads(client.get(f"{EXTRACTION}order.json").content)
    answer = json.loads(client.get(f"{EXTRACTION}answer.json").content)

    assert order["document"]["kind"] == "ExtractionOrder"
    assert answer["document"]["body"]["order_digest"] == Extraction.objects.get().order_digest
