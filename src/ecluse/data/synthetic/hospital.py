"""T_MCOaaB, C, A, D, UM and E: hospital stays, one set of files per year of discharge."""

from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa

from ecluse.data.synthetic.calendar import (
    YEAR_DAYS,
    Flags,
    Ints,
    date_texts,
    month_of,
    year_of,
)
from ecluse.data.synthetic.care import PUBLIC_FACILITIES
from ecluse.data.synthetic.facilities import DOUBLING, FACILITIES, finess_numbers
from ecluse.data.synthetic.obstetrics import (
    LINKED_SINCE,
    UNKNOWN_STAY,
    is_newborn,
    shared_numbers,
    weeks_and_grams,
)
from ecluse.data.synthetic.people import People, departments
from ecluse.data.synthetic.sendings import (
    ERROR_GROUP,
    NO_TARIFF_GROUP,
    RETURN_CODES,
    UNUSABLE_PSEUDONYMS,
    Sendings,
)
from ecluse.data.synthetic.stay_kinds import ASSOCIATED, KINDS, RELATED, TREATED_FOR_CANCER
from ecluse.data.synthetic.stays import Stays
from ecluse.data.synthetic.writing import Column, Pieces, at, constant, numbered, pick

DATES_SINCE: Final = 2009
"""Before, only the month and year of discharge are known."""
WARDS_SINCE: Final = 2010
MOST_WARDS: Final = 4
OTHER_WARDS: Final = 0.35
"""Mean number of other wards in a stay of several days."""
WARD_KINDS: Final = ("29", "16", "01A", "02A")
STAYS_A_PERSON: Final = 20
"""Ints set aside for the stays of each person: far more than anybody has on average."""
WEEKS_SINCE: Final = 2008
"""Before, a stay does not tell the weeks of pregnancy."""


def write_stays(
    rng: np.random.Generator, pieces: Pieces, stays: Stays, sendings: Sendings, people: People
) -> None:
    """Write the stays sent, by year of discharge."""
    wards = _wards(rng, stays)
    keys = stay_keys(sendings, people.first)
    for year in np.unique(sendings.year).tolist():
        chosen = np.flatnonzero(sendings.year == year)
        part, own = sendings.take(chosen), at(keys, chosen)
        name = f"T_MCO{year % 100:02d}"
        descriptions = _descriptions(stays, part, people, wards)
        pieces.write(f"{name}B.csv", own | descriptions | _weeks(stays, part, people, year))
        pieces.write(f"{name}C.csv", own | _persons(stays, part, people, year))
        pieces.write(f"{name}D.csv", _diagnoses(own, stays, part))
        pieces.write(f"{name}A.csv", _acts(own, stays, part))
        pieces.write(f"{name}UM.csv", _ward_columns(own, stays, part, wards, year))
        if people.has_demo_citizen:
            pieces.write(f"{name}E.csv", _facilities(year))


def stay_keys(sendings: Sendings, first_person: int) -> dict[str, Column]:
    """Return ETA_NUM and RSA_NUM, unique in the country: numbers follow the first person's."""
    numbers = first_person * STAYS_A_PERSON + sendings.number + 1
    return {"ETA_NUM": pick(_finess(), sendings.finess), "RSA_NUM": numbered(numbers, 10)}


@cache
def _finess() -> pa.Array:
    return pa.array(finess_numbers())


