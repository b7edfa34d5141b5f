"""Whether predicted risks come true.

Source of figures: Spector and Mazzeo 1980, as in Greene, Econometric Analysis (the data set is in
the public domain, in statsmodels). Tolerance: the digits printed.
"""

import numpy as np
import pytest

from ecluse.data.evaluation.bootstrap import Plan
from ecluse.data.evaluation.calibration import (
    Bins,
    binned_errors,
    brier,
    calibration_curve,
    observed_over_expected,
    scaled_brier,
    smooth_errors,
    spiegelhalter,
    weak_calibration,
)
from ecluse.data.evaluation.discrimination import area
from ecluse.data.evaluation.regression import fit_logistic
from ecluse.data.evaluation.utility import decision_curve, net_benefit_band
from ecluse.domain.errors import InvalidInput

PRINTED = 5e-5
RNG = np.random.default_rng(20)
LINEAR = RNG.normal(-1, 1.2, 5000)
RISKS = 1 / (1 + np.exp(-LINEAR))
OUTCOMES = RNG.random(5000) < RISKS


@pytest.fixture(scope="module")
def spector() -> tuple[np.ndarray, np.ndarray]:
    """The outcomes, then a column of ones, GPA, TUCE and PSI."""
    data = pytest.importorskip("statsmodels.datasets.spector").load_pandas()
    return data.endog.to_numpy(), np.column_stack([np.ones(32), data.exog.to_numpy()])


def test_logistic_regression_gives_greene_s_coefficients(spector) -> None:
    outcomes, columns = spector

    found = fit_logistic(columns, outcomes)

    assert found.coefficients == pytest.approx([-13.0213, 2.8261, 0.0952, 2.3787], abs=PRINTED)
    assert found.log_likelihood == pytest.approx(-12.8896, abs=PRINTED)


def test_a_model_fitted_on_its_own_data_has_intercept_zero_and_slope_one(spector) -> None:
    outcomes, columns = spector
    risks = 1 / (1 + np.exp(-columns @ fit_logistic(columns, outcomes).coefficients))

    found = weak_calibration(outcomes, risks)

    assert found.in_the_large.value == pytest.approx(0.0, abs=1e-8)
    assert found.slope.value == pytest.approx(1.0, abs=1e-8)
    assert observed_over_expected(outcomes, risks).value == pytest.approx(1.0)
    assert (area(outcomes, risks), brier(outcomes, risks).value) == pytest.approx(
        (0.8831, 0.1295), abs=PRINTED
    )


def test_risks_made_too_extreme_by_half_have_a_slope_of_two_thirds() -> None:
    """The logit is multiplied by 1.5: the slope is that of the true risks, divided by 1.5."""
    extreme = 1 / (1 + np.exp(-1.5 * LINEAR))

    found = weak_calibration(OUTCOMES, extreme).slope.value

    assert found == pytest.approx(weak_calibration(OUTCOMES, RISKS).slope.value / 1.5)


def test_odds_doubled_everywhere_show_in_the_large_and_not_in_the_slope() -> None:
    doubled = 1 / (1 + np.exp(-LINEAR - np.log(2)))

    before, after = weak_calibration(OUTCOMES, RISKS), weak_calibration(OUTCOMES, doubled)

    assert after.in_the_large.value == pytest.approx(before.in_the_large.value - np.log(2))
    assert after.slope.value == pytest.approx(before.slope.value)


def test_clusters_widen_the_interval_when_rows_repeat() -> None:
    """Every row ten times: the robust error stays what it was, the plain one shrinks by √10."""
    tenfold = np.tile(OUTCOMES, 10), np.tile(RISKS, 10)

    once = weak_calibration(OUTCOMES, RISKS).slope.standard_error
    robust = weak_calibration(*tenfold, clusters=np.tile(np.arange(5000), 10)).slope
    plain = weak_calibration(*tenfold).slope

    assert plain.standard_error == pytest.approx(once / np.sqrt(10))
    assert robust.standard_error == pytest.approx(once, rel=0.05)


def test_observed_over_expected_by_hand() -> None:
    """2 events, 1 expected, of 4: ratio 2, log error √((1 - 1/2)/2) = 1/2, 2·exp(±.98)."""
    found = observed_over_expected([1, 1, 0, 0], [0.25] * 4)

    assert found.value == 2.0
    assert (found.interval.low, found.interval.high) == pytest.approx((0.7506, 5.3288), abs=PRINTED)


def test_brier_by_hand() -> None:
    """(.2² + .6² + .1² + .5²)/4 = .165; the share of cases alone would give .25."""
    outcomes, risks = [1, 1, 0, 0], [0.8, 0.4, 0.1, 0.5]

    assert brier(outcomes, risks).value == pytest.approx(0.165)
    assert scaled_brier(outcomes, risks) == pytest.approx(1 - 0.165 / 0.25)


def test_spiegelhalter_by_hand() -> None:
    """Σ(y-p)(1-2p) = .2·-.6 - .2·.6 = -.24; variance 2·.36·.16 = .1152; z = -.7071."""
    found = spiegelhalter([1, 0], [0.8, 0.2])

    assert found.z == pytest.approx(-0.7071, abs=PRINTED)
    assert found.p_value == pytest.approx(0.4795, abs=PRINTED)


