"""What each data holder is owed of an invoice, what came in for it, what it was paid."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Sum

from ecluse.domain.fees import Estimate, holders_parts, holders_received
from ecluse.portal.fees.models import Invoice, InvoiceKind
from ecluse.portal.holders.models import Holder


@dataclass(frozen=True, slots=True)
class Share:
    """One holder's part of an invoice, in cents without VAT."""

    holder: str
    part_cents: int
    received_cents: int
    passed_on_cents: int

    @property
    def to_pass_on_cents(self) -> int:
        """What came in for the holder and waits; a cent moved by rounding is never owed back."""
        return max(0, self.received_cents - self.passed_on_cents)


def net_cents(gross_cents: int, owed: Estimate) -> int:
    """The part without VAT of what was paid of what is owed, the cent down."""
    whole = owed.amount_with_vat_cents
    return gross_cents * owed.amount_cents // whole if whole else 0


def shares(invoice: Invoice) -> list[Share]:
    """The parts of each holder, by its name in the register.

    Source: EHDS art. 62(2): a part is passed on in proportion to what was paid.
    """
    owed = invoice.owed()
    received = holders_received(owed, net_cents(invoice.paid_cents(), owed))
    sums = invoice.transfers.values("holder__slug").annotate(sum=Sum("amount_cents"))
    passed = {row["holder__slug"]: row["sum"] for row in sums}
    return [
        Share(slug, part, received[slug], passed.get(slug, 0))
        for slug, part in sorted(holders_parts(owed).items())
    ]


def statement(holder: Holder) -> Iterator[tuple[Invoice, Share]]:
    """Yield each invoice that stands and holds a part of `holder`, the newest first."""
    found = Invoice.objects.filter(kind=InvoiceKind.INVOICE.value, credit__isnull=True)
    for invoice in found.filter(body__lines__contains=[{"holder": holder.slug}]).order_by("-pk"):
        for share in shares(invoice):
            if share.holder == holder.slug:
                yield invoice, share
