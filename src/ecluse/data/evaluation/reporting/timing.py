"""Risks of an event by a horizon: the life table that is stored, and figures that need the persons.

Persons leave observation by the event (1), by one that prevents it (2 and more), or censored (0).

Sources: those of `survival`. Life table: Berkson and Gage, Proc Staff Meet Mayo Clin 1950;25:270.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Floats, Ints, Values
from ecluse.data.evaluation.bootstrap import bootstrap, by_rows
from ecluse.data.evaluation.intervals import Estimate
from ecluse.data.evaluation.reporting.attesting import (
    Attested,
    Place,
    plan_of,
    summarise,
    without_numbers,
)
from ecluse.data.evaluation.reporting.computing import figure
from ecluse.data.evaluation.survival.competing import aalen_johansen
from ecluse.data.evaluation.survival.concordance import time_dependent_auc, uno_c
from ecluse.data.evaluation.survival.prediction import brier_at, calibration_at
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.counts import ALL, LifeStep, LifeTable, too_small
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import Basis, Figure, Replicates, Withheld

MOST: Final = 12
"""Steps of time of a life table."""


@dataclass(frozen=True, slots=True)
class Followed:
    """One row a person: days of follow-up, how it ended, the risk by the horizon, the cluster."""

    times: Floats
    events: Ints
    risks: Floats
    horizon: float
    units: Values

    @classmethod
    def of(
        cls, times: Values, events: Values, risks: Values, *, horizon: float, units: Values
    ) -> "Followed":
        """Check the columns. Raises InvalidInput."""
        clock = arrays.positives(times, name="times")
        kinds = arrays.positives(events, name="events").astype(np.int64)
        chances = arrays.probabilities(risks, name="risks")
        arrays.same_length(times=clock, events=kinds, risks=chances)
        return cls(clock, kinds, chances, horizon, units)


def life_table(followed: Followed, *, least: int) -> LifeTable:
    """Return the life table, its steps the shortest in which every number may be told.

    Raises:
        InvalidInput: too few persons have the event, or are left, for any step.
    """
    ends: list[float] = []
    horizon = followed.horizon
    longest = max(horizon, float(np.ceil(followed.times.max())))
    if longest > horizon:
        _kept(followed, ends, horizon, longest, least=least)
    for parts in (2, 4, 8, 16):
        for rank in range(1, parts, 2):
            _kept(followed, ends, float(round(horizon * rank / parts)), longest, least=least)
    found = _leaving(followed, [*sorted(ends), longest])
    if too_small(found.ravel().tolist(), least=least):
        raise InvalidInput(
            f"Fewer than {least} persons have the event, another, or leave without: nothing may be "
            "told of them. Follow more persons."
        )
    steps = zip([*sorted(ends), longest], found, strict=True)
    return LifeTable(
        ALL, "day", tuple(LifeStep(f"{end:g}", *map(int, counts)) for end, counts in steps)
    )


def _kept(followed: Followed, ends: list[float], end: float, longest: float, *, least: int) -> None:
    if len(ends) >= MOST or end in ends or not 0 < end < longest:
        return
    counts = _leaving(followed, [*sorted([*ends, end]), longest])
    if not too_small(counts.ravel().tolist(), least=least):
        ends.append(end)


def _leaving(followed: Followed, ends: list[float]) -> Ints:
    """Return steps x (event, another, censored): who leaves in each."""
    slots = np.searchsorted(np.array(ends), followed.times, side="left")
    kinds = np.select([followed.events == 1, followed.events > 1], [0, 1], 2)
    counts = np.bincount(slots * 3 + kinds, minlength=3 * len(ends))
    return counts.reshape(-1, 3).astype(np.int64)


def attest(followed: Followed, protocol: Protocol) -> Attested:
    """Return the figures that need the persons, with the replicates of those that were drawn."""
    figures: list[Figure] = []
    replicates: list[Replicates] = []
    withheld: list[Withheld] = []
    for name, measure in _drawn_measures(followed).items():
        place: Place = (name, ALL, "")
        columns = (followed.times, followed.events, followed.risks)
        try:
            drawn = bootstrap(by_rows(measure, *columns), followed.units, plan=plan_of(protocol))
            figures.append(figure(place, drawn.estimate(0), basis=Basis.ATTESTED))
            replicates.append(summarise(place, drawn, 0))
        except InvalidInput as error:
            withheld.append(Withheld(name, without_numbers(str(error))))
    try:
        figures += [
            figure((name, ALL, ""), one, basis=Basis.ATTESTED) for name, one in _fitted(followed)
        ]
    except InvalidInput as error:
        withheld.append(Withheld("calibration", without_numbers(str(error))))
    return Attested(tuple(figures), tuple(replicates), tuple(withheld))


def _drawn_measures(followed: Followed) -> dict[str, Callable[..., float]]:
    horizon = followed.horizon

    def concordance(times: Floats, events: Ints, risks: Floats) -> float:
        return uno_c(times, events == 1, risks, horizon=horizon).value

    def area(times: Floats, events: Ints, risks: Floats) -> float:
        return time_dependent_auc(times, events == 1, risks, horizon=horizon)

    def distance(times: Floats, events: Ints, risks: Floats) -> float:
        return brier_at(times, events == 1, risks, horizon=horizon)

    return {"uno-c": concordance, "time-dependent-auc": area, "brier-at-horizon": distance}


def _fitted(followed: Followed) -> list[tuple[str, Estimate]]:
    times, events, horizon = followed.times, followed.events, followed.horizon
    risks = np.clip(followed.risks, 1e-6, 1.0 - 1e-6)
    incidence = aalen_johansen(times, events).estimate(horizon)
    found = calibration_at(times, events == 1, risks, horizon=horizon)
    return [
        ("cumulative-incidence", incidence),
        ("observed-expected", found.observed_expected),
        ("calibration-slope", found.slope),
    ]
