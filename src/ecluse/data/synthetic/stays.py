"""Hospital stays: drawn from illnesses, age and treatments, with associated diagnoses."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ecluse.data.synthetic.calendar import NEVER, YEAR_DAYS, Days, Flags, Floats, Ints, Period
from ecluse.data.synthetic.care import NO_DRUG, PRIVATE_STAY, Drugs, Lines, new_lines
from ecluse.data.synthetic.conditions import Conditions
from ecluse.data.synthetic.facilities import draw_facilities, is_clinic
from ecluse.data.synthetic.people import People
from ecluse.data.synthetic.stay_kinds import ASSOCIATED, KINDS, StayKind

AGE_RISK_PER_DECADE: Final = 1.35
BLEEDING_RISK: Final = {
    # risk multiplied among persons who received a class of drugs, by ATC prefix
    "M01AB": 3.6,
    "M01AC": 3.2,
    "M01AE": 2.2,
    "M01AH": 1.5,
    "B01AF": 2.0,
    "B01AC": 1.6,
}
BORN_IN_HOSPITAL: Final = 0.97
STAY_PRICES: Final = {"overnight": 285_000, "day": 98_000, "session": 36_000}
"""What a clinic bills the insurer for a stay, in hundredths of euro."""


@dataclass(frozen=True, slots=True)
class Stays:
    """One entry a stay; `associated` holds the stays of each illness of ASSOCIATED."""

    person: Ints
    entered: Days
    left: Days
    kind: Ints
    code: Ints
    facility: Ints
    associated: dict[str, Ints]

    @property
    def count(self) -> int:
        """How many stays."""
        return len(self.person)

    def main_codes(self) -> list[str]:
        """Return the main diagnosis of each stay."""
        return [
            KINDS[kind].codes[code % len(KINDS[kind].codes)]
            for kind, code in zip(self.kind.tolist(), self.code.tolist(), strict=True)
        ]


def bleeding_risk(people: People, lines: Lines, drugs: Drugs) -> Floats:
    """Return by how much each person's treatments multiply the risk of digestive bleeding."""
    risk = np.ones(people.count)
    dispensed = lines.drug != NO_DRUG
    person, drug = lines.person[dispensed], lines.drug[dispensed]
    received = np.zeros((people.count, len(drugs.rows)), dtype=bool)
    received[person, drug] = True
    for prefix, factor in BLEEDING_RISK.items():
        packs = [i for i, row in enumerate(drugs.rows) if row["PHA_ATC_C07"].startswith(prefix)]
        risk[received[:, packs].any(axis=1)] *= factor
    return risk


def draw_stays(
    rng: np.random.Generator,
    people: People,
    conditions: Conditions,
    period: Period,
    bleeding: Floats,
) -> Stays:
    """Return the stays of the period, in order of discharge."""
    persons, kinds, entered, left = [], [], [], []
    for index, kind in enumerate(KINDS):
        person, day = _entries(rng, kind, people, conditions, period, bleeding)
        nights = rng.poisson(kind.nights, len(person))
        persons.append(person)
        kinds.append(np.full(len(person), index))
        entered.append(day)
        left.append(np.minimum(day + nights, np.minimum(people.died[person], period.end - 1)))
    order = np.argsort(np.concatenate(left), kind="stable")
    person = np.concatenate(persons)[order]
    return Stays(
        person=person,
        entered=np.concatenate(entered)[order].astype(np.int32),
        left=np.concatenate(left)[order].astype(np.int32),
        kind=np.concatenate(kinds)[order],
        code=rng.integers(0, 60, len(person)),
        facility=draw_facilities(rng, people.department[person]),
        associated=_associated(rng, conditions, person),
    )


def clinic_lines(stays: Stays) -> Lines:
    """Return the lines that clinics bill for their stays: DCIR and PMSI both tell them."""
    billed = np.flatnonzero(is_clinic(stays.facility))
    prices = np.array([STAY_PRICES[kind.kind] for kind in KINDS], dtype=np.int32)
    anonymous = np.array([kind.special == "anonymous" for kind in KINDS])
    billed = billed[~anonymous[stays.kind[billed]]]
    kind = stays.kind[billed]
    return replace(
        new_lines(stays.person[billed], stays.entered[billed], act=PRIVATE_STAY),
        price=prices[kind],
        facility=stays.facility[billed].astype(np.int16),
        group=kind.astype(np.int16),
    )


def _entries(
    rng: np.random.Generator,
    kind: StayKind,
    people: People,
    conditions: Conditions,
    period: Period,
    bleeding: Floats,
) -> tuple[Ints, Days]:
    """Return persons and days of admission."""
    if kind.special == "birth":
        born = (people.born >= period.start) & (people.born < period.end)
        person = np.flatnonzero(born & (rng.random(people.count) < BORN_IN_HOSPITAL))
        return person, people.born[person]
    rate = _rate(kind, people, conditions, period, bleeding)
    person = np.repeat(np.arange(people.count), rng.poisson(rate * period.years))
    day = period.draw_days(rng, len(person))
    age = (day - people.born[person]) / YEAR_DAYS
    possible = (age >= kind.ages[0]) & (age < kind.ages[1]) & people.is_alive(person, day)
    possible &= _ill(kind, conditions, person, day)
    return person[possible], day[possible]


def _rate(
    kind: StayKind, people: People, conditions: Conditions, period: Period, bleeding: Floats
) -> Floats:
    """Return each person's yearly rate, while of the right age."""
    concerned = (people.age(period.end) >= kind.ages[0]) & (people.age(period.start) < kind.ages[1])
    if kind.sex:
        concerned &= people.sex == kind.sex
    if kind.condition:
        concerned &= conditions[kind.condition] != NEVER
    rate = np.where(concerned, kind.rate, 0.0)
    if kind.special == "bleeding":
        age = people.age(period.middle)
        rate = rate * bleeding * AGE_RISK_PER_DECADE ** ((age - 60) / 10)
    return rate


def _ill(kind: StayKind, conditions: Conditions, person: Ints, day: Days) -> Flags:
    if not kind.condition:
        return np.ones(len(person), dtype=bool)
    ill: Flags = conditions[kind.condition][person] <= day
    return ill


def _associated(rng: np.random.Generator, conditions: Conditions, person: Ints) -> dict[str, Ints]:
    found: dict[str, Ints] = {}
    for condition, (_, share) in ASSOCIATED.items():
        ill = conditions[condition][person] != NEVER
        found[condition] = np.flatnonzero(ill & (rng.random(len(person)) < share))
    return found
