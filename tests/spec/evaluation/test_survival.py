"""Time to event.

Sources: Freireich and others, Blood 1963;21:699, as in Gehan 1965 and Cox 1972 (weeks of remission
of 42 children with leukaemia; the small set of every textbook). Median and survival as in
Kalbfleisch and Prentice; coefficients as R's `coxph` gives them. Tolerance: the digits printed.
"""

import numpy as np
import pytest

from ecluse.data.evaluation.survival.competing import aalen_johansen
from ecluse.data.evaluation.survival.concordance import harrell_c, time_dependent_auc, uno_c
from ecluse.data.evaluation.survival.cox import fit_cox
from ecluse.data.evaluation.survival.curves import censoring_curve, kaplan_meier, nelson_aalen
from ecluse.data.evaluation.survival.prediction import brier_at, calibration_at, integrated_brier
from ecluse.data.evaluation.utility import survival_decision_curve
from ecluse.domain.errors import InvalidInput

TREATED = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
WEEKS, ENDED = TREATED + PLACEBO, RELAPSED + [1] * 21
ON_PLACEBO = np.repeat([[0.0], [1.0]], 21, axis=0)
PRINTED = 5e-5

RNG = np.random.default_rng(10)
SCORE = RNG.normal(size=4000)
EVENT_AT = RNG.exponential(10 * np.exp(-SCORE))
CENSORED_AT = RNG.exponential(15, 4000)
TIMES, EVENTS = np.minimum(EVENT_AT, CENSORED_AT), EVENT_AT <= CENSORED_AT
RISK_AT_5 = 1 - np.exp(-0.5 * np.exp(SCORE))


def test_survival_of_the_treated_children() -> None:
    found = kaplan_meier(TREATED, RELAPSED)

    assert found.at(5) == 1.0
    assert found.at(6) == pytest.approx(18 / 21)
    assert (found.at(10), found.at(23)) == pytest.approx((0.7529, 0.4482), abs=PRINTED)
    assert found.median() == 23.0


def test_greenwood_s_error_and_the_plain_interval() -> None:
    found = kaplan_meier(TREATED, RELAPSED).estimate(10, transform="plain")

    assert found.standard_error == pytest.approx(0.0963, abs=PRINTED)
    assert (found.interval.low, found.interval.high) == pytest.approx((0.5641, 0.9418), abs=PRINTED)


def test_the_transform_of_an_interval_is_told_since_it_changes_it() -> None:
    curve = kaplan_meier(TREATED, RELAPSED)

    log, double = curve.estimate(10, transform="log"), curve.estimate(10, transform="log-log")

    assert (log.interval.low, log.interval.high) == pytest.approx((0.5859, 0.9676), abs=PRINTED)
    assert (double.interval.low, double.interval.high) == pytest.approx(
        (0.5032, 0.8894), abs=PRINTED
    )
    assert (log.interval.method, double.interval.method) == ("log", "log-log")


def test_the_median_has_an_interval_whose_end_may_never_be_reached() -> None:
    assert kaplan_meier(TREATED, RELAPSED).median_interval() == (13.0, None)
    assert kaplan_meier(PLACEBO, [1] * 21).median_interval() == (4.0, 11.0)


def test_where_survival_stays_at_one_half_the_median_is_the_middle() -> None:
    assert kaplan_meier([1, 2, 4, 6], [1, 1, 1, 1]).median() == 3.0


def test_cumulative_hazard_by_hand() -> None:
    """1/4 + 1/2: the second was censored and is not at risk at 3."""
    found = nelson_aalen([1, 2, 3, 4], [1, 0, 1, 0])

    assert found.cumulative == pytest.approx([0.25, 0.75])
    assert found.variance == pytest.approx([1 / 16, 1 / 16 + 1 / 4])


@pytest.mark.parametrize(
    ("ties", "coefficient", "error"), [("efron", 1.5721, 0.4124), ("breslow", 1.5092, 0.4096)]
)
def test_the_hazard_ratio_of_placebo(ties, coefficient: float, error: float) -> None:
    found = fit_cox(WEEKS, ENDED, ON_PLACEBO, ties=ties).coefficient(0)

    assert (found.value, found.standard_error) == pytest.approx((coefficient, error), abs=PRINTED)


