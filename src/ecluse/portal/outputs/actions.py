"""Asking that outputs leave, voting, releasing: the second gate, as people pass it."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from ecluse.domain import outputs
from ecluse.domain.documents import (
    AGENT,
    PUBLIC_SITE,
    Decision,
    OutputFile,
    OutputRequest,
    Rejection,
    Release,
    RequestedFile,
)
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.outputs import State
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.actions import record
from ecluse.portal.enclaves.models import Job
from ecluse.portal.mailbox.actions import send
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.outputs.models import OPEN_STATES, Request, RequestVote


@transaction.atomic
def ask(job: Job, reasons: Mapping[str, str], *, by: User, now: datetime) -> Request:
    """Ask that files of `job` leave; `reasons` gives, by file name, why each is safe.

    Raises NotAllowed, InvalidInput, OutOfScope. Source: EHDS art. 73(2).
    """
    # The workspace too: two requests of one project must not take the same number.
    job = Job.objects.select_for_update(of=("self", "workspace")).with_documents().get(pk=job.pk)
    by.require("output.request", state="checked" if job.is_checked else job.state)
    report = job.report
    if report is None:
        raise InvalidInput(f"The outputs of job {job.number} are not checked yet: wait for it.")
    if job.requests.filter(state__in=OPEN_STATES).exists():
        raise InvalidInput(f"A request on job {job.number} is already open: wait for its votes.")
    checked = {file.name: file.digest for file in report.files}
    files = tuple(
        RequestedFile(name, checked.get(name, ""), reason.strip())
        for name, reason in sorted(reasons.items())
    )
    outputs.check_request({(file.name, file.digest) for file in files}, report)
    if not all(file.reason for file in files):
        raise InvalidInput("Each file needs its reason: say why it identifies nobody.")
    permit_number = job.workspace.permit_number
    number = f"{permit_number}-R{Request.objects.filter(job__workspace=job.workspace).count() + 1}"
    body = OutputRequest(number, job.number, permit_number, files, by.subject)
    sent = send(body, audience=(AGENT,), by=by.subject, now=now)
    request = Request.objects.create(
        number=number,
        job=job,
        requested_by=by,
        requested_at=now,
        document=OutgoingDocument.objects.get(digest=sent.digest),
    )
    record("output.requested", f"request {number}", by=by.subject, digest=sent.digest, at=now)
    return request


@transaction.atomic
def withdraw(request: Request, *, by: User, now: datetime) -> None:
    """Take back a request before it is decided. Raises NotAllowed."""
    request = _locked(request)
    by.require("output.withdraw", state=request.state)
    if request.requested_by_id != by.pk:
        raise NotAllowed("Only the person who asked may take the request back.")
    request.state = State.WITHDRAWN.value
    request.save(update_fields=["state"])
    record("output.withdrawn", f"request {request.number}", by=by.subject, at=now)


@transaction.atomic
def vote(request: Request, decision: Decision, *, comment: str, by: User, now: datetime) -> Request:
    """Cast one checker's vote; the second one decides. Raises NotAllowed, InvalidInput.

    Source: EHDS art. 55(3): not of the project, nor of its permit's decision.
    """
    request = _locked(request)
    by.require("output.vote", state=request.state)
    outputs.check_checker(by.subject, request.mandate, request.signed_votes())
    if decision is Decision.REJECT and not comment.strip():
        raise InvalidInput("A rejection says why: the author needs it to mend the file.")
    RequestVote.objects.create(
        request=request, checker=by, decision=decision, comment=comment.strip(), voted_at=now
    )
    record("output.voted", f"request {request.number}", by=by.subject, at=now)
    state = outputs.state_after(request.signed_votes())
    if state is State.RELEASED:
        request.release = _release(request, by=by, now=now)
    if state is State.REJECTED and request.answer is not None:
        _reject(request, by=by, now=now)
    request.state = state.value
    request.save(update_fields=["state", "release"])
    return request


def _release(request: Request, *, by: User, now: datetime) -> OutgoingDocument:
    asked, source = request.body, request.source
    report = source.report
    if report is None or source.report_document is None:
        raise InvalidInput(f"The outputs of {source.number} have no check report.")
    sizes = {file.digest: file.size for file in report.files}
    release = Release(
        request_number=request.number,
        job_number=source.number,
        permit_number=asked.permit_number,
        requested_by=asked.requested_by,
        request_digest=request.document.digest,
        check_report_digest=source.report_document.digest,
        files=tuple(OutputFile(file.name, sizes[file.digest], file.digest) for file in asked.files),
        votes=request.signed_votes(),
    )
    outputs.check_release(release, asked, report, request.mandate)
    sent = send(release, audience=(AGENT, PUBLIC_SITE), by=by.subject, now=now)
    record(
        "output.released", f"request {request.number}", by=by.subject, digest=sent.digest, at=now
    )
    return OutgoingDocument.objects.get(digest=sent.digest)


def _reject(request: Request, *, by: User, now: datetime) -> None:
    """Tell the public site that an answer is to be made again. The reasons stay here.

    A checker's words may quote a cell.
    """
    asked = request.body
    rejection = Rejection(
        request.number,
        asked.job_number,
        asked.permit_number,
        request.document.digest,
        request.signed_votes(),
    )
    outputs.check_rejection(rejection, asked, request.mandate)
    sent = send(rejection, audience=(AGENT, PUBLIC_SITE), by=by.subject, now=now)
    record(
        "output.rejected", f"request {request.number}", by=by.subject, digest=sent.digest, at=now
    )


@transaction.atomic
def record_reading(request: Request, name: str, digest: str, *, by: User, now: datetime) -> None:
    """Write in the journal that a checker looked at a file (EHDS art. 73(1)(e))."""
    by.require("output.read-any")
    details = {"file": name}
    subject = f"request {request.number}"
    record("output.read", subject, by=by.subject, digest=digest, details=details, at=now)


def _locked(request: Request) -> Request:
    rows = Request.objects.select_for_update(of=("self",))
    related = ("job__workspace", "answer__order_document", "document", "requested_by")
    return rows.select_related(*related).get(pk=request.pk)
