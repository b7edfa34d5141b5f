"""What hospitals sent of each stay: the traps of the PMSI, injected and written down."""

from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from ecluse.data.synthetic.calendar import Flags, Ints, year_of
from ecluse.data.synthetic.facilities import DOUBLING, FACILITIES, geographics
from ecluse.data.synthetic.obstetrics import LINKED_SINCE, is_newborn
from ecluse.data.synthetic.stay_kinds import KINDS
from ecluse.data.synthetic.stays import Stays
from ecluse.data.synthetic.truth import Truth

ERROR_GROUP: Final = "90Z00Z"
ERROR_GROUPS: Final = 0.01
"""Share of stays in a group that means an error."""
NO_TARIFF_GROUP: Final = "9999"
NO_TARIFFS: Final = 0.003
"""Share of the other stays with GHS 9999."""
SERVICES: Final = 0.004
"""Share of stays that are a service to another hospital (SEJ_TYP = B)."""
KEPT_SERVICES: Final = ("28Z14Z", "28Z15Z", "28Z16Z")
"""Groups where SEJ_TYP = B is a stay all the same; half of theirs are B."""
BAD_RETURN_CODES: Final = 0.007
UNUSABLE: Final = 0.002
"""Share of stays whose person cannot be found, besides the anonymous ones."""
UNUSABLE_PSEUDONYMS: Final = ("x" * 17, "XXXXXXXXXXXXXXXXD", "XXXXXXXXXXXXXXXXS")
RETURN_CODES: Final = {
    # return code: first year
    **dict.fromkeys(("NIR_RET", "NAI_RET", "SEX_RET", "SEJ_RET", "FHO_RET", "PMS_RET"), 2005),
    "DAT_RET": 2006,
    "COH_NAI_RET": 2013,
    "COH_SEX_RET": 2013,
}
LINK_GAPS: Final = ("", "not told", "unknown stay")
NOT_LINKED: Final = (0.03, 0.01)
"""Share of newborns' stays whose hospital did not tell the mother's stay, or told one that does not
exist: our assumption."""
DOUBLED: Final = 0.60
"""Share of the stays of a doubling hospital that it sent under its geographic number too."""
GEOGRAPHIC_ALONE: Final = 0.30
"""Outside the years of doubling, share of its stays sent under a geographic number alone."""


@dataclass(frozen=True, slots=True)
class Sendings:
    """One entry a stay as sent. `finess` is a position in `finess_numbers()`.

    `bad_code` is the position of the return code in error, -1 for none; `unusable` of the
    unusable pseudonym. `link_gap`: what a newborn's stay says of the mother's, a position in
    LINK_GAPS.
    """

    stay: Ints
    year: Ints
    finess: Ints
    number: Ints
    is_doubled: Flags
    is_error: Flags
    has_no_tariff: Flags
    is_service: Flags
    bad_code: Ints
    unusable: Ints
    link_gap: Ints

    @property
    def count(self) -> int:
        """How many stays were sent."""
        return len(self.stay)

    def take(self, rows: Ints | Flags) -> "Sendings":
        """Return the sendings at these positions."""
        return Sendings(*(getattr(self, field.name)[rows] for field in fields(self)))


def draw_sendings(rng: np.random.Generator, stays: Stays) -> Sendings:
    """Return what hospitals sent: once, or twice where they doubled their stays."""
    count = stays.count
    year = year_of(stays.left)
    group = np.array([kind.group for kind in KINDS])
    anonymous = np.array([kind.special == "anonymous" for kind in KINDS])[stays.kind]
    special = np.isin(group, KEPT_SERVICES)[stays.kind]
    is_error = (rng.random(count) < ERROR_GROUPS) & ~anonymous & ~special
    lost = anonymous | (rng.random(count) < UNUSABLE)
    kind = np.where(anonymous, 1, rng.integers(0, len(UNUSABLE_PSEUDONYMS), count))
    once = Sendings(
        stay=np.arange(count),
        year=year,
        finess=stays.facility,
        number=np.arange(count),
        is_doubled=np.zeros(count, dtype=bool),
        is_error=is_error,
        has_no_tariff=is_error | (rng.random(count) < NO_TARIFFS),
        is_service=rng.random(count) < np.where(special, 0.5, SERVICES),
        bad_code=_bad_codes(rng, year),
        unusable=np.where(lost, kind, -1),
        link_gap=_link_gaps(rng, stays),
    )
    return _doubled(rng, once, stays)


