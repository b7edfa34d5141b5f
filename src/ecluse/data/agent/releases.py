"""The duty at the second gate: let exactly the approved bytes out, once they prove themselves."""

from datetime import datetime
from pathlib import Path
from typing import cast

from ecluse.data.agent.rooms import Outcome, Room
from ecluse.domain import outputs
from ecluse.domain.documents import (
    CheckReport,
    JobOrder,
    OutputFile,
    OutputRequest,
    Rejection,
    Release,
    TabulationOrder,
)
from ecluse.domain.errors import OutOfScope, Revoked
from ecluse.domain.outputs import Mandate
from ecluse.trust import canonical
from ecluse.trust.documents import Verified


def release(room: Room, verified: Verified, *, now: datetime) -> Outcome:
    """Send the release and its files to the public site. Raises Refused or NotAllowed.

    The permit's last day does not close the gate, its revocation does: results already made may
    be published later. Source: EHDS art. 63(3), 73(2).
    """
    body = cast(Release, verified.document.body)
    request, _ = room.find(OutputRequest, body.request_digest)
    report, _ = room.find(CheckReport, body.check_report_digest)
    mandate = _mandate(room, body.job_number)
    outputs.check_release(body, request, report, mandate)
    number = outputs.number_of(mandate)
    for revocation in room.revocations(number):
        if revocation.revoked_at <= now:
            raise Revoked(f"Permit {number} was revoked: nothing leaves any more.")
    files = tuple(_proved(room, file) for file in body.files)
    return Outcome(
        forward_to=("public",),
        forwarded_files=tuple(dict.fromkeys(files)),
        action="output.released",
    )


def reject(room: Room, verified: Verified, *, now: datetime) -> Outcome:  # noqa: ARG001
    """Send word that two checkers let nothing out. Raises Refused or NotAllowed."""
    body = cast(Rejection, verified.document.body)
    request, _ = room.find(OutputRequest, body.request_digest)
    outputs.check_rejection(body, request, _mandate(room, body.job_number))
    return Outcome(forward_to=("public",), action="output.rejected")


def _mandate(room: Room, number: str) -> Mandate:
    """Return what the outputs were made under: an order to tabulate, or the permit of a job."""
    orders = room.state.by_number("TabulationOrder", number)
    if orders:
        return cast(TabulationOrder, orders[-1].document.body)
    jobs = room.state.by_number("JobOrder", number)
    if not jobs:
        raise OutOfScope(f"Job {number} never ran here: nothing of it can be released.")
    return room.permit(cast(JobOrder, jobs[-1].document.body).permit_digest)


def _proved(room: Room, file: OutputFile) -> Path:
    """Return our own copy of a file, read again: what leaves is what was checked."""
    path = room.zone.blob(file.digest)
    if not path.is_file() or path.stat().st_size != file.size:
        raise OutOfScope(f"{file.name} is not an output kept here.")
    if canonical.digest_file(path) != file.digest:
        raise OutOfScope(f"{file.name} changed since it was checked: run the job again.")
    return path
