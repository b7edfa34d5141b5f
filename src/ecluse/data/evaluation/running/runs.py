"""One run of a model on its cases, from outside the sandbox: rooms, walls, answers, facts.

Nothing of the model is opened here, nor anything that it left but arrays of a size known before.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow.parquet as pq

from ecluse.data.enclave import interpreter
from ecluse.data.enclave.bundles import BundleLimits, unpack
from ecluse.data.enclave.limits import MIB, Limits
from ecluse.data.enclave.sandbox import SandboxResult
from ecluse.data.enclave.sandbox import run as run_in_sandbox
from ecluse.data.evaluation.running import answers, energy, inside, predictions, services
from ecluse.data.evaluation.running.answers import Answers
from ecluse.data.evaluation.running.ended import ModelRun
from ecluse.data.evaluation.running.plans import RunPlan
from ecluse.data.evaluation.running.sniffing import check_content
from ecluse.data.evaluation.running.tables import Inputs, drawn_order, read_inputs
from ecluse.domain.errors import InvalidInput, JobFailed
from ecluse.domain.evaluations.parts import ModelFormat

PACKAGES: Final = ("onnx", "onnxruntime", "scikit-learn", "skops")
"""Shown to a run beside the packages of analysis: the extra `evaluation`."""
PROGRAM: Final = "ecluse.data.evaluation.running.inside"
MOST_FACTS_BYTES: Final = 4096
SERVICE: Final = BundleLimits(packed_bytes=200 * MIB, unpacked_bytes=512 * MIB, members=20_000)
LIMITS: Final = Limits(processes=128)


def run_model(  # noqa: PLR0913 - what a run is given, where, and as whom
    plan: RunPlan,
    *,
    model: Path,
    inputs: Path,
    work: Path,
    uid: int,
    limits: Limits = LIMITS,
    in_gvisor: bool = False,
    on_tick: Callable[[], None] | None = None,
) -> ModelRun:
    """Run a model on the cases of `inputs`, and return its answers.

    `model` is a file: ONNX, skops, the bundle of a service (ZIP with service.toml), or a table of
    predictions, which is read and judged alike. `work` is this run's own folder; it is cleared.

    Raises:
        InvalidInput: the inputs or the model cannot be used; what was refused is in the message.
        JobFailed: the model ended the run, or left something else than one answer a case.
        SandboxUnavailable: isolation cannot be proved here.
        StorageFull: the disk had no room.
    """
    check_content(model, plan.format)
    cases = read_inputs(inputs, plan)
    if plan.format is ModelFormat.PREDICTIONS:
        return predictions.of_table(model, cases, plan)
    order = drawn_order(len(cases), plan.seed)
    folders = _laid_out(plan, model, cases, order, work)
    before = energy.counters()
    result = run_in_sandbox(
        [interpreter.PYTHON, "-m", PROGRAM],
        data=folders.data,
        code=folders.code,
        limits=limits,
        uid=uid,
        work=folders.run,
        in_gvisor=in_gvisor,
        on_tick=on_tick,
        packages=PACKAGES,
        loopback=_on_loopback(plan, folders),
    )
    after = energy.counters()
    facts = _facts(result, limits)
    spent = energy.between(before, after, cpu_seconds=_spent(facts, result, limits))
    outputs = result.outputs_path
    judged = answers.read_answers(outputs, len(cases), plan.answer)
    alone, times = answers.read_alone(outputs, min(plan.timed, len(cases)))
    return ModelRun(
        keys=cases.keys,
        answers=_reordered(judged, order),
        times_ms=tuple(float(one) for one in np.nan_to_num(times)),
        changed=answers.changed(judged, alone, plan.answer),
        reached_out=facts.get("reached_out") is True,
        backend=str(facts.get("backend", ""))[:100],
        joules=spent.joules,
        energy_method=spent.method,
        duration_ms=result.duration_ms,
    )


@dataclass(frozen=True, slots=True)
class _Rooms:
    code: Path
    data: Path
    run: Path


def _laid_out(
    plan: RunPlan, model: Path, cases: Inputs, order: np.ndarray[Any, Any], work: Path
) -> _Rooms:
    """Lay out what the sandbox sees: the plan, the model, and features without names or labels."""
    rooms = _Rooms(work / "code", work / "data", work / "run")
    for folder in (rooms.code, rooms.data, rooms.run):
        if folder.exists():
            shutil.rmtree(folder)
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in (rooms.code, rooms.data):
        folder.mkdir()
        folder.chmod(0o755)
    place = rooms.code / inside.MODEL
    if plan.format is ModelFormat.SERVICE:
        names = unpack(model, place, SERVICE)
        for name in names:
            (place / name).chmod(0o755)
    else:
        shutil.copyfile(model, place)
        place.chmod(0o644)
    (rooms.code / inside.PLAN).write_text(plan.to_text(), encoding="utf-8")
    (rooms.code / inside.PLAN).chmod(0o644)
    features = rooms.data / inside.FEATURES.name
    pq.write_table(cases.features.take(order), features)
    features.chmod(0o644)
    return rooms


def _on_loopback(plan: RunPlan, rooms: _Rooms) -> bool:
    """Whether the program of a vendor listens by IPv4, in the run's own network."""
    if plan.format is not ModelFormat.SERVICE:
        return False
    return services.read_settings(rooms.code / inside.MODEL).loopback


def _facts(result: SandboxResult, limits: Limits) -> dict[str, Any]:
    """Return what the program said of the run, unless it was ended or refused the model.

    Raises:
        InvalidInput: the model was inspected and refused.
        JobFailed: the run did not come to its end.
    """
    path = result.outputs_path / answers.FACTS
    if result.timed_out:
        raise JobFailed(
            f"The run was stopped after {limits.wall_seconds} s: the model is too slow."
        )
    if not path.is_file() or path.stat().st_size > MOST_FACTS_BYTES or result.exit_code:
        raise JobFailed(
            f"The run ended with code {result.exit_code}: the model ended it, or took more than "
            f"the {limits.memory_bytes} bytes of memory that a run has."
        )
    try:
        told = json.loads(path.read_bytes())
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise JobFailed("The run left no account of itself: run it again.")
    if told.get("refused"):
        raise InvalidInput(plain(str(told["refused"])))
    return told


def plain(text: str) -> str:
    """Return words from the sandbox, in one line that no terminal obeys."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:400])


def _spent(facts: dict[str, Any], result: SandboxResult, limits: Limits) -> float:
    """Return the seconds of processor that the run says, and no more than it can have had."""
    told = facts.get("cpu_seconds", 0.0)
    most = result.duration_ms / 1000.0 * max(1, limits.threads)
    return min(float(told), most) if isinstance(told, int | float) else most


def _reordered(found: Answers, order: np.ndarray[Any, Any]) -> Answers:
    """Return answers in the order of the inputs."""
    values, states = np.empty_like(found.values), np.empty_like(found.states)
    values[order], states[order] = found.values, found.states
    spans = found.spans.copy()
    if len(spans):
        spans[:, 0] = order[spans[:, 0]]
        spans = np.unique(spans, axis=0)
    return Answers(values, states, spans)
