"""From bytes to obedience: verified, for us, new; then obeyed, or refused with a signed reason."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from ecluse.data.agent import (
    boards,
    cancellations,
    deletions,
    evaluation_orders,
    evaluations,
    extractions,
    findings,
    jobs,
    memberships,
    papers,
    releases,
    tabulations,
)
from ecluse.data.agent.chronicle import Chronicle
from ecluse.data.agent.rooms import SITES, Answer, Outcome, Room, outgoing
from ecluse.data.agent.state import Ending, Received, Stored, open_document
from ecluse.domain.documents import Refusal, number_of
from ecluse.domain.errors import (
    EcluseError,
    JournalBroken,
    Malformed,
    OutOfScope,
    Replayed,
    StorageFull,
    Unreachable,
)
from ecluse.trust import documents
from ecluse.trust.documents import Verified
from ecluse.trust.journal.entries import Details, document_details

Duty = Callable[..., Outcome]

DUTIES: Final[Mapping[str, Duty]] = {
    "Permit": papers.keep_permit,
    "Revocation": papers.keep_revocation,
    "Suspension": papers.keep_suspension,
    "OptOutList": papers.keep_opt_outs,
    "KeyRotation": papers.keep_key,
    "EvaluationProtocol": evaluations.keep_protocol,
    "EvaluationLock": evaluations.keep_lock,
    "EvaluationWithdrawal": evaluations.keep_withdrawal,
    "EvaluationOrder": evaluation_orders.evaluate,
    "ExtractionOrder": extractions.extract,
    "TabulationOrder": tabulations.tabulate,
    "JobOrder": jobs.run,
    "JobCancellation": cancellations.keep,
    "OutputRequest": papers.keep_request,
    "Release": releases.release,
    "Rejection": releases.reject,
    "Recall": releases.recall,
    "DeletionOrder": deletions.destroy,
    "MembershipQuestion": memberships.answer,
    "BoardOpening": boards.open_board,
    "Submission": boards.score,
    "BoardClosing": boards.close_board,
    "WishList": findings.keep_wishes,
    "FindingOrder": findings.search,
}
"""What obeys each kind of document."""

LATER: Final = (StorageFull, Unreachable)
"""What makes an order wait: the order is good, the moment is not."""

MAX_ATTEMPTS: Final = 3
REASON_CHARACTERS: Final = 300


class Stopping(Exception):
    """The agent was asked to stop: what is under way will begin again at the next start."""


class Reception:
    """Where every document received ends: done, refused, or waiting for a better moment."""

    def __init__(self, room: Room, chronicle: Chronicle) -> None:
        self._room = room
        self._chronicle = chronicle

    def obey(self, received: Received, *, now: datetime) -> str:
        """Obey one document; return `done`, `refused` or `postponed`. Raises JournalBroken."""
        try:
            verified = self._admit(received, now=now)
            outcome = DUTIES[verified.document.kind](self._room, verified, now=now)
            self._finish(received, verified, outcome, now=now)
        except (JournalBroken, Stopping):
            raise
        except LATER as error:
            self._room.state.postpone(received, reason=str(error)[:REASON_CHARACTERS])
            return "postponed"
        except EcluseError as error:
            return self._refuse(received, error.code, str(error), now=now)
        except Exception as defect:
            return self._meet_defect(received, defect, now=now)
        return "done"

    def _admit(self, received: Received, *, now: datetime) -> Verified:
        """Verify a document, make sure it is ours and new, and note that it is being obeyed."""
        self._check_memory()
        # Begun before a crash: judged by its first instant, or it could be half obeyed for ever.
        began_at = received.began_at or now
        verified = documents.verify(received.data, self._room.keyring(), now=began_at)
        document = verified.document
        if self._room.name not in document.audience:
            raise OutOfScope(f"This {document.kind} is for {', '.join(document.audience)}.")
        if self._room.state.is_known(document, verified.digest):
            raise Replayed(f"{document.kind} {document.id} was already received: nothing to do.")
        if document.kind not in DUTIES:
            raise OutOfScope(f"An agent obeys no {document.kind}: send it to a site.")
        self._room.state.begin(received, at=began_at)
        self._room.on_progress("obeying")
        self._chronicle.tell(
            "document.received",
            subject=f"{document.kind} {number_of(document.body)}",
            digest=verified.digest,
            details=_details(received, document_details(document)),
            at=now,
        )
        return verified

    def _check_memory(self) -> None:
        """Pass if all that the journal says was judged is known. Raises Unreachable.

        A memory put back from an older copy may lack a revocation: nothing is obeyed before the
        sites have given again what came since.
        """
        for name, number in self._chronicle.heard.items():
            if name in self._room.mailboxes and self._room.state.position(name) < number:
                raise Unreachable(
                    f"The agent's state is older than its journal, which knows document {number} "
                    f"of the mailbox {name}: nothing is obeyed before that site gives it again."
                )

    def _finish(
        self, received: Received, verified: Verified, outcome: Outcome, *, now: datetime
    ) -> None:
        """Journal the effect, then queue the answers and close the delivery in one transaction."""
        room = self._room
        room.on_progress("obeyed")
        itself = Stored(verified.document, verified.digest, verified.data)
        if outcome.action is not None:
            self._chronicle.tell(
                outcome.action,
                subject=f"{verified.document.kind} {number_of(verified.document.body)}",
                digest=verified.digest,
                at=now,
            )
        room.on_progress("journalled")
        signed = [room.sign(answer, now=now) for answer in outcome.answers]
        forwarded = tuple(
            name
            for name in outcome.forward_to
            if name != received.mailbox
            and name in room.mailboxes
            and SITES[name] in verified.document.audience
        )
        room.state.end(
            received,
            Ending("done"),
            documents=[itself, *outcome.enclosed, *(stored for stored, _ in signed)],
            outgoing=[
                *outgoing(itself, forwarded, outcome.forwarded_files),
                *(one for each in outcome.enclosed for one in outgoing(each, forwarded, ())),
                *(one for _, queued in signed for one in queued),
            ],
        )
        room.on_progress("done")

    def _refuse(self, received: Received, code: str, reason: str, *, now: datetime) -> str:
        """Journal a refusal and queue it, signed, for the mailbox that the document came from."""
        kind, identifier, header = _header(received.data)
        self._chronicle.tell(
            "document.refused",
            subject=f"{kind} {identifier}".strip(),
            digest=received.digest,
            details=_details(received, {**header, "code": code}),
            at=now,
        )
        self._room.on_progress("refused")
        brief = reason[:REASON_CHARACTERS]
        refusal = Refusal(kind, identifier, received.digest, code, brief)
        stored, queued = self._room.sign(Answer(refusal, (received.mailbox,)), now=now)
        self._room.state.end(
            received, Ending("refused", code, brief), documents=[stored], outgoing=queued
        )
        return "refused"

    def _meet_defect(self, received: Received, defect: Exception, *, now: datetime) -> str:
        """Try again after a defect of the program, then refuse: nobody must wait for ever.

        Only the type of the error and its place are told: its words may quote a row.
        """
        reason = f"Defect {type(defect).__name__} at {_place(defect)}: report it to the operator."
        if received.attempts + 1 < MAX_ATTEMPTS:
            self._room.state.postpone(received, reason=reason)
            return "postponed"
        return self._refuse(received, EcluseError.code, reason, now=now)


def _details(received: Received, details: Details) -> Details:
    return {**details, "mailbox": received.mailbox, "number": received.sequence}


def _header(data: bytes) -> tuple[str, str, Details]:
    """Return the kind and identifier that refused bytes claim, and their journal details."""
    try:
        document = open_document(data)
    except (Malformed, KeyError, TypeError):
        return "unknown", "", {}
    return document.kind, document.id, document_details(document)


def _place(defect: Exception) -> str:
    trace, place = defect.__traceback__, "?"
    while trace is not None:
        place = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
