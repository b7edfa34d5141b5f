"""Who lives in the synthetic country: ages, sexes, departments, pseudonyms, deaths."""

import csv
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ecluse.data.synthetic.calendar import NEVER, YEAR_DAYS, Days, Flags, Floats, Ints, Period

# Inhabitants in thousands by five-year age group, 0-4 to 95-99, France about 2021 (rounded).
MEN: Final = (
    *(1790, 2020, 2150, 2130, 1960, 1830, 1960, 2040, 2050, 2110),
    *(2230, 2160, 2010, 1850, 1750, 1100, 780, 520, 210, 45),
)
WOMEN: Final = (
    *(1710, 1930, 2050, 2020, 1900, 1860, 2060, 2160, 2130, 2170),
    *(2290, 2280, 2190, 2080, 2050, 1370, 1130, 930, 510, 150),
)
MALE, FEMALE = 1, 2
GROUP_YEARS: Final = 5

SEVERAL_PSEUDONYMS: Final = 0.25
"""Share of persons known under two pseudonyms (own insurance after a parent's): our assumption."""
NO_OWN_NUMBER: Final = 0.03
"""Share of persons whose own number the register lacks (at least 97 % are filled since 2016)."""
TWINS: Final = 0.016
"""Share of persons from a multiple birth."""
BIRTHS: Final = 0.0105
"""Births a year per inhabitant."""

DEMO_CITIZEN: Final = 0
"""A woman born in 1961 with diabetes and joint pain: her opt-out shows in most studies."""
PSEUDONYM_LETTERS: Final = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", dtype="S1")
PSEUDONYM_LENGTH: Final = 17


@dataclass(frozen=True, slots=True)
class People:
    """One entry a person. `second_pseudonym` is -1 where there is none."""

    sex: Ints
    born: Days
    died: Days
    department: Ints
    regime: Ints
    birth_rank: Ints
    first_pseudonym: Ints
    second_pseudonym: Ints
    changed_on: Days
    has_own_number: Flags
    pseudonyms: NDArray[np.str_]

    @property
    def count(self) -> int:
        """How many persons."""
        return len(self.sex)

    def age(self, day: int) -> Floats:
        """Return the age in years on `day`; negative before birth."""
        return (day - self.born) / YEAR_DAYS

    def is_alive(self, persons: Ints, days: Days) -> Flags:
        """Say for each (person, day) whether the person is born and not dead."""
        return (days >= self.born[persons]) & (days <= self.died[persons])


def departments() -> list[dict[str, str]]:
    """Return code, claims code and inhabitants (thousands) of each department."""
    text = (files("ecluse.data.synthetic") / "departments.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter=";"))


def draw_people(rng: np.random.Generator, count: int, period: Period) -> People:
    """Return `count` persons with the ages, sexes and departments of France about 2021."""
    sex, born = _ages(rng, count, period)
    sex[DEMO_CITIZEN], born[DEMO_CITIZEN] = FEMALE, int(np.datetime64("1961-03-14").astype(int))
    twin = _make_twins(rng, sex, born)
    weights = np.array([float(item["thousands"]) for item in departments()])
    department = rng.choice(len(weights), size=count, p=weights / weights.sum())
    department[twin] = department[twin - 1]
    same_sex_twin = twin[sex[twin] == sex[twin - 1]]
    first = np.arange(count)
    first[same_sex_twin] -= 1
    rank = np.ones(count, dtype=np.int64)
    rank[same_sex_twin] = 2
    has_own_number = rng.random(count) >= NO_OWN_NUMBER
    has_own_number[DEMO_CITIZEN] = True
    several = has_own_number & (rng.random(count) < SEVERAL_PSEUDONYMS)
    second = np.where(several, count + np.arange(count), -1)
    return People(
        sex=sex,
        born=born,
        died=np.full(count, NEVER, dtype=np.int32),
        department=department,
        regime=rng.choice([1, 2, 3, 7], size=count, p=[0.86, 0.06, 0.05, 0.03]),
        birth_rank=rank,
        first_pseudonym=first,
        second_pseudonym=second,
        changed_on=rng.integers(period.start, period.end, count).astype(np.int32),
        has_own_number=has_own_number,
        pseudonyms=_pseudonyms(rng, 2 * count),
    )


def _ages(rng: np.random.Generator, count: int, period: Period) -> tuple[Ints, Days]:
    newborn = BIRTHS * (sum(MEN) + sum(WOMEN)) / 2 * period.years
    weights = np.array([newborn, *MEN, newborn, *WOMEN], dtype=float)
    group = rng.choice(len(weights), size=count, p=weights / weights.sum())
    sex = np.where(group > len(MEN), FEMALE, MALE).astype(np.int64)
    step = group % (len(MEN) + 1) - 1
    age = (step + rng.random(count)) * GROUP_YEARS * YEAR_DAYS
    unborn = period.start + rng.random(count) * (period.end - period.start)
    return sex, np.where(step < 0, unborn, period.start - age).astype(np.int32)


def _make_twins(rng: np.random.Generator, sex: Ints, born: Days) -> Ints:
    """Give some persons the birth of the person before them; return who they are."""
    count = len(sex)
    pairs = rng.permutation(np.arange(2, count - 1, 2))[: int(count * TWINS / 2)]
    twin = pairs + 1
    born[twin] = born[pairs]
    sex[twin] = np.where(rng.random(len(twin)) < 2 / 3, sex[pairs], MALE + FEMALE - sex[pairs])
    return twin


def _pseudonyms(rng: np.random.Generator, count: int) -> NDArray[np.str_]:
    letters = rng.integers(0, len(PSEUDONYM_LETTERS), (count, PSEUDONYM_LENGTH))
    joined = PSEUDONYM_LETTERS[letters].view(f"S{PSEUDONYM_LENGTH}").ravel()
    return joined.astype(f"U{PSEUDONYM_LENGTH}")
