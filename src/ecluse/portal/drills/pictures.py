"""The timeline of a drill, drawn: one line a step, on the axis of its whole duration."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise

from ecluse.domain.documents.drills import DrillPart, DrillReport, DrillStep
from ecluse.portal.drills.labels import STEPS

WIDTH: Final = 100.0
THIN: Final = 0.6
"""The least that is seen of a step, or of a kill."""


@dataclass(frozen=True, slots=True)
class Line:
    """One step, from `x`, `width` long; `kills` at these places; 0 to 100. Seconds in figures."""

    name: str | Promise
    x: float
    width: float
    kills: tuple[float, ...]
    begun: float
    ended: float
    done: int
    asked: int


def drawn(report: DrillReport) -> Sequence[Line]:
    """Return a line for each step, in their order."""
    reach = max((part.ended_ms for part in report.parts), default=0) or 1

    def place(at_ms: int) -> float:
        return round(WIDTH * at_ms / reach, 2)

    def line(part: DrillPart) -> Line:
        kills = report.kills_ms if part.step is DrillStep.COPIED else ()
        width = max(THIN, round(place(part.ended_ms) - place(part.begun_ms), 2))
        return Line(
            name=STEPS[part.step],
            x=min(place(part.begun_ms), WIDTH - width),
            width=width,
            kills=tuple(min(place(at), WIDTH - THIN) for at in kills),
            begun=part.begun_ms / 1000,
            ended=part.ended_ms / 1000,
            done=part.done,
            asked=part.asked,
        )

    return [line(part) for part in report.parts]
