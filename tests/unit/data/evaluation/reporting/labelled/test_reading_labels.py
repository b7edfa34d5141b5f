"""Files with classes or spans: joined by case, refused without quoting a value."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data.evaluation.reporting.labelled.reading import read_labelled
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.measures import OutcomeKind
from tests.unit.data.evaluation.reporting.labelled import studies

OF_CLASSES = studies.protocol(OutcomeKind.CLASSES, measure="accuracy")
OF_SPANS = studies.protocol(OutcomeKind.SPANS, measure="micro-f1", classes=studies.LABELS)
CLASSES = "case,outcome,sex\na,malign,men\nb,benign,women\nc,benign,men\n"


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_classes_are_joined_by_case_and_absent_ones_are_wrong(tmp_path: Path) -> None:
    labels = written(tmp_path, "labels.csv", CLASSES)
    said = written(tmp_path, "p.csv", "case,prediction\nb,malign\na,malign\n")

    found = read_labelled(labels, said, OF_CLASSES)

    # Rows are a, b, c; columns right, part, missed, spurious of benign, malign, unsure.
    assert found.counts.toarray().tolist() == [
        [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0],
        [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ]
    assert found.answered.tolist() == [True, True, False]
    assert found.groups["sex"].tolist() == ["men", "women", "men"]


def test_spans_are_read_as_a_run_writes_them_and_as_json(tmp_path: Path) -> None:
    span = {"begin": 0, "end": 8, "label": "drug"}
    said = tmp_path / "p.parquet"
    pq.write_table(pa.table({"case": ["b", "a"], "prediction": [[], [span]]}), said)
    text = '"[{""begin"":0,""end"":8,""label"":""drug""}]"'
    labels = written(tmp_path, "l.csv", f"case,outcome,sex\na,{text},men\nb,{text},men\n")

    found = read_labelled(labels, said, OF_SPANS)

    assert found.counts.toarray()[:, :4].tolist() == [[1, 0, 0, 0], [0, 0, 1, 0]]


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        ("secret", "spans are lists"),
        ('"[{""begin"":8,""end"":0,""label"":""drug""}]"', "spans are lists"),
        ('"[{""begin"":0,""end"":8,""label"":""secret""}]"', "spans are lists"),
    ],
)
def test_spans_that_are_none_are_refused_without_a_word_of_them(
    tmp_path: Path, outcome: str, told: str
) -> None:
    labels = written(tmp_path, "l.csv", f"case,outcome,sex\na,{outcome},men\n")
    said = written(tmp_path, "p.csv", "case,prediction\na,[]\n")

    with pytest.raises(InvalidInput, match=told) as refused:
        read_labelled(labels, said, OF_SPANS)

    assert "secret" not in str(refused.value)


def test_an_outcome_of_no_class_is_refused(tmp_path: Path) -> None:
    labels = written(tmp_path, "labels.csv", CLASSES.replace("malign", "secret"))
    said = written(tmp_path, "p.csv", "case,prediction\na,malign\n")

    with pytest.raises(InvalidInput, match="1 outcomes are missing, or of no class") as refused:
        read_labelled(labels, said, OF_CLASSES)

    assert "secret" not in str(refused.value)
