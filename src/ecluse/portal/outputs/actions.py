"""What an author does: prepare a request, send it, mend it, take it back, answer questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from ecluse.domain import outputs
from ecluse.domain.documents import AGENT, OutputRequest, RequestedFile
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.reviews import acts
from ecluse.domain.reviews.machine import State
from ecluse.domain.reviews.review import FileKind, Group, Review, ReviewFile
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.actions import record
from ecluse.portal.enclaves.models import Job
from ecluse.portal.mailbox.actions import send
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.outputs import leaving, storage
from ecluse.portal.outputs.models import OPEN_STATES, Remark, Request, RequestFile, RequestGroup

TEXT = 2000


@dataclass(frozen=True, slots=True)
class AskedGroup:
    """Files that belong together: their kinds by name, what they are, why they name nobody."""

    name: str
    context: str
    controls: str
    files: Mapping[str, FileKind] = field(default_factory=dict)


@transaction.atomic
def ask(job: Job, groups: Sequence[AskedGroup], *, by: User, now: datetime) -> Request:
    """Prepare a request and send it at once. Raises NotAllowed, InvalidInput, OutOfScope.

    Source: EHDS art. 73(2).
    """
    return submit(draft(job, groups, by=by, now=now), by=by, now=now)


@transaction.atomic
def draft(job: Job, groups: Sequence[AskedGroup], *, by: User, now: datetime) -> Request:
    """Prepare a request on the files of `job`, which nobody else reads before it is sent.

    Raises NotAllowed, InvalidInput: among others, this person has an open request of this project.
    """
    # The workspace too: two requests of one project must not take the same number.
    job = Job.objects.select_for_update(of=("self", "workspace")).with_documents().get(pk=job.pk)
    by.require("output.request", state="checked" if job.is_checked else job.state)
    own = job.workspace.requests.filter(requested_by=by, state__in=OPEN_STATES).first()
    if own is not None:
        raise InvalidInput(f"Your request {own.number} of this project is open: finish it first.")
    request = Request.objects.create(
        number=f"{job.workspace.permit_number}-R{job.workspace.requests.count() + 1}",
        job=job,
        workspace=job.workspace,
        requested_by=by,
        requested_at=now,
    )
    record("output.drafted", f"request {request.number}", by=by.subject, at=now)
    return compose(request, groups, by=by, now=now)


@transaction.atomic
def compose(request: Request, groups: Sequence[AskedGroup], *, by: User, now: datetime) -> Request:
    """Write what a draft or a returned request holds; an unchanged file keeps its votes.

    Raises NotAllowed, InvalidInput: a file that the job did not leave, or that stands twice.
    """
    request = storage.lock(request)
    by.require("output.edit", state=request.state)
    digests = _digests(request)
    files = [
        ReviewFile(name=name, digest=digests.get(name, ""), group=group.name, kind=kind)
        for group in groups
        for name, kind in sorted(group.files.items())
    ]
    unknown = [file.name for file in files if not file.digest]
    if unknown:
        raise InvalidInput(f"{unknown[0][:60]!r} is not a file that this job left.")
    said = tuple(Group(g.name.strip(), g.context.strip(), g.controls.strip()) for g in groups)
    review = acts.compose(storage.load(request), said, tuple(files), by=by.subject, at=now)
    _write(request, review)
    return request


def _digests(request: Request) -> dict[str, str]:
    report = request.source.report
    if report is None:
        raise InvalidInput(f"The outputs of {request.source.number} are not checked yet.")
    return {file.name: file.digest for file in report.files}


def _write(request: Request, review: Review) -> None:
    """Write groups and files: what changed loses its votes with its row."""
    same = {(file.name, file.digest, file.kind.value) for file in review.files}
    for row in request.files.all():
        if (row.name, row.digest, row.kind) not in same:
            row.delete()
    groups = {
        group.name: RequestGroup.objects.update_or_create(
            request=request,
            name=group.name,
            defaults={"context": group.context, "controls": group.controls},
        )[0]
        for group in review.groups
    }
    for file in review.files:
        RequestFile.objects.update_or_create(
            request=request,
            name=file.name,
            defaults={
                "digest": file.digest,
                "kind": file.kind.value,
                "group": groups[file.group],
            },
        )
    request.groups.exclude(name__in=groups).delete()


@transaction.atomic
def submit(request: Request, *, by: User, now: datetime) -> Request:
    """Send a request: the automatic verdicts apply, then checkers take it.

    What already left for this project is approved at once: nobody judges the same bytes twice.
    Raises NotAllowed, InvalidInput, OutOfScope.
    """
    request = storage.lock(request)
    by.require("output.edit", state=request.state)
    if request.files.filter(name="").exists() or not request.files.exists():
        raise InvalidInput("The request holds no file: choose at least one.")
    review = acts.submit(storage.load(request), by=by.subject, at=now)
    return take_in(request, review, now=now)


def take_in(request: Request, review: Review, *, now: datetime) -> Request:
    """Screen what was submitted, sign it for the secure zone unless it is blocked."""
    screening = storage.screening_of(request)
    if screening is None:
        raise InvalidInput(f"The outputs of {request.source.number} are not checked yet: wait.")
    review = acts.screen(review, screening, at=now)
    request.requested_at, request.note = now, ""
    if review.state is State.BLOCKED:
        return storage.save(request, review)
    storage.save(request, review)
    request.document = _sign(request, review, now=now)
    request.save(update_fields=["document"])
    if not review.pending:
        return leaving.approve_again(request, now=now)
    return request


def _sign(request: Request, review: Review, *, now: datetime) -> OutgoingDocument:
    controls = {group.name: group.controls for group in review.groups}
    body = OutputRequest(
        request.number,
        request.source.number,
        outputs.number_of(request.mandate),
        tuple(
            RequestedFile(file.name, file.digest, controls[file.group]) for file in review.outputs
        ),
        leaving.asked_by(request),
    )
    sent = send(body, audience=(AGENT,), by=review.author, now=now)
    return OutgoingDocument.objects.get(digest=sent.digest)


@transaction.atomic
def withdraw(request: Request, *, by: User, now: datetime) -> Request:
    """Take back a request that no checker holds. Raises NotAllowed."""
    request = storage.lock(request)
    by.require("output.withdraw", state=request.state)
    return storage.save(request, acts.withdraw(storage.load(request), by=by.subject, at=now))


@transaction.atomic
def remark(
    request: Request, text: str, *, is_private: bool = False, by: User, now: datetime
) -> Remark:
    """Ask or answer about a request. Raises NotAllowed, InvalidInput."""
    by.require("output.remark")
    review = storage.load(request)
    if by.may("output.read-content"):
        acts.check_checker(review, by.subject, at=now)
    elif is_private:
        raise NotAllowed("A remark between checkers is for checkers: write to them instead.")
    if not text.strip() or len(text) > TEXT:
        raise InvalidInput(f"Write from 1 to {TEXT} characters.")
    made = Remark.objects.create(
        request=request, by=by, text=text.strip(), is_private=is_private, turn=request.turn, at=now
    )
    record("output.remarked", f"request {request.number}", by=by.subject, at=now)
    return made


@transaction.atomic
def record_reading(request: Request, name: str, digest: str, *, by: User, now: datetime) -> None:
    """Write in the journal that a checker looked at a file (EHDS art. 73(1)(e))."""
    by.require("output.read-any")
    details = {"file": name}
    subject = f"request {request.number}"
    record("output.read", subject, by=by.subject, digest=digest, details=details, at=now)
