"""Counts of what a block holds: the truth of the filters on claims, and the marginals to check."""

from collections import Counter
from typing import Final

import numpy as np

from ecluse.data.synthetic.billing import dated, sees_another, undated
from ecluse.data.synthetic.calendar import (
    YEAR_DAYS,
    Days,
    Ints,
    Period,
    next_month,
    year_of,
)
from ecluse.data.synthetic.care import NO_DRUG, read_drugs
from ecluse.data.synthetic.claims import (
    NULL_TARIFF,
    PUBLIC_TARIFF,
    Claims,
    is_early,
    key_columns,
    lasting_regimes,
)
from ecluse.data.synthetic.families import is_born_in
from ecluse.data.synthetic.people import People, regimes
from ecluse.data.synthetic.refinements import has_facility_row, lacks_new_code
from ecluse.data.synthetic.registrations import ILLNESSES, Registrations, codes
from ecluse.data.synthetic.stay_kinds import KINDS
from ecluse.data.synthetic.stays import Stays
from ecluse.data.synthetic.traps import (
    CANCELLATION,
    INFORMATION,
    INFORMING,
    NULL_QUALIFIER,
    PLAIN,
    ROLES,
    SURCHARGE,
)
from ecluse.data.synthetic.treatments import NO_CLASS
from ecluse.data.synthetic.truth import Truth
from ecluse.data.synthetic.writing import Column, Pieces, pick

OBSERVED_MONTHS: Final = 6
"""Months of flux after the last day of care that the advised cut-off waits for."""
CERTIFICATE_YEARS: Final = 2
"""Years between a death and its certificate. Source: SNDS documentation (about N+2)."""
AGE_GROUP: Final = 5
DRUG_BITS: Final = 7
NO_PACK, UNKNOWN_PACK = 126, 127
"""Of the 128 packs that the number of an act can tell apart, those that are none."""
OLDEST: Final = 95

Marginals = dict[str, Counter[str]]


def count_claims(claims: Claims, people: People, period: Period, truth: Truth) -> None:
    """Add to `truth` what each filter on ER_PRS_F drops and keeps."""
    lines, count = claims.lines, claims.count
    informing = lines.role == INFORMING
    null = lines.qualifier == NULL_QUALIFIER
    half = np.isin(lines.qualifier, [i + 1 for i, kind in enumerate(INFORMATION) if not all(kind)])
    surcharges = int((lines.surcharge > 1).sum())
    truth.add("surcharges", injected=surcharges, rows_before=count, rows_after=count - surcharges)
    told = int(informing.sum())
    truth.add(
        "information_lines",
        injected=told,
        rows_before=count,
        rows_after=count - told,
        naive_rows_after=count - int((informing | null).sum()),
        on_one_column_alone=int(half.sum()),
    )
    _count_direct_billing(claims, truth)
    _count_private_stays(claims, truth)
    _count_unclassified(claims, truth)
    _count_dates(claims, period, truth)
    _count_regimes(claims, period, truth)
    _count_regularisations(claims, people, truth)


def _count_regimes(claims: Claims, period: Period, truth: Truth) -> None:
    early = int((is_early(claims) & ~undated(claims.lines)).sum())
    truth.add(
        "regime_entry",
        injected=early,
        rows_before=claims.count,
        rows_after=claims.count - early,
        lines_of_lasting_regimes=int(lasting_regimes(period)[claims.regime].sum()),
    )


def _count_regularisations(claims: Claims, people: People, truth: Truth) -> None:
    lines = claims.lines
    place = _act_places(claims, people)
    rows, acts = _netted(place >> DRUG_BITS, lines.quantity)
    _, with_drug = _netted(place, lines.quantity)
    truth.add(
        "regularisations",
        injected=int((lines.role == CANCELLATION).sum()),
        rows_before=claims.count,
        rows_after=rows,
        acts_after=acts,
        acts_with_drug_after=with_drug,
        **{
            f"lines_{ROLES[role].replace(' ', '_')}": int((lines.role == role).sum())
            for role in range(PLAIN, SURCHARGE)
        },
    )


