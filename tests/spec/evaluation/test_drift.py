"""What moved between two windows, and the running chart of outcomes."""

import numpy as np
import pytest

from ecluse.data.evaluation.drift import (
    chi_square,
    kolmogorov_smirnov,
    label_shift,
    power_of_shift,
    shifts,
    smallest_shift,
    stability_index,
    stability_of_counts,
)
from ecluse.data.evaluation.monitoring import Rule, chart, rolling_calibration, running_sum, steps
from ecluse.domain.errors import InvalidInput

RNG = np.random.default_rng(0)
OLD = RNG.normal(size=1000)
SAME = RNG.normal(size=1000)
MOVED = RNG.normal(0.5, 1.0, 1000)


def test_half_a_deviation_is_seen_among_a_thousand_and_no_shift_is_not() -> None:
    assert kolmogorov_smirnov(OLD, MOVED)[1] < 1e-15
    assert kolmogorov_smirnov(OLD, SAME)[1] > 0.05


def test_pearson_s_statistic_by_hand() -> None:
    """30/10 against 20/20: expected 25/15, Σ 25/25 + 25/15, twice = 5.3333."""
    statistic, p_value = chi_square(["a"] * 30 + ["b"] * 10, ["a"] * 20 + ["b"] * 20)

    assert statistic == pytest.approx(16 / 3)
    assert p_value == pytest.approx(0.0209, abs=5e-5)


def test_many_variables_are_tested_together() -> None:
    found = shifts({"glucose": (OLD, MOVED), "age": (OLD, SAME)}, {"sex": (["f"] * 50, ["f"] * 50)})

    assert [one.name for one in found if one.q_value < 0.05] == ["glucose"]
    assert all(one.q_value >= one.p_value for one in found)


def test_the_stability_index_by_hand() -> None:
    """(.5-.4)·ln(.5/.4) + (.5-.6)·ln(.5/.6) = .0223 + .0182."""
    assert stability_of_counts([50, 50], [40, 60]) == pytest.approx(0.0405, abs=5e-5)


def test_the_index_of_half_a_deviation_is_near_its_square() -> None:
    """For two normals of one variance it is shift² = .25, less what ten bins hide."""
    assert stability_index(OLD, OLD) == pytest.approx(0.0, abs=1e-9)
    assert stability_index(OLD, SAME) < 0.1
    assert 0.15 < stability_index(OLD, MOVED) < 0.35


def test_the_new_prevalence_is_told_from_predictions_alone() -> None:
    """A test of sensitivity .8 and specificity .9; the ill go from 20 % to 50 %."""
    truth = np.repeat([0, 0, 1, 1], [720, 80, 40, 160])
    predicted = np.repeat([0, 1, 0, 1], [720, 80, 40, 160])
    new = np.repeat([0, 1], [550, 450])  # .5·.9 + .5·.2 = .55 not called

    found = label_shift(truth, predicted, new)

    assert found.shares == pytest.approx([0.5, 0.5])
    assert found.weights == pytest.approx([0.625, 2.5])
    assert found.p_value < 1e-10


def test_predictions_that_tell_nothing_show_no_shift_of_labels() -> None:
    with pytest.raises(InvalidInput, match="too badly"):
        label_shift([0, 0, 1, 1], [0, 1, 0, 1], [0, 1])


def test_a_window_of_nineteen_is_too_small() -> None:
    with pytest.raises(InvalidInput, match="under 20"):
        kolmogorov_smirnov(OLD, OLD[:19])


def test_the_power_of_a_window_goes_with_its_size() -> None:
    """Half a deviation: a thousand on each side always see it, 50 on each in about half."""
    assert power_of_shift((1000, 1000), shift=0.5, draws=200) == 1.0
    assert 0.35 < power_of_shift((50, 50), shift=0.5, draws=400) < 0.75
    assert power_of_shift((100, 100), shift=0.0, draws=400) < 0.08


def test_what_a_window_could_have_seen_is_told() -> None:
    """A shift of d is seen by the t-test of 100 + 100 with d ≈ .40; this test needs a bit more."""
    assert 0.38 < smallest_shift((100, 100)) < 0.55


def test_the_running_sum_never_goes_under_zero() -> None:
    assert running_sum(np.array([-1.0, 2.0, -3.0, 1.0, 1.0])).tolist() == [0, 2, 0, 1, 2]


def test_a_step_is_the_likelihood_ratio_of_steiner() -> None:
    """Risk .2, odds doubled: ln(2/1.2) with the event, -ln(1.2) without."""
    found = steps([1, 0], [0.2, 0.2], odds_ratio=2.0)

    assert found == pytest.approx([np.log(2 / 1.2), -np.log(1.2)])


def test_doubled_odds_are_seen_and_true_risks_are_not() -> None:
    risks = np.full(2000, 0.1)
    calm = RNG.random(2000) < 0.1
    doubled = RNG.random(2000) < 2 * 0.1 / 1.1
    rule = Rule(odds_ratio=2.0, draws=300)

    assert chart(calm, risks, rule=rule).alarm is None
    found = chart(doubled, risks, rule=rule)
    assert found.alarm is not None
    assert found.power > 0.95


def test_a_short_window_says_how_little_it_could_see() -> None:
    found = chart([0] * 50, [0.1] * 50, rule=Rule(odds_ratio=1.5, draws=300))

    assert found.power < 0.4


def test_no_change_is_nothing_to_watch_for() -> None:
    with pytest.raises(InvalidInput, match="no change to watch for"):
        Rule(odds_ratio=1.0)


def test_observed_over_expected_of_each_period() -> None:
    """2021: 2 events for 1 expected; 2022: none, so no interval."""
    found = rolling_calibration([1, 1, 0, 0], [0.5, 0.5, 0.5, 0.5], [2021, 2021, 2022, 2022])

    assert found[0][0] == "2021"
    assert found[0][1] is not None
    assert found[0][1].value == 2.0
    assert found[1] == ("2022", None)
