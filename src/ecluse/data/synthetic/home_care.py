"""T_HADaaB, C, D, A, GRP and E: hospital at home, a row a week of care."""

from typing import Final

import numpy as np
import pyarrow as pa

from ecluse.data.synthetic import sequences
from ecluse.data.synthetic.calendar import Flags, Ints, Period, month_of, year_of
from ecluse.data.synthetic.conditions import Conditions
from ecluse.data.synthetic.facilities import FACILITIES, finess_numbers
from ecluse.data.synthetic.people import FEMALE, People
from ecluse.data.synthetic.sendings import RETURN_CODES
from ecluse.data.synthetic.sequences import SequenceKind, Sequences, Told
from ecluse.data.synthetic.stay_kinds import RELATED
from ecluse.data.synthetic.truth import Truth
from ecluse.data.synthetic.writing import Column, Pieces, at, constant, pick

EVERYBODY: Final = (0, 120)
KINDS: Final = (
    *(
        SequenceKind(code, condition, EVERYBODY, 0.06, 22, mode="04")
        for condition, code in RELATED.items()
    ),
    SequenceKind("I500", "heart_failure", EVERYBODY, 0.02, 25, mode="14"),
    SequenceKind("G309", "dementia", EVERYBODY, 0.015, 30, mode="14"),
    SequenceKind("G20", "parkinson", EVERYBODY, 0.02, 30, mode="12"),
    SequenceKind("L890", "", (75, 120), 0.009, 28, mode="09"),
    SequenceKind("Z391", "", (20, 40), 0.006, 5, mode="21", sex=FEMALE),
    SequenceKind("A46", "", (40, 90), 0.0018, 10, mode="03"),
)
"""Rates make about the stays a year that were published for 2021 (267,000); the reasons are our
assumption."""
WEEK: Final = 7
DETAILS_SINCE: Final = 2010
"""First yearly tables of sequence numbers, of associated diagnoses and of acts."""
NO_MAIN_DIAGNOSIS: Final = (2012, 2013)
"""Years whose tables lack the main diagnosis."""
NUMBER_DIGITS: Final = 5
PERSONS_A_NUMBER: Final = 25
"""One stay at home a year for so many persons: far more than there are."""
ERROR_TARIFF: Final = "99"
ERROR_TARIFFS: Final = 0.01
"""Share of the weeks that could not be grouped: our assumption."""
TARIFFS: Final = 31
ACTS: Final = ("DEQP003", "ZBQK002")
WITH_ACT: Final = 0.05
DEPENDENCE: Final = ("030", "040", "050", "060", "070")


def write_home_care(
    rng: np.random.Generator,
    pieces: Pieces,
    people: People,
    conditions: Conditions,
    period: Period,
    truth: Truth,
) -> None:
    """Write hospital at home, by year; count its traps."""
    told = sequences.draw_told(rng, KINDS, people, conditions, period)
    weeks = sequences.cut(told, days=WEEK, first_number=people.first // PERSONS_A_NUMBER)
    is_error = rng.random(len(weeks.stay)) < ERROR_TARIFFS
    sequences.count_dropped("ght_99", is_error, truth)
    sequences.count_return_codes(
        "home_care_return_codes", told, weeks, truth, first_years=RETURN_CODES
    )
    for year in sequences.years(weeks):
        part, name = weeks.of(year), f"T_HAD{year % 100:02d}"
        keys = sequences.keys(told, part, "RHAD_NUM", NUMBER_DIGITS)
        ranked = keys | _ranks(part, year)
        sent = sequences.stay_rows(part)
        persons = sequences.person_columns(told, part.stay[sent], people, year)
        pieces.write(f"{name}C.csv", at(keys, sent) | persons)
        pieces.write(f"{name}B.csv", ranked | _weeks(told, part, people, year))
        pieces.write(f"{name}GRP.csv", ranked | _tariffs(part, is_error[weeks.year == year]))
        if year >= DETAILS_SINCE:
            _write_details(rng, pieces, name, (told, part, ranked), conditions)
    if people.has_demo_citizen:
        for year in sequences.years(weeks):
            pieces.write(f"T_HAD{year % 100:02d}E.csv", facility_columns(year))


def facility_columns(year: int) -> dict[str, Column]:
    """Return the facilities of hospital at home and of psychiatry."""
    numbers = finess_numbers()[:FACILITIES]
    return {
        "ANN_TRT": constant(str(year), len(numbers)),
        "ETA_NUM": pa.array(numbers),
        "ETB_EXE_FIN": pa.array([number[:8] for number in numbers]),
        "SOC_RAI": pa.array([f"Établissement {rank + 1}" for rank in range(len(numbers))]),
    }


def _write_details(
    rng: np.random.Generator,
    pieces: Pieces,
    name: str,
    written: tuple[Told, Sequences, dict[str, Column]],
    conditions: Conditions,
) -> None:
    told, part, ranked = written
    rows, codes = sequences.associated(rng, told, part, conditions)
    pieces.write(f"{name}D.csv", at(ranked, rows) | {"DGN_ASS": codes})
    with_act = np.flatnonzero(rng.random(len(part.stay)) < WITH_ACT)
    pieces.write(f"{name}A.csv", at(ranked, with_act) | _acts(part, with_act))


def _acts(part: Sequences, rows: Ints) -> dict[str, Column]:
    return {
        "CCAM_COD": pick(ACTS, part.stay[rows] % len(ACTS)),
        "ACT_COD": constant("1", len(rows)),
        "PHA_COD": constant("0", len(rows)),
        "REAL_NBR": constant("1", len(rows)),
    }


def _ranks(part: Sequences, year: int) -> dict[str, Column]:
    ranks = pick(
        [f"{rank + 1:04d}" for rank in range(int(part.rank.max(initial=0)) + 1)], part.rank
    )
    first = constant("0001", len(part.stay))
    return {"SSEQ_NUM": ranks} | ({"SEQ_NUM": first} if year >= DETAILS_SINCE else {})


def _weeks(told: Told, part: Sequences, people: People, year: int) -> dict[str, Column]:
    kind, stay = told.kind[part.stay], part.stay
    is_last = part.last == told.left[stay]
    columns: dict[str, Column] = {
        **sequences.who(told, part, people),
        "PEC_PAL": pick([item.mode for item in KINDS], kind),
        "DEP_COT": pick(DEPENDENCE, stay % len(DEPENDENCE)),
        "ENT_MOD": constant("8", len(stay)),
        "SOR_MOD": pick(
            ["8", "9"], (people.died[told.person[stay]] == told.left[stay]).astype(np.int64)
        ),
        "SEJ_NBJ": told.left[stay] - told.entered[stay] + 1,
        "SSEQ_NBJ": part.last - part.first + 1,
        "SSEQ_SEQ_DER": is_last.astype(np.int8),
        "SOR_MOI_SSEQ": month_of(part.last),
        "SOR_ANN_SSEQ": year_of(part.last),
    }
    if year not in NO_MAIN_DIAGNOSIS:
        columns["DGN_PAL"] = pick([item.code for item in KINDS], kind)
    return columns


def _tariffs(part: Sequences, is_error: Flags) -> dict[str, Column]:
    numbers = [*(f"{rank + 1:02d}" for rank in range(TARIFFS)), ERROR_TARIFF]
    drawn = np.where(is_error, TARIFFS, (part.stay * 7 + part.rank) % TARIFFS)
    return {
        "GHT_NUM": pick(numbers, drawn),
        "GHT_NBJ": part.last - part.first + 1,
        "PAP_GRP_RET": constant("000", len(part.stay)),
    }
