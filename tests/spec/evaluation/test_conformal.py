"""Sets that hold the truth as often as promised."""

import numpy as np
import pytest

from ecluse.data.evaluation.conformal import (
    adaptive_scores,
    adaptive_sets,
    classification_scores,
    classification_sets,
    coverage,
    expected_coverage,
    mondrian_thresholds,
    split_threshold,
)
from ecluse.domain.errors import InvalidInput

RNG = np.random.default_rng(5)


def test_the_threshold_is_the_ninth_of_nine_for_nine_in_ten() -> None:
    """⌈10·.9⌉ = 9: the largest of nine scores."""
    assert split_threshold([1, 2, 3, 4, 5, 6, 7, 8, 9], miss=0.1) == 9.0


def test_eight_cases_cannot_promise_nine_in_ten() -> None:
    with pytest.raises(InvalidInput, match="8 calibration cases cannot promise 90%: 9 at least"):
        split_threshold(range(8), miss=0.1)


def test_on_average_nine_in_ten_are_held() -> None:
    """99 calibration cases: exactly 90/100 of new cases, on average over samples."""
    noise = RNG.exponential(size=(2000, 100))
    thresholds = np.sort(noise[:, :99], axis=1)[:, 89]

    held = noise[:, 99] <= thresholds

    assert split_threshold(noise[0, :99], miss=0.1) == thresholds[0]
    # Standard error √(.9·.1/2000) = .0067.
    assert held.mean() == pytest.approx(0.9, abs=0.02)


def test_the_coverage_of_one_sample_varies_and_is_told() -> None:
    """Beta(901, 100) for a thousand cases: about .90 ± .019."""
    low, high = expected_coverage(1000, miss=0.1)

    assert (low, high) == pytest.approx((0.8806, 0.9178), abs=1e-3)


def test_a_group_may_be_held_less_than_promised_and_mondrian_mends_it() -> None:
    """Errors of group b are thrice those of a, and one case in five is of b."""
    group = np.where(RNG.random(5000) < 0.2, "b", "a")
    error = np.abs(RNG.normal(size=5000)) * np.where(group == "b", 3.0, 1.0)
    old, new = slice(0, 2500), slice(2500, 5000)

    marginal = error[new] <= split_threshold(error[old], miss=0.1)
    thresholds = mondrian_thresholds(error[old], group[old], miss=0.1)
    by_group = error[new] <= np.array([thresholds[name] for name in group[new]])

    one = coverage(marginal, np.ones(2500), group[new])
    two = coverage(by_group, np.ones(2500), group[new])
    assert [found.group for found in one] == ["all", "a", "b"]
    assert one[0].coverage.value == pytest.approx(0.9, abs=0.03)
    assert one[2].coverage.value < 0.75
    assert two[2].coverage.value == pytest.approx(0.9, abs=0.05)


def test_a_group_too_small_for_its_own_promise_is_named() -> None:
    with pytest.raises(InvalidInput, match="Groups rare have under 9"):
        mondrian_thresholds(range(20), ["common"] * 15 + ["rare"] * 5, miss=0.1)


def test_sets_of_classes_by_hand() -> None:
    probabilities = [[0.7, 0.2, 0.1], [0.4, 0.35, 0.25]]

    assert classification_scores(probabilities, [0, 1]) == pytest.approx([0.3, 0.65])
    assert classification_sets(probabilities, 0.7).tolist() == [
        [True, False, False],
        [True, True, False],
    ]


def test_adaptive_sets_by_hand() -> None:
    """The true class of the second case is the second likeliest: .4 + .35."""
    probabilities = [[0.7, 0.2, 0.1], [0.4, 0.35, 0.25]]

    assert adaptive_scores(probabilities, [0, 1]) == pytest.approx([0.7, 0.75])
    assert adaptive_sets(probabilities, 0.76).tolist() == [
        [True, False, False],
        [True, True, False],
    ]


def test_an_adaptive_set_is_never_empty() -> None:
    assert adaptive_sets([[0.9, 0.1]], 0.5).tolist() == [[True, False]]


def test_probabilities_that_do_not_sum_to_one_are_refused() -> None:
    with pytest.raises(InvalidInput, match="sum to 1"):
        classification_sets([[0.9, 0.3]], 0.5)
