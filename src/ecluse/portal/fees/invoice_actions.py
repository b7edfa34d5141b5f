"""Issue an invoice, take it back, record what came in, pass on the holders' parts.

Who issues is not who collects: the rights `fees.bill` and `fees.collect` are of roles that one
person may not hold together.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from ecluse.domain import codec
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.fees import FeeState, check_move
from ecluse.portal.accounts.models import User
from ecluse.portal.applications.actions import next_number
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.portal.fees.facturx import to_xml
from ecluse.portal.fees.invoices import Buyer, InvoiceText
from ecluse.portal.fees.models import EstimateRecord, Invoice, InvoiceKind, Payment, Transfer
from ecluse.portal.fees.printing import to_pdf
from ecluse.portal.fees.reminders import forget
from ecluse.portal.fees.shares import shares
from ecluse.portal.fees.tariffs import issuer
from ecluse.portal.holders.models import Holder
from ecluse.trust import canonical

SERIES = {InvoiceKind.INVOICE: "F", InvoiceKind.CREDIT_NOTE: "A"}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its day and the reference of the bank."""

    amount_cents: int
    on: date
    reference: str


@transaction.atomic
def bill(
    kept: EstimateRecord, buyer: Buyer, explanation: str, *, by: User, now: datetime
) -> Invoice:
    """Issue the invoice of the work done, never above what was announced.

    Raises:
        NotAllowed: the fees were neither accepted nor withdrawn, another invoice stands, or not
            this person.
        InvalidInput: nothing is owed, or it differs from the estimate without a word.
    """
    by.require("fees.bill")
    held = _billable(kept)
    owed = held.owed()
    if owed != held.told() and not explanation.strip():
        raise InvalidInput("What is billed differs from the estimate: say why.")
    if not owed.amount_cents:
        raise InvalidInput("Nothing is owed: there is nothing to bill.")
    day = cases.day_of(held.case, now)
    seller = issuer()
    text = InvoiceText(
        number=_number(InvoiceKind.INVOICE, day),
        issued_on=day,
        due_on=day + timedelta(days=seller.payment_days),
        case_number=held.case.number,
        seller=seller,
        buyer=buyer,
        owed=owed,
        explanation=explanation.strip(),
    )
    made = _issue(held, text, by=by, now=now)
    held.state = FeeState.INVOICED.value
    held.save(update_fields=["state"])
    return made


def _billable(kept: EstimateRecord) -> EstimateRecord:
    """The estimate, held, once it may be billed. Raises NotAllowed."""
    cases.hold(kept.item.case)
    found = EstimateRecord.objects.select_for_update(of=("self",), no_key=True)
    held = found.select_related("item__case").get(pk=kept.pk)
    if held.item.estimates.filter(round__gt=held.round).exists():
        raise NotAllowed("A later estimate replaced this one: bill that one.")
    if held.live_invoice() is not None:
        raise NotAllowed("An invoice of this estimate stands: take it back first.")
    if held.fee_state is not FeeState.INVOICED:
        check_move(held.fee_state, FeeState.INVOICED)
    return held


def _number(kind: InvoiceKind, day: date) -> str:
    letter = SERIES[kind]
    return f"{letter}-{day.year}-{next_number(f'{kind.value}-{day.year}'):05}"


def _issue(held: EstimateRecord, text: InvoiceText, *, by: User, now: datetime) -> Invoice:
    xml = to_xml(text)
    names = dict(Holder.objects.values_list("slug", "name"))
    pdf = to_pdf(text, xml, holders=names)
    corrects = Invoice.objects.get(number=text.corrects[0]) if text.corrects else None
    kind = InvoiceKind.CREDIT_NOTE if corrects else InvoiceKind.INVOICE
    made = Invoice.objects.create(
        number=text.number,
        kind=kind.value,
        estimate=held,
        corrects=corrects,
        body=codec.encode(text.owed),
        buyer=asdict(text.buyer),
        explanation=text.explanation,
        amount_cents=text.owed.amount_cents,
        vat_cents=text.owed.vat_cents,
        total_cents=text.owed.amount_with_vat_cents,
        issued_on=text.issued_on,
        due_on=text.due_on,
        issued_by=by,
        issued_at=now,
        xml=xml,
        pdf=pdf,
        digest=canonical.digest(pdf),
    )
    details: dict[str, str | int] = {"number": made.number, "cents": made.total_cents}
    action = f"{kind.value}.issued"
    record(action, text.case_number, by=by.subject, digest=made.digest, details=details, at=now)
    return made


