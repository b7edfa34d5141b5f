"""The duty towards an order to run an evaluation: run the locked model, report, await the checkers.

Four steps are kept one after the other, so that a killed agent runs no model twice and signs no
second report: the predictions with the account of the run, what attacks on the model told, the
report with its receipt and its verdict, then the place of the order.
"""

import json
import shutil
import zlib
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import ecluse
from ecluse.data.agent import evaluation_files, results
from ecluse.data.agent.arrivals import watch
from ecluse.data.agent.evaluation_files import PreparedFiles
from ecluse.data.agent.evaluations import protocol_of
from ecluse.data.agent.jobs import TRIALS
from ecluse.data.agent.rooms import Answer, Outcome, Room
from ecluse.data.agent.state import Stored
from ecluse.data.disclosure import Identifiers, digest_of
from ecluse.data.enclave.isolation import require_isolation
from ecluse.data.enclave.sandbox import uid_for
from ecluse.data.evaluation.privacy import trials
from ecluse.data.evaluation.privacy.trials import Persons
from ecluse.data.evaluation.reporting import attesting, bundling, crates, leaving, making, reading
from ecluse.data.evaluation.reporting.building import Given
from ecluse.data.evaluation.reporting.code import digest_of_code
from ecluse.data.evaluation.reporting.making import Tables
from ecluse.data.evaluation.running import plans, runs
from ecluse.data.evaluation.running.ended import ModelRun, write_predictions
from ecluse.data.evaluation.running.plans import RunPlan
from ecluse.data.evaluation.running.tables import read_table
from ecluse.domain import codec, evaluation_orders, permits
from ecluse.domain.disclosure import DisclosurePolicy
from ecluse.domain.documents import (
    CheckReport,
    EvaluationLock,
    EvaluationOrder,
    EvaluationReceipt,
    FileVerdict,
    OutputFile,
    Permit,
    Rejection,
    Verdict,
)
from ecluse.domain.errors import InvalidInput, JobFailed, OutOfScope, Replayed
from ecluse.domain.evaluations import checklists, locks
from ecluse.domain.evaluations.measures import OutcomeKind
from ecluse.domain.evaluations.parts import ModelFormat
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import Digests, EvaluationReport, PrivacyFigure, RunFacts
from ecluse.trust import canonical, documents, durable, keys
from ecluse.trust.documents import Verified

PREDICTIONS: Final = "predictions"
FACTS: Final = "run.json"
BUNDLE: Final = "report.zip"
RECEIPT: Final = "receipt.json"
CHECKS: Final = "checks.json"
WORK: Final = "work"
ATTACKED: Final = frozenset({ModelFormat.ONNX, ModelFormat.SKOPS})
"""The formats whose attacks can be made here: the others do not leave as models."""
ENGINE: Final = f"ecluse {ecluse.__version__}"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Bench:
    """All that one order works with; `draft` is where it works."""

    room: Room
    verified: Verified
    permit: Permit
    lock: EvaluationLock
    lock_data: bytes
    protocol: Protocol
    files: PreparedFiles
    draft: Path

    @property
    def order(self) -> EvaluationOrder:
        return cast(EvaluationOrder, self.verified.document.body)

    @property
    def policy(self) -> DisclosurePolicy:
        return results.policy_of(self.room, minimum_count=self.permit.minimum_count)


def evaluate(room: Room, verified: Verified, *, now: datetime) -> Outcome:
    """Run a locked protocol, both sites told by a receipt, the checking room given the report.

    Raises:
        Refused: the order may not be obeyed, or the report would tell too much.
        NotFound: the files that the lock names were not prepared here.
        InvalidInput: the model did not come through its run, or its cases make no report.
    """
    order = cast(EvaluationOrder, verified.document.body)
    target = room.zone.evaluation(order.permit_number, order.order_number)
    if not target.exists():
        _answer(room, verified, target, now=now)
    receipt = _read(target / RECEIPT, EvaluationReceipt)
    if receipt.order_digest != verified.digest:
        raise Replayed(
            f"Order number {order.order_number} was obeyed for another document: use a new one."
        )
    room.on_progress("evaluation: files")
    report = _read(target / CHECKS, CheckReport)
    answers = (
        Answer(receipt, ("public", "checking")),
        Answer(report, ("checking",), _blobs(room, receipt, target)),
    )
    return Outcome(answers, forward_to=("checking",), action="evaluation.run")


