"""A leaderboard on a held-out set: what opens it, what is submitted, what it tells, its end."""

from dataclasses import dataclass
from datetime import date, datetime

from ecluse.domain.documents.outputs import OutputFile
from ecluse.domain.evaluations.secrecy import (
    BoardRules,
    Fault,
    Purpose,
    Standing,
    SubmissionStatus,
)


@dataclass(frozen=True)
class BoardOpening:
    """Open a board, under a permit, on labels that the secure zone prepared.

    `labels_digest` is what the zone gave when the labels were prepared. `protocol_digest` is that
    of the protocol whose evaluation the board serves, empty where there is none.
    """

    board_number: str
    title: str
    permit_number: str
    permit_digest: str
    protocol_digest: str
    labels_digest: str
    rules: BoardRules
    opened_on: date
    opened_by: str


@dataclass(frozen=True)
class Submission:
    """A file to judge, for a legal entity: predictions, or a model where inputs are secret.

    `claimed_millionths` is what an exploratory question asks about: the score that its author
    measured elsewhere; None in a competition.
    """

    submission_number: str
    board_number: str
    board_digest: str
    purpose: Purpose
    entity: str
    submitted_by: str
    file: OutputFile
    claimed_millionths: int | None


@dataclass(frozen=True)
class ScoreRelease:
    """All that the held-out set tells of a submission.

    `shown_millionths` is the board's best score, by sure steps, or the answer to an exploratory
    question; None for a file that did not fit. `has_moved` says whether this submission moved it.
    `left` and `failures_left` are what its entity has left in its period.
    """

    submission_number: str
    submission_digest: str
    board_number: str
    board_digest: str
    status: SubmissionStatus
    faults: tuple[Fault, ...]
    shown_millionths: int | None
    has_moved: bool
    period: int
    left: int
    failures_left: int
    standings: tuple[Standing, ...]


@dataclass(frozen=True)
class BoardClosing:
    """Take no more submissions; open the final slice, once, and say how the systems stand."""

    board_number: str
    board_digest: str
    closed_by: str
    closed_at: datetime


@dataclass(frozen=True)
class BoardResult:
    """How the last submission of each entity does on cases that no answer ever used.

    `case_count` cases of which `event_count` are events. Bands come of paired tests of all pairs,
    adjusted by Holm at `alpha_millionths`; `method` names the tests.
    """

    board_number: str
    board_digest: str
    closing_digest: str
    case_count: int
    event_count: int
    submission_count: int
    method: str
    alpha_millionths: int
    standings: tuple[Standing, ...]
