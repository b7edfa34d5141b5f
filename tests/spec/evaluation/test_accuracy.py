"""The 2x2 table of a test.

Source of figures: Altman and Bland, BMJ 1994;308:1552 and 309:102 (liver scans). Tolerance: half of
the last digit printed.
"""

import pytest

from ecluse.data.evaluation.accuracy import (
    TwoByTwo,
    diagnostic_odds_ratio,
    negative_likelihood_ratio,
    negative_predictive_value,
    overall_accuracy,
    positive_likelihood_ratio,
    positive_predictive_value,
    predictive_values_at,
    prevalence,
    rogan_gladen,
    sensitivity,
    specificity,
    tabulate,
)
from ecluse.data.evaluation.intervals import Estimate
from ecluse.data.evaluation.proportions import proportion
from ecluse.domain.errors import InvalidInput

LIVER = TwoByTwo(231, 27, 32, 54)
PICKED = TwoByTwo(231, 27, 32, 54, design="case-control")
PRINTED = 5e-5


def ends(found: Estimate) -> tuple[float, float]:
    return found.interval.low, found.interval.high


def test_sensitivity_and_specificity_of_the_liver_scans() -> None:
    se, sp = sensitivity(LIVER), specificity(LIVER)

    assert (se.value, sp.value) == pytest.approx((0.8953, 0.6279), abs=PRINTED)
    assert ends(se) == pytest.approx((0.8520, 0.9271), abs=PRINTED)
    assert ends(sp) == pytest.approx((0.5223, 0.7225), abs=PRINTED)


def test_predictive_values_of_the_liver_scans() -> None:
    assert positive_predictive_value(LIVER).value == pytest.approx(0.8783, abs=PRINTED)
    assert negative_predictive_value(LIVER).value == pytest.approx(0.6667, abs=PRINTED)
    assert overall_accuracy(LIVER).value == pytest.approx(0.8285, abs=PRINTED)
    assert prevalence(LIVER).value == pytest.approx(0.75)


def test_likelihood_ratios_of_the_liver_scans() -> None:
    """LR+ = (231/258)/(32/86) = 2.40625, LR- = (27/258)/(54/86) = 1/6."""
    plus, minus = positive_likelihood_ratio(LIVER), negative_likelihood_ratio(LIVER)

    assert (plus.value, minus.value) == pytest.approx((2.40625, 1 / 6))
    # exp(ln 2.40625 ± 1.96·√(1/231 - 1/258 + 1/32 - 1/86))
    assert (plus.interval.low, plus.interval.high) == pytest.approx((1.8228, 3.1765), abs=PRINTED)
    assert not plus.corrected


def test_the_odds_ratio_of_the_liver_scans() -> None:
    """231·54/(27·32) = 14.4375."""
    assert diagnostic_odds_ratio(LIVER).value == pytest.approx(14.4375)


def test_a_ratio_over_an_empty_cell_says_that_it_was_corrected() -> None:
    """(10.5/11)/(0.5/11) = 21."""
    found = positive_likelihood_ratio(TwoByTwo(10, 0, 0, 10))

    assert found.corrected
    assert found.value == pytest.approx(21.0)


def test_predictive_values_follow_the_prevalence_of_the_population_to_serve() -> None:
    """At a prevalence of one in four: .45 and .95 (BMJ 309:102)."""
    plus, minus = predictive_values_at(LIVER, 0.25)

    assert (plus.value, minus.value) == pytest.approx((0.4451, 0.9474), abs=PRINTED)


def test_at_the_prevalence_of_the_sample_bayes_gives_back_the_raw_values() -> None:
    plus, minus = predictive_values_at(LIVER, 0.75)

    assert plus.value == pytest.approx(231 / 263)
    assert minus.value == pytest.approx(54 / 81)


def test_the_delta_interval_is_centred_and_the_logit_interval_is_not() -> None:
    plain, _ = predictive_values_at(LIVER, 0.25, scale="delta")
    logit, _ = predictive_values_at(LIVER, 0.25)

    assert plain.value - plain.interval.low == pytest.approx(plain.interval.high - plain.value)
    assert ends(plain) == pytest.approx((0.3765, 0.5137), abs=PRINTED)
    assert ends(logit) == pytest.approx((0.3780, 0.5143), abs=PRINTED)


@pytest.mark.parametrize(
    "measure",
    [positive_predictive_value, negative_predictive_value, overall_accuracy, prevalence],
)
def test_what_depends_on_prevalence_is_refused_for_a_case_control_sample(measure) -> None:
    with pytest.raises(InvalidInput, match="case-control"):
        measure(PICKED)


def test_sensitivity_and_predictive_values_at_a_target_are_given_for_a_case_control_sample() -> (
    None
):
    assert sensitivity(PICKED) == sensitivity(LIVER)
    assert predictive_values_at(PICKED, 0.25) == predictive_values_at(LIVER, 0.25)


def test_a_test_that_never_errs_has_no_standard_error_at_a_target() -> None:
    with pytest.raises(InvalidInput, match="exact bounds"):
        predictive_values_at(TwoByTwo(10, 0, 3, 7), 0.1)


def test_sensitivity_without_anyone_ill_is_refused() -> None:
    with pytest.raises(InvalidInput, match="denominator of sensitivity"):
        sensitivity(TwoByTwo(0, 0, 3, 7))


def test_an_imperfect_standard_is_corrected() -> None:
    """Seen .25 with sensitivity .9 and specificity .95: (.25 + .95 - 1)/.85 = .2353."""
    found = rogan_gladen(proportion(25, 100), sensitivity=0.9, specificity=0.95)

    assert found.value == pytest.approx(0.2353, abs=PRINTED)
    assert found.interval.method == "rogan-gladen of wilson"


def test_a_standard_no_better_than_chance_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no better than chance"):
        rogan_gladen(proportion(25, 100), sensitivity=0.5, specificity=0.5)


def test_a_score_at_the_threshold_is_called() -> None:
    found = tabulate([1, 1, 0, 0], [0.5, 0.4, 0.5, 0.4], threshold=0.5)

    assert found == TwoByTwo(1, 1, 1, 1)
