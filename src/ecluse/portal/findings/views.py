"""Pages of significant findings: the list, one finding, what is written and done of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain.errors import InvalidInput, NotAllowed, SetupIncomplete
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.accounts.models import User
from ecluse.portal.applications.fields import posted
from ecluse.portal.cases.doing import came_too_late, reader_today
from ecluse.portal.findings import actions, labels, reading
from ecluse.portal.findings.forms import (
    OutcomeForm,
    PlainForm,
    QualifyForm,
    ReasonForm,
    ReportForm,
    SendForm,
    SetAsideForm,
)
from ecluse.portal.findings.models import FindingFile, Recipient
from ecluse.portal.permits.models import PermitRecord

UNPROCESSABLE: Final = 422
Doing = Callable[[FindingFile, Any, User, datetime], FindingFile]
FORMS: Final[dict[str, Callable[[FindingFile, Any], forms.Form]]] = {
    "report-finding": lambda _finding, data: PlainForm(data),
    "give-precision": lambda _finding, data: PlainForm(data),
    "withdraw": lambda _finding, data: ReasonForm(data),
    "ask-precision": lambda _finding, data: ReasonForm(data),
    "qualify": lambda _finding, data: QualifyForm(data),
    "set-aside": lambda _finding, data: SetAsideForm(data),
    "send-finding": SendForm,
}
"""The form of each act; what is not here is not done from a page."""


def _report(found: FindingFile, _form: Any, user: User, now: datetime) -> FindingFile:
    return actions.send_report(found, by=user, now=now)


def _withdraw(found: FindingFile, form: Any, user: User, now: datetime) -> FindingFile:
    return actions.withdraw(found, form.cleaned_data["reason"], by=user, now=now)


def _ask(found: FindingFile, form: Any, user: User, now: datetime) -> FindingFile:
    return actions.ask_precision(found, form.cleaned_data["reason"], by=user, now=now)


def _qualify(found: FindingFile, form: Any, user: User, now: datetime) -> FindingFile:
    reasons = form.cleaned_data["reason"]
    return actions.qualify(found, form.judgement(), reasons, by=user, now=now)


def _set_aside(found: FindingFile, form: Any, user: User, now: datetime) -> FindingFile:
    reasons = form.cleaned_data["reason"]
    return actions.set_aside(found, form.judgement(), reasons, by=user, now=now)


def _send(found: FindingFile, form: Any, user: User, now: datetime) -> FindingFile:
    return actions.send(found, form.chosen(), by=user, now=now)


DOING: Final[dict[str, Doing]] = {
    "report-finding": _report,
    "give-precision": _report,
    "withdraw": _withdraw,
    "ask-precision": _ask,
    "qualify": _qualify,
    "set-aside": _set_aside,
    "send-finding": _send,
}


@require_safe
@signed_in
def every(request: SignedInRequest) -> HttpResponse:
    """List what this person may read, the newest first, and where a project begins."""
    user, today = request.user, timezone.localdate()
    found = FindingFile.objects.visible_to(user).newest_first()
    context = {
        "findings": [reading.brief(one, today=today) for one in found],
        "permits": reading.permits_to_report(user),
        "reads": user.may("finding.read-any"),
    }
    return render(request, "findings/every.html", context)


@require_POST
@signed_in
def start(request: SignedInRequest) -> HttpResponse:
    """Open a finding under a permit of this person."""
    mine = PermitRecord.objects.naming(request.user)
    permit = get_object_or_404(mine, number=request.POST.get("permit", ""))
    made = actions.start(permit, by=request.user, now=timezone.now())
    return redirect("findings:write", made.number)


@require_safe
@signed_in
def file(request: SignedInRequest, number: str) -> HttpResponse:
    """Show one finding to its project, to the hub, or to a holder: never about whom."""
    found = visible(request, number)
    user = request.user
    reader = reader_today(found.case, user)
    is_holder = not reader.is_person and not user.may("finding.read-any")
    context = {
        "finding": found,
        "brief": reading.brief(found, today=reader.today),
        "acts": reading.acts(found, reader),
        "writes": reading.may_write(found, reader),
        "is_of_project": reading.is_of_project(found, user),
        "pairs": reading.pairs(found),
        "counts": reading.counts(found) if reading.sees_counts(found, user) else [],
        "holders": reading.holder_lines(found, user),
        "judgements": [] if is_holder else list(found.judgements.order_by("-at")),
        "asked_for": _last_reason(found, "asked", "ask-precision"),
        "refused_for": _last_reason(found, "qualified", "record-refusal"),
        "clocks": [] if is_holder else reading.clocks(reader),
        "timeline": [] if is_holder else reading.timeline(found),
        "is_holder": is_holder,
    }
    return render(request, "findings/file.html", context)


def _last_reason(found: FindingFile, state: str, action: str) -> str:
    """What was said when the finding came to that state by that act, while it is there."""
    if found.state != state:
        return ""
    last = found.item.acts.exclude(action__in=("read", "save-draft")).order_by("-pk").first()
    return last.reason if last is not None and last.action == action else ""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def write(request: SignedInRequest, number: str) -> HttpResponse:
    """Write what was found, before it is reported or when the hub asked for more."""
    found = visible(request, number)
    if not reading.may_write(found, reader_today(found.case, request.user)):
        raise NotAllowed(_("Cette constatation ne s’écrit plus, ou pas par vous."))
    form = ReportForm(posted(request), initial=ReportForm.written(found))
    if form.is_bound and form.is_valid():
        actions.save(found, form.report(), by=request.user, now=timezone.now())
        messages.success(request, _("C’est enregistré. Relisez, puis signalez-la."))
        return redirect("findings:file", number)
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "findings/write.html", {"finding": found, "form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def act(request: SignedInRequest, number: str, action: str) -> HttpResponse:
    """Say what an act does and ask its words, then do it."""
    found = visible(request, number)
    if action not in FORMS:
        raise Http404
    offered = reading.acts(found, reader_today(found.case, request.user))
    if not any(one.name == action for one in offered):
        if came_too_late(request, found.case, request.user, (found.item.item_id, action)):
            return redirect("findings:file", number)
        raise NotAllowed(_("Ce n’est pas possible maintenant, ou pas par vous."))
    form = FORMS[action](found, posted(request))
    if form.is_bound and form.is_valid() and _done(request, found, action, form):
        messages.success(request, str(labels.DONE[action]))
        return redirect("findings:file", number)
    context = {
        "finding": found,
        "form": form,
        "action": action,
        "title": labels.ACTS[action],
        "lead": labels.LEADS[action],
        "pairs": reading.pairs(found),
    }
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "findings/act.html", context, status=status)


def _done(request: SignedInRequest, found: FindingFile, action: str, form: forms.Form) -> bool:
    """Do the act; what it refuses is said in the form."""
    try:
        DOING[action](found, form, request.user, timezone.now())
    except InvalidInput as error:
        form.add_error(None, str(error))
    except SetupIncomplete:
        form.add_error(None, _("Ce site n’a pas encore reçu la clé de la zone sécurisée."))
    return not form.errors


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def outcome(request: SignedInRequest, number: str, pk: int) -> HttpResponse:
    """Say what a holder did with the list that awaited it."""
    found = visible(request, number)
    row = get_object_or_404(Recipient, finding=found, pk=pk)
    if not row.holder.has(request.user) or row.told_at is not None:
        raise NotAllowed(_("Ce compte rendu est celui d’un autre détenteur, ou il est déjà fait."))
    form = OutcomeForm(posted(request))
    if form.is_bound and form.is_valid():
        actions.tell_outcome(row, form.outcome(), by=request.user, now=timezone.now())
        messages.success(request, _("Merci : le hub sait que les personnes sont informées."))
        return redirect("findings:file", number)
    context = {"finding": found, "form": form, "row": row}
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "findings/outcome.html", context, status=status)


def visible(request: SignedInRequest, number: str) -> FindingFile:
    """Return a finding that this person may read; a page that does not exist otherwise."""
    return get_object_or_404(FindingFile.objects.visible_to(request.user), number=number)