@transaction.atomic
def credit(invoice: Invoice, reason: str, *, by: User, now: datetime) -> Invoice:
    """Take an invoice back whole, so that another can be issued.

    Raises NotAllowed: taken back before, or something was paid: give it back first. InvalidInput:
    no reason.
    """
    by.require("fees.bill")
    held = _hold(invoice)
    if not reason.strip():
        raise InvalidInput("A credit note says why the invoice is taken back.")
    if held.is_credit_note or held.paid_cents():
        raise NotAllowed(f"{held.number} cannot be taken back: it was paid, or is a credit note.")
    day = cases.day_of(held.estimate.case, now)
    text = InvoiceText(
        number=_number(InvoiceKind.CREDIT_NOTE, day),
        issued_on=day,
        due_on=day,
        case_number=held.estimate.case.number,
        seller=issuer(),
        buyer=Buyer(**held.buyer),
        owed=held.owed(),
        explanation=reason.strip(),
        corrects=(held.number, held.issued_on),
    )
    forget(held, now=now)
    return _issue(held.estimate, text, by=by, now=now)


def _hold(invoice: Invoice) -> Invoice:
    """The invoice, held, while it stands. Raises NotAllowed."""
    cases.hold(invoice.estimate.item.case)
    found = Invoice.objects.select_for_update(of=("self",), no_key=True)
    held = found.select_related("estimate__item__case").get(pk=invoice.pk)
    if Invoice.objects.filter(corrects=held).exists():
        raise NotAllowed(f"{held.number} was taken back by a credit note.")
    return held


@transaction.atomic
def pay(invoice: Invoice, money: Money, *, by: User, now: datetime) -> Payment:
    """Record what came in. Raises NotAllowed; InvalidInput: more than is owed, or a day to come."""
    by.require("fees.collect")
    held = _hold(invoice)
    if held.is_credit_note:
        raise NotAllowed(f"{held.number} is a credit note: nothing is paid on it.")
    _check(money, cases.day_of(held.estimate.case, now))
    after = held.standing().with_payment(money.amount_cents)
    if held.payments.filter(reference=money.reference).exists():
        raise InvalidInput(f"A payment {money.reference!r} is recorded already on {held.number}.")
    made = Payment.objects.create(
        invoice=held,
        amount_cents=money.amount_cents,
        received_on=money.on,
        reference=money.reference,
        recorded_by=by,
        recorded_at=now,
    )
    if after.state is FeeState.PAID:
        forget(held, now=now)
    _follow(held.estimate, after.state)
    _journal("invoice.paid", held, money, by=by, now=now)
    return made


def _follow(kept: EstimateRecord, state: FeeState) -> None:
    if kept.fee_state is not state:
        check_move(kept.fee_state, state)
        kept.state = state.value
        kept.save(update_fields=["state"])


@transaction.atomic
def pass_on(invoice: Invoice, holder: Holder, money: Money, *, by: User, now: datetime) -> Transfer:
    """Record that a holder was paid its part, or some of it: never more than what came in for it.

    Raises NotAllowed, InvalidInput.
    """
    by.require("fees.collect")
    held = _hold(invoice)
    _check(money, cases.day_of(held.estimate.case, now))
    share = next((one for one in shares(held) if one.holder == holder.slug), None)
    left = share.to_pass_on_cents if share else 0
    if money.amount_cents > left:
        raise InvalidInput(
            f"{left} cents at most are {holder.name}'s today: what came in for it and was not "
            "passed on."
        )
    made = Transfer.objects.create(
        invoice=held,
        holder=holder,
        amount_cents=money.amount_cents,
        paid_on=money.on,
        reference=money.reference,
        recorded_by=by,
        recorded_at=now,
    )
    _journal("invoice.passed-on", held, money, by=by, now=now)
    return made


def _check(money: Money, today: date) -> None:
    if money.amount_cents < 1 or not money.reference.strip() or money.on > today:
        raise InvalidInput("Give an amount, the reference of the bank, and a day that has come.")


def _journal(action: str, held: Invoice, money: Money, *, by: User, now: datetime) -> None:
    details: dict[str, str | int] = {"number": held.number, "cents": money.amount_cents}
    record(action, held.estimate.case.number, by=by.subject, details=details, at=now)
