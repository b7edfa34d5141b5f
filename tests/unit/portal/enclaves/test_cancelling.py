"""An analysis is stopped by a person of its project, or by a supervisor; its progress is shown."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client

from ecluse.domain.documents import (
    ActionProgress,
    ActionState,
    JobCancellation,
    JobProgress,
    JobReceipt,
    JobStatus,
)
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.enclaves import actions
from ecluse.portal.enclaves.models import Job
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from tests.unit.domain.build import PERMIT
from tests.unit.portal.zone import NOW, Zone, bundle

JOB = "/enclaves/jobs/FR-2026-0001-J1/"
CANCEL = f"{JOB}cancel/"
RUNNING = "/enclaves/running/"
ACTIONS = (
    ActionProgress("cohort", ActionState.RAN, 12),
    ActionProgress("counts", ActionState.RUNNING, 0),
)


@pytest.fixture
def job(zone: Zone, people: dict[str, User]) -> Job:
    """An analysis that the secure zone has not answered."""
    extract = zone.open_workspace().extracts.get()
    return actions.submit_job(extract, bundle(), entry="analysis.py", by=people["pi"], now=NOW)


def receipt(job: Job, **changes: object) -> JobReceipt:
    number, permit = job.number, job.workspace.permit_number
    ended = JobReceipt(number, job.order.digest, permit, JobStatus.CANCELLED, 1, "cancelled", (), 9)
    return replace(ended, **changes)  # type: ignore[arg-type]


def progress(job: Job) -> JobProgress:
    return JobProgress(job.number, job.workspace.permit_number, job.order.digest, ACTIONS, NOW)


def test_the_button_signs_a_word_that_names_the_order_and_who_gave_it(
    job: Job, people: dict[str, User], client: Client
) -> None:
    client.force_login(people["pi"])

    page = client.post(CANCEL, follow=True).content.decode()

    word = body_of(OutgoingDocument.objects.get(kind="JobCancellation"), JobCancellation)
    assert (word.order_digest, word.cancelled_by) == (job.order.digest, people["pi"].subject)
    assert "Annulation demandée" in page
    assert "Annuler l’analyse" not in page
    assert JournalEntry.objects.filter(action="job.cancelled").count() == 1


def test_asked_twice_one_word_is_sent(job: Job, people: dict[str, User]) -> None:
    actions.cancel_job(job, by=people["pi"], now=NOW)

    actions.cancel_job(job, by=people["pi"], now=NOW)

    assert OutgoingDocument.objects.filter(kind="JobCancellation").count() == 1


def test_the_page_says_by_whom_it_was_stopped(
    job: Job, zone: Zone, people: dict[str, User], client: Client
) -> None:
    zone.receive(receipt(job, cancelled_by="sarah@hub.example"))
    client.force_login(people["pi"])

    page = client.get(JOB).content.decode()

    job.refresh_from_db()
    assert job.state == "cancelled"
    assert "par sarah@hub.example. Rien n’en sort." in page
    assert "Corrigez le script" not in page


def test_what_has_ended_is_not_cancelled(job: Job, zone: Zone, people: dict[str, User]) -> None:
    zone.receive(receipt(job, status=JobStatus.SUCCEEDED, exit_code=0))

    with pytest.raises(NotAllowed):
        actions.cancel_job(job, by=people["pi"], now=NOW)

    assert not OutgoingDocument.objects.filter(kind="JobCancellation").exists()


ROUTES = (
    ("POST", CANCEL, "pi", 302),
    ("POST", CANCEL, "stranger", 404),
    ("POST", CANCEL, "sarah", 302),
    ("POST", CANCEL, "auditor", 302),
    ("GET", CANCEL, "pi", 405),
    ("GET", RUNNING, "pi", 403),
    ("GET", RUNNING, "stranger", 403),
    ("GET", RUNNING, "sarah", 200),
    ("GET", RUNNING, "auditor", 200),
)


@pytest.mark.parametrize("route", ROUTES, ids=lambda one: " ".join(one[:3]))
def test_a_project_stops_its_own_and_supervisors_any(
    job: Job, people: dict[str, User], client: Client, route: tuple[str, str, str, int]
) -> None:
    method, address, who, status = route
    client.force_login(people[who])

    assert client.generic(method, address).status_code == status


def test_supervisors_see_what_runs_and_stop_it_there(
    job: Job, people: dict[str, User], client: Client
) -> None:
    client.force_login(people["sarah"])
    before = client.get(RUNNING).content.decode()

    after = client.post(CANCEL, follow=True)

    assert "Annuler l’analyse FR-2026-0001-J1" in before
    assert after.redirect_chain == [(RUNNING, 302)]
    assert "annulation demandée" in after.content.decode()


def test_the_page_shows_where_every_action_is(
    job: Job, zone: Zone, people: dict[str, User], client: Client
) -> None:
    zone.receive(progress(job))
    client.force_login(people["pi"])

    page = client.get(f"{JOB}progress/").content.decode()

    table = page[page.index("Avancement") :]
    assert table.index("cohort") < table.index("faite") < table.index("counts")
    assert table.index("counts") < table.index("en cours")


def test_progress_that_comes_after_the_end_changes_nothing(job: Job, zone: Zone) -> None:
    zone.receive(receipt(job, status=JobStatus.SUCCEEDED, exit_code=0))

    zone.receive(progress(job))

    job.refresh_from_db()
    assert (job.state, job.progress) == ("succeeded", None)


def test_a_project_sends_no_more_analyses_than_the_operator_wrote(
    job: Job, people: dict[str, User], tmp_path: Path
) -> None:
    lines = [f'[projects."{PERMIT.permit_number}"]', "waiting_jobs = 1"]
    (tmp_path / "checking" / "quotas.toml").write_text("\n".join(lines))

    with pytest.raises(NotAllowed, match="may have 1"):
        actions.submit_job(job.extract, bundle(), entry="analysis.py", by=people["pi"], now=NOW)


def test_quotas_that_cannot_be_read_stop_everything(job: Job, tmp_path: Path) -> None:
    (tmp_path / "checking" / "quotas.toml").write_text("waiting_jobs")

    with pytest.raises(InvalidInput, match="not TOML"):
        actions.quotas()
