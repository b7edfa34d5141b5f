"""Duties towards the protocol of an evaluation and its lock: kept, and data wait for both."""

from datetime import datetime
from typing import cast

from ecluse.data.agent.rooms import Outcome, Room
from ecluse.domain.documents import EvaluationLock, EvaluationProtocol, EvaluationWithdrawal
from ecluse.domain.errors import OutOfScope, Replayed
from ecluse.domain.evaluations import locks
from ecluse.trust import protocols
from ecluse.trust.documents import Verified


def keep_protocol(room: Room, verified: Verified, *, now: datetime) -> Outcome:  # noqa: ARG001
    """Keep a registered protocol; a new version may follow until the lock.

    Raises InvalidInput: its digest is another's; Replayed: it was locked before.
    """
    body = cast(EvaluationProtocol, verified.document.body)
    protocols.check_same(body.protocol, body.digest)
    if room.state.by_number("EvaluationLock", body.evaluation_number):
        raise Replayed(
            f"The protocol of {body.evaluation_number} was locked: what changes now is a deviation."
        )
    return Outcome(action="evaluation.registered")


def keep_lock(room: Room, verified: Verified, *, now: datetime) -> Outcome:  # noqa: ARG001
    """Keep the lock of a protocol received before: its data may be opened from now on.

    Raises OutOfScope: no such protocol; InvalidInput: it says something else; Replayed.
    """
    lock = cast(EvaluationLock, verified.document.body)
    if room.state.by_number("EvaluationLock", lock.evaluation_number):
        raise Replayed(f"{lock.evaluation_number} is locked already, and that lock stays.")
    locks.check_protocol(lock, protocol_of(room, lock).protocol)
    return Outcome(action="evaluation.locked")


def protocol_of(room: Room, lock: EvaluationLock) -> EvaluationProtocol:
    """Return the protocol that a lock fixes. Raises OutOfScope: it was never received here."""
    for stored in room.state.by_number("EvaluationProtocol", lock.evaluation_number):
        body = cast(EvaluationProtocol, stored.document.body)
        if body.digest == lock.protocol:
            return body
    raise OutOfScope(
        f"The protocol that {lock.evaluation_number} locks was never received here: send it first."
    )


def keep_withdrawal(room: Room, verified: Verified, *, now: datetime) -> Outcome:  # noqa: ARG001
    """Keep the word that an evaluation ends unlocked. Raises Replayed: it was locked before."""
    body = cast(EvaluationWithdrawal, verified.document.body)
    if room.state.by_number("EvaluationLock", body.evaluation_number):
        raise Replayed(f"{body.evaluation_number} was locked: its data were opened.")
    return Outcome(action="evaluation.withdrawn")


def check_locked(room: Room, permit_number: str) -> None:
    """Pass unless data of this permit wait for the lock of an evaluation. Raises OutOfScope."""
    for stored in room.state.of_kind("EvaluationProtocol"):
        body = cast(EvaluationProtocol, stored.document.body)
        if body.permit_number == permit_number and not _is_settled(room, body.evaluation_number):
            raise OutOfScope(
                f"The protocol of {body.evaluation_number} is registered and not locked: nothing of"
                f" permit {permit_number} is opened before. Lock it, then order again."
            )


def _is_settled(room: Room, number: str) -> bool:
    kinds = ("EvaluationLock", "EvaluationWithdrawal")
    return any(room.state.by_number(kind, number) for kind in kinds)
