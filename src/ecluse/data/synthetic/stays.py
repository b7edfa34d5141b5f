"""Hospital stays: drawn from illnesses, age and treatments, with associated diagnoses."""

from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from ecluse.data.synthetic.calendar import NEVER, YEAR_DAYS, Days, Flags, Floats, Ints, Period
from ecluse.data.synthetic.care import NO_DRUG, PRIVATE_STAY, Drugs, Lines, new_lines
from ecluse.data.synthetic.conditions import Conditions
from ecluse.data.synthetic.facilities import draw_facilities, is_clinic
from ecluse.data.synthetic.obstetrics import COMES_THE_DAY_BEFORE, Births, draw_births, is_newborn
from ecluse.data.synthetic.people import People
from ecluse.data.synthetic.stay_kinds import ASSOCIATED, KINDS, RELATED, StayKind

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
CODES_APART: Final = 60
"""What a stay's choice among the codes and acts of its kind is drawn from."""
ONSET_DAYS: Final = 30
"""Days within which those newly ill come to hospital, when they do."""
STAY_PRICES: Final = {"overnight": 285_000, "day": 98_000, "session": 36_000}
"""What a clinic bills the insurer for a stay, in hundredths of euro."""


@dataclass(frozen=True, slots=True)
class Stays:
    """One entry a stay; `associated` holds the stays of each illness of ASSOCIATED.

    `mother` is -1 but on the stays of a birth, hers and the child's, which `birth_day` also tells;
    `related` is a position in RELATED, -1 for none.
    """

    person: Ints
    entered: Days
    left: Days
    kind: Ints
    code: Ints
    facility: Ints
    mother: Ints
    birth_day: Days
    related: Ints
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


@dataclass(frozen=True, slots=True)
class _Entries:
    """One entry a stay to be: whose, of which kind, from when to when, and of which birth."""

    person: Ints
    kind: Ints
    entered: Days
    left: Days
    mother: Ints
    birth_day: Days


