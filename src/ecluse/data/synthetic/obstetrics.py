"""Births in hospital: the stay of the mother, that of each child, and the number on both."""

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecluse.data.synthetic.calendar import Days, Flags, Ints, Period, first_day
from ecluse.data.synthetic.families import is_born_in
from ecluse.data.synthetic.people import People
from ecluse.data.synthetic.stay_kinds import KINDS

BORN_IN_HOSPITAL: Final = 0.97
COMES_THE_DAY_BEFORE: Final = 0.2
"""Share of mothers whose stay begins on the day before the birth: deliveries of the night."""
LINKED_SINCE: Final = 2013
"""First yearly table with the number that mother and child share."""
FROM_STAY_SINCE: Final = first_day(2019)
"""Until then the number came from the mother's pseudonym, the same at each of her deliveries;
since, from the number of her stay."""
UNKNOWN_STAY: Final = "AB" * 16
"""What is written when no stay has the number that the hospital gave for the mother's."""
NUMBER_BYTES: Final = 16
WEEKS: Final = (*[40] * 8, *[39] * 9, *[41] * 6, *[38] * 5, *[37] * 2, 36, 35, 33)
"""Weeks of pregnancy, each as often as it comes: our assumption."""
GRAMS_AT_TERM, GRAMS_A_WEEK, TERM = 3_400, 170, 40
GRAMS_APART: Final = 1_300
"""Between the lightest and the heaviest of the same week."""
TWIN_WEEKS: Final = 3
MULTIPLE, SINGLE = "multiple", "delivery"


@dataclass(frozen=True, slots=True)
class Births:
    """`newborn` are the persons born in hospital. One entry a delivery in the other arrays."""

    newborn: Ints
    mother: Ints
    day: Days
    kind: Ints


def draw_births(rng: np.random.Generator, people: People, period: Period) -> Births:
    """Return the births in hospital: twins are born in the same place, in one delivery."""
    lead = np.where(people.twin_of >= 0, people.twin_of, np.arange(people.count))
    inside = rng.random(people.count)[lead] < BORN_IN_HOSPITAL
    newborn = np.flatnonzero(is_born_in(people, period) & inside)
    twins = np.flatnonzero(people.twin_of >= 0)
    is_multiple = np.zeros(people.count, dtype=bool)
    is_multiple[people.twin_of[twins]] = True
    single = newborn[(people.twin_of[newborn] < 0) & (people.mother[newborn] >= 0)]
    return Births(
        newborn,
        people.mother[single],
        people.born[single],
        np.where(
            is_multiple[single],
            _kinds_drawn(rng, MULTIPLE, single),
            _kinds_drawn(rng, SINGLE, single),
        ),
    )


def _kinds_drawn(rng: np.random.Generator, special: str, births: Ints) -> Ints:
    kinds = [rank for rank, kind in enumerate(KINDS) if kind.special == special]
    chances = np.cumsum([max(KINDS[rank].rate, 1e-9) for rank in kinds])
    drawn = np.searchsorted(chances, rng.random(len(births)) * chances[-1], side="right")
    found: Ints = np.array(kinds)[drawn]
    return found


def shared_numbers(people: People, mother: Ints, day: Days) -> list[str]:
    """Return the number that the stays of a birth share, "" where there is no mother.

    Source: SNDS documentation, mother-child link: 32 characters, from the encrypted pseudonym of
    the mother until 2018, then from the number of her stay.
    """
    known = np.flatnonzero(mother >= 0)
    names = people.pseudonyms[people.pseudonym_on(mother[known], day[known])].tolist()
    numbers = [""] * len(mother)
    for row, name in zip(known.tolist(), names, strict=True):
        stay = f"{people.first + mother[row]}/{day[row]}"
        told = stay if day[row] >= FROM_STAY_SINCE else name
        digest = hashlib.blake2b(told.encode(), digest_size=NUMBER_BYTES)
        numbers[row] = digest.hexdigest().upper()
    return numbers


def weeks_and_grams(people: People, person: Ints) -> tuple[Ints, Ints]:
    """Return the weeks of pregnancy and the weight at birth of persons: who they are tells it."""
    mixed = (people.first + person.astype(np.int64)) * 2_654_435_761 >> 7
    twins = np.isin(person, people.twin_of) | (people.twin_of[person] >= 0)
    lead = np.where(people.twin_of[person] >= 0, people.twin_of[person], person)
    drawn = (people.first + lead.astype(np.int64)) * 40_503 >> 3
    weeks = np.array(WEEKS)[drawn % len(WEEKS)] - twins * TWIN_WEEKS
    apart = mixed % GRAMS_APART - GRAMS_APART // 2
    return weeks, GRAMS_AT_TERM + (weeks - TERM) * GRAMS_A_WEEK + apart


def is_newborn(kind: Ints) -> Flags:
    """Say which kinds of stay are those of children at their birth."""
    found: Flags = np.array([item.special == "birth" for item in KINDS])[kind]
    return found
