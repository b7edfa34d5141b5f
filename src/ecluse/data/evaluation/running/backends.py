"""What computes, inside the sandbox: onnxruntime and scikit-learn, by one interface.

Loaded there alone, after the file was inspected. `onnxruntime` is given bytes, never a path, and no
library of operators; `skops` is given the list of types that the inspection found.
"""

import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from ecluse.data.evaluation.running import onnx_files, skops_files
from ecluse.data.evaluation.running.models import CaseTimedOut, Found
from ecluse.data.evaluation.running.plans import Answer, AnswerKind, RunPlan
from ecluse.domain.errors import InvalidInput

_PAIR: Final = 2
_HISTOGRAM: Final = "sklearn.ensemble._hist_gradient_boosting.predictor"


class OnnxModel:
    """A graph run by onnxruntime on the processor, on a fixed number of threads."""

    def __init__(self, path: Path, plan: RunPlan) -> None:
        """Read the graph. Raises InvalidInput: it was refused, or onnxruntime cannot run it."""
        import onnxruntime  # noqa: PLC0415 - in the sandbox alone

        self.facts = onnx_files.inspect(path)
        self.plan = plan
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = plan.threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        self._options_of_a_run = onnxruntime.RunOptions
        try:
            self.session = onnxruntime.InferenceSession(
                path.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
        except Exception:  # whatever a crafted file makes the library say
            raise InvalidInput("onnxruntime cannot run this graph: export it again.") from None
        self.inputs = self.session.get_inputs()
        self.version = f"onnxruntime {onnxruntime.__version__}"

    def answer(self, features: pa.Table) -> Found:
        """Return one answer a row; a graph that does not end is stopped."""
        options = self._options_of_a_run()
        over = threading.Timer(_allowed(self.plan, len(features)), _stop, (options,))
        over.start()
        try:
            outputs = self.session.run(None, self._fed(features), options)
        except Exception:
            if options.terminate:
                raise CaseTimedOut from None
            raise
        finally:
            over.cancel()
        return _of_outputs(outputs, self.plan.answer, len(features))

    def close(self) -> None:
        """Nothing was started."""

    @property
    def reached_out(self) -> bool:
        """It has no code of its own."""
        return False

    def _fed(self, features: pa.Table) -> dict[str, Any]:
        if len(self.inputs) == 1 and self.inputs[0].name not in features.column_names:
            return {self.inputs[0].name: _as(self.inputs[0].type, _matrix(features))}
        return {
            one.name: _as(one.type, _column(features, one.name)).reshape(-1, 1)
            for one in self.inputs
        }


class SkopsModel:
    """An estimator of scikit-learn, built from types of our list alone."""

    def __init__(self, path: Path, plan: RunPlan) -> None:
        """Build the estimator. Raises InvalidInput: it was refused, or cannot predict."""
        import sklearn  # noqa: PLC0415 - in the sandbox alone
        import skops.io  # noqa: PLC0415

        warnings.simplefilter("ignore")  # of versions and of names: answers are judged, not words
        self.facts = skops_files.inspect(path)
        self.plan = plan
        try:
            self.estimator = skops.io.load(path, trusted=self.facts.trusted)
        except Exception:  # whatever a crafted file makes the library say
            raise InvalidInput("skops cannot build this estimator: save it again.") from None
        check_trees(self.estimator)
        self.method = _method(self.estimator, plan.answer.kind)
        self.version = f"scikit-learn {sklearn.__version__}, skops {skops.__version__}"

    def answer(self, features: pa.Table) -> Found:
        """Return one answer a row."""
        asked = getattr(self.estimator, self.method)(given(self.estimator, features))
        found = np.asarray(asked)
        if found.ndim == _PAIR:  # the last class is the one told of
            found = found[:, -1]
        if self.plan.answer.kind is AnswerKind.CLASS:
            return _ranks(found.tolist(), self.plan.answer)
        return [float(one) for one in found]

    def close(self) -> None:
        """Nothing was started."""

    @property
    def reached_out(self) -> bool:
        """It has no code of its own."""
        return False


def check_trees(estimator: object) -> None:
    """Pass if every tree inside leads from its root to its leaves, over features that exist.

    scikit-learn follows the indices of a tree without looking at their bounds: a crafted file
    would read the memory beside it. Raises InvalidInput.
    """
    for tree in _inside(estimator, "sklearn.tree._tree", "Tree", seen=set()):
        left, right, feature = tree.children_left, tree.children_right, tree.feature
        at = np.arange(tree.node_count)
        inner = left != -1
        leads = (left > at) & (left < tree.node_count) & (right > at) & (right < tree.node_count)
        known = (feature >= 0) & (feature < tree.n_features)
        if (inner & ~(leads & known)).any() or (right[~inner] != -1).any():
            raise InvalidInput("A tree of the model leads outside itself: train it again.")
    for one in _inside(estimator, _HISTOGRAM, "TreePredictor", seen=set()):
        nodes = one.nodes
        at, inner = np.arange(len(nodes)), nodes["is_leaf"] == 0
        left, right = nodes["left"].astype(np.int64), nodes["right"].astype(np.int64)
        leads = (left > at) & (left < len(nodes)) & (right > at) & (right < len(nodes))
        if (inner & ~leads).any() or (nodes["feature_idx"][inner] < 0).any():
            raise InvalidInput("A tree of the model leads outside itself: train it again.")


def _inside(value: Any, module: str, name: str, *, seen: set[int]) -> list[Any]:
    """Return every object of a class among the attributes of another, at any depth."""
    if id(value) in seen or isinstance(value, str | bytes | int | float):
        return []
    seen.add(id(value))
    kind = type(value)
    if (kind.__module__, kind.__name__) == (module, name):
        return [value]
    if isinstance(value, np.ndarray):
        inner = list(value.ravel()) if value.dtype == object else []
    elif isinstance(value, dict):
        inner = list(value.values())
    elif isinstance(value, list | tuple | set):
        inner = list(value)
    else:
        inner = list(getattr(value, "__dict__", {}).values())
    return [found for one in inner for found in _inside(one, module, name, seen=seen)]


def _method(estimator: object, kind: AnswerKind) -> str:
    wanted = "predict_proba" if kind is AnswerKind.PROBABILITY else "predict"
    if not callable(getattr(estimator, wanted, None)):
        raise InvalidInput(f"The estimator has no {wanted}, and the plan asks for a {kind}.")
    return wanted


def given(estimator: object, features: pa.Table) -> Any:
    """Return features as an estimator was trained on them: named, a matrix, or texts."""
    names = getattr(estimator, "feature_names_in_", None)
    if names is not None and set(names) <= set(features.column_names):
        try:
            return features.select([str(name) for name in names]).to_pandas()
        except ModuleNotFoundError:  # pandas is of another extra: by order, then
            return _matrix(features.select([str(name) for name in names]))
    if features.num_columns == 1 and pa.types.is_string(features.schema.field(0).type):
        return features.column(0).to_pylist()
    return _matrix(features)


def _matrix(features: pa.Table) -> Any:
    columns = [_column(features, name) for name in features.column_names]
    return np.column_stack(columns)


def _column(features: pa.Table, name: str) -> Any:
    column = features[name]
    if pa.types.is_string(column.type):
        return np.array(column.to_pylist(), dtype=object)
    return column.to_numpy()


def _as(kind: str, values: Any) -> Any:
    """Return values as a tensor that a graph asks for, such as `tensor(float)`."""
    wanted = {
        "tensor(float)": np.float32,
        "tensor(double)": np.float64,
        "tensor(int64)": np.int64,
        "tensor(int32)": np.int32,
        "tensor(bool)": np.bool_,
        "tensor(string)": object,
    }.get(kind)
    if wanted is None:
        raise InvalidInput("The graph asks for an input that is no number and no text.")
    return np.asarray(values).astype(wanted)


def _allowed(plan: RunPlan, rows: int) -> float:
    return plan.case_ms * max(1, rows) / 1000.0


def _stop(options: Any) -> None:
    options.terminate = True


def _of_outputs(outputs: Sequence[Any], answer: Answer, rows: int) -> Found:
    """Return what the outputs of a graph say: labels for a class, the last column otherwise."""
    if answer.kind is AnswerKind.CLASS:
        labels = next(one for one in outputs if _is_labels(one, rows))
        return _ranks(np.asarray(labels).reshape(-1).tolist(), answer)
    if answer.kind is AnswerKind.SPANS:
        raise InvalidInput("A graph answers no spans: bring a service, or a table.")
    maps = next((one for one in outputs if isinstance(one, list)), None)
    if maps is not None:  # a map of each label to its probability, as converters write
        return [float(list(one.values())[-1]) for one in maps]
    floats = [one for one in outputs if np.asarray(one).dtype.kind == "f"]
    found = np.asarray(floats[-1]).reshape(rows, -1)
    return [float(one) for one in found[:, -1]]


def _is_labels(output: Any, rows: int) -> bool:
    found = np.asarray(output)
    return found.dtype.kind in "iuOUS" and found.size == rows and not isinstance(output, list)


def _ranks(labels: Sequence[object], answer: Answer) -> Found:
    """Return the rank of each label among the classes, -1 for one that is not there."""
    ranks = {name: rank for rank, name in enumerate(answer.classes)}
    return [ranks.get(str(label), -1) for label in labels]
