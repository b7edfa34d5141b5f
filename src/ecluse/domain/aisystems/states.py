"""The life of a record: declared by a provider, published by an officer, never erased.

A published record stays as it was published while its provider writes the next version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ecluse.domain.errors import InvalidInput, NotAllowed


class State(StrEnum):
    """Where the version being written stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    PUBLISHED = "published"
    REMOVED = "removed"


class Side(StrEnum):
    """Who acts."""

    PROVIDER = "provider"
    HUB = "hub"


@dataclass(frozen=True, slots=True)
class Move:
    """From which states an act leads to which, by whom, and whether a reason is due."""

    states: frozenset[State]
    to: State
    side: Side
    is_reasoned: bool = False


WRITTEN: Final = frozenset({State.DRAFT, State.RETURNED})
"""The states in which a provider writes."""
MOVES: Final[Mapping[str, Move]] = {
    "submit": Move(WRITTEN, State.SUBMITTED, Side.PROVIDER),
    "revise": Move(frozenset({State.PUBLISHED}), State.DRAFT, Side.PROVIDER),
    "publish": Move(frozenset({State.SUBMITTED}), State.PUBLISHED, Side.HUB),
    "return": Move(frozenset({State.SUBMITTED}), State.RETURNED, Side.HUB, is_reasoned=True),
    "remove": Move(frozenset({State.PUBLISHED}), State.REMOVED, Side.HUB, is_reasoned=True),
}


def move(state: State, action: str, *, side: Side, reason: str = "") -> State:
    """The state after an act. Raises NotAllowed, InvalidInput without a reason that is due."""
    told = MOVES.get(action)
    if told is None or told.side is not side or state not in told.states:
        raise NotAllowed(f"{action} is not done by the {side} to a record that is {state}.")
    if told.is_reasoned and not reason.strip():
        raise InvalidInput(f"{action} needs its reason: write it.")
    return told.to
