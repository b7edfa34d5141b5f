"""A file whose fees are to be estimated, a holder with a part of them, and what follows."""

from dataclasses import dataclass
from datetime import date, datetime

import pytest

from ecluse.domain.fees import HolderPart, Payer, Work
from ecluse.portal.cases.models import Item
from ecluse.portal.fees import actions, invoice_actions
from ecluse.portal.fees.actions import EstimateEntry
from ecluse.portal.fees.invoice_actions import Money
from ecluse.portal.fees.invoices import Buyer
from ecluse.portal.fees.models import EstimateRecord, Invoice
from ecluse.portal.holders.actions import HolderEntry, keep_holder
from ecluse.portal.holders.models import Holder
from tests.unit.portal.applications.road import DAY, NOW, Road

TODAY = date(2026, 1, 5)
prints = pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning")
"""A test that prints an invoice: WeasyPrint 70 leaves its colour profile open."""
ENTRY = EstimateEntry(
    Payer.UNIVERSITY_RESEARCHER,
    "Université publique, vérifié au dossier.",
    (Work("handling-application", 1), Work("preparation-hour", 4), Work("environment-seat", 12)),
    (HolderPart("chu-dexemple", "Contrôle des séjours", 40_000),),
)
"""600.00 + 190.00 + 2,160.00 + 400.00 = 3,350.00 after reductions, with VAT 4,020.00."""
BUYER = Buyer("Université d’Exemple", "2 rue de l’École", "69000", "Lyon", "FR", "987654321")


def later(days: int) -> datetime:
    """Ten o'clock, so many days after the file was assessed."""
    return NOW + days * DAY


def money(cents: int, reference: str = "VIR-1") -> Money:
    """An amount that moved on the first day."""
    return Money(cents, TODAY, reference)


@dataclass(frozen=True)
class Billing:
    """A holder and the road of a file; each stage of its fees."""

    road: Road
    holder: Holder

    def item(self) -> Item:
        """The decision whose fees are to be estimated, on a file of Camille's."""
        return self.road.estimating().unit()

    def composed(self, entry: EstimateEntry = ENTRY) -> EstimateRecord:
        """The estimate, as its officer wrote it."""
        return actions.compose(self.item(), entry, by=self.road.assessor, now=NOW)

    def sent(self, entry: EstimateEntry = ENTRY) -> EstimateRecord:
        """The same, sent."""
        return actions.send(self.composed(entry), by=self.road.assessor, now=NOW)

    def accepted(self) -> EstimateRecord:
        """The same, accepted by Camille."""
        return actions.accept(self.sent(), by=self.road.camille, now=NOW)

    def done(self) -> EstimateRecord:
        """The same, all the work done."""
        kept = self.accepted()
        whole = {1: 4, 2: 12, 3: 1}
        return actions.record_work(kept, whole, by=self.road.assessor, now=NOW)

    def invoice(self) -> Invoice:
        """The invoice of all of it."""
        return self.bill(self.done())

    def bill(self, kept: EstimateRecord, explanation: str = "") -> Invoice:
        """The invoice of what was done."""
        return invoice_actions.bill(kept, BUYER, explanation, by=self.road.assessor, now=NOW)

    def pay(self, invoice: Invoice, cents: int, reference: str = "VIR-1") -> None:
        """So much comes in."""
        paid = money(cents, reference)
        invoice_actions.pay(invoice, paid, by=self.road.decider, now=NOW)


@pytest.fixture
def billing(road: Road) -> Billing:
    """The road, and a hospital that holds its dataset."""
    entry = HolderEntry(
        "CHU d’Exemple",
        "123456782",
        "dim@chu.example",
        (road.dataset,),
        frozenset({road.stranger.subject}),
    )
    return Billing(road, keep_holder(None, entry, by=road.preparer, now=NOW))
