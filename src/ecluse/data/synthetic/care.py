"""Reimbursed care: who received what, when. Treatments follow the illnesses, visits the age."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from importlib.resources import files
from typing import Final

import numpy as np

from ecluse.data.synthetic.calendar import NEVER, Days, Flags, Floats, Ints, Period
from ecluse.data.synthetic.conditions import Conditions
from ecluse.data.synthetic.people import DEMO_CITIZEN, FEMALE, People

NO_DRUG: Final = -1
MISSED_REFILLS: Final = 0.06
SECOND_BOX: Final = 0.08
CHILDBEARING: Final = (18, 50)
MORE_VISITS: Final = 1.25
"""Women of childbearing age see professionals more often, by this factor."""

PHARMACY_FULL, PHARMACY_MOST, PHARMACY_HALF, PHARMACY_LEAST = 3317, 3313, 3312, 3341
ACT_BY_RATE: Final = {100: PHARMACY_FULL, 65: PHARMACY_MOST, 30: PHARMACY_HALF, 15: PHARMACY_LEAST}
LABORATORY, IMAGING, TECHNICAL = 3211, 1351, 1352


@dataclass(frozen=True, slots=True)
class Treatment:
    """A long treatment: which drugs, for whom, how many users among the ill, how often."""

    condition: str
    atc: tuple[str, ...]
    share: float
    every_days: int = 30


@dataclass(frozen=True, slots=True)
class Visit:
    """A kind of act: its yearly rate, more with age (per decade) and with illness (per illness)."""

    act: int
    rate: float
    per_decade: float
    per_illness: float
    price: int
    specialty: int
    ages: tuple[int, int] = (0, 120)


TREATMENTS: Final = (
    Treatment("diabetes", ("A10BA02",), 0.72),
    Treatment("diabetes", ("A10BB09", "A10BB12", "A10BH01", "A10BD07"), 0.42),
    Treatment("diabetes", ("A10AE04",), 0.20),
    Treatment("diabetes", ("A10AB05", "A10AB04"), 0.12),
    Treatment("diabetes", ("A10BG03",), 0.02),
    Treatment("hypertension", ("C09AA05", "C09AA04", "C09CA01", "C09CA06", "C09DA01"), 0.62),
    Treatment("hypertension", ("C08CA01", "C08CA13"), 0.34),
    Treatment("hypertension", ("C03AA03", "C03DA01"), 0.18),
    Treatment("hypertension", ("C07AB03", "C07AB07"), 0.24),
    Treatment("dyslipidaemia", ("C10AA05", "C10AA07", "C10AA03"), 0.62),
    Treatment("ischaemic_heart_disease", ("B01AC06", "B01AC04"), 0.85),
    Treatment("heart_failure", ("C03CA01",), 0.75),
    Treatment("heart_failure", ("C07AG02", "C07AB07"), 0.60),
    Treatment("atrial_fibrillation", ("B01AF01", "B01AF02"), 0.72),
    Treatment("hypothyroidism", ("H03AA01",), 0.90),
    Treatment("depression", ("N06AB10", "N06AB04", "N06AX16"), 0.70),
    Treatment("depression", ("N05BA12", "N05CF02"), 0.35),
    Treatment("asthma_copd", ("R03AK06", "R03AK07", "R03BB04"), 0.55),
    Treatment("asthma_copd", ("R03AC02",), 0.40, every_days=60),
    Treatment("cancer", ("L02BA01", "L02BG03"), 0.22),
    Treatment("osteoarthritis", ("M01AH01",), 0.10),
    Treatment("osteoarthritis", ("M01AB05",), 0.14),
    Treatment("osteoarthritis", ("M01AE02", "M01AC06"), 0.06),
    Treatment("osteoarthritis", ("N02AX02",), 0.10, every_days=45),
    Treatment("osteoarthritis", ("A02BC01", "A02BC05", "A02BC02"), 0.30),
)
DEMO_TREATMENTS: Final = ("A10BA02", "M01AB05")

ACUTE: Final = (
    # ATC classes, deliveries a year
    (("N02BE01",), 2.1),
    (("M01AE01",), 0.45),
    (("M01AE03", "M01AB05"), 0.14),
    (("J01CA04", "J01CR02", "J01FA10"), 0.55),
    (("R06AE07",), 0.35),
    (("H02AB06", "H02AB07"), 0.22),
    (("A02BC01", "A02BC05"), 0.40),
)

VISITS: Final = (
    Visit(1111, 2.2, 0.22, 0.7, 2500, 1),
    Visit(1112, 0.6, 0.12, 0.25, 3000, 3),
    Visit(1211, 0.02, 0.05, 0.1, 3500, 1, ages=(70, 120)),
    Visit(3111, 0.2, 0.15, 0.5, 630, 24),
    Visit(3112, 0.0, 0.6, 0.5, 1590, 24, ages=(78, 120)),
    Visit(3125, 0.5, 0.18, 0.2, 1613, 26, ages=(10, 120)),
    Visit(LABORATORY, 0.5, 0.2, 0.45, 2900, 30),
    Visit(IMAGING, 0.3, 0.04, 0.06, 4800, 6),
    Visit(TECHNICAL, 0.2, 0.05, 0.10, 4200, 3),
    Visit(6111, 0.35, 0.0, 0.05, 21000, 0, ages=(18, 64)),
)


@dataclass(frozen=True, slots=True)
class Lines:
    """One entry a reimbursed line. Prices in hundredths of euro; `drug` is a row of the drug table.

    `wave` 1 is a later correction; `surcharge` and `qualifier` mark lines that only carry money.
    """

    person: Ints
    day: Days
    act: Ints
    drug: Ints
    quantity: Ints
    price: Ints
    specialty: Ints
    wave: Ints
    surcharge: Ints
    qualifier: Ints

    @property
    def count(self) -> int:
        """How many lines."""
        return len(self.person)

    def take(self, rows: Ints | Flags) -> "Lines":
        """Return the lines at these positions."""
        return Lines(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True, slots=True)
class Drugs:
    """The drug table, one entry a pack."""

    rows: list[dict[str, str]]
    price: Ints
    act: Ints

    def packs(self, atc: Sequence[str]) -> Ints:
        """Return the positions of the packs of these ATC classes."""
        return np.array([i for i, row in enumerate(self.rows) if row["PHA_ATC_C07"] in atc])


def read_drugs() -> Drugs:
    """Return the packs that persons of the synthetic country can receive."""
    text = (files("ecluse.data.synthetic") / "drugs.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines(), delimiter=";"))
    price = np.array([int(row["PHA_PRI_UNI"]) for row in rows])
    return Drugs(rows, price, np.array([ACT_BY_RATE[int(row["PHA_TAU_COD"])] for row in rows]))


def join_lines(parts: Sequence[Lines]) -> Lines:
    """Return the lines of all parts, one after the other."""
    names = [field.name for field in fields(Lines)]
    return Lines(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


class Care:
    """Draws the care of everybody over the period."""

    def __init__(
        self, rng: np.random.Generator, people: People, conditions: Conditions, period: Period
    ) -> None:
        self.drugs = read_drugs()
        self._rng = rng
        self._people = people
        self._conditions = conditions
        self._period = period

    def draw(self) -> Lines:
        """Return all lines, before any correction."""
        parts = [self._treatment(treatment) for treatment in TREATMENTS]
        parts += [self._acute(atc, rate) for atc, rate in ACUTE]
        parts += [self._visit(visit) for visit in VISITS]
        return join_lines(parts)

    def _treatment(self, treatment: Treatment) -> Lines:
        onset = self._conditions[treatment.condition]
        ill = onset != NEVER
        treated = ill & (self._rng.random(self._people.count) < treatment.share)
        treated[DEMO_CITIZEN] = ill[DEMO_CITIZEN] and treatment.atc[0] in DEMO_TREATMENTS
        users = np.flatnonzero(treated)
        first = np.maximum(onset[users], self._period.start)
        first = first + self._rng.integers(0, treatment.every_days, len(users))
        refills = np.maximum(self._period.end - first, 0) // treatment.every_days
        rank = _ranks(refills)
        jitter = self._rng.integers(-3, 4, len(rank))
        day = np.repeat(first, refills) + rank * treatment.every_days + jitter
        packs = self.drugs.packs(treatment.atc)
        pack = np.repeat(packs[self._rng.integers(0, len(packs), len(users))], refills)
        taken = self._rng.random(len(rank)) >= MISSED_REFILLS
        return self._dispensed(np.repeat(users, refills)[taken], day[taken], pack[taken])

    def _acute(self, atc: tuple[str, ...], rate: float) -> Lines:
        persons = self._events(np.full(self._people.count, rate))
        day = self._period.draw_days(self._rng, len(persons))
        packs = self.drugs.packs(atc)
        return self._dispensed(persons, day, packs[self._rng.integers(0, len(packs), len(persons))])

    def _dispensed(self, person: Ints, day: Days, pack: Ints) -> Lines:
        quantity = 1 + (self._rng.random(len(person)) < SECOND_BOX)
        price = self.drugs.price[pack] * quantity
        lines = _lines(person, day, self.drugs.act[pack], price)
        return self._alive(replace(lines, drug=pack, quantity=quantity.astype(np.int64)))

    def _visit(self, visit: Visit) -> Lines:
        age = self._people.age((self._period.start + self._period.end) // 2)
        illnesses = sum((onset != NEVER).astype(float) for onset in self._conditions.values())
        rate = visit.rate + visit.per_decade * np.maximum(age, 0) / 10
        rate = rate + visit.per_illness * illnesses
        rate = np.where((age >= visit.ages[0]) & (age < visit.ages[1]), rate, 0)
        women = (self._people.sex == FEMALE) & (age >= CHILDBEARING[0]) & (age < CHILDBEARING[1])
        persons = self._events(np.where(women, rate * MORE_VISITS, rate))
        day = self._period.draw_days(self._rng, len(persons))
        lines = _lines(persons, day, np.full(len(persons), visit.act), np.full(1, visit.price))
        return self._alive(
            replace(lines, specialty=np.full(len(persons), visit.specialty, dtype=np.int64))
        )

    def _events(self, rate: Floats) -> Ints:
        """Return persons, each as often as a yearly `rate` makes it happen."""
        counts = self._rng.poisson(rate * self._period.years)
        return np.repeat(np.arange(self._people.count), counts)

    def _alive(self, lines: Lines) -> Lines:
        inside = (lines.day >= self._period.start) & (lines.day < self._period.end)
        return lines.take(inside & self._people.is_alive(lines.person, lines.day))


def _lines(person: Ints, day: Days, act: Ints, price: Ints) -> Lines:
    count = len(person)
    zero = np.zeros(count, dtype=np.int64)
    return Lines(
        person=person,
        day=day.astype(np.int32),
        act=act,
        drug=np.full(count, NO_DRUG, dtype=np.int64),
        quantity=np.ones(count, dtype=np.int64),
        price=np.broadcast_to(price, (count,)).astype(np.int64),
        specialty=zero,
        wave=zero,
        surcharge=zero,
        qualifier=zero,
    )


def _ranks(counts: Ints) -> Ints:
    """Return 0, 1, … counts[i] - 1 for each i, one after the other."""
    starts = np.cumsum(counts) - counts
    return np.arange(counts.sum()) - np.repeat(starts, counts)
