"""Pages of the register: its lines, one decision, files for programs, what is to be public."""

from django.core.paginator import Paginator
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.register import actions, formats, labels, reading
from ecluse.portal.register.forms import WantedForm
from ecluse.portal.register.models import Publication, PublicationQuerySet

PAGE_SIZE = 20
JSON_PAGE = 500


@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Show everybody what was asked, granted and refused, without the name of a person."""
    actions.follow()
    form = WantedForm(request.GET or None)
    wanted, today = form.wanted(), timezone.localdate()
    found = reading.publications(wanted, today=today)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": [(one.row(), one.stage_on(today)) for one in page.object_list],
        "labels": labels,
        "is_filtered": bool(wanted.query()),
        "query": wanted.query(),
        "address": f"{reverse('register:register')}?{wanted.query()}",
        "sees_due": _sees_due(request),
    }
    return render(request, "register/register.html", context)


def _sees_due(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.may("application.read-any")


@require_safe
def decision(request: HttpRequest, number: str) -> HttpResponse:
    """Show one decision at the address that it keeps for ever."""
    actions.follow()
    found = get_object_or_404(Publication, number=number)
    others = Publication.objects.filter(file=found.file).exclude(pk=found.pk).order_by("pk")
    context = {
        "row": found.row(),
        "stage": found.stage_on(timezone.localdate()),
        "others": [one.row() for one in others],
        "results": reading.results_of([found.number]),
        "recalls": reading.recalls_of([found.number]),
        "labels": labels,
    }
    return render(request, "register/decision.html", context)


@require_safe
def decision_json(request: HttpRequest, number: str) -> JsonResponse:  # noqa: ARG001
    """Give one decision to programs."""
    actions.follow()
    row = get_object_or_404(Publication, number=number).row()
    results, recalls = reading.results_of([number]), reading.recalls_of([number])
    return JsonResponse(formats.to_json(row, results, recalls))


@require_safe
def register_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Give the lines wanted as CSV, all of them."""
    rows = (one.row() for one in _wanted(request).iterator())
    response = StreamingHttpResponse(formats.to_csv(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="register.csv"'
    return response


@require_safe
def register_json(request: HttpRequest) -> JsonResponse:
    """Give the lines wanted as JSON, page after page."""
    page = Paginator(_wanted(request), JSON_PAGE).get_page(request.GET.get("page"))
    rows = [one.row() for one in page.object_list]
    numbers = [row.number for row in rows]
    results, recalls = reading.results_of(numbers), reading.recalls_of(numbers)
    return JsonResponse(
        {
            "count": page.paginator.count,
            "page": page.number,
            "pages": page.paginator.num_pages,
            "rows": [
                formats.to_json(
                    row,
                    [one for one in results if one.number == row.number],
                    [one for one in recalls if one.number == row.number],
                )
                for row in rows
            ],
        }
    )


@require_safe
def register_jsonld(request: HttpRequest) -> JsonResponse:
    """Give the lines wanted as a dataset of DCAT."""
    found = _wanted(request)
    changed_at = found.aggregate(last=Max("changed_at"))["last"]
    rows = (one.row() for one in found.iterator())
    answer = formats.to_jsonld(rows, changed_at=changed_at)
    return JsonResponse(answer, content_type="application/ld+json")


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """Give the last changes of the lines wanted as an Atom feed."""
    last = _wanted(request).order_by("-changed_at", "-pk")[: formats.FEED_LENGTH]
    text = formats.to_atom(last, today=timezone.localdate())
    return HttpResponse(text, content_type="application/atom+xml; charset=utf-8")


def _wanted(request: HttpRequest) -> PublicationQuerySet:
    actions.follow()
    wanted = WantedForm(request.GET or None).wanted()
    return reading.publications(wanted, today=timezone.localdate())


@require_safe
@signed_in
def due(request: SignedInRequest) -> HttpResponse:
    """List for officers what is to be public, and until when."""
    request.user.require("application.read-any")
    context = {"rows": reading.due(), "today": timezone.localdate()}
    return render(request, "register/due.html", context)
