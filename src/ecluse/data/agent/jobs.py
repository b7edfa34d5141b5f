"""The duty towards a job order: run the analysis without network, check what it left."""

import shutil
import time
import zlib
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, cast

import ecluse
from ecluse.data.agent import cancellations, results
from ecluse.data.agent.arrivals import watch
from ecluse.data.agent.backends import backend_of
from ecluse.data.agent.cancellations import JobCancelled
from ecluse.data.agent.progress import ProgressTeller
from ecluse.data.agent.rooms import Answer, Outcome, Room
from ecluse.data.disclosure import (
    DECLARATION_NAME,
    Identifiers,
    check_outputs,
    digest_of,
    read_declarations,
)
from ecluse.data.enclave.jobs import JobResult, run_job
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.orders import SealedData
from ecluse.data.enclave.sandbox import uid_for
from ecluse.data.evaluation.privacy import trials
from ecluse.data.extraction import ExtractFiles
from ecluse.domain import permits
from ecluse.domain.disclosure import DisclosurePolicy, TableDeclaration
from ecluse.domain.documents import (
    CheckReport,
    ExtractionReceipt,
    Finding,
    JobOrder,
    JobReceipt,
    Permit,
)
from ecluse.domain.errors import InvalidInput, NotFound, OutOfScope, Replayed, Unreachable
from ecluse.domain.workflows import check_hours
from ecluse.trust import durable
from ecluse.trust.documents import Verified

BUNDLE: Final = "bundle.zip"
KEPT: Final = "kept"
"""Beside the jobs of a permit: what their actions left, so that none is run twice."""
TRIALS: Final = "models"
"""In the zone: what attacks on trained models told, by digest (`ecluse evaluate attack`)."""
WEEK: Final = timedelta(days=7)
MS_AN_HOUR: Final = 3_600_000
ENGINE: Final = f"ecluse {ecluse.__version__}"


def run(room: Room, verified: Verified, *, now: datetime) -> Outcome:
    """Run the analysis on its extract and answer the checking room; or say who cancelled it.

    Raises:
        Refused: the order may not be obeyed.
        NotAllowed: the project has used its hours of the week.
    """
    order, began = cast(JobOrder, verified.document.body), time.monotonic()
    if room.state.by_number("JobReceipt", order.job_number):
        raise Replayed(f"Job {order.job_number} has run: order another number.")
    try:
        cancellations.check_wanted(room, verified.digest, order.job_number)()
        return _run(room, order, verified.digest, now=now)
    except JobCancelled as word:
        spent = round((time.monotonic() - began) * 1000)
        shutil.rmtree(room.zone.job(order.job_number), ignore_errors=True)
        return cancellations.answer(order, verified.digest, by=word.by, duration_ms=spent)


def _run(room: Room, order: JobOrder, digest: str, *, now: datetime) -> Outcome:
    permit = room.permit(order.permit_digest)
    data = _data(room, order, permit, now=now)
    _check_hours(room, order, now=now)
    folder = room.zone.job(order.job_number)
    _fetch_code(room, order, folder)
    room.on_progress("job: run")
    teller = ProgressTeller(room, order, digest)
    result = run_job(
        job_number=order.job_number,
        code_zip=folder / BUNDLE,
        entry=order.entry,
        data=data,
        work=folder / "work",
        limits=Limits(data_bytes=room.zone.settings.job_data_bytes),
        uid=uid_for(zlib.crc32(order.job_number.encode())),
        kept=room.zone.job(f"{order.permit_number}-{KEPT}"),
        backend=backend_of(room.zone.settings, order),
        on_tick=_ticking(room, permit, teller),
        on_progress=lambda step: room.on_progress(f"job: {step}"),
        on_actions=teller.note,
    )
    room.on_progress("job: check")
    extract, _ = room.find(ExtractionReceipt, order.extraction_digest)
    policy = results.policy_of(room, minimum_count=permit.minimum_count)
    made = results.make(room, order.job_number, result, extract=extract, policy=policy)
    result = made.result
    files = tuple(_keep_blobs(room, result))
    report = _check(room, order, policy, made, data)
    receipt = JobReceipt(
        job_number=order.job_number,
        order_digest=digest,
        permit_number=order.permit_number,
        status=result.status,
        exit_code=result.exit_code,
        log_summary=result.log_summary,
        outputs=result.outputs,
        duration_ms=result.duration_ms,
    )
    answers = (Answer(receipt, ("checking",)), Answer(report, ("checking",), files))
    return Outcome(answers, action="job.finished")


