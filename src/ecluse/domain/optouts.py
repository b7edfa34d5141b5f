"""Opt-outs: who may be extracted, by the list of the decision date.

Source: EHDS art. 71: a right without reason, reversible; effective for permits issued after it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from ecluse.domain.documents import OptOutList, Permit
from ecluse.domain.errors import StaleOptOuts


@dataclass(frozen=True)
class OptOutPeriod:
    """One opt-out of one identifier, from an instant, until it was taken back (or not)."""

    opt_out_id: str
    from_: datetime
    until: datetime | None

    def is_in_force(self, instant: datetime) -> bool:
        """Whether the person was out at the instant (the first instant counts, the last not)."""
        return self.from_ <= instant and (self.until is None or instant < self.until)


def in_force(periods: Iterable[OptOutPeriod], *, as_of: datetime) -> Iterator[str]:
    """Yield, sorted and once each, the identifiers that were out at `as_of`."""
    yield from sorted({period.opt_out_id for period in periods if period.is_in_force(as_of)})


def check_list(opt_outs: OptOutList, permit: Permit) -> None:
    """Pass if this is the list of the permit's decision. Raises StaleOptOuts.

    Source: EHDS art. 71(3): permits issued after the opt-out must respect it.
    """
    if opt_outs.permit_number != permit.permit_number:
        raise StaleOptOuts(
            f"The opt-out list is for permit {opt_outs.permit_number}, not {permit.permit_number}:"
            " ask the register for the right list."
        )
    if opt_outs.as_of != permit.decided_at:
        raise StaleOptOuts(
            f"The opt-out list is of {opt_outs.as_of}, the decision of {permit.decided_at}:"
            " ask the register for the list of the decision date."
        )
