"""IR_BEN_R, IR_IMB_R, KI_CCI_R and IR_PHA_R: persons, long-term illnesses, deaths, drugs."""

from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from ecluse.data.synthetic.calendar import NEVER, Days, Ints, date_texts, month_of, year_of
from ecluse.data.synthetic.care import Drugs
from ecluse.data.synthetic.conditions import Conditions
from ecluse.data.synthetic.people import People, departments
from ecluse.data.synthetic.writing import Column, constant, pick, write_table
from ecluse.trust.national_numbers import pseudonymise_national_number, synthetic_national_number

ILLNESSES: Final = {
    # condition: disease code, number of the long-term illness, share registered
    "diabetes": ("E11", 8, 0.82),
    "heart_failure": ("I50", 5, 0.70),
    "ischaemic_heart_disease": ("I25", 13, 0.75),
    "cancer": ("C80", 30, 0.90),
    "depression": ("F33", 23, 0.25),
    "asthma_copd": ("J44", 14, 0.12),
}
STILL_OPEN: Final = 0.75
"""Share of registrations without an end, written 01/01/1600."""
FAR_END: Final = int(np.datetime64("2099-12-31").astype(int))
FAR: Final = 0.10
MATCHED_DEATHS: Final = 0.93
CAUSES: Final = {"cancer": "C80", "heart_failure": "I509", "ischaemic_heart_disease": "I259"}
UNKNOWN_CAUSE: Final = "R99"
MUNICIPALITIES: Final = 400


def write_persons(
    rng: np.random.Generator, folder: Path, people: People, national_key: bytes
) -> dict[str, int]:
    """Write IR_BEN_R, one row per pseudonym of a person; return its rows."""
    second = np.flatnonzero(people.second_pseudonym >= 0)
    person = np.concatenate([np.arange(people.count), second])
    pseudonym = np.concatenate([people.first_pseudonym, people.second_pseudonym[second]])
    is_last = np.concatenate([people.second_pseudonym < 0, np.ones(len(second), dtype=bool)])
    # A death is known on one of the pseudonyms only.
    died = np.where(is_last, people.died[person], NEVER).astype(np.int32)
    order = rng.permutation(len(person))
    person, pseudonym, died = person[order], pseudonym[order], died[order]
    own = own_pseudonyms(people, national_key)
    municipality = rng.integers(1, MUNICIPALITIES, people.count)[person]
    columns: dict[str, Column] = {
        "BEN_NIR_PSA": pick(people.pseudonyms, pseudonym),
        "BEN_RNG_GEM": people.birth_rank[person],
        "BEN_NIR_ANO": pick(own, person),
        "BEN_IDT_ANO": pick(identities(people, own), person),
        "BEN_IDT_TOP": people.has_own_number[person].astype(np.int64),
        "BEN_CDI_NIR": constant("00", len(person)),
        "BEN_NAI_ANN": year_of(people.born)[person],
        "BEN_NAI_MOI": pick([f"{month:02d}" for month in range(13)], month_of(people.born)[person]),
        "BEN_SEX_COD": people.sex[person],
        "BEN_DCD_DTE": date_texts(died),
        "BEN_DCD_AME": date_texts(died, pattern="%Y%m", missing="160001"),
        "BEN_RES_DPT": pick(_department_codes(), people.department[person]),
        "BEN_RES_COM": pick([f"{number:03d}" for number in range(MUNICIPALITIES)], municipality),
        "ORG_AFF_BEN": pick([f"01C{c}000" for c in _department_codes()], people.department[person]),
    }
    return {"IR_BEN_R": write_table(folder, "IR_BEN_R", columns)}


def own_pseudonyms(people: People, national_key: bytes) -> list[str]:
    """Return the pseudonym of each person's own national number, empty where it is unknown."""
    return [
        pseudonymise_national_number(synthetic_national_number(index), national_key)
        if known
        else ""
        for index, known in enumerate(people.has_own_number.tolist())
    ]