def test_a_column_that_never_varies_is_refused() -> None:
    with pytest.raises(InvalidInput, match="never varies"):
        fit_cox(WEEKS, ENDED, np.ones((42, 1)))


def test_a_column_that_orders_the_events_perfectly_is_refused() -> None:
    with pytest.raises(InvalidInput, match="orders the events"):
        fit_cox([1, 2, 3, 4], [1, 1, 1, 1], [[4.0], [3.0], [2.0], [1.0]])


def test_nobody_followed_that_long_is_refused() -> None:
    with pytest.raises(InvalidInput, match="the last is 35"):
        kaplan_meier(TREATED, RELAPSED).at(40)


def test_no_event_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Nobody has the event"):
        kaplan_meier([1, 2], [0, 0])


def test_competing_risks_by_hand() -> None:
    """Times 1 (the event), 2 (another), 3 (the event), 4 (censored).

    1/4, then survival before 3 is 3/4·2/3 = 1/2: 1/4 + 1/2·1/2 = 1/2.
    """
    found = aalen_johansen([1, 2, 3, 4], [1, 2, 1, 0])

    assert found.at(2.5) == pytest.approx(0.25)
    assert found.at(3) == pytest.approx(0.5)


def test_the_error_of_an_incidence_is_that_of_statsmodels() -> None:
    """300 persons, times to a tenth so that many tie, two causes and censoring."""
    oracle = pytest.importorskip("statsmodels.duration.survfunc").CumIncidenceRight
    rng = np.random.default_rng(5)
    times = np.append(np.round(rng.exponential(5, 300), 1) + 0.1, 99.0)
    kinds = np.append(rng.choice([0, 1, 2], 300, p=[0.3, 0.4, 0.3]), 0)
    expected = oracle(times, kinds)
    step = np.searchsorted(expected.times, 5.0, side="right") - 1

    found = aalen_johansen(times, kinds).estimate(5.0)

    assert found.value == pytest.approx(expected.cinc[0][step])
    assert found.standard_error == pytest.approx(expected.cinc_se[0][step])
    assert found.interval.low < found.value < found.interval.high


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_hazard_ratios_with_ties_are_those_of_statsmodels(ties) -> None:
    oracle = pytest.importorskip("statsmodels.duration.hazard_regression").PHReg
    rng = np.random.default_rng(6)
    columns = rng.normal(size=(200, 3))
    times = np.ceil(rng.exponential(8 * np.exp(-columns @ [0.5, -0.3, 0.0])))
    events = rng.random(200) < 0.7
    expected = oracle(times, columns, status=events.astype(int), ties=ties).fit()

    found = fit_cox(times, events, columns, ties=ties)

    assert found.coefficients == pytest.approx(expected.params, abs=1e-6)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(expected.bse, rel=1e-5)
    assert found.log_likelihood == pytest.approx(expected.llf)


def test_one_minus_kaplan_meier_overstates_a_risk_that_another_prevents() -> None:
    naive = 1 - kaplan_meier([1, 2, 3, 4], [1, 0, 1, 0]).at(3)

    assert naive == pytest.approx(0.625)
    assert aalen_johansen([1, 2, 3, 4], [1, 2, 1, 0]).at(3) < naive


def test_incidences_of_all_causes_and_survival_sum_to_one() -> None:
    kinds = np.where(EVENTS, 1 + (np.arange(4000) % 2), 0)

    total = sum(aalen_johansen(TIMES, kinds, cause=cause).at(5.0) for cause in (1, 2))

    assert total == pytest.approx(1 - kaplan_meier(TIMES, EVENTS).at(5.0))


def test_concordance_by_hand() -> None:
    """Pairs of which one surely came first: (1,2) (1,3) (1,4) (3,4); one is badly ordered."""
    found = harrell_c([1, 2, 3, 4], [1, 0, 1, 0], [9, 3, 1, 2])

    assert found.value == pytest.approx(3 / 4)
    assert (found.concordant, found.discordant, found.tied) == (3, 1, 0)


