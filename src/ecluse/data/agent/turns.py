"""In which order the agent obeys what it has received.

Papers come first: a revocation overtakes an order. Jobs come last, one at each step, the machine
shared fairly between projects: what arrived meanwhile is heard before the next.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final, cast

from ecluse.data.agent.state import Received, State, open_document
from ecluse.domain.documents import Document, JobOrder, JobReceipt
from ecluse.domain.errors import Malformed
from ecluse.domain.workflows import Usage, Waiting, next_job

PAPERS: Final = frozenset(
    {
        *("Permit", "Revocation", "Suspension", "OptOutList", "WishList"),
        *("KeyRotation", "JobCancellation"),
    }
)
"""What says whether an order may be obeyed."""
MEMORY: Final = timedelta(days=1)
"""Of what a project used longer ago, hardly anything would still count."""

PAPER, ORDER, JOB = range(3)


class Turns:
    """The order of what waits; it remembers who used the machine, across restarts."""

    def __init__(self, state: State, *, now: datetime) -> None:
        self._state = state
        self._usage = list(_used(state, since=now - MEMORY))
        self._dropped: set[int] = set()
        self._known: dict[int, tuple[int, Waiting | None]] = {}

    def in_order(self, pending: Sequence[Received], *, now: datetime) -> Iterator[Received]:
        """Yield what is to be obeyed now: papers, orders, then jobs, the next in turn first.

        Jobs that were cancelled wait for no turn: their receipt says so at once.
        """
        known = {one.number: self._known.get(one.number) or _read(one) for one in pending}
        self._known = known
        jobs = {one.number: one for one in pending if known[one.number][0] == JOB}
        others = (one for one in pending if one.number not in jobs)
        yield from sorted(others, key=lambda one: known[one.number][0])
        waiting = [job for _, job in known.values() if job is not None]
        cancelled = [one for one in waiting if self._is_cancelled(one)]
        self._dropped = {one.position for one in cancelled}
        for one in cancelled:
            waiting.remove(one)
            yield jobs[one.position]
        while waiting:
            chosen = next_job(waiting, self._usage, now=now)
            waiting.remove(chosen)
            yield jobs[chosen.position]

    def is_job(self, received: Received) -> bool:
        """Say whether this is an order to run a job that nobody cancelled."""
        is_dropped = received.number in self._dropped
        return self._known[received.number][0] == JOB and not is_dropped

    def _is_cancelled(self, job: Waiting) -> bool:
        return bool(self._state.by_number("JobCancellation", job.job))

    @contextmanager
    def counting(self, received: Received, *, now: datetime) -> Iterator[None]:
        """Count the seconds of the block as used by the project whose job it is."""
        _, job = self._known[received.number]
        began = time.monotonic()
        try:
            yield
        finally:
            if job is not None:
                spent = time.monotonic() - began
                recent = [one for one in self._usage if one.ended_at > now - MEMORY]
                self._usage = [*recent, Usage(job.project, job.person, spent, now)]


def _read(received: Received) -> tuple[int, Waiting | None]:
    """Return the rank of a delivery by what it claims; it is verified when it is obeyed."""
    try:
        document = open_document(received.data)
    except (Malformed, KeyError, TypeError):
        return ORDER, None  # it will be refused in its turn
    if not isinstance(document.body, JobOrder):
        return (PAPER if document.kind in PAPERS else ORDER), None
    order = document.body
    return JOB, Waiting(order.job_number, order.permit_number, order.submitted_by, received.number)


def _used(state: State, *, since: datetime) -> Iterator[Usage]:
    """Yield what the jobs that ended since an instant used."""
    for stored in state.of_kind("JobReceipt"):
        document: Document = stored.document
        receipt = cast(JobReceipt, document.body)
        order = state.by_digest(receipt.order_digest, "JobOrder")
        if order is not None and document.issued_at > since:
            person = cast(JobOrder, order.document.body).submitted_by
            seconds = receipt.duration_ms / 1000
            yield Usage(receipt.permit_number, person, seconds, document.issued_at)