def signed_report(room: Room, order: EvaluationOrder) -> Stored:
    """Return the report of an order, as it was signed and checked. Raises as `documents.verify`."""
    folder = room.zone.evaluation(order.permit_number, order.order_number)
    crate = crates.unpack((folder / BUNDLE).read_bytes())
    data = crate.file(crates.REPORT)
    verified = documents.verify(data, room.keyring(), now=room.clock())
    return Stored(verified.document, verified.digest, verified.data)


def _answer(room: Room, verified: Verified, target: Path, *, now: datetime) -> None:
    """Make what answers an order at `target`; or leave nothing of it."""
    bench = _bench(room, verified, target.with_name(f".{target.name}"), now=now)
    try:
        if not (bench.draft / CHECKS).exists():
            bench.draft.mkdir(mode=0o700, parents=True, exist_ok=True)
            facts = _run(bench)
            _attack(bench)
            _report(bench, facts)
    except BaseException:
        shutil.rmtree(bench.draft, ignore_errors=True)
        raise
    room.on_progress("evaluation: reported")
    bench.draft.rename(target)
    durable.sync_folder(target.parent)


def _bench(room: Room, verified: Verified, draft: Path, *, now: datetime) -> _Bench:
    """Return what an order works with, once everything says that it may be obeyed."""
    order = cast(EvaluationOrder, verified.document.body)
    permit = room.permit(order.permit_digest)
    lock, stored = room.find(EvaluationLock, order.lock_digest)
    evaluation_orders.check_order(order, lock, permit)
    permits.check_in_force(permit, room.withdrawals(permit.permit_number), now=now)
    _check_once(room, order)
    files = evaluation_files.find(
        room.zone, order.permit_number, manifest=lock.dataset, model=lock.model
    )
    presented = locks.Presented(
        protocol=lock.protocol, model=lock.model, dataset=lock.dataset, code=digest_of_code()
    )
    locks.check_presented(lock, presented)
    protocol = protocol_of(room, lock).protocol
    return _Bench(room, verified, permit, lock, stored.data, protocol, files, draft)


def _check_once(room: Room, order: EvaluationOrder) -> None:
    """Pass unless this evaluation was run, and two checkers did not reject its report.

    A second run of a locked protocol would let somebody choose between two reports.
    """
    rejected = {
        cast(Rejection, one.document.body).job_number for one in room.state.of_kind("Rejection")
    }
    for stored in room.state.of_kind("EvaluationOrder"):
        former = cast(EvaluationOrder, stored.document.body)
        is_same = former.evaluation_number == order.evaluation_number
        if former.order_number == order.order_number or (
            is_same and former.order_number not in rejected
        ):
            raise Replayed(
                f"{order.evaluation_number} was run by order {former.order_number}: its report "
                "stands, or two checkers reject it first."
            )


def _run(bench: _Bench) -> RunFacts:
    """Return the account of the run, whose predictions lie in the draft; run once, if killed."""
    facts = bench.draft / FACTS
    if not facts.exists():
        plan = _plan(bench)
        if plan.format is not ModelFormat.PREDICTIONS:
            require_isolation()
        ended = _predict(bench, plan, bench.files.table(evaluation_files.INPUTS), PREDICTIONS)
        for name, path in bench.files.perturbed().items():
            _predict_damaged(bench, plan, path, f"{PREDICTIONS}-{name}")
        told = replace(
            ended.facts(least=max(bench.policy.minimum_count, bench.protocol.privacy.least_cell)),
            predictions=canonical.digest_file(_table(bench, PREDICTIONS)),
        )
        _write(facts, told)
        bench.room.on_progress("evaluation: run")
    return _read(facts, RunFacts)


