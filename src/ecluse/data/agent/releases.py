"""Duties at the second gate: let exactly the approved bytes out, once; pass on their recall."""

from datetime import datetime
from pathlib import Path
from typing import Final, cast

from ecluse.data.agent import evaluation_orders, results
from ecluse.data.agent.rooms import Answer, Outcome, Room
from ecluse.data.agent.state import Stored
from ecluse.domain import outputs, permits
from ecluse.domain.documents import (
    CheckReport,
    EvaluationOrder,
    ExtractionReceipt,
    JobOrder,
    OutputFile,
    OutputRequest,
    Permit,
    Recall,
    Rejection,
    Release,
    ReleaseReceipt,
    TabulationOrder,
)
from ecluse.domain.errors import OutOfScope, Replayed
from ecluse.domain.outputs import Mandate
from ecluse.domain.reviews.policies import Policies, read_policies
from ecluse.trust import canonical
from ecluse.trust.documents import Verified

POLICIES: Final = "review-policies.toml"
"""What the holders ask of reviews, in the folder of the zone; without it, two checkers."""


def release(room: Room, verified: Verified, *, now: datetime) -> Outcome:
    """Send the release and its files to the public site, and word of it to the checking room.

    One request is released once, however often it is signed. Raises Refused or NotAllowed.

    The permit's last day does not close the gate, its revocation and its suspension do: results
    already made may be published later. Source: EHDS art. 63(3), 73(2).
    """
    body = cast(Release, verified.document.body)
    request, _ = room.find(OutputRequest, body.request_digest)
    report, _ = room.find(CheckReport, body.check_report_digest)
    mandate = _mandate(room, body.job_number)
    policy = _policies(room).of(outputs.datasets_of(mandate))
    outputs.check_release(body, request, report, mandate, policy=policy)
    if room.state.by_number("Release", body.request_number):
        raise Replayed(f"Request {body.request_number} was released: nothing leaves twice.")
    number = outputs.number_of(mandate)
    permits.check_not_withdrawn(number, room.withdrawals(number), now=now)
    files = tuple(_proved(room, file) for file in body.files)
    _remember(room, body, mandate)
    receipt = ReleaseReceipt(body.request_number, body.permit_number, verified.digest, now)
    return Outcome(
        answers=(Answer(receipt, ("checking",)),),
        forward_to=("public",),
        forwarded_files=tuple(dict.fromkeys(files)),
        enclosed=_enclosed(room, body.job_number),
        action="output.released",
    )


def reject(room: Room, verified: Verified, *, now: datetime) -> Outcome:  # noqa: ARG001
    """Send word that two checkers let nothing out. Raises Refused or NotAllowed."""
    body = cast(Rejection, verified.document.body)
    request, _ = room.find(OutputRequest, body.request_digest)
    outputs.check_rejection(body, request, _mandate(room, body.job_number))
    return Outcome(forward_to=("public",), action="output.rejected")


def recall(room: Room, verified: Verified, *, now: datetime) -> Outcome:  # noqa: ARG001
    """Send word that a release is taken back; its files leave no more. Raises Refused, NotAllowed.

    Even after a revocation: taking back is never too late.
    """
    body = cast(Recall, verified.document.body)
    released, _ = room.find(Release, body.release_digest)
    outputs.check_recall(body, released, _mandate(room, released.job_number))
    return Outcome(forward_to=("public",), action="output.recalled")


def _remember(room: Room, body: Release, mandate: Mandate) -> None:
    """Keep who is behind the results of a job, before they leave. Raises OutOfScope."""
    jobs = room.state.by_number("JobOrder", body.job_number)
    if isinstance(mandate, Permit) and jobs:
        order = cast(JobOrder, jobs[-1].document.body)
        extract, _ = room.find(ExtractionReceipt, order.extraction_digest)
        policy = results.policy_of(room, minimum_count=mandate.minimum_count)
        results.remember(room, body, dataset=extract.dataset, policy=policy)


def _enclosed(room: Room, number: str) -> tuple[Stored, ...]:
    """Return the signed report that leaves with the bundle of an evaluation, to be filed."""
    order = _evaluation(room, number)
    return () if order is None else (evaluation_orders.signed_report(room, order),)


def _evaluation(room: Room, number: str) -> EvaluationOrder | None:
    found = room.state.by_number("EvaluationOrder", number)
    return cast(EvaluationOrder, found[-1].document.body) if found else None


def _policies(room: Room) -> Policies:
    path = room.zone.path / POLICIES
    return read_policies(path.read_text(encoding="utf-8")) if path.is_file() else Policies()


def _mandate(room: Room, number: str) -> Mandate:
    """Return what the outputs were made under: an order to tabulate, or a permit.

    The permit is that of a job, or of an evaluation.
    """
    orders = room.state.by_number("TabulationOrder", number)
    if orders:
        return cast(TabulationOrder, orders[-1].document.body)
    evaluation = _evaluation(room, number)
    if evaluation is not None:
        return room.find(Permit, evaluation.permit_digest)[0]
    jobs = room.state.by_number("JobOrder", number)
    if not jobs:
        raise OutOfScope(f"Job {number} never ran here: nothing of it can be released.")
    # Even when its data are destroyed: what was published may still be taken back.
    return room.find(Permit, cast(JobOrder, jobs[-1].document.body).permit_digest)[0]


def _proved(room: Room, file: OutputFile) -> Path:
    """Return our own copy of a file, read again: what leaves is what was checked."""
    path = room.zone.blob(file.digest)
    if not path.is_file() or path.stat().st_size != file.size:
        raise OutOfScope(f"{file.name} is not an output kept here.")
    if canonical.digest_file(path) != file.digest:
        raise OutOfScope(f"{file.name} changed since it was checked: run the job again.")
    return path
