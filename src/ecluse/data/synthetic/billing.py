"""ER_PRS_F and its refinements, written month after month of flux or year after year."""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa

from ecluse.data.synthetic.calendar import (
    NEVER,
    YEAR_DAYS,
    Days,
    Flags,
    Ints,
    date_texts,
    year_of,
)
from ecluse.data.synthetic.care import NO_DRUG, Lines
from ecluse.data.synthetic.claims import Claims, fund_texts, key_columns
from ecluse.data.synthetic.people import (
    UNKNOWN_MUNICIPALITY,
    UNUSUAL_NUMBERS,
    People,
    departments,
    municipalities,
    regimes,
)
from ecluse.data.synthetic.refinements import write_refinements
from ecluse.data.synthetic.traps import (
    INFORMATION,
    NO_CARE_DATE,
    NO_PRESCRIPTION_DATE,
    NULL_QUALIFIER,
)
from ecluse.data.synthetic.writing import Column, Pieces, euros, pick

REIMBURSED: Final = 65
PROFESSIONALS: Final = 20_000
OTHER_PROFESSIONAL: Final = 8
"""One day in so many, a person sees another professional than the usual one."""
MONTHS, TODDLER_MONTHS, IN_MONTHS = 12, 24, 1000
"""Ages under two years are written in months, after 1000."""
WRITTEN_AT_ONCE: Final = 200_000


def write_claims(pieces: Pieces, claims: Claims, people: People) -> None:
    """Write ER_PRS_F, ER_PHA_F, ER_CAM_F, ER_BIO_F, ER_TIP_F, ER_UCD_F and ER_ETE_F."""
    residence = _residences(people)
    for month, begin, end in spans(claims, monthly=pieces.rendering == "portal"):
        part = claims.span(begin, end)
        keys = key_columns(part, people)
        name = _namer(pieces, month)
        pieces.write(name("ER_PRS_F"), keys | _act_columns(part, people, residence))
        write_refinements(pieces, name, part, keys)


def spans(claims: Claims, *, monthly: bool) -> Iterator[tuple[str, int, int]]:
    """Yield `yyyy-mm` or `yyyy` and the lines of each file, a bounded number at once."""
    dates = claims.available.astype("datetime64[D]")
    units = dates.astype("datetime64[M]" if monthly else "datetime64[Y]")
    starts = [0, *(np.flatnonzero(units[1:] != units[:-1]) + 1).tolist(), claims.count]
    for first, last in pairwise(starts):
        for begin in range(first, last, WRITTEN_AT_ONCE):
            yield str(units[first]), begin, min(begin + WRITTEN_AT_ONCE, last)


def _namer(pieces: Pieces, flux: str) -> "Namer":
    return Namer(flux, is_folder=pieces.rendering == "portal")


class Namer:
    """Names the file of a table for one month or year of flux."""

    def __init__(self, flux: str, *, is_folder: bool) -> None:
        self._flux = flux
        self._is_folder = is_folder

    def __call__(self, table: str) -> str:
        """Return `2021-03/ER_PRS_F.csv` or `ER_PRS_F_2021.csv`."""
        if self._is_folder:
            return f"{self._flux}/{table}.csv"
        return f"{table}_{self._flux}.csv"


def dated(lines: Lines) -> Flags:
    """Say which lines have a date of prescription: dispensings, nearly all of them."""
    day = lines.day.astype(np.int64)
    mixed = lines.person.astype(np.int64) * 7919 + day * 104_729 + lines.drug * 31
    found: Flags = (lines.drug != NO_DRUG) & (mixed % round(1 / NO_PRESCRIPTION_DATE) != 0)
    return found


def undated(lines: Lines) -> Flags:
    """Say which lines have no date of care: those of one day have one or not, all together."""
    mixed = lines.person.astype(np.int64) * 15_485_863 + lines.day.astype(np.int64) * 32_452_843
    found: Flags = (mixed >> 4) % round(1 / NO_CARE_DATE) == 0
    return found


def sees_another(lines: Lines, people: People) -> Flags:
    """Say which lines are of a day when the person saw another professional than usual."""
    person = lines.person.astype(np.int64) + people.first
    other: Flags = (person * 31 + lines.day) % OTHER_PROFESSIONAL == 0
    return other


