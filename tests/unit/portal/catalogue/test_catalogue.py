"""The catalogue: described datasets alone, found whatever the accents, small counts hidden."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.test import Client

from ecluse.domain.documents import Signer, SnapshotNotice
from ecluse.domain.errors import InvalidInput
from ecluse.portal.catalogue import actions
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.mailbox.actions import receive
from tests.sites import Signers
from tests.unit.portal.build import CLAIMS, NOTICE

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def described(signers: Signers) -> Dataset:
    """The synthetic claims, described."""
    return actions.describe("snds-synthetic", CLAIMS, by="set-up", now=NOW)


def announce(signers: Signers, notice: SnapshotNotice) -> None:
    """Receive the notice as the agent delivers it."""
    receive(signers.sign(notice, issuer=Signer.AGENT, now=NOW), now=NOW)


def test_a_visitor_finds_a_dataset_without_an_account(described: Dataset, client: Client) -> None:
    page = client.get("/catalogue/").content.decode()

    assert "Remboursements d’un pays imaginaire" in page
    assert '/catalogue/snds-synthetic/"' in page


def test_a_search_without_result_says_what_to_do(described: Dataset, client: Client) -> None:
    page = client.get("/catalogue/", {"q": "introuvable"}).content.decode()

    assert "Essayez moins de mots" in page


def test_a_snapshot_shows_its_tables_columns_and_digest(
    described: Dataset, signers: Signers, client: Client
) -> None:
    announce(signers, NOTICE)

    page = client.get("/catalogue/snds-synthetic/").content.decode()

    assert "ER_PHA_F" in page
    assert "PHA_PRS_C13" in page
    assert "123\N{NARROW NO-BREAK SPACE}456" in page
    latest = described.latest_snapshot()
    assert latest is not None
    assert latest.digest in page


def test_a_count_under_eleven_is_never_shown(
    described: Dataset, signers: Signers, client: Client
) -> None:
    announce(signers, replace(NOTICE, person_count=10))

    page = client.get("/catalogue/snds-synthetic/").content.decode()
    json = client.get("/catalogue/snds-synthetic.json").json()

    assert page.count("moins de 11") == 2
    assert json["snapshot"]["person_count"] is None
    assert [table["row_count"] for table in json["snapshot"]["tables"]] == [123_456, None]


def test_a_count_of_eleven_is_shown(described: Dataset, signers: Signers, client: Client) -> None:
    announce(signers, replace(NOTICE, person_count=11))

    assert client.get("/catalogue/snds-synthetic.json").json()["snapshot"]["person_count"] == 11


def test_the_latest_snapshot_is_the_one_loaded_last(described: Dataset, signers: Signers) -> None:
    newer = replace(NOTICE, snapshot="20260205T100000Z-00000001", loaded_at=NOW)
    announce(signers, newer)
    announce(signers, NOTICE)

    latest = described.latest_snapshot()

    assert latest is not None
    assert latest.identifier == "20260205T100000Z-00000001"


def test_a_dataset_announced_but_not_described_is_not_shown(
    signers: Signers, client: Client
) -> None:
    announce(signers, NOTICE)

    assert client.get("/catalogue/snds-synthetic/").status_code == 404
    assert Dataset.objects.get().slug == "snds-synthetic"


def test_a_description_without_a_title_or_a_known_category_is_refused(signers: Signers) -> None:
    with pytest.raises(InvalidInput, match="lacks title_en"):
        actions.describe("x", replace(CLAIMS, title_en=" "), by="set-up", now=NOW)
    with pytest.raises(InvalidInput, match="51"):
        actions.describe("x", replace(CLAIMS, category="z"), by="set-up", now=NOW)

    assert Dataset.objects.count() == 0


def test_an_english_reader_reads_english(described: Dataset, client: Client) -> None:
    client.cookies["ecluse_language"] = "en"

    page = client.get("/catalogue/snds-synthetic/").content.decode()

    assert "Claims of an invented country" in page


def test_describing_again_replaces_the_description(described: Dataset) -> None:
    actions.describe("snds-synthetic", replace(CLAIMS, holder="Autre"), by="set-up", now=NOW)

    assert Dataset.objects.get().holder == "Autre"
