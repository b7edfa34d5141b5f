"""Who gave birth to whom: those born during the period have, nearly all, a mother of the country.

A child lives where the mother does, under her regime. A mother is alive, of an age to be one, and
gives birth at most once in eleven months. Some children have no mother here: she lives abroad, or
the block of persons is too small to hold one.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from ecluse.data.synthetic.calendar import YEAR_DAYS, Days, Flags, Ints, Period
from ecluse.data.synthetic.people import FEMALE, People

MEAN_AGE: Final = 30.4
"""Mean age of mothers in years, and how far it spreads: France about 2016 (INSEE, rounded)."""
AGE_SPREAD: Final = 5.2
YOUNGEST, OLDEST = 15.5, 47.0
APART_DAYS: Final = 335
NEIGHBOURS: Final = 4
"""A mother is drawn among the women whose age is nearest, so many of them on each side."""
ROUNDS: Final = 8


def draw_families(rng: np.random.Generator, people: People, period: Period) -> People:
    """Return the same persons, those born in the period with their mother and where she lives."""
    mother = _mothers(rng, people, period)
    child = np.flatnonzero(mother >= 0)
    of = mother[child]
    return replace(
        people,
        mother=mother,
        department=_given(people.department, child, people.department[of]),
        municipality=_given(people.municipality, child, people.municipality[of]),
        regime=_given(people.regime, child, people.regime[of]),
    )


def is_born_in(people: People, period: Period) -> Flags:
    """Say who is born during the period."""
    born: Flags = (people.born >= period.start) & (people.born < period.end)
    return born


def _given(values: Ints, rows: Ints, new: Ints) -> Ints:
    changed = values.copy()
    changed[rows] = new
    return changed


def _mothers(rng: np.random.Generator, people: People, period: Period) -> Ints:
    mother = np.full(people.count, -1)
    first = np.flatnonzero(is_born_in(people, period) & (people.twin_of < 0))
    women = np.flatnonzero(people.sex == FEMALE)
    women = women[np.argsort(people.born[women], kind="stable")]
    for _ in range(ROUNDS if len(women) else 0):
        waiting = first[mother[first] < 0]
        drawn = _draw(rng, people, women, people.born[waiting])
        possible = _can_be(people, drawn, people.born[waiting])
        mother[waiting[possible]] = drawn[possible]
        mother[_too_close(people, first, mother)] = -1
    twins = np.flatnonzero(people.twin_of >= 0)
    mother[twins] = mother[people.twin_of[twins]]
    return mother


def _draw(rng: np.random.Generator, people: People, women: Ints, day: Days) -> Ints:
    age = rng.normal(MEAN_AGE, AGE_SPREAD, len(day))
    place = np.searchsorted(people.born[women], day - age * YEAR_DAYS)
    place = place + rng.integers(-NEIGHBOURS, NEIGHBOURS + 1, len(day))
    drawn: Ints = women[np.clip(place, 0, len(women) - 1)]
    return drawn


def _can_be(people: People, women: Ints, day: Days) -> Flags:
    age = (day - people.born[women]) / YEAR_DAYS
    can: Flags = (age >= YOUNGEST) & (age < OLDEST) & people.is_alive(women, day)
    return can


def _too_close(people: People, children: Ints, mother: Ints) -> Ints:
    """Return the children born too soon after the one before, of the same mother."""
    known = children[mother[children] >= 0]
    order = known[np.lexsort((people.born[known], mother[known]))]
    same = mother[order[1:]] == mother[order[:-1]]
    soon = same & (people.born[order[1:]] - people.born[order[:-1]] < APART_DAYS)
    found: Ints = order[1:][soon]
    return found