def identities(people: People, own: list[str]) -> list[str]:
    """Return BEN_IDT_ANO: the own pseudonym, else the first one followed by the birth rank."""
    first = people.pseudonyms[people.first_pseudonym].tolist()
    ranks = people.birth_rank.tolist()
    return [
        pseudonym or f"{claimant}{rank}"
        for pseudonym, claimant, rank in zip(own, first, ranks, strict=True)
    ]


def write_illnesses(
    rng: np.random.Generator, folder: Path, people: People, conditions: Conditions
) -> dict[str, int]:
    """Write IR_IMB_R, the long-term illnesses registered; return its rows."""
    persons: list[Ints] = []
    starts: list[Days] = []
    for name, (_, _, share) in ILLNESSES.items():
        ill = np.flatnonzero(conditions[name] != NEVER)
        registered = ill[rng.random(len(ill)) < share]
        persons.append(registered)
        starts.append(conditions[name][registered])
    kind = np.repeat(np.arange(len(ILLNESSES)), [len(part) for part in persons])
    person, start = np.concatenate(persons), np.concatenate(starts)
    draw = rng.random(len(person))
    end = np.where(
        draw < STILL_OPEN, NEVER, np.where(draw < STILL_OPEN + FAR, FAR_END, start + 1826)
    )
    known = list(ILLNESSES.values())
    columns: dict[str, Column] = {
        "BEN_NIR_PSA": pick(people.pseudonyms, people.first_pseudonym[person]),
        "BEN_RNG_GEM": people.birth_rank[person],
        "IMB_ALD_DTD": date_texts(start),
        "IMB_ALD_DTF": date_texts(end.astype(np.int32)),
        "IMB_ALD_NUM": np.array([number for _, number, _ in known])[kind],
        "IMB_ETM_NAT": constant("41", len(person)),
        "MED_MTF_COD": pick([code for code, _, _ in known], kind),
        "MED_NCL_IDT": constant("CIM10", len(person)),
    }
    return {"IR_IMB_R": write_table(folder, "IR_IMB_R", columns)}


def write_deaths(
    rng: np.random.Generator,
    folder: Path,
    people: People,
    conditions: Conditions,
    national_key: bytes,
) -> dict[str, int]:
    """Write KI_CCI_R: one row a death, 93 % of them matched to a person; return its rows."""
    dead = np.flatnonzero(people.died != NEVER)
    matched = rng.random(len(dead)) < MATCHED_DEATHS
    own = own_pseudonyms(people, national_key)
    identity = np.array(identities(people, own))[dead]
    cause = np.full(len(dead), UNKNOWN_CAUSE, dtype="U4")
    for name, code in CAUSES.items():
        cause[conditions[name][dead] != NEVER] = code
    columns: dict[str, Column] = {
        "DCD_IDT_ENC": pa.array([f"D{number:09d}" for number in rng.permutation(len(dead))]),
        "DCD_IDT_TOP": matched.astype(np.int64),
        "BEN_IDT_ANO": pa.array(np.where(matched, identity, "").tolist()),
        "BEN_DCD_DTE": date_texts(people.died[dead]),
        "BEN_DCD_AME": date_texts(people.died[dead], pattern="%Y%m"),
        "FLX_PER_ANN": year_of(people.died[dead]),
        "BEN_SEX_COD": people.sex[dead],
        "BEN_NAI_ANN": year_of(people.born[dead]),
        "BEN_RES_DPT": pick(_department_codes(), people.department[dead]),
        "DCD_CIM_COD": pa.array(cause.tolist()),
    }
    return {"KI_CCI_R": write_table(folder, "KI_CCI_R", columns)}


def write_drugs(folder: Path, drugs: Drugs) -> dict[str, int]:
    """Write IR_PHA_R, the packs that were dispensed; return its rows."""
    names = list(drugs.rows[0])
    columns: dict[str, Column] = {
        name: pa.array([row[name] for row in drugs.rows]) for name in names
    }
    return {"IR_PHA_R": write_table(folder, "IR_PHA_R", columns)}


def _department_codes() -> list[str]:
    return [item["snds_code"] for item in departments()]
