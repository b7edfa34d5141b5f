"""Pages of drills: the list, one drill with its timeline, its signed report."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ecluse.domain.drills import is_passed, judge
from ecluse.domain.errors import NotFound
from ecluse.portal.drills import pictures, reading
from ecluse.portal.drills.labels import GOALS


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """Show everybody which drills were run, and how they ended."""
    found = [(kept.report, is_passed(kept.report)) for kept in reading.every(now=timezone.now())]
    return render(request, "drills/every.html", {"found": found})


@require_safe
def drill(request: HttpRequest, number: str) -> HttpResponse:
    """Show one drill: what it had to show, and when each step was."""
    kept = _kept(number)
    context = {
        "report": kept.report,
        "digest": kept.digest,
        "is_passed": is_passed(kept.report),
        "goals": [(GOALS[one.goal], one) for one in judge(kept.report)],
        "lines": pictures.drawn(kept.report),
        "megabytes": kept.report.size / 1_000_000,
    }
    return render(request, "drills/drill.html", context)


@require_safe
def report_json(request: HttpRequest, number: str) -> HttpResponse:  # noqa: ARG001 — a view's
    """Give the signed report, for whoever wants to verify it without this site."""
    response = HttpResponse(_kept(number).data, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{number}.json"'
    return response


def _kept(number: str) -> reading.Kept:
    try:
        return reading.one(number, now=timezone.now())
    except NotFound as error:
        raise Http404 from error