def _plan(bench: _Bench) -> RunPlan:
    protocol = bench.protocol
    columns: list[str] = []
    if not protocol.run.features:
        columns = read_table(bench.files.table(evaluation_files.INPUTS)).column_names
    features = tuple(name for name in columns if name != protocol.run.case)
    answer = None
    if protocol.outcome.kind is OutcomeKind.SPANS:
        kind = plans.AnswerKind.SPANS
        answer = plans.Answer(kind=kind, classes=protocol.outcome.classes)
    return plans.plan_of(protocol, answer=answer, features=features)


def _predict_damaged(bench: _Bench, plan: RunPlan, path: Path, name: str) -> None:
    """Predict from damaged inputs; where the model is a table, so is what it gave of them."""
    if plan.format is ModelFormat.PREDICTIONS:
        shutil.copyfile(path, bench.draft / f"{name}{path.suffix}")
    else:
        _predict(bench, plan, path, name)


def _predict(bench: _Bench, plan: RunPlan, inputs: Path, name: str) -> ModelRun:
    """Write the predictions of the model on a table; nothing that it says of itself is told.

    Its words, or how it failed, may hold rows, and a refusal leaves the zone.
    """
    try:
        ended = runs.run_model(plan, model=bench.files.model, inputs=inputs, **_sandbox(bench))
    except (InvalidInput, JobFailed):
        raise InvalidInput(
            "The model or its inputs were refused, or it ended its run: `ecluse evaluate run`, in "
            "the zone, says why. Nothing of it leaves."
        ) from None
    finally:
        shutil.rmtree(bench.draft / WORK, ignore_errors=True)
    write_predictions(ended, plan, bench.draft / f"{name}.parquet")
    return ended


def _sandbox(bench: _Bench) -> dict[str, Any]:
    """Return where, as whom and how long a model is let run, for the runner and for the attacks."""
    return {
        "work": bench.draft / WORK,
        "uid": uid_for(zlib.crc32(bench.order.order_number.encode())),
        "in_gvisor": bench.room.zone.settings.backend == "gvisor",
        "on_tick": watch(bench.room, bench.permit),
    }


def _attack(bench: _Bench) -> None:
    """Keep what attacks on the model told, where its protocol plans them and none were kept.

    Without the persons who trained it none are made here: an officer makes them by hand, or the
    report states none.
    """
    plan, persons = _plan(bench), bench.files.persons
    is_planned = bool(bench.protocol.privacy.attacks) and persons is not None
    folder = bench.room.zone.path / TRIALS
    if not is_planned or plan.format not in ATTACKED or bench.lock.model in trials.kept(folder):
        return
    try:
        found = trials.attack_model(
            plan,
            model=bench.files.model,
            persons=cast(Persons, persons),
            policy=bench.policy,
            recipe=bench.files.recipe,
            **_sandbox(bench),
        )
    except (InvalidInput, JobFailed):
        raise InvalidInput(
            "The attacks on the model were not carried to their end: `ecluse evaluate attack`, in "
            "the zone, says why. Nothing of it leaves."
        ) from None
    finally:
        shutil.rmtree(bench.draft / WORK, ignore_errors=True)
    trials.keep(found, folder)
    bench.room.on_progress("evaluation: attacked")


