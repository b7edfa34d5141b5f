"""What may be shown of a held-out set.

Source: the boosting attack of Blum and Hardt, ICML 2015: k submissions drawn at random against
n random labels, then the majority of those that the board called good. The true error is 1/2.
"""

import numpy as np
import pytest

from ecluse.data.evaluation.discrimination import area, compare
from ecluse.data.evaluation.leaderboard import (
    Ladder,
    PairedLadder,
    ParameterFreeLadder,
    Thresholdout,
    bands,
    recommended_step,
)
from ecluse.domain.errors import InvalidInput, NotAllowed

CASES, SUBMISSIONS = 4000, 2000


class Attack:
    """Random labels, random attempts at them, and what an attacker makes of a board's answers."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.labels = rng.integers(0, 2, CASES, np.int8)
        self.attempts = rng.integers(0, 2, (SUBMISSIONS, CASES), np.int8)
        self.errors = (self.attempts != self.labels).mean(axis=1)

    def majority_error(self, good: np.ndarray) -> float:
        """The error on the held-out set of the majority of the attempts that the board praised."""
        return float(((self.attempts[good].mean(axis=0) > 0.5) != self.labels).mean())

    def against(self, ladder: Ladder) -> float:
        """What the board shows in the end; the attacker keeps the attempts that moved it."""
        shown = np.array([ladder.submit(error) for error in self.errors])
        moved = np.append(True, shown[1:] < shown[:-1])
        return ladder.submit(self.majority_error(moved))


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_a_naive_board_is_off_by_more_than_a_tenth(seed: int) -> None:
    """Attempts shown under 1/2 are kept: their majority seems to err in about a third."""
    attack = Attack(seed)

    published = attack.majority_error(attack.errors < 0.5)

    assert 0.5 - published > 0.10
    assert published == pytest.approx(0.344, abs=0.02)


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_the_ladder_stays_within_two_hundredths_of_the_truth(seed: int) -> None:
    step = recommended_step(CASES, submissions=SUBMISSIONS)

    published = Attack(seed).against(Ladder(step))

    assert abs(published - 0.5) < 0.02


@pytest.mark.parametrize(("step", "shown"), [(0.01, 0.478), (0.02, 0.480)])
def test_a_finer_step_lets_chance_through_up_to_its_largest(step: float, shown: float) -> None:
    """The least of 2,000 errors is about 1/2 - 3.3·.0079 = .474; means over five draws."""
    published = [Attack(seed).against(Ladder(step)) for seed in (1, 2, 3, 4, 5)]

    assert np.mean(published) == pytest.approx(shown, abs=0.008)


def test_the_parameter_free_ladder_stays_near_the_truth() -> None:
    attack, ladder = Attack(1), ParameterFreeLadder()
    shown = [ladder.submit(attempt != attack.labels) for attempt in attack.attempts]

    assert shown[-1] == pytest.approx(0.479, abs=0.01)


def test_the_recommended_step_is_what_chance_reaches() -> None:
    """1/2·√(2·ln 2000/4000) = .0308, where the least of the random errors is 1/2 - .026 or so."""
    step = recommended_step(CASES, submissions=SUBMISSIONS)

    assert step == pytest.approx(0.0308, abs=5e-5)
    assert 0.5 - Attack(1).errors.min() < step


def test_the_ladder_moves_only_for_a_sure_step_and_shows_it_rounded() -> None:
    ladder = Ladder(0.05)

    assert ladder.submit(0.31) == pytest.approx(0.30)
    assert ladder.submit(0.27) == pytest.approx(0.30)
    assert ladder.submit(0.24) == pytest.approx(0.25)
    assert ladder.submit(0.40) == pytest.approx(0.25)


def test_a_ladder_of_areas_moves_by_their_paired_error() -> None:
    """The first score is shown; the same with a hair of noise is not; a far better one is."""
    rng = np.random.default_rng(1)
    outcomes = np.repeat([0, 1], 200)
    weak = outcomes + rng.normal(scale=2.0, size=400)
    hair = weak + rng.normal(scale=0.001, size=400)
    strong = outcomes + rng.normal(scale=0.5, size=400)

    def judge(new, best):
        value = area(outcomes, new)
        found = compare(outcomes, new, best) if best is not None else None
        gap = found.difference if found else None
        return value, gap.value if gap else 0.0, gap.standard_error if gap else 0.0

    ladder = PairedLadder(judge)
    shown = [ladder.submit(scores) for scores in (weak, hair, strong)]

    assert shown[0] == shown[1] == pytest.approx(area(outcomes, weak))
    assert shown[2] == pytest.approx(area(outcomes, strong))


def test_thresholdout_answers_from_the_training_set_while_both_agree() -> None:
    board = Thresholdout.of(10_000, budget=3, seed=1)

    assert board.ask(0.70, 0.7001) == 0.70
    assert board.budget == 3


def test_thresholdout_spends_its_budget_where_they_do_not() -> None:
    """Far apart: the held-out mean, with noise of scale 1/100; then nothing more."""
    board = Thresholdout.of(10_000, budget=1, seed=1)

    assert board.ask(0.95, 0.60) == pytest.approx(0.60, abs=0.08)
    with pytest.raises(NotAllowed, match="budget of this held-out slice is spent"):
        board.ask(0.95, 0.60)


def test_systems_that_cannot_be_told_apart_share_a_band() -> None:
    """Three systems: .90 and .89 are not separable, .70 is from both."""
    p_values = {(0, 1): 0.6, (0, 2): 0.001, (1, 2): 0.002}

    found = bands([0.90, 0.89, 0.70], lambda a, b: p_values[min(a, b), max(a, b)])

    assert found == (1, 1, 2)


def test_holm_is_applied_to_bands() -> None:
    """.03 for each of three pairs: alone each would separate, together none does."""
    assert bands([3.0, 2.0, 1.0], lambda _a, _b: 0.03) == (1, 1, 1)


def test_a_ladder_without_a_step_is_refused() -> None:
    with pytest.raises(InvalidInput, match="over 0"):
        Ladder(0.0)
