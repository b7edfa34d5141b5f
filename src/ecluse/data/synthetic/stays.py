"""Hospital stays: drawn from illnesses, age and treatments, with associated diagnoses."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecluse.data.synthetic.calendar import NEVER, Days, Flags, Floats, Ints, Period
from ecluse.data.synthetic.care import NO_DRUG, Drugs, Lines
from ecluse.data.synthetic.conditions import Conditions
from ecluse.data.synthetic.people import FEMALE, MALE, People


@dataclass(frozen=True, slots=True)
class StayKind:
    """A reason for a stay: main diagnoses, stay group, yearly rate, mean nights, who it concerns.

    `condition` limits it to the persons who have that illness; `bleeding` makes its rate depend on
    the treatments received.
    """

    codes: tuple[str, ...]
    group: str
    rate: float
    nights: float
    ages: tuple[int, int] = (0, 120)
    sex: int = 0
    condition: str = ""
    bleeding: bool = False


KINDS: Final = (
    StayKind(("I500", "I501"), "05M092", 0.22, 8.5, condition="heart_failure"),
    StayKind(("I251", "I200"), "05K061", 0.07, 2.0, condition="ischaemic_heart_disease"),
    StayKind(("I210", "I214"), "05M041", 0.03, 5.5, condition="ischaemic_heart_disease"),
    StayKind(("I489", "I480"), "05M081", 0.06, 3.0, condition="atrial_fibrillation"),
    StayKind(("I639", "I633"), "01M302", 0.02, 9.0, (50, 120), condition="hypertension"),
    StayKind(("E119", "E1140"), "10M021", 0.05, 5.0, condition="diabetes"),
    StayKind(("J440", "J441"), "04M052", 0.06, 7.5, (45, 120), condition="asthma_copd"),
    StayKind(("Z511",), "28Z07Z", 1.8, 0.0, condition="cancer"),
    StayKind(("C509",), "09C041", 0.10, 3.0, sex=FEMALE, condition="cancer"),
    StayKind(("C61",), "12C111", 0.09, 5.0, sex=MALE, condition="cancer"),
    StayKind(("C349", "C189"), "04M092", 0.08, 8.0, condition="cancer"),
    StayKind(("F329",), "19M072", 0.02, 6.0, condition="depression"),
    StayKind(("M170", "M171"), "08C241", 0.03, 5.5, (55, 120), condition="osteoarthritis"),
    StayKind(("K254", "K264", "K922", "K250", "K920"), "06M042", 0.0022, 6.0, bleeding=True),
    StayKind(("H259", "H251"), "02C05J", 0.05, 0.0, (65, 120)),
    StayKind(("K011",), "03C24J", 0.035, 0.0, (15, 27)),
    StayKind(("O800",), "14Z14A", 0.085, 4.0, (21, 40), sex=FEMALE),
    StayKind(("S7200", "S7210"), "08C471", 0.018, 10.0, (76, 120)),
    StayKind(("J181", "J189"), "04M053", 0.014, 9.0, (68, 120)),
    StayKind(("N10", "N390"), "11M041", 0.006, 5.0),
    StayKind(("K802", "K800"), "07C141", 0.005, 3.0, (25, 120)),
    StayKind(("K359", "K353"), "06C081", 0.004, 3.0, (6, 45)),
    StayKind(("Z092",), "23M20Z", 0.02, 1.0, (40, 120)),
)
ASSOCIATED: Final = {
    "hypertension": ("I10", 0.55),
    "diabetes": ("E119", 0.65),
    "dyslipidaemia": ("E780", 0.30),
    "atrial_fibrillation": ("I489", 0.60),
    "heart_failure": ("I500", 0.40),
    "asthma_copd": ("J449", 0.45),
    "depression": ("F329", 0.20),
    "cancer": ("C509", 0.15),
}
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
ERROR_GROUPS: Final = 0.01
"""Share of stays in a group that means an error (90Z00Z)."""
BAD_RETURN_CODES: Final = 0.007
"""Share of stays whose national number failed a control (NIR_RET = 1)."""
FACILITIES: Final = 40


@dataclass(frozen=True, slots=True)
class Stays:
    """One entry a stay; `associated` holds (stay, code position) pairs of ASSOCIATED."""

    person: Ints
    entered: Days
    left: Days
    kind: Ints
    code: Ints
    facility: Ints
    is_error_group: Flags
    has_bad_return: Flags
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
    for prefix, factor in BLEEDING_RISK.items():
        packs = [i for i, row in enumerate(drugs.rows) if row["PHA_ATC_C07"].startswith(prefix)]
        users = lines.person[dispensed & np.isin(lines.drug, packs)]
        risk[np.unique(users)] *= factor
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
        rate = _rate(kind, people, conditions, period, bleeding)
        person = np.repeat(np.arange(people.count), rng.poisson(rate * period.years))
        day = period.draw_days(rng, len(person))
        possible = people.is_alive(person, day) & _ill(kind, conditions, person, day)
        person, day = person[possible], day[possible]
        nights = rng.poisson(kind.nights, len(person))
        persons.append(person)
        kinds.append(np.full(len(person), index))
        entered.append(day)
        left.append(np.minimum(day + nights, np.minimum(people.died[person], period.end - 1)))
    order = np.argsort(np.concatenate(left), kind="stable")
    person = np.concatenate(persons)[order]
    count = len(person)
    return Stays(
        person=person,
        entered=np.concatenate(entered)[order].astype(np.int32),
        left=np.concatenate(left)[order].astype(np.int32),
        kind=np.concatenate(kinds)[order],
        code=rng.integers(0, 60, count),
        facility=rng.integers(0, FACILITIES, count),
        is_error_group=rng.random(count) < ERROR_GROUPS,
        has_bad_return=rng.random(count) < BAD_RETURN_CODES,
        associated=_associated(rng, conditions, person),
    )


def _rate(
    kind: StayKind, people: People, conditions: Conditions, period: Period, bleeding: Floats
) -> Floats:
    age = people.age((period.start + period.end) // 2)
    concerned = (age >= kind.ages[0]) & (age < kind.ages[1])
    if kind.sex:
        concerned &= people.sex == kind.sex
    if kind.condition:
        concerned &= conditions[kind.condition] != NEVER
    rate = np.where(concerned, kind.rate, 0.0)
    if kind.bleeding:
        rate = rate * bleeding * AGE_RISK_PER_DECADE ** ((age - 60) / 10)
    return rate


def _ill(kind: StayKind, conditions: Conditions, person: Ints, day: Days) -> Flags:
    if not kind.condition:
        return np.ones(len(person), dtype=bool)
    ill: Flags = conditions[kind.condition][person] <= day
    return ill


def _associated(rng: np.random.Generator, conditions: Conditions, person: Ints) -> dict[str, Ints]:
    found = {}
    for condition, (_, share) in ASSOCIATED.items():
        ill = conditions[condition][person] != NEVER
        found[condition] = np.flatnonzero(ill & (rng.random(len(person)) < share))
    return found
