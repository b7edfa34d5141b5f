"""The risk model as a provider would bring it: an ONNX file, run in the sandbox as any other.

Where the extra `evaluation` is not installed, or no sandbox can be had, the demonstration says so
and takes the table of predictions in its place.
"""

import os
import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.sandbox import uid_for
from ecluse.data.evaluation.arrays import Floats
from ecluse.data.evaluation.running import plans
from ecluse.data.evaluation.running.ended import write_predictions
from ecluse.data.evaluation.running.plans import Answer, AnswerKind, RunPlan
from ecluse.data.evaluation.running.runs import run_model
from ecluse.domain.errors import EcluseError
from ecluse.domain.evaluations.parts import ModelFormat
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import RunFacts

MODEL: Final = "model.onnx"
LIMITS: Final = Limits(processes=128, wall_seconds=120)
OPSET, IR_VERSION = 17, 9
INTERCEPT: Final = "intercept"
LEAST: Final = 11
NO_EXTRA: Final = "the extra `evaluation` is not installed: a table of predictions was taken"


def write_model(parameters: Mapping[str, float], path: Path) -> None:
    """Write a logistic regression as ONNX: rows x features to risks, in single precision."""
    import onnx  # noqa: PLC0415 - of the extra `evaluation`
    from onnx import helper, numpy_helper  # noqa: PLC0415

    slopes = [value for name, value in parameters.items() if name != INTERCEPT]
    constants = {"slopes": [[one] for one in slopes], "start": [parameters[INTERCEPT]]}
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["features", "slopes", "start"], ["log_odds"]),
            helper.make_node("Sigmoid", ["log_odds"], ["risk"]),
        ],
        "risk",
        [helper.make_tensor_value_info("features", onnx.TensorProto.FLOAT, [None, len(slopes)])],
        [helper.make_tensor_value_info("risk", onnx.TensorProto.FLOAT, [None, 1])],
        initializer=[
            numpy_helper.from_array(np.array(values, np.float32), name)
            for name, values in constants.items()
        ],
    )
    opset = [helper.make_opsetid("", OPSET)]
    made = helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION)
    path.write_bytes(made.SerializeToString())


def why_not(parameters: Mapping[str, float], folder: Path) -> str:
    """Return why the model cannot be run here, empty where it can: tried on a case made up."""
    if find_spec("onnx") is None or find_spec("onnxruntime") is None:
        return NO_EXTRA
    names = tuple(name for name in parameters if name != INTERCEPT)
    plan = RunPlan(
        format=ModelFormat.ONNX, features=names, answer=Answer(kind=AnswerKind.PROBABILITY)
    )
    folder.mkdir(parents=True, exist_ok=True)
    write_model(parameters, folder / MODEL)
    write_inputs({name: np.zeros(1) for name in names}, folder / "probe.parquet")
    try:
        run_plan(plan, folder / "probe.parquet", folder)
    except EcluseError as error:
        return f"{error} A table of predictions was taken"
    finally:
        (folder / "probe.parquet").unlink()
        (folder / "predictions.parquet").unlink(missing_ok=True)
    return ""


def write_inputs(columns: Mapping[str, Floats], path: Path) -> None:
    """Write what the model is given, a case a row, under the names that the labels have."""
    size = len(next(iter(columns.values())))
    table = {"case": names_of(size), **{name: pa.array(one) for name, one in columns.items()}}
    pq.write_table(pa.table(table), path)


def names_of(size: int) -> pa.Array:
    """Return the names of cases."""
    return pa.array([f"C{rank:06}" for rank in range(size)])


def run(protocol: Protocol, inputs: Path, folder: Path, *, name: str) -> RunFacts:
    """Run the model of a folder on inputs, leave its predictions there, return how it went.

    Raises:
        InvalidInput, JobFailed, SandboxUnavailable: as `run_model`.
    """
    return run_plan(plans.plan_of(protocol), inputs, folder, name=name)


def run_plan(
    plan: RunPlan, inputs: Path, folder: Path, *, name: str = "predictions.parquet"
) -> RunFacts:
    """Run the model of a folder by a plan. Raises as `run_model`."""
    work = folder / "work"
    try:
        found = run_model(
            plan,
            model=folder / MODEL,
            inputs=inputs,
            work=work,
            uid=uid_for(os.getpid()),
            limits=LIMITS,
        )
    finally:
        shutil.rmtree(work, ignore_errors=True)
    write_predictions(found, plan, folder / name)
    return found.facts(least=LEAST)
