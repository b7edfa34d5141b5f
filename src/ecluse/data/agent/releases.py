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
    Permit,
    Release,
)
from ecluse.domain.errors import OutOfScope, Revoked
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
    permit = _permit(room, body)
    outputs.check_release(body, request, report, permit)
    for revocation in room.revocations(permit.permit_number):
        if revocation.revoked_at <= now:
            raise Revoked(f"Permit {permit.permit_number} was revoked: nothing leaves any more.")
    files = tuple(_proved(room, file) for file in body.files)
    return Outcome(
        forward_to=("public",),
        forwarded_files=tuple(dict.fromkeys(files)),
        action="output.released",
    )


def _permit(room: Room, body: Release) -> Permit:
    """Return the permit under which the job of the release ran."""
    jobs = room.state.by_number("JobOrder", body.job_number)
    if not jobs:
        raise OutOfScope(f"Job {body.job_number} never ran here: nothing of it can be released.")
    return room.permit(cast(JobOrder, jobs[-1].document.body).permit_digest)


def _proved(room: Room, file: OutputFile) -> Path:
    """Return our own copy of a file, read again: what leaves is what was checked."""
    path = room.zone.blob(file.digest)
    if not path.is_file() or path.stat().st_size != file.size:
        raise OutOfScope(f"{file.name} is not an output kept here.")
    if canonical.digest_file(path) != file.digest:
        raise OutOfScope(f"{file.name} changed since it was checked: run the job again.")
    return path
