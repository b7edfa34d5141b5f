"""Models that come to secret inputs: run without network, their predictions kept in the zone."""

import csv
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from ecluse.data.enclave.sandbox import uid_for
from ecluse.data.evaluation.running import plans, runs
from ecluse.data.evaluation.running.answers import State
from ecluse.domain.errors import InvalidInput, JobFailed, NotFound
from ecluse.domain.evaluations.parts import ModelFormat
from ecluse.domain.evaluations.secrecy import Fault, FaultCode

CASE: Final = "case"
MODEL: Final = "model.onnx"
FAILED: Final = (Fault(FaultCode.MODEL_FAILED, 0),)


@dataclass(frozen=True, slots=True)
class ModelRunner:
    """Runs an ONNX model on the inputs of a board, in a room of its own.

    A model answers every case, or none of its run counts: how it failed would tell of the inputs.
    """

    inputs: Path
    work: Path
    in_gvisor: bool
    on_tick: Callable[[], None]

    def __call__(self, model: Path, target: Path) -> tuple[Fault, ...]:
        """Write the predictions of a model at `target`; or return that it failed, and no more.

        Raises:
            NotFound: the inputs of this board were not prepared.
            SandboxUnavailable, StorageFull: the moment is not good; the submission waits.
        """
        plan = self._plan()
        named = model.with_name(MODEL)
        named.unlink(missing_ok=True)
        named.hardlink_to(model)
        try:
            ended = runs.run_model(
                plan,
                model=named,
                inputs=self.inputs,
                work=self.work,
                uid=uid_for(zlib.crc32(model.name.encode())),
                in_gvisor=self.in_gvisor,
                on_tick=self.on_tick,
            )
        except (InvalidInput, JobFailed):
            return FAILED
        finally:
            named.unlink(missing_ok=True)
        if ended.reached_out or (ended.answers.states != State.ANSWERED).any():
            return FAILED
        _write(target, ended.keys.to_pylist(), ended.answers.values.tolist())
        return ()

    def _plan(self) -> plans.RunPlan:
        if not self.inputs.is_file():
            raise NotFound("The inputs of this board were not prepared in this zone: prepare them.")
        columns = tuple(name for name in pq.read_schema(self.inputs).names if name != CASE)
        answer = plans.Answer(kind=plans.AnswerKind.PROBABILITY)
        return plans.RunPlan(format=ModelFormat.ONNX, features=columns, answer=answer)


def _write(target: Path, cases: list[str], values: list[float]) -> None:
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([CASE, "prediction"])
        writer.writerows(zip(cases, values, strict=True))
