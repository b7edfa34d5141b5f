"""Inputs by schema; predictions that come as a table; the energy of a run."""

import datetime
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ecluse.data.evaluation.running import energy
from ecluse.data.evaluation.running.answers import State
from ecluse.data.evaluation.running.ended import write_predictions
from ecluse.data.evaluation.running.plans import Answer, AnswerKind, from_text
from ecluse.data.evaluation.running.tables import drawn_order, read_inputs
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.parts import ModelFormat
from tests.model_files import cases, plan, run, table

PREDICTIONS = ModelFormat.PREDICTIONS


def test_inputs_give_features_in_the_order_of_the_plan_and_nothing_else(tmp_path: Path) -> None:
    path = table(
        tmp_path / "i.parquet",
        {"outcome": [1, 0], "case": [7, 8], "sex": ["F", "M"], "age": [40, 51]},
    )

    found = read_inputs(path, plan(PREDICTIONS, features=("age", "sex")))

    assert found.features.column_names == ["age", "sex"]
    assert found.features["age"].to_pylist() == [40.0, 51.0]
    assert found.keys.to_pylist() == ["7", "8"]


DAY = datetime.date(2026, 1, 5)


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"case": ["a", "a"], "age": [1.0, 2.0]}, "names 1 cases in 2 rows"),
        ({"case": ["a", None], "age": [1.0, 2.0]}, "1 of them without a name"),
        ({"case": ["a", "b"], "age": [1.0, None]}, "lacks 1 values and has 0 infinite"),
        ({"case": ["a", "b"], "age": [1.0, float("inf")]}, "lacks 0 values and has 1 infinite"),
        ({"case": ["a", "b"], "age": [DAY, DAY]}, "of type date32"),
        ({"case": ["a", "b"], "years": [1.0, 2.0]}, "lacks the column age"),
        ({"case": [], "age": []}, "has 0 cases"),
    ],
)
def test_inputs_that_no_model_can_be_given_are_refused_without_a_value(
    tmp_path: Path, columns: dict[str, Sequence[object]], told: str
) -> None:
    path = table(tmp_path / "i.parquet", columns)

    with pytest.raises(InvalidInput, match=told):
        read_inputs(path, plan(PREDICTIONS))


def test_a_file_that_is_no_table_is_refused_without_its_words(tmp_path: Path) -> None:
    (tmp_path / "i.parquet").write_bytes(b"PAR1 Dupont 75012")

    with pytest.raises(InvalidInput, match="no table that can be read") as refusal:
        read_inputs(tmp_path / "i.parquet", plan(PREDICTIONS))
    assert "Dupont" not in str(refusal.value)


def test_the_order_of_cases_is_drawn_from_the_seed() -> None:
    assert sorted(drawn_order(50, 1).tolist()) == list(range(50))
    assert drawn_order(50, 1).tolist() == drawn_order(50, 1).tolist()
    assert drawn_order(50, 1).tolist() != drawn_order(50, 2).tolist()


def test_a_table_of_predictions_is_joined_by_case_and_a_missing_case_has_failed(
    tmp_path: Path,
) -> None:
    inputs = cases(tmp_path, [30.0, 40.0, 50.0, 60.0])
    told = table(
        tmp_path / "p.parquet",
        {
            "case": ["case-2", "case-0", "case-3"],
            "prediction": [0.91234, 0.1, 7.0],
            "nothing": [False, True, False],
        },
    )
    asked = plan(PREDICTIONS, abstained="nothing")

    ended = run(tmp_path, told, inputs, asked)
    write_predictions(ended, asked, tmp_path / "out.parquet")

    assert ended.answers.states.tolist() == [
        State.ABSTAINED,
        State.FAILED,
        State.ANSWERED,
        State.OUT_OF_RANGE,
    ]
    assert ended.facts(least=11).failed == "under 11"
    assert pq.read_table(tmp_path / "out.parquet").to_pydict() == {
        "case": ["case-0", "case-1", "case-2", "case-3"],
        "prediction": [None, None, 0.9123, None],
        "nothing": [True, False, False, False],
        "failure": [None, "failed", None, "out_of_range"],
    }


def test_predictions_of_unknown_cases_are_refused(tmp_path: Path) -> None:
    told = table(tmp_path / "p.parquet", {"case": ["case-0", "zz"], "prediction": [0.1, 0.2]})

    with pytest.raises(InvalidInput, match="predicts 1 cases that the inputs do not hold"):
        run(tmp_path, told, cases(tmp_path, [30.0]), plan(PREDICTIONS))


def test_classes_and_spans_of_a_table_are_read_as_ranks(tmp_path: Path) -> None:
    inputs = cases(tmp_path, [30.0, 40.0])
    classes = Answer(kind=AnswerKind.CLASS, classes=("I10", "E11"))
    spans = Answer(kind=AnswerKind.SPANS, classes=("NOM",), most_spans=3)
    labels = table(
        tmp_path / "c.parquet", {"case": ["case-0", "case-1"], "prediction": ["E11", "Z99"]}
    )
    found = [{"begin": 3, "end": 9, "label": "NOM"}]
    texts = table(tmp_path / "s.parquet", {"case": ["case-0", "case-1"], "prediction": [found, []]})

    one = run(tmp_path, labels, inputs, plan(PREDICTIONS, answer=classes))
    other = run(tmp_path, texts, inputs, plan(PREDICTIONS, answer=spans))

    assert (one.answers.values[0], one.answers.states[1]) == (1.0, State.FAILED)
    assert other.answers.spans.tolist() == [[0, 3, 9, 0]]
    assert other.failed == 0


def test_a_plan_survives_its_journey_to_the_sandbox() -> None:
    asked = plan(ModelFormat.ONNX, answer=Answer(kind=AnswerKind.CLASS, classes=("a", "b")))

    assert from_text(asked.to_text()) == asked


def counter(root: Path, value: int) -> None:
    folder = root / "intel-rapl:0"
    folder.mkdir(exist_ok=True)
    (folder / "energy_uj").write_text(f"{value}\n")
    (folder / "max_energy_range_uj").write_text("1000000\n")


def test_energy_is_measured_where_the_processor_says_it_and_its_counter_wraps(
    tmp_path: Path,
) -> None:
    counter(tmp_path, 900_000)
    before = energy.counters(tmp_path)
    counter(tmp_path, 150_000)

    spent = energy.between(before, energy.counters(tmp_path), cpu_seconds=3.0)

    assert (spent.joules, spent.method) == (0.25, "rapl, whole run")


def test_energy_is_estimated_from_the_processor_seconds_elsewhere(tmp_path: Path) -> None:
    spent = energy.between(energy.counters(tmp_path), {}, cpu_seconds=3.0)

    assert (spent.joules, spent.method) == (30.0, "estimated: cpu-seconds x 10 W")
