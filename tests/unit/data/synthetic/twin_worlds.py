"""Small countries for the twins: persons, illnesses and stays in sight."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ecluse.data.synthetic.calendar import NEVER, Days, Ints, period_of
from ecluse.data.synthetic.twins import Block, TwinReport, generate_twins
from ecluse.data.synthetic.twins.patients import Patients, Visit
from ecluse.data.synthetic.twins.traits import draw_traits
from ecluse.data.synthetic.twins.tumours import draw_tumours

PERIOD = period_of((2021, 2022))
MAN, WOMAN = 1, 2
Stay = tuple[int, str, str, int, str]
"""Person, first day, last day, facility, main diagnosis."""


@dataclass(frozen=True)
class Persons:
    sex: Ints
    born: Days
    died: Days
    department: Ints


@dataclass(frozen=True)
class HospitalStays:
    person: Ints
    entered: Days
    left: Days
    facility: Ints
    codes: Sequence[str]

    def main_codes(self) -> Sequence[str]:
        return self.codes


def day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(int))


def persons(*people: tuple[int, str]) -> Persons:
    """Persons alive, by sex and day of birth."""
    return Persons(
        sex=np.array([sex for sex, _ in people]),
        born=np.array([day(born) for _, born in people], dtype=np.int32),
        died=np.full(len(people), NEVER, dtype=np.int32),
        department=np.zeros(len(people), dtype=np.int64),
    )


def stays(*entries: Stay) -> HospitalStays:
    return HospitalStays(
        person=np.array([entry[0] for entry in entries], dtype=np.int64),
        entered=np.array([day(entry[1]) for entry in entries], dtype=np.int32),
        left=np.array([day(entry[2]) for entry in entries], dtype=np.int32),
        facility=np.array([entry[3] for entry in entries], dtype=np.int64),
        codes=[entry[4] for entry in entries],
    )


def since(*first_days: str) -> Days:
    """The first day of an illness for each person, empty for those who do not have it."""
    return np.array([day(text) if text else NEVER for text in first_days], dtype=np.int32)


def pseudonyms(count: int) -> list[str]:
    return [f"P{number}" for number in range(count)]


def crowd(count: int, *, seed: int = 1, first_person: int = 0, facilities: int = 8) -> Block:
    """A country of adults: a third has each illness since 2015, each had two stays in 2021-2022."""
    rng = np.random.default_rng(seed)
    people = Persons(
        sex=rng.integers(MAN, WOMAN + 1, count),
        born=rng.integers(day("1930-01-01"), day("2000-01-01"), count).astype(np.int32),
        died=np.full(count, NEVER, dtype=np.int32),
        department=rng.integers(0, 90, count),
    )
    names = ("hypertension", "diabetes", "atrial_fibrillation", "heart_failure", "depression")
    conditions = {
        name: np.where(rng.random(count) < 1 / 3, day("2015-03-01"), NEVER).astype(np.int32)
        for name in names
    }
    onset = rng.integers(PERIOD.start, PERIOD.end, count)
    conditions["cancer"] = np.where(rng.random(count) < 1 / 4, onset, NEVER).astype(np.int32)
    codes = rng.choice(["I500", "J181", "K802", "S7200", "N10", "K922", "I489", "H251"], 2 * count)
    person = np.repeat(np.arange(count), 2)
    entered = rng.integers(PERIOD.start, PERIOD.end - 20, 2 * count)
    return Block(
        people,
        conditions,
        HospitalStays(
            person=person,
            entered=entered.astype(np.int32),
            left=(entered + rng.integers(0, 12, 2 * count)).astype(np.int32),
            facility=rng.integers(0, facilities, 2 * count),
            codes=codes.tolist(),
        ),
        pseudonyms(count),
        first_person=first_person,
    )


def twins(target: Path, *blocks: Block, seed: int = 1) -> TwinReport:
    return generate_twins(target, blocks, period=PERIOD, seed=seed)


def visit_of(block: Block, stay: int) -> Visit:
    """What the hospital knows of one stay of a block, of a diagnosis that the lexicon has."""
    traits = draw_traits(block, seed=1, day=PERIOD.start)
    patients = Patients(block, traits, draw_tumours(block, seed=1), seed=1)
    patient = patients.patient(int(block.stays.person[stay]))
    visit = patients.visit(patient, stay, site=0, number=1)
    assert visit is not None
    return visit


def rows(folder: Path, table: str) -> list[Mapping[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
