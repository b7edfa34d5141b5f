"""Anybody finds what data exist, what they hold and how to ask for them, without an account."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from ecluse.domain.documents import Signer
from ecluse.portal.catalogue import actions
from tests.sites import Agent, Signers
from tests.unit.portal.build import CLAIMS, NOTICE

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def loaded(signers: Signers, agent: Agent) -> None:
    """The synthetic claims: described by their holder, then loaded in the secure zone."""
    actions.describe("snds-synthetic", CLAIMS, by="set-up", now=NOW)
    agent.deliver(signers.sign(NOTICE, issuer=Signer.AGENT))


def test_a_visitor_searches_opens_a_dataset_and_reads_its_tables(
    loaded: None, client: Client
) -> None:
    results = client.get("/catalogue/", {"q": "hopital"}).content.decode()
    page = client.get("/catalogue/snds-synthetic/").content.decode()

    assert "/catalogue/snds-synthetic/" in results
    assert "Médicaments délivrés" in page
    assert "Autorisation, puis analyse dans la zone sécurisée." in page


def test_the_description_is_proven_by_the_secure_zone_that_loaded_the_data(
    loaded: None, client: Client
) -> None:
    json = client.get("/catalogue/snds-synthetic.json").json()
    page = client.get("/catalogue/snds-synthetic/").content.decode()

    assert json["snapshot"]["digest"].startswith("sha256:")
    assert json["snapshot"]["digest"] in page


def test_a_number_of_persons_under_eleven_is_never_published(loaded: None, client: Client) -> None:
    tables = client.get("/catalogue/snds-synthetic.json").json()["snapshot"]["tables"]

    assert {table["name"]: table["row_count"] for table in tables} == {
        "ER_PHA_F": 123_456,
        "IR_RARE_R": None,
    }
