"""A job is answered once: nothing replaces what checkers look at while they vote."""

from dataclasses import replace

import pytest

from ecluse.domain.documents import CheckReport, JobReceipt
from ecluse.domain.errors import Replayed
from ecluse.portal.accounts.models import User
from ecluse.portal.enclaves.models import Job
from tests.unit.portal.rooms import people, zone
from tests.unit.portal.zone import Zone, checked_job

__all__ = ["people", "zone"]


@pytest.fixture
def job(zone: Zone, people: dict[str, User]) -> Job:
    """A job whose outputs are checked."""
    return checked_job(zone, people["pi"])


def test_a_second_report_does_not_replace_the_first(zone: Zone, job: Job) -> None:
    assert isinstance(job.report, CheckReport)
    cleared = replace(job.report, files=job.report.files[:1])

    with pytest.raises(Replayed):
        zone.receive(cleared)

    assert Job.objects.get().report == job.report


def test_a_second_receipt_does_not_replace_the_first(zone: Zone, job: Job) -> None:
    assert isinstance(job.receipt, JobReceipt)

    with pytest.raises(Replayed):
        zone.receive(replace(job.receipt, outputs=()))

    assert Job.objects.get().receipt == job.receipt


@pytest.mark.parametrize("number", ["FR-2026-0001-J2", "FR-2026-0002-J1"])
def test_an_answer_to_a_job_never_ordered_is_refused(zone: Zone, job: Job, number: str) -> None:
    assert isinstance(job.report, CheckReport)

    with pytest.raises(Replayed, match="never ordered"):
        zone.receive(replace(job.report, job_number=number))
