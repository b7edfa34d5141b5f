"""What must hold whatever the numbers: symmetry, order, bounds, and what does not matter."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.data.evaluation import proportions
from ecluse.data.evaluation.accuracy import TwoByTwo, predictive_values_at
from ecluse.data.evaluation.agreement import cohen_kappa
from ecluse.data.evaluation.calibration import Bins, binned_errors, brier, weak_calibration
from ecluse.data.evaluation.conformal import split_threshold
from ecluse.data.evaluation.discrimination import (
    area,
    auroc,
    midranks,
    placements,
    roc_curve,
)
from ecluse.data.evaluation.drift import stability_of_counts
from ecluse.data.evaluation.intervals import expit, logit
from ecluse.data.evaluation.multiplicity import benjamini_hochberg, holm
from ecluse.data.evaluation.overlap import dice, jaccard
from ecluse.data.evaluation.paired import mcnemar
from ecluse.data.evaluation.pooling import pool
from ecluse.data.evaluation.precision_recall import precision_recall
from ecluse.data.evaluation.smoothing import loess
from ecluse.data.evaluation.survival.concordance import harrell_c
from ecluse.data.evaluation.survival.curves import kaplan_meier

METHODS = [
    "wilson", "wilson_continuity", "clopper_pearson", "mid_p", "likelihood", "agresti_coull",
    "jeffreys",
]  # fmt: skip
counts = st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
cells = st.integers(1, 60)


@st.composite
def rated(draw, least: int = 4):
    """Outcomes with cases and controls, and scores with ties."""
    size = draw(st.integers(least, 40))
    cases = draw(st.integers(2, size - 2))
    scores = draw(st.lists(st.integers(0, 12), min_size=size, max_size=size))
    return np.repeat([1, 0], [cases, size - cases]), np.array(scores, np.float64)


@pytest.mark.parametrize("method", METHODS)
@given(counts)
@settings(max_examples=40, deadline=None)
def test_an_interval_holds_its_proportion_and_is_the_mirror_of_the_other_side(
    method: str, found: tuple[int, int]
) -> None:
    successes, trials = found
    one = getattr(proportions, method)(successes, trials)
    other = getattr(proportions, method)(trials - successes, trials)

    assert 0.0 <= one.low <= successes / trials <= one.high <= 1.0
    assert (1 - one.high, 1 - one.low) == pytest.approx((other.low, other.high), abs=1e-9)


@given(counts)
@settings(max_examples=40, deadline=None)
def test_the_exact_interval_is_wider_than_mid_p_and_falls_with_the_level(
    found: tuple[int, int],
) -> None:
    exact, middle = proportions.clopper_pearson(*found), proportions.mid_p(*found)
    narrow = proportions.clopper_pearson(*found, level=0.8)

    assert exact.width >= middle.width - 1e-9
    assert exact.width >= narrow.width


def test_the_exact_interval_covers_at_least_its_level_for_every_proportion() -> None:
    """All outcomes of 25 trials weighed by their chance, at 199 proportions: no simulation."""
    ends = [proportions.clopper_pearson(k, 25) for k in range(26)]
    shares = np.linspace(0.005, 0.995, 199)

    covered = [
        sum(
            math.comb(25, k) * p**k * (1 - p) ** (25 - k) * end.holds(p)
            for k, end in enumerate(ends)
        )
        for p in shares
    ]

    assert min(covered) >= 0.95


def test_wilson_s_interval_covers_its_level_on_average() -> None:
    ends = [proportions.wilson(k, 50) for k in range(51)]
    shares = np.linspace(0.005, 0.995, 199)

    covered = [
        sum(
            math.comb(50, k) * p**k * (1 - p) ** (50 - k) * end.holds(p)
            for k, end in enumerate(ends)
        )
        for p in shares
    ]

    assert np.mean(covered) == pytest.approx(0.95, abs=0.006)


@given(cells, cells, cells, cells, st.floats(0.01, 0.98))
def test_predictive_values_go_with_prevalence(
    tp: int, fn: int, fp: int, tn: int, prevalence: float
) -> None:
    table = TwoByTwo(tp, fn, fp, tn)
    (low_plus, low_minus), (high_plus, high_minus) = (
        predictive_values_at(table, one) for one in (prevalence, prevalence + 0.01)
    )

    assert low_plus.value < high_plus.value
    assert low_minus.value > high_minus.value
    assert 0 < low_plus.interval.low < low_plus.value < low_plus.interval.high < 1


@given(rated())
def test_the_area_is_the_share_of_pairs(found) -> None:
    outcomes, scores = found
    cases, controls = scores[outcomes == 1], scores[outcomes == 0]
    gaps = cases[:, None] - controls[None, :]

    assert area(outcomes, scores) == pytest.approx(((gaps > 0) + (gaps == 0) / 2).mean())


@given(rated())
def test_the_area_does_not_depend_on_scale_and_turns_with_the_sign(found) -> None:
    outcomes, scores = found

    assert area(outcomes, np.exp(scores / 3)) == pytest.approx(area(outcomes, scores))
    assert area(outcomes, -scores) == pytest.approx(1 - area(outcomes, scores))
    assert area(1 - outcomes, -scores) == pytest.approx(area(outcomes, scores))


@given(rated())
def test_components_share_their_mean_and_the_interval_stays_within_bounds(found) -> None:
    outcomes, scores = found
    under, above = placements(outcomes, scores)
    interval = auroc(outcomes, scores).interval

    assert under.mean() == pytest.approx(above.mean())
    assert 0.0 <= interval.low <= interval.high <= 1.0
    assert interval.holds(under.mean())


@given(rated())
def test_the_curve_encloses_the_area(found) -> None:
    outcomes, scores = found
    curve = roc_curve(outcomes, scores)

    assert np.trapezoid(curve.true_positive_rates, curve.false_positive_rates) == pytest.approx(
        area(outcomes, scores)
    )


@given(rated())
def test_average_precision_is_between_zero_and_one_and_one_for_a_perfect_order(found) -> None:
    outcomes, scores = found

    assert 0.0 < precision_recall(outcomes, scores).area <= 1.0
    assert precision_recall(outcomes, outcomes).area == 1.0


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30))
def test_midranks_sum_to_the_sum_of_ranks(values: list[int]) -> None:
    found = midranks(np.array(values, np.float64))

    assert found.sum() == pytest.approx(len(values) * (len(values) + 1) / 2)


@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_is_symmetric_and_mid_p_is_at_most_exact(first: int, second: int) -> None:
    one, other = mcnemar(first, second), mcnemar(second, first)

    assert one == other
    assert 0 < one.mid_p <= one.exact <= 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_adjusted_p_values_are_larger_and_holm_s_largest(p_values: list[float]) -> None:
    one, other = holm(p_values), benjamini_hochberg(p_values)

    assert (other >= np.array(p_values) - 1e-12).all()
    assert (one >= other - 1e-12).all()
    assert one.max() <= 1


@given(cells, cells, cells, cells)
def test_kappa_does_not_depend_on_who_reads_first(a: int, b: int, c: int, d: int) -> None:
    one, other = cohen_kappa([[a, b], [c, d]]), cohen_kappa([[a, c], [b, d]])

    assert one.value == pytest.approx(other.value)
    assert one.value <= 1


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_overlaps_do_not_depend_on_order(pixels: list[tuple[bool, bool]]) -> None:
    one, two = (np.append(side, True) for side in zip(*pixels, strict=True))

    assert dice(one, two) == dice(two, one)
    assert jaccard(one, two) <= dice(one, two) <= 1


@given(st.floats(-15, 15))
def test_logit_and_expit_are_inverse(value: float) -> None:
    assert logit(expit(value)) == pytest.approx(value, abs=1e-6)


@given(st.lists(st.floats(0.01, 0.99), min_size=3, max_size=30))
def test_brier_and_the_binned_error_are_between_zero_and_one(risks: list[float]) -> None:
    outcomes = np.arange(len(risks)) % 2

    assert 0 <= brier(outcomes, risks).value <= 1
    assert 0 <= binned_errors(outcomes, risks, bins=Bins("equal-width", 5)).expected <= 1


@given(st.floats(-2, 2), st.floats(0.3, 3))
@settings(max_examples=25, deadline=None)
def test_moving_and_stretching_the_logit_moves_intercept_and_slope_back(
    move: float, stretch: float
) -> None:
    """Logits become move + stretch·logit: the slope is divided by stretch."""
    rng = np.random.default_rng(1)
    linear = rng.normal(size=300)
    outcomes = rng.random(300) < 1 / (1 + np.exp(-linear))
    before = weak_calibration(outcomes, 1 / (1 + np.exp(-linear)))

    after = weak_calibration(outcomes, 1 / (1 + np.exp(-(move + stretch * linear))))

    assert after.slope.value == pytest.approx(before.slope.value / stretch, rel=1e-6)
    assert after.intercept.value == pytest.approx(
        before.intercept.value - move * before.slope.value / stretch, abs=1e-6
    )


@given(st.integers(2, 9), st.floats(-3, 3), st.floats(-3, 3), st.floats(-1, 1))
def test_a_parabola_is_its_own_smooth_curve(size: int, a: float, b: float, c: float) -> None:
    x = np.linspace(0, 1, size * 5)

    assert loess(x, a + b * x + c * x**2) == pytest.approx(a + b * x + c * x**2, abs=1e-8)


@given(st.lists(st.integers(0, 50), min_size=2, max_size=8))
def test_the_stability_index_is_zero_for_the_same_shares_and_never_under(
    tables: list[int],
) -> None:
    old = np.array(tables) + 1

    assert stability_of_counts(old, old * 3) == pytest.approx(0, abs=1e-12)
    assert stability_of_counts(old, old[::-1]) >= 0


@given(st.lists(st.floats(-100, 100), min_size=9, max_size=60))
def test_the_threshold_holds_nine_in_ten_of_its_own_sample(scores: list[float]) -> None:
    threshold = split_threshold(scores, miss=0.1)

    assert (np.array(scores) <= threshold).mean() >= 0.9


@given(st.lists(st.tuples(st.integers(1, 20), st.booleans()), min_size=2, max_size=40))
def test_survival_falls_and_without_censoring_is_the_share_left(
    persons: list[tuple[int, bool]],
) -> None:
    times = np.array([one for one, _ in persons])
    events = np.array([hit for _, hit in persons])
    events[0] = True
    curve = kaplan_meier(times, events)
    whole = kaplan_meier(times, np.ones(times.size))

    assert (np.diff(curve.survival) <= 0).all()
    assert (curve.survival >= 0).all()
    assert whole.at(10) == pytest.approx((times > 10).mean())


@given(st.lists(st.tuples(st.integers(1, 20), st.integers(0, 5)), min_size=3, max_size=30))
def test_concordance_turns_with_the_sign(persons: list[tuple[int, int]]) -> None:
    times, risks = (np.array(side) for side in zip(*persons, strict=True))
    times[0], times[1] = 1, 30
    one = harrell_c(times, np.ones(times.size), risks)
    other = harrell_c(times, np.ones(times.size), -risks)

    assert one.value == pytest.approx(1 - other.value)


@given(st.lists(st.floats(-2, 2), min_size=3, max_size=12), st.floats(-5, 5))
@settings(max_examples=40, deadline=None)
def test_pooling_moves_with_its_values_and_lies_among_them(
    values: list[float], move: float
) -> None:
    errors = np.linspace(0.1, 0.3, len(values))
    one = pool(values, errors, heterogeneity="paule-mandel")
    other = pool(np.array(values) + move, errors, heterogeneity="paule-mandel")

    assert other.estimate.value == pytest.approx(one.estimate.value + move, abs=1e-6)
    assert min(values) - 1e-9 <= one.estimate.value <= max(values) + 1e-9
    assert one.tau2 >= 0
