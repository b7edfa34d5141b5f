"""Several sites.

Source: the thirteen trials of a tuberculosis vaccine of Colditz and others, JAMA 1994;271:698, log
relative risks; figures as the metafor package of R gives them. Tolerance: the digits printed.
"""

import numpy as np
import pytest

from ecluse.data.evaluation.discrimination import area
from ecluse.data.evaluation.pooling import (
    binned_area,
    pool,
    pool_counts,
    pool_proportions,
    pool_ratios,
)
from ecluse.domain.errors import InvalidInput

TRIALS = np.array(
    [
        (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619),
        (33, 5036, 47, 5761), (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892),
        (29, 7470, 45, 7232), (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338),
        (27, 16886, 29, 17825),
    ],
    np.float64,
)  # fmt: skip
ILL, WELL, OTHER_ILL, OTHER_WELL = TRIALS.T
RISK, OTHER_RISK = ILL / (ILL + WELL), OTHER_ILL / (OTHER_ILL + OTHER_WELL)
RATIOS = RISK / OTHER_RISK
ERRORS = np.sqrt((1 - RISK) / ILL + (1 - OTHER_RISK) / OTHER_ILL)
PRINTED = 5e-5


@pytest.mark.parametrize(
    ("heterogeneity", "value", "tau2"),
    [
        ("reml", -0.7145, 0.3132),
        ("dersimonian-laird", -0.7141, 0.3088),
        ("paule-mandel", -0.7150, 0.3181),
    ],
)
def test_the_pooled_ratio_and_the_variance_between_trials(
    heterogeneity, value: float, tau2: float
) -> None:
    found = pool(np.log(RATIOS), ERRORS, heterogeneity=heterogeneity)

    assert (found.estimate.value, found.tau2) == pytest.approx((value, tau2), abs=PRINTED)
    assert found.q == pytest.approx(152.2330, abs=PRINTED)
    assert found.i2 == pytest.approx(0.9212, abs=PRINTED)


def test_the_interval_of_knapp_and_hartung() -> None:
    found = pool(np.log(RATIOS), ERRORS).estimate

    assert found.standard_error == pytest.approx(0.1808, abs=PRINTED)
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (-1.1084, -0.3206), abs=PRINTED
    )


def test_the_normal_interval() -> None:
    found = pool(np.log(RATIOS), ERRORS, knapp_hartung=False).estimate

    assert found.standard_error == pytest.approx(0.1798, abs=PRINTED)
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (-1.0669, -0.3622), abs=PRINTED
    )


def test_what_a_new_site_may_see_is_wider_than_what_is_known_of_the_mean() -> None:
    """-.7145 ± t(12)·√(.1808² + .3132) = ± 2.1788·.5882."""
    found = pool(np.log(RATIOS), ERRORS).prediction

    assert found is not None
    assert (found.low, found.high) == pytest.approx((-1.9960, 0.5670), abs=PRINTED)


def test_sites_that_agree_have_no_variance_between_them() -> None:
    found = pool([0.5, 0.5, 0.5], [0.1, 0.2, 0.1])

    assert (found.tau2, found.estimate.value) == pytest.approx((0.0, 0.5))


def test_ratios_are_pooled_on_their_logarithm() -> None:
    found = pool_ratios(RATIOS, ERRORS).estimate

    assert found.value == pytest.approx(np.exp(-0.714532), abs=PRINTED)
    assert found.interval.high == pytest.approx(np.exp(-0.320621), abs=PRINTED)


def test_areas_are_pooled_on_their_logit_and_stay_under_one() -> None:
    found = pool_proportions([0.99, 0.97, 0.90, 0.95], [0.004, 0.01, 0.02, 0.01])

    assert 0.90 < found.estimate.value < 0.99
    assert found.prediction is not None
    assert found.prediction.high < 1.0


def test_a_site_at_one_is_refused() -> None:
    with pytest.raises(InvalidInput, match="must be between 0 and 1"):
        pool_proportions([1.0, 0.9], [0.01, 0.01])


def test_one_site_is_no_pool() -> None:
    with pytest.raises(InvalidInput, match="two at least"):
        pool([0.5], [0.1])


def test_two_sites_predict_nothing() -> None:
    assert pool([0.5, 0.6], [0.1, 0.1]).prediction is None


def test_counts_by_bins_of_all_sites_give_the_area_of_all_persons() -> None:
    """Bins 1, 2, 3: controls 5 4 1 of both sites, cases 1 3 6."""
    cases = pool_counts([[1, 1, 2], [0, 2, 4]])
    controls = pool_counts([[3, 2, 1], [2, 2, 0]])
    outcomes = np.repeat([1, 0], 10)
    bins = np.concatenate([np.repeat([1, 2, 3], [1, 3, 6]), np.repeat([1, 2, 3], [5, 4, 1])])

    assert binned_area(cases, controls) == pytest.approx(area(outcomes, bins))
