"""Which list of opt-outs binds a decision, and which of its bases bind a dataset."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from ecluse.domain.documents import Basis, OptOutList, Permit
from ecluse.domain.errors import StaleOptOuts
from ecluse.domain.parameters import OPT_OUT_REFRESH, OptOutRefresh

APPLIES_TO: Final[Mapping[Basis, str]] = {
    Basis.EHDS: "every dataset",
    Basis.NATIONAL_COPY: "the SNDS and what is converted from it",
}
"""What each basis reaches, in words."""


def applied_bases(*, is_exception: bool, is_national: bool) -> tuple[Basis, ...]:
    """Return the bases that bind a use of one dataset.

    `is_exception`: the decision applies EHDS art. 71(4), which lifts the opt-out of art. 71 alone.
    `is_national`: the dataset is the national copy, or is made of it.
    """
    opt_out = () if is_exception else (Basis.EHDS,)
    return (*opt_out, Basis.NATIONAL_COPY) if is_national else opt_out


def check_list(opt_outs: OptOutList, permit: Permit) -> None:
    """Pass if this is the list of the permit's decision. Raises StaleOptOuts.

    Of an extension or an amendment that keeps the former list, the permit says its date. Source:
    EHDS art. 71(3): permits issued after the opt-out must respect it.
    """
    if opt_outs.permit_number != permit.permit_number:
        raise StaleOptOuts(
            f"The opt-out list is for permit {opt_outs.permit_number}, not {permit.permit_number}:"
            " ask the register for the right list."
        )
    due = permit.opt_outs_as_of or permit.decided_at
    if opt_outs.as_of != due:
        raise StaleOptOuts(
            f"The opt-out list is of {opt_outs.as_of}, the decision of {due}:"
            " ask the register for the list of the decision date."
        )


def list_instant(
    country: str, *, former: Permit, decided_at: datetime, is_longer: bool
) -> datetime | None:
    """Return the date of the list that a new version of a permit keeps; None for a fresh list.

    EHDS art. 71(3) speaks of permits issued: whether an extension or an amendment is one is left to
    each country. Source: `parameters.OPT_OUT_REFRESH`.
    """
    rule = OPT_OUT_REFRESH.get(country, OptOutRefresh())
    is_fresh = rule.on_extension if is_longer else rule.on_amendment
    kept = former.opt_outs_as_of or former.decided_at
    return None if is_fresh or kept == decided_at else kept
