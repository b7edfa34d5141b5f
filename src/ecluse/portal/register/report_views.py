"""Pages of the activity report: its figures over two years, and what the hub states itself."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.register import actions, counters, labels, reading
from ecluse.portal.register.actions import Stated
from ecluse.portal.register.counters import Period
from ecluse.portal.register.forms import PeriodForm, StatementForm
from ecluse.portal.register.models import Statement

UNPROCESSABLE = 422


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """Show everybody the figures of EHDS art. 59(1) over two calendar years."""
    of = _period(request)
    may_state = request.user.is_authenticated and request.user.may("case.assign")
    return render(request, "register/report.html", _context(of, _statement_form(may_state)))


def _statement_form(may_state: bool) -> StatementForm | None:  # noqa: FBT001 - one question
    return StatementForm(initial={"on": timezone.localdate()}) if may_state else None


def _context(of: Period, form: StatementForm | None) -> dict[str, object]:
    stated = Statement.objects.filter(on__year__in=of.years, withdrawn_at__isnull=True)
    return {
        "period": of,
        "figures": counters.report(of),
        "period_form": PeriodForm(initial={"year": of.year}),
        "statements": list(stated.order_by("on", "pk")),
        "form": form,
        "labels": labels,
    }


def _period(request: HttpRequest) -> Period:
    """The two years asked; else those that end with this year."""
    actions.follow()
    form = PeriodForm(request.GET)
    last_year = timezone.localdate().year
    return counters.period(form.cleaned_data["year"] if form.is_valid() else last_year - 1)


@require_safe
def report_json(request: HttpRequest) -> JsonResponse:
    """Give the figures to programs."""
    of = _period(request)
    return JsonResponse(reading.report_json(of, counters.report(of)))


@require_safe
def report_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Give the figures as CSV."""
    of = _period(request)
    lines = reading.report_csv(counters.report(of))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="report-{of.year}.csv"'
    return response


@require_POST
@signed_in
def state(request: SignedInRequest) -> HttpResponse:
    """State something that no file tells, for the report of its year."""
    request.user.require("case.assign")
    form = StatementForm(request.POST)
    if not form.is_valid():
        context = _context(_period(request), form)
        return render(request, "register/report.html", context, status=UNPROCESSABLE)
    actions.state(Stated(**form.cleaned_data), by=request.user, now=timezone.now())
    messages.success(request, _("C’est noté dans le rapport."))
    return redirect("register:report")


@require_POST
@signed_in
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a statement back."""
    actions.withdraw(pk, by=request.user, now=timezone.now())
    messages.success(request, _("C’est retiré du rapport ; le journal garde les deux."))
    return redirect("register:report")
