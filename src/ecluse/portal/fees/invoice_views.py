"""Pages of invoices: issued, read, taken back, paid, passed on to holders."""

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain.errors import InvalidInput
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.applications.fields import posted
from ecluse.portal.applications.models import Application
from ecluse.portal.fees import invoice_actions, labels, reading
from ecluse.portal.fees.forms import (
    BillForm,
    CreditForm,
    MoneyForm,
    TransferForm,
    buyer_asked,
)
from ecluse.portal.fees.models import EstimateRecord, Invoice
from ecluse.portal.fees.shares import shares, statement
from ecluse.portal.fees.wording import amount
from ecluse.portal.holders.models import Holder

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def bill(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what is billed beside what was announced, ask who pays, then issue the invoice."""
    visible = EstimateRecord.objects.visible_to(request.user).select_related("item__case")
    kept = get_object_or_404(visible, pk=pk)
    request.user.require("fees.bill")
    application = Application.objects.filter(item__case=kept.case).first()
    asked = buyer_asked(application.answers) if application else {}
    form = BillForm(posted(request), initial=asked)
    if form.is_bound and form.is_valid():
        explanation = form.cleaned_data["explanation"]
        try:
            made = invoice_actions.bill(
                kept, form.buyer(), explanation, by=request.user, now=timezone.now()
            )
        except InvalidInput as error:
            form.add_error("explanation", str(error))
        else:
            messages.success(request, _("Facture %(number)s émise.") % {"number": made.number})
            return redirect("fees:invoice", made.number)
    context = {
        "kept": kept,
        "form": form,
        "told": kept.told(),
        "owed": kept.owed(),
        "differences": reading.differences(kept),
        "amount": amount,
    }
    return _rendered(request, "fees/bill.html", context, form)


@require_safe
@signed_in
def invoice(request: SignedInRequest, number: str) -> HttpResponse:
    """Show one invoice: its lines, what was paid, what each holder is owed."""
    found = _visible(request, number)
    is_officer = request.user.may("fees.read-any")
    names = reading.holder_names()
    context = {
        "invoice": found,
        "owed": found.owed(),
        "rows": reading.rows(found.owed()),
        "standing": found.standing(),
        "today": timezone.localdate(),
        "payments": found.payments.order_by("received_on", "pk"),
        "reminders": found.reminders.order_by("days_after"),
        "credit": Invoice.objects.filter(corrects=found).first(),
        "shares": [(names.get(one.holder, one.holder), one) for one in shares(found)]
        if is_officer and not found.is_credit_note
        else [],
        "may_bill": request.user.may("fees.bill"),
        "may_collect": request.user.may("fees.collect"),
        "labels": labels,
        "amount": amount,
    }
    return render(request, "fees/invoice.html", context)


@require_safe
@signed_in
def invoice_pdf(request: SignedInRequest, number: str) -> HttpResponse:
    """Give the invoice as it was sent, its data inside."""
    found = _visible(request, number)
    return _file(bytes(found.pdf), "application/pdf", f"{found.number}.pdf")


@require_safe
@signed_in
def invoice_xml(request: SignedInRequest, number: str) -> HttpResponse:
    """Give the data of the invoice alone (EN 16931, Cross Industry Invoice)."""
    found = _visible(request, number)
    return _file(bytes(found.xml), "application/xml", f"{found.number}.xml")


def _file(data: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def credit(request: SignedInRequest, number: str) -> HttpResponse:
    """Ask why, then take the invoice back whole."""
    found = _visible(request, number)
    request.user.require("fees.bill")
    form = CreditForm(posted(request))
    if form.is_bound and form.is_valid():
        reason = form.cleaned_data["reason"]
        made = invoice_actions.credit(found, reason, by=request.user, now=timezone.now())
        messages.success(request, _("Avoir %(number)s émis.") % {"number": made.number})
        return redirect("fees:invoice", made.number)
    context = {"invoice": found, "form": form, "title": _("Annuler la facture par un avoir")}
    context["submit"] = _("Émettre l’avoir")
    return _rendered(request, "fees/money.html", context, form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def pay(request: SignedInRequest, number: str) -> HttpResponse:
    """Record what came in."""
    found = _visible(request, number)
    request.user.require("fees.collect")
    form = MoneyForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            invoice_actions.pay(found, form.money(), by=request.user, now=timezone.now())
        except InvalidInput as error:
            form.add_error("amount", str(error))
        else:
            messages.success(request, _("Paiement enregistré."))
            return redirect("fees:invoice", found.number)
    context = {"invoice": found, "form": form, "title": _("Enregistrer un paiement")}
    context["submit"] = _("Enregistrer")
    return _rendered(request, "fees/money.html", context, form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def pass_on(request: SignedInRequest, number: str) -> HttpResponse:
    """Record what was passed on to a holder."""
    found = _visible(request, number)
    request.user.require("fees.collect")
    form = TransferForm((one.holder for one in shares(found)), posted(request))
    if form.is_bound and form.is_valid():
        holder: Holder = form.cleaned_data["holder"]
        try:
            invoice_actions.pass_on(
                found, holder, form.money(), by=request.user, now=timezone.now()
            )
        except InvalidInput as error:
            form.add_error("amount", str(error))
        else:
            messages.success(request, _("Reversement enregistré."))
            return redirect("fees:invoice", found.number)
    context = {"invoice": found, "form": form, "title": _("Reverser la part d’un détenteur")}
    context["submit"] = _("Enregistrer")
    return _rendered(request, "fees/money.html", context, form)


@require_safe
@signed_in
def holder(request: SignedInRequest, slug: str) -> HttpResponse:
    """Tell a holder, or an officer, what it is owed and what it was paid."""
    found = Holder.objects.all()
    if not request.user.may("fees.read-any"):
        found = found.speaking(request.user)
    one = get_object_or_404(found, slug=slug)
    context = {"holder": one, "lines": list(statement(one)), "amount": amount}
    return render(request, "fees/holder.html", context)


def _rendered(
    request: SignedInRequest, page: str, context: dict[str, object], form: Form
) -> HttpResponse:
    return render(request, page, context, status=UNPROCESSABLE if form.is_bound else None)


def _visible(request: SignedInRequest, number: str) -> Invoice:
    """Return the invoice if this person may know of it; otherwise 404."""
    estimates = EstimateRecord.objects.visible_to(request.user)
    found = Invoice.objects.filter(estimate__in=estimates)
    return get_object_or_404(found.select_related("estimate__item__case"), number=number)