def count_traps(sendings: Sendings, stays: Stays, truth: Truth) -> dict[str, Ints]:
    """Add the counts of each trap to `truth`; return the sendings that each filter drops."""
    group = np.array([kind.group for kind in KINDS])[stays.kind[sendings.stay]]
    anonymous = np.array([kind.special == "anonymous" for kind in KINDS])
    kept = np.isin(group, KEPT_SERVICES) & ~sendings.is_error
    dropped = {
        "doubled_facilities": sendings.is_doubled,
        "error_groups": sendings.is_error,
        "anonymous_abortions": anonymous[stays.kind[sendings.stay]],
        "ghs_9999": sendings.has_no_tariff,
        "inter_facility_services": sendings.is_service & ~kept,
        "return_codes": sendings.bad_code >= 0,
        "unusable_pseudonyms": sendings.unusable >= 0,
    }
    for trap, flags in dropped.items():
        injected = int(flags.sum())
        truth.add(
            trap,
            injected=injected,
            rows_before=sendings.count,
            rows_after=sendings.count - injected,
        )
    lookalikes = (np.char.find(group, "90") > 0) & ~sendings.is_error
    truth.add("error_groups", groups_containing_90_kept=int(lookalikes.sum()))
    truth.add("inter_facility_services", services_kept=int((sendings.is_service & kept).sum()))
    outside = (sendings.finess >= FACILITIES + len(DOUBLING)) & ~sendings.is_doubled
    truth.add("doubled_facilities", same_numbers_in_other_years_kept=int(outside.sum()))
    _count_links(sendings, stays, truth)
    return {trap: np.flatnonzero(flags) for trap, flags in dropped.items()}


def _count_links(sendings: Sendings, stays: Stays, truth: Truth) -> None:
    """Add how many newborns' stays share their number with the stay of a mother."""
    stay = sendings.stay
    told = sendings.year >= LINKED_SINCE
    newborn = is_newborn(stays.kind[stay])
    birth = (stays.mother[stay].astype(np.int64) << 20) | stays.birth_day[stay]
    hers = birth[told & ~newborn & (stays.mother[stay] >= 0)]
    children = told & newborn
    linked = children & (sendings.link_gap == 0) & np.isin(birth, hers)
    truth.add(
        "mother_child_links",
        injected=int(children.sum() - linked.sum()),
        rows_before=int(children.sum()),
        rows_after=int(linked.sum()),
        **{
            f"stays_{gap.replace(' ', '_')}": int((children & (sendings.link_gap == rank)).sum())
            for rank, gap in enumerate(LINK_GAPS)
            if gap
        },
    )


def _link_gaps(rng: np.random.Generator, stays: Stays) -> Ints:
    draw, (silent, unknown) = rng.random(stays.count), NOT_LINKED
    gap = np.where(draw < silent, 1, np.where(draw < silent + unknown, 2, 0))
    return np.where(is_newborn(stays.kind), np.where(stays.mother < 0, 1, gap), 0)


def _bad_codes(rng: np.random.Generator, year: Ints) -> Ints:
    """Return which return code is in error, among those of the year; -1 for none."""
    known = np.array(list(RETURN_CODES.values()))
    available = (known[None, :] <= year[:, None]).sum(axis=1)
    drawn = (rng.random(len(year)) * available).astype(np.int64)
    return np.where(rng.random(len(year)) < BAD_RETURN_CODES, drawn, -1)


def _doubled(rng: np.random.Generator, once: Sendings, stays: Stays) -> Sendings:
    known = geographics()
    entity = stays.facility - FACILITIES
    at_doubling = np.flatnonzero(entity >= 0)
    chosen = rng.integers(0, len(known), len(at_doubling))
    owner = np.array([number.entity for number in known])
    years = np.array([(number.first_year, number.last_year) for number in known])
    # A number of another hospital would be nonsense: such draws stay under the legal one.
    own = owner[chosen] == entity[at_doubling]
    year = once.year[at_doubling]
    inside = own & (year >= years[chosen, 0]) & (year <= years[chosen, 1])
    draw = rng.random(len(at_doubling))
    twice, alone = inside & (draw < DOUBLED), own & ~inside & (draw < GEOGRAPHIC_ALONE)
    first = FACILITIES + len(DOUBLING)
    finess = once.finess.copy()
    finess[at_doubling[alone]] = first + chosen[alone]
    again = once.take(at_doubling[twice])
    again = replace(
        again,
        finess=first + chosen[twice],
        number=once.count + np.arange(again.count),
        is_doubled=np.ones(again.count, dtype=bool),
    )
    parts = (replace(once, finess=finess), again)
    return Sendings(
        *(
            np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(Sendings)
        )
    )
