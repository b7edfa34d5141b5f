"""Asking for data: a draft that never loses anything, a file that says whose turn it is."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ecluse.domain.assessments import QUESTIONS
from ecluse.portal.applications import actions
from ecluse.portal.applications.models import Application
from tests.unit.portal.applications.road import CAMILLE, FAILED, LOUIS, NOW, Road

pytestmark = pytest.mark.usefixtures("at_now")

FILE = "/applications/2026-00001/"
STEPS = "/drafts/2026-00001/step/"
CASE = "/cases/2026-00001/"
ASSESSMENT = "/assessments/2026-00001/"
PROJECT = {
    "title": "Saignements digestifs",
    "project_leader": "Université d’Exemple",
    "domicile": "FR",
    "summary_withheld": "no",
    "lay_summary": "Comparer deux médicaments.",
}
SOURCES = {
    "sources_1_source_dataset": "Remboursements",
    "sources_1_source_country": "FR",
    "sources_1_source_holder": "Hub d’exemple",
}
APPLICANT = {
    "organisation": "Université d’Exemple",
    "applicant_kind": "research-organisation",
    "person_form": "natural",
    "address_street": "1, rue de l’Exemple",
    "address_postcode": "33000",
    "address_town": "Bordeaux",
    "address_country": "FR",
    "contact_name": "Camille Moreau",
    "contact_email": CAMILLE,
    "contact_phone": "+33 1 00 00 00 00",
    "contact_job": "Épidémiologiste",
    "contact_affiliation": "Université d’Exemple",
    "contact_relation": "Salariée",
    "functions": "Pharmaco-épidémiologie.",
    "persons_1_name": "Camille Moreau",
    "persons_1_subject": CAMILLE,
    "persons_1_leads": "on",
    "persons_2_name": "Louis Bernard",
    "persons_2_subject": LOUIS,
}
PAYMENT = {
    "payer_organisation": "Université d’Exemple",
    "payer_name": "Service financier",
    "payer_email": "factures@univ.example",
    "payer_phone": "+33 1 00 00 00 01",
    "payer_street": "1, rue de l’Exemple",
    "payer_postcode": "33000",
    "payer_town": "Bordeaux",
    "payer_country": "FR",
    "payer_business_id": "000 000 000 00000",
    "invoice_kind": "paper",
    "is_financed": "no",
}
PURPOSE = {
    "purposes": ["e"],
    "responsible_name": "Camille Moreau",
    "responsible_title": "Directrice de recherche",
    "responsible_affiliation": "Université d’Exemple",
    "intended_use": "Comparer l’incidence.",
    "expected_benefit": "Des prescriptions plus sûres.",
    "qualifications": "Doctorat d’épidémiologie.",
    "plan_language": "fr",
    "no_forbidden_use": "yes",
}
DATA = {
    "population": "Nouveaux utilisateurs de 2022.",
    "care_from": "2021-01-01",
    "care_to": "2023-12-31",
    "contacts_met": "Remboursements de la période.",
    "linkage_method": "Aucun.",
    "covers_other_countries": "no",
    "tables_ER_PHA_F": ["PHA_PRS_C13", "PHA_ACT_QSN"],
    "necessity": "Le médicament et la quantité suffisent.",
    "data_format": "pseudonymised",
    "pseudonymised_reason": "Suivre chaque personne.",
    "knows_ground_needed": "yes",
    "knows_ethics_needed": "yes",
    "gdpr_ground": "e",
    "gdpr_compliance": "Analyse d’impact faite.",
}
COHORT = {
    "cohort_formed": "criteria",
    "subjects_informed": "no",
    "subjects_informed_why_not": "L’information publique du hub s’applique.",
    "inclusion": "Première délivrance en 2022.",
    "size_kind": "estimate",
    "cohort_size": "2000",
    "sampling": "all",
    "delivery": "once",
    "has_controls": "no",
    "has_relatives": "no",
}
OTHER_DATA = {"combines_data": "no", "brings_own_data": "no"}
ENVIRONMENT = {
    "spe_requirements": "Quatre cœurs.",
    "spe_name": "Environnement du hub",
    "spe_provider": "Hub d’exemple",
    "starts": "asap",
    "access_frequency": "Chaque jour ouvré",
    "third_country": "no",
    "controller": "Université d’Exemple",
    "minimisation": "Les seules colonnes utiles.",
    "confirms_purpose_only": "yes",
    "confirms_no_copy": "yes",
    "confirms_no_screenshot": "yes",
    "confirms_network_safety": "yes",
    "confirms_no_reidentification": "yes",
    "safeguards": "Équipe formée.",
    "access_months": "24",
    "period_reason": "Analyse et publication.",
    "tools": "Python.",
    "ethics": "not-needed",
    "opt_out_exception": "no",
}
CONFIRMATION = {"confirms_fee": "yes", "confirms_holder_fee": "yes", "confirms_correct": "yes"}
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def text(page: str) -> str:
    """The words of a page, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def read(client: Client, address: str) -> str:
    return text(client.get(address).content.decode())


