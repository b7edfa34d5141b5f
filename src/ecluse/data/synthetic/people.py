"""Who lives in the synthetic country: ages, sexes, departments, pseudonyms, deaths."""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ecluse.data.synthetic.calendar import NEVER, YEAR_DAYS, Days, Flags, Floats, Ints, Period
from ecluse.data.synthetic.reading import read_rows

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
"""Share of persons known under two pseudonyms (both parents', or a parent's then their own):
our assumption."""
NO_OWN_NUMBER: Final = 0.03
"""Share of persons whose own number the register lacks (at least 97 % are filled since 2016)."""
TWINS: Final = 0.016
"""Share of persons from a multiple birth."""
BIRTHS: Final = 0.0118
"""Births a year per inhabitant."""
ADULT: Final = 18
UNUSUAL_NUMBERS: Final = (("03", 0.004), ("04", 0.006), ("05", 0.0005), ("08", 0.0005))
"""Provisional (03, 04) and fictive numbers, with their share of persons: our assumption."""
PROVISIONAL: Final = ("03", "04")
UNKNOWN_MUNICIPALITIES: Final = 0.016
"""Share of persons whose municipality is not a code of INSEE."""
UNKNOWN_MUNICIPALITY: Final = "999"

DEMO_CITIZEN: Final = 0
"""A woman born in 1961 with diabetes and joint pain: her opt-out shows in most studies."""
PSEUDONYM_LETTERS: Final = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", dtype="S1")
PSEUDONYM_LENGTH: Final = 17


@dataclass(frozen=True, slots=True)
class People:
    """One entry a person. `second_pseudonym` is -1 where there is none.

    `first` is the number, in the country, of the first person here: persons are drawn in blocks.
    `regime`, `department` and `number_kind` are positions in their lists; `municipality` is a
    position in the department's own list, -1 for a code that INSEE does not know. A person who is
    not `in_register` has claims and no row in IR_BEN_R. `twin_of` is the person born first of the
    same birth, `mother` the mother of a person born in the period, -1 for none.
    """

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
    municipality: Ints
    number_kind: Ints
    in_register: Flags
    twin_of: Ints
    mother: Ints
    first: int = 0

    @property
    def count(self) -> int:
        """How many persons."""
        return len(self.sex)

    @property
    def is_fictive(self) -> Flags:
        """Whose number stands for nobody in particular: a lake knows no person behind it."""
        kinds = [False, *(kind not in PROVISIONAL for kind, _ in UNUSUAL_NUMBERS)]
        fictive: Flags = np.array(kinds)[self.number_kind]
        return fictive

    @property
    def has_demo_citizen(self) -> bool:
        """Whether the person of the demonstration is here, at DEMO_CITIZEN."""
        return self.first == 0

    def age(self, day: int) -> Floats:
        """Return the age in years on `day`; negative before birth."""
        return (day - self.born) / YEAR_DAYS

    def is_alive(self, persons: Ints, days: Days) -> Flags:
        """Say for each (person, day) whether the person is born and not dead."""
        return (days >= self.born[persons]) & (days <= self.died[persons])

    def pseudonym_on(self, persons: Ints, days: Days) -> Ints:
        """Return under which pseudonym each person is known on each day.

        A child covered by both parents is known under either; an adult changed on a day.
        """
        second = self.second_pseudonym[persons]
        minor = days - self.born[persons] < ADULT * YEAR_DAYS
        is_second = np.where(minor, days % 2 == 1, days >= self.changed_on[persons])
        return np.where((second >= 0) & is_second, second, self.first_pseudonym[persons])


def departments() -> tuple[dict[str, str], ...]:
    """Return code, claims code and inhabitants (thousands) of each department."""
    return read_rows("departments")


def regimes() -> tuple[dict[str, str], ...]:
    """Return the insurance regimes: codes, share of persons, first and last year in the claims."""
    return read_rows("regimes")


