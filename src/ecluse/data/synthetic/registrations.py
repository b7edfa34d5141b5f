"""Long-term illnesses registered (IR_IMB_R), with the renewals that repeat their rows."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecluse.data.synthetic.calendar import NEVER, Days, Flags, Ints, Period, date_texts
from ecluse.data.synthetic.conditions import Conditions
from ecluse.data.synthetic.people import DEMO_CITIZEN, People
from ecluse.data.synthetic.writing import Column, constant, pick


@dataclass(frozen=True, slots=True)
class Illness:
    """A long-term illness: number, disease codes with weights, share of the ill who register."""

    condition: str
    number: int
    share: float
    codes: tuple[tuple[str, float], ...]


ILLNESSES: Final = (
    Illness("type_1_diabetes", 8, 0.95, (("E10", 1.0),)),
    Illness("type_2_diabetes", 8, 0.81, (("E11", 0.96), ("E14", 0.04))),
    Illness("heart_failure", 5, 0.60, (("I50", 1.0),)),
    Illness("atrial_fibrillation", 5, 0.50, (("I48", 1.0),)),
    Illness("ischaemic_heart_disease", 13, 0.75, (("I25", 0.7), ("I21", 0.2), ("I20", 0.1))),
    Illness("breast_cancer", 30, 0.90, (("C50", 1.0),)),
    Illness("prostate_cancer", 30, 0.90, (("C61", 1.0),)),
    Illness("colorectal_cancer", 30, 0.90, (("C18", 1.0),)),
    Illness("lung_cancer", 30, 0.90, (("C34", 1.0),)),
    Illness("skin_cancer", 30, 0.90, (("C44", 1.0),)),
    Illness("bladder_cancer", 30, 0.90, (("C67", 1.0),)),
    Illness("other_cancer", 30, 0.90, (("C80", 1.0),)),
    Illness("depression", 23, 0.25, (("F33", 0.7), ("F32", 0.3))),
    Illness("psychosis", 23, 0.80, (("F20", 0.7), ("F25", 0.3))),
    Illness("asthma_copd", 14, 0.12, (("J44", 0.6), ("J45", 0.4))),
    Illness("stroke", 1, 0.70, (("I63", 0.6), ("I64", 0.3), ("I61", 0.1))),
    Illness("dementia", 15, 0.50, (("G30", 0.8), ("F03", 0.2))),
    Illness("renal_failure", 19, 0.90, (("N18", 1.0),)),
    Illness("arterial_disease", 3, 0.60, (("I70", 0.8), ("I74", 0.2))),
    Illness("hypertension", 12, 0.052, (("I10", 1.0),)),
    Illness("parkinson", 16, 0.60, (("G20", 1.0),)),
    Illness("vasculitis", 21, 0.80, (("M31", 0.65), ("M35", 0.27), ("M30", 0.08))),
)
STILL_OPEN: Final = 0.75
"""Share of registrations without an end, written 01/01/1600."""
FAR_END: Final = int(np.datetime64("2099-12-31").astype(int))
FAR: Final = 0.105
RENEWED: Final = 0.60
"""Share of registrations whose row is repeated at a renewal, once old enough: our assumption."""
RENEWED_TWICE: Final = 0.45
"""Among the renewed, those renewed twice, once old enough."""
DURATION_DAYS: Final = 1826
DEPARTED: Final = 0.16
"""Share of the persons registered who have no claim: they died or left before the years of care."""
DEPARTED_SINCE_DAYS: Final = 3000
LEPROSY: Final = 0.002
"""Among ALD 15 (dementia since 2004), rows of before, when 15 was leprosy."""
FORMER_LEPROSY: Final = 15
LEPROSY_CODE: Final = "A30"
BEFORE_2004: Final = int(np.datetime64("2003-06-01").astype(int))


@dataclass(frozen=True, slots=True)
class Registered:
    """One entry an illness registered. `code` is a position in `codes()`."""

    person: Ints
    illness: Ints
    code: Ints


@dataclass(frozen=True, slots=True)
class Registrations:
    """One entry a row of IR_IMB_R. `code` is a position in `codes()`; `is_renewal` repeats one."""

    person: Ints
    illness: Ints
    code: Ints
    start: Days
    end: Days
    is_renewal: Flags

    @property
    def count(self) -> int:
        """How many rows."""
        return len(self.person)


def codes() -> tuple[str, ...]:
    """Return the disease codes that registrations can carry."""
    found = [code for illness in ILLNESSES for code, _ in illness.codes]
    return (*found, LEPROSY_CODE)


def draw_registered(rng: np.random.Generator, conditions: Conditions) -> Registered:
    """Return who registers which illness."""
    persons: list[Ints] = []
    kinds: list[Ints] = []
    drawn: list[Ints] = []
    first_code = 0
    for index, illness in enumerate(ILLNESSES):
        ill = np.flatnonzero(conditions[illness.condition] != NEVER)
        chosen = ill[rng.random(len(ill)) < illness.share]
        persons.append(chosen)
        kinds.append(np.full(len(chosen), index))
        drawn.append(first_code + _draw_codes(rng, illness, len(chosen)))
        first_code += len(illness.codes)
    return Registered(np.concatenate(persons), np.concatenate(kinds), np.concatenate(drawn))


def draw_departed(
    rng: np.random.Generator, people: People, registered: Registered, period: Period
) -> Days:
    """Return the day of departure, before the period, of those registered without any claim."""
    ill = np.unique(registered.person)
    gone = ill[rng.random(len(ill)) < DEPARTED]
    gone = gone[people.born[gone] < period.start - DEPARTED_SINCE_DAYS]
    if people.has_demo_citizen:
        gone = gone[gone != DEMO_CITIZEN]
    died = people.died.copy()
    died[gone] = period.start - rng.integers(1, DEPARTED_SINCE_DAYS, len(gone))
    return died


def end_at_death(conditions: Conditions, people: People) -> Conditions:
    """Return the illnesses with no onset after death: it moves to the year before, from birth."""
    before = np.maximum(people.died - 365, people.born)
    return {
        name: np.where((onset != NEVER) & (onset >= people.died), before, onset).astype(np.int32)
        for name, onset in conditions.items()
    }


def _draw_codes(rng: np.random.Generator, illness: Illness, count: int) -> Ints:
    chances = np.cumsum([weight for _, weight in illness.codes])
    drawn: Ints = np.searchsorted(chances, rng.random(count) * chances[-1], side="right")
    return drawn


def draw_registrations(
    rng: np.random.Generator,
    registered: Registered,
    people: People,
    conditions: Conditions,
    period: Period,
) -> Registrations:
    """Return the rows of those registered: all begin at the onset or later, in life, in time."""
    person, count = registered.person, len(registered.person)
    onsets = np.stack([conditions[illness.condition] for illness in ILLNESSES])
    start = onsets[registered.illness, person]
    times = _times(rng, np.minimum(people.died[person], period.end - 1) - start)
    row = np.repeat(np.arange(count), times)
    rank = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    begun = (start[row] + rank * DURATION_DAYS).astype(np.int32)
    old = _is_leprosy(rng, registered, people)[row] & (times[row] == 1)
    return Registrations(
        person=person[row],
        illness=registered.illness[row],
        code=np.where(old, len(codes()) - 1, registered.code[row]),
        start=np.where(old, BEFORE_2004, begun).astype(np.int32),
        end=_ends(rng, begun, is_last=rank == times[row] - 1),
        is_renewal=rank > 0,
    )


def _times(rng: np.random.Generator, lasted: Days) -> Ints:
    """Return how many rows each registration has, when it lasted so many days."""
    count = len(lasted)
    renewed = (rng.random(count) < RENEWED) & (lasted >= DURATION_DAYS)
    again = (rng.random(count) < RENEWED_TWICE) & (lasted >= 2 * DURATION_DAYS)
    return 1 + renewed.astype(np.int64) + (renewed & again)


def _is_leprosy(rng: np.random.Generator, registered: Registered, people: People) -> Flags:
    numbers = np.array([item.number for item in ILLNESSES])[registered.illness]
    person = registered.person
    alive = (people.born[person] < BEFORE_2004) & (people.died[person] > BEFORE_2004)
    old: Flags = (numbers == FORMER_LEPROSY) & alive & (rng.random(len(person)) < LEPROSY)
    return old


def _ends(rng: np.random.Generator, begun: Days, *, is_last: Flags) -> Days:
    draw = rng.random(len(begun))
    last = np.where(draw < STILL_OPEN, NEVER, begun + DURATION_DAYS)
    last = np.where((draw >= STILL_OPEN) & (draw < STILL_OPEN + FAR), FAR_END, last)
    return np.where(is_last, last, begun + DURATION_DAYS).astype(np.int32)


def registration_columns(registered: Registrations, people: People) -> dict[str, Column]:
    """Return the columns of IR_IMB_R."""
    person = registered.person
    numbers = np.array([illness.number for illness in ILLNESSES], dtype=np.int32)
    return {
        "BEN_NIR_PSA": pick(people.pseudonyms, people.first_pseudonym[person]),
        "BEN_RNG_GEM": people.birth_rank[person],
        "IMB_ALD_DTD": date_texts(registered.start),
        "IMB_ALD_DTF": date_texts(registered.end),
        "IMB_ALD_NUM": numbers[registered.illness],
        "IMB_ETM_NAT": constant("41", registered.count),
        "MED_MTF_COD": pick(codes(), registered.code),
        "MED_NCL_IDT": constant("CIM10", registered.count),
    }