def test_spiegelhalter_keeps_true_risks_and_refuses_extreme_ones() -> None:
    assert spiegelhalter(OUTCOMES, RISKS).p_value > 0.05
    assert spiegelhalter(OUTCOMES, 1 / (1 + np.exp(-2 * LINEAR))).p_value < 1e-6


def test_smooth_errors_of_true_risks_are_small_and_of_doubled_odds_are_not() -> None:
    """Odds doubled move a risk of .5 by .167, the mean risk here by about .12."""
    good = smooth_errors(OUTCOMES, RISKS)
    bad = smooth_errors(OUTCOMES, 1 / (1 + np.exp(-LINEAR - np.log(2))))

    assert good.ici < 0.02
    assert bad.ici == pytest.approx(0.12, abs=0.02)
    assert good.e50 <= good.e90 <= good.largest


def test_the_curve_of_true_risks_is_the_diagonal() -> None:
    predicted, observed = calibration_curve(OUTCOMES, RISKS, points=10)

    assert observed == pytest.approx(predicted, abs=0.05)


def test_expected_error_by_hand_and_its_rule_is_told() -> None:
    """Bins [0, .5[ and [.5, 1]: |.2 - 0|·2/4 + |.8 - 1/2|·2/4 = .25, and .3 at most."""
    rule = Bins("equal-width", 2)

    found = binned_errors([0, 0, 1, 0], [0.1, 0.3, 0.7, 0.9], bins=rule)

    assert (found.expected, found.maximum) == pytest.approx((0.25, 0.3))
    assert found.bins == rule


def test_another_rule_gives_another_number() -> None:
    """Equal size, 2 bins: .1 and .15 (mean .125, 0 seen), .2 and .9 (mean .55, 1/2 seen)."""
    outcomes, risks = [0, 0, 0, 1], [0.1, 0.15, 0.2, 0.9]

    width = binned_errors(outcomes, risks, bins=Bins("equal-width", 2))
    size = binned_errors(outcomes, risks, bins=Bins("equal-size", 2))

    assert width.expected == pytest.approx(0.15 * 3 / 4 + 0.1 / 4)
    assert size.expected == pytest.approx(0.125 / 2 + 0.05 / 2)


def test_a_risk_of_exactly_one_has_no_logit() -> None:
    with pytest.raises(InvalidInput, match="1 of 3 probabilities are exactly 0 or 1"):
        weak_calibration([0, 1, 1], [0.2, 0.4, 1.0])


def test_risks_all_the_same_have_no_slope() -> None:
    with pytest.raises(InvalidInput, match="there is no slope"):
        weak_calibration([0, 1, 1], [0.4, 0.4, 0.4])


def test_risks_that_separate_the_outcomes_have_no_slope() -> None:
    with pytest.raises(InvalidInput, match="separate"):
        weak_calibration([0, 0, 1, 1], [0.1, 0.2, 0.7, 0.8])


def test_a_probability_over_one_is_refused() -> None:
    with pytest.raises(InvalidInput, match="1 of 2 probabilities are not between 0 and 1"):
        brier([0, 1], [0.2, 1.2])


def test_net_benefit_by_hand() -> None:
    """At 1/4, odds 1/3. Ten persons, 4 ill; treated: 3 ill, 2 well: .3 - .2/3 = .2333.

    All: .4 - .6/3 = .2. Avoided per 100: (.2333 - .2)·3·100 = 10.
    """
    outcomes = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
    risks = [0.9, 0.6, 0.25, 0.1, 0.5, 0.3, 0.2, 0.1, 0.1, 0.1]

    found = decision_curve(outcomes, risks, thresholds=[0.25])

    assert found.model == pytest.approx([0.7 / 3])
    assert found.all == pytest.approx([0.2])
    assert found.avoided == pytest.approx([10.0])


def test_net_benefit_of_picked_cases_is_that_of_the_population_to_serve() -> None:
    """Sensitivity 1, false alarms 1/2, prevalence 1/10, threshold 1/5: .1 - .45/4 = -.0125."""
    found = decision_curve([1, 1, 0, 0], [0.9, 0.8, 0.7, 0.1], thresholds=[0.2], prevalence=0.1)

    assert found.model == pytest.approx([-0.0125])


def test_the_band_holds_the_curve() -> None:
    thresholds = [0.1, 0.2, 0.3]
    curve = decision_curve(OUTCOMES, RISKS, thresholds=thresholds).model

    bands = net_benefit_band(OUTCOMES, RISKS, thresholds=thresholds, plan=Plan(seed=1))

    # The error of a mean of 0s and 1s over 5,000 persons is at most √(.25/5000) = .007.
    assert [band.holds(value) for band, value in zip(bands, curve, strict=True)] == [True] * 3
    assert all(0.005 < band.width < 0.03 for band in bands)


@pytest.mark.parametrize("thresholds", [[0.0], [1.0], [0.2, 0.1], [0.2, 0.2]])
def test_thresholds_that_cannot_be_are_refused(thresholds: list[float]) -> None:
    with pytest.raises(InvalidInput, match="Thresholds must rise"):
        decision_curve([0, 1], [0.1, 0.9], thresholds=thresholds)
