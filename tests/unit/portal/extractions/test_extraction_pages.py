"""What the pages of an extraction show, and what they keep to themselves."""

import re
from dataclasses import replace

import pytest
from django.test import Client

from ecluse.domain.documents import (
    AttritionStep,
    Coarsening,
    ExtractionReceipt,
    Precision,
    Removal,
    RemovedRows,
    Signer,
    TableScope,
)
from ecluse.domain.errors import OutOfScope
from ecluse.portal.applications import precisions
from ecluse.portal.extractions.models import Extraction
from tests.unit.portal.applications.road import Road, receipt


def page_of(client: Client, road: Road, extraction: Extraction) -> str:
    client.force_login(road.camille)
    response = client.get(f"/extractions/{extraction.number}/")
    assert response.status_code == 200
    return response.content.decode()


def delivered(road: Road, **changes: object) -> Extraction:
    """An extraction answered by a receipt so changed."""
    extraction = road.extraction()
    told: ExtractionReceipt = replace(receipt(extraction), **changes)  # type: ignore[arg-type]
    road.deliver(told, issuer=Signer.AGENT)
    extraction.refresh_from_db()
    return extraction


def test_the_page_draws_the_steps_of_the_cohort_with_their_counts(
    road: Road, client: Client
) -> None:
    page = page_of(client, road, delivered(road))

    assert "<svg" in page
    assert "512" in page


def test_a_count_that_stayed_in_the_zone_is_named_and_not_shown(road: Road, client: Client) -> None:
    steps = (
        AttritionStep("persons-of-dataset", 20_000),
        AttritionStep("in-cohort", None),
        AttritionStep("not-opted-out", None),
    )

    page = page_of(client, road, delivered(road, attrition=steps))
    assert "Des effectifs restent dans la zone sécurisée" in page
    assert "Non opposées" in page
    assert "None" not in page


def test_the_page_says_why_rows_were_left_out(road: Road, client: Client) -> None:
    extraction = road.extraction()
    (table,) = receipt(extraction).tables
    reasons = (
        RemovedRows(Removal.OUTSIDE_COHORT, 119_135),
        RemovedRows(Removal.FILTERED, None),
    )
    road.deliver(
        replace(receipt(extraction), tables=(replace(table, removed=reasons),)),
        issuer=Signer.AGENT,
    )
    extraction.refresh_from_db()

    page = page_of(client, road, extraction)
    words = " ".join(re.sub(r"<[^>]+>", " ", page).replace("\u202f", " ").split())
    assert "Lignes lues 123 456 Écartées : hors cohorte 119 135 Lignes livrées 4 321" in words
    assert "Effectifs restés dans la zone Écartées : par les filtres" in words


def test_a_receipt_that_coarsens_what_the_permit_gives_whole_is_refused(road: Road) -> None:
    extraction = road.extraction()
    (table,) = receipt(extraction).tables
    otherwise = replace(table, coarsened=(Coarsening("PHA_PRS_C13", Precision.ROUNDED, 10),))

    with pytest.raises(OutOfScope, match="otherwise than the permit"):
        road.deliver(replace(receipt(extraction), tables=(otherwise,)), issuer=Signer.AGENT)


def test_columns_are_shown_with_their_precision() -> None:
    scope = TableScope(
        "IR_BEN_R",
        ("BEN_SEX_COD", "BEN_NAI_ANN"),
        (Coarsening("BEN_NAI_ANN", Precision.AGE_BAND, 5),),
    )

    assert precisions.columns(scope) == "BEN_SEX_COD, BEN_NAI_ANN (par tranche de 5)"
