"""Regressions asked from inside a job."""

from pathlib import Path

import pytest

from ecluse.data.results import Model, Results
from ecluse.domain.documents import Verdict
from ecluse.domain.errors import InvalidInput
from tests.unit.data.disclosure.results import decided, findings, frame, lines, rules

AGES = [float(20 + n % 60) for n in range(150)]
COSTS = [float((7 * n) % 50 + n % 60) for n in range(150)]


def ask(folder: Path, on: list[str], **columns: list[object]) -> None:
    table = frame(range(1, 151), age=AGES, cost=COSTS, **columns)
    Results(folder).regress(table, name="r", outcome="cost", on=on)


def test_estimates_leave_with_their_errors_and_the_number_of_persons(tmp_path: Path) -> None:
    table = frame(range(1, 25), x=[0.0] * 12 + [1.0] * 12, y=[1.0, 3.0] * 6 + [4.0, 8.0] * 6)
    Results(tmp_path).regress(table, name="r", outcome="y", on=["x"])

    made = decided(tmp_path)

    # Means 2 and 6. Residuals: 12 of 1 and 12 of 4 squared, 60; 60/22 = 2.72727; error of the
    # first mean sqrt(2.72727/12) = 0.476731, of the difference times sqrt(2).
    assert lines(made)[1][:22] == "(intercept),2,0.476731"
    assert lines(made)[2][:11] == "x,4,0.6742,"
    assert "persons,24,,," in lines(made)
    assert made.verdicts[0].verdict is Verdict.PASS


def test_a_dummy_of_one_person_is_blocked(tmp_path: Path) -> None:
    ask(tmp_path, ["age", "him"], him=[1.0] + [0.0] * 149)

    made = decided(tmp_path)

    assert made.verdicts[0].verdict is Verdict.BLOCKED
    assert any(
        "1 persons differ from the others < 11" in finding.explanation for finding in findings(made)
    )


def test_a_person_set_apart_by_two_variables_together_is_blocked(tmp_path: Path) -> None:
    # `a` and `b` are the same for all but one person: their difference is a dummy.
    a = [float(n % 2) for n in range(150)]
    b = [1.0 - a[0], *a[1:]]
    ask(tmp_path, ["age", "a", "b"], a=a, b=b)

    explanations = [finding.explanation for finding in findings(decided(tmp_path))]

    assert any("leverage 1.000 of one person" in text for text in explanations)
    assert any("set 1 persons apart" in text for text in explanations)


def test_a_group_of_four_set_apart_by_two_variables_is_blocked(tmp_path: Path) -> None:
    a = [float(n % 2) for n in range(150)]
    b = [*(1.0 - value for value in a[:4]), *a[4:]]
    ask(tmp_path, ["a", "b", "c"], a=a, b=b, c=[x * y for x, y in zip(a, b, strict=True)])

    assert "R12" in rules(decided(tmp_path))


def test_a_saturated_model_is_a_table_and_judged_as_one(tmp_path: Path) -> None:
    ask(tmp_path, ["town"], town=["A"] * 70 + ["B"] * 70 + ["C"] * 10)

    explanations = [finding.explanation for finding in findings(decided(tmp_path))]

    assert any("saturated: a table of which 1 cells" in text for text in explanations)


def test_a_saturated_model_of_large_groups_passes(tmp_path: Path) -> None:
    ask(tmp_path, ["town"], town=["A"] * 70 + ["B"] * 80)

    assert rules(decided(tmp_path)) == []


def test_few_residual_degrees_of_freedom_are_blocked(tmp_path: Path) -> None:
    table = frame(
        range(1, 13), x=[float(n) for n in range(12)], y=[float(n * n) for n in range(12)]
    )
    table["z"] = [float((5 * n) % 12) for n in range(12)]
    Results(tmp_path).regress(table, name="r", outcome="y", on=["x", "z"])

    # 12 - 3 = 9.
    assert "R12" in rules(decided(tmp_path))


def test_a_perfect_fit_is_blocked(tmp_path: Path) -> None:
    table = frame(range(1, 31), x=[float(n) for n in range(30)], y=[2.0 * n + 1 for n in range(30)])
    Results(tmp_path).regress(table, name="r", outcome="y", on=["x"])

    assert "R12" in rules(decided(tmp_path))


def test_too_few_events_in_a_group_compared_are_blocked(tmp_path: Path) -> None:
    # 10 events among the 75 exposed, 30 among the others.
    events = [1.0] * 10 + [0.0] * 65 + [1.0] * 30 + [0.0] * 45
    table = frame(range(1, 151), exposed=[1.0] * 75 + [0.0] * 75, age=AGES, event=events)
    Results(tmp_path).regress(
        table, name="r", outcome="event", on=["exposed", "age"], model=Model.LOGISTIC
    )

    found = findings(decided(tmp_path))

    assert [(finding.rule, finding.place) for finding in found] == [("R15", "term exposed")]
    assert found[0].explanation.startswith("10 persons have the event < 11")


def test_rows_that_repeat_a_person_are_refused(tmp_path: Path) -> None:
    table = frame([1, 1, *range(2, 30)], x=[float(n) for n in range(30)], y=[1.0, 2.0] * 15)

    with pytest.raises(InvalidInput, match="1 rows repeat a person"):
        Results(tmp_path).regress(table, name="r", outcome="y", on=["x"])


def test_variables_that_tell_the_same_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="Variables tell the same"):
        ask(tmp_path, ["age", "twice"], twice=[2 * age for age in AGES])
