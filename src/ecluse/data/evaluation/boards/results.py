"""How systems stand on the slice that no answer ever used: bands, and intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ecluse.data.evaluation.arrays import Floats
from ecluse.data.evaluation.boards.ladders import millionths
from ecluse.data.evaluation.boards.scoring import Scoring
from ecluse.data.evaluation.intervals import Interval
from ecluse.data.evaluation.leaderboard import bands
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.secrecy import Standing

ALPHA: Final = 0.05


@dataclass(frozen=True, slots=True)
class Entrant:
    """The last submission of an entity, and its predictions on the slice."""

    entity: str
    submission_number: str
    predictions: Floats


def final_standings(entrants: Sequence[Entrant], scoring: Scoring) -> tuple[Standing, ...]:
    """Return all entrants, the best first; those that no paired test separates share a band."""
    if not entrants:
        return ()
    scores = [scoring.value(one.predictions) for one in entrants]

    def p_value(first: int, second: int) -> float:
        return scoring.p_value(entrants[first].predictions, entrants[second].predictions)

    placed = bands(scores, p_value, alpha=ALPHA)
    found = []
    for one, score, band in zip(entrants, scores, placed, strict=True):
        told = _interval(one, scoring)
        ends = millionths(told.low), millionths(told.high)
        found.append(Standing(band, one.entity, one.submission_number, millionths(score), *ends))
    return tuple(sorted(found, key=lambda one: (one.band, -one.score_millionths, one.entity)))


def _interval(one: Entrant, scoring: Scoring) -> Interval:
    try:
        return scoring.estimate(one.predictions).interval
    except InvalidInput:
        # One system without an interval (all its predictions alike) must not keep a board open.
        return Interval(0.0, 1.0, "none")
