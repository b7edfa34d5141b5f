"""Care told in sequences, a row for each: hospital at home and psychiatry.

A stay is cut in sequences of so many days. Each is in the table of the year when it ends; the stay
has a row for its person, and a number of its own, in the tables of every year that it lasts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from ecluse.data.synthetic.calendar import (
    NEVER,
    YEAR_DAYS,
    Days,
    Flags,
    Floats,
    Ints,
    Period,
    date_texts,
    year_of,
)
from ecluse.data.synthetic.conditions import Conditions
from ecluse.data.synthetic.facilities import FACILITIES, finess_numbers
from ecluse.data.synthetic.people import People, departments
from ecluse.data.synthetic.sendings import BAD_RETURN_CODES, RETURN_CODES
from ecluse.data.synthetic.stay_kinds import ASSOCIATED
from ecluse.data.synthetic.truth import Truth
from ecluse.data.synthetic.writing import Column, constant, numbered, pick

DATES_SINCE: Final = 2009
"""First yearly tables with whole dates: those before are not written."""
NO_CODE: Final = -1


@dataclass(frozen=True, slots=True)
class SequenceKind:
    """A reason for such a stay: its diagnosis, who has it, its yearly rate, its mean days.

    `mode`: how the tables say what is done.
    """

    code: str
    condition: str
    ages: tuple[int, int]
    rate: float
    days: float
    mode: str = ""
    sex: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """One entry a stay: `kind` is a position in the list of kinds, `bad_code` in RETURN_CODES."""

    person: Ints
    entered: Days
    left: Days
    kind: Ints
    facility: Ints
    bad_code: Ints

    @property
    def count(self) -> int:
        """How many stays."""
        return len(self.person)


@dataclass(frozen=True, slots=True)
class Sequences:
    """One entry a sequence: its stay, its rank there, its first and last days, the table's year.

    `number` is that of the stay in the year: from 1.
    """

    stay: Ints
    rank: Ints
    first: Days
    last: Days
    year: Ints
    number: Ints

    def of(self, year: int) -> "Sequences":
        """Return those of one year."""
        rows = np.flatnonzero(self.year == year)
        return Sequences(
            self.stay[rows],
            self.rank[rows],
            self.first[rows],
            self.last[rows],
            self.year[rows],
            self.number[rows],
        )


def draw_told(
    rng: np.random.Generator,
    kinds: tuple[SequenceKind, ...],
    people: People,
    conditions: Conditions,
    period: Period,
) -> Told:
    """Return the stays of these kinds, in life and in the period."""
    drawn = [_drawn(rng, kind, people, conditions, period) for kind in kinds]
    person = np.concatenate([item[0] for item in drawn])
    day = np.concatenate([item[1] for item in drawn])
    kind = np.repeat(np.arange(len(kinds)), [len(item[0]) for item in drawn])
    last = np.minimum(people.died[person], period.end - 1)
    nights = rng.exponential(np.array([item.days for item in kinds])[kind]).astype(np.int64)
    bad = rng.random(len(person)) < BAD_RETURN_CODES
    return Told(
        person=person,
        entered=day.astype(np.int32),
        left=np.minimum(day + nights, last).astype(np.int32),
        kind=kind,
        facility=rng.integers(0, FACILITIES, len(person)),
        bad_code=np.where(bad, rng.integers(0, len(RETURN_CODES), len(person)), NO_CODE),
    )


def _drawn(
    rng: np.random.Generator,
    kind: SequenceKind,
    people: People,
    conditions: Conditions,
    period: Period,
) -> tuple[Ints, Days]:
    rate: Floats = np.full(people.count, kind.rate)
    if kind.sex:
        rate = np.where(people.sex == kind.sex, rate, 0.0)
    if kind.condition:
        rate = np.where(conditions[kind.condition] != NEVER, rate, 0.0)
    person = np.repeat(np.arange(people.count), rng.poisson(rate * period.years))
    day = period.draw_days(rng, len(person))
    age = (day - people.born[person]) / YEAR_DAYS
    kept = (age >= kind.ages[0]) & (age < kind.ages[1]) & people.is_alive(person, day)
    if kind.condition:
        kept &= conditions[kind.condition][person] <= day
    return person[kept], day[kept]


def cut(told: Told, *, days: int, first_number: int) -> Sequences:
    """Return the sequences of `days` days that the stays are cut in, from DATES_SINCE on."""
    times = (told.left - told.entered) // days + 1
    stay = np.repeat(np.arange(told.count), times)
    rank = np.arange(len(stay)) - np.repeat(np.cumsum(times) - times, times)
    first = told.entered[stay] + rank * days
    last = np.minimum(first + days - 1, told.left[stay])
    year = year_of(last)
    rows = np.flatnonzero(year >= DATES_SINCE)
    found, place = np.unique((year[rows].astype(np.int64) << 32) | stay[rows], return_inverse=True)
    begins = np.searchsorted(found >> 32, found >> 32, side="left")
    number = first_number + np.arange(len(found)) - begins + 1
    return Sequences(
        stay[rows], rank[rows], first[rows], last[rows], year[rows], number[place.ravel()]
    )


def keys(told: Told, sequences: Sequences, name: str, digits: int) -> dict[str, Column]:
    """Return the number of the facility and that of the stay, called `name`."""
    return {
        "ETA_NUM_EPMSI": pick(finess_numbers(), told.facility[sequences.stay]),
        name: numbered(sequences.number, digits),
    }


def stay_rows(sequences: Sequences) -> Ints:
    """Return one sequence of each stay: a row of the person's table."""
    return np.unique(sequences.number, return_index=True)[1]


