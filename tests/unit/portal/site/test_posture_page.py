"""The page of the posture: what it shows of a signed report, and nothing of any other."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from ecluse.domain.posture import Expiry, Outcome, PostureReport, Tally, sovereignty
from ecluse.trust import postures
from tests.sites import Signers

REPORT = PostureReport(
    datetime(2026, 11, 23, 12, tzinfo=UTC),
    "0.1.0",
    (),
    (Tally("hds", "HDS, version 2", controls=31, probed=9, broken=1, tested=2, missing=0),),
    (Expiry("one", "SecNumCloud", "2026-001", date(2027, 1, 10), 48),),
    sovereignty({"vendor-packages": Outcome.HELD, "operators": Outcome.BROKEN}),
)


def keep(data: bytes, settings: Settings) -> None:
    (Path(settings.ECLUSE_HOME) / "portal" / "posture.json").write_bytes(data)


def test_a_site_that_was_not_probed_says_so(signers: Signers, client: Client) -> None:
    assert "n’a pas encore été sondée" in client.get("/posture/").content.decode()


def test_the_page_shows_what_was_probed_and_which_qualification_ends(
    signers: Signers, client: Client, settings: Settings
) -> None:
    keep(postures.sign(REPORT, signers.portal), settings)

    page = client.get("/posture/").content.decode()

    assert "9 sur 31" in page
    assert "10/01/2027" in page
    assert page.count("Rompu<") == 1  # S6: operators
    assert page.count("Non vu") == 5  # S3, S9, S10, S11, S12


def test_a_report_that_was_altered_is_not_shown(
    signers: Signers, client: Client, settings: Settings
) -> None:
    keep(postures.sign(REPORT, signers.portal).replace(b'"broken":1', b'"broken":0'), settings)

    page = client.get("/posture/").content.decode()

    assert "n’est pas celui qui a été signé" in page
    assert "sur 31" not in page


@pytest.mark.parametrize("theme", ["neutral", "dsfr"])
def test_the_page_speaks_english_in_both_looks(
    signers: Signers, client: Client, settings: Settings, theme: str
) -> None:
    settings.ECLUSE_THEME = theme
    keep(postures.sign(REPORT, signers.portal), settings)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

    page = client.get("/posture/").content.decode()

    assert "9 of 31" in page
    assert "At least two places" in page
    assert "Non vu" not in page