def draw_stays(
    rng: np.random.Generator,
    people: People,
    conditions: Conditions,
    period: Period,
    bleeding: Floats,
) -> Stays:
    """Return the stays of the period, in order of discharge."""
    risks = _Risks(people, conditions, period, bleeding)
    drawn = [
        _Drawn(index, *_entries(rng, kind, risks))
        for index, kind in enumerate(KINDS)
        if not kind.is_obstetric
    ]
    parts = [_lasting(rng, item, risks) for item in drawn]
    parts += _obstetric(rng, draw_births(rng, people, period), people, period)
    found = _Entries(
        *(
            np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(_Entries)
        )
    )
    order = np.argsort(found.left, kind="stable")
    person, kind, entered = found.person[order], found.kind[order], found.entered[order]
    mother, birth_day = found.mother[order], found.birth_day[order].astype(np.int32)
    return Stays(
        person=person,
        entered=entered.astype(np.int32),
        left=found.left[order].astype(np.int32),
        kind=kind,
        code=_codes(rng, person + people.first, kind),
        facility=_facilities(rng, people, person, kind, (mother, birth_day)),
        mother=mother,
        birth_day=birth_day,
        related=_related(conditions, person),
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


@dataclass(frozen=True, slots=True)
class _Risks:
    """What the stays of everybody are drawn from."""

    people: People
    conditions: Conditions
    period: Period
    bleeding: Floats


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The admissions of one kind of stay."""

    kind: int
    person: Ints
    day: Days


def _entries(rng: np.random.Generator, kind: StayKind, risks: _Risks) -> tuple[Ints, Days]:
    """Return persons and days of admission."""
    people, period = risks.people, risks.period
    rate = _rate(kind, risks)
    person = np.repeat(np.arange(people.count), rng.poisson(rate * period.years))
    day = period.draw_days(rng, len(person))
    if kind.at_onset:
        begun, begins = _at_onset(rng, kind, risks)
        person, day = np.concatenate([person, begun]), np.concatenate([day, begins])
    age = (day - people.born[person]) / YEAR_DAYS
    possible = (age >= kind.ages[0]) & (age < kind.ages[1]) & people.is_alive(person, day)
    possible &= _ill(kind, risks.conditions, person, day)
    return person[possible], day[possible]


def _at_onset(rng: np.random.Generator, kind: StayKind, risks: _Risks) -> tuple[Ints, Days]:
    """Return those who come to hospital when they fall ill, and when."""
    onset, period = risks.conditions[kind.condition], risks.period
    ill = np.flatnonzero((onset >= period.start) & (onset < period.end))
    ill = ill[rng.random(len(ill)) < kind.at_onset]
    day = onset[ill] + rng.integers(0, ONSET_DAYS, len(ill))
    in_time = day < period.end
    return ill[in_time], day[in_time].astype(np.int32)


def _lasting(rng: np.random.Generator, drawn: _Drawn, risks: _Risks) -> _Entries:
    count = len(drawn.person)
    nights = rng.poisson(KINDS[drawn.kind].nights, count)
    last = np.minimum(risks.people.died[drawn.person], risks.period.end - 1)
    return _Entries(
        person=drawn.person,
        kind=np.full(count, drawn.kind),
        entered=drawn.day,
        left=np.minimum(drawn.day + nights, last),
        mother=np.full(count, -1),
        birth_day=np.full(count, NEVER),
    )


def _obstetric(
    rng: np.random.Generator, births: Births, people: People, period: Period
) -> list[_Entries]:
    """Return the stays of the mothers, then those of the children."""
    before = rng.random(len(births.day)) < COMES_THE_DAY_BEFORE
    (newborn,) = np.flatnonzero(is_newborn(np.arange(len(KINDS))))
    nights = np.array([kind.nights for kind in KINDS])
    child, born = births.newborn, people.born[births.newborn]
    return [
        _Entries(
            person=births.mother,
            kind=births.kind,
            entered=np.maximum(births.day - before, period.start),
            left=_left(rng, births.day, nights[births.kind], people.died[births.mother], period),
            mother=births.mother,
            birth_day=births.day,
        ),
        _Entries(
            person=child,
            kind=np.full(len(child), newborn),
            entered=born,
            left=_left(rng, born, np.full(len(child), nights[newborn]), people.died[child], period),
            mother=people.mother[child],
            birth_day=born,
        ),
    ]


def _left(rng: np.random.Generator, day: Days, nights: Floats, died: Days, period: Period) -> Days:
    left: Days = np.minimum(day + rng.poisson(nights), np.minimum(died, period.end - 1))
    return left


def _codes(rng: np.random.Generator, person: Ints, kind: Ints) -> Ints:
    """Return a choice for each stay: the same for all the stays of a person for one illness."""
    lasting = np.array([bool(item.condition) for item in KINDS])[kind]
    mixed = (person.astype(np.int64) * 2_654_435_761) >> 9
    drawn = rng.integers(0, CODES_APART, len(person))
    return np.where(lasting, mixed % CODES_APART, drawn)


def _facilities(
    rng: np.random.Generator, people: People, person: Ints, kind: Ints, birth: tuple[Ints, Days]
) -> Ints:
    """Return the hospital of each stay: a child is born where the mother gives birth."""
    facility = draw_facilities(rng, people.department[person])
    mother, day = birth
    place = (mother.astype(np.int64) << 20) | day
    hers = np.flatnonzero((mother >= 0) & (mother == person))
    hers = hers[np.argsort(place[hers], kind="stable")]
    child = np.flatnonzero((mother >= 0) & is_newborn(kind))
    facility[child] = facility[hers[np.searchsorted(place[hers], place[child])]]
    return facility


def _related(conditions: Conditions, person: Ints) -> Ints:
    """Return the cancer of each stay's person as a position in RELATED, -1 for none."""
    found = np.full(len(person), -1)
    for rank, condition in enumerate(RELATED):
        found[conditions[condition][person] != NEVER] = rank
    return found


def _rate(kind: StayKind, risks: _Risks) -> Floats:
    """Return each person's yearly rate, while of the right age."""
    people, period = risks.people, risks.period
    concerned = (people.age(period.end) >= kind.ages[0]) & (people.age(period.start) < kind.ages[1])
    if kind.sex:
        concerned &= people.sex == kind.sex
    if kind.condition:
        concerned &= risks.conditions[kind.condition] != NEVER
    rate = np.where(concerned, kind.rate, 0.0)
    if kind.special == "bleeding":
        age = people.age(period.middle)
        rate = rate * risks.bleeding * AGE_RISK_PER_DECADE ** ((age - 60) / 10)
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