@cache
def municipalities() -> tuple[tuple[str, ...], ...]:
    """Return three-character municipality codes of each department, in the order of departments."""
    known = {row["code"]: tuple(row["numbers"].split()) for row in read_rows("municipalities")}
    return tuple(known.get(row["code"], (UNKNOWN_MUNICIPALITY,)) for row in departments())


def draw_people(rng: np.random.Generator, count: int, period: Period, *, first: int = 0) -> People:
    """Return `count` persons with the ages, sexes and departments of France about 2021."""
    sex, born = _ages(rng, count, period)
    if first == 0:
        sex[DEMO_CITIZEN], born[DEMO_CITIZEN] = FEMALE, int(np.datetime64("1961-03-14").astype(int))
    twin = _make_twins(rng, sex, born)
    department = _drawn(rng, count, [float(item["thousands"]) for item in departments()])
    department[twin] = department[twin - 1]
    same_sex_twin = twin[sex[twin] == sex[twin - 1]]
    pseudonym = np.arange(count)
    pseudonym[same_sex_twin] -= 1
    rank = np.ones(count, dtype=np.int64)
    rank[same_sex_twin] = 2
    kinds = [share for _, share in UNUSUAL_NUMBERS]
    number_kind = _drawn(rng, count, [1 - sum(kinds), *kinds])
    provisional = len(PROVISIONAL)
    has_own_number = (rng.random(count) >= NO_OWN_NUMBER) & (number_kind <= provisional)
    several = has_own_number & (rng.random(count) < SEVERAL_PSEUDONYMS)
    regime = _drawn(rng, count, [float(item["share"]) for item in regimes()])
    if first == 0:
        has_own_number[DEMO_CITIZEN], regime[DEMO_CITIZEN], number_kind[DEMO_CITIZEN] = True, 0, 0
    return People(
        sex=sex,
        born=born,
        died=np.full(count, NEVER, dtype=np.int32),
        department=department,
        regime=regime,
        birth_rank=rank,
        first_pseudonym=pseudonym,
        second_pseudonym=np.where(several, count + np.arange(count), -1),
        changed_on=rng.integers(period.start, period.end, count).astype(np.int32),
        has_own_number=has_own_number,
        pseudonyms=_pseudonyms(rng, 2 * count),
        municipality=_municipality(rng, department),
        number_kind=number_kind,
        in_register=np.ones(count, dtype=bool),
        twin_of=_twins_of(twin, count),
        mother=np.full(count, -1),
        first=first,
    )


def _drawn(rng: np.random.Generator, count: int, weights: list[float]) -> Ints:
    chances = np.cumsum(weights)
    drawn: Ints = np.searchsorted(chances, rng.random(count) * chances[-1], side="right")
    return drawn


def _municipality(rng: np.random.Generator, department: Ints) -> Ints:
    sizes = np.array([len(codes) for codes in municipalities()])[department]
    # Squared: the first codes of the list are larger towns.
    drawn = (rng.random(len(department)) ** 2 * sizes).astype(np.int64)
    unknown = rng.random(len(department)) < UNKNOWN_MUNICIPALITIES
    return np.where(unknown, -1, drawn)


def _ages(rng: np.random.Generator, count: int, period: Period) -> tuple[Ints, Days]:
    newborn = BIRTHS * (sum(MEN) + sum(WOMEN)) / 2 * period.years
    group = _drawn(rng, count, [newborn, *MEN, newborn, *WOMEN])
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


def _twins_of(twin: Ints, count: int) -> Ints:
    first = np.full(count, -1)
    first[twin] = twin - 1
    return first


def _pseudonyms(rng: np.random.Generator, count: int) -> NDArray[np.str_]:
    letters = rng.integers(0, len(PSEUDONYM_LETTERS), (count, PSEUDONYM_LENGTH), dtype=np.uint8)
    joined = PSEUDONYM_LETTERS[letters].view(f"S{PSEUDONYM_LENGTH}").ravel()
    return joined.astype(f"U{PSEUDONYM_LENGTH}")
