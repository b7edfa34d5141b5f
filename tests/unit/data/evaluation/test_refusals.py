"""What cannot be told is refused, in words that say what to do and quote no value of anyone."""

from collections.abc import Callable

import numpy as np
import pytest

from ecluse.data.evaluation import (
    accuracy,
    agreement,
    arrays,
    bootstrap,
    calibration,
    classification,
    conformal,
    drift,
    fairness,
    intervals,
    leaderboard,
    monitoring,
    overlap,
    pooling,
    regression,
    robustness,
    sample_size,
    smoothing,
    subgroups,
    utility,
)
from ecluse.data.evaluation.survival import competing, concordance, cox, curves, prediction
from ecluse.domain.errors import InvalidInput

SECRET = 123.456
RISKS = np.linspace(0.1, 0.9, 30)
ILL = np.arange(30) % 2


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        (lambda: arrays.numbers(["a"]), "no number"),
        (lambda: arrays.numbers([[1.0]]), "one vector"),
        (lambda: arrays.numbers([]), "not empty"),
        (lambda: arrays.numbers([SECRET, np.nan]), "1 missing or infinite"),
        (lambda: arrays.positives([-SECRET]), "1 negative"),
        (lambda: arrays.probabilities([SECRET]), "not between 0 and 1"),
        (lambda: arrays.binary([SECRET]), "must be 0 or 1"),
        (lambda: arrays.labels([]), "not empty"),
        (lambda: arrays.count(2.5, name="draws"), "whole number"),  # type: ignore[arg-type]
        (lambda: intervals.logit(1.0), "proportion is 1"),
        (lambda: intervals.wald(0.5, float("nan")), "standard error"),
        (lambda: intervals.on_log(0.0, 0.1, method="log"), "logarithm"),
        (lambda: accuracy.TwoByTwo(-1, 0, 0, 0), "true positives is -1"),
        (lambda: accuracy.diagnostic_odds_ratio(accuracy.TwoByTwo(1, 1, 0, 0)), "needs both"),
        (lambda: agreement.cohen_kappa([[1, 2, 3]]), "no square table"),
        (lambda: agreement.fleiss_kappa([[1, 1], [1, 2]]), "same number of readers"),
        (lambda: agreement.fleiss_kappa([[2, 0], [2, 0]]), "one category"),
        (lambda: agreement.intraclass([[1.0, 2.0]]), "two cases"),
        (lambda: agreement.intraclass([[1.0, 1.0], [1.0, 1.0]]), "do not vary"),
        (lambda: overlap.dice([1, 0], [1]), "one image"),
        (lambda: overlap.dice([2, 0], [1, 0]), "else than 0 and 1"),
        (lambda: overlap.hausdorff([[1]], [[0]], spacing=[1, 1]), "no distance"),
        (lambda: overlap.hausdorff([[1]], [[1]], spacing=[1]), "2 axes"),
        (lambda: overlap.hausdorff([1], [1], spacing=[1], percentile=0), "Percentile 0"),
        (lambda: classification.span_scores([[1, 2]], bootstrap.Plan(1)), "hits, false alarms"),
        (lambda: classification.span_scores([[0, 2, 1]], bootstrap.Plan(1)), "No span"),
        (lambda: classification.matthews([[1, 2, 3]]), "square table"),
        (lambda: calibration.Bins("equal-width", 1), "bins is 1"),
        (lambda: calibration.observed_over_expected([0, 0], [0.1, 0.2]), "No event"),
        (lambda: calibration.brier([1], [0.4]), "One case"),
        (lambda: calibration.spiegelhalter([0, 1], [0.5, 0.5]), "does not exist"),
        (lambda: calibration.smooth_errors([0, 1, 1], [0.1, 0.1, 0.2]), "2 distinct predictions"),
        (lambda: smoothing.loess(np.ones(5), np.ones(5)), "1 distinct predictions"),
        (lambda: regression.fit_logistic(np.ones((4, 2)), [0, 1, 0, 1]), "tell the same"),
        (
            lambda: regression.fit_logistic(np.ones((4, 1)), [0, 1, 0, 1], clusters=[1, 1, 1, 1]),
            "1 clusters",
        ),
        (lambda: utility.decision_curve([0, 0], [0.1, 0.2], thresholds=[0.1]), "the same"),
        (lambda: conformal.expected_coverage(3, miss=0.1), "3 calibration cases"),
        (lambda: conformal.classification_scores([[0.5, 0.5]], [2]), "from 0 to 1"),
        (lambda: conformal.classification_sets([0.5, 0.5], 0.1), "cases x classes"),
        (lambda: drift.shifts({}, {}), "No variable"),
        (lambda: drift.stability_of_counts([0, 0], [1, 1]), "holds nobody"),
        (lambda: drift.power_of_shift((5, 100), shift=1.0), "window is 5"),
        (lambda: monitoring.Rule(odds_ratio=0.0), "no change"),
        (lambda: monitoring.Rule(odds_ratio=2.0, draws=10), "draws is 10"),
        (lambda: robustness.device_noise([1.0], deviation=-1.0, seed=1), "at least 0"),
        (lambda: robustness.unit_error([1.0], share=1.5, seed=1), "share"),
        (lambda: robustness.leave_one_out(["a", "a"]), "One group alone"),
        (
            lambda: sample_size.development_survival(
                r2=0.1, parameters=1, rate=0, horizon=1, mean_follow_up=1
            ),
            "over 0",
        ),
        (lambda: sample_size.validation_slope(mean=0, deviation=0, width=0.2), "must vary"),
        (lambda: sample_size.validation_ratio(prevalence=0.1, width=0), "width"),
        (lambda: sample_size.accuracy(expected=0.9, margin=0.05, cluster=(0.5, 0)), "one person"),
        (
            lambda: sample_size.validation_concordance(
                concordance=0.8, prevalence=0.1, width=0.00001
            ),
            "ask a wider interval",
        ),
        (lambda: pooling.pool([1.0, 2.0], [0.0, 1.0]), "standard error is 0"),
        (lambda: pooling.pool_ratios([0.0, 1.0], [0.1, 0.1]), "ratio is 0"),
        (lambda: pooling.binned_area([0, 0], [1, 1]), "lack cases or controls"),
        (lambda: pooling.pool_counts([[1, 2], [1]]), "site 1 2, site 2 1"),
        (lambda: leaderboard.Ladder(0.1).submit(float("nan")), "finite"),
        (lambda: leaderboard.Thresholdout(0.0, 1.0, 1, 1), "over 0"),
        (lambda: subgroups.Subgroups(ILL, RISKS, variables={}, threshold=1.0), "threshold is 1"),
        (
            lambda: subgroups.Subgroups(ILL, RISKS, variables={"sex": ["f"]}, threshold=0.5),
            "sex 1",
        ),
        (lambda: fairness.simultaneous(np.ones((300, 2)), np.ones(2), 0.95), "never varies"),
        (lambda: curves.kaplan_meier([-1.0, 2.0], [1, 1]), "negative"),
        (lambda: competing.aalen_johansen([1, 2], [0.5, 1]), "whole numbers"),
        (lambda: competing.aalen_johansen([1, 2], [0, 0]), "Nobody has an event"),
        (lambda: competing.incidence_at([1, 2], [1, 0], horizon=3), "earlier horizon"),
        (lambda: concordance.harrell_c([2, 1], [0, 1], [1, 1, 1]), "Lengths differ"),
        (lambda: concordance.harrell_c([1, 1], [1, 1], [1, 2]), "No two persons"),
        (lambda: concordance.uno_c([1, 2], [1, 1], [1, 2], horizon=0.5), "before the horizon"),
        (
            lambda: concordance.time_dependent_auc([1, 2], [1, 1], [1, 2], horizon=5),
            "needs both",
        ),
        (lambda: cox.fit_cox([1, 2], [1, 1], [1.0, 2.0]), "table of finite"),
        (lambda: prediction.brier_at([1, 2], [1, 1], [0.1, 0.2], horizon=5), "beyond 5"),
        (
            lambda: prediction.integrated_brier([1, 2], [1, 1], [[0.1], [0.2]], at=[1]),
            "two times",
        ),
        (
            lambda: prediction.integrated_brier([1, 2], [1, 1], [[0.1], [0.2]], at=[1, 2]),
            "one column a time",
        ),
        (
            lambda: prediction.calibration_at([1, 2], [1, 1], [0.1, 0.1], horizon=1),
            "no slope",
        ),
    ],
)
def test_what_cannot_be_told_is_refused(refused: Callable[[], object], words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as told:
        refused()

    assert "123" not in str(told.value)
