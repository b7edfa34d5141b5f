"""What leaves, and what comes back: releases signed, confirmed, refused, tried again, recalled."""

from datetime import datetime
from typing import cast

from django.db import transaction

from ecluse.domain import outputs
from ecluse.domain.clocks.calendars import legal_day
from ecluse.domain.documents import (
    AGENT,
    PUBLIC_SITE,
    OutputFile,
    Recall,
    RecallReason,
    Refusal,
    Rejection,
    Release,
    ReleaseReceipt,
    Vote,
)
from ecluse.domain.errors import InvalidInput, OutOfScope, Replayed
from ecluse.domain.reviews import acts, judging
from ecluse.domain.reviews.citations import citation
from ecluse.domain.reviews.machine import State
from ecluse.domain.reviews.review import Review
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.mailbox.actions import send
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.outputs import evidence, storage
from ecluse.portal.outputs.models import Answer, Request
from ecluse.trust.documents import Verified


def asked_by(request: Request) -> str:
    """Return in whose name the files leave: their author, or who prepared the answer."""
    source = request.source
    return source.order.ordered_by if isinstance(source, Answer) else storage.author_of(request)


def approve(request: Request, review: Review, *, now: datetime) -> Request:
    """Approve what enough checkers approve, and hand it to the secure zone."""
    votes = judging.signed_votes(review)
    approved = acts.approve(review, at=now)
    return _release(request, approved, votes, by=votes[-1].checker, now=now)


def approve_again(request: Request, *, now: datetime) -> Request:
    """Release bytes that already left for this project, on the votes that let them out."""
    review = acts.approve_again(storage.load(request), at=now)
    digests = {file.digest for file in review.outputs}
    earlier = storage.released_before(request).filter(digest__in=digests)
    first = earlier.select_related("request__release").order_by("request__requested_at")[0]
    assert first.request.release is not None  # noqa: S101 - a constraint of the table
    before = body_of(first.request.release, Release)
    by = identity.audience()
    if before.is_machine_decided:
        return _release(request, review, (), by=by, now=now, is_machine_decided=True)
    return _release(request, review, before.votes, by=by, now=now)


def approve_by_machine(request: Request, *, now: datetime) -> Request:
    """Release what the policy leaves to the engine; the journal says that no person decided."""
    review = acts.approve_by_machine(storage.load(request), at=now)
    return _release(request, review, (), by=identity.audience(), now=now, is_machine_decided=True)


def _release(
    request: Request,
    review: Review,
    votes: tuple[Vote, ...],
    *,
    by: str,
    now: datetime,
    is_machine_decided: bool = False,
) -> Request:
    released = acts.release(review, at=now)
    storage.journal(request, released)
    body = _body(request, votes, now=now, is_machine_decided=is_machine_decided)
    return _send(request, released, body, by=by, now=now)


def _send(request: Request, review: Review, body: Release, *, by: str, now: datetime) -> Request:
    report = request.source.report
    assert report is not None  # noqa: S101 - what was screened has a report
    policy = storage.policy_of(request)
    outputs.check_release(body, request.body, report, request.mandate, policy=policy)
    sent = send(body, audience=(AGENT, PUBLIC_SITE), by=by, now=now)
    request.release = OutgoingDocument.objects.get(digest=sent.digest)
    evidence.keep_columns(request)
    return storage.write(request, review)


def _body(
    request: Request, votes: tuple[Vote, ...], *, now: datetime, is_machine_decided: bool
) -> Release:
    source, asked = request.source, request.body
    report = source.report
    if report is None or source.report_document is None or request.document is None:
        raise InvalidInput(f"The outputs of {source.number} have no check report.")
    sizes = {file.digest: file.size for file in report.files}
    return Release(
        request_number=request.number,
        job_number=source.number,
        permit_number=asked.permit_number,
        requested_by=asked.requested_by,
        request_digest=request.document.digest,
        check_report_digest=source.report_document.digest,
        files=tuple(OutputFile(file.name, sizes[file.digest], file.digest) for file in asked.files),
        votes=votes,
        citation=_citation(request, now=now),
        is_machine_decided=is_machine_decided,
    )


