"""What the engine does with results asked through its API, in the words of those who use it.

The cases are those that other gates were seen to let through: an extreme of one person, a mean
of equal values, a visible cell of 100 %, a dummy of one person, a saturated model, two releases
that differ by one person, a row written twice.
"""

from pathlib import Path

import pytest

from ecluse.data.results import Amount, Results
from ecluse.domain.documents import Verdict
from tests.unit.data.disclosure.results import decided, findings, frame, lines, rules

WOMEN_AND_MEN = ["F"] * 30 + ["M"] * 30
AGES = [float(20 + (7 * n) % 60) for n in range(60)]


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(tmp_path)


def test_the_largest_cost_of_one_person_does_not_leave(results: Results) -> None:
    columns = frame(range(1, 61), sex=WOMEN_AND_MEN, cost=AGES)
    results.tabulate(columns, name="t", by=["sex"], amount=Amount("cost", (100,)))

    made = decided(results.folder)

    assert made.files == ()
    assert findings(made)[0].explanation == (
        "percentile 100 is an extreme: one person's value, rule R7, policy SNDS-2026."
    )


def test_a_mean_of_values_that_are_all_equal_is_hidden(results: Results) -> None:
    columns = frame(range(1, 61), sex=WOMEN_AND_MEN, cost=[80.0] * 30 + AGES[30:])
    results.tabulate(columns, name="t", by=["sex"], amount="cost")

    assert "F,s,s,s" in lines(decided(results.folder))


def test_a_group_in_which_all_have_the_disease_is_hidden(results: Results) -> None:
    columns = frame(range(1, 61), sex=WOMEN_AND_MEN, sick=["yes"] * 45 + ["no"] * 15)
    results.tabulate(columns, name="t", by=["sex", "sick"], sensitive=["sick"])

    made = lines(decided(results.folder))

    assert {"F,yes,s", "F,no,s"} <= set(made)


def test_the_dummy_of_one_person_does_not_leave(results: Results) -> None:
    columns = frame(range(1, 61), age=AGES, him=[1.0] + [0.0] * 59, cost=AGES[::-1])
    results.regress(columns, name="r", outcome="cost", on=["age", "him"])

    assert decided(results.folder).verdicts[0].verdict is Verdict.BLOCKED


def test_a_saturated_model_with_a_small_group_does_not_leave(results: Results) -> None:
    columns = frame(range(1, 61), town=["A"] * 50 + ["B"] * 10, cost=AGES)
    results.regress(columns, name="r", outcome="cost", on=["town"])

    assert decided(results.folder).verdicts[0].verdict is Verdict.BLOCKED


def test_a_table_that_lacks_one_person_of_another_project_does_not_leave(
    tmp_path: Path,
) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "ours").mkdir()
    Results(tmp_path / "theirs").tabulate(frame(range(1, 61), sex=WOMEN_AND_MEN), name="t", by=[])
    Results(tmp_path / "ours").tabulate(frame(range(2, 61), age=AGES[1:]), name="t", by=[])
    theirs = decided(tmp_path / "theirs").released

    ours = decided(tmp_path / "ours", earlier=[theirs])

    assert rules(ours) == ["R16"]


def test_a_row_written_twice_is_one_person(results: Results) -> None:
    columns = frame([*range(1, 61), *range(51, 61)], sex=[*WOMEN_AND_MEN, *["X"] * 10])
    results.tabulate(columns, name="t", by=["sex"])

    # The ten `X` are men written a second time: 60 persons, 10 of them in two categories.
    made = lines(decided(results.folder))

    assert made[1] == "Total,60"
    assert "X,s" in made