def _descriptions(stays: Stays, sent: Sendings, people: People, wards: Ints) -> dict[str, Column]:
    stay, person = sent.stay, stays.person[sent.stay]
    kind = np.where(sent.is_error, len(KINDS), stays.kind[stay])
    tariff = np.where(sent.has_no_tariff, len(KINDS), stays.kind[stay])
    main = _main_codes(stays, stay)
    nights = stays.left[stay] - stays.entered[stay]
    days = stays.entered[stay] - people.born[person]
    codes = [item["snds_code"][1:] for item in departments()]
    sessions = np.array([item.kind == "session" for item in KINDS])[stays.kind[stay]]
    newborn = is_newborn(stays.kind[stay])
    return {
        "DGN_PAL": pa.array(main),
        "DGN_REL": pick([*RELATED.values(), ""], _related(stays, stay, main)),
        "GRG_GHM": pick([*(item.group for item in KINDS), ERROR_GROUP], kind),
        "GHS_NUM": pick([*(item.tariff for item in KINDS), NO_TARIFF_GROUP], tariff),
        "GRG_RET": constant("000", sent.count),
        "AGE_ANN": np.maximum(days / YEAR_DAYS, 0).astype(np.int64),
        "AGE_JOU": pick([*map(str, range(366)), ""], np.minimum(days, 366)),
        "COD_SEX": people.sex[person],
        "BDI_DEP": pick(codes, people.department[person]),
        "SEJ_NBJ": nights,
        "NBR_RUM": wards[stay],
        "NBR_SEA": sessions.astype(np.int8),
        "ENT_MOD": constant("8", sent.count),
        "SOR_MOD": pick(["8", "9"], (people.died[person] == stays.left[stay]).astype(np.int64)),
        "POI_NAI": _written(weeks_and_grams(people, person)[1], newborn),
        "SEJ_TYP": pick(["A", "B"], sent.is_service.astype(np.int64)),
        "SOR_ANN": year_of(stays.left[stay]),
        "SOR_MOI": month_of(stays.left[stay]),
    }


def _weeks(stays: Stays, sent: Sendings, people: People, year: int) -> dict[str, Column]:
    if year < WEEKS_SINCE:
        return {}
    weeks, _ = weeks_and_grams(people, stays.person[sent.stay])
    return {"AGE_GES": _written(weeks, is_newborn(stays.kind[sent.stay]))}


def _written(values: Ints, told: Flags) -> pa.Array:
    """Return the values told, nothing elsewhere."""
    return pa.array(np.asarray(values), mask=~told)


def _related(stays: Stays, stay: Ints, main: list[str]) -> Ints:
    session = np.array([code in TREATED_FOR_CANCER for code in main], dtype=bool)
    known = session & (stays.related[stay] >= 0)
    return np.where(known, stays.related[stay], len(RELATED))


def _main_codes(stays: Stays, stay: Ints) -> list[str]:
    codes = stays.main_codes()
    return [codes[row] for row in stay.tolist()]


def _persons(stays: Stays, sent: Sendings, people: People, year: int) -> dict[str, Column]:
    entered, left = stays.entered[sent.stay], stays.left[sent.stay]
    known = people.pseudonym_on(stays.person[sent.stay], entered)
    lost = len(people.pseudonyms) + sent.unusable
    names = pa.array([*people.pseudonyms.tolist(), *UNUSABLE_PSEUDONYMS])
    columns: dict[str, Column] = {
        "NIR_ANO_17": pick(names, np.where(sent.unusable >= 0, lost, known)),
        **_return_codes(sent, year),
        "SOR_ANN": year_of(left),
        "SOR_MOI": month_of(left),
    }
    if year >= LINKED_SINCE:
        columns["NIR_ANO_MAM"] = _link_numbers(stays, sent, people)
    if year >= DATES_SINCE:
        columns |= {
            "EXE_SOI_DTD": date_texts(entered),
            "EXE_SOI_DTF": date_texts(left),
            "ENT_DAT": date_texts(entered, pattern="compact"),
            "SOR_DAT": date_texts(left, pattern="compact"),
        }
    return columns


def _link_numbers(stays: Stays, sent: Sendings, people: People) -> pa.Array:
    numbers = shared_numbers(people, stays.mother[sent.stay], stays.birth_day[sent.stay])
    gaps = sent.link_gap.tolist()
    written = [(number, "", UNKNOWN_STAY)[gap] for number, gap in zip(numbers, gaps, strict=True)]
    return pa.array(written, pa.string())


def _return_codes(sent: Sendings, year: int) -> dict[str, Column]:
    return {
        code: pick(["0", "1"], (sent.bad_code == rank).astype(np.int64))
        for rank, (code, first) in enumerate(RETURN_CODES.items())
        if year >= first
    }


