"""A national cancer registry: every new case of the period, but for those that escaped it."""

from typing import Final

import numpy as np

from ecluse.data.synthetic.calendar import NEVER, Ints, Period
from ecluse.data.synthetic.people import FEMALE, departments
from ecluse.data.synthetic.twins.blocks import Block, LocalNumbers
from ecluse.data.synthetic.twins.drafts import Chance
from ecluse.data.synthetic.twins.files import Headers, Tables
from ecluse.data.synthetic.twins.lexicon import Tumour, lexicon
from ecluse.data.synthetic.twins.tumours import CANCER, Tumours

COMPLETENESS: Final = 0.97
"""Share of new cases that the registry has."""
UNKNOWN_TO_CLAIMS: Final = 0.03
"""Cases that the claims country does not know, per new case: diagnosed or treated elsewhere."""
LEAST_AGE_UNKNOWN: Final = 45
STAGE_MISSING: Final = 0.08
STAGES: Final = ("I", "II", "III", "IV")
GRADES: Final = ("1", "2", "3", "")
HISTOLOGY_OF_PRIMARY, CLINICAL_INVESTIGATION, DEATH_CERTIFICATE = 7, 2, 0
CONFIRMED: Final = 0.94
ALIVE, DEAD = "alive", "dead"

HEADERS: Final[Headers] = {
    "patient": (
        *("patient_id", "national_pseudonym", "sex", "birth_year", "birth_month"),
        *("department", "vital_status", "last_news_on"),
    ),
    "tumour": (
        *("tumour_id", "patient_id", "diagnosed_on", "topography", "morphology", "icd10"),
        *("grade", "stage", "basis_of_diagnosis", "sources"),
    ),
}
TRUTH: Final[Headers] = {
    "registry_cases": (
        *("person_index", "patient_id", "topography", "diagnosed_on", "is_registered"),
        "is_in_claims",
    ),
}


class Registry:
    """Writes the registry's tables, block after block."""

    def __init__(self, tables: Tables, truth: Tables, *, period: Period, seed: int) -> None:
        self._tables = tables
        self._truth = truth
        self._period = period
        self._seed = seed
        self._numbers = LocalNumbers(seed, "registry")

    def add(self, block: Block, tumours: Tumours) -> None:
        """Write the new cases of a block."""
        rng = block.rng(self._seed, "registry")
        onset = block.onset(CANCER)
        new = np.flatnonzero((onset >= self._period.start) & (onset < self._period.end))
        is_registered = rng.random(len(new)) < COMPLETENESS
        cases: list[tuple[int, int, Tumour | None, bool, bool]] = [
            (person, int(onset[person]), tumours.of(person), bool(registered), True)
            for person, registered in zip(new.tolist(), is_registered, strict=True)
        ]
        for person in self._unknown(rng, block, len(new)).tolist():
            day = int(rng.integers(self._period.start, self._period.end))
            likely = _likely(rng, is_woman=bool(block.people.sex[person] == FEMALE))
            cases.append((person, min(day, int(block.people.died[person])), likely, True, False))
        numbered = [(self._numbers.of(block.first_person + case[0]), *case) for case in cases]
        for number, person, day, tumour, registered, is_in_claims in sorted(
            numbered, key=lambda case: case[0]
        ):
            if tumour is None:
                continue
            index = block.first_person + person
            patient_id = number if registered else None
            flags = (int(registered), int(is_in_claims))
            self._truth.write(
                "registry_cases", (index, patient_id, tumour.topography, _date(day), *flags)
            )
            if registered:
                self._case(block, person, number, day, tumour)

    def _unknown(self, rng: np.random.Generator, block: Block, new: int) -> Ints:
        """Return persons without cancer in the country whom the registry knows to have one."""
        age = block.age(self._period.start)
        may = (block.onset(CANCER) == NEVER) & (age >= LEAST_AGE_UNKNOWN)
        candidates = np.flatnonzero(may)
        count = min(int(rng.binomial(new, UNKNOWN_TO_CLAIMS)), len(candidates))
        return rng.choice(candidates, size=count, replace=False)

    def _case(self, block: Block, person: int, number: int, day: int, tumour: Tumour) -> None:
        people, chance = block.people, Chance(block.rng(self._seed, f"case:{person}"))
        died = int(people.died[person])
        is_dead = died < self._period.end
        year, month, _ = _date(int(people.born[person])).split("-")
        department = departments()[int(people.department[person])]["code"]
        news = died if is_dead else self._period.end - chance.between(1, 180)
        self._tables.write(
            "patient",
            (
                *(number, block.own_pseudonyms[person] or None),
                *("F" if people.sex[person] == FEMALE else "M", year, month, department),
                *(DEAD if is_dead else ALIVE, _date(max(news, day))),
            ),
        )
        basis = HISTOLOGY_OF_PRIMARY if chance.happens(CONFIRMED) else CLINICAL_INVESTIGATION
        if died == day:
            basis = DEATH_CERTIFICATE
        self._tables.write(
            "tumour",
            (
                *(self._tables.next_number("tumour"), number, _date(day)),
                *(chance.pick(tumour.subsites), _weighted(chance, tumour.morphologies)),
                *(tumour.icd10, chance.pick(GRADES) or None, _stage(chance, tumour), basis),
                chance.between(1, 4),
            ),
        )


def _likely(rng: np.random.Generator, *, is_woman: bool) -> Tumour:
    tumours = lexicon().tumours
    chances = np.array([tumour.chances[is_woman] for tumour in tumours])
    return tumours[int(rng.choice(len(tumours), p=chances / chances.sum()))]


def _stage(chance: Chance, tumour: Tumour) -> str | None:
    if chance.happens(STAGE_MISSING):
        return None
    return _weighted(chance, tuple(zip(STAGES, tumour.stages, strict=True)))


def _weighted(chance: Chance, weights: tuple[tuple[str, float], ...]) -> str:
    draw, total = float(chance.rng.random()), 0.0
    for text, weight in weights:
        total += weight
        if draw < total:
            return text
    return weights[-1][0]


def _date(day: int) -> str:
    return str(np.datetime64(day, "D"))
