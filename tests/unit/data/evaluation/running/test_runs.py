"""Models really run in the sandbox: what they answer, in which order, and what is said of it."""

from pathlib import Path

import numpy as np
import pytest

from ecluse.data.evaluation.running.answers import State
from ecluse.data.evaluation.running.plans import Answer, AnswerKind
from ecluse.data.evaluation.running.skops_files import TYPES, inspect
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.parts import ModelFormat
from tests.attacks.sandboxes import needs_bubblewrap
from tests.model_files import bundle, cases, graph, node, onnx, plan, run, sigmoid, table, weight

sklearn = pytest.importorskip("sklearn", reason="the extra `evaluation` is not installed")
io = pytest.importorskip("skops.io", reason="the extra `evaluation` is not installed")

from sklearn.calibration import CalibratedClassifierCV  # noqa: E402 - once it is there
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier  # noqa: E402
from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import FunctionTransformer, StandardScaler  # noqa: E402

AGES = np.linspace(20.0, 90.0, 60)
OUTCOMES = (AGES + 12 * np.sin(AGES) > 55).astype(int)
ROWS = AGES.reshape(-1, 1)


@needs_bubblewrap
def test_a_graph_answers_each_case_under_its_own_name(tmp_path: Path) -> None:
    """1 / (1 + exp(-x)) at -1, 0 and 2 is .2689, .5 and .8808."""
    (tmp_path / "m.onnx").write_bytes(sigmoid())

    ended = run(
        tmp_path,
        tmp_path / "m.onnx",
        cases(tmp_path, [-1.0, 0.0, 2.0]),
        plan(ModelFormat.ONNX, batch=2),
    )

    assert ended.keys.to_pylist() == ["case-0", "case-1", "case-2"]
    assert ended.answers.values.tolist() == [0.2689, 0.5, 0.8808]
    assert (ended.failed, ended.changed, ended.warnings()) == (0, 0, ())
    facts = ended.facts(least=11)
    assert (facts.cases, facts.failed) == (3, "0")
    assert 0 < float(facts.median_ms) <= float(facts.p95_ms)
    assert float(facts.joules) > 0
    assert facts.backend.startswith("onnxruntime ")


ESTIMATORS = {
    "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
    "forest": RandomForestClassifier(5, random_state=0),
    "boosted": HistGradientBoostingClassifier(max_iter=5),
    "calibrated": CalibratedClassifierCV(LogisticRegression(), cv=2),
}


@needs_bubblewrap
@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_an_estimator_answers_in_the_sandbox_what_it_answers_outside(
    tmp_path: Path, name: str
) -> None:
    model = ESTIMATORS[name].fit(ROWS, OUTCOMES)
    io.dump(model, tmp_path / "m.skops")

    ended = run(
        tmp_path, tmp_path / "m.skops", cases(tmp_path, AGES.tolist()), plan(ModelFormat.SKOPS)
    )

    expected = np.round(model.predict_proba(ROWS)[:, 1], 4)
    assert np.abs(ended.answers.values - expected).max() <= 1e-4
    assert (ended.failed, ended.changed) == (0, 0)


@needs_bubblewrap
def test_an_estimator_of_texts_is_given_texts_and_answers_a_class(tmp_path: Path) -> None:
    texts = ["douleur thoracique", "toux et fievre", "douleur au bras", "fievre elevee"]
    labels = ["I20", "J18", "I20", "J18"]
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, labels)
    io.dump(model, tmp_path / "m.skops")
    inputs = table(tmp_path / "i.parquet", {"case": [1, 2], "report": ["fievre", "douleur"]})
    answer = Answer(kind=AnswerKind.CLASS, classes=("I20", "J18"))

    ended = run(
        tmp_path,
        tmp_path / "m.skops",
        inputs,
        plan(ModelFormat.SKOPS, features=("report",), answer=answer),
    )

    assert ended.answers.values.tolist() == [1.0, 0.0]