@pytest.fixture
def camille(road: Road, client: Client) -> Client:
    """Camille's browser, a draft just opened."""
    client.force_login(road.camille)
    client.post("/applications/start/snds-synthetic/")
    return client


def fill(client: Client) -> None:
    """Answer every step."""
    plan = SimpleUploadedFile("plan.pdf", PDF)
    client.post(f"{STEPS}project/", PROJECT)
    client.post(f"{STEPS}sources/", SOURCES)
    client.post(f"{STEPS}applicant/", APPLICANT)
    client.post(f"{STEPS}payment/", PAYMENT)
    client.post(f"{STEPS}purpose/", {**PURPOSE, "research_plan": plan})
    client.post(f"{STEPS}data/", DATA)
    client.post(f"{STEPS}cohort/", COHORT)
    client.post(f"{STEPS}other-data/", OTHER_DATA)
    client.post(f"{STEPS}environment/", ENVIRONMENT)
    client.post(f"{STEPS}confirmation/", CONFIRMATION)


def test_a_data_user_asks_for_data_step_by_step_and_submits(camille: Client) -> None:
    fill(camille)

    summary = read(camille, f"{FILE}summary/")
    assert "Camille Moreau (camille.moreau@univ.example), investigateur principal" in summary
    assert "ER_PHA_F (PHA_PRS_C13, PHA_ACT_QSN)" in summary
    assert "Déposer la demande" in summary
    after = camille.post(f"{FILE}summary/", follow=True).content.decode()
    assert "C’est le tour de" in text(after)
    assert "l’instruction" in text(after)
    assert Application.objects.get().state == "submitted"


def test_each_step_leads_to_the_next_and_the_last_to_the_summary(camille: Client) -> None:
    assert camille.post(f"{STEPS}project/", PROJECT)["Location"] == f"{STEPS}sources/"
    assert camille.post(f"{STEPS}confirmation/", {})["Location"] == f"{FILE}summary/"


def test_a_draft_is_kept_as_typed_and_its_problems_shown_beside_each_question(
    camille: Client,
) -> None:
    wrong = {**DATA, "care_from": "2023-02-31", "care_to": "", "stay": "1"}

    page = camille.post(f"{STEPS}data/", wrong, follow=True).content.decode()

    assert 'value="2023-02-31"' in page
    assert "Donnez une date qui existe" in page
    assert "Répondez à cette question" in page
    assert "Le médicament et la quantité suffisent." in page


def test_a_number_that_is_none_is_kept_as_typed(camille: Client) -> None:
    typed = {**ENVIRONMENT, "access_months": "deux ans", "stay": "1"}

    page = camille.post(f"{STEPS}environment/", typed, follow=True).content.decode()

    assert 'value="deux ans"' in page
    assert "Écrivez un nombre entier" in page


def test_saving_one_step_loses_nothing_of_the_others(camille: Client) -> None:
    camille.post(f"{STEPS}project/", PROJECT)
    camille.post(f"{STEPS}purpose/", PURPOSE)

    answers = Application.objects.get().answers
    assert answers["title"] == "Saignements digestifs"
    assert answers["purposes"] == ["e"]


def test_more_persons_get_more_lines(camille: Client) -> None:
    camille.post(f"{STEPS}applicant/", APPLICANT)

    page = camille.get(f"{STEPS}applicant/").content.decode()
    assert 'name="persons_4_name"' in page
    assert 'name="persons_5_name"' not in page


def test_the_summary_counts_what_is_missing_and_offers_no_submission(camille: Client) -> None:
    summary = read(camille, f"{FILE}summary/")

    assert "réponses manquent" in summary
    assert "Déposer la demande" not in summary


def test_a_reserved_purpose_is_explained_to_a_company(camille: Client) -> None:
    camille.post(f"{STEPS}applicant/", {**APPLICANT, "applicant_kind": "company"})
    camille.post(f"{STEPS}purpose/", {**PURPOSE, "purposes": ["a"]})

    assert "réservée aux organismes publics" in read(camille, f"{FILE}summary/")


def test_direct_identifiers_are_not_offered(camille: Client) -> None:
    page = camille.get(f"{STEPS}data/").content.decode()

    assert "BEN_SEX_COD" in page
    assert "BEN_NIR_ANO" not in page
    assert "BEN_NIR_PSA" not in page


def test_every_question_names_its_article(camille: Client) -> None:
    assert "art. 67(2)(e)" in read(camille, f"{STEPS}data/")


