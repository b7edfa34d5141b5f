"""What opens a workspace, what a data user sends to it, and what the agent answers.

The site's own file `quotas.toml` says how many analyses of a project may wait and how many hours a
week it may use, in the words of `ecluse.domain.workflows.quotas`; the secure zone has its own.
"""

import tomllib
from datetime import datetime, timedelta
from typing import Final, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from ecluse.domain.clocks.calendars import legal_day
from ecluse.domain.documents import (
    AGENT,
    CheckReport,
    ExtractionReceipt,
    JobCancellation,
    JobOrder,
    JobProgress,
    JobReceipt,
    Permit,
    Refusal,
)
from ecluse.domain.errors import InvalidInput, Replayed
from ecluse.domain.workflows import Quotas, check_quota, read_quotas
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.audit.actions import record
from ecluse.portal.enclaves.models import (
    REFUSED,
    WAITING,
    Extract,
    Job,
    Workspace,
    WorkspacePerson,
)
from ecluse.portal.enclaves.withdrawals import write_standing
from ecluse.portal.mailbox import blobs
from ecluse.portal.mailbox.actions import send
from ecluse.portal.mailbox.models import IncomingDocument, OutgoingDocument
from ecluse.trust.documents import Verified

WEEK: Final = timedelta(weeks=1)
MS_AN_HOUR: Final = 3_600_000
QUOTAS: Final = "quotas.toml"


@transaction.atomic
def receive_permit(verified: Verified, *, now: datetime) -> Workspace:
    """Open the workspace of a permit, for the persons whom it names (EHDS art. 73(1)(a))."""
    permit = cast(Permit, verified.document.body)
    workspace = Workspace.objects.create(
        permit_number=permit.permit_number,
        title=permit.title,
        valid_until=permit.valid_until,
        document=_received(verified),
    )
    WorkspacePerson.objects.bulk_create(
        WorkspacePerson(workspace=workspace, subject=person.subject) for person in permit.persons
    )
    write_standing(workspace, now=now)  # a suspension may have come before its permit
    return workspace


@transaction.atomic
def receive_extraction(verified: Verified, *, now: datetime) -> Extract:  # noqa: ARG001
    """Show in its workspace an extraction that the agent delivered."""
    receipt = cast(ExtractionReceipt, verified.document.body)
    workspace = Workspace.objects.get(permit_number=receipt.permit_number)
    return Extract.objects.create(
        workspace=workspace, order_number=receipt.order_number, document=_received(verified)
    )


@transaction.atomic
def submit_job(
    extract: Extract, bundle: "UploadedFile[bytes]", *, entry: str, by: User, now: datetime
) -> Job:
    """Order the run of an analysis on `extract`. Raises NotAllowed or InvalidInput.

    `bundle` is a zip archive of the study's folder; `entry` the script of it that is run.
    """
    workspace = Workspace.objects.select_for_update().get(pk=extract.workspace_id)
    by.require("job.submit", state=workspace.state)
    _check_quota(workspace, now=now)
    if workspace.valid_until < legal_day(now):
        raise InvalidInput(f"Permit {workspace.permit_number} ended on {workspace.valid_until}.")
    number = f"{workspace.permit_number}-J{workspace.jobs.count() + 1}"
    sent = send(
        JobOrder(
            job_number=number,
            permit_number=workspace.permit_number,
            permit_digest=workspace.document.digest,
            extraction_number=extract.order_number,
            extraction_digest=extract.document.digest,
            code_digest=blobs.keep(bundle.chunks()),
            entry=entry,
            submitted_by=by.subject,
        ),
        audience=(AGENT,),
        by=by.subject,
        now=now,
    )
    job = Job.objects.create(
        number=number,
        workspace=workspace,
        extract=extract,
        submitted_by=by,
        submitted_at=now,
        entry=entry,
        order=OutgoingDocument.objects.get(digest=sent.digest),
    )
    record("job.ordered", f"job {number}", by=by.subject, digest=sent.digest, at=now)
    return job


def _check_quota(workspace: Workspace, *, now: datetime) -> None:
    recent = workspace.jobs.with_documents().filter(submitted_at__gt=now - WEEK)
    spent = sum(job.receipt.duration_ms for job in recent if job.receipt) / MS_AN_HOUR
    waiting = workspace.jobs.filter(state=WAITING).count()
    project = workspace.permit_number
    check_quota(project, quotas().of(project), waiting_jobs=waiting, spent_hours=spent)


def quotas() -> Quotas:
    """Return what each project may have, as this site's operator wrote it. Raises InvalidInput."""
    path = identity.room() / QUOTAS
    try:
        return read_quotas(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Quotas()
    except tomllib.TOMLDecodeError:
        raise InvalidInput(f"{QUOTAS} is not TOML: the operator must mend it.") from None


@transaction.atomic
def cancel_job(job: Job, *, by: User, now: datetime) -> Job:
    """Have a job stopped, or not begun; the agent obeys within seconds. Once is enough.

    Raises:
        NotAllowed: the job has ended, or is of no concern to this person.
    """
    job = Job.objects.select_for_update().get(pk=job.pk)
    by.require("job.cancel", state=job.state)
    if job.cancellation_id is not None:
        return job
    number, permit = job.number, job.workspace.permit_number
    word = JobCancellation(number, permit, job.order.digest, by.subject, now)
    sent = send(word, audience=(AGENT,), by=by.subject, now=now)
    job.cancellation = OutgoingDocument.objects.get(digest=sent.digest)
    job.save(update_fields=["cancellation"])
    record("job.cancelled", f"job {number}", by=by.subject, digest=sent.digest, at=now)
    return job


@transaction.atomic
def receive_job_progress(verified: Verified, *, now: datetime) -> None:  # noqa: ARG001
    """Write how far a job has come; of one that has ended, nothing."""
    told = cast(JobProgress, verified.document.body)
    Job.objects.running().filter(number=told.job_number, order__digest=told.order_digest).update(
        progress_document=_received(verified)
    )


@transaction.atomic
def receive_job_receipt(verified: Verified, *, now: datetime) -> None:  # noqa: ARG001
    """Write how a job ended, once. Raises Replayed."""
    receipt = cast(JobReceipt, verified.document.body)
    waiting = Job.objects.filter(
        number=receipt.job_number, order__digest=receipt.order_digest, state=WAITING
    )
    _check_answered(waiting.update(state=receipt.status, receipt_document=_received(verified)))


@transaction.atomic
def receive_check_report(verified: Verified, *, now: datetime) -> None:  # noqa: ARG001
    """Write what the automatic checks say of a job's outputs, once. Raises Replayed."""
    report = cast(CheckReport, verified.document.body)
    waiting = Job.objects.filter(number=report.job_number, report_document=None)
    _check_answered(waiting.update(report_document=_received(verified)))


def _check_answered(job_count: int) -> None:
    """Pass if one job took the answer: no other may replace what checkers vote on."""
    if job_count != 1:
        raise Replayed("Here no job waits for this answer: it was answered, or never ordered.")


@transaction.atomic
def receive_refusal(verified: Verified, *, now: datetime) -> None:  # noqa: ARG001
    """Write why the agent did not obey an order."""
    refusal = cast(Refusal, verified.document.body)
    Job.objects.filter(order__digest=refusal.refused_digest, state=WAITING).update(
        state=REFUSED, refusal_reason=f"{refusal.code}: {refusal.reason}"
    )


def _received(verified: Verified) -> IncomingDocument:
    return IncomingDocument.objects.get(digest=verified.digest)
