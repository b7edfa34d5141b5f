"""A protocol may ask the intervals that the core gives, by the name that they bear."""

import numpy as np

from ecluse.data.evaluation import (
    accuracy,
    calibration,
    discrimination,
    precision_recall,
    proportions,
)
from ecluse.data.evaluation.bootstrap import Plan, bootstrap
from ecluse.domain.evaluations.measures import METHODS

RANDOM = np.random.default_rng(20261123)
RISKS = RANDOM.uniform(0.05, 0.95, 400)
ILL = RANDOM.uniform(size=400) < RISKS
SITES = np.arange(400) % 40
TABLE = accuracy.TwoByTwo(80, 20, 30, 270)


def drawn(method: str) -> str:
    """The method of the interval that the bootstrap gives to a mean."""
    plan = Plan(seed=1, draws=200, method=method)  # type: ignore[arg-type]

    def mean(weights: np.ndarray) -> np.ndarray:
        return np.array([np.average(RISKS, weights=weights)])

    return bootstrap(mean, SITES, plan=plan).estimate(0).interval.method


def test_every_method_of_a_protocol_is_one_that_the_core_gives() -> None:
    given = {
        proportions.wilson(8, 10).method,
        proportions.clopper_pearson(8, 10).method,
        discrimination.auroc(ILL, RISKS).interval.method,
        discrimination.clustered_auroc(ILL, RISKS, SITES).interval.method,
        precision_recall.auprc(ILL, RISKS).interval.method,
        calibration.weak_calibration(ILL, RISKS).slope.interval.method,
        calibration.weak_calibration(ILL, RISKS, clusters=SITES).slope.interval.method,
        calibration.observed_over_expected(ILL, RISKS).interval.method,
        accuracy.predictive_values_at(TABLE, 0.1)[0].interval.method,
        accuracy.predictive_values_at(TABLE, 0.1, scale="delta")[0].interval.method,
        drawn("bca"),
        drawn("percentile"),
    }

    assert given == METHODS
