"""Random series of requests, then an attacker who knows the most: who is in which population.

Persons fall into atoms (which populations, sex, age band, years with care): every number shown is a
sum of atoms. The attacker solves for them over all answers together, which is more than the product
does when it hides: no group of 1 to 10 persons may then be bounded below 11.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog

from ecluse.domain.errors import Refused
from ecluse.domain.tabulation import Source
from tests.unit.data.tabulation.clinics import (
    CARE,
    MAN,
    WOMAN,
    Clinic,
    clinic,
    condition,
    person,
    plan,
    read,
    table,
)

MINIMUM = 11
PERSONS = 260
FIRST = replace(CARE, last=date(2021, 12, 31))
BANDS = {1940: "65+", 1950: "65+", 1970: "40-64", 2000: "0-39"}
Atom = tuple[object, ...]
Group = Callable[[Atom], bool]


@dataclass(frozen=True)
class Answers:
    """The atoms of all persons, and the groups whose number was shown."""

    atoms: Counter[Atom]
    shown: list[tuple[Group, int]]

    def bounds(self, group: Group) -> tuple[int, float, float]:
        """The number of a group, and what the attacker knows of it."""
        kinds = list(self.atoms)
        wanted = np.array([float(group(kind)) for kind in kinds])
        rows = [[float(known(kind)) for kind in kinds] for known, _ in self.shown]
        numbers = [number for _, number in self.shown]
        ends = [
            linprog(sign * wanted, A_eq=rows, b_eq=numbers, bounds=(0, None)) for sign in (1, -1)
        ]
        low, high = (
            float(sign * end.fun) if end.status == 0 else np.inf
            for sign, end in zip((1, -1), ends, strict=True)
        )
        return sum(self.atoms[kind] for kind in kinds if group(kind)), low, high


def small_and_bounded(answers: Answers, groups: Sequence[Group]) -> list[tuple[int, float, float]]:
    """The groups of 1 to 10 persons who are known to be fewer than 11."""
    found = (answers.bounds(group) for group in groups)
    return [one for one in found if 0 < one[0] < MINIMUM and one[2] < MINIMUM - 1e-6]


def asked(
    here: Clinic, chance: random.Random, members: Sequence[list[int]], of: Sequence[Source | None]
) -> Iterator[tuple[int, Source | None, dict[tuple[tuple[str, str], ...], object]]]:
    """Ask four requests about random populations; yield what each shows."""
    for number in range(4):
        population = chance.randrange(len(members))
        source = chance.choice(of)
        names = [("sex",), ("age",), ("sex", "age")]
        names += [("year",), ("sex", "year")] if source else []
        by = chance.choice(names)
        try:
            made = here.answer(
                plan(table(*by, of=source), number=f"D-{number}"), members[population]
            )
        except Refused:
            continue
        cells = {tuple(zip(by, codes, strict=True)): one for codes, one in read(made).items()}
        yield population, source, cells


def is_in(cell: tuple[tuple[str, str], ...], sex: object, band: object) -> bool:
    return all(code in ("_T", sex, band) for name, code in cell if name in ("sex", "age"))


@pytest.mark.parametrize("seed", range(12))
def test_nested_populations_are_not_told_apart(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 — persons of a test
    sexes = [chance.choice(("M", "F")) for _ in range(PERSONS)]
    born = [chance.choice((*BANDS, 1950, 1970)) for _ in range(PERSONS)]
    here = clinic(tmp_path, _people(sexes, born))
    shuffled = chance.sample(range(PERSONS), PERSONS)
    steps = [0, chance.randint(1, 25), chance.randint(26, 50)]
    members = [sorted(shuffled[step:]) for step in steps]
    atoms: Counter[Atom] = Counter(
        (sum(rank >= step for step in steps), sexes[key], BANDS[born[key]])
        for rank, key in enumerate(shuffled)
    )

    shown = [
        (_among(population, cell), int(str(number)))
        for population, _, cells in asked(here, chance, members, [None])
        for cell, number in cells.items()
        if number is not None
    ]

    answers = Answers(_with_every(atoms), shown)
    groups = [
        _of(regions, sex, band)
        for regions in ((1,), (2,), (3,), (1, 2), (2, 3), (1, 2, 3))
        for sex, band in product(("_T", "M", "F"), ("_T", *BANDS.values()))
    ]
    assert all(answers.bounds(group)[0] == number for group, number in shown)
    assert small_and_bounded(answers, groups) == []


@pytest.mark.parametrize("seed", range(12))
def test_periods_and_events_are_not_told_apart(tmp_path: Path, seed: int) -> None:
    chance = random.Random(1000 + seed)  # noqa: S311 — persons of a test
    sexes = [chance.choice(("M", "F")) for _ in range(PERSONS)]
    habits = chance.choices(((1, 1), (1, 0), (0, 1), (0, 0)), (80, 8, 8, 8), k=PERSONS)
    events = [
        condition(key, "E11", date(year, 3, 1))
        for key, habit in enumerate(habits)
        for year, has in zip((2021, 2022), habit, strict=True)
        if has
    ]
    here = clinic(tmp_path, _people(sexes, [1950] * PERSONS), events)
    atoms: Counter[Atom] = Counter((sex, *habit) for sex, habit in zip(sexes, habits, strict=True))

    shown = [
        (_treated(source, cell), int(str(number)))
        for _, source, cells in asked(here, chance, [list(range(PERSONS))], [None, CARE, FIRST])
        for cell, number in cells.items()
        if number is not None
    ]

    answers = Answers(_with_habits(atoms), shown)
    groups: list[Group] = [
        _habit(sex, habits)
        for sex in ("_T", "M", "F")
        for habits in ({(1, 0)}, {(0, 1)}, {(0, 0)}, {(1, 0), (1, 1)}, {(0, 1), (1, 1)}, {(1, 1)})
    ]
    assert all(answers.bounds(group)[0] == number for group, number in shown)
    assert small_and_bounded(answers, groups) == []


def _people(sexes: Sequence[str], born: Sequence[int]) -> list[dict[str, object]]:
    return [
        dict(person(key, sex=MAN if sex == "M" else WOMAN, born=year))
        for key, (sex, year) in enumerate(zip(sexes, born, strict=True))
    ]


def _with_every(atoms: Counter[Atom]) -> Counter[Atom]:
    """The atoms, those of nobody too: the attacker does not know that nobody is there."""
    every: Counter[Atom] = Counter(
        dict.fromkeys(product((1, 2, 3), ("M", "F"), set(BANDS.values())), 0)
    )
    every.update(atoms)
    return every


def _with_habits(atoms: Counter[Atom]) -> Counter[Atom]:
    every: Counter[Atom] = Counter(dict.fromkeys(product(("M", "F"), (0, 1), (0, 1)), 0))
    every.update(atoms)
    return every


def _among(population: int, cell: tuple[tuple[str, str], ...]) -> Group:
    """Whether an atom is in a cell of the answer about one population."""
    return lambda atom: int(str(atom[0])) > population and is_in(cell, atom[1], atom[2])


def _of(regions: Sequence[int], sex: str, band: str) -> Group:
    return lambda atom: atom[0] in regions and sex in ("_T", atom[1]) and band in ("_T", atom[2])


def _treated(source: Source | None, cell: tuple[tuple[str, str], ...]) -> Group:
    """Whether an atom counts in a cell of the answer about some events."""
    code = dict(cell).get("year", "_T")

    def counts(atom: Atom) -> bool:
        if not is_in(cell, atom[0], "65+"):
            return False
        if source is None:
            return True
        first = bool(atom[1]) and code in ("_T", "2021")
        return first or (bool(atom[2]) and source == CARE and code in ("_T", "2022"))

    return counts


def _habit(sex: str, habits: set[tuple[int, int]]) -> Group:
    return lambda atom: sex in ("_T", atom[0]) and (atom[1], atom[2]) in habits
