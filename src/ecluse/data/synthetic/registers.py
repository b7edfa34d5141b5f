"""IR_BEN_R, KI_CCI_R, KI_ECD_R and IR_PHA_R: persons, deaths and their causes, drugs."""

from typing import Final

import numpy as np
import pyarrow as pa

from ecluse.data.synthetic.billing import municipality_texts
from ecluse.data.synthetic.calendar import (
    NEVER,
    Days,
    Flags,
    Ints,
    Period,
    date_texts,
    year_of,
)
from ecluse.data.synthetic.care import read_drugs
from ecluse.data.synthetic.claims import fund_texts
from ecluse.data.synthetic.conditions import Conditions
from ecluse.data.synthetic.people import (
    DEMO_CITIZEN,
    UNUSUAL_NUMBERS,
    People,
    departments,
)
from ecluse.data.synthetic.writing import Column, at, constant, pick
from ecluse.trust.pseudonyms.national_numbers import (
    pseudonymise_national_number,
    synthetic_national_number,
)

ABSENT: Final = 0.05
"""Share of the persons with claims whom the register lacks."""
MATCHED_DEATHS: Final = 0.93
CAUSES: Final = {
    # illness: code of the cause; the last one that a person has is the initial cause
    "diabetes": "E119",
    "dementia": "G309",
    "stroke": "I64",
    "ischaemic_heart_disease": "I259",
    "heart_failure": "I509",
    "cancer": "C80",
}
OTHER_CAUSES: Final = {"hypertension": "I10", "renal_failure": "N189", "atrial_fibrillation": "I48"}
UNKNOWN_CAUSE: Final = "R99"
LAST_CAUSE: Final = "R092"


def absent_from_register(rng: np.random.Generator, people: People, claimants: Ints) -> Flags:
    """Return who, among the persons with claims, has no row in IR_BEN_R.

    Those known under one pseudonym of their own alone: a lake then still finds one person.
    """
    has_claims = np.zeros(people.count, dtype=bool)
    has_claims[claimants] = True
    shared = np.bincount(people.first_pseudonym, minlength=people.count) > 1
    single = (people.second_pseudonym < 0) & ~shared[people.first_pseudonym]
    eligible = has_claims & single & ~people.is_fictive
    if people.has_demo_citizen:
        eligible[DEMO_CITIZEN] = False
    share = ABSENT * has_claims.sum() / max(int(eligible.sum()), 1)
    absent: Flags = eligible & (rng.random(people.count) < share)
    return absent


def person_columns(
    rng: np.random.Generator, people: People, own: list[str], last_treated: Days
) -> dict[str, Column]:
    """Return IR_BEN_R, one row per pseudonym of a person."""
    listed = np.flatnonzero(people.in_register)
    second = np.flatnonzero((people.second_pseudonym >= 0) & people.in_register)
    person = np.concatenate([listed, second])
    pseudonym = np.concatenate([people.first_pseudonym[listed], people.second_pseudonym[second]])
    is_last = np.concatenate([people.second_pseudonym[listed] < 0, np.ones(len(second), bool)])
    order = rng.permutation(len(person))
    person, pseudonym, is_last = person[order], pseudonym[order], is_last[order]
    # A death is known on one of the pseudonyms only.
    died = np.where(is_last, people.died[person], NEVER).astype(np.int32)
    kinds = ["00", *(kind for kind, _ in UNUSUAL_NUMBERS)]
    codes = [item["snds_code"] for item in departments()]
    place = people.regime * len(codes) + people.department
    return {
        "BEN_NIR_PSA": pick(people.pseudonyms, pseudonym),
        "BEN_RNG_GEM": people.birth_rank[person],
        "BEN_NIR_ANO": pick(own, person),
        "BEN_IDT_ANO": pick(identities(people, own), person),
        "BEN_IDT_TOP": people.has_own_number[person].astype(np.int8),
        "BEN_CDI_NIR": pick(kinds, people.number_kind[person]),
        "BEN_NAI_ANN": year_of(people.born)[person],
        "BEN_NAI_MOI": date_texts(people.born[person], pattern="month"),
        "BEN_SEX_COD": people.sex[person],
        "BEN_DCD_DTE": date_texts(died),
        "BEN_DCD_AME": date_texts(died, pattern="year-month", missing="160001"),
        "BEN_RES_DPT": pick(codes, people.department[person]),
        "BEN_RES_COM": municipality_texts(people).take(pa.array(person)),
        "ORG_AFF_BEN": pick(fund_texts(), place[person]),
        "BEN_TOP_CNS": (last_treated[person] != NEVER).astype(np.int8),
        "MAX_TRT_DTD": date_texts(last_treated[person]),
    }


