"""How far a system was evaluated, from a claim alone (E0) to a trial or follow-up in service (E4).

E0 claim only; E1 a retrospective study, published; E2 an external study on data of a health data
access body, its report signed; E3 a prospective study; E4 a randomised trial, or indicators
measured in service.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ecluse.domain.aisystems.entries import Basis, Design, Evaluation, Reading


class Level(StrEnum):
    """The levels, from the least to the most."""

    E0 = "E0"
    E1 = "E1"
    E2 = "E2"
    E3 = "E3"
    E4 = "E4"


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The level of a system, and what it rests on: references, or names of indicators."""

    level: Level
    because: tuple[str, ...]


def level_of(
    evaluations: Iterable[Evaluation], readings: Iterable[Reading], *, today: date
) -> Evaluated:
    """The highest level that something proves. A figure that is only claimed proves nothing.

    An indicator proves follow-up while its last value is not overdue.
    """
    found: dict[Level, list[str]] = {}
    for one in evaluations:
        found.setdefault(_level(one), []).append(one.reference)
    followed = [one.indicator for one in last_of(readings) if not is_overdue(one, today=today)]
    if followed and found.keys() - {Level.E0}:
        found.setdefault(Level.E4, []).extend(followed)
    highest = max(found, default=Level.E0)
    return Evaluated(highest, tuple(dict.fromkeys(found.get(highest, ()))))


def _level(one: Evaluation) -> Level:
    if one.basis is Basis.CLAIMED:
        return Level.E0
    if one.design is Design.RANDOMISED:
        return Level.E4
    if one.design is Design.PROSPECTIVE:
        return Level.E3
    return Level.E2 if one.basis is Basis.HUB_REPORT and one.is_external else Level.E1


def last_of(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """The last value of each indicator, by its name."""
    last: dict[str, Reading] = {}
    for one in sorted(readings, key=lambda each: each.measured_on):
        last[one.indicator] = one
    return tuple(last[name] for name in sorted(last))


def is_overdue(one: Reading, *, today: date) -> bool:
    """Whether the next value of an indicator should have come already."""
    return (today - one.measured_on).days > one.every_days