@needs_bubblewrap
def test_a_service_answers_by_socket_abstains_and_fails_case_by_case(tmp_path: Path) -> None:
    script = """
def answer(features):
    if features["age"] == 2.0:
        raise RuntimeError("a bug of the vendor")
    if features["age"] == 3.0:
        return {"abstained": True}
    if features["age"] == 4.0:
        return {"prediction": "high"}
    return {"prediction": features["age"] / 10}
serve()
"""
    model = bundle(tmp_path / "m.zip", script)

    ended = run(
        tmp_path, model, cases(tmp_path, [1.0, 2.0, 3.0, 4.0, 5.0]), plan(ModelFormat.SERVICE)
    )

    assert ended.answers.states.tolist() == [
        State.ANSWERED,
        State.FAILED,
        State.ABSTAINED,
        State.FAILED,
        State.ANSWERED,
    ]
    assert ended.answers.values[[0, 4]].tolist() == [0.1, 0.5]
    assert ended.facts(least=1).failed == "2"
    assert not ended.reached_out


@needs_bubblewrap
def test_a_service_that_finds_spans_is_judged_by_labels_and_numbers(tmp_path: Path) -> None:
    script = """
def answer(features):
    text = features["report"]
    at = text.find("Dupont")
    return {"spans": [] if at < 0 else [{"begin": at, "end": at + 6, "label": "NOM"}]}
serve()
"""
    inputs = table(tmp_path / "i.parquet", {"case": [1, 2], "report": ["M. Dupont", "rien"]})
    answer = Answer(kind=AnswerKind.SPANS, classes=("DATE", "NOM"), most_spans=4)

    ended = run(
        tmp_path,
        bundle(tmp_path / "m.zip", script),
        inputs,
        plan(ModelFormat.SERVICE, features=("report",), answer=answer),
    )

    assert ended.answers.spans.tolist() == [[0, 3, 9, 1]]
    assert (ended.failed, ended.changed) == (0, 0)


@needs_bubblewrap
def test_a_batch_that_fails_is_asked_again_case_by_case(tmp_path: Path) -> None:
    """A graph that takes the row of the table at the number of the case: 5 is not there."""
    nodes = [
        onnx.helper.make_node("Cast", ["x"], ["at"], to=onnx.TensorProto.INT64),
        node("GatherElements", "rows", "at", axis=0),
    ]
    rows = weight("rows", np.array([[0.1], [0.2], [0.3]], np.float32))
    (tmp_path / "m.onnx").write_bytes(graph(nodes, weights=[rows]))

    ended = run(
        tmp_path, tmp_path / "m.onnx", cases(tmp_path, [0.0, 5.0, 2.0]), plan(ModelFormat.ONNX)
    )

    assert ended.answers.states.tolist() == [State.ANSWERED, State.FAILED, State.ANSWERED]
    assert ended.answers.values[[0, 2]].tolist() == [0.1, 0.3]


def test_a_model_with_a_function_of_its_author_is_refused(tmp_path: Path) -> None:
    io.dump(make_pipeline(FunctionTransformer(np.log1p)), tmp_path / "m.skops")

    with pytest.raises(InvalidInput, match=r"not on the list|reaches for code"):
        inspect(tmp_path / "m.skops")


def test_the_root_and_the_types_of_a_model_are_told(tmp_path: Path) -> None:
    io.dump(LogisticRegression().fit(ROWS, OUTCOMES), tmp_path / "m.skops")

    facts = inspect(tmp_path / "m.skops")

    assert facts.root == "sklearn.linear_model._logistic.LogisticRegression"
    assert set(facts.types) <= TYPES


@needs_bubblewrap
def test_a_tree_whose_branches_lead_outside_it_is_refused(tmp_path: Path) -> None:
    model = RandomForestClassifier(2, random_state=0).fit(ROWS, OUTCOMES)
    model.estimators_[1].tree_.children_left[0] = 9_999_999
    io.dump(model, tmp_path / "m.skops")

    with pytest.raises(InvalidInput, match="leads outside itself"):
        run(tmp_path, tmp_path / "m.skops", cases(tmp_path, [40.0]), plan(ModelFormat.SKOPS))
