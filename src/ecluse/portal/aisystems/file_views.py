"""The register for programs, and records that come as files."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain.errors import InvalidInput
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.aisystems import actions, formats, incoming, reading
from ecluse.portal.aisystems.forms import FileForm, WantedForm
from ecluse.portal.aisystems.models import SystemRecord
from ecluse.portal.aisystems.rulebook import fields
from ecluse.portal.applications.fields import posted

UNPROCESSABLE = 422


@require_safe
def systems_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Give the systems wanted as CSV."""
    lines = formats.to_csv(_wanted(request))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="ai-systems.csv"'
    return response


@require_safe
def systems_json(request: HttpRequest) -> JsonResponse:
    """Give the systems wanted as JSON."""
    rows = [formats.to_json(one) for one in _wanted(request)]
    return JsonResponse({"count": len(rows), "rows": rows})


@require_safe
def systems_jsonld(request: HttpRequest) -> JsonResponse:
    """Give the systems wanted as a dataset of DCAT."""
    found = _wanted(request)
    instants = [one.record.published_at for one in found if one.record.published_at]
    told = formats.to_jsonld(found, changed_at=max(instants, default=None))
    return JsonResponse(told, content_type="application/ld+json")


@require_safe
def system_json(request: HttpRequest, number: str) -> JsonResponse:  # noqa: ARG001
    """Give one published system in full."""
    record = SystemRecord.objects.public().with_all().filter(number=number).first()
    if record is None or record.published is None:
        raise Http404
    one = reading.shown(record, record.published, today=timezone.localdate())
    return JsonResponse(formats.to_json(one))


@require_safe
def schema(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """Give the fields of a record as a JSON Schema."""
    return JsonResponse(formats.to_schema(fields()), content_type="application/schema+json")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def bring(request: SignedInRequest) -> HttpResponse:
    """Read records written elsewhere as drafts of one's own."""
    form = FileForm(posted(request), request.FILES or None)
    if form.is_bound and form.is_valid():
        try:
            source, found = incoming.read(form.cleaned_data["file"].read(), fields())
            made = actions.declare_all(found, source=source, by=request.user, now=timezone.now())
        except InvalidInput as error:
            form.add_error("file", str(error))
        else:
            told = ngettext("%(count)d fiche lue.", "%(count)d fiches lues.", len(made))
            messages.success(request, told % {"count": len(made)})
            return redirect("aisystems:systems")
    status = UNPROCESSABLE if form.is_bound else None
    context = {"form": form, "title": _("Reprendre une fiche écrite ailleurs")}
    return render(request, "aisystems/bring.html", context, status=status)


def _wanted(request: HttpRequest) -> list[reading.Shown]:
    asked = WantedForm(request.GET or None).wanted()
    return reading.wanted(reading.public(today=timezone.localdate()), asked)
