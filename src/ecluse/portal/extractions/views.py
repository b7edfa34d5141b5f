"""Pages of extractions: order within a permit, follow, read the receipt."""

from collections.abc import Iterable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain import permits, precision
from ecluse.domain.cohorts import Cohort
from ecluse.domain.cohorts.prose import explain
from ecluse.domain.documents import DatasetScope, ExtractionReceipt, SnapshotNotice, TableScope
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.applications import precisions, scope
from ecluse.portal.applications.fields import posted, sent_files
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.drafts.readback import ReadBack, seal, unseal
from ecluse.portal.extractions import actions, labels
from ecluse.portal.extractions.actions import Request
from ecluse.portal.extractions.definitions import Holding
from ecluse.portal.extractions.forms import OrderForm
from ecluse.portal.extractions.models import Extraction, State
from ecluse.portal.lives import following
from ecluse.portal.mailbox.downloads import signed_file
from ecluse.portal.mailbox.live import STOP_READING
from ecluse.portal.permits.models import PermitRecord

PAGE_SIZE = 50
UNPROCESSABLE = 422


@require_safe
@signed_in
def every(request: SignedInRequest) -> HttpResponse:
    """List the extractions of every permit that this person may read."""
    found = Extraction.objects.visible_to(request.user).newest_first()
    page = Paginator(found.select_related("permit", "ordered_by"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    rows = [(one, one.order(), labels.persons(one.receipt())) for one in page.object_list]
    context = {"page": page, "rows": rows, "labels": labels}
    return render(request, "extractions/every.html", context)


@require_safe
@signed_in
def extractions(request: SignedInRequest, permit_number: str) -> HttpResponse:
    """List the extractions of one permit."""
    permit = _permit(request, permit_number)
    found = permit.extractions.newest_first()
    context = {"permit": permit, "extractions": found, "labels": labels}
    return render(request, "extractions/extractions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def order(request: SignedInRequest, permit_number: str) -> HttpResponse:
    """Show the form of an order; once it is right, say in words what will be extracted."""
    permit = _permit(request, permit_number)
    state = permit.state(today=timezone.localdate())
    request.user.require("extraction.order", state=state)
    if _waits_for_conditions(request, permit):
        return redirect(reverse("lives:permit", args=[permit.number]) + "#conditions")
    given = permit.terms().datasets[0]
    notice = _notice(given.dataset)
    form = OrderForm(given, notice, posted(request), sent_files(request))
    context: dict[str, object] = {"permit": permit, "form": form, "notice": notice}
    if form.is_bound and form.is_valid():
        asked = form.request()
        context |= _read_back(asked, form.holding)
        context["definition"] = seal(ReadBack(permit.number, request.user, asked))
        return render(request, "extractions/summary.html", context)
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "extractions/order.html", context, status=status)


def _waits_for_conditions(request: SignedInRequest, permit: PermitRecord) -> bool:
    """Say why nothing can be ordered yet, where conditions are not accepted, or are late."""
    today = timezone.localdate()
    if following.unaccepted(permit):
        messages.warning(request, _("Acceptez d’abord les conditions de l’autorisation."))
    elif permit.terms().stops_when_late and following.late(permit, today=today):
        messages.warning(
            request,
            _("Une condition est en retard : plus de commande tant qu’elle n’est pas remplie."),
        )
    else:
        return False
    return True


def _read_back(asked: Request, holding: Holding) -> dict[str, object]:
    """Return the order in words and drawn, before anything is ordered."""
    language = get_language() or "fr"
    titles = labels.filter_titles(holding.notice, language)
    return {
        "asked": asked,
        "labels": labels,
        "precisions": precisions,
        "tables": _as_given(asked.tables, holding.scope),
        "filters": labels.filters(asked.filters, titles),
        "code_lists": [listed.row(language) for listed in holding.code_lists(asked.cohort)],
        "flowchart": _drawing(asked.cohort, None),
        **_in_words(asked.cohort, holding.notice, language),
    }


def _in_words(cohort: Cohort, notice: SnapshotNotice | None, language: str) -> dict[str, object]:
    """Return a cohort in the words of the page, and in those of the other language."""
    sources = notice.sources if notice is not None else ()
    other = "fr" if language.startswith("en") else "en"
    return {
        "lines": explain(cohort, sources, language).splitlines(),
        "other_language": other,
        "other_lines": explain(cohort, sources, other).splitlines(),
    }


def _as_given(tables: Iterable[TableScope], given: DatasetScope) -> list[TableScope]:
    """Return the tables asked, each column as the permit gives it."""
    by_name = {table.table: table for table in given.tables}
    return [precision.applied(table, by_name[table.table]) for table in tables]


@require_POST
@signed_in
def confirm(request: SignedInRequest, permit_number: str) -> HttpResponse:
    """Order what the summary page said."""
    permit = _permit(request, permit_number)
    carried = request.POST.get("definition", "")
    read = unseal(carried, Request, about=permit.number, by=request.user)
    if read is None:
        messages.error(request, _("Ce récapitulatif a expiré : remplissez à nouveau la commande."))
        return redirect("extractions:order", permit.number)
    asked, key = read
    ordered = actions.order(permit, asked, key=key, by=request.user, now=timezone.now())
    messages.success(request, _("Extraction commandée : suivez-la ici."))
    return redirect("extractions:extraction", ordered.number)


@require_safe
@signed_in
def extraction(request: SignedInRequest, number: str) -> HttpResponse:
    """Show one extraction: what was ordered, and live what the secure zone answers."""
    found = _extraction(request, number)
    ordered, language = found.order(), get_language() or "fr"
    notice = _announced(ordered.dataset)
    context = _progress(found)
    context["order"] = ordered
    context["precisions"] = precisions
    context["tables"] = permits.effective_tables(ordered, found.permit.terms())
    context["filters"] = labels.filters(ordered.filters, labels.filter_titles(notice, language))
    context |= _in_words(ordered.cohort, notice, language)
    return render(request, "extractions/extraction.html", context)


def _announced(slug: str) -> SnapshotNotice | None:
    dataset = Dataset.objects.filter(slug=slug).first()
    return scope.latest_notice(dataset) if dataset else None


@require_safe
@signed_in
def progress(request: SignedInRequest, number: str) -> HttpResponse:
    """Show the part of the page that changes until the secure zone has answered."""
    context = _progress(_extraction(request, number))
    status = None if context["is_waiting"] else STOP_READING
    return render(request, "extractions/progress.html", context, status=status)


def _progress(found: Extraction) -> dict[str, object]:
    receipt, language = found.receipt(), get_language() or "fr"
    titles = labels.filter_titles(_announced(receipt.dataset), language) if receipt else {}
    return {
        "extraction": found,
        "permit": found.permit,
        "labels": labels,
        "precisions": precisions,
        "is_waiting": found.state == State.ORDERED,
        "receipt": receipt,
        "refusal": found.refusal(),
        "attrition": labels.attrition(receipt) if receipt else [],
        "masked": labels.masked(receipt) if receipt else [],
        "applied": labels.filters(receipt.filters, titles) if receipt else [],
        "flowchart": _drawing(found.order().cohort, receipt) if receipt else "",
    }


def _drawing(cohort: Cohort, receipt: ExtractionReceipt | None) -> SafeString:
    # Drawn by us, every text of the order escaped on the way.
    return mark_safe(labels.flowchart(cohort, receipt, get_language() or "fr"))  # noqa: S308


@require_safe
@signed_in
def order_json(request: SignedInRequest, number: str) -> HttpResponse:
    """Give the signed order, byte for byte."""
    found = _extraction(request, number)
    return signed_file(bytes(found.order_data), f"{found.number}.order.json")


@require_safe
@signed_in
def answer_json(request: SignedInRequest, number: str) -> HttpResponse:
    """Give the signed receipt or refusal, byte for byte."""
    found = _extraction(request, number)
    if found.answer_data is None:
        raise Http404
    return signed_file(bytes(found.answer_data), f"{found.number}.answer.json")


def _notice(slug: str) -> SnapshotNotice:
    return scope.latest_notice(get_object_or_404(Dataset, slug=slug))


def _permit(request: SignedInRequest, number: str) -> PermitRecord:
    """Return the permit if this person may know its file; otherwise 404."""
    return get_object_or_404(PermitRecord.objects.visible_to(request.user), number=number)


def _extraction(request: SignedInRequest, number: str) -> Extraction:
    visible = Extraction.objects.visible_to(request.user).select_related("permit")
    return get_object_or_404(visible, number=number)
