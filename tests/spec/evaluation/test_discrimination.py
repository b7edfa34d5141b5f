"""The area under the ROC curve, and tests that compare.

Sources: Hanley and McNeil, Radiology 1982;143:29, table I (109 scans rated from 1 to 5; area .893,
SE .032). Fagerland and others, BMC Med Res Methodol 2013;13:91, tables 1 and 2 (McNemar).
Benjamini and Hochberg 1995, section 3.2 (15 p-values). Tolerances are the digits printed.
"""

import numpy as np
import pytest

from ecluse.data.evaluation.bootstrap import Plan
from ecluse.data.evaluation.discrimination import (
    area,
    auroc,
    auroc_wald,
    clustered_auroc,
    compare,
    compare_all,
    delong_covariance,
    hanley_mcneil_error,
    roc_curve,
)
from ecluse.data.evaluation.multiplicity import benjamini_hochberg, holm
from ecluse.data.evaluation.paired import compare_correct, mcnemar
from ecluse.data.evaluation.precision_recall import auprc, auprc_by_cluster, precision_recall
from ecluse.domain.errors import InvalidInput

RATINGS = np.concatenate(
    [np.repeat([1, 2, 3, 4, 5], [33, 6, 6, 11, 2]), np.repeat([1, 2, 3, 4, 5], [3, 2, 2, 11, 33])]
)
ABNORMAL = np.repeat([0, 1], [58, 51])
PRINTED = 5e-5


def test_the_area_of_the_rated_scans() -> None:
    found = auroc(ABNORMAL, RATINGS)

    assert found.value == pytest.approx(0.8932, abs=PRINTED)
    assert found.standard_error == pytest.approx(0.0307, abs=PRINTED)
    assert (found.interval.low, found.interval.high) == pytest.approx((0.8164, 0.9402), abs=PRINTED)


def test_the_plain_interval_of_the_rated_scans() -> None:
    found = auroc_wald(ABNORMAL, RATINGS).interval

    assert (found.low, found.high) == pytest.approx((0.8330, 0.9534), abs=1e-4)


def test_the_error_that_hanley_and_mcneil_derive_from_the_area_alone() -> None:
    assert hanley_mcneil_error(0.8932, cases=51, controls=58) == pytest.approx(0.0325, abs=PRINTED)


def test_an_area_by_hand() -> None:
    """Cases 3 and 2, controls 2 and 1: of four pairs three are well ordered, one ties."""
    assert area([1, 1, 0, 0], [3, 2, 2, 1]) == pytest.approx(3.5 / 4)


def test_the_variance_by_hand() -> None:
    """Of cases: 1 and .75; of controls: .75 and 1. Variances 1/32, halved and summed: 1/32."""
    _, spread = delong_covariance([1, 1, 0, 0], [[3, 2, 2, 1]])

    assert spread[0, 0] == pytest.approx(1 / 32)


def test_scores_that_separate_perfectly_get_an_exact_interval() -> None:
    """The 5 pairs that share nobody are all well ordered: .025^(1/5) = .4782."""
    found = auroc([0] * 5 + [1] * 9, range(14))

    assert found.value == 1.0
    assert found.interval.low == pytest.approx(0.4782, abs=PRINTED)
    assert found.interval.method == "clopper-pearson of disjoint pairs"


def test_with_one_row_a_cluster_obuchowski_is_delong() -> None:
    found = clustered_auroc(ABNORMAL, RATINGS, np.arange(109))

    assert found.standard_error == pytest.approx(auroc(ABNORMAL, RATINGS).standard_error)


def test_rows_said_twice_by_the_same_person_do_not_make_the_interval_narrower() -> None:
    twice = clustered_auroc(np.tile(ABNORMAL, 2), np.tile(RATINGS, 2), np.tile(np.arange(109), 2))

    assert twice.standard_error == pytest.approx(auroc(ABNORMAL, RATINGS).standard_error)


def test_a_case_and_a_control_of_one_cluster_go_together() -> None:
    """Clusters (3 ill, 1 well) and (2 ill, 2 well): gaps ±1/8 on both sides, of one sign.

    2·(1/32)/4 twice, and 2·2·(1/32)/4 for what they share: 1/16, twice what DeLong would say.
    """
    found = clustered_auroc([1, 1, 0, 0], [3, 2, 2, 1], ["a", "b", "b", "a"])

    assert found.standard_error == pytest.approx(0.25)


def test_two_scores_on_the_same_scans_are_compared_in_pairs() -> None:
    """A score that takes ratings 4 and 5 for one: the difference is tested on the same scans."""
    found = compare(ABNORMAL, RATINGS, np.minimum(RATINGS, 4))
    areas, spread = delong_covariance(ABNORMAL, [RATINGS, np.minimum(RATINGS, 4)])

    assert found.difference.value == pytest.approx(areas[0] - areas[1])
    assert found.difference.standard_error**2 == pytest.approx(
        spread[0, 0] + spread[1, 1] - 2 * spread[0, 1]
    )
    assert found.smallest_separable == pytest.approx(1.959964 * found.difference.standard_error)


