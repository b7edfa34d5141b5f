"""How precisely columns are given: asked, decided, ordered, delivered; each step gives no more."""

import json
import re
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ecluse.domain import codec
from ecluse.domain.cohorts import AgeOn, AtLeast, Cohort, Events, IndexDay, Step, Variable
from ecluse.domain.documents import (
    Coarsening,
    FileFormat,
    FilterState,
    FilterSwitch,
    Precision,
    Removal,
    RemovedRows,
    Signer,
)
from ecluse.portal.extractions.models import Extraction
from ecluse.portal.lives import following
from ecluse.portal.mailbox.actions import receive
from ecluse.portal.permits.models import PermitRecord
from tests.spec.permits.test_from_decision_to_results import (
    COHORT,
    CONFIRM,
    DECISION,
    EXTRACTION,
    ORDER,
    PERMIT,
    TERMS,
    definition,
    read,
    text,
)
from tests.unit.portal.applications.road import NOW, Road, receipt
from tests.unit.portal.permits.columns import ASKED, RICH

pytestmark = pytest.mark.usefixtures("at_now")

GIVEN = {
    **TERMS,
    "tables_ER_PHA_F": ["event_date", "PHA_PRS_C13"],
    "tables_IR_BEN_R": ["BEN_SEX_COD", "BEN_NAI_ANN", "BEN_DCD_DTE"],
}
CHOSEN = {**COHORT, "tables_ER_PHA_F": ["event_date", "PHA_PRS_C13"]}
DRUGS = Events("drug_atc", ("M01AH01",)).in_year(2022)
WHOLE = Cohort(
    (Step("Traités en 2022", AtLeast(DRUGS, 2)),),
    index=DRUGS.first(),
    variables=(Variable("age", AgeOn(IndexDay()), "Âge au jour index"),),
)


@pytest.fixture
def decider(road: Road, client: Client) -> Client:
    """Paul's browser, a file before him that asks for facts that could identify."""
    receive(road.signers.sign(RICH, issuer=Signer.AGENT, now=NOW), now=NOW)
    application = road.assessed()
    application.answers["tables"] = ASKED
    application.save()
    client.force_login(road.decider)
    return client


@pytest.fixture
def camille(road: Road, decider: Client) -> Client:
    """Camille's browser, the permit granted: day of care as it is, day of death by month."""
    decider.post(DECISION, GIVEN)
    following.accept_all(PermitRecord.objects.get(), by=road.camille, now=NOW)
    decider.force_login(road.camille)
    return decider


def test_the_decision_page_proposes_one_fact_as_it_is(decider: Client) -> None:
    page = decider.get(DECISION).content.decode()

    assert '<option value="department" selected>au département</option>' in page
    assert "(5 sur 5)" in text(page)
    assert "Informations potentiellement identifiantes données ensemble" in page


def test_a_clash_is_told_on_the_form_and_nothing_is_signed(decider: Client) -> None:
    answer = decider.post(DECISION, {**GIVEN, "tables_IR_BEN_R.BEN_DCD_DTE": "as-is"})

    words = text(answer.content.decode())
    assert answer.status_code == 422
    assert "Ensemble, ces informations pourraient identifier une personne" in words
    assert "Donne telle quelle l’information « jour exact du décès »" in words
    assert not PermitRecord.objects.exists()


def test_two_facts_authorised_with_a_reason_are_signed_with_it(decider: Client) -> None:
    together = {
        "tables_IR_BEN_R.BEN_DCD_DTE": "as-is",
        "together": ["day-of-care", "day-of-death"],
        "together_reason": "Autorisation DR-2025-001.",
    }

    page = text(decider.post(DECISION, {**GIVEN, **together}, follow=True).content.decode())

    assert PermitRecord.objects.get().terms().together == ("day-of-care", "day-of-death")
    assert "jour exact des soins, jour exact du décès" in page
    assert "Autorisation DR-2025-001." in page


def test_a_sharper_precision_posted_by_hand_signs_nothing(decider: Client) -> None:
    answer = decider.post(DECISION, {**GIVEN, "tables_IR_BEN_R.BEN_NAI_ANN": "as-is"})

    assert answer.status_code == 422
    assert "Cette précision n’est pas offerte" in text(answer.content.decode())
    assert not PermitRecord.objects.exists()


def test_the_permit_page_tells_how_precisely(camille: Client) -> None:
    page = read(camille, PERMIT)

    assert "BEN_SEX_COD, BEN_NAI_ANN (par tranche de 5), BEN_DCD_DTE (au mois)" in page


def test_the_order_page_is_read_with_all_that_the_permit_gives_ticked(camille: Client) -> None:
    answer = camille.get(ORDER)

    assert answer.status_code == 200
    assert "(2 sur 2)" in text(answer.content.decode())
    assert "Le formulaire n’est pas complet" not in text(answer.content.decode())