def person_columns(told: Told, stay: Ints, people: People, year: int) -> dict[str, Column]:
    """Return whose the stays are, with their return codes and dates."""
    entered, left = told.entered[stay], told.left[stay]
    known = people.pseudonym_on(told.person[stay], entered)
    return {
        "NIR_ANO_17": pick(people.pseudonyms, known),
        **{
            code: pick(["0", "1"], (told.bad_code[stay] == rank).astype(np.int64))
            for rank, (code, first) in enumerate(RETURN_CODES.items())
            if year >= first
        },
        "EXE_SOI_DTD": date_texts(entered),
        "EXE_SOI_DTF": date_texts(left),
    }


def who(told: Told, sequences: Sequences, people: People) -> dict[str, Column]:
    """Return age, sex and department, as sequences tell them."""
    person = told.person[sequences.stay]
    age = (sequences.first - people.born[person]) / YEAR_DAYS
    codes = [item["snds_code"][1:] for item in departments()]
    return {
        "AGE_ANN": np.maximum(age, 0).astype(np.int64),
        "COD_SEX": people.sex[person],
        "BDI_DEP": pick(codes, people.department[person]),
    }


def associated(
    rng: np.random.Generator, told: Told, sequences: Sequences, conditions: Conditions
) -> tuple[Ints, pa.Array]:
    """Return the sequences that have associated diagnoses, and these: illnesses of the person."""
    person = told.person[sequences.stay]
    rows, codes = [], []
    for condition, (code, share) in ASSOCIATED.items():
        ill = conditions[condition][person] <= sequences.first
        found = np.flatnonzero(ill & (rng.random(len(person)) < share))
        rows.append(found)
        codes.append(constant(code, len(found)))
    return np.concatenate(rows), pa.concat_arrays(codes)


def years(sequences: Sequences) -> list[int]:
    """Return the years of the tables, in order."""
    found: list[int] = np.unique(sequences.year).tolist()
    return found


def count_return_codes(
    trap: str, told: Told, sequences: Sequences, truth: Truth, *, first_years: Mapping[str, int]
) -> None:
    """Add to `truth` how many stays told have a bad return code, among those of their year."""
    known = np.array(list(first_years.values()))
    for year in years(sequences):
        part = sequences.of(year)
        stay = part.stay[stay_rows(part)]
        code = told.bad_code[stay]
        bad = int(((code != NO_CODE) & (known[code] <= year)).sum())
        truth.add(trap, injected=bad, rows_before=len(stay), rows_after=len(stay) - bad)


def count_dropped(trap: str, dropped: Flags, truth: Truth) -> None:
    """Add to `truth` the rows that a filter drops."""
    injected = int(dropped.sum())
    truth.add(trap, injected=injected, rows_before=len(dropped), rows_after=len(dropped) - injected)