def test_with_two_scores_the_global_test_is_the_paired_one() -> None:
    """The square of a standard normal is a chi-square of one degree."""
    coarse = np.minimum(RATINGS, 4)

    statistic, degrees, p_value = compare_all(ABNORMAL, [RATINGS, coarse])

    paired = compare(ABNORMAL, RATINGS, coarse)
    assert degrees == 1
    assert statistic == pytest.approx(
        (paired.difference.value / paired.difference.standard_error) ** 2
    )
    assert p_value == pytest.approx(paired.p_value)


def test_three_scores_of_which_two_order_alike_are_refused() -> None:
    with pytest.raises(InvalidInput, match="compare distinct ones"):
        compare_all(ABNORMAL, [RATINGS, np.minimum(RATINGS, 4), RATINGS * 2])


def test_a_score_is_not_compared_with_itself() -> None:
    with pytest.raises(InvalidInput, match="order the cases alike"):
        compare(ABNORMAL, RATINGS, RATINGS * 10)


@pytest.mark.parametrize("outcomes", [[0, 0, 0], [1, 1, 1]])
def test_an_area_needs_cases_and_controls(outcomes: list[int]) -> None:
    with pytest.raises(InvalidInput, match="compares cases with controls"):
        auroc(outcomes, [1, 2, 3])


def test_one_case_tells_no_variance() -> None:
    with pytest.raises(InvalidInput, match="1 cases and 3 controls"):
        auroc([1, 0, 0, 0], [4, 3, 2, 1])


def test_missing_scores_are_refused_with_their_number_and_not_their_value() -> None:
    with pytest.raises(InvalidInput, match="scores holds 1 missing or infinite numbers of 3"):
        auroc([1, 0, 1], [0.5, float("nan"), 0.7])


def test_the_curve_goes_from_corner_to_corner() -> None:
    found = roc_curve([1, 0, 1, 0], [4, 3, 3, 1])

    assert found.false_positive_rates == pytest.approx([0, 0, 0.5, 1])
    assert found.true_positive_rates == pytest.approx([0, 0.5, 1, 1])
    assert found.thresholds == pytest.approx([np.inf, 4, 3, 1])


def test_average_precision_by_hand() -> None:
    """Cases at ranks 1 and 3 of 4: 1/2·1 + 1/2·2/3 = 5/6; no skill would reach 1/2."""
    found = precision_recall([1, 0, 1, 0], [4, 3, 2, 1])

    assert found.area == pytest.approx(5 / 6)
    assert found.no_skill == 0.5


def test_average_precision_has_an_interval_within_its_bounds() -> None:
    """Boyd: √(a(1-a)/cases) on the logit scale."""
    found = auprc([1, 0, 1, 0], [4, 3, 2, 1])

    assert found.standard_error == pytest.approx((5 / 36 / 2) ** 0.5)
    assert 0 < found.interval.low < 5 / 6 < found.interval.high < 1


def test_average_precision_of_persons_scanned_twice_is_known_no_better_than_once() -> None:
    """Drawn whole, 109 persons are 109, however often each was scanned."""
    plan = Plan(seed=1, draws=600)
    persons = np.arange(109)

    once = auprc_by_cluster(ABNORMAL, RATINGS, persons, plan=plan)
    twice = auprc_by_cluster(
        np.tile(ABNORMAL, 2), np.tile(RATINGS, 2), np.tile(persons, 2), plan=plan
    )

    assert once.value == pytest.approx(precision_recall(ABNORMAL, RATINGS).area)
    assert twice.standard_error == pytest.approx(once.standard_error)
    assert once.interval.method == "bca"


def test_a_perfect_average_precision_has_the_exact_interval_of_its_cases() -> None:
    """.025^(1/9): nine cases, all before any control."""
    found = auprc_by_cluster([0] * 5 + [1] * 9, range(14), range(14), plan=Plan(seed=1, draws=600))

    assert (found.value, found.interval.method) == (1.0, "clopper-pearson")
    assert found.interval.low == pytest.approx(0.025 ** (1 / 9))


@pytest.mark.parametrize(
    ("first", "second", "asymptotic", "exact", "mid_p"),
    [(1, 7, 0.0339, 0.0703, 0.0391), (6, 16, 0.0330, 0.0525, 0.0347)],
)
def test_mcnemar_on_the_tables_of_fagerland(
    first: int, second: int, asymptotic: float, exact: float, mid_p: float
) -> None:
    found = mcnemar(first, second)

    assert (found.asymptotic, found.exact, found.mid_p) == pytest.approx(
        (asymptotic, exact, mid_p), abs=PRINTED
    )


def test_where_no_case_is_judged_differently_nothing_is_proved() -> None:
    assert mcnemar(0, 0).mid_p == 1.0


def test_two_readers_of_the_same_cases() -> None:
    difference, tests = compare_correct([1, 1, 1, 0], [1, 0, 0, 0])

    assert difference.value == pytest.approx(0.5)
    assert tests.exact == pytest.approx(0.5)


def test_benjamini_and_hochberg_keep_four_of_their_fifteen_and_holm_three() -> None:
    found = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
        0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
    ]  # fmt: skip

    assert (benjamini_hochberg(found) <= 0.05).sum() == 4
    assert (holm(found) <= 0.05).sum() == 3
