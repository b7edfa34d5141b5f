"""The states of a request to take outputs out, and the table of its moves.

draft → submitted → screening → blocked | in-review; in-review → one-review → reviewed; reviewed →
approved | returned | rejected; returned → submitted, one turn later; approved → releasing →
released | release-failed → releasing; released → recalled; draft and returned → withdrawn; what is
not final → frozen and back, or closed at the end of the permit. Source: EHDS art. 73(2).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ecluse.domain.errors import NotAllowed


class State(StrEnum):
    """Where a request to take outputs out stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SCREENING = "screening"
    BLOCKED = "blocked"
    IN_REVIEW = "in-review"
    ONE_REVIEW = "one-review"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    RELEASING = "releasing"
    RELEASED = "released"
    RELEASE_FAILED = "release-failed"
    RECALLED = "recalled"
    WITHDRAWN = "withdrawn"
    FROZEN = "frozen"
    CLOSED = "closed"


class Party(StrEnum):
    """Who makes a move, or whose turn it is."""

    AUTHOR = "author"
    CHECKER = "checker"
    SUPERVISOR = "supervisor"
    SOFTWARE = "software"
    ZONE = "secure zone"
    NOBODY = "nobody"


OWNERS: Mapping[State, Party] = {
    State.DRAFT: Party.AUTHOR,
    State.SUBMITTED: Party.SOFTWARE,
    State.SCREENING: Party.SOFTWARE,
    State.BLOCKED: Party.NOBODY,
    State.IN_REVIEW: Party.CHECKER,
    State.ONE_REVIEW: Party.CHECKER,
    State.REVIEWED: Party.CHECKER,
    State.APPROVED: Party.SOFTWARE,
    State.RETURNED: Party.AUTHOR,
    State.REJECTED: Party.NOBODY,
    State.RELEASING: Party.ZONE,
    State.RELEASED: Party.NOBODY,
    State.RELEASE_FAILED: Party.CHECKER,
    State.RECALLED: Party.NOBODY,
    State.WITHDRAWN: Party.NOBODY,
    State.FROZEN: Party.SUPERVISOR,
    State.CLOSED: Party.NOBODY,
}
"""Whose turn it is in each state."""

ACTIVE: frozenset[State] = frozenset(
    state for state, owner in OWNERS.items() if owner is not Party.NOBODY
)
"""What is not final."""

WITH_CHECKERS: tuple[State, ...] = (State.IN_REVIEW, State.ONE_REVIEW, State.REVIEWED)
STOPPABLE: tuple[State, ...] = tuple(
    state for state in State if state in ACTIVE - {State.RELEASING, State.FROZEN}
)
"""What an incident may freeze. A release that is signed has left this room: it is recalled."""


@dataclass(frozen=True, slots=True)
class Move:
    """A row of the table: from these states, by this party, to one of those."""

    name: str
    sources: tuple[State, ...]
    to: tuple[State, ...]
    by: Party


MOVES: Mapping[str, Move] = {
    move.name: move
    for move in (
        Move("submit", (State.DRAFT, State.RETURNED), (State.SUBMITTED,), Party.AUTHOR),
        Move("screen", (State.SUBMITTED,), (State.SCREENING,), Party.SOFTWARE),
        Move("block", (State.SCREENING,), (State.BLOCKED,), Party.SOFTWARE),
        Move("pass", (State.SCREENING,), (State.IN_REVIEW,), Party.SOFTWARE),
        Move("review", WITH_CHECKERS, (State.ONE_REVIEW, State.REVIEWED), Party.CHECKER),
        Move("approve", (State.REVIEWED,), (State.APPROVED,), Party.SOFTWARE),
        Move("approve-again", (State.IN_REVIEW,), (State.APPROVED,), Party.SOFTWARE),
        Move("approve-by-machine", (State.IN_REVIEW,), (State.APPROVED,), Party.SOFTWARE),
        Move("return", (State.REVIEWED,), (State.RETURNED,), Party.CHECKER),
        Move("reject", (State.REVIEWED,), (State.REJECTED,), Party.CHECKER),
        Move("release", (State.APPROVED,), (State.RELEASING,), Party.SOFTWARE),
        Move("retry", (State.RELEASE_FAILED,), (State.RELEASING,), Party.CHECKER),
        Move("confirm", (State.RELEASING,), (State.RELEASED,), Party.ZONE),
        Move("fail", (State.RELEASING,), (State.RELEASE_FAILED,), Party.ZONE),
        Move("recall", (State.RELEASED,), (State.RECALLED,), Party.CHECKER),
        Move("withdraw", (State.DRAFT, State.RETURNED), (State.WITHDRAWN,), Party.AUTHOR),
        Move("freeze", STOPPABLE, (State.FROZEN,), Party.SUPERVISOR),
        Move("unfreeze", (State.FROZEN,), STOPPABLE, Party.SUPERVISOR),
        Move("close", (*STOPPABLE, State.FROZEN), (State.CLOSED,), Party.SOFTWARE),
    )
}

AFTER_THE_END = frozenset({"close", "confirm", "fail", "recall"})
"""What still moves under a permit that ended or is suspended: no decision, but what ends one."""


def check_move(name: str, state: State, to: State) -> Move:
    """Return the row of this move. Raises NotAllowed naming the states that it leaves from."""
    move = MOVES[name]
    if state not in move.sources or to not in move.to:
        sources = ", ".join(source.value for source in move.sources)
        raise NotAllowed(f"{name} is for a request that is {sources}; this one is {state.value}.")
    return move


def moves_from(state: State) -> tuple[Move, ...]:
    """Return the rows that leave from this state, in the order of the table."""
    return tuple(move for move in MOVES.values() if state in move.sources)
