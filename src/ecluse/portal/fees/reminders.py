"""Remind payers of invoices past their due day: at most once a stage, by the daily job.

A reminder is an act on what the fees are for: a message, its mail and webhooks follow from it. What
was not sent yet when the invoice is settled never goes.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from ecluse.portal.cases.actions import Content, day_of, perform_by_software
from ecluse.portal.cases.models import ActRow
from ecluse.portal.fees.models import Invoice, InvoiceKind, InvoiceReminder
from ecluse.portal.messages.actions import withdraw

REMIND: Final = "remind-payment"
DAYS_AFTER: Final = (1, 15, 30)
"""How many days after its due day an invoice is reminded. A choice of this hub."""


def remind(*, now: datetime) -> int:
    """Write the reminder of today of every unpaid invoice, if it is not there; how many.

    Of those missed, the last alone is written.
    """
    found = Invoice.objects.filter(
        kind=InvoiceKind.INVOICE.value,
        credit__isnull=True,
        due_on__lt=now.date() + timedelta(days=1),
    )
    rows = found.select_related("estimate__item__case").order_by("pk")
    return sum(_remind(invoice, now=now) for invoice in list(rows))


@transaction.atomic
def _remind(invoice: Invoice, *, now: datetime) -> bool:
    case = invoice.estimate.case
    today = day_of(case, now)
    if not invoice.standing().is_overdue(today):
        return False
    late = (today - invoice.due_on).days
    stage = max((days for days in DAYS_AFTER if late >= days), default=None)
    if stage is None:
        return False
    _, is_new = InvoiceReminder.objects.get_or_create(
        invoice=invoice, days_after=stage, defaults={"made_at": now}
    )
    if is_new:
        details: dict[str, str | int] = {"number": invoice.number, "days": stage}
        item = invoice.estimate.item
        perform_by_software(item, REMIND, now=now, content=Content(details=details))
    return is_new


def forget(invoice: Invoice, *, now: datetime) -> int:
    """Let the reminders that wait die with their cause: the invoice is settled; how many."""
    acts = ActRow.objects.filter(item=invoice.estimate.item, action=REMIND)
    return withdraw(acts, now=now)
