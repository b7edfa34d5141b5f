"""Jobs that somebody had stopped: those under way, and those that never began."""

from collections.abc import Callable
from datetime import datetime
from typing import cast

from ecluse.data.agent.arrivals import unobeyed
from ecluse.data.agent.rooms import Answer, Outcome, Room
from ecluse.domain.documents import JobCancellation, JobOrder, JobReceipt, JobStatus
from ecluse.domain.errors import OutOfScope
from ecluse.trust.documents import Verified


class JobCancelled(Exception):
    """The job under way is not wanted any more; `by` is who said so."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


def keep(room: Room, verified: Verified, *, now: datetime) -> Outcome:  # noqa: ARG001
    """Keep a cancellation: the job's order is answered in its turn, by a receipt that says so.

    Raises:
        OutOfScope: the job has ended by itself.
    """
    body = cast(JobCancellation, verified.document.body)
    ended = room.state.by_number("JobReceipt", body.job_number)
    receipts = [cast(JobReceipt, one.document.body) for one in ended]
    if any(one.status is not JobStatus.CANCELLED for one in receipts):
        raise OutOfScope(f"Job {body.job_number} had ended when its cancellation came.")
    return Outcome(action="job.cancelled")


def who_cancelled(room: Room, order_digest: str, job_number: str) -> str | None:
    """Return who had a job stopped, by what was obeyed or waits to be; None where nobody did."""
    kept = room.state.by_number("JobCancellation", job_number)
    obeyed = [cast(JobCancellation, one.document.body) for one in kept]
    for word in (*obeyed, *unobeyed(room, JobCancellation)):
        if word.order_digest == order_digest:
            return word.cancelled_by
    return None


def check_wanted(room: Room, order_digest: str, job_number: str) -> Callable[[], None]:
    """Return what a job calls as it goes: it raises JobCancelled once somebody had it stopped."""

    def check() -> None:
        by = who_cancelled(room, order_digest, job_number)
        if by is not None:
            raise JobCancelled(by)

    return check


def answer(order: JobOrder, order_digest: str, *, by: str, duration_ms: int) -> Outcome:
    """Return the receipt of a job that was cancelled: what it had made is shown to nobody."""
    receipt = JobReceipt(
        job_number=order.job_number,
        order_digest=order_digest,
        permit_number=order.permit_number,
        status=JobStatus.CANCELLED,
        exit_code=1,
        log_summary="cancelled",
        outputs=(),
        duration_ms=duration_ms,
        cancelled_by=by,
    )
    return Outcome((Answer(receipt, ("checking",)),), action="job.finished")
