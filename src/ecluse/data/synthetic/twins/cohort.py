"""A cohort of volunteers: what they answer at inclusion and every year after.

Volunteers are adults, more often women, of 45 to 69 years, in good health. They under-report some
illnesses, drop out, and leave questions empty. Rates are our assumptions.
"""

from typing import Final

import numpy as np

from ecluse.data.synthetic.calendar import NEVER, YEAR_DAYS, Floats, Ints, Period
from ecluse.data.synthetic.people import FEMALE, departments
from ecluse.data.synthetic.twins.blocks import Block, LocalNumbers
from ecluse.data.synthetic.twins.drafts import Chance
from ecluse.data.synthetic.twins.files import Headers, Tables
from ecluse.data.synthetic.twins.traits import SMOKER, Traits

VOLUNTEERS: Final = 0.1
"""Share of women of the favoured ages who take part."""
MEN_FACTOR: Final = 0.5
OTHER_AGES_FACTOR: Final = 0.35
ILL_FACTOR: Final = 0.6
SMOKER_FACTOR: Final = 0.7
FAVOURED_AGES: Final = (45, 70)
AGES: Final = (18, 80)
RECRUITING: Final = 0.5
"""Share of the period during which the cohort includes volunteers, from its start."""
LOST_A_YEAR: Final = 0.12
EMPTY: Final = 0.03
"""Share of answers left empty."""
REPORTED: Final = {
    # condition: share of the ill who say so, share of the others who say so
    "hypertension": (0.82, 0.02),
    "diabetes": (0.93, 0.005),
    "dyslipidaemia": (0.68, 0.04),
    "depression": (0.55, 0.03),
    "asthma_copd": (0.70, 0.01),
    "osteoarthritis": (0.60, 0.05),
    "cancer": (0.90, 0.003),
}
SMOKING: Final = ("never", "former", "current")
GIVES_UP: Final = 0.05
"""Share of smokers who have stopped at each yearly questionnaire."""
BURDEN: Final = 3.5
"""Points of physical quality of life (mean 50) that each illness takes."""

HEADERS: Final[Headers] = {
    "volunteer": (
        *("volunteer_id", "national_pseudonym", "sex", "birth_year", "department"),
        *("included_on", "education_years"),
    ),
    "questionnaire": (
        *("questionnaire_id", "volunteer_id", "wave", "answered_on", "height_cm", "weight_kg"),
        *("body_mass_index", "smoking", "cigarettes_per_day", "alcohol_glasses_per_week"),
        *("physical_quality", "mental_quality", "self_rated_health"),
    ),
    "reported_condition": (
        *("questionnaire_id", "volunteer_id", "answered_on", "condition", "since_year"),
    ),
}
TRUTH: Final[Headers] = {
    "cohort_persons": (
        *("person_index", "volunteer_id", "illnesses_unreported", "illnesses_misreported"),
    ),
}


class Cohort:
    """Writes the cohort's tables, block after block."""

    def __init__(self, tables: Tables, truth: Tables, *, period: Period, seed: int) -> None:
        self._tables = tables
        self._truth = truth
        self._period = period
        self._seed = seed
        self._numbers = LocalNumbers(seed, "cohort")

    def add(self, block: Block, traits: Traits) -> None:
        """Write the volunteers of a block and their answers."""
        rng = block.rng(self._seed, "cohort")
        recruiting = int((self._period.end - self._period.start) * RECRUITING)
        included = self._period.start + rng.integers(0, max(recruiting, 1), block.count)
        takes_part = rng.random(block.count) < _willing(block, traits, included)
        takes_part &= block.people.died > included
        numbers = {
            person: self._numbers.of(block.first_person + person)
            for person in np.flatnonzero(takes_part).tolist()
        }
        for person in sorted(numbers, key=numbers.__getitem__):
            answers = _Answers(block, traits, person, self._seed)
            self._volunteer(answers, numbers[person], int(included[person]))

    def _volunteer(self, answers: "_Answers", number: int, included: int) -> None:
        block, person = answers.block, answers.person
        people = block.people
        department = departments()[int(people.department[person])]["code"]
        sex = "F" if people.sex[person] == FEMALE else "M"
        self._tables.write(
            "volunteer",
            (
                *(number, block.own_pseudonyms[person] or None, sex),
                *(_date(int(people.born[person]))[:4], department, _date(included)),
                answers.chance.between(8, 19),
            ),
        )
        self._follow(answers, number, included)
        index = block.first_person + person
        self._truth.write(
            "cohort_persons", (index, number, *(" ".join(names) for names in answers.errors()))
        )

    def _follow(self, answers: "_Answers", number: int, included: int) -> None:
        day, wave = included, 0
        last = min(self._period.end - 1, int(answers.block.people.died[answers.person]))
        while day <= last:
            questionnaire = self._tables.next_number("questionnaire")
            row = (questionnaire, number, wave, _date(day), *answers.health(day))
            self._tables.write("questionnaire", row)
            for condition, since in answers.conditions(day):
                reported = (questionnaire, number, _date(day), condition, since)
                self._tables.write("reported_condition", reported)
            if answers.chance.happens(LOST_A_YEAR):
                return
            wave += 1
            day += round(YEAR_DAYS) + answers.chance.between(-20, 40)


