"""The register in two times: when an opt-out holds, and when the register knew of it.

A row is never changed nor removed: what is learnt later is another row, and the former one is known
to have been believed until then. So "who was out at D, as known at K" has one answer for ever.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ecluse.domain.documents import Basis


class Capacity(StrEnum):
    """For whom a right is exercised: oneself, one's child, an adult whom one represents."""

    SELF = "self"
    CHILD = "child"
    REPRESENTED = "represented-adult"


class IdentifierKind(StrEnum):
    """Which number an identifier comes from; a person may have several.

    `own`: the lifelong number. `provisional`: one given until it is certified. `insured`: that of
    the person through whom one is insured, with one's own birth and sex, and rank if known.
    """

    OWN = "own"
    PROVISIONAL = "provisional"
    INSURED = "insured"


class Cause(StrEnum):
    """Why a row was written: the right exercised, taken back, or an error put right."""

    DECLARED = "declared"
    REVERSED = "reversed"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class OptOutPeriod:
    """One identifier out from an instant until another, as believed between two instants.

    `until` None: not taken back. `known_until` None: still believed. First instants count, last
    ones do not; a period that ends as it begins says that there was none.
    """

    opt_out_id: str
    from_: datetime
    until: datetime | None
    known_from: datetime
    known_until: datetime | None = None
    basis: Basis = Basis.EHDS

    def is_in_force(self, instant: datetime) -> bool:
        """Whether the person was out at the instant, by this row."""
        return self.from_ <= instant and (self.until is None or instant < self.until)

    def is_known(self, instant: datetime) -> bool:
        """Whether the register believed this row at the instant."""
        return self.known_from <= instant and (
            self.known_until is None or instant < self.known_until
        )


def in_force(
    periods: Iterable[OptOutPeriod],
    *,
    as_of: datetime,
    known_at: datetime,
    basis: Basis = Basis.EHDS,
) -> Iterator[str]:
    """Yield, sorted and once each, who was out at `as_of` under a basis, as known at `known_at`."""
    yield from sorted(
        {
            period.opt_out_id
            for period in periods
            if period.basis is basis and period.is_in_force(as_of) and period.is_known(known_at)
        }
    )
