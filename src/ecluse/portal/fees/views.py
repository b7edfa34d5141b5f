"""Pages of the tariff and of estimates: composed, sent, answered, followed."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain import codec
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.fees import FeeState
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.applications.fields import posted
from ecluse.portal.cases.actions import day_of
from ecluse.portal.cases.desk import address_of
from ecluse.portal.cases.models import CaseRecord, Item
from ecluse.portal.cases.reading import reader_of, why_not
from ecluse.portal.fees import actions, labels, reading
from ecluse.portal.fees.forms import ComposeForm, WorkForm
from ecluse.portal.fees.models import WITHDRAWN, EstimateRecord
from ecluse.portal.fees.tariffs import tariff as tariff_named
from ecluse.portal.fees.tariffs import tariff_of, tariffs
from ecluse.portal.fees.wording import amount, line_label
from ecluse.portal.holders.models import Holder

PAGE_SIZE = 25
UNPROCESSABLE = 422
Answer = Callable[..., EstimateRecord]


@require_safe
def tariff(request: HttpRequest, version: str | None = None) -> HttpResponse:
    """Show everybody the prices, their grounds, who pays less, and how they are worked out."""
    shown = tariff_named(version) if version else tariff_of(timezone.localdate())
    context = {
        "shown": shown,
        "tariff": shown.tariff,
        "every": tariffs(),
        "labels": labels,
        "amount": amount,
        "line_label": line_label,
        "is_person": request.user.is_authenticated,
    }
    return render(request, "fees/tariff.html", context)


@require_safe
def tariff_json(request: HttpRequest, version: str) -> JsonResponse:  # noqa: ARG001
    """Give the same tariff to programs."""
    return JsonResponse(codec.encode(tariff_named(version)))


@require_safe
@signed_in
def mine(request: SignedInRequest) -> HttpResponse:
    """List the estimates that this person may read, with their invoices."""
    found = EstimateRecord.objects.visible_to(request.user).newest_first()
    found = found.select_related("item__case").prefetch_related("invoices")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "labels": labels, "amount": amount}
    return render(request, "fees/mine.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def compose(request: SignedInRequest, number: str) -> HttpResponse:
    """Compose the estimate of a file from the tariff, then see its sums before it is sent."""
    item = _awaiting(request, number, "send-estimate")
    today = day_of(item.case, timezone.now())
    form = ComposeForm(
        tariff_of(today).tariff,
        Holder.objects.order_by("name"),
        posted(request),
        initial={"payer": "other"},
    )
    if form.is_bound and form.is_valid():
        try:
            kept = actions.compose(item, form.entry(), by=request.user, now=timezone.now())
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Estimation calculée : relisez-la, puis envoyez-la."))
            return redirect("fees:estimate", kept.pk)
    case = item.case
    context = {"form": form, "case": case, "tariff": form.tariff, "back": address_of(case)}
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "fees/compose.html", context, status=status)


@require_safe
@signed_in
def answer(request: SignedInRequest, number: str) -> HttpResponse:
    """Lead the applicant to the estimate that waits for their answer."""
    visible = EstimateRecord.objects.visible_to(request.user)
    found = visible.filter(item__case__number=number).newest_first()
    return redirect("fees:estimate", get_object_or_404(found[:1]).pk)


@require_safe
@signed_in
def estimate(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show one estimate: its lines and sums, what a withdrawal costs today, its invoices."""
    kept = _visible(request, pk)
    told, owed, now = kept.told(), kept.owed(), timezone.now()
    is_officer = request.user.may("fees.read-any")
    context = {
        "kept": kept,
        "told": told,
        "owed": owed,
        "rows": reading.rows(told),
        "differences": reading.differences(kept),
        "labels": labels,
        "amount": amount,
        "may_send": reading.may(kept, request.user, "send-estimate", now=now)
        and kept.fee_state is FeeState.ESTIMATED,
        "may_answer": kept.fee_state is FeeState.SENT
        and reading.may(kept, request.user, "accept-estimate", now=now),
        "may_bill": request.user.may("fees.bill"),
        "is_open": kept.fee_state in actions.WORKED_ON and kept.item.state != WITHDRAWN,
        "is_officer": is_officer,
        "invoices": kept.invoices.order_by("pk"),
        "is_billable": _is_billable(kept),
        "permit_lines": "\n".join(
            f"{line.label} ; {line.amount_cents // 100},{line.amount_cents % 100:02}"
            for line in told.fee_lines()
        ),
    }
    return render(request, "fees/estimate.html", context)


def _is_billable(kept: EstimateRecord) -> bool:
    is_last = not kept.item.estimates.filter(round__gt=kept.round).exists()
    is_due = kept.fee_state in (FeeState.ACCEPTED, FeeState.WITHDRAWN, FeeState.INVOICED)
    return is_last and is_due and kept.live_invoice() is None


@require_POST
@signed_in
def send(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send the estimate to the applicant."""
    return _moved(request, pk, actions.send, _("Estimation envoyée au demandeur."))


@require_POST
@signed_in
def accept(request: SignedInRequest, pk: int) -> HttpResponse:
    """Accept the estimate."""
    return _moved(request, pk, actions.accept, _("Estimation acceptée : la décision peut suivre."))


@require_POST
@signed_in
def decline(request: SignedInRequest, pk: int) -> HttpResponse:
    """Withdraw the application rather than pay."""
    text = _("Demande retirée : seuls les coûts déjà engagés sont dus.")
    return _moved(request, pk, actions.decline, text)


def _moved(request: SignedInRequest, pk: int, move: Answer, text: str) -> HttpResponse:
    kept = _visible(request, pk)
    move(kept, by=request.user, now=timezone.now())
    messages.success(request, text)
    return redirect("fees:estimate", kept.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def work(request: SignedInRequest, pk: int) -> HttpResponse:
    """Record how much of each line was done by now."""
    kept = _visible(request, pk)
    request.user.require("fees.bill")
    form = WorkForm(kept.told(), kept.work_done(), posted(request))
    if form.is_bound and form.is_valid():
        actions.record_work(kept, form.done(), by=request.user, now=timezone.now())
        messages.success(request, _("Travail fait enregistré."))
        return redirect("fees:estimate", kept.pk)
    context = {"kept": kept, "form": form}
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "fees/work.html", context, status=status)


def _awaiting(request: SignedInRequest, number: str, action: str) -> Item:
    """The object of the file whose fees are to be estimated. Raises NotAllowed; 404."""
    case = get_object_or_404(CaseRecord.objects.visible_to(request.user), number=number)
    now: datetime = timezone.now()
    reader = reader_of(case, request.user, today=day_of(case, now))
    kinds = case.items.select_related("case").filter(kind__in=actions.ESTIMATED_KINDS)
    reasons = [(item, why_not(reader, item.item_id, action)) for item in kinds.order_by("number")]
    for item, reason in reasons:
        if reason is None:
            return item
    raise NotAllowed(next((reason for _item, reason in reasons if reason), number))


def _visible(request: SignedInRequest, pk: int) -> EstimateRecord:
    """Return the estimate if this person may know of it; otherwise 404."""
    visible = EstimateRecord.objects.visible_to(request.user).select_related("item__case")
    return get_object_or_404(visible, pk=pk)