def _diagnoses(keys: dict[str, Column], stays: Stays, sent: Sendings) -> dict[str, Column]:
    also = sorted({code for kind in KINDS for code in kind.also})
    codes = [*(code for code, _ in ASSOCIATED.values()), *also]
    rows, kinds = [], []
    for rank, ill in enumerate(stays.associated.values()):
        found = np.flatnonzero(_is_in(sent.stay, ill, stays.count))
        rows.append(found)
        kinds.append(np.full(len(found), rank))
    for rank, code in enumerate(also, start=len(ASSOCIATED)):
        has_it = np.array([code in kind.also for kind in KINDS])
        rows.append(np.flatnonzero(has_it[stays.kind[sent.stay]]))
        kinds.append(np.full(len(rows[-1]), rank))
    row, kind = np.concatenate(rows), np.concatenate(kinds)
    order = np.argsort(row, kind="stable")
    return at(keys, row[order]) | {"ASS_DGN": pick(codes, kind[order])}


def _is_in(stay: Ints, chosen: Ints, count: int) -> Flags:
    flags = np.zeros(count, dtype=bool)
    flags[chosen] = True
    return flags[stay]


def _acts(keys: dict[str, Column], stays: Stays, sent: Sendings) -> dict[str, Column]:
    codes = [code for kind in KINDS for code in kind.acts]
    counts = np.array([len(kind.acts) for kind in KINDS])
    first = np.cumsum(counts) - counts
    kind = stays.kind[sent.stay]
    rows = np.flatnonzero(counts[kind] > 0)
    stay = sent.stay[rows]
    drawn = first[kind[rows]] + stays.code[stay] % counts[kind[rows]]
    nights = stays.left[stay] - stays.entered[stay]
    return at(keys, rows) | {
        "CDC_ACT": pick(codes, drawn),
        "ACV_ACT": constant("1", len(rows)),
        "PHA_ACT": constant("0", len(rows)),
        "NBR_EXE_ACT": constant("1", len(rows)),
        "ENT_DAT_DEL": np.minimum(stays.code[stay] % 3, nights),
    }


def _wards(rng: np.random.Generator, stays: Stays) -> Ints:
    """Return how many wards each stay went through: 1 to 4."""
    others = np.minimum(rng.poisson(OTHER_WARDS, stays.count), MOST_WARDS - 1)
    return np.where(stays.left > stays.entered, 1 + others, 1)


def _ward_columns(
    keys: dict[str, Column], stays: Stays, sent: Sendings, wards: Ints, year: int
) -> dict[str, Column]:
    times = wards[sent.stay]
    row = np.repeat(np.arange(sent.count), times)
    rank = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    nights = (stays.left - stays.entered)[sent.stay][row]
    share = nights // times[row]
    partial = np.where(rank == 0, nights - share * (times[row] - 1), share)
    columns = at(keys, row) | {"DGN_PAL": pa.array(_main_codes(stays, sent.stay[row]))}
    if year < WARDS_SINCE:
        return columns | {"UM_TYP": constant("29", len(row)), "PAR_NBR_SEJ": partial}
    return columns | {
        "UM_ORD_NUM": rank + 1,
        "AUT_TYP1_UM": pick(WARD_KINDS, rank),
        "PAR_DUR_SEJ": partial,
    }


def _facilities(year: int) -> dict[str, Column]:
    numbers = finess_numbers()[: FACILITIES + len(DOUBLING)]
    names = [*(f"Hôpital {rank + 1}" for rank in range(PUBLIC_FACILITIES))]
    names += [f"Clinique {rank + 1}" for rank in range(FACILITIES - PUBLIC_FACILITIES)]
    return {
        "ANN_TRT": constant(str(year), len(numbers)),
        "ETA_NUM": pa.array(numbers),
        "ETB_EXE_FIN": pa.array([number[:8] for number in numbers]),
        "SOC_RAI": pa.array([*names, *DOUBLING]),
    }