def professionals(lines: Lines, people: People) -> Ints:
    """Return the professional of each line: a function of the person, the day and the specialty.

    The same act of a day, corrected or not, thus has the same professional.
    """
    person = lines.person.astype(np.int64) + people.first
    usual = (person * 2_654_435_761 + lines.specialty.astype(np.int64) * 40_503) >> 3
    found: Ints = (usual + sees_another(lines, people) * (PROFESSIONALS // 2 + 1)) % PROFESSIONALS
    return found


def _act_columns(claims: Claims, people: People, residence: dict[str, Column]) -> dict[str, Column]:
    lines = claims.lines
    prescribed = np.where(dated(lines), lines.day - 2, NEVER).astype(np.int32)
    day = np.where(undated(lines), NEVER, lines.day)
    care_dates = date_texts(day)
    prices = lines.price
    base = euros(prices)
    return _person_columns(claims, people, residence) | {
        "EXE_SOI_DTD": care_dates,
        "EXE_SOI_DTF": care_dates,
        "EXE_SOI_AMD": date_texts(day, pattern="year-month", missing="160001"),
        "PRE_PRE_DTD": date_texts(prescribed),
        "PRS_NAT_REF": lines.act,
        "PRS_ACT_QTE": lines.quantity,
        "PRS_PAI_MNT": base,
        "BSE_REM_BSE": base,
        "BSE_REM_MNT": euros(prices * REIMBURSED // 100),
        "CPL_MAJ_TOP": lines.surcharge,
        "DPN_QLF": pick(_qualifiers()[0], lines.qualifier),
        "PRS_DPN_QLP": pick(_qualifiers()[1], lines.qualifier),
        "PSE_SPE_COD": lines.specialty,
        "PFS_EXE_NUM": pick(_professional_texts(), professionals(lines, people)),
    }


def _person_columns(
    claims: Claims, people: People, residence: dict[str, Column]
) -> dict[str, Column]:
    lines, person = claims.lines, claims.lines.person
    place = claims.regime * len(departments()) + people.department[person]
    great = np.array([int(row["great"]) for row in regimes()], dtype=np.int8)
    small = np.array([int(row["small"]) for row in regimes()], dtype=np.int16)
    return {
        "BEN_NIR_PSA": pick(_names(people), people.pseudonym_on(person, lines.day)),
        "BEN_RNG_GEM": people.birth_rank[person],
        "BEN_NAI_ANN": year_of(people.born)[person],
        "BEN_SEX_COD": people.sex[person],
        "BEN_AMA_COD": _ages(lines.day - people.born[person]),
        **{name: pick(column, person) for name, column in residence.items()},
        "ORG_AFF_BEN": pick(fund_texts(), place),
        "RGM_GRG_COD": great[claims.regime],
        "RGM_COD": small[claims.regime],
    }


def _names(people: People) -> pa.Array:
    return pa.array(people.pseudonyms, pa.string())


def _ages(days: Days) -> Ints:
    months = (days * (MONTHS / YEAR_DAYS)).astype(np.int32)
    return np.where(months < TODDLER_MONTHS, IN_MONTHS + months, months // MONTHS).astype(np.int16)


def _residences(people: People) -> dict[str, pa.Array]:
    """Return one text a person: department, municipality, kind of number."""
    codes = [row["snds_code"] for row in departments()]
    kinds = ["00", *(kind for kind, _ in UNUSUAL_NUMBERS)]
    return {
        "BEN_RES_DPT": pick(codes, people.department),
        "BEN_RES_COM": municipality_texts(people),
        "BEN_CDI_NIR": pick(kinds, people.number_kind),
    }


def municipality_texts(people: People) -> pa.Array:
    """Return the municipality of each person, within the department."""
    known = municipalities()
    pairs = zip(people.department.tolist(), people.municipality.tolist(), strict=True)
    return pa.array(
        known[department][number] if number >= 0 else UNKNOWN_MUNICIPALITY
        for department, number in pairs
    )


@cache
def _professional_texts() -> pa.Array:
    return pa.array(f"P{number:08d}" for number in range(PROFESSIONALS))


@cache
def _qualifiers() -> tuple[pa.Array, pa.Array]:
    """Return DPN_QLF and PRS_DPN_QLP of each value of `Lines.qualifier`."""
    kinds = [(0, True, True), *INFORMATION]
    texts = [
        [str(value) if kind[side] else "0" for value, *kind in kinds] + [""] for side in (0, 1)
    ]
    assert len(texts[0]) == NULL_QUALIFIER + 1  # noqa: S101 — the two lists go together
    return pa.array(texts[0]), pa.array(texts[1])
