"""T_RIPaaC, RSA, RSAD and E: stays in psychiatry, a row a quarter.

Acts without a stay are not written: they name nobody outside their hospital.
"""

import hashlib
from typing import Final

import numpy as np
import pyarrow as pa

from ecluse.data.synthetic import sequences
from ecluse.data.synthetic.calendar import Flags, Period, month_of, year_of
from ecluse.data.synthetic.conditions import Conditions
from ecluse.data.synthetic.home_care import facility_columns
from ecluse.data.synthetic.people import People
from ecluse.data.synthetic.sendings import RETURN_CODES
from ecluse.data.synthetic.sequences import SequenceKind, Sequences, Told
from ecluse.data.synthetic.truth import Truth
from ecluse.data.synthetic.writing import Column, Pieces, at, constant, pick

KINDS: Final = (
    SequenceKind("F200", "psychosis", (0, 120), 0.75, 30),
    SequenceKind("F322", "depression", (0, 120), 0.10, 25),
    SequenceKind("F102", "", (18, 75), 0.002, 12),
    SequenceKind("F419", "", (15, 90), 0.0018, 12),
)
"""Rates make about the stays a year that were published for 2021 (806,000)."""
QUARTER: Final = 91
NUMBER_DIGITS: Final = 6
PERSONS_A_NUMBER: Final = 5
EXCLUDED: Final = 0.02
"""Share of the sequences marked E, until EXCLUDED_UNTIL: our assumption."""
EXCLUDED_UNTIL: Final = 2016
GENERATED: Final = 0.01
"""Share of the summaries made automatically, from GENERATED_SINCE on: our assumption."""
GENERATED_SINCE: Final = 2015
ACTIVITY_SINCE: Final = 2012
FILE_BYTES: Final = 8


def write_psychiatry(
    rng: np.random.Generator,
    pieces: Pieces,
    people: People,
    conditions: Conditions,
    period: Period,
    truth: Truth,
) -> None:
    """Write the stays in psychiatry, by year; count their traps."""
    told = sequences.draw_told(rng, KINDS, people, conditions, period)
    quarters = sequences.cut(told, days=QUARTER, first_number=people.first // PERSONS_A_NUMBER)
    count = len(quarters.stay)
    excluded = (rng.random(count) < EXCLUDED) & (quarters.year <= EXCLUDED_UNTIL)
    generated = (rng.random(count) < GENERATED) & (quarters.year >= GENERATED_SINCE)
    sequences.count_dropped("psychiatry_exclusions", excluded, truth)
    sequences.count_dropped("generated_psychiatry", generated, truth)
    sequences.count_return_codes(
        "psychiatry_return_codes", told, quarters, truth, first_years=RETURN_CODES
    )
    for year in sequences.years(quarters):
        part, name = quarters.of(year), f"T_RIP{year % 100:02d}"
        own = quarters.year == year
        keys = sequences.keys(told, part, "RIP_NUM", NUMBER_DIGITS)
        sent = sequences.stay_rows(part)
        persons = sequences.person_columns(told, part.stay[sent], people, year)
        pieces.write(f"{name}C.csv", at(keys, sent) | persons)
        ranked = keys | {"SEQ_SEQ_NUM": pick([f"{n + 1:03d}" for n in range(100)], part.rank % 100)}
        told_so = _sequences(told, part, people, year)
        marks = _marks(excluded[own], generated[own], year)
        pieces.write(f"{name}RSA.csv", ranked | told_so | marks)
        rows, codes = sequences.associated(rng, told, part, conditions)
        pieces.write(f"{name}RSAD.csv", at(ranked, rows) | {"ASS_DGN": codes})
        if people.has_demo_citizen:
            pieces.write(f"{name}E.csv", facility_columns(year))


def _sequences(told: Told, part: Sequences, people: People, year: int) -> dict[str, Column]:
    stay = part.stay
    days = part.last - part.first + 1
    columns: dict[str, Column] = {
        **sequences.who(told, part, people),
        "IPP_IRR_CRY": _files(told, part, people),
        "ENT_MOD": constant("8", len(stay)),
        "SEQ_PRE_IND": (part.rank == 0).astype(np.int8),
        "SEQ_DER_IND": (part.last == told.left[stay]).astype(np.int8),
        "SEQ_FIN_MOI": month_of(part.last),
        "SEQ_FIN_ANN": year_of(part.last),
        "SEQ_COU_NBJ": days,
        "PRE_JOU_NBJ": days,
        "DGN_PAL": pick([item.code for item in KINDS], told.kind[stay]),
    }
    return columns | ({"FOR_ACT": constant("01", len(stay))} if year >= ACTIVITY_SINCE else {})


def _marks(excluded: Flags, generated: Flags, year: int) -> dict[str, Column]:
    columns: dict[str, Column] = {"SEQ_IND": pick(["", "E"], excluded.astype(np.int64))}
    if year >= GENERATED_SINCE:
        columns["TYP_GEN_RSA"] = pick(["0", "1"], generated.astype(np.int64))
    return columns


def _files(told: Told, part: Sequences, people: People) -> pa.Array:
    """Return the number of each person's file in the hospital, encrypted there."""
    pairs = zip(
        told.facility[part.stay].tolist(),
        (people.first + told.person[part.stay]).tolist(),
        strict=True,
    )
    return pa.array(
        hashlib.blake2b(f"{facility}/{person}".encode(), digest_size=FILE_BYTES).hexdigest()
        for facility, person in pairs
    )