def _count_direct_billing(claims: Claims, truth: Truth) -> None:
    count = claims.count
    inside = has_facility_row(claims)
    public = int((inside & (claims.tariff == PUBLIC_TARIFF)).sum())
    null = int((inside & (claims.tariff == NULL_TARIFF)).sum())
    known = int(inside.sum())
    truth.add(
        "public_direct_billing",
        injected=public,
        rows_before=count,
        rows_after=count - public,
        facility_rows_before=known,
        facility_rows_after=known - public,
        null_tariffs=null,
        naive_rows_after=known - public - null,
    )


def _count_private_stays(claims: Claims, truth: Truth) -> None:
    private = int((has_facility_row(claims) & (claims.lines.group >= 0)).sum())
    truth.add(
        "private_stays",
        injected=private,
        rows_before=claims.count,
        rows_after=claims.count - private,
    )


def _count_unclassified(claims: Claims, truth: Truth) -> None:
    classes = np.array([row["PHA_ATC_C07"] != NO_CLASS for row in read_drugs().rows])
    drug = claims.lines.drug[claims.lines.drug != NO_DRUG]
    known = int(classes[drug].sum())
    truth.add(
        "unclassified_packs",
        injected=len(drug) - known,
        rows_before=len(drug),
        rows_after=known,
    )


def count_deaths(people: People, period: Period, truth: Truth) -> None:
    """Add to `truth` how many certificates have arrived in the year of the advised cut-off."""
    died = year_of(people.died[(people.died >= period.start) & (people.died < period.end)])
    (now,) = year_of(np.array([cut_off(period)], dtype=np.int32)).tolist()
    known = int((died + CERTIFICATE_YEARS <= now).sum())
    truth.add(
        "late_deaths",
        injected=len(died) - known,
        rows_before=len(died),
        rows_after=known,
        **{f"deaths_of_{year}": int((died == year).sum()) for year in period.calendar_years()},
    )


def _count_dates(claims: Claims, period: Period, truth: Truth) -> None:
    lines = claims.lines
    early = int((claims.available <= cut_off(period)).sum())
    truth.add(
        "late_claims",
        injected=claims.count - early,
        rows_before=claims.count,
        rows_after=early,
    )
    without = int(undated(lines).sum())
    truth.add(
        "missing_dates",
        injected=without,
        rows_before=claims.count,
        rows_after=claims.count - without,
        dispensings_without_prescription_date=int(((lines.drug != NO_DRUG) & ~dated(lines)).sum()),
    )


def cut_off(period: Period) -> int:
    """Return the first day of the last month of flux that the advised cut-off keeps."""
    day: Days = np.array([period.end - 1], dtype=np.int32)
    for _ in range(OBSERVED_MONTHS):
        day = next_month(day)
    return int(day[0])


def _act_places(claims: Claims, people: People) -> Ints:
    """Return one number per act and pack.

    The professional is a function of the person, the day and the act: no need to tell it, except
    between lines without a date.
    """
    lines = claims.lines
    drug = np.where(lines.drug == NO_DRUG, NO_PACK, lines.drug).astype(np.int64)
    dispensed = np.flatnonzero(lines.drug != NO_DRUG)
    drug[dispensed[lacks_new_code(lines, dispensed)]] = UNKNOWN_PACK
    day = lines.day.astype(np.int64) - int(lines.day.min(initial=0)) + 2
    day = np.where(undated(lines), sees_another(lines, people), day)
    place = (lines.person.astype(np.int64) << 20) | day
    place = (place << 13) | lines.act
    place = (((place << 2) | lines.surcharge) << 3) | lines.qualifier
    return (place << DRUG_BITS) | drug


def _netted(place: Ints, quantity: Ints) -> tuple[int, int]:
    """Return how many lines are left once cancelled acts are netted, and how many acts."""
    if not len(place):
        return 0, 0
    order = np.argsort(place, kind="stable")
    sorted_place, ordered = place[order], quantity[order].astype(np.int64)
    starts = np.flatnonzero(np.concatenate([[True], sorted_place[1:] != sorted_place[:-1]]))
    sizes = np.diff(np.concatenate([starts, [len(place)]]))
    positive = np.add.reduceat(ordered, starts) > 0
    cancelled = np.minimum.reduceat(ordered, starts) < 0
    rows = int(sizes[~cancelled].sum()) + int((positive & cancelled).sum())
    return rows, int(positive.sum())


