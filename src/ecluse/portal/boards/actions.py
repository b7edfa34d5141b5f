"""Enrol, open, submit, close; and obey what the secure zone answers."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ecluse.domain.clocks.calendars import legal_day
from ecluse.domain.documents import (
    AGENT,
    BoardClosing,
    BoardOpening,
    BoardResult,
    OutputFile,
    Refusal,
    ScoreRelease,
)
from ecluse.domain.documents import Submission as SubmissionBody
from ecluse.domain.errors import InvalidInput, Malformed, NotAllowed, OutOfScope, Replayed
from ecluse.domain.evaluations import secrecy
from ecluse.domain.evaluations.secrecy import MILLION, BoardRules, Purpose, SubmissionStatus
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.actions import record
from ecluse.portal.boards.models import (
    Board,
    BoardState,
    Enrolment,
    LegalEntity,
    Submission,
    SubmissionState,
)
from ecluse.portal.mailbox import blobs
from ecluse.portal.mailbox.actions import send
from ecluse.portal.permits.models import PermitRecord, State
from ecluse.trust.documents import Verified


@dataclass(frozen=True)
class Opened:
    """What opens a board, beside its permit."""

    title: str
    labels_digest: str
    protocol_digest: str
    rules: BoardRules


@dataclass(frozen=True)
class Sent:
    """What is submitted: the file, and for an exploratory question the score measured elsewhere."""

    name: str
    chunks: Iterable[bytes]
    size: int
    purpose: Purpose
    claimed_millionths: int | None = None


@transaction.atomic
def enrol(account: User, number: str, name: str, *, by: User, now: datetime) -> Enrolment:
    """Say for which legal entity an account submits; the last word counts.

    An officer has seen the proof: a budget is that of an entity, so an account cannot name its own.

    Raises:
        NotAllowed: `by` keeps no boards.
        InvalidInput: the number is that of no legal entity.
    """
    by.require("board.keep")
    account.require("board.submit")
    wanted = secrecy.entity_number(number)
    entity, _ = LegalEntity.objects.get_or_create(number=wanted, defaults={"name": name.strip()})
    told = {"entity": entity, "by": by, "at": now}
    made, _ = Enrolment.objects.update_or_create(account=account, defaults=told)
    details = {"entity": wanted}
    record("board.enrolled", account.subject, by=by.subject, details=details, at=now)
    return made


@transaction.atomic
def open_board(permit: PermitRecord, what: Opened, *, by: User, now: datetime) -> Board:
    """Open a board under a permit, on labels that the secure zone prepared.

    Raises:
        NotAllowed: `by` keeps no boards, or the permit is not active.
        InvalidInput: the rules cannot work.
    """
    by.require("board.keep")
    today = timezone.localtime(now).date()
    if permit.state(today=today) is not State.ACTIVE:
        raise NotAllowed(f"Permit {permit.number} is not active: a board needs one in force.")
    secrecy.check_rules(what.rules)
    if what.rules.level is secrecy.Level.NOTHING_PUBLIC and what.rules.explorations:
        raise InvalidInput("Where inputs are secret, nothing is explored: set explorations to 0.")
    body = BoardOpening(
        board_number=_next_number(now.year),
        title=what.title,
        permit_number=permit.number,
        permit_digest=permit.digest,
        protocol_digest=what.protocol_digest,
        labels_digest=what.labels_digest,
        rules=what.rules,
        opened_on=legal_day(now),
        opened_by=by.subject,
    )
    sent = send(body, audience=(AGENT,), by=by.subject, now=now)
    made = Board.objects.create(
        number=body.board_number,
        title=body.title,
        permit=permit,
        opened_by=by,
        opened_at=sent.document.issued_at,
        opening_data=sent.data,
        opening_digest=sent.digest,
        protocol_digest=body.protocol_digest,
    )
    record("board.opened", made.number, by=by.subject, digest=sent.digest, at=now)
    return made


@transaction.atomic
def submit(board: Board, what: Sent, *, key: uuid.UUID, by: User, now: datetime) -> Submission:
    """Send a file to a board for the entity of `by`, within its budget.

    `key` is drawn once per page: the same key again gives the same submission, nothing more. The
    secure zone counts by itself; what is refused here would be refused there.

    Raises:
        NotAllowed: the board is not open, the account has no entity, or a budget is spent.
    """
    by.require("board.submit")
    locked = Board.objects.select_for_update(of=("self",), no_key=True).get(pk=board.pk)
    already = Submission.objects.filter(board=locked, by=by, request_key=key).first()
    if already is not None:
        return already
    if locked.state != BoardState.OPEN:
        raise NotAllowed(f"Board {locked.number} is {locked.state}: it takes no submission.")
    entity = entity_of(by)
    period = period_now(locked, now=now)
    secrecy.check_budget(locked.rules(), locked.usage(entity, period), purpose=what.purpose)
    body = _body(locked, what, entity, by=by)
    sent = send(body, audience=(AGENT,), by=by.subject, now=now)
    made = Submission.objects.create(
        number=body.submission_number,
        board=locked,
        entity=entity,
        by=by,
        at=sent.document.issued_at,
        period=period,
        purpose=what.purpose.value,
        request_key=key,
        order_data=sent.data,
        order_digest=sent.digest,
    )
    record("board.submitted", made.number, by=by.subject, digest=sent.digest, at=now)
    return made


@transaction.atomic
def close_board(board: Board, *, by: User, now: datetime) -> Board:
    """Have the final slice opened, once, for the last submission of each entity.

    Raises:
        NotAllowed: `by` keeps no boards, the board is not open, or an answer is awaited.
    """
    by.require("board.keep")
    locked = Board.objects.select_for_update(of=("self",), no_key=True).get(pk=board.pk)
    if locked.state != BoardState.OPEN:
        raise NotAllowed(f"Board {locked.number} is {locked.state}: it is closed once.")
    if locked.submissions.filter(state=SubmissionState.SENT).exists():
        raise NotAllowed("A submission waits for its answer: close the board after it.")
    body = BoardClosing(locked.number, locked.opening_digest, by.subject, now)
    sent = send(body, audience=(AGENT,), by=by.subject, now=now)
    locked.state, locked.closing_digest = BoardState.CLOSING.value, sent.digest
    locked.save(update_fields=["state", "closing_digest"])
    record("board.closed", locked.number, by=by.subject, digest=sent.digest, at=now)
    return locked


def entity_of(user: User) -> LegalEntity:
    """The legal entity for which an account submits. Raises NotAllowed if none is known."""
    found = Enrolment.objects.filter(account=user).select_related("entity").first()
    if found is None:
        raise NotAllowed(
            "No legal entity is known for this account: have an officer of the hub enrol it."
        )
    return found.entity


def period_now(board: Board, *, now: datetime) -> int:
    """The period in which a submission would count now; time never goes back on a board."""
    latest = board.submissions.order_by("at").values_list("at", flat=True).last()
    at = secrecy.instant_of(now, latest=latest)
    return secrecy.period_of(board.rules(), board.opened_on(), day=legal_day(at))


@transaction.atomic
def receive_score(verified: Verified, *, now: datetime) -> Submission:
    """Keep what the secure zone told of a submission. Raises Refused."""
    told = verified.document.body
    if not isinstance(told, ScoreRelease):
        raise Malformed(f"A {verified.document.kind} tells no score.")
    made = _waiting(order_digest=told.submission_digest)
    if (told.submission_number, told.board_digest) != (made.number, made.board.opening_digest):
        raise OutOfScope(f"This answer is not that of submission {made.number}.")
    made.state, made.status = SubmissionState.ANSWERED.value, told.status.value
    is_scored = told.status is SubmissionStatus.SCORED
    made.tells_standings = is_scored and made.purpose == Purpose.COMPETE
    made.period = told.period
    _answer(made, verified, now=now)
    record("board.answered", made.number, by="agent", digest=verified.digest, at=now)
    return made


@transaction.atomic
def receive_result(verified: Verified, *, now: datetime) -> Board:
    """Keep and publish how the systems stand on the final slice. Raises Refused."""
    told = verified.document.body
    if not isinstance(told, BoardResult):
        raise Malformed(f"A {verified.document.kind} ends no board.")
    rows = Board.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(closing_digest=told.closing_digest).first()
    if found is None or found.opening_digest != told.board_digest:
        raise OutOfScope("No board was closed here by the document that this result names.")
    if found.state != BoardState.CLOSING:
        raise Replayed(f"Board {found.number} has its result: nothing to do.")
    found.state = BoardState.CLOSED.value
    found.result_data, found.result_digest = verified.data, verified.digest
    found.save(update_fields=["state", "result_data", "result_digest"])
    record("board.result", found.number, by="agent", digest=verified.digest, at=now)
    return found


@transaction.atomic
def receive_refusal(verified: Verified, *, now: datetime) -> None:
    """Show why the secure zone did not obey; a refusal of another document is only kept."""
    refusal = verified.document.body
    if not isinstance(refusal, Refusal):
        return
    rows = Board.objects.select_for_update(of=("self",), no_key=True)
    if refusal.refused_kind == BoardOpening.__name__:
        rows.filter(opening_digest=refusal.refused_digest, state=BoardState.OPEN).update(
            state=BoardState.REFUSED, refusal_code=refusal.code
        )
    elif refusal.refused_kind == BoardClosing.__name__:
        rows.filter(closing_digest=refusal.refused_digest, state=BoardState.CLOSING).update(
            state=BoardState.OPEN, closing_digest="", refusal_code=refusal.code
        )
    elif refusal.refused_kind == SubmissionBody.__name__:
        made = _waiting(order_digest=refusal.refused_digest)
        made.state, made.refusal_code = SubmissionState.REFUSED.value, refusal.code
        _answer(made, verified, now=now)


def _body(board: Board, what: Sent, entity: LegalEntity, *, by: User) -> SubmissionBody:
    claimed = what.claimed_millionths
    if (what.purpose is Purpose.EXPLORE) != (claimed is not None):
        raise InvalidInput("An exploratory question says the score measured elsewhere.")
    if claimed is not None and not 0 <= claimed <= MILLION:
        raise InvalidInput("A score lies between 0 and 1.")
    digest = blobs.keep(what.chunks)
    return SubmissionBody(
        submission_number=f"{board.number}-S{board.submissions.count() + 1}",
        board_number=board.number,
        board_digest=board.opening_digest,
        purpose=what.purpose,
        entity=entity.number,
        submitted_by=by.subject,
        file=OutputFile(what.name, what.size, digest),
        claimed_millionths=claimed,
    )


def _next_number(year: int) -> str:
    """The number of the next board; two at once are kept apart by the constraint."""
    count = Board.objects.filter(number__startswith=f"B-{year}-").count()
    return f"B-{year}-{count + 1:04}"


def _waiting(*, order_digest: str) -> Submission:
    rows = Submission.objects.select_for_update(of=("self",), no_key=True).select_related("board")
    found = rows.filter(order_digest=order_digest).first()
    if found is None:
        raise OutOfScope(f"No submission left here as the document {order_digest}.")
    if found.state != SubmissionState.SENT:
        raise Replayed(f"Submission {found.number} was answered: nothing to do.")
    return found


def _answer(made: Submission, verified: Verified, *, now: datetime) -> None:
    made.answered_at = max(now, made.at)
    made.answer_data, made.answer_digest = verified.data, verified.digest
    made.save()
