"""ER_PRS_F and its refinements: lines grouped into claims, each with its lag and its nine keys."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from ecluse.data.synthetic.calendar import (
    NEVER,
    Days,
    Flags,
    Ints,
    date_texts,
    next_month,
    year_of,
)
from ecluse.data.synthetic.care import IMAGING, LABORATORY, NO_DRUG, TECHNICAL, Drugs, Lines
from ecluse.data.synthetic.people import People, departments
from ecluse.data.synthetic.writing import Column, constant, euros, pick, write_table

LAGS: Final = (
    # share of claims, shortest and longest days before they reach the insurer
    (0.75, 2, 30),
    (0.20, 31, 90),
    (0.04, 91, 180),
    (0.01, 181, 800),
)
CORRECTION_DAYS: Final = (40, 200)
REIMBURSED: Final = 65
PROFESSIONALS: Final = 3000
NO_QUALIFIER: Final = 0

IMAGING_ACTS: Final = ("ZBQK002", "QEQK001", "NFQK001", "NEQK010", "HBQK002", "ZCQM008")
TECHNICAL_ACTS: Final = ("DEQP003", "DZQM006", "BGQP002", "HEQE002", "HHQE002", "JQQM010")
LABORATORY_TESTS: Final = np.array([1104, 1577, 552, 593, 996, 1208, 1804])
TESTS_PER_LINE: Final = 3


@dataclass(frozen=True, slots=True)
class Claims:
    """Lines in the order of delivery, with their nine keys written once for all tables."""

    lines: Lines
    keys: dict[str, Column]
    treated_on: Days
    available_on: Days


def group(rng: np.random.Generator, lines: Lines, people: People) -> Claims:
    """Return the lines as claims: same person, day and wave; sorted as they became available."""
    lines = lines.take(np.lexsort((lines.wave, lines.day, lines.person)))
    starts = _starts(lines)
    claim = np.cumsum(starts) - 1
    first = np.flatnonzero(starts)
    order = np.arange(lines.count) - first[claim] + 1
    treated = (lines.day + _lag(rng, lines.wave[first])[claim]).astype(np.int32)
    available = next_month(treated)
    delivered = np.argsort(available, kind="stable")
    lines, claim, order = lines.take(delivered), claim[delivered], order[delivered]
    treated, available = treated[delivered], available[delivered]
    keys = _keys(lines, people, treated, available)
    keys["DCT_ORD_NUM"] = claim + 1
    keys["PRS_ORD_NUM"] = order
    return Claims(lines, keys, treated, available)


def write_claims(
    rng: np.random.Generator, folder: Path, claims: Claims, people: People, drugs: Drugs
) -> dict[str, int]:
    """Write ER_PRS_F, ER_PHA_F, ER_CAM_F and ER_BIO_F; return their rows."""
    lines = claims.lines
    rows = {"ER_PRS_F": write_table(folder, "ER_PRS_F", _acts(rng, claims, people))}
    # Lines for information and surcharges carry money alone: nothing refines them.
    refined = (lines.surcharge == 0) & (lines.qualifier == NO_QUALIFIER)
    dispensed = np.flatnonzero(lines.drug != NO_DRUG)
    rows["ER_PHA_F"] = write_table(folder, "ER_PHA_F", _packs(claims, dispensed, drugs))
    medical = np.flatnonzero(refined & np.isin(lines.act, (IMAGING, TECHNICAL)))
    rows["ER_CAM_F"] = write_table(folder, "ER_CAM_F", _medical_acts(rng, claims, medical))
    tested = np.flatnonzero(refined & (lines.act == LABORATORY))
    rows["ER_BIO_F"] = write_table(folder, "ER_BIO_F", _tests(rng, claims, tested))
    return rows


def _starts(lines: Lines) -> Flags:
    starts = np.ones(lines.count, dtype=bool)
    starts[1:] = (
        (np.diff(lines.person) != 0) | (np.diff(lines.day) != 0) | (np.diff(lines.wave) != 0)
    )
    return starts


def _lag(rng: np.random.Generator, wave: Ints) -> Ints:
    band = rng.choice(len(LAGS), size=len(wave), p=[share for share, _, _ in LAGS])
    shortest = np.array([low for _, low, _ in LAGS])[band]
    longest = np.array([high for _, _, high in LAGS])[band]
    lag = rng.integers(shortest, longest + 1)
    return np.where(wave > 0, lag + rng.integers(*CORRECTION_DAYS, len(wave)), lag)


def _keys(lines: Lines, people: People, treated: Days, available: Days) -> dict[str, Column]:
    department = people.department[lines.person]
    funds = [f"01C{item['snds_code']}000" for item in departments()]
    return {
        "FLX_DIS_DTD": date_texts(available),
        "FLX_TRT_DTD": date_texts(treated),
        "FLX_EMT_TYP": constant("1", lines.count),
        "FLX_EMT_NUM": department + 1,
        "FLX_EMT_ORD": treated - int(treated.min()) + 1,
        "ORG_CLE_NUM": pick(funds, department),
        "REM_TYP_AFF": constant("1", lines.count),
    }


def _acts(rng: np.random.Generator, claims: Claims, people: People) -> dict[str, Column]:
    lines = claims.lines
    person = lines.person
    changed = (people.second_pseudonym[person] >= 0) & (lines.day >= people.changed_on[person])
    pseudonym = np.where(changed, people.second_pseudonym[person], people.first_pseudonym[person])
    prescribed = np.where(lines.drug != NO_DRUG, lines.day - 2, NEVER).astype(np.int32)
    codes = [item["snds_code"] for item in departments()]
    care_dates = date_texts(lines.day)
    qualifier = lines.qualifier
    return {
        **claims.keys,
        "BEN_NIR_PSA": pick(people.pseudonyms, pseudonym),
        "BEN_RNG_GEM": people.birth_rank[person],
        "BEN_NAI_ANN": year_of(people.born)[person],
        "BEN_SEX_COD": people.sex[person],
        "BEN_AMA_COD": np.maximum(people.age(0)[person] + lines.day / 365.25, 0).astype(np.int64),
        "BEN_RES_DPT": pick(codes, people.department[person]),
        "RGM_GRG_COD": people.regime[person],
        "EXE_SOI_DTD": care_dates,
        "EXE_SOI_DTF": care_dates,
        "EXE_SOI_AMD": date_texts(lines.day, pattern="%Y%m"),
        "PRE_PRE_DTD": date_texts(prescribed),
        "PRS_NAT_REF": lines.act,
        "PRS_ACT_QTE": lines.quantity,
        "PRS_PAI_MNT": euros(lines.price),
        "BSE_REM_BSE": euros(lines.price),
        "BSE_REM_MNT": euros(lines.price * REIMBURSED // 100),
        "CPL_MAJ_TOP": lines.surcharge,
        "DPN_QLF": qualifier,
        "PRS_DPN_QLP": qualifier,
        "PSE_SPE_COD": lines.specialty,
        "PFS_EXE_NUM": pick(
            [f"P{number:08d}" for number in range(PROFESSIONALS)],
            rng.integers(0, PROFESSIONALS, lines.count),
        ),
    }


def _packs(claims: Claims, rows: Ints, drugs: Drugs) -> dict[str, Column]:
    drug = claims.lines.drug[rows]
    return {
        **_keys_at(claims, rows),
        "PHA_ORD_NUM": constant("1", len(rows)),
        "PHA_PRS_C13": pick([row["PHA_CIP_C13"] for row in drugs.rows], drug),
        "PHA_PRS_IDE": pick([row["PHA_PRS_IDE"] for row in drugs.rows], drug),
        "PHA_ACT_QSN": claims.lines.quantity[rows],
        "PHA_ACT_PRU": euros(drugs.price[drug]),
        "PHA_DEC_QSU": constant("0", len(rows)),
    }


def _medical_acts(rng: np.random.Generator, claims: Claims, rows: Ints) -> dict[str, Column]:
    codes = (*IMAGING_ACTS, *TECHNICAL_ACTS)
    drawn = rng.integers(0, len(IMAGING_ACTS), len(rows))
    is_technical = claims.lines.act[rows] == TECHNICAL
    return {
        **_keys_at(claims, rows),
        "CAM_ORD_NUM": constant("1", len(rows)),
        "CAM_PRS_IDE": pick(codes, drawn + np.where(is_technical, len(IMAGING_ACTS), 0)),
        "CAM_ACT_COD": constant("1", len(rows)),
        "CAM_TRT_PHA": constant("0", len(rows)),
        "CAM_ACT_PRU": euros(claims.lines.price[rows]),
    }


def _tests(rng: np.random.Generator, claims: Claims, rows: Ints) -> dict[str, Column]:
    repeated = np.repeat(rows, TESTS_PER_LINE)
    first = rng.integers(0, len(LABORATORY_TESTS), len(rows))
    rank = np.tile(np.arange(TESTS_PER_LINE), len(rows))
    drawn = (np.repeat(first, TESTS_PER_LINE) + rank) % len(LABORATORY_TESTS)
    return {
        **_keys_at(claims, repeated),
        "BIO_ORD_NUM": rank + 1,
        "BIO_PRS_IDE": LABORATORY_TESTS[drawn],
        "BIO_ACT_QSN": claims.lines.quantity[repeated],
    }


def _keys_at(claims: Claims, rows: Ints) -> dict[str, Column]:
    positions = pa.array(rows)
    return {
        name: column.take(positions) if isinstance(column, pa.Array) else np.asarray(column)[rows]
        for name, column in claims.keys.items()
    }