def _report(bench: _Bench, facts: RunFacts) -> None:
    """Write the bundle, its verdict and the receipt; the verdict last. Raises OutOfScope."""
    room, order = bench.room, bench.order
    made_at = keys.to_milliseconds(room.clock())
    report = _made(bench, facts, now=made_at)
    data = bundling.bundle(
        report,
        bench.protocol,
        lock=bench.lock_data,
        manifest=bench.files.manifest,
        key=room.key,
    )
    verdict = _judged(bench, data, now=made_at)
    durable.write(bench.draft / BUNDLE, data)
    receipt = EvaluationReceipt(
        order_number=order.order_number,
        order_digest=bench.verified.digest,
        evaluation_number=order.evaluation_number,
        permit_number=order.permit_number,
        lock_digest=order.lock_digest,
        predictions=facts.predictions,
        report=canonical.digest(crates.unpack(data).file(crates.REPORT)),
        files=(OutputFile(BUNDLE, len(data), verdict.digest),),
        started_at=keys.to_milliseconds(bench.verified.document.issued_at),
        finished_at=made_at,
    )
    _write(bench.draft / RECEIPT, receipt)
    policy = bench.policy
    name = f"{policy.reference}, {policy.minimum_count} persons"
    checks = CheckReport(
        order.order_number,
        order.permit_number,
        name,
        (verdict,),
        (),
        engine=ENGINE,
        policy_digest=digest_of(policy),
    )
    _write(bench.draft / CHECKS, checks)


def _made(bench: _Bench, facts: RunFacts, *, now: datetime) -> EvaluationReport:
    order, lock, protocol = bench.order, bench.lock, bench.protocol
    given = Given(
        digests=Digests(
            protocol=lock.protocol,
            lock=order.lock_digest,
            model=lock.model,
            data=lock.dataset,
            code=lock.code,
        ),
        run=facts,
        deviations=order.deviations,
        checklist=checklists.fill(protocol),
        privacy=_privacy(bench),
    )
    planned = {one.kind.value for one in protocol.robustness}
    tables = Tables(
        bench.files.table(evaluation_files.LABELS),
        _table(bench, PREDICTIONS),
        {
            name: _table(bench, f"{PREDICTIONS}-{name}")
            for name in bench.files.perturbed()
            if name in planned
        },
    )
    try:
        return making.make(tables, protocol, given, policy=bench.policy, now=now)
    except InvalidInput as error:
        raise InvalidInput(attesting.without_numbers(str(error))) from None


def _privacy(bench: _Bench) -> tuple[PrivacyFigure, ...]:
    """Return what attacks on the model told, where they were made: without them it never leaves."""
    kept = trials.kept(bench.room.zone.path / TRIALS).get(bench.lock.model)
    return () if kept is None else making.privacy_figures(kept, bench.protocol)


def _judged(bench: _Bench, data: bytes, *, now: datetime) -> FileVerdict:
    """Return the verdict on a bundle. Raises OutOfScope: it would tell too much, by which rule."""
    labels = bench.files.table(evaluation_files.LABELS)
    found = leaving.judge(
        BUNDLE,
        data,
        bench.policy,
        believed=bench.room.keyring().keys.values(),
        identifiers=Identifiers.among(reading.read_names(labels, bench.protocol)),
        now=now,
    )
    if found.verdict is Verdict.BLOCKED:
        why = "; ".join(f"{one.rule} {one.place}" for one in found.findings)
        raise OutOfScope(f"The report stays inside, by the rules {why}.")
    return found


def _blobs(room: Room, receipt: EvaluationReceipt, folder: Path) -> tuple[Path, ...]:
    """Copy the files to the zone's blobs, each under its digest: from there alone they leave."""
    room.zone.blobs.mkdir(mode=0o700, exist_ok=True)
    for file in receipt.files:
        durable.write(room.zone.blob(file.digest), (folder / file.name).read_bytes())
    return tuple(dict.fromkeys(room.zone.blob(file.digest) for file in receipt.files))


def _table(bench: _Bench, name: str) -> Path:
    return next(bench.draft.glob(f"{name}.*"))


def _write(path: Path, value: object) -> None:
    durable.write(path, json.dumps(codec.encode(value), sort_keys=True).encode())


def _read(path: Path, kind: type[T]) -> T:
    found: Any = codec.decode(json.loads(path.read_bytes()), cast(Any, kind))
    return cast(T, found)
