"""Attacks on a model, on numbers small enough to be worked out by hand."""

import numpy as np
import pytest

from ecluse.data.evaluation.privacy import attacks
from ecluse.domain.errors import InvalidInput


def test_confidence_is_the_probability_given_to_what_happened() -> None:
    assert attacks.confidence([0.9, 0.9, 0.2], [1, 0, 0]).round(6).tolist() == [0.9, 0.1, 0.8]


def test_membership_counts_the_pairs_in_which_the_member_is_surer() -> None:
    """Of 3 x 2 pairs, (.9, .8, .6) over (.7, .5): 2 + 2 + 1 = 5 of 6."""
    found = attacks.membership([0.9, 0.8, 0.6], [0.7, 0.5])

    assert round(found.value, 6) == round(5 / 6, 6)
    assert found.interval.low < found.value < found.interval.high


def shadows(count: int, persons: int, *, gap: float) -> tuple[np.ndarray, np.ndarray]:
    """Models in which whoever is in is surer by `gap`, on the logit scale; each half drawn once."""
    draw = np.random.default_rng(3)
    was_in = np.array([draw.permutation(persons) < persons // 2 for _ in range(count // 2)])
    was_in = np.concatenate([was_in, ~was_in])
    scores = draw.normal(0.0, 0.3, was_in.shape) + gap * was_in
    return 1.0 / (1.0 + np.exp(-scores)), was_in


def test_likelihood_ratios_recognise_members_of_a_model_that_learnt_them() -> None:
    told, was_in = shadows(32, 2000, gap=3.0)

    found = attacks.lira(told[0], was_in[0], told[1:], was_in[1:])

    assert found.recognised.value > 0.95
    assert found.area.value > 0.99
    assert found.false_alarms <= 0.001


def test_likelihood_ratios_recognise_nobody_of_a_model_that_learnt_no_one() -> None:
    told, was_in = shadows(32, 2000, gap=0.0)

    found = attacks.lira(told[0], was_in[0], told[1:], was_in[1:])

    assert found.recognised.value < 0.01
    assert abs(found.area.value - 0.5) < 0.04


def test_likelihood_ratios_ask_for_enough_models_and_for_both_sides_of_each_person() -> None:
    told, was_in = shadows(32, 100, gap=1.0)

    with pytest.raises(InvalidInput, match="4 shadow models: 8 at least"):
        attacks.lira(told[0], was_in[0], told[:4], was_in[:4])
    with pytest.raises(InvalidInput, match="was in all shadow models, or in none"):
        attacks.lira(told[0], was_in[0], told[1:9], np.ones((8, 100), bool))


def test_an_attribute_that_the_model_knows_of_members_alone_is_found() -> None:
    """Members are those of index under 200: of them, and only them, the model knows column 1."""
    draw = np.random.default_rng(1)
    rows = np.column_stack([np.arange(400), draw.integers(0, 2, 400), draw.integers(0, 2, 400)])
    rows = rows.astype(float)
    outcomes = np.ones(400)
    secret = rows[:, 1].copy()

    def predict(asked: np.ndarray) -> np.ndarray:
        who = asked[:, 0].astype(int)
        is_right = asked[:, 1] == secret[who]
        return np.where((who < 200) & is_right, 0.9, 0.5)

    found = attacks.attribute(
        predict,
        (rows[:200], outcomes[:200]),
        (rows[200:], outcomes[200:]),
        positions=(1, 2),
    )

    assert found.position == 1
    assert found.advantage.value > 0.4
    assert found.advantage.interval.low > 0.3


def test_an_attribute_of_one_level_cannot_be_guessed() -> None:
    rows = np.ones((5, 1))

    with pytest.raises(InvalidInput, match="No attribute has two levels"):
        attacks.attribute(
            lambda asked: np.full(len(asked), 0.5),
            (rows, np.ones(5)),
            (rows, np.ones(5)),
            positions=(0,),
        )
