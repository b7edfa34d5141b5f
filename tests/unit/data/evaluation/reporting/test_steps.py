"""Score tables: every count large enough, and none to be had by subtraction."""

import numpy as np
import pytest

from ecluse.data.evaluation.reporting.steps import Cases, by_group, choose, is_safe, tabulate
from ecluse.domain.disclosure.policy import DisclosurePolicy
from ecluse.domain.errors import InvalidInput

POLICY = DisclosurePolicy(minimum_count=11)


def drawn(size: int = 4000, *, seed: int = 3) -> Cases:
    rng = np.random.default_rng(seed)
    risks = rng.beta(1.2, 6.0, size)
    return Cases.of(rng.random(size) < risks, risks)


def test_a_threshold_between_which_too_few_lie_is_dropped_and_said() -> None:
    # Two cases and two controls score .5 exactly: between .5 and .51 lie four persons.
    scores = [0.2] * 60 + [0.5] * 4 + [0.9] * 60
    cases = Cases.of([1, 0] * 62, scores)

    found = choose(cases, ["0.5", "0.51"], least=11)

    assert found.edges[:1] == ("0.5",)
    assert found.dropped == ("0.51",)


def test_a_table_counts_cases_and_controls_from_each_edge_up() -> None:
    cases = Cases.of([1] * 20 + [0] * 30, [0.2] * 8 + [0.5] * 12 + [0.1] * 18 + [0.5] * 12)

    found = tabulate(cases, ["0.5"], group="all", policy=POLICY)

    assert found.cases == (8, 12)
    assert found.controls == (18, 12)
    assert found.at("0.5") == (12, 8, 12, 18)


@pytest.mark.parametrize("seed", range(5))
def test_no_step_of_the_whole_tells_of_too_few(seed: int) -> None:
    cases = drawn(seed=seed)

    edges = choose(cases, ["0.1", "0.2", "0.95"], least=11).edges
    found = tabulate(cases, edges, group="all", policy=POLICY)

    assert len(edges) <= 19
    assert is_safe(found, least=11)


def test_a_group_alone_too_small_takes_another_with_it() -> None:
    # Nine of site C have the outcome: with A and B stated, the whole would tell them.
    outcomes = [1, 0] * 100 + [1, 0] * 100 + [1] * 9 + [0] * 91
    sites = ["A"] * 200 + ["B"] * 200 + ["C"] * 100
    scores = [0.4] * 500

    found = by_group(Cases.of(outcomes, scores), {"site": np.array(sites)}, (), policy=POLICY)

    assert [table.group for table in found.tables] == ["site=B"]
    assert sorted(found.withheld) == ["site=A", "site=C"]


def test_a_group_too_small_at_a_threshold_is_stated_without_it() -> None:
    # Of site B five cases score under .5; both sites have enough with and without the outcome.
    outcomes = [1] * 100 + [0] * 100 + [1] * 100 + [0] * 100
    scores = ([0.2] * 50 + [0.8] * 50) * 2 + [0.2] * 5 + [0.8] * 95 + [0.2] * 50 + [0.8] * 50
    sites = ["A"] * 200 + ["B"] * 200

    found = by_group(Cases.of(outcomes, scores), {"site": np.array(sites)}, ["0.5"], policy=POLICY)

    assert sorted(found.margins) == ["site=A", "site=B"]
    assert {table.group: table.cases for table in found.tables} == {
        "site=A": (100,),
        "site=B": (100,),
    }


def test_few_failures_are_counted_wrong_in_a_step_and_not_told_apart() -> None:
    scores = [np.nan] * 3 + [0.8] * 47 + [np.nan] * 2 + [0.2] * 48
    cases = Cases.of([1] * 50 + [0] * 50, scores)

    found = tabulate(cases, ["0.5"], group="all", policy=POLICY)

    # Three failed cases are not called, two failed controls are.
    assert found.failed == (0, 0)
    assert found.at("0.5") == (47, 3, 2, 48)


def test_many_failures_are_told_and_count_as_wrong() -> None:
    scores = [np.nan] * 20 + [0.8] * 30 + [np.nan] * 15 + [0.2] * 35
    cases = Cases.of([1] * 50 + [0] * 50, scores)

    found = tabulate(cases, ["0.5"], group="all", policy=POLICY)

    assert found.failed == (20, 15)
    assert found.at("0.5") == (30, 20, 15, 35)
    assert found.expected() == pytest.approx(30 * 0.8 + 35 * 0.2)


def test_the_mean_of_a_step_that_two_persons_make_is_not_told() -> None:
    cases = Cases.of([1, 0] * 30, [1.0, 1.0] + [0.001] * 58)

    found = tabulate(cases, [], group="all", policy=POLICY)

    assert found.means == ("",)


def test_an_edge_is_rounded_since_a_quantile_is_one_person() -> None:
    edges = choose(drawn(), [], least=11).edges

    assert max(len(edge.lstrip("0.")) for edge in edges) <= 2


def test_a_risk_over_one_is_refused_without_being_quoted() -> None:
    with pytest.raises(InvalidInput, match="1 of 2 predictions") as refused:
        Cases.of([1, 0], [1.7, 0.2])

    assert "1.7" not in str(refused.value)
