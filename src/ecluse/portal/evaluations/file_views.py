"""What an evaluation signed, byte for byte: whoever keeps the hub's key checks it offline."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from ecluse.portal.evaluations.models import EvaluationFile, Registration
from ecluse.portal.mailbox.downloads import signed_file


@require_safe
def protocol_json(request: HttpRequest, number: str) -> HttpResponse:
    """Give the protocol registered last, or the version asked, as signed."""
    found = _public(number).registrations.order_by("-pk")
    version = request.GET.get("version", "")
    row: Registration | None = (found.filter(version=version) if version else found).first()
    if row is None:
        raise Http404
    return signed_file(bytes(row.data), f"{number}-protocol-{row.version}.json")


@require_safe
def lock_json(_request: HttpRequest, number: str) -> HttpResponse:
    """Give the lock, as signed."""
    row = _public(number).lock()
    if row is None:
        raise Http404
    return signed_file(bytes(row.data), f"{number}-lock.json")


@require_safe
def deviations_json(_request: HttpRequest, number: str) -> JsonResponse:
    """Give the deviations declared so far, as the report is to state them."""
    rows = _public(number).deviations.order_by("pk")
    return JsonResponse([row.content for row in rows], safe=False)


@require_safe
def report_json(_request: HttpRequest, number: str) -> HttpResponse:
    """Give the report once it is public, as signed."""
    found = _public(number)
    row = found.report()
    if row is None or found.state != "public":
        raise Http404
    return signed_file(bytes(row.data), f"{number}-report.json")


def _public(number: str) -> EvaluationFile:
    return get_object_or_404(EvaluationFile.objects.public(), number=number)