def own_pseudonyms(people: People, national_key: bytes) -> list[str]:
    """Return the pseudonym of each person's own national number, empty where it is unknown."""
    return [
        pseudonymise_national_number(synthetic_national_number(index), national_key)
        if known
        else ""
        for index, known in enumerate(people.has_own_number.tolist(), start=people.first)
    ]


def identities(people: People, own: list[str]) -> list[str]:
    """Return BEN_IDT_ANO: the own pseudonym, else the first one followed by the birth rank."""
    first = people.pseudonyms[people.first_pseudonym].tolist()
    ranks = people.birth_rank.tolist()
    return [
        pseudonym or f"{claimant}{rank}"
        for pseudonym, claimant, rank in zip(own, first, ranks, strict=True)
    ]


def death_columns(
    rng: np.random.Generator,
    people: People,
    conditions: Conditions,
    period: Period,
    own: list[str],
) -> tuple[dict[str, Column], dict[str, Column]]:
    """Return KI_CCI_R, one row a death, and KI_ECD_R, one a cause; 93 % are matched."""
    dead = np.flatnonzero((people.died >= period.start) & (people.died < period.end))
    matched = rng.random(len(dead)) < MATCHED_DEATHS
    identity = np.array(identities(people, own), dtype=object)[dead]
    numbers = people.first + rng.permutation(len(dead)) + 1
    died = people.died[dead]
    causes = _causes(conditions, dead)
    shared: dict[str, Column] = {
        "DCD_IDT_ENC": pa.array(f"D{number:09d}" for number in numbers.tolist()),
        "DCD_IDT_TOP": matched.astype(np.int8),
        "BEN_IDT_ANO": pa.array(np.where(matched, identity, "").tolist(), pa.string()),
        "BEN_DCD_DTE": date_texts(died),
        "BEN_DCD_AME": date_texts(died, pattern="year-month"),
        "FLX_PER_ANN": year_of(died),
    }
    certificate: dict[str, Column] = {
        "BEN_SEX_COD": people.sex[dead],
        "BEN_NAI_ANN": year_of(people.born[dead]),
        "BEN_RES_DPT": pick([item["snds_code"] for item in departments()], people.department[dead]),
        "DCD_CIM_COD": pa.array([found[0] for found in causes], pa.string()),
    }
    return shared | certificate, _cause_columns(shared, causes)


def _causes(conditions: Conditions, dead: Ints) -> list[list[str]]:
    """Return the causes of each death, the initial one first."""
    known = [
        [(conditions[name][dead] != NEVER).tolist() for name in names]
        for names in (CAUSES, OTHER_CAUSES)
    ]
    found = []
    for rank in range(len(dead)):
        main = [code for has, code in zip(known[0], CAUSES.values(), strict=True) if has[rank]]
        others = [
            code for has, code in zip(known[1], OTHER_CAUSES.values(), strict=True) if has[rank]
        ]
        ordered = [*reversed(main), *others][:4]
        found.append([*ordered, LAST_CAUSE] if main else [UNKNOWN_CAUSE])
    return found


def _cause_columns(shared: dict[str, Column], causes: list[list[str]]) -> dict[str, Column]:
    times = np.array([len(found) for found in causes], dtype=np.int64)
    row = np.repeat(np.arange(len(causes)), times)
    rank = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    return at(shared, row) | {
        "CER_LIG_NUM": rank + 1,
        "ECD_CAU_RNG": constant("1", len(row)),
        "ECD_CIM_COD": pa.array([code for found in causes for code in found], pa.string()),
    }


def drug_columns() -> dict[str, Column]:
    """Return IR_PHA_R, the packs that can be dispensed."""
    rows = read_drugs().rows
    return {name: pa.array([row[name] for row in rows]) for name in rows[0]}
