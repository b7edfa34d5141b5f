"""What checkers do: open a request, hand in a review, return, refuse; what a machine decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db import transaction

from ecluse.domain.documents import Decision
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.reviews import acts, judging
from ecluse.domain.reviews.machine import WITH_CHECKERS, State
from ecluse.domain.reviews.review import Review
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.actions import record
from ecluse.portal.outputs import evidence, leaving, storage
from ecluse.portal.outputs.models import Request, RequestReview, RequestVote

REVIEWS_MEASURED = 200
"""The last reviews of which the desk shows the median time."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a checker says of one file, and why."""

    decision: Decision
    comment: str = ""


@transaction.atomic
def open_for(request: Request, *, by: User, now: datetime) -> None:
    """Note when a checker who may review begins to, once a turn; nothing for anybody else.

    The journal says that they looked (EHDS art. 73(1)(e)); the desk shows how long reviews take.
    """
    if State(request.state) not in WITH_CHECKERS or not by.may("output.vote", state=request.state):
        return
    try:
        acts.check_checker(storage.load(request), by.subject, at=now)
    except NotAllowed:
        return
    opened = {"opened_at": now}
    _row, is_new = RequestReview.objects.get_or_create(
        request=request, checker=by, turn=request.turn, defaults=opened
    )
    if is_new:
        details = {"turn": request.turn}
        record("output.opened", f"request {request.number}", by=by.subject, details=details, at=now)


@transaction.atomic
def vote(request: Request, opinions: Mapping[str, Opinion], *, by: User, now: datetime) -> Request:
    """Hand in one checker's review of every file that waits; enough of them release.

    Raises NotAllowed, InvalidInput. Source: EHDS art. 55(3), 73(2): not of the project, nor of its
    permit's decision.
    """
    request = storage.lock(request)
    by.require("output.vote", state=request.state)
    if not evidence.all_arrived(request):
        raise NotAllowed("The files have not all come: nobody votes on what nobody can read.")
    if any(_lacks_reason(opinion) for opinion in opinions.values()):
        raise InvalidInput("A refusal says why: the author needs it to mend the file.")
    decisions = {name: opinion.decision for name, opinion in opinions.items()}
    review = acts.vote(storage.load(request), decisions, by=by.subject, at=now)
    _write(request, opinions, by=by, now=now)
    if judging.is_approved(review):
        return leaving.approve(request, review, now=now)
    return storage.save(request, review)


def _lacks_reason(opinion: Opinion) -> bool:
    return opinion.decision is Decision.REJECT and not opinion.comment.strip()


def _write(request: Request, opinions: Mapping[str, Opinion], *, by: User, now: datetime) -> None:
    for file in request.files.filter(name__in=opinions):
        opinion = opinions[file.name]
        said = {
            "decision": opinion.decision.value,
            "comment": opinion.comment.strip(),
            "voted_at": now,
        }
        RequestVote.objects.update_or_create(file=file, checker=by, defaults=said)
    RequestReview.objects.update_or_create(
        request=request,
        checker=by,
        turn=request.turn,
        defaults={"submitted_at": now},
        create_defaults={"opened_at": now, "submitted_at": now},
    )


@transaction.atomic
def send_back(request: Request, note: str, *, by: User, now: datetime) -> Request:
    """Return a request that checkers read to its author, who may mend it. Raises NotAllowed.

    The note, and what each checker wrote of each file, are read by the author.
    """
    request = _decidable(request, note, by=by)
    if request.requested_by is None:
        raise NotAllowed("An answer has no author here: refuse it, and it is prepared again.")
    review = acts.send_back(storage.load(request), by=by.subject, at=now)
    return storage.save(request, review)


@transaction.atomic
def reject(request: Request, note: str, *, by: User, now: datetime) -> Request:
    """Refuse for good a request that checkers read. Raises NotAllowed, InvalidInput."""
    request = _decidable(request, note, by=by)
    before = storage.load(request)
    review = acts.reject(before, by=by.subject, at=now)
    storage.journal(request, review)
    leaving.tell_rejection(request, before, by=by.subject, now=now)
    return storage.write(request, review)


def _decidable(request: Request, note: str, *, by: User) -> Request:
    request = storage.lock(request)
    by.require("output.decide", state=request.state)
    if not note.strip():
        raise InvalidInput("Say to the author what decides: the note is what they read.")
    request.note = note.strip()
    return request


def machine_decidable() -> list[Request]:
    """Return the requests that the policies leave to the engine, and that nobody was drawn for."""
    waiting = Request.objects.filter(state=State.IN_REVIEW.value).with_sources()
    return [one for one in waiting.order_by("requested_at") if _is_left(storage.load(one))]


def _is_left(review: Review) -> bool:
    return judging.may_take_fast_lane(review)


@transaction.atomic
def dispose(*, by: User, now: datetime) -> list[Request]:
    """Release at once all that a machine may decide; the journal calls these decisions a machine's.

    `by` only presses the button: nothing of these requests depends on who does.
    """
    by.require("output.dispose")
    return [
        leaving.approve_by_machine(storage.lock(request), now=now)
        for request in machine_decidable()
        if evidence.all_arrived(request)
    ]


def median_time() -> timedelta | None:
    """Return half of the last reviews took less time than this, from opening to handing in."""
    rows = RequestReview.objects.filter(submitted_at__isnull=False).order_by("-submitted_at")
    times = [
        (handed_in - opened).total_seconds()
        for opened, handed_in in rows.values_list("opened_at", "submitted_at")[:REVIEWS_MEASURED]
        if handed_in is not None
    ]
    return timedelta(seconds=median(times)) if times else None
