"""T_MCOaaB, T_MCOaaC and T_MCOaaD: hospital stays, one set of files per year of discharge."""

from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from ecluse.data.synthetic.calendar import YEAR_DAYS, Flags, Ints, date_texts, month_of, year_of
from ecluse.data.synthetic.people import People, departments
from ecluse.data.synthetic.stays import ASSOCIATED, FACILITIES, KINDS, Stays
from ecluse.data.synthetic.writing import Column, constant, pick, write_table

ERROR_GROUP: Final = "90Z00Z"
RETURN_CODES: Final = ("NAI_RET", "SEX_RET", "SEJ_RET", "FHO_RET", "PMS_RET", "DAT_RET")


def write_stays(folder: Path, stays: Stays, people: People) -> dict[str, int]:
    """Write the stays of each year of discharge; return the rows of each table."""
    rows: dict[str, int] = {}
    years = year_of(stays.left)
    numbers = pa.array([f"{number:010d}" for number in range(1, stays.count + 1)])
    facilities = pick([f"99{number:07d}" for number in range(FACILITIES)], stays.facility)
    keys = {"ETA_NUM": facilities, "RSA_NUM": numbers}
    for year in np.unique(years):
        chosen = np.flatnonzero(years == year)
        name = f"T_MCO{year % 100:02d}"
        tables = {
            "B": _at(keys, chosen) | _at(_descriptions(stays, people), chosen),
            "C": _at(keys, chosen) | _at(_dates(stays, people), chosen),
            "D": _diagnoses(keys, stays, years == year),
        }
        for letter, columns in tables.items():
            rows[f"{name}{letter}"] = write_table(folder, f"{name}{letter}", columns)
    return rows


def _descriptions(stays: Stays, people: People) -> dict[str, Column]:
    age = (stays.entered - people.born[stays.person]) / YEAR_DAYS
    groups = [*(kind.group for kind in KINDS), ERROR_GROUP]
    group = np.where(stays.is_error_group, len(KINDS), stays.kind)
    codes = [item["snds_code"][1:] for item in departments()]
    nights = stays.left - stays.entered
    return {
        "DGN_PAL": pa.array(stays.main_codes()),
        "GRG_GHM": pick(groups, group),
        "GRG_RET": constant("000", stays.count),
        "AGE_ANN": np.maximum(age, 0).astype(np.int64),
        "COD_SEX": people.sex[stays.person],
        "BDI_DEP": pick(codes, people.department[stays.person]),
        "SEJ_NBJ": nights,
        "NBR_RUM": constant("1", stays.count),
        "ENT_MOD": constant("8", stays.count),
        "SOR_MOD": pick(["8", "9"], (people.died[stays.person] == stays.left).astype(np.int64)),
        "SEJ_TYP": constant("A", stays.count),
        "SOR_ANN": year_of(stays.left),
        "SOR_MOI": month_of(stays.left),
    }


def _dates(stays: Stays, people: People) -> dict[str, Column]:
    person = stays.person
    changed = (people.second_pseudonym[person] >= 0) & (stays.entered >= people.changed_on[person])
    pseudonym = np.where(changed, people.second_pseudonym[person], people.first_pseudonym[person])
    zero = constant("0", stays.count)
    return {
        "NIR_ANO_17": pick(people.pseudonyms, pseudonym),
        "NIR_RET": pick(["0", "1"], stays.has_bad_return.astype(np.int64)),
        **dict.fromkeys(RETURN_CODES, zero),
        "EXE_SOI_DTD": date_texts(stays.entered),
        "EXE_SOI_DTF": date_texts(stays.left),
        "ENT_DAT": date_texts(stays.entered, pattern="%d%m%Y"),
        "SOR_DAT": date_texts(stays.left, pattern="%d%m%Y"),
        "SOR_ANN": year_of(stays.left),
        "SOR_MOI": month_of(stays.left),
    }


def _diagnoses(keys: dict[str, Column], stays: Stays, chosen: Flags) -> dict[str, Column]:
    stay = np.concatenate([rows[chosen[rows]] for rows in stays.associated.values()])
    counts = [int(chosen[rows].sum()) for rows in stays.associated.values()]
    code = np.repeat(np.arange(len(ASSOCIATED)), counts)
    order = np.argsort(stay, kind="stable")
    codes = [code_text for code_text, _ in ASSOCIATED.values()]
    return _at(keys, stay[order]) | {"ASS_DGN": pick(codes, code[order])}


def _at(columns: dict[str, Column], rows: Ints) -> dict[str, Column]:
    positions = pa.array(rows)
    return {
        name: column.take(positions) if isinstance(column, pa.Array) else np.asarray(column)[rows]
        for name, column in columns.items()
    }
