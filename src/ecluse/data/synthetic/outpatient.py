"""T_MCOaaCSTC, FASTC, FBSTC, FCSTC, FMSTC and FLSTC: care in public hospitals without a stay.

Acts and consultations done there are in the claims too; emergencies are here alone.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from ecluse.data.synthetic.calendar import (
    YEAR_DAYS,
    Days,
    Floats,
    Ints,
    Period,
    date_texts,
    month_of,
    year_of,
)
from ecluse.data.synthetic.care import (
    HOSPITAL_PHARMACY,
    IMAGING,
    LABORATORY,
    NO_DRUG,
    PUBLIC_FACILITIES,
    TECHNICAL,
    ULTRASOUND,
    Lines,
)
from ecluse.data.synthetic.facilities import finess_numbers
from ecluse.data.synthetic.people import People, departments
from ecluse.data.synthetic.refinements import MEDICAL_ACTS, laboratory_tests, medical_act_codes
from ecluse.data.synthetic.sendings import BAD_RETURN_CODES, UNUSABLE, UNUSABLE_PSEUDONYMS
from ecluse.data.synthetic.sequences import NO_CODE
from ecluse.data.synthetic.truth import Truth
from ecluse.data.synthetic.writing import Column, Pieces, at, constant, euros, numbered, pick

DATES_SINCE: Final = 2009
AGE_SINCE, TESTS_SINCE = 2014, 2012
"""First yearly tables of the age, of laboratory tests."""
RETURN_CODES: Final = ("NIR_RET", "NAI_RET", "SEX_RET", "IAS_RET", "ENT_DAT_RET")
EMERGENCIES: Final = 0.20
"""Emergency visits a year that no stay follows, for an adult: about 15 million in France."""
MORE_AT: Final = ((0, 6, 2.0), (75, 120, 1.5))
"""Ages at which they are more, and how many times more: our assumption."""
BROKEN: Final = 0.05
"""Share of the emergency visits for a fracture put in a cast: our assumption."""
CASTS: Final = ("MZMP013", "MZMP004", "MZMP007", "NZMP014", "NZMP008", "MDEP001")
EMERGENCY_FEE, CONSULTATION_FEE, CAST_FEE = 2_528, 2_500, 5_016
EMERGENCY, CONSULTATION, SURGERY = "ATU", "C", "ADC"
NATURES: Final = {
    1111: CONSULTATION,
    LABORATORY: "B",
    IMAGING: "ADI",
    TECHNICAL: "ATM",
    ULTRASOUND: "ADE",
}
"""How hospitals write the nature of an act; the others are consultations of specialists."""
WRITTEN: Final = (*NATURES.values(), "CS", CONSULTATION, SURGERY)
OF_SPECIALIST, OF_EMERGENCY, OF_CAST = (len(NATURES) + rank for rank in range(3))
VISITS_A_PERSON: Final = 16
"""Numbers set aside for the visits of a year: far more than anybody has on average."""
NUMBER_DIGITS: Final = 8
NO_CAST: Final = -1
DAY_BITS: Final = 20


@dataclass(frozen=True, slots=True)
class Visits:
    """One entry a visit, in order of person and day. `cast` is a position in CASTS, -1 for none.

    `acts` are the lines of claims that tell of the visits too, `visit` the visit of each.
    """

    person: Ints
    day: Days
    is_emergency: Ints
    cast: Ints
    bad_code: Ints
    unusable: Ints
    acts: Lines
    visit: Ints

    @property
    def count(self) -> int:
        """How many visits."""
        return len(self.person)


def draw_visits(rng: np.random.Generator, people: People, care: Lines, period: Period) -> Visits:
    """Return the visits of the acts done in public hospitals, and the emergencies."""
    inside = (care.facility >= 0) & (care.facility < PUBLIC_FACILITIES)
    acts = care.take(inside & (care.act != HOSPITAL_PHARMACY) & (care.drug == NO_DRUG))
    urgent, day = _emergencies(rng, people, period)
    place = np.concatenate([_place(acts.person, acts.day), _place(urgent, day)])
    found, visit = np.unique(place, return_inverse=True)
    visit = visit.ravel()
    count = len(found)
    is_emergency = np.zeros(count, dtype=np.int8)
    is_emergency[visit[acts.count :]] = 1
    broken = (is_emergency == 1) & (rng.random(count) < BROKEN)
    return Visits(
        person=(found >> DAY_BITS).astype(np.int64),
        day=(found & ((1 << DAY_BITS) - 1)).astype(np.int32),
        is_emergency=is_emergency,
        cast=np.where(broken, rng.integers(0, len(CASTS), count), NO_CAST),
        bad_code=_some(rng, BAD_RETURN_CODES, len(RETURN_CODES), count),
        unusable=_some(rng, UNUSABLE, len(UNUSABLE_PSEUDONYMS), count),
        acts=acts,
        visit=visit[: acts.count],
    )


def write_visits(pieces: Pieces, visits: Visits, people: People, truth: Truth) -> None:
    """Write the visits by year; count their traps."""
    year = year_of(visits.day)
    for current in np.unique(year[year >= DATES_SINCE]).tolist():
        rows = np.flatnonzero(year == current)
        rank = np.full(visits.count, -1)
        rank[rows] = np.arange(len(rows))
        keys: dict[str, Column] = {
            "ETA_NUM": pick(finess_numbers(), visits.person[rows] % PUBLIC_FACILITIES),
            "SEQ_NUM": numbered(
                people.first * VISITS_A_PERSON + np.arange(len(rows)) + 1, NUMBER_DIGITS
            ),
        }
        written = _Year(pieces, f"T_MCO{current % 100:02d}", current, visits, rows, rank, keys)
        written.write(people)
        _count(visits, rows, truth)


def _count(visits: Visits, rows: Ints, truth: Truth) -> None:
    for trap, values in (
        ("outpatient_return_codes", visits.bad_code),
        ("outpatient_pseudonyms", visits.unusable),
    ):
        bad = int((values[rows] != NO_CODE).sum())
        truth.add(trap, injected=bad, rows_before=len(rows), rows_after=len(rows) - bad)


@dataclass(frozen=True, slots=True)
class _Done:
    """One entry an act: its visit, its nature (a position in WRITTEN), its fee."""

    visit: Ints
    nature: Ints
    fee: Ints


@dataclass(frozen=True, slots=True)
class _Year:
    """The visits of one year: `rows` among all, `rank` of each visit in the year, -1 elsewhere."""

    pieces: Pieces
    name: str
    year: int
    visits: Visits
    rows: Ints
    rank: Ints
    keys: dict[str, Column]

    def write(self, people: People) -> None:
        """Write whose the visits are, what was done, and the bills."""
        acts, visit = self._acts()
        urgent = self.rows[self.visits.is_emergency[self.rows] == 1]
        cast = self.rows[self.visits.cast[self.rows] != NO_CAST]
        done = _done(acts, visit, urgent, cast)
        fees = np.bincount(self.rank[done.visit], weights=done.fee, minlength=len(self.rows))
        self._write("CSTC", self.rows, self._persons(people))
        self._write("FASTC", self.rows, self._bills(people, fees.astype(np.int64)))
        emergencies = np.full(len(urgent), EMERGENCY_FEE)
        self._write(
            "FBSTC", urgent, self._billed(constant(EMERGENCY, len(urgent)), emergencies, urgent)
        )
        self._write(
            "FCSTC", done.visit, self._billed(pick(WRITTEN, done.nature), done.fee, done.visit)
        )
        self._write_codes(acts, visit, cast)

    def _write_codes(self, acts: Lines, visit: Ints, cast: Ints) -> None:
        medical = np.flatnonzero(np.isin(acts.act, list(MEDICAL_ACTS)))
        told = np.concatenate([visit[medical], cast])
        casts = pick(CASTS, self.visits.cast[cast])
        codes = pa.concat_arrays([medical_act_codes(acts, medical), casts])
        self._write("FMSTC", told, {"CCAM_COD": codes, **self._act(told)})
        if self.year >= TESTS_SINCE:
            rows, tests = laboratory_tests(acts, np.flatnonzero(acts.act == LABORATORY))
            self._write("FLSTC", visit[rows], {"NABM_COD": numbered(tests, 4)})

    def _acts(self) -> tuple[Lines, Ints]:
        own = np.flatnonzero(self.rank[self.visits.visit] >= 0)
        return self.visits.acts.take(own), self.visits.visit[own]

    def _write(self, table: str, visits: Ints, columns: dict[str, Column]) -> None:
        keys = at(self.keys, self.rank[visits])
        self.pieces.write(f"{self.name}{table}.csv", keys | columns)

    def _persons(self, people: People) -> dict[str, Column]:
        visits, rows = self.visits, self.rows
        day = visits.day[rows]
        lost = len(people.pseudonyms) + visits.unusable[rows]
        known = people.pseudonym_on(visits.person[rows], day)
        names = [*people.pseudonyms.tolist(), *UNUSABLE_PSEUDONYMS]
        codes = {
            code: pick(["0", "1"], (visits.bad_code[rows] == rank).astype(np.int64))
            for rank, code in enumerate(RETURN_CODES)
        }
        return {
            "NIR_ANO_17": pick(names, np.where(visits.unusable[rows] >= 0, lost, known)),
            **codes,
            "EXE_SOI_DTD": date_texts(day),
            "EXE_SOI_DTF": date_texts(day),
        }

    def _bills(self, people: People, fees: Ints) -> dict[str, Column]:
        rows = self.rows
        person, day = self.visits.person[rows], self.visits.day[rows]
        codes = [item["snds_code"][1:] for item in departments()]
        columns: dict[str, Column] = {
            "NUM_FAC": constant("001", len(rows)),
            "COD_SEX": people.sex[person],
            "BDI_DEP": pick(codes, people.department[person]),
            "HON_MNT": euros(fees),
            **self._month(rows),
        }
        if self.year >= AGE_SINCE:
            columns["AGE_ANN"] = ((day - people.born[person]) / YEAR_DAYS).astype(np.int64)
        return columns

    def _billed(self, natures: pa.Array, fees: Ints, visits: Ints) -> dict[str, Column]:
        return {
            "ACT_COD": natures,
            "ACT_NBR": constant("1", len(visits)),
            "PRI_UNI": euros(fees),
            "HON_MNT": euros(fees),
            **self._month(visits),
        }

    def _act(self, visits: Ints) -> dict[str, Column]:
        return {
            "ACV_ACT": constant("1", len(visits)),
            "PHA_ACT": constant("0", len(visits)),
            **self._month(visits),
        }

    def _month(self, visits: Ints) -> dict[str, Column]:
        day = self.visits.day[visits]
        return {"SOR_ANN": year_of(day), "SOR_MOI": month_of(day)}


def _done(acts: Lines, visit: Ints, urgent: Ints, cast: Ints) -> _Done:
    """Return the acts of claims, then a consultation an emergency, then the casts."""
    nature = np.full(acts.count, OF_SPECIALIST)
    for rank, act in enumerate(NATURES):
        nature[acts.act == act] = rank
    others = [np.full(len(urgent), OF_EMERGENCY), np.full(len(cast), OF_CAST)]
    fees = [np.full(len(urgent), CONSULTATION_FEE), np.full(len(cast), CAST_FEE)]
    return _Done(
        np.concatenate([visit, urgent, cast]),
        np.concatenate([nature, *others]),
        np.concatenate([acts.price, *fees]),
    )


def _emergencies(rng: np.random.Generator, people: People, period: Period) -> tuple[Ints, Days]:
    rate: Floats = np.full(people.count, EMERGENCIES)
    age = people.age(period.middle)
    for youngest, oldest, times in MORE_AT:
        rate = np.where((age >= youngest) & (age < oldest), rate * times, rate)
    person = np.repeat(np.arange(people.count), rng.poisson(rate * period.years))
    day = period.draw_days(rng, len(person))
    alive = people.is_alive(person, day)
    return person[alive], day[alive]


def _place(person: Ints, day: Days) -> Ints:
    place: Ints = (person.astype(np.int64) << DAY_BITS) | day
    return place


def _some(rng: np.random.Generator, share: float, kinds: int, count: int) -> Ints:
    return np.where(rng.random(count) < share, rng.integers(0, kinds, count), NO_CODE)
