"""Files of a run: joined by case, refused without quoting a value."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from ecluse.data.evaluation.reporting import reading
from ecluse.domain.errors import InvalidInput
from tests.unit.data.evaluation.reporting import small

PLAN = small.protocol()


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def labels(folder: Path) -> Path:
    return written(folder, "labels.csv", "case,outcome,sex\na,1,men\nb,0,women\nc,0,\n")


def test_predictions_are_joined_by_case_and_absent_ones_failed(tmp_path: Path) -> None:
    given = written(tmp_path, "p.csv", "case,prediction\nc,0.2\na,0.9\n")

    found = reading.read_sample(labels(tmp_path), given, PLAN)

    assert found.cases.outcomes.tolist() == [True, False, False]
    assert np.array_equal(found.cases.scores, [0.9, np.nan, 0.2], equal_nan=True)
    assert found.groups["sex"].tolist() == ["men", "women", ""]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("case,prediction\na,0.9\nz,0.1\n", "predicts 1 cases that the labels do not hold"),
        ("case,prediction\na,0.9\na,0.1\n", "names 1 cases in 2 rows"),
        ("case,score\na,0.9\n", "lacks the column prediction"),
        ("case,prediction\na,high\n", "holds something that is no number"),
    ],
)
def test_predictions_that_cannot_be_used_are_refused(tmp_path: Path, text: str, told: str) -> None:
    given = written(tmp_path, "p.csv", text)

    with pytest.raises(InvalidInput, match=told) as refused:
        reading.read_sample(labels(tmp_path), given, PLAN)

    assert "high" not in str(refused.value)


def test_a_perturbation_that_was_not_planned_is_refused(tmp_path: Path) -> None:
    given = written(tmp_path, "p.csv", "case,prediction\na,0.9\n")

    with pytest.raises(InvalidInput, match="names no perturbation missing"):
        reading.read_sample(labels(tmp_path), given, PLAN, perturbed={"missing": given})


def test_a_category_that_the_protocol_does_not_name_is_another(tmp_path: Path) -> None:
    sex = dataclasses.replace(PLAN.subgroups[0], categories=("women",))
    plan = dataclasses.replace(PLAN, subgroups=(sex,))
    given = written(tmp_path, "p.csv", "case,prediction\na,0.9\n")

    found = reading.read_sample(labels(tmp_path), given, plan)

    assert found.groups["sex"].tolist() == ["other", "women", "other"]


def test_an_outcome_that_is_missing_is_refused(tmp_path: Path) -> None:
    truth = written(tmp_path, "labels.csv", "case,outcome,sex\na,1,men\nb,,women\n")
    given = written(tmp_path, "p.csv", "case,prediction\na,0.9\n")

    with pytest.raises(InvalidInput, match="1 of 2 values of outcome are missing"):
        reading.read_sample(truth, given, PLAN)