class _Answers:
    """What one volunteer says; who denies an illness once denies it always."""

    def __init__(self, block: Block, traits: Traits, person: int, seed: int) -> None:
        self.block = block
        self.person = person
        self.chance = Chance(block.rng(seed, f"volunteer:{person}"))
        self._traits = traits
        self._smokes = int(traits.smoking[person])
        self._onsets = {name: int(block.onset(name)[person]) for name in REPORTED}
        self._says = {
            name: self.chance.happens(shares[0 if self._onsets[name] < NEVER else 1])
            for name, shares in REPORTED.items()
        }
        self._gain = float(self.chance.rng.normal(0.2, 0.5))
        self._first_day: int | None = None

    def health(self, day: int) -> tuple[object, ...]:
        """Return height to self-rated health, in the order of the questionnaire."""
        self._first_day = day if self._first_day is None else self._first_day
        age = (day - int(self.block.people.born[self.person])) / YEAR_DAYS
        height = round(self._traits.height(self.person, age))
        gained = self._gain * (day - self._first_day) / YEAR_DAYS
        weight = round(self._traits.weight(self.person, age) + gained, 1)
        if self._smokes == SMOKER and day > self._first_day and self.chance.happens(GIVES_UP):
            self._smokes -= 1
        illnesses = sum(onset <= day for onset in self._onsets.values())
        physical = float(self.chance.rng.normal(53 - BURDEN * illnesses, 7))
        answers: tuple[object, ...] = (
            *(height, weight, round(weight / (height / 100) ** 2, 1), SMOKING[self._smokes]),
            self.chance.between(3, 25) if self._smokes == SMOKER else 0,
            int(self.chance.rng.poisson(4)),
            *(round(physical, 1), round(self._mental(day), 1), _rated(physical)),
        )
        return tuple(None if self.chance.happens(EMPTY) else answer for answer in answers)

    def conditions(self, day: int) -> list[tuple[str, str]]:
        """Return the illnesses that the volunteer says to have, with the year they give."""
        said = []
        for name, onset in self._onsets.items():
            if self._says[name] and (onset <= day or onset == NEVER):
                year = _date(min(onset, day))[:4]
                said.append((name, year))
        return said

    def errors(self) -> tuple[list[str], list[str]]:
        """Return the illnesses had and never said, and those said and never had."""
        ill = {name for name, onset in self._onsets.items() if onset < NEVER}
        said = {name for name, says in self._says.items() if says}
        return sorted(ill - said), sorted(said - ill)

    def _mental(self, day: int) -> float:
        is_depressed = self._onsets["depression"] <= day
        return float(self.chance.rng.normal(37 if is_depressed else 50, 8))


def _willing(block: Block, traits: Traits, included: Ints) -> Floats:
    """Return each person's chance of taking part."""
    age = (included - block.people.born) / YEAR_DAYS
    chance = np.where((age >= AGES[0]) & (age < AGES[1]), VOLUNTEERS, 0.0)
    favoured = (age >= FAVOURED_AGES[0]) & (age < FAVOURED_AGES[1])
    chance = np.where(favoured, chance, chance * OTHER_AGES_FACTOR)
    chance = np.where(block.people.sex == FEMALE, chance, chance * MEN_FACTOR)
    chance = np.where(traits.smoking == SMOKER, chance * SMOKER_FACTOR, chance)
    for condition in ("heart_failure", "cancer", "asthma_copd"):
        is_ill = block.onset(condition) <= included
        chance = np.where(is_ill, chance * ILL_FACTOR, chance)
    return chance


def _rated(physical: float) -> int:
    """Return self-rated health, 1 very poor to 8 excellent."""
    return int(np.clip(round((physical - 15) / 6), 1, 8))


def _date(day: int) -> str:
    return str(np.datetime64(day, "D"))