def test_the_form_speaks_english_too(camille: Client) -> None:
    camille.cookies["ecluse_language"] = "en"

    assert "Population studied" in read(camille, f"{STEPS}data/")


def test_a_form_sent_twice_leads_to_the_file_as_it_stands(camille: Client) -> None:
    fill(camille)
    camille.post(f"{FILE}summary/")

    again = camille.post(f"{FILE}summary/", follow=True)

    assert "déjà avancé" in again.content.decode()
    assert Application.objects.get().submissions.count() == 1


def test_a_draft_can_hold_hostile_text_and_shows_it_as_text(camille: Client) -> None:
    camille.post(f"{STEPS}project/", {"title": "<script>alert(1)</script>\0"})

    page = camille.get(FILE).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_applicant_completes_the_file_and_the_assessor_sees_what_changed(
    road: Road, client: Client
) -> None:
    awaiting = road.awaiting()
    client.force_login(road.camille)
    assert "Pourquoi le sexe ?" in read(client, FILE)
    client.post(f"{STEPS}data/", {**DATA, "necessity": "Le sexe est un facteur de risque."})
    client.post(f"{FILE}summary/", {"reply": "Voilà."})
    client.force_login(road.assessor)

    page = read(client, FILE)
    assert "Ce qui a changé depuis le dépôt précédent" in page
    assert "Pourquoi ces données" in page
    assert "Voilà." in page
    awaiting.refresh_from_db()
    assert awaiting.state == "pre-screening"


def test_officers_find_the_files_of_their_turn_by_due_day(road: Road, client: Client) -> None:
    road.submitted()
    client.force_login(road.assessor)
    assert "2026-00001" in read(client, "/cases/")
    client.force_login(road.decider)

    assert "Aucun dossier n’attend votre rôle" in read(client, "/cases/")


def test_the_assessor_asks_for_information_on_the_page(road: Road, client: Client) -> None:
    road.screening()
    client.force_login(road.assessor)

    asked = {"field_1": "necessity", "text_1": "Pourquoi le sexe ?"}
    page = client.post(f"{FILE}information/", asked, follow=True).content.decode()

    assert "C’est le tour de : le demandeur" in text(page)
    assert "Échéance : 2 février 2026" in text(page)


def answer_each(client: Client, **others: dict[str, str]) -> None:
    for one in QUESTIONS:
        answer = others.get(one.value, {"outcome": "yes"})
        client.post(f"{ASSESSMENT}questions/{one.value}/", answer)


def test_the_assessor_checks_assesses_criterion_by_criterion_then_says_that_nothing_is_charged(
    road: Road, client: Client
) -> None:
    road.submitted()
    client.force_login(road.assessor)
    client.post(f"{CASE}file/start-screening/")
    client.post(f"{FILE}complete/")
    answer_each(client, b={"outcome": "no", "reason": "Trop."})
    client.post(f"{ASSESSMENT}conclusion/")

    nothing = {"standard": "no-estimate-refusal"}
    page = client.post(f"{CASE}unit-1/no-estimate/", nothing, follow=True).content.decode()

    assert "C’est le tour de : la décision" in text(page)
    assert "Trop." in text(page)
    assert "Un refus est proposé : une estimation serait sans objet." in text(page)


def test_what_cannot_be_done_now_says_why(road: Road, client: Client) -> None:
    road.submitted()
    client.force_login(road.assessor)

    page = read(client, FILE)
    assert "Possible seulement quand l’état est : Complétude en vérification." in page


def test_the_applicant_reads_the_assessment_only_once_it_is_decided(
    road: Road, client: Client
) -> None:
    assessed = road.assessed(FAILED)
    client.force_login(road.camille)
    assert "Trop de colonnes." not in read(client, FILE)
    actions.refuse(assessed, "Données non nécessaires.", by=road.decider, now=NOW)

    page = read(client, FILE)
    assert "Données non nécessaires." in page
    assert "Trop de colonnes." in page


def test_what_is_being_corrected_is_not_shown_to_officers(road: Road, client: Client) -> None:
    awaiting = road.awaiting()
    actions.save(awaiting, {"title": "Titre en cours de correction"}, by=road.camille, now=NOW)
    client.force_login(road.assessor)

    assert "Titre en cours de correction" not in read(client, FILE)
    assert "Saignements digestifs sous anti-inflammatoires" in read(client, FILE)


def test_a_dataset_is_put_in_the_basket_from_its_page(road: Road, client: Client) -> None:
    client.force_login(road.camille)
    page = client.get("/catalogue/snds-synthetic/").content.decode()
    assert 'action="/drafts/basket/"' in page

    kept = client.post(
        "/drafts/basket/", {"dataset": "snds-synthetic"}, follow=True
    ).content.decode()

    assert "/catalogue/snds-synthetic/" in kept
