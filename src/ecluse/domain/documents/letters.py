"""The twin of a letter: what it says, for a machine."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class UnmetCriterion:
    """A condition of EHDS art. 68(1) that was not met, by its letter, and why."""

    criterion: str
    reason: str


@dataclass(frozen=True)
class SealedFile:
    """The sealed letter in one language, by the digest of its bytes."""

    language: str
    digest: str


@dataclass(frozen=True)
class LetterTwin:
    """A decision or another letter of the portal in machine form; a permit is its own twin.

    `letter` is its id in the state machines, `state` the state of the object it is about once it
    was issued, `reason` in the words of who decided. `files` are what a person reads.
    """

    letter_number: str
    letter: str
    case_number: str
    case_kind: str
    object_kind: str
    state: str
    source: str
    dated_on: date
    due_on: date | None
    reason: str
    unmet: tuple[UnmetCriterion, ...]
    states_remedies: bool
    decided_by_role: str
    files: tuple[SealedFile, ...]