def test_the_summary_says_precision_filters_formats_and_code_lists(camille: Client) -> None:
    asked = {
        "tables_ER_PHA_F.event_date": "month",
        "filter_surcharges": "off",
        "formats": ["csv", "sas-xport"],
    }

    page = text(camille.post(ORDER, {**CHOSEN, **asked}).content.decode())

    assert "event_date (au mois), PHA_PRS_C13" in page
    assert "Lignes de majoration non appliqué" in page
    assert "Parquet, CSV, SAS XPORT" in page
    assert "Médicaments ATC 2 M01AH01, M01AB05" in page


def test_what_is_confirmed_is_signed_as_it_was_read(camille: Client) -> None:
    asked = {
        "tables_ER_PHA_F.event_date": "month",
        "filter_surcharges": "strict",
        "formats": ["csv"],
    }
    sealed = definition(camille.post(ORDER, {**CHOSEN, **asked}).content.decode())

    camille.post(CONFIRM, {"definition": sealed})

    order = Extraction.objects.get().order()
    assert order.tables[0].coarsened == (Coarsening("event_date", Precision.MONTH),)
    assert order.filters == (FilterSwitch("surcharges", FilterState.STRICT),)
    assert order.formats == (FileFormat.CSV,)


def test_a_cohort_sent_as_a_file_is_told_in_both_languages_drawn_and_ordered(
    camille: Client,
) -> None:
    sent = SimpleUploadedFile("cohorte.json", json.dumps(codec.encode(WHOLE)).encode())

    page = camille.post(
        ORDER, {**CHOSEN, "source_1": "", "codes_1": "", "cohort_file": sent}
    ).content.decode()

    assert "<svg" in page
    assert "Âge au jour index" in text(page)
    assert "on at least 2 distinct dates" in text(page)
    camille.post(CONFIRM, {"definition": definition(page)})
    assert Extraction.objects.get().order().cohort == WHOLE


def test_a_cohort_beyond_the_permit_is_explained_and_kept_on_the_page(camille: Client) -> None:
    beyond = replace(
        WHOLE, steps=(Step("Avant", AtLeast(Events("drug_atc", ("M01",)).in_year(2020))),)
    )
    written = json.dumps(codec.encode(beyond))

    answer = camille.post(ORDER, {**CHOSEN, "source_1": "", "codes_1": "", "cohort_text": written})

    assert answer.status_code == 422
    assert "La cohorte lit des soins du 2020-01-01" in text(answer.content.decode())
    assert "&quot;steps&quot;" in answer.content.decode()


def test_an_order_sharper_than_the_permit_posted_by_hand_orders_nothing(camille: Client) -> None:
    sharper = {"tables_IR_BEN_R": ["BEN_DCD_DTE"], "tables_IR_BEN_R.BEN_DCD_DTE": "as-is"}

    answer = camille.post(ORDER, {**CHOSEN, **sharper})

    assert answer.status_code == 422
    assert "Cette précision n’est pas offerte" in text(answer.content.decode())


def test_the_page_of_a_receipt_draws_the_rows_left_out_and_names_what_changed(
    road: Road, camille: Client
) -> None:
    asked = {"tables_ER_PHA_F.event_date": "month", "formats": ["csv"]}
    sealed = definition(camille.post(ORDER, {**CHOSEN, **asked}).content.decode())
    camille.post(CONFIRM, {"definition": sealed})
    extraction = Extraction.objects.get()
    (table,) = receipt(extraction).tables
    told = replace(
        table,
        columns=("person_pseudonym", "event_date", "PHA_PRS_C13"),
        columns_dropped=("PHA_ACT_QSN",),
        coarsened=(Coarsening("event_date", Precision.MONTH),),
        removed=(
            RemovedRows(Removal.OUTSIDE_COHORT, 100_000),
            RemovedRows(Removal.FILTERED, 19_135),
        ),
    )
    body = replace(
        receipt(extraction),
        tables=(told,),
        filters=(FilterSwitch("surcharges", FilterState.ON),),
    )
    road.deliver(body, issuer=Signer.AGENT)

    page = read(camille, EXTRACTION).replace("\u202f", " ")
    assert "Écartées : hors cohorte 100 000 Écartées : par les filtres 19 135" in page
    assert "event_date (au mois)" in page
    assert "Colonnes retirées PHA_ACT_QSN" in page
    assert "Lignes de majoration appliqué" in page


def test_the_english_page_is_english(camille: Client) -> None:
    camille.cookies["ecluse_language"] = "en"

    page = text(camille.get(ORDER).content.decode())
    assert "Surcharge lines" in page
    assert re.search(r"by month", page)
    assert "Filters of known traps" in page
