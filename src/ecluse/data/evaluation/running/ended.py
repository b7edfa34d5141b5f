"""How a run ended: its answers, what a report says of it, and the file that stays in the zone."""

import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.evaluation.running.answers import Answers, State
from ecluse.data.evaluation.running.plans import AnswerKind, RunPlan
from ecluse.domain.evaluations.reports import RunFacts


@dataclass(frozen=True, slots=True)
class ModelRun:
    """What a run gave: one answer a case, in the order of the inputs, and how it went.

    `times_ms` are of the `timed` cases that were answered a second time, alone; `changed` of them
    got another answer. `reached_out`: the program was ended because it reached for a network.
    """

    keys: pa.ChunkedArray
    answers: Answers
    times_ms: tuple[float, ...] = ()
    changed: int = 0
    reached_out: bool = False
    backend: str = ""
    joules: float = 0.0
    energy_method: str = ""
    duration_ms: int = 0

    @property
    def cases(self) -> int:
        """How many cases were given to the model."""
        return len(self.keys)

    @property
    def failed(self) -> int:
        """How many got no answer that counts: they are wrong, whatever the outcome."""
        return int(self.answers.failed.sum())

    def warnings(self) -> tuple[str, ...]:
        """What a reader of the report must know of the model's conduct."""
        told = []
        if self.changed:
            told.append(
                f"{self.changed} of {len(self.times_ms)} cases were answered otherwise alone than "
                "among others: the answers hold something that is not of the case."
            )
        if self.reached_out:
            told.append("The program reached for a network and was ended by the kernel.")
        return tuple(told)

    def facts(self, *, least: int) -> RunFacts:
        """Return what a report says of the run; under `least` cases, failures are not counted."""
        told = f"under {least}" if 0 < self.failed < least else str(self.failed)
        if not self.times_ms:
            return RunFacts(self.cases, told, backend=self.backend)
        ordered = sorted(self.times_ms)
        late = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        return RunFacts(
            cases=self.cases,
            failed=told,
            median_ms=f"{statistics.median(ordered):.3f}",
            p95_ms=f"{late:.3f}",
            joules=f"{self.joules / self.cases:.6f}",
            energy_method=self.energy_method,
            backend=self.backend,
        )


def write_predictions(run: ModelRun, plan: RunPlan, path: Path) -> None:
    """Write `predictions.parquet`: the key, the prediction, whether it abstained, what failed.

    It holds one row a person: it stays in the zone.
    """
    names = [State(int(one)).name.lower() for one in run.answers.states]
    columns: dict[str, Any] = {
        plan.key: run.keys,
        plan.prediction: _written(run, plan),
        plan.abstained or "abstained": pa.array(run.answers.states == State.ABSTAINED),
        "failure": pa.array(
            [None if bad is False else name for bad, name in zip(run.answers.failed.tolist(), names,
                                                                 strict=True)]
        ),
    }  # fmt: skip
    pq.write_table(pa.table(columns), path)


def _written(run: ModelRun, plan: RunPlan) -> pa.Array:
    if plan.answer.kind is AnswerKind.SPANS:
        found: list[list[dict[str, object]]] = [[] for _ in range(run.cases)]
        for row, begin, end, label in run.answers.spans.tolist():
            name = plan.answer.classes[label]
            found[row].append({"begin": begin, "end": end, "label": name})
        return pa.array(found)
    if plan.answer.kind is AnswerKind.CLASS:
        told = run.answers.values.tolist()
        return pa.array([None if one != one else plan.answer.classes[int(one)] for one in told])  # noqa: PLR0124 - NaN
    return pa.array(run.answers.values, mask=np.isnan(run.answers.values))