def _citation(request: Request, *, now: datetime) -> str:
    mandate = request.mandate
    return citation(
        title=request.title,
        permit_number=outputs.number_of(mandate),
        datasets=tuple(sorted(outputs.datasets_of(mandate))),
        request_number=request.number,
        on=legal_day(now),
    )


def tell_rejection(request: Request, review: Review, *, by: str, now: datetime) -> None:
    """Tell the public site that an answer is to be made again. The reasons stay here.

    A checker's words may quote a cell.
    """
    if request.document is None or request.answer is None:
        return
    asked = request.body
    rejection = Rejection(
        request.number,
        asked.job_number,
        asked.permit_number,
        request.document.digest,
        judging.signed_votes(review),
    )
    outputs.check_rejection(rejection, asked, request.mandate)
    send(rejection, audience=(AGENT, PUBLIC_SITE), by=by, now=now)


@transaction.atomic
def receive_receipt(verified: Verified, *, now: datetime) -> Request:
    """Write that the secure zone let the files out. Raises OutOfScope, Replayed."""
    receipt = cast(ReleaseReceipt, verified.document.body)
    found = Request.objects.filter(release__digest=receipt.release_digest).first()
    if found is None or found.number != receipt.request_number:
        raise OutOfScope(f"No release of {receipt.request_number} was signed here as this one.")
    request = storage.lock(found)
    if request.state != State.RELEASING.value:
        raise Replayed(f"Request {request.number} is {request.state}: nothing to do.")
    by = verified.document.issuer.value
    return storage.save(request, acts.confirm(storage.load(request), by=by, at=now))


@transaction.atomic
def receive_refusal(verified: Verified, *, now: datetime) -> Request | None:
    """Write that the secure zone refused a release, and why; other refusals are not for this app.

    The reason holds no row: the zone refuses with codes and numbers of documents.
    """
    refusal = cast(Refusal, verified.document.body)
    found = Request.objects.filter(
        release__digest=refusal.refused_digest, state=State.RELEASING.value
    ).first()
    if found is None:
        return None
    request = storage.lock(found)
    review = acts.fail(storage.load(request), by=verified.document.issuer.value, at=now)
    request.note = f"{refusal.code}: {refusal.reason}"
    return storage.save(request, review)


@transaction.atomic
def retry(request: Request, *, by: User, now: datetime) -> Request:
    """Sign again a release that the secure zone refused: the same bytes, the same votes.

    The zone releases one request once, so that two releases of it never leave. Raises NotAllowed.
    """
    request = storage.lock(request)
    by.require("output.retry", state=request.state)
    assert request.release is not None  # noqa: S101 - what failed had been signed
    before = body_of(request.release, Release)
    review = acts.retry(storage.load(request), by=by.subject, at=now)
    request.note = ""
    storage.journal(request, review)
    return _send(request, review, before, by=by.subject, now=now)


@transaction.atomic
def recall(request: Request, reason: RecallReason, *, by: User, now: datetime) -> Request:
    """Take back what was released: the public site gives it to nobody any more. Raises NotAllowed.

    Only a code of the reason leaves this room, never words.
    """
    request = storage.lock(request)
    by.require("output.recall", state=request.state)
    assert request.release is not None  # noqa: S101 - a constraint of the table
    review = acts.recall(storage.load(request), by=by.subject, at=now)
    storage.journal(request, review)
    body = Recall(
        request.number,
        outputs.number_of(request.mandate),
        request.release.digest,
        reason,
        by.subject,
        now,
    )
    outputs.check_recall(body, body_of(request.release, Release), request.mandate)
    send(body, audience=(AGENT, PUBLIC_SITE), by=by.subject, now=now)
    return storage.write(request, review)
