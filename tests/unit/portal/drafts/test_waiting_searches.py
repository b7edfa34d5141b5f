"""Attached files that wait for the search of viruses are searched by the daily job."""

from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django import Settings

from ecluse.portal.accounts.models import User
from ecluse.portal.drafts.actions import scan_pending
from ecluse.portal.drafts.models import Attachment, Scan
from ecluse.portal.mailbox import blobs
from tests.unit.portal.applications.road import NOW, Road, at_now, road

__all__ = ["at_now", "road"]
CLEAN, INFECTED, SILENT = "true", "false", "/no/such/command"
"""Commands that end with 0, with 1, and that cannot be run."""


def waiting(by: User, content: bytes = b"%PDF-1.7 plan %%EOF") -> Attachment:
    return Attachment.objects.create(
        file="2026-00001",
        field="research_plan",
        name="plan.pdf",
        type="pdf",
        size=len(content),
        digest=blobs.keep([content]),
        scan=Scan.PENDING,
        uploaded_by=by,
        uploaded_at=NOW,
    )


def daily() -> str:
    said = StringIO()
    call_command("daily", stdout=said)
    return said.getvalue()


@pytest.mark.usefixtures("at_now")
def test_the_daily_job_searches_what_waits_and_says_how_many(
    road: Road, settings: Settings
) -> None:
    attachment = waiting(road.camille)
    settings.ECLUSE_SCAN = CLEAN

    assert "scanned=1" in daily()
    assert "scanned=0" in daily()
    attachment.refresh_from_db()
    assert (attachment.scan, attachment.scanned_at) == (Scan.CLEAN, NOW)


@pytest.mark.usefixtures("at_now")
def test_an_infected_file_loses_its_bytes(road: Road, settings: Settings) -> None:
    attachment = waiting(road.camille)
    path = blobs.find(attachment.digest)
    settings.ECLUSE_SCAN = INFECTED

    assert "scanned=1" in daily()
    attachment.refresh_from_db()
    assert attachment.scan == Scan.INFECTED
    assert not path.exists()


def test_a_search_that_cannot_be_run_leaves_files_waiting(road: Road, settings: Settings) -> None:
    attachment = waiting(road.camille)
    settings.ECLUSE_SCAN = SILENT

    assert scan_pending(now=NOW) == 0
    attachment.refresh_from_db()
    assert attachment.scan == Scan.PENDING


def test_bytes_that_are_missing_do_not_keep_the_others_waiting(
    road: Road, settings: Settings
) -> None:
    lost, there = waiting(road.camille, b"%PDF-1 a %%EOF"), waiting(road.camille, b"%PDF-1 b %%EOF")
    blobs.find(lost.digest).unlink()
    settings.ECLUSE_SCAN = CLEAN

    assert scan_pending(now=NOW) == 1
    there.refresh_from_db()
    assert there.scan == Scan.CLEAN
