"""What an adversary guesses from the answers of a model: who trained it, what a value was.

Sources: Yeom et al., IEEE CSF 2018 (confidence, advantage). Carlini et al., Membership Inference
Attacks From First Principles, IEEE S&P 2022 (LiRA). Fredrikson et al., ACM CCS 2015 (attributes).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import logit
from scipy.stats import norm

from ecluse.data.evaluation import arrays, discrimination, proportions
from ecluse.data.evaluation.arrays import Bools, Floats, Values
from ecluse.data.evaluation.intervals import LEVEL, Estimate, Interval
from ecluse.domain.errors import InvalidInput

FALSE_ALARMS: Final = 0.001
"""The share of others taken for members at which LiRA is read."""
LEAST_SHADOWS: Final = 8
CLIP: Final = 1e-6
LEAST_SPREAD: Final = 1e-3
MOST_LEVELS: Final = 10
QUANTILES: Final = (0.1, 0.3, 0.5, 0.7, 0.9)


def confidence(probabilities: Values, outcomes: Values) -> Floats:
    """Return the probability that a model gave to what happened: p for 1, 1 - p for 0."""
    p = arrays.probabilities(probabilities)
    truth = arrays.binary(outcomes)
    arrays.same_length(probabilities=p, outcomes=truth)
    return np.asarray(np.where(truth, p, 1.0 - p))


def membership(members: Values, others: Values) -> Estimate:
    """Return the area by which confidence tells members from others: .5 tells nothing.

    Raises:
        InvalidInput: fewer than two members or two others.
    """
    inside, outside = arrays.numbers(members), arrays.numbers(others)
    truth = np.concatenate([np.ones(inside.size), np.zeros(outside.size)])
    return discrimination.auroc(truth, np.concatenate([inside, outside]))


@dataclass(frozen=True, slots=True)
class Lira:
    """Members recognised when `false_alarms` of the others are taken for some; the whole area."""

    recognised: Estimate
    false_alarms: float
    area: Estimate


def lira(target: Values, is_member: Values, shadows: Floats, was_in: Bools) -> Lira:
    """Return what the likelihood ratio recognises.

    `target`: confidence of the model in each person's outcome. `shadows` (models x persons): the
    same of models trained alike on halves drawn at random, and `was_in` who was in each half. Each
    person has a normal law of confidences in, and out, on the logit scale; spreads are pooled
    over persons, as for few models.

    Raises:
        InvalidInput: too few shadow models, or shapes that differ.
    """
    scores, truth = _on_logit(arrays.numbers(target)), arrays.both_classes(is_member)
    if shadows.shape != was_in.shape or shadows.shape[1:] != scores.shape:
        raise InvalidInput(f"Shadows of shape {shadows.shape} for {scores.size} persons.")
    if len(shadows) < LEAST_SHADOWS:
        raise InvalidInput(f"{len(shadows)} shadow models: {LEAST_SHADOWS} at least.")
    found = _on_logit(shadows)
    inside, spread_in = _law(found, was_in)
    outside, spread_out = _law(found, ~was_in)
    ratio = norm.logpdf(scores, inside, spread_in) - norm.logpdf(scores, outside, spread_out)
    recognised, alarms = _at(ratio, truth)
    return Lira(recognised, alarms, discrimination.auroc(truth, ratio))


def _law(found: Floats, kept: Bools) -> tuple[Floats, float]:
    """Return the mean confidence of each person where `kept`, and the spread of all around it."""
    counts = kept.sum(axis=0)
    if (counts == 0).any():
        raise InvalidInput("A person was in all shadow models, or in none: train more of them.")
    means = np.where(kept, found, 0.0).sum(axis=0) / counts
    spread = float(np.sqrt((np.where(kept, found - means, 0.0) ** 2).sum() / counts.sum()))
    return means, max(spread, LEAST_SPREAD)


def _at(ratio: Floats, truth: Bools) -> tuple[Estimate, float]:
    """Return the share of members over the ratio that so few others pass, with its interval."""
    others = np.sort(ratio[~truth])[::-1]
    passing = int(FALSE_ALARMS * others.size)
    cut = others[passing]  # the first other that must not pass
    hits, members = int((ratio[truth] > cut).sum()), int(truth.sum())
    exact = proportions.clopper_pearson(hits, members)
    return Estimate(hits / members, exact), float((others > cut).mean())


def _on_logit(shares: Floats) -> Floats:
    return np.asarray(logit(np.clip(shares, CLIP, 1.0 - CLIP)))


Predict = Callable[[Floats], Floats]
"""Rows of features to the probability of the outcome."""


@dataclass(frozen=True, slots=True)
class Guessed:
    """How much better an attribute is guessed of members than of others."""

    position: int
    advantage: Estimate


def attribute(
    predict: Predict,
    members: tuple[Floats, Values],
    others: tuple[Floats, Values],
    *,
    positions: Sequence[int],
) -> Guessed:
    """Return the attribute that is guessed best of members, compared with others.

    The adversary knows the outcome and all other features of a person; he tries each level of the
    attribute and keeps the one that makes the model surest of the outcome, weighed by how frequent
    the level is. A number has five levels, by quantile. The interval holds for all attributes
    tried together (Bonferroni).

    Raises:
        InvalidInput: no attribute has two levels.
    """
    level = 1.0 - (1.0 - LEVEL) / max(1, len(positions))
    found = []
    for position in positions:
        levels = _levels(members[0][:, position])
        if len(levels) > 1:
            counts = [
                _right(predict, rows, outcomes, position, levels)
                for rows, outcomes in (members, others)
            ]
            gap = proportions.difference(counts[0], counts[1], level=level)
            found.append(Guessed(position, gap))
    if not found:
        raise InvalidInput("No attribute has two levels: name one that could be guessed.")
    return max(found, key=lambda one: one.advantage.value)


def _levels(column: Floats) -> Floats:
    known = column[np.isfinite(column)]
    distinct = np.unique(known)
    if distinct.size <= MOST_LEVELS:
        return distinct
    return np.unique(np.quantile(known, QUANTILES))


def _right(
    predict: Predict, rows: Floats, outcomes: Values, position: int, levels: Floats
) -> tuple[int, int]:
    """Return how many persons' level is guessed, of how many."""
    truth = np.abs(rows[:, position, None] - levels).argmin(axis=1)
    shares = np.bincount(truth, minlength=levels.size) / len(rows)
    weighed = np.empty((len(rows), levels.size))
    for rank, value in enumerate(levels):
        tried = rows.copy()
        tried[:, position] = value
        weighed[:, rank] = confidence(predict(tried), outcomes) * shares[rank]
    return int((weighed.argmax(axis=1) == truth).sum()), len(rows)


def interval_of(estimate: Estimate) -> tuple[str, str, str]:
    """Return a value and the ends of its interval as documents spell them."""
    ends: Interval = estimate.interval
    return tuple(f"{one + 0.0:.4f}" for one in (estimate.value, ends.low, ends.high))  # type: ignore[return-value]  # three
