"""What a submission is told: the board's best by sure steps, an exploratory answer, standings."""

import hashlib
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from ecluse.data.evaluation.arrays import Floats
from ecluse.data.evaluation.boards.scoring import Scoring
from ecluse.data.evaluation.leaderboard import (
    Ladder,
    PairedLadder,
    Thresholdout,
    recommended_step,
    recommended_times,
    separable,
)
from ecluse.domain.documents import ScoreRelease
from ecluse.domain.evaluations.secrecy import MILLION, BoardRules, Level, Standing, StepRule

SEED_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Told:
    """The score to show, and whether this submission moved it."""

    shown: float
    has_moved: bool


@dataclass(frozen=True, slots=True)
class Best:
    """The best score shown so far, and how to read the predictions that have it."""

    shown: float
    predictions: Callable[[], Floats]


def climb(scoring: Scoring, rules: BoardRules, new: Floats, best: Best | None) -> Told:
    """Return what the board shows once it has seen `new`.

    One ladder serves all who submit: with one each, as many entities as answers are wanted would
    together read the held-out set, each by its first score.
    """
    if rules.level is Level.PUBLIC:
        return Told(scoring.value(new), has_moved=True)
    if rules.step_rule is StepRule.PAIRED:
        return _climb_paired(scoring, rules, new, best)
    ladder = Ladder(step_of(scoring, rules), math.inf if best is None else 1.0 - best.shown)
    before, shown = ladder.best, ladder.submit(1.0 - scoring.value(new))
    return Told(_within(1.0 - shown), has_moved=shown != before)


def _climb_paired(scoring: Scoring, rules: BoardRules, new: Floats, best: Best | None) -> Told:
    value = scoring.value(new)
    rounded = round(value * scoring.outcomes.size) / scoring.outcomes.size
    if best is None:
        return Told(rounded, has_moved=True)
    ladder = PairedLadder(
        lambda one, other: (rounded, *scoring.against(one, other)),
        best=best.shown,
        outputs=best.predictions(),
        times=recommended_times(rules.submissions),
    )
    shown = ladder.submit(new)
    return Told(shown, has_moved=ladder.outputs is new)


def explore(
    scoring: Scoring,
    rules: BoardRules,
    predictions: Floats,
    *,
    claimed: float,
    explored: int,
    secret: bytes,
) -> tuple[float, bool]:
    """Return an answer to "is what I measured true here?", and whether the held-out set gave it.

    The noise comes of the board's secret and of the question, so that whoever asks again, or kills
    the machine and asks again, hears the same and averages nothing.
    """
    question = hashlib.sha256(predictions.tobytes() + repr(claimed).encode()).digest()
    board = Thresholdout.of(
        scoring.effective_cases,
        budget=rules.explorations - explored,
        seed=_seed(secret, f"limit {explored}".encode()),
    )
    left = board.budget
    noise = _seed(secret, f"noise {explored} ".encode() + question)
    answer = board.ask(claimed, scoring.value(predictions), noise_seed=noise)
    return _within(answer), board.budget < left


def step_of(scoring: Scoring, rules: BoardRules) -> float:
    """Return the fixed step: the one that was set, or the one that luck does not climb."""
    if rules.step_millionths:
        return rules.step_millionths / MILLION
    return _reach(scoring, rules)


def live_standings(
    records: Iterable[tuple[str, ScoreRelease]], scoring: Scoring, rules: BoardRules
) -> tuple[Standing, ...]:
    """Return the systems that moved the board, the best of each entity, with bands.

    All of it follows from scores already shown and from public counts: it tells nothing more.
    Systems closer than luck reaches, in as many submissions as the board takes, share a band.
    """
    best: dict[str, ScoreRelease] = {}
    for entity, told in records:
        if entity not in best or _shown(told) > _shown(best[entity]):
            best[entity] = told
    reach = max(_reach(scoring, rules), rules.step_millionths / MILLION)
    ordered = sorted(best.items(), key=lambda one: -_shown(one[1]))
    found, band, head = list[Standing](), 1, 0.0
    for place, (entity, told) in enumerate(ordered):
        shown = _shown(told)
        if place == 0 or separable(head, shown, step=reach):
            band, head = band + (place > 0), shown
        ends = millionths(_within(shown - reach)), millionths(_within(shown + reach))
        found.append(Standing(band, entity, told.submission_number, millionths(shown), *ends))
    return tuple(found)


def millionths(share: float) -> int:
    """Return a share as whole millionths, as documents write it."""
    return round(share * MILLION)


def _reach(scoring: Scoring, rules: BoardRules) -> float:
    return recommended_step(scoring.effective_cases, submissions=rules.submissions)


def _shown(told: ScoreRelease) -> float:
    return (told.shown_millionths or 0) / MILLION


def _within(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def _seed(secret: bytes, word: bytes) -> int:
    return int.from_bytes(hashlib.sha256(secret + word).digest()[:SEED_BYTES])