def _ticking(room: Room, permit: Permit, teller: ProgressTeller) -> Callable[[], None]:
    """Return what the job calls twice a second: who may stop it is heard, its progress is told."""
    wanted = cancellations.check_wanted(room, teller.order_digest, teller.order.job_number)
    listen = watch(room, permit, also=wanted)

    def tick() -> None:
        listen()
        teller.flush()

    return tick


def _check_hours(room: Room, order: JobOrder, *, now: datetime) -> None:
    """Pass if the project has hours of the machine left this week. Raises NotAllowed."""
    project = order.permit_number
    spent_ms = sum(
        receipt.duration_ms
        for one in room.state.of_kind("JobReceipt")
        if (receipt := cast(JobReceipt, one.document.body)).permit_number == project
        and one.document.issued_at > now - WEEK
    )
    quota = room.zone.settings.quotas.of(project)
    check_hours(project, quota, spent_hours=spent_ms / MS_AN_HOUR)


def _data(room: Room, order: JobOrder, permit: Permit, *, now: datetime) -> SealedData:
    """Return the extract that the order names, if the permit still gives it."""
    permits.check_in_force(permit, room.withdrawals(permit.permit_number), now=now)
    permits.check_job(order, permit)
    receipt, _ = room.find(ExtractionReceipt, order.extraction_digest)
    same = (receipt.permit_number, receipt.order_number)
    if same != (order.permit_number, order.extraction_number):
        raise OutOfScope(
            f"Extraction {order.extraction_number} of permit {order.permit_number} is not the one "
            "whose receipt the order names."
        )
    folder = room.zone.extract(order.permit_number, order.extraction_number)
    return room.zone.seals(order.permit_number).data(folder)


def _fetch_code(room: Room, order: JobOrder, folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    room.on_progress("job: fetch")
    try:
        room.mailboxes["checking"].fetch_blob(order.code_digest, folder / BUNDLE)
    except NotFound as error:
        raise Unreachable(f"The code of job {order.job_number} has not arrived: {error}") from None


def _keep_blobs(room: Room, result: JobResult) -> Iterable[Path]:
    """Move the outputs to the zone's blobs, each under its digest; yield where they lie."""
    room.zone.blobs.mkdir(mode=0o700, exist_ok=True)
    for digest in dict.fromkeys(file.digest for file in result.outputs):
        blob = room.zone.blob(digest)
        (result.blobs / blob.name).replace(blob)
        yield blob
    durable.sync_folder(room.zone.blobs)


def _check(
    room: Room,
    order: JobOrder,
    policy: DisclosurePolicy,
    made: results.MadeResults,
    data: SealedData,
) -> CheckReport:
    code = room.zone.job(order.job_number) / "work" / "code"
    declared, unusable = _declarations(code / DECLARATION_NAME)
    decided = {verdict.name for verdict in made.verdicts}
    files = [
        (file.name, room.zone.blob(file.digest))
        for file in made.result.outputs
        if file.name not in decided
    ]
    persons = Identifiers.of(ExtractFiles(data.folder, data.key)) if files else None
    tried = trials.kept(room.zone.path / TRIALS)
    judged = check_outputs(files, declared, policy, identifiers=persons, trials=tried)
    verdicts = (*judged, *made.verdicts)
    left_behind = tuple(
        Finding("T1", f"entry {entry.position}", entry.reason) for entry in made.result.refused
    )
    name = f"{policy.reference}, {policy.minimum_count} persons"
    findings = unusable + left_behind + made.findings
    return CheckReport(
        order.job_number,
        order.permit_number,
        name,
        verdicts,
        findings,
        engine=ENGINE,
        policy_digest=digest_of(policy),
    )


def _declarations(path: Path) -> tuple[dict[str, TableDeclaration], tuple[Finding, ...]]:
    """Return what the author declares of the outputs, and why the file cannot be used."""
    if not path.is_file():
        return {}, ()
    try:
        return read_declarations(path.read_bytes()), ()
    except InvalidInput as error:
        return {}, (Finding("D2", DECLARATION_NAME, str(error)),)