def count_registrations(registered: Registrations, truth: Truth) -> None:
    """Add to `truth` the renewals of long-term illnesses."""
    numbers = np.array([illness.number for illness in ILLNESSES])[registered.illness]
    kinds = (registered.person << 16) | (numbers << 8) | registered.code
    after = len(np.unique(kinds))
    truth.add(
        "ald_renewals",
        injected=registered.count - after,
        rows_before=registered.count,
        rows_after=after,
        ald_15_that_is_leprosy=int((registered.code == len(codes()) - 1).sum()),
    )


def write_line_truth(pieces: Pieces, claims: Claims, people: People) -> None:
    """Write the lines of each trap, with their nine keys."""
    lines = claims.lines
    chosen = {
        "regularisations": (lines.role > PLAIN) & (lines.role < SURCHARGE),
        "surcharges": lines.surcharge > 1,
        "information_lines": lines.role == INFORMING,
        "public_direct_billing": has_facility_row(claims) & (claims.tariff == PUBLIC_TARIFF),
    }
    for trap, flags in chosen.items():
        part = claims.take(np.flatnonzero(flags))
        columns: dict[str, Column] = {
            "PRS_NAT_REF": part.lines.act,
            "PRS_ACT_QTE": part.lines.quantity,
            "role": pick(ROLES, part.lines.role),
        }
        pieces.write_truth(f"traps/{trap}", key_columns(part, people) | columns)


def marginals(
    claims: Claims, stays: Stays, registered: Registrations, people: People, period: Period
) -> Marginals:
    """Return what the published figures are compared with, and what the plots show."""
    lines = claims.lines
    kind = np.array([f"{item.kind}" for item in KINDS])[stays.kind]
    age = ((stays.entered - people.born[stays.person]) / YEAR_DAYS).astype(np.int64)
    dialysis = [code[:3] for code in stays.main_codes()]
    alive = people.died > period.middle
    now = np.floor(people.age(period.middle) / AGE_GROUP).astype(np.int64) * AGE_GROUP
    living = alive & (now >= 0)
    first = ~registered.is_renewal
    numbers = np.array([item.number for item in ILLNESSES])[registered.illness[first]]
    person = registered.person[first]
    ages = np.clip(now[person], 0, OLDEST)
    months = lines.day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    flux = claims.available.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    names = np.array([row["name"] for row in regimes()])
    return {
        "acts": _counted(lines.act[lines.wave == 0]),
        "months": _counted(months),
        "flux": _counted(flux),
        "lags": _counted(flux - months),
        "regimes": _counted(names[claims.regime]),
        "stays": Counter(f"{k}:{a}" for k, a in zip(kind.tolist(), age.tolist(), strict=True)),
        "diagnoses": Counter(dialysis),
        "illnesses": Counter(
            f"{n}:{s}:{a}"
            for n, s, a in zip(
                numbers.tolist(), people.sex[person].tolist(), ages.tolist(), strict=True
            )
        ),
        "ages": Counter(
            f"{s}:{a}"
            for s, a in zip(people.sex[living].tolist(), now[living].tolist(), strict=True)
        ),
    }


def yearly(people: People, period: Period, truth: Truth) -> Counter[str]:
    """Return how many of each event of which the number alone is compared with a published one."""

    def told(trap: str) -> int:
        return truth.counts[trap]["rows_before"] if trap in truth.counts else 0

    return Counter(
        {
            "deaths": int(((people.died >= period.start) & (people.died < period.end)).sum()),
            "births": int(is_born_in(people, period).sum()),
            "outpatient visits": told("outpatient_return_codes"),
            "stays at home": told("home_care_return_codes"),
            "stays in psychiatry": told("psychiatry_return_codes"),
        }
    )


def _counted(values: Ints) -> Counter[str]:
    found, counts = np.unique(values, return_counts=True)
    return Counter(dict(zip(map(str, found.tolist()), counts.tolist(), strict=True)))
