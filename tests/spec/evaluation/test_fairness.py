"""Gaps between subgroups, and what a perturbation costs."""

import numpy as np
import pytest

from ecluse.data.evaluation.bootstrap import Plan
from ecluse.data.evaluation.discrimination import area
from ecluse.data.evaluation.fairness import study
from ecluse.data.evaluation.robustness import (
    Trial,
    broken_lines,
    device_noise,
    leave_one_out,
    loss,
    missing_at_random,
    optical_noise,
    substituted,
    unit_error,
    without_accents,
)
from ecluse.data.evaluation.subgroups import Subgroups
from ecluse.domain.errors import InvalidInput

RNG = np.random.default_rng(11)
SIZE = 4000
LINEAR = RNG.normal(-0.5, 1.2, SIZE)
ILL = RNG.random(SIZE) < 1 / (1 + np.exp(-LINEAR))
RISKS = 1 / (1 + np.exp(-LINEAR))
SITE = RNG.choice(list("abcdef"), SIZE)
PLAN = Plan(seed=1, draws=400, method="percentile")
# At site f the machine gives noise: the model knows nothing there.
BROKEN = np.where(SITE == "f", RNG.permutation(RISKS), RISKS)


def site_study(risks: np.ndarray):
    subgroups = Subgroups(ILL, risks, variables={"site": SITE}, threshold=0.4)
    return study(subgroups, np.arange(SIZE), plan=PLAN)


def test_where_no_site_differs_no_gap_is_surely_over_zero() -> None:
    """The largest of fifteen gaps is not 0, and chance alone explains it."""
    found = site_study(RISKS).gaps("site", "auroc")

    assert found.largest.value > 0.02
    assert found.largest.interval.low == 0.0
    assert min(gap.p_value for gap in found.pairs) > 0.05
    assert found.corrected < found.largest.value


def test_a_site_where_the_model_knows_nothing_is_found() -> None:
    found = site_study(BROKEN).gaps("site", "auroc")
    guilty = [
        gap
        for gap in found.pairs
        if gap.p_value < 0.05 and "f" in (gap.first.label, gap.second.label)
    ]

    assert found.largest.value == pytest.approx(0.3, abs=0.07)
    assert found.largest.interval.low > 0.15
    assert len(guilty) == 5
    assert all(gap.p_value > 0.05 for gap in found.pairs if gap not in guilty)


def test_simultaneous_intervals_are_wider_than_one_alone() -> None:
    """Fifteen pairs at once: about 2.9 errors on each side instead of 1.96."""
    gap = site_study(RISKS).gaps("site", "brier").pairs[0].difference

    errors = (gap.interval.high - gap.value) / gap.standard_error
    assert 2.5 < errors < 3.4


def test_a_group_of_under_fifty_events_is_not_evaluable() -> None:
    group = np.where(np.arange(SIZE) < 60, "few", np.where(np.arange(SIZE) < 2000, "x", "y"))
    found = study(
        Subgroups(ILL, RISKS, variables={"group": group}, threshold=0.4), np.arange(SIZE), plan=PLAN
    )
    few = next(one for one in found.groups if one.label == "few")

    assert found.estimate(few, "auroc") is None
    assert found.gaps("group", "auroc").left_out == (few,)


def test_two_groups_are_needed_for_a_gap() -> None:
    group = np.where(np.arange(SIZE) < 60, "few", "many")
    found = study(
        Subgroups(ILL, RISKS, variables={"group": group}, threshold=0.4), np.arange(SIZE), plan=PLAN
    )

    with pytest.raises(InvalidInput, match="does not mean there is none"):
        found.gaps("group", "auroc")


def test_each_group_has_each_measure_with_its_interval() -> None:
    found = site_study(RISKS)
    everyone = found.groups[0]

    assert (everyone.label, everyone.cases) == ("all", SIZE)
    estimate = found.estimate(everyone, "auroc")
    assert estimate is not None
    assert estimate.value == pytest.approx(area(ILL, RISKS))
    assert estimate.interval.low < estimate.value < estimate.interval.high


