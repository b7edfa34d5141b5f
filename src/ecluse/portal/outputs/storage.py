"""A request between its rows and the value that the rules see; the journal of its moves."""

from datetime import datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from ecluse.domain import outputs, permits
from ecluse.domain.clocks.periods import add_months
from ecluse.domain.documents import CheckReport, Decision
from ecluse.domain.parameters import DELETION_MONTHS
from ecluse.domain.reviews.machine import State
from ecluse.domain.reviews.policies import ReviewPolicy
from ecluse.domain.reviews.review import (
    FileKind,
    FileVote,
    Group,
    Review,
    ReviewFile,
    ScreenedFile,
    Screening,
)
from ecluse.portal.audit import identity
from ecluse.portal.audit.actions import record
from ecluse.portal.enclaves.withdrawals import withdrawals_of
from ecluse.portal.outputs.labels import JOURNAL
from ecluse.portal.outputs.models import Request, RequestFile
from ecluse.portal.outputs.policies import policies


def lock(request: Request) -> Request:
    """Return the request, which nobody else changes until the transaction ends."""
    rows = Request.objects.select_for_update(of=("self",))
    return rows.with_sources().get(pk=request.pk)


def policy_of(request: Request) -> ReviewPolicy:
    """Return the policy of the datasets that the files were made from."""
    return policies().of(outputs.datasets_of(request.mandate))


def author_of(request: Request) -> str:
    """Return who asks: a person of the project, or this site for an answer."""
    return request.requested_by.subject if request.requested_by else identity.audience()


def load(request: Request) -> Review:
    """Return the value of a request. Raises InvalidInput: the policies cannot be read."""
    reviews = request.reviews.filter(turn=request.turn, submitted_at__isnull=False)
    handed_in = reviews.select_related("checker").order_by("submitted_at", "pk")
    return Review(
        number=request.number,
        author=author_of(request),
        barred=outputs.barred_from(request.mandate),
        policy=policy_of(request),
        ends_at=ends_at(request),
        is_suspended=_is_suspended(request),
        state=State(request.state),
        frozen_from=State(request.frozen_from) if request.frozen_from else None,
        turn=request.turn,
        groups=tuple(Group(g.name, g.context, g.controls) for g in request.groups.order_by("pk")),
        files=_files(request),
        votes=_votes(request),
        submitted=tuple(review.checker.subject for review in handed_in),
        screening=screening_of(request),
    )


def _files(request: Request) -> tuple[ReviewFile, ...]:
    left = set(released_before(request).values_list("digest", flat=True))
    return tuple(
        ReviewFile(
            name=row.name,
            digest=row.digest,
            group=row.group.name,
            kind=FileKind(row.kind),
            released_before=row.digest in left,
        )
        for row in request.files.select_related("group").order_by("name")
    )


def released_before(request: Request) -> QuerySet[RequestFile]:
    """Return the files that already left for the same project, and were not recalled."""
    left = RequestFile.objects.filter(
        request__workspace=request.workspace_id,
        request__workspace__isnull=False,
        request__state=State.RELEASED.value,
        kind=FileKind.OUTPUT.value,
    )
    return left.exclude(request=request)


def _votes(request: Request) -> tuple[FileVote, ...]:
    rows = [
        vote
        for file in request.files.prefetch_related("votes__checker").order_by("name")
        for vote in file.votes.all()
    ]
    return tuple(
        FileVote(
            row.checker.subject,
            row.file.name,
            row.file.digest,
            Decision(row.decision),
            row.voted_at,
        )
        for row in sorted(rows, key=lambda row: (row.voted_at, row.pk))
    )


def screening_of(request: Request) -> Screening | None:
    """Return the signed verdicts on the files of what made them; None before they came."""
    source = request.source
    report: CheckReport | None = source.report
    if report is None or source.report_document is None:
        return None
    files = tuple(
        ScreenedFile(
            name=file.name,
            digest=file.digest,
            verdict=file.verdict,
            is_by_engine=outputs.is_by_engine(file),
        )
        for file in report.files
    )
    return Screening(report.policy, source.report_document.digest, files)


def _is_suspended(request: Request) -> bool:
    if request.workspace is not None:
        return request.workspace.suspended_at is not None
    number = outputs.number_of(request.mandate)
    return bool(permits.standing(number, withdrawals_of(number), now=timezone.now()))


def ends_at(request: Request) -> datetime | None:
    """Return when the permit ends for outputs: its revocation, or the deletion of its data.

    Results made in time may be published after its last day (EHDS art. 68(12), 61(4)).
    """
    if request.workspace is None:
        return None
    if request.workspace.revoked_at is not None:
        return request.workspace.revoked_at
    if request.workspace.deletion_document is not None:
        return request.workspace.deletion_document.received_at
    last_day = add_months(request.workspace.valid_until, DELETION_MONTHS.value)
    midnight = datetime.combine(last_day + timedelta(days=1), time.min)
    return timezone.make_aware(midnight)


def save(request: Request, review: Review) -> Request:
    """Journal the moves made, then write where the request stands, in the caller's transaction."""
    journal(request, review)
    return write(request, review)


def journal(request: Request, review: Review) -> None:
    """Write one entry per move: who made it and where it led, never what was voted."""
    for line in review.log:
        details = {"from": line.source.value, "to": line.to.value, "turn": line.turn}
        subject = f"request {request.number}"
        record(JOURNAL[line.move], subject, by=line.by, details=details, at=line.at)


def write(request: Request, review: Review) -> Request:
    """Write where the request stands, once its moves are journalled."""
    request.state, request.turn = review.state.value, review.turn
    request.frozen_from = review.frozen_from.value if review.frozen_from else ""
    request.save()
    return request
