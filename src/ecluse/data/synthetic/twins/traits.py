"""What persons are, whoever looks: height, weight, tobacco. Our assumptions, not findings."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecluse.data.synthetic.calendar import NEVER, Flags, Floats, Ints
from ecluse.data.synthetic.people import FEMALE
from ecluse.data.synthetic.twins.blocks import Block

GROWN_UP: Final = 17
BIRTH_CM: Final = 50.0
GROWTH: Final = 0.65
"""Height grows as age to this power: 127 cm at 8 years for an adult of 176 cm."""
NEVER_SMOKED, FORMER_SMOKER, SMOKER = 0, 1, 2
SMOKERS: Final = 0.25
EVER_SMOKED: Final = 0.55
EVER_SMOKED_WITH_COPD: Final = 0.92


@dataclass(frozen=True, slots=True)
class Traits:
    """One entry a person. Heights in cm are those of the grown-up; packs are pack-years."""

    adult_height: Floats
    body_mass_index: Floats
    smoking: Ints
    packs: Ints

    def height(self, person: int, age: float) -> float:
        """Return the height in cm of a person at an age in years."""
        adult = float(self.adult_height[person])
        if age >= GROWN_UP:
            return adult
        grown: float = (max(age, 0.0) / GROWN_UP) ** GROWTH
        return BIRTH_CM + (adult - BIRTH_CM) * grown

    def weight(self, person: int, age: float) -> float:
        """Return the weight in kg of a person at an age in years."""
        index = float(self.body_mass_index[person])
        if age < GROWN_UP:
            index = 14.5 + (index - 14.5) * 0.6 * max(age, 0.0) / GROWN_UP
        return float(index * (self.height(person, age) / 100) ** 2)


def draw_traits(block: Block, *, seed: int, day: int) -> Traits:
    """Return the traits of the persons of a block; the young of `day` have not smoked."""
    rng = block.rng(seed, "traits")
    count = block.count
    is_woman = block.people.sex == FEMALE
    height = np.where(is_woman, rng.normal(163, 6.3, count), rng.normal(176, 6.8, count))
    index = np.exp(rng.normal(np.log(25.2), 0.16, count))
    for condition, factor in (("diabetes", 1.14), ("hypertension", 1.05), ("osteoarthritis", 1.04)):
        index = np.where(block.onset(condition) != NEVER, index * factor, index)
    smoking, packs = _tobacco(rng, block, block.age(day))
    return Traits(height, np.clip(index, 16, 48), smoking, packs)


def _tobacco(rng: np.random.Generator, block: Block, age: Floats) -> tuple[Ints, Ints]:
    has_copd = block.onset("asthma_copd") != NEVER
    ever = rng.random(block.count) < np.where(has_copd, EVER_SMOKED_WITH_COPD, EVER_SMOKED)
    still: Flags = rng.random(block.count) < SMOKERS / EVER_SMOKED * np.clip((90 - age) / 45, 0, 1)
    smoking = np.where(ever & (age >= GROWN_UP), np.where(still, SMOKER, FORMER_SMOKER), 0)
    years = np.clip(age - GROWN_UP, 1, 45) * rng.uniform(0.15, 1.0, block.count)
    return smoking.astype(np.int64), np.where(smoking > 0, np.ceil(years), 0).astype(np.int64)
