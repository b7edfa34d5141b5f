"""Pages of an order to tabulate: its plan, its summary, its progress, its signed documents."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain.errors import Refused
from ecluse.domain.tabulation import TabulationPlan
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.applications import scope
from ecluse.portal.applications.fields import posted
from ecluse.portal.cases import doing
from ecluse.portal.cases.standing import FILE
from ecluse.portal.drafts.readback import ReadBack, seal, unseal
from ecluse.portal.mailbox.downloads import signed_file
from ecluse.portal.mailbox.live import STOP_READING
from ecluse.portal.requests import labels, tabulations
from ecluse.portal.requests.forms import PlanForm
from ecluse.portal.requests.models import State, Tabulation
from ecluse.portal.requests.tabulations import Asked
from ecluse.portal.requests.views import visible

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def order(request: SignedInRequest, number: str) -> HttpResponse:
    """Show the form of a plan; once it is right, say in words what will be counted."""
    found = visible(request, number)
    doing.require(found.case, request.user, (FILE, "prepare-answer"))
    notice = scope.latest_notice(found.dataset)
    files = request.FILES if request.method == "POST" else None
    form = PlanForm(found, notice, posted(request), files)
    context: dict[str, object] = {"request_": found, "form": form, "notice": notice}
    context["under_way"] = found.open_order()
    if form.is_bound and form.is_valid() and form.made is not None:
        context |= {
            "asked": form.made,
            "tables": tables_in_words(form.made.plan),
            "definition": seal(ReadBack(found.number, request.user, form.made)),
        }
        return render(request, "requests/order_summary.html", context)
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "requests/order.html", context, status=status)


def tables_in_words(plan: TabulationPlan) -> list[tuple[str, str, str, int]]:
    """Return each table: title, variables, measures, cells."""
    return [
        (
            table.title,
            ", ".join(plan.variable(name).title for name in table.by) or "—",
            ", ".join(measure.name for measure in table.measures),
            plan.cell_count(table),
        )
        for table in plan.tables
    ]


@require_POST
@signed_in
def confirm(request: SignedInRequest, number: str) -> HttpResponse:
    """Order what the summary page said."""
    found = visible(request, number)
    carried = request.POST.get("definition", "")
    read = unseal(carried, Asked, about=found.number, by=request.user)
    if read is None:
        messages.error(request, _("Ce récapitulatif a expiré : remplissez à nouveau la commande."))
        return redirect("requests:order", found.number)
    asked, key = read
    try:
        made = tabulations.order(found, asked, key=key, by=request.user, now=timezone.now())
    except Refused as error:
        messages.error(request, str(error))
        return redirect("requests:order", found.number)
    messages.success(request, _("Tableaux commandés : suivez-les ici."))
    return redirect("requests:tabulation", found.number, made.number)


@require_safe
@signed_in
def tabulation(request: SignedInRequest, number: str, order_number: str) -> HttpResponse:
    """Show one order: what is counted, and live what the secure zone answers."""
    made = _for_officers(request, number, order_number)
    ordered = made.order()
    context = _progress(made)
    context |= {"order": ordered, "tables": tables_in_words(ordered.plan)}
    return render(request, "requests/tabulation.html", context)


@require_safe
@signed_in
def progress(request: SignedInRequest, number: str, order_number: str) -> HttpResponse:
    """Show the part of the page that changes until the answer is given or refused."""
    context = _progress(_for_officers(request, number, order_number))
    status = None if context["is_waiting"] else STOP_READING
    return render(request, "requests/progress.html", context, status=status)


def _progress(made: Tabulation) -> dict[str, object]:
    return {
        "tabulation": made,
        "request_": made.request,
        "labels": labels,
        "is_waiting": made.state in (State.ORDERED.value, State.CHECKED.value),
        "receipt": made.receipt(),
        "refusal": made.refusal(),
    }


@require_safe
@signed_in
def order_json(request: SignedInRequest, number: str, order_number: str) -> HttpResponse:
    """Give the signed order, byte for byte."""
    made = _for_officers(request, number, order_number)
    return signed_file(bytes(made.order_data), f"{made.number}.order.json")


@require_safe
@signed_in
def answer_json(request: SignedInRequest, number: str, order_number: str) -> HttpResponse:
    """Give the signed receipt or refusal, byte for byte."""
    made = _for_officers(request, number, order_number)
    if made.answer_data is None:
        raise Http404
    return signed_file(bytes(made.answer_data), f"{made.number}.answer.json")


def _for_officers(request: SignedInRequest, number: str, order_number: str) -> Tabulation:
    """Return the order if this person is an officer who reads the request; otherwise 404.

    How many cells are hidden for others helps whoever attacks the tables: not for who asked.
    """
    found = visible(request, number)
    if request.user.subject in found.subjects():
        raise Http404
    orders = Tabulation.objects.select_related("request__item__case", "ordered_by")
    return get_object_or_404(orders, request=found, number=order_number)
