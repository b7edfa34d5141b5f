"""Estimates, invoices, credit notes, payments, and what was passed on to data holders.

Amounts are whole euro cents. An estimate and an invoice repeat what `domain.fees` computed; a
constraint holds their sums. None is changed once sent: a wrong invoice is credited, then another
is made.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self, cast

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Sum

from ecluse.domain import codec
from ecluse.domain.fees import Estimate, FeeState, Payer, Payments, incurred
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.models import CaseRecord, Item, Party
from ecluse.portal.cases.parties import APPLICANTS
from ecluse.portal.holders.models import Holder

DIGEST = 71
WITHDRAWN = "withdrawn"
"""The state of an object whose applicant took it back."""
REFERENCE = 100
TOTALS = Q(total_cents=F("amount_cents") + F("vat_cents"), amount_cents__gte=0, vat_cents__gte=0)


class EstimateQuerySet(models.QuerySet["EstimateRecord"]):
    """Questions asked of estimates; every page begins with `visible_to`."""

    def visible_to(self, user: User) -> Self:
        """Keep what `user` may read: officers all; persons of the file, what was sent."""
        if user.may("fees.read-any"):
            return self
        persons = Party.objects.filter(subject=user.subject, role__in=APPLICANTS)
        sent = self.exclude(state=FeeState.ESTIMATED.value)
        return sent.filter(item__case__in=persons.values("case"))

    def newest_first(self) -> Self:
        """Order from the last written to the first."""
        return self.order_by("-composed_at", "-pk")


class EstimateRecord(models.Model):
    """What a user is told before the decision, pinned to a version of the tariff (art. 62(5)).

    `item` is the decision unit or the data request that waits for it, `round` the rank of the
    estimate there. `done` gives the units of work done by now, by the place of their line.
    """

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="estimates")
    round = models.PositiveSmallIntegerField()
    tariff = models.CharField(max_length=60)
    payer = models.CharField(max_length=40)
    payer_reason = models.TextField(blank=True)
    body = models.JSONField()
    digest = models.CharField(max_length=DIGEST)
    amount_cents = models.BigIntegerField()
    vat_cents = models.BigIntegerField()
    total_cents = models.BigIntegerField()
    state = models.CharField(max_length=12, default=FeeState.ESTIMATED.value)
    done = models.JSONField(default=dict)
    composed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    composed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    objects = EstimateQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("item", "round"), name="estimate_round_once"),
            models.CheckConstraint(name="estimate_sums", condition=TOTALS),
            models.CheckConstraint(
                name="estimate_state_known",
                condition=Q(state__in=[state.value for state in FeeState]),
            ),
            models.CheckConstraint(
                name="estimate_payer_known",
                condition=Q(payer__in=[payer.value for payer in Payer]),
            ),
            models.CheckConstraint(
                name="estimate_reduced_with_reason",
                condition=Q(payer=Payer.OTHER.value) | Q(payer_reason__gt=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.item_id} {self.round} {self.state}"

    @property
    def case(self) -> CaseRecord:
        """The file that the estimate is of."""
        return self.item.case

    @property
    def fee_state(self) -> FeeState:
        """Where the fees are: a file withdrawn elsewhere withdrew its estimate too."""
        state = FeeState(self.state)
        is_gone = state is FeeState.SENT and self.item.state == WITHDRAWN
        return FeeState.WITHDRAWN if is_gone else state

    def told(self) -> Estimate:
        """What was announced."""
        return cast(Estimate, codec.decode(self.body, Estimate))

    def owed(self) -> Estimate:
        """What the work done by now costs, and no more than was announced."""
        return incurred(self.told(), self.work_done())

    def work_done(self) -> dict[int, int]:
        """The units done, by the place of their line."""
        return {int(place): quantity for place, quantity in self.done.items()}

    def live_invoice(self) -> Invoice | None:
        """The invoice that stands: made, and not credited."""
        found = self.invoices.filter(kind=InvoiceKind.INVOICE.value, credit__isnull=True)
        return found.order_by("pk").last()


class InvoiceKind(StrEnum):
    """An invoice, or what takes one back."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit-note"


class Invoice(models.Model):
    """An invoice, or the credit note that takes one back whole; numbered without gaps.

    `pdf` is PDF/A-3 and holds `xml` (Factur-X, profile EN 16931): both are kept as they were sent.
    `explanation` says why it differs from the estimate, or why it is taken back.
    """

    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=12)
    estimate = models.ForeignKey(EstimateRecord, on_delete=models.PROTECT, related_name="invoices")
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="credit", null=True
    )
    body = models.JSONField()
    buyer = models.JSONField()
    explanation = models.TextField(blank=True)
    amount_cents = models.BigIntegerField()
    vat_cents = models.BigIntegerField()
    total_cents = models.BigIntegerField()
    issued_on = models.DateField()
    due_on = models.DateField()
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    issued_at = models.DateTimeField()
    xml = models.BinaryField()
    pdf = models.BinaryField()
    digest = models.CharField(max_length=DIGEST, unique=True)

    class Meta:
        constraints = (
            models.CheckConstraint(name="invoice_sums", condition=TOTALS),
            models.CheckConstraint(
                name="invoice_due_after_issue", condition=Q(due_on__gte=F("issued_on"))
            ),
            models.CheckConstraint(
                name="credit_note_of_an_invoice",
                condition=Q(kind=InvoiceKind.INVOICE.value, corrects__isnull=True)
                | Q(
                    kind=InvoiceKind.CREDIT_NOTE.value,
                    corrects__isnull=False,
                    explanation__gt="",
                ),
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def is_credit_note(self) -> bool:
        """Whether it takes another back."""
        return self.kind == InvoiceKind.CREDIT_NOTE

    def owed(self) -> Estimate:
        """Its lines."""
        return cast(Estimate, codec.decode(self.body, Estimate))

    def paid_cents(self) -> int:
        """What came in for it, with VAT."""
        return self.payments.aggregate(sum=Sum("amount_cents"))["sum"] or 0

    def standing(self) -> Payments:
        """What is owed, what was paid, until when."""
        return Payments(self.total_cents, self.paid_cents(), self.due_on)


class Payment(models.Model):
    """Money that came in for an invoice, by the reference of the bank."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="payments")
    amount_cents = models.BigIntegerField()
    received_on = models.DateField()
    reference = models.CharField(max_length=REFERENCE)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("invoice", "reference"), name="payment_once"),
            models.CheckConstraint(
                name="payment_of_something", condition=Q(amount_cents__gt=0, reference__gt="")
            ),
        )

    def __str__(self) -> str:
        return self.reference


class Transfer(models.Model):
    """A holder's part, without VAT, passed on to it. Source: EHDS art. 62(2), recital 70."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="transfers")
    holder = models.ForeignKey(Holder, on_delete=models.PROTECT, related_name="transfers")
    amount_cents = models.BigIntegerField()
    paid_on = models.DateField()
    reference = models.CharField(max_length=REFERENCE)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("invoice", "holder", "reference"), name="transfer_once"
            ),
            models.CheckConstraint(
                name="transfer_of_something", condition=Q(amount_cents__gt=0, reference__gt="")
            ),
        )

    def __str__(self) -> str:
        return self.reference


class InvoiceReminder(models.Model):
    """That the payer was reminded, so many days after the due day; each once."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="reminders")
    days_after = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("invoice", "days_after"), name="invoice_reminder_once"),
        )

    def __str__(self) -> str:
        return f"{self.invoice_id} {self.days_after}"
