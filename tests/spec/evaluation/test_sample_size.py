"""How many persons a study needs.

Sources: Riley and others, BMJ 2020;368:m441, as in the help of R's pmsampsize (development, binary
and survival). Riley and others, Stat Med 2021;40:4230, and Archer and others 2021 (validation; the
slope criterion was simulated there and is integrated here: 1 %). Buderer 1996. Others: exact.
"""

import pytest

from ecluse.data.evaluation.proportions import upper_bound
from ecluse.data.evaluation.sample_size import (
    accuracy,
    concordance_error,
    development,
    development_continuous,
    development_survival,
    largest_r2,
    trials_for_bound,
    validation_concordance,
    validation_ratio,
    validation_slope,
)
from ecluse.domain.errors import InvalidInput


def test_development_with_24_parameters() -> None:
    found = development(r2=0.288, parameters=24, prevalence=0.174)

    assert list(found.by_criterion.values()) == [623, 662, 221]
    assert found.persons == 662
    assert largest_r2(0.174) == pytest.approx(0.6032, abs=5e-5)


def test_development_over_time_with_30_parameters() -> None:
    found = development_survival(
        r2=0.051, parameters=30, rate=0.065, horizon=2.0, mean_follow_up=2.07
    )

    assert found.persons == 5143
    assert found.by_criterion["optimism of R²"] == 1039


def test_development_of_a_linear_model_with_25_parameters() -> None:
    """Lung function of Riley 2019: mean 1.9, deviation .6, R² .2."""
    found = development_continuous(r2=0.2, parameters=25, mean=1.9, deviation=0.6)

    assert list(found.by_criterion.values())[:3] == [918, 401, 259]
    assert found.persons == 918


def test_the_verdict_names_what_lacks() -> None:
    found = development(r2=0.288, parameters=24, prevalence=0.174)

    assert found.verdict(640) == ("640 persons are too few for optimism of R²: 662 are needed.")
    assert found.verdict(662) == "662 persons are enough: 662 are needed."


def test_an_r2_beyond_what_the_outcome_allows_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"under 0\.603"):
        development(r2=0.7, parameters=24, prevalence=0.174)


@pytest.mark.parametrize(("prevalence", "width", "persons"), [(0.22, 0.2, 1364), (0.018, 1.0, 905)])
def test_validation_of_observed_over_expected(
    prevalence: float, width: float, persons: int
) -> None:
    assert validation_ratio(prevalence=prevalence, width=width) == persons


@pytest.mark.parametrize(("mean", "deviation", "persons"), [(-1.75, 1.47, 2405), (-5.0, 2.5, 4544)])
def test_validation_of_the_slope(mean: float, deviation: float, persons: int) -> None:
    found = validation_slope(mean=mean, deviation=deviation, width=0.2)

    assert found == pytest.approx(persons, rel=0.01)


@pytest.mark.parametrize(
    ("concordance", "prevalence", "persons"), [(0.82, 0.22, 400), (0.8, 0.018, 4252)]
)
def test_validation_of_the_c_statistic(concordance: float, prevalence: float, persons: int) -> None:
    found = validation_concordance(concordance=concordance, prevalence=prevalence, width=0.1)

    assert found == persons


def test_the_number_found_for_c_is_the_least() -> None:
    enough = concordance_error(0.82, persons=400, prevalence=0.22)
    lacking = concordance_error(0.82, persons=399, prevalence=0.22)

    assert enough <= 0.1 / (2 * 1.959964) < lacking


@pytest.mark.parametrize(("expected", "margin", "persons"), [(0.90, 0.05, 139), (0.95, 0.03, 203)])
def test_a_sensitivity_known_to_a_margin(expected: float, margin: float, persons: int) -> None:
    assert accuracy(expected=expected, margin=margin) == persons


def test_persons_to_recruit_follow_prevalence_and_clusters() -> None:
    """138.3 ill; one in ten: 1,383 persons; clusters of 11 with .1: twice as many."""
    assert accuracy(expected=0.9, margin=0.05, prevalence=0.1) == 1383
    assert accuracy(expected=0.9, margin=0.05, prevalence=0.1, cluster=(11, 0.1)) == 2766


@pytest.mark.parametrize(
    ("rate", "trials"),
    [
        (0.03, [99, 157, 208, 257, 348, 562]),
        (0.01, [299, 473, 628, 773, 1049, 1693]),
        (0.001, [2995, 4742, 6294, 7752, 10511, 16959]),
    ],
)
def test_trials_that_prove_a_rate_in_spite_of_failures(rate: float, trials: list[int]) -> None:
    found = [trials_for_bound(failures, rate=rate) for failures in (0, 1, 2, 3, 5, 10)]

    assert found == trials


def test_trials_and_upper_bound_say_the_same() -> None:
    assert upper_bound(3, 773) <= 0.01 < upper_bound(3, 772)
