"""Reimbursed care: who received what, when. Treatments follow the illnesses, visits the age."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Final

import numpy as np

from ecluse.data.synthetic.calendar import NEVER, Flags, Floats, Ints, Period
from ecluse.data.synthetic.conditions import Conditions, illnesses
from ecluse.data.synthetic.people import DEMO_CITIZEN, FEMALE, People
from ecluse.data.synthetic.reading import read_rows
from ecluse.data.synthetic.treatments import (
    ACUTE,
    DEMO_TREATMENTS,
    HOSPITAL_DRUGS,
    TREATMENTS,
    HospitalDrug,
    Treatment,
)

NO_DRUG: Final = -1
NO_FACILITY: Final = -1
MISSED_REFILLS: Final = 0.06
SECOND_BOX: Final = 0.08
CHILDBEARING: Final = (18, 50)
MORE_VISITS: Final = 1.25
"""Women of childbearing age see professionals more often, by this factor."""
PUBLIC_FACILITIES: Final = 25
"""Public hospitals, where visits also happen: the first ones of the list of facilities."""

PHARMACY_FULL, PHARMACY_MOST, PHARMACY_HALF, PHARMACY_LEAST = 3311, 3313, 3312, 3341
ACT_BY_RATE: Final = {100: PHARMACY_FULL, 65: PHARMACY_MOST, 30: PHARMACY_HALF, 15: PHARMACY_LEAST}
HOSPITAL_PHARMACY: Final = 3317
LABORATORY, IMAGING, TECHNICAL, ULTRASOUND = 3211, 1351, 1352, 1324
PRIVATE_STAY: Final = 2111


@dataclass(frozen=True, slots=True)
class Visit:
    """A kind of act: its yearly rate, more with age (per decade) and with illness (per illness).

    Acts come in `series` of so many, `every` so many days. `facility` is the share done in a
    hospital; `refined` names the table that tells more of the act.
    """

    act: int
    price: int
    specialty: int
    rate: float
    per_decade: float
    per_illness: float
    ages: tuple[int, int]
    series: int
    every: int
    facility: float
    refined: str


@dataclass(frozen=True, slots=True)
class Lines:
    """One entry a reimbursed line. Prices in hundredths of euro; `drug` is a row of the drug table.

    `hospital_drug` and `facility` are positions in their lists, -1 for none; `group` is the
    position of the stay group that a clinic billed. `wave` 1 and 2 are later corrections;
    `surcharge` and `qualifier` mark lines that only carry money; `role` is a role of traps.
    """

    person: Ints
    day: Ints
    act: Ints
    drug: Ints
    hospital_drug: Ints
    quantity: Ints
    price: Ints
    specialty: Ints
    facility: Ints
    group: Ints
    wave: Ints
    surcharge: Ints
    qualifier: Ints
    role: Ints

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

    rows: tuple[dict[str, str], ...]
    price: Ints
    act: Ints

    def packs(self, atc: Sequence[str]) -> Ints:
        """Return the positions of the packs of these ATC classes."""
        return np.array([i for i, row in enumerate(self.rows) if row["PHA_ATC_C07"] in atc])


@cache
def read_drugs() -> Drugs:
    """Return the packs that persons of the synthetic country can receive."""
    rows = read_rows("drugs")
    price = np.array([int(row["PHA_PRI_UNI"]) for row in rows])
    return Drugs(rows, price, np.array([ACT_BY_RATE[int(row["PHA_TAU_COD"])] for row in rows]))


@cache
def read_visits() -> tuple[Visit, ...]:
    """Return the kinds of acts that are not drugs."""
    return tuple(
        Visit(
            act=int(row["act"]),
            price=int(row["price"]),
            specialty=int(row["specialty"]),
            rate=float(row["rate"]),
            per_decade=float(row["per_decade"]),
            per_illness=float(row["per_illness"]),
            series=int(row["series"]),
            every=int(row["every"]),
            facility=float(row["facility"]),
            ages=(int(row["age_from"]), int(row["age_to"])),
            refined=row["refined"],
        )
        for row in read_rows("acts")
    )


def join_lines(parts: Sequence[Lines]) -> Lines:
    """Return the lines of all parts, one after the other."""
    names = [field.name for field in fields(Lines)]
    return Lines(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def new_lines(person: Ints, day: Ints, *, act: int, price: int = 0) -> Lines:
    """Return plain lines of one act: no drug, no facility, quantity 1."""
    count = len(person)

    def filled(value: int, kind: type[np.signedinteger]) -> Ints:
        return np.full(count, value, dtype=kind)

    return Lines(
        person=person.astype(np.int32),
        day=day.astype(np.int32),
        act=filled(act, np.int16),
        drug=filled(NO_DRUG, np.int16),
        hospital_drug=filled(NO_DRUG, np.int8),
        quantity=filled(1, np.int16),
        price=filled(price, np.int32),
        specialty=filled(0, np.int8),
        facility=filled(NO_FACILITY, np.int16),
        group=filled(-1, np.int16),
        wave=filled(0, np.int8),
        surcharge=filled(0, np.int8),
        qualifier=filled(0, np.int8),
        role=filled(0, np.int8),
    )


class Care:
    """Draws the care of everybody over the period.

    `intensity` multiplies acts and occasional drugs; what treats an illness follows the illness.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        people: People,
        conditions: Conditions,
        period: Period,
        *,
        intensity: float = 1.0,
    ) -> None:
        self.drugs = read_drugs()
        self._rng = rng
        self._people = people
        self._conditions = conditions
        self._period = period
        self._intensity = intensity
        self._age = people.age(period.middle)
        self._illnesses = np.zeros(people.count)
        for onset in illnesses(conditions).values():
            self._illnesses += onset != NEVER

    def draw(self) -> Lines:
        """Return all lines, before any correction."""
        parts = [self._treatment(treatment) for treatment in TREATMENTS]
        parts += [self._acute(atc, rate) for atc, rate in ACUTE]
        parts += [self._visit(visit) for visit in read_visits()]
        parts += [self._hospital_drug(index, drug) for index, drug in enumerate(HOSPITAL_DRUGS)]
        return join_lines(parts)

    def _treatment(self, treatment: Treatment) -> Lines:
        persons, day = self._refills(treatment.condition, treatment.share, treatment.every_days)
        if self._people.has_demo_citizen and treatment.atc[0] in DEMO_TREATMENTS:
            demo = np.arange(self._period.start + 5, self._period.end, treatment.every_days)
            others = persons != DEMO_CITIZEN
            persons = np.concatenate([np.full(len(demo), DEMO_CITIZEN), persons[others]])
            day = np.concatenate([demo, day[others]])
        if treatment.until:
            seen = day < int(np.datetime64(treatment.until).astype(int))
            persons, day = persons[seen], day[seen]
        packs = self.drugs.packs(treatment.atc)
        # A person keeps the same pack: the draw depends on the person alone.
        chosen = self._rng.integers(0, len(packs), self._people.count)
        return self._dispensed(persons, day, packs[chosen[persons]])

    def _refills(self, condition: str, share: float, every: int) -> tuple[Ints, Ints]:
        """Return persons and days: each user at the onset, then at every renewal not missed."""
        onset = self._conditions[condition]
        users = np.flatnonzero(
            (onset != NEVER) & (self._rng.random(self._people.count) < share)
        ).astype(np.int32)
        first = np.maximum(onset[users], self._period.start)
        first = first + self._rng.integers(0, every, len(users))
        refills = np.maximum(self._period.end - first, 0) // every
        rank = _ranks(refills)
        jitter = self._rng.integers(-3, 4, len(rank))
        taken = self._rng.random(len(rank)) >= MISSED_REFILLS
        day = np.repeat(first, refills) + rank * every + jitter
        return np.repeat(users, refills)[taken], day[taken]

    def _acute(self, atc: tuple[str, ...], rate: float) -> Lines:
        persons = self._events(np.full(self._people.count, rate))
        day = self._period.draw_days(self._rng, len(persons))
        packs = self.drugs.packs(atc)
        return self._dispensed(persons, day, packs[self._rng.integers(0, len(packs), len(persons))])

    def _dispensed(self, person: Ints, day: Ints, pack: Ints) -> Lines:
        quantity = 1 + (self._rng.random(len(person)) < SECOND_BOX)
        lines = replace(
            new_lines(person, day, act=PHARMACY_MOST),
            act=self.drugs.act[pack].astype(np.int16),
            drug=pack.astype(np.int16),
            quantity=quantity.astype(np.int16),
            price=(self.drugs.price[pack] * quantity).astype(np.int32),
        )
        return self._alive(lines)

    def _hospital_drug(self, index: int, drug: HospitalDrug) -> Lines:
        persons, day = self._refills(drug.condition, drug.share, drug.every_days)
        lines = new_lines(persons, day, act=HOSPITAL_PHARMACY, price=drug.price)
        return self._alive(
            replace(
                lines,
                hospital_drug=np.full(lines.count, index, dtype=np.int8),
                facility=(persons % PUBLIC_FACILITIES).astype(np.int16),
            )
        )

    def _visit(self, visit: Visit) -> Lines:
        rate = visit.rate + visit.per_decade * np.maximum(self._age, 0) / 10
        rate = rate + visit.per_illness * self._illnesses
        rate = np.where((self._age >= visit.ages[0]) & (self._age < visit.ages[1]), rate, 0)
        women = self._people.sex == FEMALE
        women &= (self._age >= CHILDBEARING[0]) & (self._age < CHILDBEARING[1])
        persons = self._events(np.where(women, rate * MORE_VISITS, rate) / visit.series)
        day = self._period.draw_days(self._rng, len(persons))
        if visit.series > 1:
            step = np.tile(np.arange(visit.series) * visit.every, len(persons))
            persons, day = np.repeat(persons, visit.series), np.repeat(day, visit.series) + step
        lines = new_lines(persons, day, act=visit.act, price=visit.price)
        lines = replace(lines, specialty=np.full(lines.count, visit.specialty, dtype=np.int8))
        return self._alive(self._in_hospital(lines, visit.facility))

    def _in_hospital(self, lines: Lines, share: float) -> Lines:
        if not share:
            return lines
        hospital = self._rng.random(lines.count, dtype=np.float32) < share
        facility = np.where(hospital, lines.person % PUBLIC_FACILITIES, NO_FACILITY)
        return replace(lines, facility=facility.astype(np.int16))

    def _events(self, rate: Floats) -> Ints:
        """Return persons, each as often as a yearly `rate` of usual care makes it happen."""
        counts = self._rng.poisson(rate * (self._intensity * self._period.years))
        return np.repeat(np.arange(self._people.count, dtype=np.int32), counts)

    def _alive(self, lines: Lines) -> Lines:
        inside = (lines.day >= self._period.start) & (lines.day < self._period.end)
        return lines.take(inside & self._people.is_alive(lines.person, lines.day))


def _ranks(counts: Ints) -> Ints:
    """Return 0, 1, … counts[i] - 1 for each i, one after the other."""
    starts = np.cumsum(counts) - counts
    return np.arange(counts.sum()) - np.repeat(starts, counts)
