"""Bands and intervals, drawn: one line a system, on the axis of what intervals reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from ecluse.domain.evaluations.secrecy import MILLION, Standing

WIDTH: Final = 100.0
MARGIN: Final = 0.02


@dataclass(frozen=True, slots=True)
class Line:
    """One system: its interval from `x`, `width` long, its score at `dot`; 0 to 100."""

    standing: Standing
    name: str
    x: float
    width: float
    dot: float
    score: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Band:
    """Systems that cannot be told apart."""

    rank: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The bands, and the ends of the axis as written."""

    bands: tuple[Band, ...]
    first: str
    last: str


def drawn(standings: Sequence[Standing], names: dict[str, str]) -> Drawn:
    """Return the lines by band; `names` are those of the entities, by number."""
    low = max(min((one.low_millionths for one in standings), default=0) / MILLION - MARGIN, 0.0)
    high = min(max((one.high_millionths for one in standings), default=0) / MILLION + MARGIN, 1.0)
    reach = max(high - low, MARGIN)

    def place(millionths: int) -> float:
        return round(WIDTH * (millionths / MILLION - low) / reach, 2)

    def line(one: Standing) -> Line:
        x = place(one.low_millionths)
        return Line(
            standing=one,
            name=names.get(one.entity, one.entity),
            x=x,
            width=round(place(one.high_millionths) - x, 2),
            dot=place(one.score_millionths),
            score=written(one.score_millionths),
            low=written(one.low_millionths),
            high=written(one.high_millionths),
        )

    grouped = groupby(standings, key=lambda one: one.band)
    bands = tuple(Band(rank, tuple(line(one) for one in found)) for rank, found in grouped)
    return Drawn(bands, f"{low:.2f}", f"{high:.2f}")


def written(millionths: int) -> str:
    """Return a score with three decimals: what an interval supports at most."""
    return f"{millionths / MILLION:.3f}"
