"""The figures of a report, against answers worked out by hand (see `small`)."""

import dataclasses

import numpy as np
import pytest

from ecluse.data.evaluation.reporting.attesting import Sample
from ecluse.data.evaluation.reporting.steps import Cases
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.parts import Sampling
from ecluse.domain.evaluations.reports import Basis, EvaluationReport, Outcome, Subject
from tests.unit.data.evaluation.reporting import small

PLAN = small.protocol()
LOCK = small.lock(PLAN, small.hub_key())


@pytest.fixture(scope="module")
def made() -> EvaluationReport:
    return small.report(PLAN, LOCK)


@pytest.mark.parametrize(
    ("measure", "at", "value"),
    [
        ("sensitivity", "0.5", "0.700000"),
        ("specificity", "0.5", "0.700000"),
        ("ppv", "0.5", "0.700000"),
        ("f1", "0.5", "0.700000"),
        # .7 / .3
        ("positive-likelihood-ratio", "0.5", "2.333333"),
        # .7 x .05 / (.7 x .05 + .3 x .95)
        ("ppv-at-target", "0.5|0.05", "0.109375"),
        # 200 / (100 x .1 + 100 x .3 + 100 x .6 + 100 x .8)
        ("observed-expected", "", "1.111111"),
        # (140 - 60 x 1) / 400
        ("net-benefit", "0.5", "0.200000"),
        # (180 - 120 x 3/7) / 400
        ("net-benefit", "0.3", "0.321429"),
        # 26,000 pairs well ordered, 8,000 ties, of 40,000
        ("auroc", "", "0.750000"),
        ("auroc-of-steps", "", "0.750000"),
        # (20 x .81 + 80 x .01 + 40 x .49 + 60 x .09 + 60 x .16 + 40 x .36 + 80 x .04 + 20 x .64)
        # / 400
        ("brier", "", "0.205000"),
    ],
)
def test_a_figure_is_what_hand_computes(
    made: EvaluationReport, measure: str, at: str, value: str
) -> None:
    found = made.figure(measure, "all", at)

    assert found is not None
    assert found.value == value


def test_shares_have_the_interval_of_their_counts(made: EvaluationReport) -> None:
    found = made.figure("sensitivity", "all", "0.5")

    # Wilson of 140 of 200.
    assert found is not None
    assert (found.low, found.high, found.method) == ("0.633209", "0.759253", "wilson")
    assert found.basis is Basis.COUNTS


def test_the_claim_is_met_where_the_whole_interval_is_over_it(made: EvaluationReport) -> None:
    # [.701; .793] against .62.
    assert made.headline() is Outcome.MET


def test_the_slope_that_is_surely_too_low_is_said(made: EvaluationReport) -> None:
    # [.575; .928] against .75 to 1.25.
    slope = [one for one in made.findings if one.of == "calibration-slope"]

    assert [one.outcome for one in slope] == [Outcome.INCONCLUSIVE]


def test_in_clusters_no_share_has_the_interval_of_its_counts() -> None:
    population = dataclasses.replace(PLAN.population, cluster="site")
    metrics = dataclasses.replace(
        PLAN.metrics,
        primary=dataclasses.replace(
            PLAN.metrics.primary,
            metric=dataclasses.replace(PLAN.metrics.primary.metric, method="obuchowski-logit"),
        ),
        secondaries=(),
    )
    run = dataclasses.replace(PLAN.run, cluster="site")
    plan = dataclasses.replace(PLAN, population=population, metrics=metrics, run=run)

    found = small.report(plan, small.lock(plan, small.hub_key()), of=small.sample(clusters=True))
    sensitivity = found.figure("sensitivity", "all", "0.5")
    area = found.figure("auroc")

    assert sensitivity is not None
    assert area is not None
    assert (sensitivity.value, sensitivity.basis) == ("0.700000", Basis.ATTESTED)
    assert area.method == "obuchowski-logit"
    assert found.clusters == 100


def test_a_case_control_sample_states_no_raw_predictive_value() -> None:
    population = dataclasses.replace(PLAN.population, sampling=Sampling.CASE_CONTROL)
    plan = dataclasses.replace(PLAN, population=population)

    found = small.report(plan, small.lock(plan, small.hub_key()))

    assert found.figure("ppv", "all", "0.5") is None
    assert found.figure("prevalence") is None
    assert found.figure("ppv-at-target", "all", "0.5|0.05") is not None


def test_failed_cases_rank_at_the_wrong_end() -> None:
    base = small.cases()
    scores = base.scores.copy()
    # The twenty lowest cases fail: they rank under every control.
    scores[:20] = np.nan
    size = scores.size
    groups = {"sex": np.where(np.arange(size) % 2, "women", "men")}
    sample = Sample(Cases.of(base.outcomes, scores), None, groups, {})

    found = small.report(PLAN, LOCK, of=sample)
    area = found.figure("auroc")

    # The ties of those twenty with eighty controls, 800 of 40,000, are lost.
    assert area is not None
    assert area.value == "0.730000"
    assert found.run.failed == "20"


def test_a_few_failures_are_not_counted_aloud() -> None:
    scores = small.cases().scores.copy()
    scores[:3] = np.nan
    sample = Sample(Cases.of(small.cases().outcomes, scores), None, {}, {})

    found = small.report(PLAN, LOCK, of=sample)

    assert found.run.failed == "under 11"


def test_fewer_cases_than_may_be_told_make_no_report() -> None:
    outcomes = [1] * 9 + [0] * 300
    sample = Sample(Cases.of(outcomes, [0.3] * 309), None, {}, {})

    with pytest.raises(InvalidInput, match="Fewer than 11 persons"):
        small.report(PLAN, LOCK, of=sample)


def test_a_group_under_fifty_events_is_not_evaluable() -> None:
    # The first 120 score .1, or .3 and have the outcome: 20 + 20 of them do, 80 do not.
    groups = {"sex": np.where(np.arange(400) < 120, "men", "women")}
    sample = Sample(small.cases(), None, groups, {})

    found = small.report(PLAN, LOCK, of=sample)
    said = {one.of: one.outcome for one in found.findings if one.subject is Subject.SUBGROUP}

    assert said["sex=men"] is Outcome.NOT_EVALUABLE
    assert found.figure("auroc", "sex=men") is None


def test_a_group_under_the_floor_of_its_protocol_is_not_evaluable() -> None:
    # Both sexes have two hundred, half of them with the outcome.
    sex = dataclasses.replace(PLAN.subgroups[0], least_cases=201)
    plan = dataclasses.replace(PLAN, subgroups=(sex,))

    found = small.report(plan, small.lock(plan, small.hub_key()))
    said = {one.of: one.outcome for one in found.findings if one.subject is Subject.SUBGROUP}

    assert said == {
        "sex=men": Outcome.NOT_EVALUABLE,
        "sex=women": Outcome.NOT_EVALUABLE,
    }
    assert found.gaps == ()


def test_a_perturbation_that_reverses_the_scores_loses_what_hand_computes() -> None:
    base = small.cases()
    plan = dataclasses.replace(PLAN, robustness=(small.missing(),))
    sample = dataclasses.replace(small.sample(), perturbed={"missing": 1.0 - base.scores})

    found = small.report(plan, small.lock(plan, small.hub_key()), of=sample)

    # .75 becomes .25.
    assert [(one.clean, one.perturbed, one.value) for one in found.losses] == [
        ("0.750000", "0.250000", "0.500000")
    ]
    assert [one.outcome for one in found.findings if one.subject is Subject.ROBUSTNESS] == [
        Outcome.NOT_MET
    ]
