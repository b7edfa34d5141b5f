"""Workspaces open by a permit alone, and jobs are sent by the persons it names alone."""

from dataclasses import replace
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ecluse.domain.documents import JobOrder, Refusal, Revocation, Signer
from ecluse.domain.errors import InvalidInput, NotAllowed, Replayed, WrongSigner
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.enclaves import actions
from ecluse.portal.enclaves.forms import JobForm
from ecluse.portal.enclaves.models import Job, Workspace
from ecluse.portal.mailbox import blobs
from ecluse.portal.mailbox.actions import receive
from ecluse.portal.mailbox.reading import body_of
from ecluse.trust.documents import new_document, sign
from tests.unit.domain.build import PERMIT
from tests.unit.portal.zone import NOW, Zone, bundle, checked_job, receipt


def test_a_permit_opens_a_workspace_for_the_persons_it_names(
    zone: Zone,
    people: dict[str, User],
) -> None:
    workspace = zone.open_workspace()

    assert list(Workspace.objects.visible_to(people["pi"])) == [workspace]
    assert list(Workspace.objects.visible_to(people["stranger"])) == []
    assert workspace.permit == PERMIT
    assert workspace.extracts.get().receipt == receipt(PERMIT)


def test_a_permit_signed_by_the_agent_opens_nothing(zone: Zone) -> None:
    with pytest.raises(WrongSigner):
        zone.receive(PERMIT, Signer.AGENT)

    assert Workspace.objects.count() == 0
    assert JournalEntry.objects.filter(action="document.refused").count() == 1


def test_a_job_becomes_a_signed_order_whose_code_the_agent_may_fetch(
    zone: Zone,
    people: dict[str, User],
) -> None:
    extract = zone.open_workspace().extracts.get()
    study = bundle()
    job = actions.submit_job(extract, study, entry="analysis.py", by=people["pi"], now=NOW)

    order = body_of(job.order, JobOrder)
    study.seek(0)
    assert order.extraction_digest == extract.document.digest
    assert order.permit_digest == extract.workspace.document.digest
    assert order.submitted_by == people["pi"].subject
    assert blobs.find_for(order.code_digest, "agent:zone-1").read_bytes() == study.read()
    assert JournalEntry.objects.filter(action="job.ordered", digest=job.order.digest).exists()


def test_nobody_sends_a_job_to_a_revoked_or_ended_permit(
    zone: Zone,
    people: dict[str, User],
) -> None:
    ended = replace(PERMIT, permit_number="FR-2026-0002", valid_until=date(2026, 1, 31))
    revoked, late = zone.open_workspace(), zone.open_workspace(ended)
    zone.receive(Revocation("FR-2026-0001", NOW, "misuse"), Signer.PORTAL)

    with pytest.raises(NotAllowed):
        actions.submit_job(
            revoked.extracts.get(), bundle(), entry="analysis.py", by=people["pi"], now=NOW
        )
    with pytest.raises(InvalidInput, match="2026-01-31"):
        actions.submit_job(
            late.extracts.get(), bundle(), entry="analysis.py", by=people["pi"], now=NOW
        )
    assert Job.objects.count() == 0


def test_the_agent_tells_how_a_job_ended_and_what_the_checks_say(
    zone: Zone,
    people: dict[str, User],
) -> None:
    job = checked_job(zone, people["pi"])

    assert job.is_checked
    assert [file.verdict.value for file in job.report.files] == ["review", "blocked"]  # type: ignore[union-attr]


def test_the_author_reads_what_was_left_behind(
    zone: Zone, people: dict[str, User], client: Client
) -> None:
    job = checked_job(zone, people["pi"])
    client.force_login(people["pi"])

    assert "not a regular file" in client.get(f"/enclaves/jobs/{job.number}/").content.decode()


def test_a_refused_order_says_why(zone: Zone, people: dict[str, User]) -> None:
    extract = zone.open_workspace().extracts.get()
    job = actions.submit_job(extract, bundle(), entry="analysis.py", by=people["pi"], now=NOW)

    zone.receive(Refusal("JobOrder", "x", job.order.digest, "revoked", "Permit revoked."))

    job.refresh_from_db()
    assert (job.state, job.refusal_reason) == ("refused", "revoked: Permit revoked.")


def test_the_same_document_twice_is_refused(zone: Zone) -> None:
    document = new_document(PERMIT, issuer=Signer.PORTAL, audience=("site:checking",), now=NOW)
    data = sign(document, zone.portal)
    actions_before = Workspace.objects.count()
    receive(data, now=NOW)

    with pytest.raises(Replayed):
        receive(data, now=NOW)
    assert Workspace.objects.count() == actions_before + 1


@pytest.mark.parametrize(
    ("upload", "entry", "field"),
    [
        (SimpleUploadedFile("a.zip", b"not a zip"), "analysis.py", "bundle"),
        (bundle("other.py"), "analysis.py", "entry"),
        (bundle("analysis.py"), "../analysis.py", "entry"),
        (bundle("analysis.py"), "/etc/passwd", "entry"),
        (bundle("analysis.sh"), "analysis.sh", "entry"),
    ],
)
def test_a_malformed_upload_gets_a_message_beside_its_field(
    zone: Zone,
    upload: SimpleUploadedFile,
    entry: str,
    field: str,
) -> None:
    workspace = zone.open_workspace()
    form = JobForm(
        workspace, {"extract": workspace.extracts.get().pk, "entry": entry}, {"bundle": upload}
    )

    assert not form.is_valid()
    assert field in form.errors


ROUTES = [
    "/enclaves/FR-2026-0001/",
    "/enclaves/FR-2026-0001/submit/",
    "/enclaves/jobs/FR-2026-0001-J1/",
    "/enclaves/jobs/FR-2026-0001-J1/progress/",
]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("who", "status"),
    [("pi", {200, 286}), ("stranger", {404}), ("sarah", {404}), ("auditor", {404})],
)
def test_a_workspace_is_seen_by_the_persons_of_its_permit_alone(
    zone: Zone,
    people: dict[str, User],
    client: Client,
    route: str,
    who: str,
    status: set[int],
) -> None:
    checked_job(zone, people["pi"])
    client.force_login(people[who])

    assert client.get(route).status_code in status


@pytest.mark.parametrize("route", [*ROUTES, "/enclaves/"])
def test_without_sign_in_nothing_is_seen(zone: Zone, client: Client, route: str) -> None:
    response = client.get(route)

    assert response.status_code == 302
    assert "/accounts/sign-in/" in response["Location"]
