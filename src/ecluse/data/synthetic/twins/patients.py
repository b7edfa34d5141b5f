"""What the hospital knows of a person at a stay: facts that tables and letters then tell alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ecluse.data.synthetic.calendar import NEVER, YEAR_DAYS
from ecluse.data.synthetic.people import FEMALE
from ecluse.data.synthetic.twins.blocks import Block, LocalNumbers
from ecluse.data.synthetic.twins.drafts import Chance
from ecluse.data.synthetic.twins.lexicon import (
    PREFIX,
    Condition,
    Diagnosis,
    Drug,
    Treatment,
    Tumour,
    lexicon,
    read,
)
from ecluse.data.synthetic.twins.measurements import Body, Measured, measure
from ecluse.data.synthetic.twins.traits import Traits
from ecluse.data.synthetic.twins.tumours import CANCER, Tumours

FAR: Final = int(NEVER)
NOT_ASKED: Final = frozenset({"dementia", "psychosis"})
"""Illnesses that letters do not deny: nobody writes that a person of thirty is not demented."""


@dataclass(frozen=True, slots=True)
class Prescription:
    """A drug, its dose, and the illness for which it is taken."""

    drug: Drug
    dose: str
    condition: str


@dataclass(frozen=True, slots=True)
class Patient:
    """A person as the hospital knows them over all stays; names are invented.

    `habits`: a number from which home, alcohol and allergies are told, the same in every letter.
    """

    person: int
    number: int
    opt_out_id: str
    is_woman: bool
    born: int
    died: int
    habits: int
    first_name: str
    family_name: str
    onsets: Mapping[str, int]
    prescriptions: tuple[Prescription, ...]
    tumour: Tumour | None


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay: what was known at admission, found, measured, done and given.

    Days are counted since 1970-01-01. `illnesses`: known at admission; `absent`: never had.
    """

    patient: Patient
    number: int
    site: int
    entered: int
    left: int
    code: str
    diagnosis: Diagnosis
    illnesses: tuple[Condition, ...]
    absent: tuple[Condition, ...]
    habitual: tuple[Prescription, ...]
    given: tuple[Prescription, ...]
    measured: tuple[Measured, ...]
    height: int
    weight: int
    smoking: int
    packs: int

    @property
    def age(self) -> float:
        """Return the age in years at admission."""
        return (self.entered - self.patient.born) / YEAR_DAYS

    @property
    def nights(self) -> int:
        """Return the nights spent."""
        return self.left - self.entered

    @property
    def is_death(self) -> bool:
        """Whether the person died on the day of discharge."""
        return self.patient.died == self.left

    @property
    def has_cancer(self) -> bool:
        """Whether the person's cancer is known at admission."""
        onset = self.patient.onsets.get(CANCER)
        return self.patient.tumour is not None and onset is not None and onset <= self.entered


