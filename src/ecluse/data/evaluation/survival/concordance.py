"""Concordance over time: Uno's C, Harrell's C, and the area under the curve at a time.

Sources: Uno and others, Stat Med 2011;30:1105. Harrell and others, Stat Med 1996;15:361. Uno and
others, J Am Stat Assoc 2007;102:527, and Blanche and others, Biom J 2013;55:687 (cumulative cases,
dynamic controls). Intervals: draw persons again (`bootstrap`), the statistic takes weights.

Cost: events x persons comparisons, in blocks; a hundred thousand persons is the sensible limit.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Bools, Floats, Values
from ecluse.data.evaluation.survival.curves import censoring_curve, checked
from ecluse.domain.errors import InvalidInput

BLOCK: Final = 256


@dataclass(frozen=True, slots=True)
class Concordance:
    """P(the higher risk has the event first), and the weight of pairs by kind."""

    value: float
    concordant: float
    discordant: float
    tied: float


def harrell_c(times: Values, events: Values, risks: Values) -> Concordance:
    """Return Harrell's C: it depends on the censoring of the study, so for older reports only.

    `risks` rise with risk. Pairs of which one surely had the event first; equal risks for half.
    """
    clock, hit, marks = _checked(times, events, risks)
    return _concordance(clock, hit, marks, np.ones(clock.size))


def uno_c(
    times: Values, events: Values, risks: Values, *, horizon: float | None = None
) -> Concordance:
    """Return Uno's C, free of the censoring distribution where censoring is independent.

    Pairs count by the inverse square of the chance to be uncensored just before the event. Events
    after `horizon` are left out: choose it where persons are still followed.

    Raises:
        InvalidInput: an event that counts happens when no one could be uncensored any more.
    """
    clock, hit, marks = _checked(times, events, risks)
    due = hit if horizon is None else hit & (clock < horizon)
    if not due.any():
        raise InvalidInput("No event before the horizon: take a later one.")
    weights = inverse_chances(clock, hit, clock, wanted=due) ** 2
    return _concordance(clock, due, marks, weights)


def time_dependent_auc(times: Values, events: Values, risks: Values, *, horizon: float) -> float:
    """Return P(risk of one with the event by `horizon` > risk of one without it by then).

    Cases weigh by the inverse of the chance to be uncensored; those censored before the horizon
    are neither.

    Raises:
        InvalidInput: no case by then, or nobody followed beyond.
    """
    clock, hit, marks = _checked(times, events, risks)
    cases, controls = hit & (clock <= horizon), clock > horizon
    if not cases.any() or not controls.any():
        raise InvalidInput(
            f"{int(cases.sum())} cases by {horizon:g} and {int(controls.sum())} persons beyond: "
            "the area needs both."
        )
    weights = inverse_chances(clock, hit, clock, wanted=cases)[cases]
    ordered = np.sort(marks[controls])
    under = np.searchsorted(ordered, marks[cases], side="left")
    upto = np.searchsorted(ordered, marks[cases], side="right")
    return float(weights @ (under + upto) / 2.0 / (weights.sum() * ordered.size))


def inverse_chances(clock: Floats, hit: Bools, at: Floats, *, wanted: Bools) -> Floats:
    """Return 1/P(uncensored just before `at`) of the wanted rows, 0 of the others."""
    curve = censoring_curve(clock, hit)
    chance = np.ones(at.size) if curve is None else curve.just_before(at)
    if (chance[wanted] <= 0).any():
        raise InvalidInput("Events come after everyone is censored: take an earlier horizon.")
    return np.divide(1.0, chance, out=np.zeros(at.size), where=wanted)


def _concordance(clock: Floats, due: Bools, marks: Floats, weights: Floats) -> Concordance:
    above = level = pairs = 0.0
    rows = np.flatnonzero(due)
    for start in range(0, rows.size, BLOCK):
        some = rows[start : start + BLOCK]
        # Who is censored at the time of an event outlived it.
        later = clock[None, :] > clock[some, None]
        later |= (clock[None, :] == clock[some, None]) & ~due[None, :]
        gap = marks[some, None] - marks[None, :]
        above += float(weights[some] @ (later & (gap > 0)).sum(axis=1))
        level += float(weights[some] @ (later & (gap == 0)).sum(axis=1))
        pairs += float(weights[some] @ later.sum(axis=1))
    if not pairs:
        raise InvalidInput("No two persons can be compared: nobody outlived an event.")
    return Concordance((above + level / 2.0) / pairs, above, pairs - above - level, level)


def _checked(times: Values, events: Values, risks: Values) -> tuple[Floats, Bools, Floats]:
    clock, hit = checked(times, events)
    marks = arrays.numbers(risks, name="risks")
    arrays.same_length(times=clock, events=hit, risks=marks)
    return clock, hit, marks
