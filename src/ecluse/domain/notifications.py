"""When a letter counts as notified, until when it can be appealed, and whether it still stands.

A letter is notified on the person's space. Uncertain, to be checked against the consolidated texts
before a first use: the fifteen days of CRPA art. R112-20 are those of the letter that stands for a
registered one, with the person's consent; applied here to every decision, in want of another rule.
An administrative appeal does not profit from the distance (CE, Sect., 5 January 2000, n° 170954).
"""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

from ecluse.domain import parameters as law
from ecluse.domain.clocks.calendars import Calendar
from ecluse.domain.clocks.periods import add_months, same_day_later
from ecluse.domain.machines.letters import LETTERS


class Residence(StrEnum):
    """Where the person lives, which lengthens the period before the court."""

    MAINLAND = "mainland"
    OVERSEAS = "overseas"
    ABROAD = "abroad"


DISTANCE_MONTHS: Mapping[Residence, int] = {
    Residence.MAINLAND: 0,
    Residence.OVERSEAS: law.APPEAL_FROM_OVERSEAS_MONTHS.value,
    Residence.ABROAD: law.APPEAL_FROM_ABROAD_MONTHS.value,
}
"""Months added for the distance, before a court of metropolitan France (CJA art. R421-7)."""


class Force(StrEnum):
    """What a decision is worth today."""

    IN_FORCE = "in-force"
    SUSPENDED = "suspended"
    ENDED = "ended"
    REPLACED = "replaced"


PERMIT_FORCE: Mapping[str, Force] = {
    "to-issue": Force.IN_FORCE,
    "active": Force.IN_FORCE,
    "suspended": Force.SUSPENDED,
    "superseded": Force.REPLACED,
}
"""By the state of the permit; any other state has ended it."""
GIVES_PERMIT = frozenset({"permit", "amended-permit", "extended-permit"})
STILL_IN_FORCE: Mapping[str, frozenset[str]] = {"revocation": frozenset({"closing", "deleted"})}
"""Later states in which a decision is what it was: a permit revoked stays so while data go."""
LIFTED = frozenset({"suspension"})
"""Decisions that end by being lifted, which takes nothing anew."""


def opened_in_time_until(available_on: date) -> date:
    """The last day on which a first opening counts as the notification."""
    return same_day_later(available_on, law.OPENED_WITHIN_DAYS)


def notified_on(available_on: date, opened_on: date | None, *, today: date) -> date | None:
    """The day on which a letter counts as notified; None while nobody knows yet.

    The day of the first opening; not opened within fifteen days, the day it was made available.
    Source: CRPA art. R112-20.
    """
    limit = opened_in_time_until(available_on)
    if opened_on is not None and opened_on <= limit:
        return opened_on
    return available_on if today > limit else None


def appeal_until(
    notified: date, *, calendar: Calendar, residence: Residence = Residence.MAINLAND
) -> date:
    """The last day to bring a decision before the court.

    Two months and the distance, both end days left out (*délai franc*), to the next working day.
    Source: CJA art. R421-1, R421-7; CE, 29 December 2006, n° 289818.
    """
    months = law.APPEAL_MONTHS.value + DISTANCE_MONTHS[residence]
    return calendar.first_working_day(add_months(notified, months) + timedelta(days=1))


def force_of(letter: str, *, then: str, now: str) -> Force:
    """What a letter is worth, by the state of its object when it was issued and today.

    A letter that gives a permit is worth what the permit is. A decision that can be appealed and
    has left its states was taken anew; any other letter has served. Raises KeyError: an unknown
    letter.
    """
    if letter in GIVES_PERMIT:
        return PERMIT_FORCE.get(now, Force.ENDED)
    if now == then or now in STILL_IN_FORCE.get(letter, frozenset()):
        return Force.IN_FORCE
    if LETTERS[letter].states_remedies and letter not in LIFTED:
        return Force.REPLACED
    return Force.ENDED