def test_a_test_that_never_misses_in_a_group_has_the_exact_interval() -> None:
    """All ill are called: .025^(1/n) to 1, where every draw says 1."""
    called = np.where(ILL, 0.9, RISKS)
    subgroups = Subgroups(ILL, called, variables={"site": SITE}, threshold=0.4)

    found = study(subgroups, np.arange(SIZE), plan=PLAN)

    group = found.groups[1]
    estimate = found.estimate(group, "sensitivity")
    assert estimate is not None
    assert estimate.interval.method == "clopper-pearson"
    assert estimate.interval.low == pytest.approx(0.025 ** (1 / group.events))


def test_with_clusters_no_exact_interval_is_given() -> None:
    called = np.where(ILL, 0.9, RISKS)
    subgroups = Subgroups(ILL, called, variables={"site": SITE}, threshold=0.4)

    found = study(subgroups, np.arange(SIZE) // 2, plan=PLAN)

    with pytest.raises(InvalidInput, match="Every draw gives the same value"):
        found.estimate(found.groups[1], "sensitivity")


def weighted_brier(truth: np.ndarray, risks: np.ndarray, weights: np.ndarray) -> float:
    return -float(weights @ (truth - risks) ** 2 / weights.sum())


def test_a_unit_error_costs_what_it_costs_with_a_paired_interval() -> None:
    """One row in ten times a thousand: those risks become 1 or 0."""
    wrong = 1 / (1 + np.exp(-np.clip(unit_error(LINEAR, share=0.1, seed=1), -50, 50)))

    found = loss(
        Trial("unit error, 10 %", ILL, RISKS, wrong, tolerated=0.005), weighted_brier, plan=PLAN
    )

    assert found.loss.value == pytest.approx(found.clean - found.perturbed)
    assert found.loss.interval.low > 0.005
    assert not found.holds


def test_a_loss_holds_only_if_its_whole_interval_is_tolerated() -> None:
    noisy = 1 / (1 + np.exp(-device_noise(LINEAR, deviation=0.05, seed=1)))
    trial = Trial("noise", ILL, RISKS, noisy, tolerated=0.005)

    found = loss(trial, weighted_brier, plan=PLAN)

    assert found.holds
    assert found.loss.interval.high < 0.005


def test_a_perturbation_that_changes_no_prediction_loses_nothing() -> None:
    found = loss(Trial("accents", ILL, RISKS, RISKS, tolerated=0.0), weighted_brier, plan=PLAN)

    assert found.loss.value == 0.0
    assert found.holds


def test_a_share_of_rows_is_missing_the_same_rows_for_the_same_seed() -> None:
    one = missing_at_random(LINEAR, share=0.3, seed=4)
    two = missing_at_random(LINEAR, share=0.3, seed=4)

    assert np.isnan(one).mean() == pytest.approx(0.3, abs=0.03)
    assert (np.isnan(one) == np.isnan(two)).all()


def test_texts_are_perturbed_in_named_ways() -> None:
    assert without_accents("Œdème à côté, garçon") == "OEdeme a cote, garcon"
    assert broken_lines("abcdef\ngh", width=4) == "abcd\nef\ngh"
    assert substituted("Marie voit Jean", {"Marie": "Jean", "Jean": "Marie"}) == "Jean voit Marie"
    assert substituted("hypertension artérielle.", {"hypertension": "HTA"}) == "HTA artérielle."
    assert optical_noise("dose 10 mg", share=1.0, seed=1) == "d0sc lO rng"
    assert optical_noise("dose 10 mg", share=0.0, seed=1) == "dose 10 mg"


def test_each_site_is_left_out_in_turn() -> None:
    found = leave_one_out(["x", "y", "x"])

    assert [(name, rows.tolist()) for name, rows in found] == [
        ("x", [False, True, False]),
        ("y", [True, False, True]),
    ]
