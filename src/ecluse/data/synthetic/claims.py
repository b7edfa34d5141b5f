"""Lines grouped into claims, each with its lag, its nine keys and its month of flux."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa

from ecluse.data.synthetic.calendar import (
    Days,
    Flags,
    Ints,
    Period,
    date_texts,
    first_day,
    next_month,
    year_of,
)
from ecluse.data.synthetic.care import NO_FACILITY, PRIVATE_STAY, Lines
from ecluse.data.synthetic.people import People, departments, regimes
from ecluse.data.synthetic.writing import Column, constant, pick

LAGS: Final = (
    # share of claims, shortest and longest days before they reach the insurer
    (0.75, 2, 30),
    (0.20, 31, 90),
    (0.04, 91, 180),
    (0.01, 181, 800),
)
CORRECTION_DAYS: Final = (40, 200)
EARLY_LINES: Final = 0.05
"""Share of the lines that a regime sent of the years before its entry: our assumption."""

DIRECT_BILLING_YEARS: Final = (2010, 2019)
DIRECT_BILLING: Final = (0.01, 0.35)
"""Share of the lines of public hospitals with ETE_IND_TAA = 1, in the first and the last of those
years: it grows between them and stays."""
UNKNOWN_TARIFF: Final = 0.02
OUTSIDE_TARIFF, PUBLIC_TARIFF, PRIVATE_TARIFF, NULL_TARIFF, NO_TARIFF = 0, 1, 2, 3, -1


@dataclass(frozen=True, slots=True)
class Claims:
    """Lines in the order in which they became available, with what their keys are made of.

    `claim` and `order` count within the block, whose number `emission` (FLX_EMT_ORD) makes the
    nine keys unique in the country. `tariff` is -1 for lines outside hospitals.
    """

    lines: Lines
    claim: Ints
    order: Ints
    treated: Days
    available: Days
    regime: Ints
    tariff: Ints
    emission: int

    @property
    def count(self) -> int:
        """How many lines."""
        return self.lines.count

    def span(self, begin: int, end: int) -> "Claims":
        """Return the lines from `begin` to `end`, excluded."""
        return self.take(np.arange(begin, end))

    def take(self, rows: Ints | Flags) -> "Claims":
        """Return the lines at these positions."""
        return replace(
            self,
            lines=self.lines.take(rows),
            claim=self.claim[rows],
            order=self.order[rows],
            treated=self.treated[rows],
            available=self.available[rows],
            regime=self.regime[rows],
            tariff=self.tariff[rows],
        )


def group(rng: np.random.Generator, lines: Lines, people: People, *, emission: int) -> Claims:
    """Return the lines as claims: same person, day and wave; sorted as they became available."""
    regime = regime_of(lines, people)
    lines, regime = lines.take(regime >= 0), regime[regime >= 0]
    place = _place(lines)
    order = np.argsort(place, kind="stable")
    place = place[order]
    starts = np.ones(len(place), dtype=bool)
    starts[1:] = place[1:] != place[:-1]
    claim = np.cumsum(starts, dtype=np.int32) - 1
    first = np.flatnonzero(starts)
    rank = (np.arange(len(place)) - first[claim] + 1).astype(np.int16)
    wave = lines.wave[order[first]]
    treated = (lines.day[order] + _lag(rng, wave)[claim]).astype(np.int32)
    available = next_month(treated)
    delivered = np.argsort(_month_ranks(available), kind="stable")
    final = order[delivered]
    chosen = lines.take(final)
    return Claims(
        chosen,
        claim[delivered] + 1,
        rank[delivered],
        treated[delivered],
        available[delivered],
        regime[final].astype(np.int32),
        _tariff(rng, chosen),
        emission,
    )


def regime_of(lines: Lines, people: People) -> Ints:
    """Return each line's regime, -1 for care before its regime sent its claims.

    A few lines of before are there all the same: enough to make up a trend. When a regime ends,
    the general one takes over its persons.
    """
    regime = people.regime[lines.person]
    first, last = _regime_days()
    taken_over = np.where(lines.day >= last[regime], 0, regime)
    person = lines.person.astype(np.int64)
    leaked = (person * 7919 + lines.day) % 100 < EARLY_LINES * 100
    return np.where((lines.day < first[regime]) & ~leaked, -1, taken_over)


def is_early(claims: Claims) -> Flags:
    """Say which lines tell of care before the year when their regime entered the claims."""
    first, _ = _regime_days()
    early: Flags = claims.lines.day < first[claims.regime]
    return early


@cache
def _regime_days() -> tuple[Days, Days]:
    """Return the first day of each regime in the claims, and the day after its last."""
    first = [first_day(int(row["first_year"])) for row in regimes()]
    last = [first_day(int(row["last_year"] or 2200) + 1) for row in regimes()]
    return np.array(first), np.array(last)


def lasting_regimes(period: Period) -> Flags:
    """Say which regimes are in the claims from the first to the last year of care."""
    first, last = _regime_days()
    return (first <= period.start) & (last >= period.end)


def key_columns(claims: Claims, people: People) -> dict[str, Column]:
    """Return the nine columns that identify a line."""
    department = people.department[claims.lines.person].astype(np.int16)
    funds, count = fund_texts(), len(departments())
    return {
        "FLX_DIS_DTD": date_texts(claims.available),
        "FLX_TRT_DTD": date_texts(claims.treated),
        "FLX_EMT_TYP": constant("1", claims.count),
        "FLX_EMT_NUM": department + 1,
        "FLX_EMT_ORD": np.full(claims.count, claims.emission, dtype=np.int32),
        "ORG_CLE_NUM": pick(funds, claims.regime * count + department),
        "DCT_ORD_NUM": claims.claim,
        "PRS_ORD_NUM": claims.order,
        "REM_TYP_AFF": constant("1", claims.count),
    }


@cache
def fund_texts() -> pa.Array:
    """Return the code of each fund: position = regime x number of departments + department."""
    return pa.array(
        f"{regime['prefix']:C<3}{department['snds_code']}000"
        for regime in regimes()
        for department in departments()
    )


def _place(lines: Lines) -> Ints:
    """Return one number per person, day and wave, in that order."""
    day = lines.day.astype(np.int64) - int(lines.day.min(initial=0))
    return (lines.person.astype(np.int64) << 24) | (day << 2) | lines.wave


def _month_ranks(available: Days) -> Ints:
    months = available.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    # 16 bits: sorted by counting, much faster
    ranks: Ints = (months - months.min(initial=0)).astype(np.uint16)
    return ranks


def _lag(rng: np.random.Generator, wave: Ints) -> Ints:
    chances = np.cumsum([share for share, _, _ in LAGS])
    band = np.searchsorted(chances, rng.random(len(wave)) * chances[-1], side="right")
    shortest = np.array([low for _, low, _ in LAGS])[band]
    longest = np.array([high for _, _, high in LAGS])[band]
    lag = rng.integers(shortest, longest + 1)
    # The second correction comes after the first: its delay starts where the first one's ends.
    again = np.maximum(wave.astype(np.int64) - 1, 0)
    later = rng.integers(*CORRECTION_DAYS, len(wave)) + again * CORRECTION_DAYS[1]
    delay: Ints = np.where(wave > 0, lag + later, lag)
    return delay


def _tariff(rng: np.random.Generator, lines: Lines) -> Ints:
    """Return ETE_IND_TAA of the lines in hospitals, NO_TARIFF elsewhere."""
    tariff = np.full(lines.count, NO_TARIFF, dtype=np.int8)
    inside = np.flatnonzero(lines.facility != NO_FACILITY)
    year = year_of(lines.day[inside])
    share = np.interp(year, DIRECT_BILLING_YEARS, DIRECT_BILLING)
    draw = rng.random(len(inside))
    drawn = np.where(draw < share, PUBLIC_TARIFF, OUTSIDE_TARIFF)
    drawn = np.where(draw >= 1 - UNKNOWN_TARIFF, NULL_TARIFF, drawn)
    tariff[inside] = np.where(lines.act[inside] == PRIVATE_STAY, PRIVATE_TARIFF, drawn)
    return tariff
