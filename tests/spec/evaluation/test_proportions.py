"""Proportions and their intervals, against the tables of Newcombe.

Sources: Newcombe, Stat Med 1998;17:857, table I (one proportion, seven methods), 17:873, table II
(difference, method 10), 17:2635 (paired difference, method 10). Tolerance: 5e-5, the four digits
printed.
"""

import pytest

from ecluse.data.evaluation import proportions
from ecluse.data.evaluation.proportions import (
    clopper_pearson,
    difference,
    paired_difference,
    proportion,
    upper_bound,
    wilson,
)
from ecluse.domain.errors import InvalidInput

PRINTED = 5e-5


@pytest.mark.parametrize(
    ("method", "successes", "trials", "low", "high"),
    [
        ("wald", 81, 263, 0.2522, 0.3638),
        ("wald_continuity", 81, 263, 0.2503, 0.3657),
        ("wilson", 81, 263, 0.2553, 0.3662),
        ("wilson_continuity", 81, 263, 0.2535, 0.3682),
        ("clopper_pearson", 81, 263, 0.2527, 0.3676),
        ("mid_p", 81, 263, 0.2544, 0.3658),
        ("likelihood", 81, 263, 0.2542, 0.3655),
        ("wald", 15, 148, 0.0527, 0.1500),
        ("wald_continuity", 15, 148, 0.0494, 0.1534),
        ("wilson", 15, 148, 0.0624, 0.1605),
        ("wilson_continuity", 15, 148, 0.0598, 0.1644),
        ("clopper_pearson", 15, 148, 0.0578, 0.1617),
        ("mid_p", 15, 148, 0.0601, 0.1581),
        ("likelihood", 15, 148, 0.0596, 0.1567),
        ("wald", 0, 20, 0.0, 0.0),
        ("wald_continuity", 0, 20, 0.0, 0.0250),
        ("wilson", 0, 20, 0.0, 0.1611),
        ("wilson_continuity", 0, 20, 0.0, 0.2005),
        ("clopper_pearson", 0, 20, 0.0, 0.1684),
        ("mid_p", 0, 20, 0.0, 0.1391),
        ("likelihood", 0, 20, 0.0, 0.0916),
        ("wald", 1, 29, 0.0, 0.1009),
        ("wald_continuity", 1, 29, 0.0, 0.1181),
        ("wilson", 1, 29, 0.0061, 0.1718),
        ("wilson_continuity", 1, 29, 0.0018, 0.1963),
        ("clopper_pearson", 1, 29, 0.0009, 0.1776),
        ("mid_p", 1, 29, 0.0017, 0.1585),
        ("likelihood", 1, 29, 0.0020, 0.1432),
    ],
)
def test_the_seven_intervals_of_newcombe_are_reproduced(
    method: str, successes: int, trials: int, low: float, high: float
) -> None:
    found = getattr(proportions, method)(successes, trials)

    assert (found.low, found.high) == pytest.approx((low, high), abs=PRINTED)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_difference_of_two_samples_is_newcombe_s_method_ten(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    found = difference(first, second).interval

    assert (found.low, found.high) == pytest.approx((low, high), abs=PRINTED)


def test_the_difference_of_paired_samples_is_newcombe_s_method_ten() -> None:
    """36 of 50 right for the first, 22 of 50 for the second: 20 both, 12 and 2 alone, 16 none."""
    found = paired_difference(20, 12, 2, 16)

    assert found.value == pytest.approx(0.2)
    assert (found.interval.low, found.interval.high) == pytest.approx((0.0562, 0.3292), abs=PRINTED)


def test_a_proportion_is_told_with_wilson_s_interval() -> None:
    found = proportion(81, 263)

    assert found.value == 81 / 263
    assert found.interval == wilson(81, 263)


@pytest.mark.parametrize("successes", [0, 20])
def test_where_nothing_or_everything_succeeded_the_exact_interval_is_used(successes: int) -> None:
    assert proportion(successes, 20).interval == clopper_pearson(successes, 20)


def test_a_safety_claim_is_told_with_the_exact_interval() -> None:
    found = proportion(81, 263, safety_claim=True)

    assert found.interval.method == "clopper-pearson"


def test_no_failure_in_299_proves_a_rate_under_one_percent_and_in_298_does_not() -> None:
    """1 - .05^(1/299) = .00997, 1 - .05^(1/298) = .010002."""
    assert upper_bound(0, 299) < 0.01
    assert upper_bound(0, 298) > 0.01


@pytest.mark.parametrize(
    ("successes", "trials", "words"),
    [
        (5, 4, "5 successes of 4 trials"),
        (-1, 4, "successes is -1"),
        (0, 0, "trials is 0"),
    ],
)
def test_counts_that_cannot_be_are_refused(successes: int, trials: int, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        wilson(successes, trials)


def test_a_level_of_one_is_refused() -> None:
    with pytest.raises(InvalidInput, match="level is 1"):
        wilson(1, 4, level=1.0)