class Patients:
    """Reads the persons and stays of a block as the hospital sees them."""

    def __init__(self, block: Block, traits: Traits, tumours: Tumours, *, seed: int) -> None:
        self._block = block
        self._traits = traits
        self._tumours = tumours
        self._seed = seed
        self._numbers = LocalNumbers(seed, "hospital")
        self._dispensed = {
            atc: frozenset(persons.tolist()) for atc, persons in block.dispensed.items()
        }
        self._codes = tuple(block.stays.main_codes())
        self._onsets = {name: block.onset(name) for name in (*lexicon().conditions, CANCER)}

    def code(self, stay: int) -> str:
        """Return the main diagnosis of a stay."""
        return self._codes[stay]

    def patient(self, person: int) -> Patient:
        """Return what the hospital knows of a person whatever the stay."""
        people, chance = self._block.people, self._chance(person, "patient")
        is_woman = bool(people.sex[person] == FEMALE)
        names = read("letters")["names"]
        onsets = {
            name: int(onset[person]) for name, onset in self._onsets.items() if onset[person] < FAR
        }
        return Patient(
            person=person,
            number=self._numbers.of(self._block.first_person + person),
            opt_out_id=self._block.own_pseudonyms[person],
            is_woman=is_woman,
            born=int(people.born[person]),
            died=int(people.died[person]),
            habits=chance.between(0, 59),
            first_name=chance.pick(names["women" if is_woman else "men"]),
            family_name=chance.pick(names["families"]),
            onsets=onsets,
            prescriptions=self._prescriptions(chance, person, onsets),
            tumour=self._tumours.of(person),
        )

    def visit(self, patient: Patient, stay: int, *, site: int, number: int) -> Visit | None:
        """Return what is known of a stay; None when its reason is not in the lexicon."""
        code = self._codes[stay]
        diagnosis = lexicon().diagnosis(code)
        if diagnosis is None:
            return None
        stays, chance = self._block.stays, self._chance(stay, "visit")
        entered, left = int(stays.entered[stay]), int(stays.left[stay])
        age = (entered - patient.born) / YEAR_DAYS
        known = tuple(
            item
            for name, item in lexicon().conditions.items()
            if patient.onsets.get(name, FAR) <= entered
        )
        names = frozenset(item.name for item in known)
        body = Body(patient.is_woman, age, names | _cancer(patient, entered), code[:PREFIX])
        habitual = tuple(item for item in patient.prescriptions if item.condition in names)
        return Visit(
            patient=patient,
            number=number,
            site=site,
            entered=entered,
            left=left,
            code=code,
            diagnosis=diagnosis,
            illnesses=known,
            absent=_absent(patient, code),
            habitual=habitual,
            given=_given(chance, diagnosis, left - entered),
            measured=measure(chance, body, diagnosis, nights=left - entered),
            height=round(self._traits.height(patient.person, age)),
            weight=round(self._traits.weight(patient.person, age)),
            smoking=int(self._traits.smoking[patient.person]),
            packs=int(self._traits.packs[patient.person]),
        )

    def _chance(self, number: int, purpose: str) -> Chance:
        return Chance(self._block.rng(self._seed, f"{purpose}:{number}"))

    def _prescriptions(
        self, chance: Chance, person: int, onsets: Mapping[str, int]
    ) -> tuple[Prescription, ...]:
        found = []
        for name, condition in lexicon().conditions.items():
            for treatment in condition.drugs if name in onsets else ():
                atc = self._taken(chance, person, treatment)
                if atc:
                    drug = lexicon().drugs[atc]
                    found.append(Prescription(drug, chance.pick(drug.doses), name))
        by_drug = {item.drug.atc: item for item in reversed(found)}
        return tuple(reversed(by_drug.values()))

    def _taken(self, chance: Chance, person: int, treatment: Treatment) -> str | None:
        drawn = chance.pick(treatment.atc) if chance.happens(treatment.share) else None
        if not self._dispensed:
            return drawn
        received = (atc for atc in treatment.atc if person in self._dispensed.get(atc, ()))
        return next(received, None)


def _cancer(patient: Patient, day: int) -> frozenset[str]:
    return frozenset({CANCER} if patient.onsets.get(CANCER, FAR) <= day else ())


def _absent(patient: Patient, code: str) -> tuple[Condition, ...]:
    """Return the illnesses that letters may deny: never had, and far from the stay's reason."""
    return tuple(
        item
        for name, item in lexicon().conditions.items()
        if name not in patient.onsets and name not in NOT_ASKED and item.code[:2] != code[:2]
    )


def _given(chance: Chance, diagnosis: Diagnosis, nights: int) -> tuple[Prescription, ...]:
    if not diagnosis.treatment or (nights == 0 and diagnosis.style != "session"):
        return ()
    drug = lexicon().drugs[chance.pick(diagnosis.treatment)]
    return (Prescription(drug, chance.pick(drug.doses), ""),)
