"""A request under review, as a value: its files, the votes on them, and what was done to it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ecluse.domain.documents import Decision, Verdict
from ecluse.domain.reviews.machine import State
from ecluse.domain.reviews.policies import ReviewPolicy


class FileKind(StrEnum):
    """What a file of a request is for. Outputs alone leave."""

    OUTPUT = "output"
    SUPPORTING = "supporting"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Group:
    """Files that belong together: what they are, and what was done so that they name nobody."""

    name: str
    context: str
    controls: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFile:
    """A file by its content. `released_before`: these bytes already left for the same project."""

    name: str
    digest: str
    group: str
    kind: FileKind = FileKind.OUTPUT
    released_before: bool = False


@dataclass(frozen=True, slots=True)
class FileVote:
    """What one checker says of one file, by the digest of the bytes that they looked at."""

    checker: str
    name: str
    digest: str
    decision: Decision
    voted_at: datetime


@dataclass(frozen=True, slots=True)
class ScreenedFile:
    """The engine's verdict on one file.

    `is_by_engine`: the engine itself computed and wrote the file, and compared it with every
    earlier release of the dataset.
    """

    name: str
    digest: str
    verdict: Verdict
    is_by_engine: bool = False


@dataclass(frozen=True, slots=True)
class Screening:
    """The signed result of the automatic checks: by which policy, of which bytes, what."""

    policy: str
    report_digest: str
    files: tuple[ScreenedFile, ...]

    def of(self, file: ReviewFile) -> ScreenedFile | None:
        """Return what is said of exactly these bytes under this name."""
        same = (one for one in self.files if (one.name, one.digest) == (file.name, file.digest))
        return next(same, None)


@dataclass(frozen=True, slots=True)
class Moved:
    """One line of the log: a move that was made, never what was voted."""

    move: str
    source: State
    to: State
    by: str
    at: datetime
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A request as its rules see it.

    `barred` are the persons of the project and those who assessed or decided it. `ends_at` is when
    the permit ends for outputs; while it `is_suspended`, nothing moves. `submitted` names the
    checkers whose review of this turn is in, `log` the moves made since the value was read.
    """

    number: str
    author: str
    barred: frozenset[str]
    policy: ReviewPolicy
    ends_at: datetime | None = None
    is_suspended: bool = False
    state: State = State.DRAFT
    frozen_from: State | None = None
    turn: int = 1
    groups: tuple[Group, ...] = ()
    files: tuple[ReviewFile, ...] = ()
    votes: tuple[FileVote, ...] = ()
    submitted: tuple[str, ...] = ()
    screening: Screening | None = None
    log: tuple[Moved, ...] = ()

    @property
    def outputs(self) -> tuple[ReviewFile, ...]:
        """The files that are asked to leave."""
        return tuple(file for file in self.files if file.kind is FileKind.OUTPUT)

    @property
    def pending(self) -> tuple[ReviewFile, ...]:
        """The outputs that somebody has to judge: these bytes never left before."""
        return tuple(file for file in self.outputs if not file.released_before)
