"""The tables that tell more of a line: packs, medical acts, tests, devices, hospital drugs."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa

from ecluse.data.synthetic.calendar import Flags, Ints, year_of
from ecluse.data.synthetic.care import (
    HOSPITAL_PHARMACY,
    IMAGING,
    NO_DRUG,
    TECHNICAL,
    ULTRASOUND,
    Lines,
    read_drugs,
    read_visits,
)
from ecluse.data.synthetic.claims import NO_TARIFF, NULL_TARIFF, Claims
from ecluse.data.synthetic.facilities import FACILITIES, finess_numbers, is_clinic
from ecluse.data.synthetic.stay_kinds import GROUP_TARIFFS
from ecluse.data.synthetic.traps import INFORMING, SURCHARGE
from ecluse.data.synthetic.treatments import HOSPITAL_DRUGS
from ecluse.data.synthetic.writing import Column, Pieces, at, constant, euros, pick

Name = Callable[[str], str]

MEDICAL_ACTS: Final = {
    IMAGING: ("ZBQK002", "QEQK001", "NFQK001", "NEQK010", "HBQK002", "ZCQM008"),
    TECHNICAL: ("DEQP003", "DZQM006", "BGQP002", "HEQE002", "HHQE002", "JQQM010"),
    ULTRASOUND: ("ZCQM008", "DZQM006", "JQQM010", "ZCQM008", "DZQM006", "JQQM010"),
}
LABORATORY_TESTS: Final = np.array([1104, 1577, 552, 593, 996, 1208, 1804], dtype=np.int16)
FEWEST_TESTS, MOST_TESTS = 2, 5
DEVICES: Final = {
    # act: codes of the list of products (LPP)
    3515: (1118465, 1300299, 1301117),
    3514: (1100070, 1101312, 1136894),
    3512: (1205520, 1202473, 1203923),
    3511: (1100637, 1169586, 1100229),
    3533: (2201814, 2201754, 2200393),
}
PUBLIC_CATEGORY, CLINIC_CATEGORY = 355, 365
PUBLIC_TYPE, CLINIC_TYPE = 1, 4
OUTPATIENT, FULL_STAY = 7, 3
CIP13_SINCE: Final = 2014
"""From this year all packs have their 13 figures; before, the old 7 figures are the sure ones."""
CIP13_MISSING: Final = 0.4
CIP7_UNTIL: Final = 2014
FINESS_LENGTH: Final = 8


def write_refinements(
    pieces: Pieces, name: Name, claims: Claims, keys: Mapping[str, Column]
) -> None:
    """Write, for these lines, the tables that refine ER_PRS_F."""
    lines = claims.lines
    # Lines for information and surcharges carry money alone: nothing refines them.
    plain = (lines.role != SURCHARGE) & (lines.role != INFORMING)
    writers = (
        ("ER_PHA_F", plain & (lines.drug != NO_DRUG), _packs),
        ("ER_CAM_F", plain & np.isin(lines.act, _acts("CAM")), _medical_acts),
        ("ER_BIO_F", plain & np.isin(lines.act, _acts("BIO")), _tests),
        ("ER_TIP_F", plain & np.isin(lines.act, _acts("TIP")), _devices),
        ("ER_UCD_F", plain & (lines.act == HOSPITAL_PHARMACY), _hospital_drugs),
    )
    for table, chosen, columns in writers:
        _write(pieces, name(table), keys, columns(lines, np.flatnonzero(chosen)))
    inside = np.flatnonzero(plain & (claims.tariff != NO_TARIFF))
    _write(pieces, name("ER_ETE_F"), keys, _facilities(claims, inside))


Refined = tuple[Ints, dict[str, Column]]
"""Positions of the lines refined, and the columns of their refinements."""


def has_facility_row(claims: Claims) -> Flags:
    """Say which lines have a row in ER_ETE_F."""
    role = claims.lines.role
    found: Flags = (role != SURCHARGE) & (role != INFORMING) & (claims.tariff != NO_TARIFF)
    return found


def lacks_new_code(lines: Lines, rows: Ints) -> Flags:
    """Say which packs of these lines have the old seven figures alone."""
    mixed = (lines.person[rows].astype(np.int64) * 31 + lines.day[rows] * 17) % 100
    return (year_of(lines.day[rows]) < CIP13_SINCE) & (mixed < CIP13_MISSING * 100)


def _write(pieces: Pieces, file: str, keys: Mapping[str, Column], refined: Refined) -> None:
    rows, columns = refined
    if len(rows):
        pieces.write(file, at(keys, rows) | columns)


@cache
def _acts(kind: str) -> tuple[int, ...]:
    return tuple(visit.act for visit in read_visits() if visit.refined == kind)


def _packs(lines: Lines, rows: Ints) -> Refined:
    drug = lines.drug[rows]
    drugs = read_drugs()
    old, new = _pack_codes()
    absent = len(drugs.rows)
    retired = year_of(lines.day[rows]) > CIP7_UNTIL
    return rows, {
        "PHA_ORD_NUM": constant("1", len(rows)),
        "PHA_PRS_C13": pick(new, np.where(lacks_new_code(lines, rows), absent, drug)),
        "PHA_PRS_IDE": pick(old, np.where(retired, absent, drug)),
        "PHA_ACT_QSN": lines.quantity[rows],
        "PHA_ACT_PRU": euros(drugs.price[drug]),
        "PHA_DEC_QSU": constant("0", len(rows)),
    }


@cache
def _pack_codes() -> tuple[pa.Array, pa.Array]:
    """Return the old and new codes of each pack, then what is written for none."""
    rows = read_drugs().rows
    return (
        pa.array([*(row["PHA_PRS_IDE"] for row in rows), ""]),
        pa.array([*(row["PHA_CIP_C13"] for row in rows), ""]),
    )


def medical_act_codes(lines: Lines, rows: Ints) -> pa.Array:
    """Return the code of the medical act that each of these lines tells of."""
    codes = [code for acts in MEDICAL_ACTS.values() for code in acts]
    size = len(MEDICAL_ACTS[IMAGING])
    first = np.zeros(len(rows), dtype=np.int64)
    for rank, act in enumerate(MEDICAL_ACTS):
        first[lines.act[rows] == act] = rank * size
    return pick(codes, first + _choice(lines, rows, size))


def laboratory_tests(lines: Lines, rows: Ints) -> tuple[Ints, Ints]:
    """Return each of these lines as often as it has tests, and the codes of the tests."""
    times = FEWEST_TESTS + _choice(lines, rows, MOST_TESTS - FEWEST_TESTS + 1)
    repeated = np.repeat(rows, times)
    rank = np.arange(len(repeated)) - np.repeat(np.cumsum(times) - times, times)
    first = np.repeat(_choice(lines, rows, len(LABORATORY_TESTS)), times)
    return repeated, LABORATORY_TESTS[(first + rank) % len(LABORATORY_TESTS)]


def _medical_acts(lines: Lines, rows: Ints) -> Refined:
    return rows, {
        "CAM_ORD_NUM": constant("1", len(rows)),
        "CAM_PRS_IDE": medical_act_codes(lines, rows),
        "CAM_ACT_COD": constant("1", len(rows)),
        "CAM_TRT_PHA": constant("0", len(rows)),
        "CAM_ACT_PRU": euros(lines.price[rows]),
    }


def _tests(lines: Lines, rows: Ints) -> Refined:
    repeated, tests = laboratory_tests(lines, rows)
    first = np.searchsorted(repeated, repeated, side="left")
    return repeated, {
        "BIO_ORD_NUM": (np.arange(len(repeated)) - first + 1).astype(np.int16),
        "BIO_PRS_IDE": tests,
        "BIO_ACT_QSN": lines.quantity[repeated],
    }


def _devices(lines: Lines, rows: Ints) -> Refined:
    codes = np.array(list(DEVICES.values()), dtype=np.int32)
    kind = np.searchsorted(sorted(DEVICES), lines.act[rows])
    order = np.argsort(list(DEVICES))
    return rows, {
        "TIP_ORD_NUM": constant("1", len(rows)),
        "TIP_PRS_IDE": codes[order[kind], _choice(lines, rows, codes.shape[1])],
        "TIP_PRS_TYP": constant("1", len(rows)),
        "TIP_ACT_QSN": lines.quantity[rows],
        "TIP_ACT_PRU": euros(lines.price[rows]),
    }


def _hospital_drugs(lines: Lines, rows: Ints) -> Refined:
    return rows, {
        "UCD_ORD_NUM": constant("1", len(rows)),
        "UCD_UCD_COD": pick([drug.ucd for drug in HOSPITAL_DRUGS], lines.hospital_drug[rows]),
        "UCD_DLV_NBR": lines.quantity[rows],
        "UCD_TOP_UCD": constant("0", len(rows)),
        "UCD_TTF_MNT": euros(lines.price[rows]),
    }


def _facilities(claims: Claims, rows: Ints) -> Refined:
    lines = claims.lines
    facility, group = lines.facility[rows], lines.group[rows]
    names = [number[:FINESS_LENGTH] for number in finess_numbers()[:FACILITIES]]
    tariffs = ["0", "1", "2", ""]
    clinic = is_clinic(facility)
    return rows, {
        "ETB_EXE_FIN": pick(names, facility),
        "ETE_CAT_COD": np.where(clinic, CLINIC_CATEGORY, PUBLIC_CATEGORY).astype(np.int16),
        "ETE_TYP_COD": np.where(clinic, CLINIC_TYPE, PUBLIC_TYPE).astype(np.int8),
        "MDT_COD": np.where(group < 0, OUTPATIENT, FULL_STAY).astype(np.int8),
        "ETE_GHS_NUM": pick([*GROUP_TARIFFS, "0"], np.where(group < 0, len(GROUP_TARIFFS), group)),
        "ETE_IND_TAA": pick(tariffs, np.minimum(claims.tariff[rows], NULL_TARIFF)),
        "PRS_PPU_SEC": np.where(clinic, 2, 1).astype(np.int8),
    }


def _choice(lines: Lines, rows: Ints, size: int) -> Ints:
    """Return a number under `size` for each line: the same for a line and its corrections."""
    mixed = lines.person[rows].astype(np.int64) * 48_271 + lines.day[rows] * 69_621
    return (mixed >> 2) % size
