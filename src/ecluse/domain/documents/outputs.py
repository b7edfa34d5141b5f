"""Inside the enclave and at the second gate: jobs, checks, requests, votes, releases."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True)
class JobOrder:
    """Run the data user's analysis on an extract, without network."""

    job_number: str
    permit_number: str
    permit_digest: str
    extraction_number: str
    extraction_digest: str
    code_digest: str
    entry: str
    submitted_by: str


@dataclass(frozen=True)
class OutputFile:
    """A file that a job left, by content."""

    name: str
    size: int
    digest: str


class JobStatus(StrEnum):
    """How a job ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    KILLED = "killed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class JobCancellation:
    """Do not run this job, or stop it: nothing that it made is kept for anybody."""

    job_number: str
    permit_number: str
    order_digest: str
    cancelled_by: str
    cancelled_at: datetime


class ActionState(StrEnum):
    """Where an action of a study is."""

    WAITING = "waiting"
    RUNNING = "running"
    RAN = "ran"
    KEPT = "kept"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class ActionProgress:
    """One action of a study under way: its name, which its author gave, and whole seconds."""

    name: str
    state: ActionState
    seconds: int


@dataclass(frozen=True)
class JobProgress:
    """How far a job has come. Like the receipt, it holds no word of what the analysis wrote."""

    job_number: str
    permit_number: str
    order_digest: str
    actions: tuple[ActionProgress, ...]
    told_at: datetime


@dataclass(frozen=True)
class JobReceipt:
    """How a job ended, and the digests of what it left. `log_summary` holds no message text.

    `cancelled_by` names who had it stopped, where somebody did.
    """

    job_number: str
    order_digest: str
    permit_number: str
    status: JobStatus
    exit_code: int
    log_summary: str
    outputs: tuple[OutputFile, ...]
    duration_ms: int
    cancelled_by: str = ""


class Verdict(StrEnum):
    """What the automatic checks say of a file; none of them releases it."""

    PASS = "pass"  # noqa: S105 - a verdict, not a secret
    REVIEW = "review"
    BLOCKED = "blocked"


@dataclass(frozen=True)
class Finding:
    """One rule met at one place of a file, in words a checker can act on."""

    rule: str
    place: str
    explanation: str


@dataclass(frozen=True)
class FileVerdict:
    """The automatic verdict on one output file."""

    name: str
    size: int
    digest: str
    verdict: Verdict
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class CheckReport:
    """The automatic checks of a job's outputs, by the policy named, whose figures have a digest.

    `findings` are of the job as a whole: entries left behind, a declaration that cannot be used.
    `engine` names the program that checked, with its version.
    """

    job_number: str
    permit_number: str
    policy: str
    files: tuple[FileVerdict, ...]
    findings: tuple[Finding, ...]
    engine: str = ""
    policy_digest: str = ""


@dataclass(frozen=True)
class RequestedFile:
    """A file the data user asks to take out, and why it is safe."""

    name: str
    digest: str
    reason: str


@dataclass(frozen=True)
class OutputRequest:
    """The data user asks that files leave (EHDS art. 73(2))."""

    request_number: str
    job_number: str
    permit_number: str
    files: tuple[RequestedFile, ...]
    requested_by: str


class Decision(StrEnum):
    """A checker's vote on a request."""

    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True)
class Vote:
    """One checker's independent vote."""

    checker: str
    decision: Decision
    voted_at: datetime


@dataclass(frozen=True)
class Release:
    """Exactly these bytes may leave: as many independent checkers as the policy asks approved them.

    Without a vote, `is_machine_decided` says that the policy of every holder leaves such files to
    the engine. `citation` is how a publication names what it rests on (EHDS art. 61(4)).
    """

    request_number: str
    job_number: str
    permit_number: str
    requested_by: str
    request_digest: str
    check_report_digest: str
    files: tuple[OutputFile, ...]
    votes: tuple[Vote, ...]
    citation: str = ""
    is_machine_decided: bool = False


@dataclass(frozen=True)
class ReleaseReceipt:
    """The secure zone let these files out, once."""

    request_number: str
    permit_number: str
    release_digest: str
    released_at: datetime


class RecallReason(StrEnum):
    """Why a release is taken back; a code, since words of a checker may quote a cell."""

    DISCLOSURE = "disclosure"
    ERROR = "error"
    HOLDER = "holder"
    INCIDENT = "incident"


@dataclass(frozen=True)
class Recall:
    """What a release let out is taken back: nobody gets it any more, who has it destroys it."""

    request_number: str
    permit_number: str
    release_digest: str
    reason: RecallReason
    recalled_by: str
    recalled_at: datetime
