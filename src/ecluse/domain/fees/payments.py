"""The life of an estimate and of its invoice, as a table of states.

Source: EHDS art. 62(2), 62(4)-(5); TEHDAS2 M4.1.1 section 5.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from ecluse.domain.errors import InvalidInput, NotAllowed


class FeeState(StrEnum):
    """Where the fees of a file are."""

    ESTIMATED = "estimated"
    SENT = "sent"
    DISPUTED = "disputed"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"  # incurred costs alone are owed
    INVOICED = "invoiced"
    PART_PAID = "part-paid"
    PAID = "paid"


NEXT: Final = {
    FeeState.ESTIMATED: frozenset({FeeState.SENT}),
    FeeState.SENT: frozenset({FeeState.ACCEPTED, FeeState.WITHDRAWN, FeeState.DISPUTED}),
    FeeState.DISPUTED: frozenset({FeeState.SENT, FeeState.WITHDRAWN}),
    FeeState.ACCEPTED: frozenset({FeeState.INVOICED}),
    FeeState.WITHDRAWN: frozenset({FeeState.INVOICED}),
    FeeState.INVOICED: frozenset({FeeState.PART_PAID, FeeState.PAID}),
    FeeState.PART_PAID: frozenset({FeeState.PAID}),
    FeeState.PAID: frozenset[FeeState](),
}


def check_move(before: FeeState, after: FeeState) -> None:
    """Pass if fees may go from one state to the other. Raises NotAllowed."""
    if after not in NEXT[before]:
        allowed = ", ".join(sorted(NEXT[before])) or "nothing"
        raise NotAllowed(f"Fees that are {before} cannot become {after}: {allowed} may follow.")


@dataclass(frozen=True)
class Payments:
    """What is owed with VAT, what was paid, and until when it is due."""

    owed_cents: int
    paid_cents: int
    due_on: date

    @property
    def state(self) -> FeeState:
        """Where the invoice is."""
        if self.paid_cents >= self.owed_cents:
            return FeeState.PAID
        return FeeState.PART_PAID if self.paid_cents else FeeState.INVOICED

    def is_overdue(self, today: date) -> bool:
        """Whether some of it is still owed after the due day."""
        return today > self.due_on and self.paid_cents < self.owed_cents

    def with_payment(self, amount_cents: int) -> "Payments":
        """Return what stands after a payment. Raises InvalidInput beyond what is owed."""
        if not 0 < amount_cents <= self.owed_cents - self.paid_cents:
            raise InvalidInput(
                f"A payment is 1 to {self.owed_cents - self.paid_cents} cents here: give back what "
                "exceeds it."
            )
        return Payments(self.owed_cents, self.paid_cents + amount_cents, self.due_on)