def test_uno_s_c_by_hand() -> None:
    """At 2 one of three is censored: the event at 3 counts for (3/2)² = 9/4, that at 1 for 1.

    Well ordered: of 1, one pair of three; of 3, none of one: 1/(3 + 9/4).
    """
    assert uno_c([1, 2, 3, 4], [1, 0, 1, 1], [2, 9, 1, 5]).value == pytest.approx(1 / 5.25)


def test_an_event_at_the_time_of_a_censoring_was_not_at_risk_of_it() -> None:
    """At 1, one of three has the event and one of the two others is censored: 1/2."""
    found = censoring_curve(np.array([1.0, 1.0, 2.0]), np.array([True, False, True]))

    assert found is not None
    assert found.survival == pytest.approx([0.5])


def test_without_censoring_uno_and_harrell_agree() -> None:
    assert uno_c(EVENT_AT, np.ones(4000), SCORE).value == pytest.approx(
        harrell_c(EVENT_AT, np.ones(4000), SCORE).value
    )


def test_uno_s_c_does_not_move_with_censoring() -> None:
    """Up to 10 on complete data, and with a third censored; Harrell's drifts further."""
    whole = uno_c(EVENT_AT, np.ones(4000), SCORE, horizon=10).value

    assert uno_c(TIMES, EVENTS, SCORE, horizon=10).value == pytest.approx(whole, abs=0.01)


def test_the_area_at_a_time_is_near_that_of_complete_data() -> None:
    """Without censoring it is Mann and Whitney's area of "had it by 5"."""
    whole = time_dependent_auc(EVENT_AT, np.ones(4000), SCORE, horizon=5)

    assert time_dependent_auc(TIMES, EVENTS, SCORE, horizon=5) == pytest.approx(whole, abs=0.015)


def test_brier_s_score_without_censoring_is_the_mean_square() -> None:
    """Had it by 2: 1 and 2. (.2² + .4² + .3² + .1²)/4 = .075."""
    assert brier_at([1, 2, 3, 4], [1] * 4, [0.8, 0.6, 0.3, 0.1], horizon=2) == pytest.approx(0.075)


def test_brier_s_score_with_censoring_is_near_that_of_complete_data() -> None:
    whole = brier_at(EVENT_AT, np.ones(4000), RISK_AT_5, horizon=5)

    assert brier_at(TIMES, EVENTS, RISK_AT_5, horizon=5) == pytest.approx(whole, abs=0.005)


def test_the_integral_over_time_is_by_trapezes() -> None:
    """Scores at 1 and 2: by hand .0625 and .0725 (risks as given), mean .0675."""
    risks = [[0.9, 0.9], [0.3, 0.6], [0.3, 0.3], [0.2, 0.1]]

    one = brier_at([1, 2, 3, 4], [1] * 4, [row[0] for row in risks], horizon=1)
    two = brier_at([1, 2, 3, 4], [1] * 4, [row[1] for row in risks], horizon=2)

    assert integrated_brier([1, 2, 3, 4], [1] * 4, risks, at=[1, 2]) == pytest.approx(
        (one + two) / 2
    )


def test_true_risks_are_calibrated_at_the_horizon() -> None:
    found = calibration_at(TIMES, EVENTS, RISK_AT_5, horizon=5)

    assert found.observed_expected.interval.holds(1.0)
    assert found.slope.interval.holds(1.0)
    assert found.errors.ici < 0.02


def test_risks_halved_show_at_the_horizon() -> None:
    found = calibration_at(TIMES, EVENTS, RISK_AT_5 / 2, horizon=5)

    assert found.observed_expected.value == pytest.approx(2.0, abs=0.1)
    assert found.errors.ici > 0.15


def test_net_benefit_over_time_without_censoring_is_the_plain_one() -> None:
    """At 1/4: treated 1, 2 and 3; by 2 two of them had it: .5 - .25/3 = .4167."""
    found = survival_decision_curve(
        [1, 2, 3, 4], [1] * 4, [0.8, 0.6, 0.3, 0.1], horizon=2, thresholds=[0.25]
    )

    assert found.model == pytest.approx([0.5 - 0.25 / 3])
    assert found.all == pytest.approx([0.5 - 0.5 / 3])
