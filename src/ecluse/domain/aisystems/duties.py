"""What a system must prove, from which day, and what was given as proof."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from ecluse.domain.aisystems.entries import Evidence
from ecluse.domain.aisystems.rules import (
    Classification,
    Duty,
    Facts,
    Moment,
    Rulebook,
    is_met,
    known_of,
)

ANY: Final = "*"
SOON_DAYS: Final = 180
"""How long before its day a duty is told to come."""


class Standing(StrEnum):
    """Where a duty stands on a day."""

    PROVED = "proved"
    EXPIRED = "expired"
    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Slot:
    """A duty with the day it begins, and the evidence that stands for it; None where none does."""

    duty: Duty
    moment: Moment
    evidence: Evidence | None
    standing: Standing

    @property
    def due_on(self) -> date:
        """The day from which it must be proved."""
        return self.moment.on


def slots_of(
    facts: Facts,
    found: Classification,
    *,
    book: Rulebook,
    given: Iterable[Evidence],
    today: date,
) -> tuple[Slot, ...]:
    """The duties of a system, in the order of the tables, each with its evidence and its standing.

    Where several categories ask for one duty, it begins at the first of their days. The evidence
    given last stands.
    """
    known = known_of(facts, found)
    last = {one.duty: one for one in sorted(given, key=lambda one: one.on)}
    slots = []
    for duty in book.duties:
        moment = _moment(duty, found, book) if is_met(duty.when, known) else None
        if moment is not None:
            held = last.get(duty.code)
            slots.append(Slot(duty, moment, held, _standing(held, moment, today=today)))
    return tuple(slots)


def _moment(duty: Duty, found: Classification, book: Rulebook) -> Moment | None:
    asked = {ANY, *found.of("aia")}
    moments = [book.moment(key) for name, key in duty.from_moment.items() if name in asked]
    return min(moments, key=lambda one: one.on, default=None)


def _standing(held: Evidence | None, moment: Moment, *, today: date) -> Standing:
    if held is not None:
        is_past = held.expires_on is not None and held.expires_on < today
        return Standing.EXPIRED if is_past else Standing.PROVED
    if moment.on <= today:
        return Standing.OVERDUE
    return Standing.SOON if (moment.on - today).days <= SOON_DAYS else Standing.LATER


def counts_of(slots: Iterable[Slot]) -> Mapping[Standing, int]:
    """How many duties stand in each way; every way is named."""
    counts = dict.fromkeys(Standing, 0)
    for slot in slots:
        counts[slot.standing] += 1
    return counts
