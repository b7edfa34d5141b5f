"""T_SSRaaB and T_SSRaaC: rehabilitation after some stays, one row a week.

A stay still open at the end of a year is sent with the weeks of that year; the year after, it is
sent again, whole: its first weeks then are in two tables.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from ecluse.data.synthetic.calendar import YEAR_DAYS, Days, Ints, Period, date_texts, year_of
from ecluse.data.synthetic.facilities import FACILITIES, finess_numbers
from ecluse.data.synthetic.people import People, departments
from ecluse.data.synthetic.sendings import RETURN_CODES
from ecluse.data.synthetic.stay_kinds import KINDS
from ecluse.data.synthetic.stays import Stays
from ecluse.data.synthetic.truth import Truth
from ecluse.data.synthetic.writing import Column, Pieces, at, constant, numbered, pick

WEEK: Final = 7
MEAN_DAYS: Final = 30
GROUPS_SINCE: Final = 2013
GENERATION_SINCE: Final = 2015
GROUP: Final = "0803A0"


@dataclass(frozen=True, slots=True)
class Weeks:
    """One entry a week sent: the stay, the table's year, the rank of the week and its day."""

    stay: Ints
    year: Ints
    rank: Ints
    day: Days


@dataclass(frozen=True, slots=True)
class Rehabilitations:
    """One entry a stay in rehabilitation."""

    person: Ints
    entered: Days
    left: Days
    facility: Ints
    main: list[str]

    @property
    def count(self) -> int:
        """How many stays."""
        return len(self.person)


def draw_rehabilitations(
    rng: np.random.Generator, stays: Stays, people: People, period: Period
) -> Rehabilitations:
    """Return the rehabilitations: they begin the day when an acute stay ends."""
    share = np.array([kind.rehabilitation for kind in KINDS])[stays.kind]
    chosen = np.flatnonzero(rng.random(stays.count) < share)
    person, entered = stays.person[chosen], stays.left[chosen]
    alive = (people.died[person] > entered) & (entered < period.end - 1)
    chosen, person, entered = chosen[alive], person[alive], entered[alive]
    last = np.minimum(people.died[person], period.end - 1)
    left = np.minimum(entered + WEEK + rng.poisson(MEAN_DAYS, len(person)), last)
    codes = stays.main_codes()
    return Rehabilitations(
        person,
        entered,
        left.astype(np.int32),
        rng.integers(0, FACILITIES, len(person)),
        [codes[row] for row in chosen.tolist()],
    )


def write_rehabilitations(
    pieces: Pieces, stays: Rehabilitations, people: People, truth: Truth
) -> None:
    """Write the weeks of each table's year; count those that a later table repeats."""
    weeks = _weeks(stays)
    own = year_of(weeks.day) == weeks.year
    truth.add(
        "repeated_rha",
        injected=int((~own).sum()),
        rows_before=len(own),
        rows_after=int(own.sum()),
    )
    keys = _keys(stays, people)
    for year in np.unique(weeks.year).tolist():
        chosen = np.flatnonzero(weeks.year == year)
        name = f"T_SSR{year % 100:02d}"
        part = Weeks(weeks.stay[chosen], weeks.year[chosen], weeks.rank[chosen], weeks.day[chosen])
        pieces.write(f"{name}B.csv", at(keys, part.stay) | _week_columns(stays, part, people, year))
        sent = np.unique(part.stay)
        pieces.write(f"{name}C.csv", at(keys, sent) | _person_columns(stays, sent, people, year))
    repeated = np.flatnonzero(~own)
    pieces.write_truth(
        "traps/repeated_rha",
        at(keys, weeks.stay[repeated])
        | {"TABLE_YEAR": weeks.year[repeated], "RHS_NUM": weeks.rank[repeated] + 1},
    )


def _weeks(stays: Rehabilitations) -> Weeks:
    times = (stays.left - stays.entered) // WEEK + 1
    stay = np.repeat(np.arange(stays.count), times)
    rank = np.arange(len(stay)) - np.repeat(np.cumsum(times) - times, times)
    day = (stays.entered[stay] + rank * WEEK).astype(np.int32)
    left = year_of(stays.left)[stay]
    # sent at discharge, and before that in the table of the year when the week took place
    earlier = np.flatnonzero(year_of(day) < left)
    return Weeks(
        np.concatenate([stay, stay[earlier]]),
        np.concatenate([left, year_of(day[earlier])]),
        np.concatenate([rank, rank[earlier]]),
        np.concatenate([day, day[earlier]]),
    )


def _keys(stays: Rehabilitations, people: People) -> dict[str, Column]:
    return {
        "ETA_NUM": pick(finess_numbers(), stays.facility),
        "RHA_NUM": numbered(people.first // 2 + np.arange(stays.count) + 1, 7),
    }


def _week_columns(
    stays: Rehabilitations, weeks: Weeks, people: People, year: int
) -> dict[str, Column]:
    stay, person = weeks.stay, stays.person[weeks.stay]
    age = (weeks.day - people.born[person]) / YEAR_DAYS
    count = len(stay)
    main = pa.array([stays.main[row] for row in stay.tolist()])
    columns: dict[str, Column] = {
        "RHS_NUM": pick([f"{rank + 1:03d}" for rank in range(60)], weeks.rank),
        "AGE_ANN": np.maximum(age, 0).astype(np.int64),
        "COD_SEX": people.sex[person],
        "BDI_DEP": pick(
            [item["snds_code"][1:] for item in departments()], people.department[person]
        ),
        "MOI_ANN": date_texts(weeks.day, pattern="month-year"),
        "MOI_ANN_SOR_SEJ": date_texts(stays.left[stay], pattern="month-year"),
        "ENT_MOD": constant("7", count),
        "SOR_MOD": constant("8", count),
        "FP_PEC": constant("Z501", count),
        "MOR_PRP": main,
        "ETL_AFF": main,
        "HOS_TYP_UM": constant("1", count),
        "JP_HWE": constant("11111", count),
        "JP_WE": constant("11", count),
    }
    if year >= GROUPS_SINCE:
        columns["GRG_GME"] = constant(GROUP, count)
    if year >= GENERATION_SINCE:
        columns["TYP_GEN_RHA"] = constant("0", count)
    return columns


def _person_columns(
    stays: Rehabilitations, sent: Ints, people: People, year: int
) -> dict[str, Column]:
    entered, left = stays.entered[sent], stays.left[sent]
    known = people.pseudonym_on(stays.person[sent], entered)
    codes = [code for code, first in RETURN_CODES.items() if year >= first]
    return {
        "NIR_ANO_17": pick(people.pseudonyms, known),
        **dict.fromkeys(codes, constant("0", len(sent))),
        "EXE_SOI_DTD": date_texts(entered),
        "EXE_SOI_DTF": date_texts(left),
        "ENT_DAT": date_texts(entered, pattern="compact"),
        "SOR_DAT": date_texts(left, pattern="compact"),
    }
