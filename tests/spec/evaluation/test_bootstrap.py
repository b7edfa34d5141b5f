"""Resampling: what is drawn, how the interval is made, and when it is refused."""

import numpy as np
import pytest

from ecluse.data.evaluation.agreement import kappa_of
from ecluse.data.evaluation.bootstrap import (
    Plan,
    bootstrap,
    bootstrap_counts,
    by_rows,
    mean_difference,
)
from ecluse.domain.errors import InvalidInput

RNG = np.random.default_rng(3)
SKEWED = RNG.exponential(size=60)


def mean(weights: np.ndarray) -> np.ndarray:
    return np.array([weights @ SKEWED / weights.sum()])


def test_the_same_seed_gives_the_same_interval_on_any_number_of_threads() -> None:
    one = bootstrap(mean, np.arange(60), plan=Plan(seed=7, draws=500))
    two = bootstrap(mean, np.arange(60), plan=Plan(seed=7, draws=500, threads=2))

    assert (one.draws == two.draws).all()


def test_another_seed_gives_other_draws() -> None:
    one = bootstrap(mean, np.arange(60), plan=Plan(seed=7, draws=500))
    two = bootstrap(mean, np.arange(60), plan=Plan(seed=8, draws=500))

    assert (one.draws != two.draws).any()


def test_bca_is_that_of_scipy() -> None:
    """Both draw 20,000 times: ends agree to the noise of draws, about .005 here."""
    from scipy.stats import bootstrap as oracle  # noqa: PLC0415 (same name)

    expected = oracle((SKEWED,), np.mean, n_resamples=20_000, rng=np.random.default_rng(1))

    found = bootstrap(mean, np.arange(60), plan=Plan(seed=1, draws=20_000)).estimate(0)

    assert found.interval.method == "bca"
    assert found.interval.low == pytest.approx(expected.confidence_interval.low, abs=0.01)
    assert found.interval.high == pytest.approx(expected.confidence_interval.high, abs=0.01)
    assert found.standard_error == pytest.approx(expected.standard_error, rel=0.02)


def test_rows_of_a_cluster_are_drawn_together() -> None:
    """Each value ten times: as clusters they count for 60 persons, as rows for 600."""
    tenfold = np.repeat(SKEWED, 10)

    def of_rows(weights: np.ndarray) -> np.ndarray:
        return np.array([weights @ tenfold / weights.sum()])

    plan = Plan(seed=1, draws=1000, method="percentile")
    whole = bootstrap(of_rows, np.repeat(np.arange(60), 10), plan=plan).estimate(0)
    rows = bootstrap(of_rows, np.arange(600), plan=plan).estimate(0)

    assert whole.standard_error == pytest.approx(SKEWED.std() / np.sqrt(60), rel=0.1)
    assert rows.standard_error == pytest.approx(SKEWED.std() / np.sqrt(600), rel=0.1)


def test_drawing_counts_is_drawing_cases() -> None:
    """30 of 100: the error of the share is √(.3·.7/100) = .0458 either way."""
    cases = np.repeat([1.0, 0.0], [30, 70])

    def share(weights: np.ndarray) -> np.ndarray:
        return np.array([weights @ cases / weights.sum()])

    plan = Plan(seed=1, draws=4000)
    one = bootstrap(share, np.arange(100), plan=plan).estimate(0)
    two = bootstrap_counts([30, 70], lambda tables: tables[:, :1] / 100, plan=plan).estimate(0)

    assert one.standard_error == pytest.approx(0.0458, rel=0.05)
    assert two.standard_error == pytest.approx(0.0458, rel=0.05)
    assert (two.interval.low, two.interval.high) == pytest.approx(
        (one.interval.low, one.interval.high), abs=0.011
    )


def test_at_the_edge_the_interval_is_the_exact_one_of_the_counts() -> None:
    """All 20 right: every draw says 1; Clopper and Pearson say .8316 to 1."""
    right = np.ones(20)

    def share(weights: np.ndarray) -> np.ndarray:
        return np.array([weights @ right / weights.sum()])

    found = bootstrap(share, np.arange(20), plan=Plan(seed=1)).estimate(0, counts=(20, 20))

    assert found.interval.method == "clopper-pearson"
    assert found.interval.low == pytest.approx(0.8316, abs=5e-5)


def test_at_the_edge_without_counts_no_interval_is_given() -> None:
    found = bootstrap_counts([20, 0], lambda tables: tables[:, :1] / 20, plan=Plan(seed=1))

    with pytest.raises(InvalidInput, match="Every draw gives the same value"):
        found.estimate(0)


def test_a_measure_that_often_does_not_exist_is_not_evaluable() -> None:
    """One case of twenty: over a third of draws hold none."""
    ill = np.arange(20) == 0

    def sensitivity(weights: np.ndarray) -> np.ndarray:
        drawn = weights @ ill
        return np.array([weights @ (ill * 0.5) / drawn if drawn else np.nan])

    found = bootstrap(sensitivity, np.arange(20), plan=Plan(seed=1))

    with pytest.raises(InvalidInput, match="not evaluable"):
        found.estimate(0)


def test_four_clusters_are_too_few() -> None:
    with pytest.raises(InvalidInput, match="4 clusters"):
        bootstrap(mean, np.repeat(np.arange(4), 15), plan=Plan(seed=1))


def test_a_hundred_draws_are_too_few() -> None:
    with pytest.raises(InvalidInput, match="draws is 100"):
        Plan(seed=1, draws=100)


def test_a_paired_difference_is_known_better_than_its_parts() -> None:
    first = RNG.normal(size=200)
    second = first - 0.1 + RNG.normal(scale=0.1, size=200)

    found = mean_difference(first, second, np.arange(200), plan=Plan(seed=1))

    # 1.96·.1/√200 = .014 on each side, where each mean alone is known to ±.14.
    assert found.interval.holds(0.1)
    assert found.interval.width == pytest.approx(0.028, abs=0.004)


def test_any_function_of_rows_can_be_drawn() -> None:
    """Kappa of 50 cases read twice: its bootstrap error is near that of its formula, .127."""
    first = np.repeat([0, 0, 1, 1], [20, 5, 10, 15])
    second = np.repeat([0, 1, 0, 1], [20, 5, 10, 15])

    def kappa(one: np.ndarray, two: np.ndarray) -> float:
        return kappa_of(one, two).value

    found = bootstrap(by_rows(kappa, first, second), np.arange(50), plan=Plan(seed=1, draws=500))

    assert found.estimate(0).value == pytest.approx(0.4)
    assert found.estimate(0).standard_error == pytest.approx(0.127, rel=0.12)
