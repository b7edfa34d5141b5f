"""The program that runs in the sandbox, around a model: `python -m …running.inside`.

It finds the plan and the model in /code, the features in /data, and leaves in /outputs one number a
case, how each case ended, what the first cases were answered alone, and in how long. What it says
of itself (`facts.json`) is a few figures and one sentence.
"""

import contextlib
import json
import resource
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.evaluation.running import answers
from ecluse.data.evaluation.running.answers import State
from ecluse.data.evaluation.running.models import CaseTimedOut, Found, Model
from ecluse.data.evaluation.running.plans import AnswerKind, RunPlan, from_text
from ecluse.domain.errors import EcluseError, InvalidInput
from ecluse.domain.evaluations.parts import ModelFormat

CODE: Final = Path("/code")
FEATURES: Final = Path("/data/features.parquet")
OUTPUTS: Final = Path("/outputs")
PLAN: Final = "plan.json"
MODEL: Final = "model"


def main() -> None:
    """Inspect the model, then run it on every case; a refusal is told, never raised."""
    plan = from_text((CODE / PLAN).read_text(encoding="utf-8"))
    facts: dict[str, Any] = {"refused": "", "backend": "", "reached_out": False}
    try:
        model = load(plan, CODE / MODEL)
    except EcluseError as refusal:
        _leave({**facts, "refused": str(refusal)})
        return
    try:
        facts["cpu_seconds"] = _run(plan, model)
    finally:
        facts |= {"backend": model.version, "reached_out": model.reached_out}
        model.close()
        # What a service spent is known once it has ended, its start included.
        facts["cpu_seconds"] = facts.get("cpu_seconds", 0.0) + _spent(resource.RUSAGE_CHILDREN)
        _leave(facts)


def load(plan: RunPlan, path: Path) -> Model:
    """Return the model, inspected. Raises EcluseError: what is refused, and why."""
    if plan.format is ModelFormat.SERVICE:
        from ecluse.data.evaluation.running.services import ServiceModel  # noqa: PLC0415

        return ServiceModel(path, plan)
    from ecluse.data.evaluation.running import backends  # noqa: PLC0415 - slow to load

    if plan.format is ModelFormat.ONNX:
        return backends.OnnxModel(path, plan)
    return backends.SkopsModel(path, plan)


def _run(plan: RunPlan, model: Model) -> float:
    """Answer every case, then the first ones again; return the seconds of the first passage."""
    features = pq.read_table(FEATURES)
    count = len(features)
    values, states = np.full(count, np.nan), np.full(count, State.FAILED, np.uint8)
    spans: list[tuple[int, int, int, int]] = []
    before = _spent(resource.RUSAGE_SELF)
    size = 1 if plan.format is ModelFormat.SERVICE else plan.batch
    for start in range(0, count, size):
        batch = features.slice(start, size)
        found = _answered(plan, model, batch)
        for row, (value, state) in enumerate(found, start=start):
            states[row] = state
            values[row] = _number(value, plan)
            spans += _spans(value, row, plan)
    spent = _spent(resource.RUSAGE_SELF) - before
    alone, times = _alone(plan, model, features.slice(0, min(plan.timed, count)))
    values.astype("<f8").tofile(OUTPUTS / answers.ANSWERS)
    states.tofile(OUTPUTS / answers.STATES)
    alone.astype("<f8").tofile(OUTPUTS / answers.ALONE)
    times.astype("<f8").tofile(OUTPUTS / answers.TIMES)
    if plan.answer.kind is AnswerKind.SPANS:
        np.array(spans, "<i8").reshape(-1, answers.SPAN_COLUMNS).tofile(OUTPUTS / answers.SPANS)
    return spent


def _answered(plan: RunPlan, model: Model, batch: pa.Table) -> list[tuple[Any, State]]:
    """Return the answers of a batch; of one that fails, case by case: one case spoils no other."""
    if len(batch) > 1:
        try:
            with _limited(plan, len(batch)):
                return [_ended(one) for one in _asked(model, batch)]
        except Exception:  # of a stranger's model, anything
            return [_one(plan, model, batch.slice(row, 1)) for row in range(len(batch))]
    return [_one(plan, model, batch)]


def _asked(model: Model, batch: pa.Table) -> Found:
    found = model.answer(batch)
    if len(found) != len(batch):
        raise InvalidInput(f"{len(found)} answers for {len(batch)} cases.")
    return found


def _ended(value: Any) -> tuple[Any, State]:
    return value, State.ABSTAINED if value is None else State.ANSWERED


def _one(plan: RunPlan, model: Model, case: pa.Table) -> tuple[Any, State]:
    """Return the answer of one case, or how it failed."""
    try:
        with _limited(plan, 1):
            return _ended(_asked(model, case)[0])
    except CaseTimedOut:
        return None, State.TIMED_OUT
    except Exception:  # of a stranger's model, anything
        return None, State.FAILED


def _alone(plan: RunPlan, model: Model, cases: pa.Table) -> tuple[Any, Any]:
    """Answer the first cases again, each alone, from the last to the first; time each."""
    alone, times = np.full(len(cases), np.nan), np.zeros(len(cases))
    for row in reversed(range(len(cases))):
        began = time.perf_counter()
        value, _ = _one(plan, model, cases.slice(row, 1))
        times[row] = (time.perf_counter() - began) * 1000.0
        if plan.answer.kind is AnswerKind.SPANS:
            alone[row] = answers.fingerprint(value or [])
        else:
            alone[row] = _number(value, plan)
    return alone, times


@contextlib.contextmanager
def _limited(plan: RunPlan, rows: int) -> Iterator[None]:
    """Stop what Python computes once the time of a batch is over; a graph stops by itself."""
    signal.signal(signal.SIGALRM, _over)
    signal.setitimer(signal.ITIMER_REAL, plan.case_ms * rows / 1000.0 + 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _over(_number: int, _frame: object) -> None:
    raise CaseTimedOut


def _number(value: Any, plan: RunPlan) -> float:
    if value is None or plan.answer.kind is AnswerKind.SPANS:
        return float("nan")
    return float(value)


def _spans(value: Any, row: int, plan: RunPlan) -> list[tuple[int, int, int, int]]:
    if value is None or plan.answer.kind is not AnswerKind.SPANS:
        return []
    return [(row, *one) for one in value[: plan.answer.most_spans + 1]]


def _spent(who: int) -> float:
    """Return the seconds of processor of this program, or of those that it started and ended."""
    told = resource.getrusage(who)
    return told.ru_utime + told.ru_stime


def _leave(facts: dict[str, Any]) -> None:
    (OUTPUTS / answers.FACTS).write_text(json.dumps(facts), encoding="utf-8")


if __name__ == "__main__":
    main()
