"""Survival: the estimator of Kaplan and Meier (1958), at every time of an event."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecluse.data.results.requests import Floats, Request, Survival
from ecluse.domain.errors import InvalidInput

Integers = npt.NDArray[np.int64]
ALL = "all"


@dataclass(frozen=True, slots=True)
class Curve:
    """One row a distinct duration, rising: those at risk just before, events, those censored.

    `survival` is just after. `persons` are the persons of the group.
    """

    times: Floats
    at_risk: Integers
    events: Integers
    censored: Integers
    survival: Floats
    persons: npt.NDArray[np.uint64]


def curves(request: Request) -> dict[str, Curve]:
    """Return the curve of each group, `all` without groups; rows without a duration are left out.

    Raises:
        InvalidInput: a person in several rows, a negative duration, an event that is not 0 or 1.
    """
    asked = request.asked
    if not isinstance(asked, Survival):
        raise InvalidInput(f"Result {request.name} is no survival.")
    duration, event = request.number(asked.duration), request.number(asked.event)
    kept = ~(np.isnan(duration) | np.isnan(event))
    if np.unique(request.persons[kept]).size < int(kept.sum()):
        raise InvalidInput("Some rows repeat a person: aggregate to one row a person.")
    if (duration[kept] < 0).any() or not np.isin(event[kept], (0.0, 1.0)).all():
        raise InvalidInput("Durations are 0 or more, events are 0 or 1.")
    if asked.by is None:
        return {ALL: curve(duration[kept], event[kept], request.persons[kept])}
    groups = request.category(asked.by)
    made = {}
    for rank, label in enumerate(groups.labels):
        mine = kept & (groups.codes == rank)
        if mine.any():
            made[label] = curve(duration[mine], event[mine], request.persons[mine])
    return made


def curve(duration: Floats, event: Floats, persons: npt.NDArray[np.uint64]) -> Curve:
    """Return the curve of one group."""
    times, ranks = np.unique(duration, return_inverse=True)
    leaving = np.bincount(ranks, minlength=times.size)
    events = np.bincount(ranks, weights=event, minlength=times.size).astype(np.int64)
    at_risk = duration.size - np.concatenate([[0], np.cumsum(leaving)[:-1]])
    survival = np.cumprod(1.0 - events / at_risk) if times.size else np.zeros(0)
    return Curve(times, at_risk, events, leaving - events, survival, persons)
