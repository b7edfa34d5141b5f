"""Pages that do something to an evaluation: lock it, declare a deviation, file its report."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ecluse.domain.errors import InvalidInput, Refused
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.applications import reading
from ecluse.portal.applications.fields import posted
from ecluse.portal.cases import doing
from ecluse.portal.cases import labels as case_labels
from ecluse.portal.cases.forms import ActForm
from ecluse.portal.cases.reasons import reasons_for
from ecluse.portal.cases.standing import FILE
from ecluse.portal.evaluations import actions, orders, reporting
from ecluse.portal.evaluations.forms import DeviationForm, LockForm, ReportForm
from ecluse.portal.evaluations.models import EvaluationFile
from ecluse.portal.evaluations.views import KIND, page, visible


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def lock(request: SignedInRequest, number: str) -> HttpResponse:
    """Lock the registered protocol on the data of a manifest."""
    found = _ready(request, number, "lock-protocol")
    if found is None:
        return redirect("evaluations:file", number)
    form = LockForm(posted(request))
    if form.is_bound and form.is_valid():
        actions.lock(found, form.cleaned_data["dataset"], by=request.user, now=timezone.now())
        messages.success(request, _("Verrouillé. La zone sécurisée en est avertie."))
        return redirect("evaluations:file", number)
    last = found.last_registration()
    context = {"evaluation": found, "form": form, "registration": last}
    return page(request, "evaluations/lock.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def deviate(request: SignedInRequest, number: str) -> HttpResponse:
    """Declare a departure from the locked protocol."""
    found = _ready(request, number, "deviate")
    if found is None:
        return redirect("evaluations:file", number)
    form = DeviationForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            actions.deviate(found, form.deviation(), by=request.user, now=timezone.now())
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Écart déclaré : le rapport le dira."))
            return redirect("evaluations:file", number)
    return page(request, "evaluations/deviation.html", {"evaluation": found, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def file_report(request: SignedInRequest, number: str) -> HttpResponse:
    """File the signed report."""
    found = visible(request, number)
    # A report comes straight after the lock: the run is noted with it.
    action = "record-run" if found.state == "locked" else "file-report"
    ready = _ready(request, number, action)
    if ready is None:
        return redirect("evaluations:file", number)
    form = ReportForm(posted(request), request.FILES or None)
    if form.is_bound and form.is_valid():
        bundle = form.cleaned_data["bundle"]
        try:
            reporting.file_report(ready, bundle, by=request.user, now=timezone.now())
        except (InvalidInput, Refused) as error:
            form.add_error("bundle", str(error))
        else:
            messages.success(
                request, _("Rapport déposé : sa signature et ses empreintes sont justes.")
            )
            return redirect("evaluations:file", number)
    return page(request, "evaluations/report.html", {"evaluation": found, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def act(request: SignedInRequest, number: str, action: str) -> HttpResponse:
    """Say what an action does, ask its reason if one is due, then do it."""
    found = _ready(request, number, action)
    if found is None:
        return redirect("evaluations:file", number)
    row = doing.row_of(found.item, action)
    form = ActForm(row, reasons_for(KIND, action), posted(request), language=reading.language())
    title = case_labels.action_label(action)
    if form.is_bound and form.is_valid():
        _do(found, action, form.reason(), request)
        messages.success(request, _("C’est fait : %(what)s.") % {"what": title})
        return redirect("evaluations:file", number)
    context = {"evaluation": found, "form": form, "action": action, "title": title}
    return page(request, "evaluations/act.html", {**context, "source": row.source})


def _do(found: EvaluationFile, action: str, reason: str, request: SignedInRequest) -> None:
    now = timezone.now()
    if action == orders.ORDERING:
        orders.order(found, by=request.user, now=now)
    elif action == "publish-report":
        reporting.publish(found, by=request.user, now=now)
    else:
        actions.act(found, action, reason=reason, by=request.user, now=now)


def _ready(request: SignedInRequest, number: str, action: str) -> EvaluationFile | None:
    """Return the evaluation if the action may be done now; None if it came too late."""
    found = visible(request, number)
    if doing.came_too_late(request, found.case, request.user, (FILE, action)):
        return None
    doing.require(found.case, request.user, (FILE, action))
    return found
