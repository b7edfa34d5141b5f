"""Pages: entering a workspace, who is where, closing at once, incidents."""

from datetime import datetime
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain.errors import InvalidInput
from ecluse.domain.incidents import Word
from ecluse.portal.accounts.models import User
from ecluse.portal.enclaves.models import Workspace
from ecluse.portal.workspaces import actions, labels
from ecluse.portal.workspaces.forms import ClosureForm, IncidentForm
from ecluse.portal.workspaces.models import Closure, Incident, LiveReport, Proposal

SHOWN = 5
"""How many of the last proposals a page shows."""


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show the interactive workspaces of the permits that name this person."""
    found = Workspace.objects.visible_to(_user(request)).order_by("-pk")
    proposals = {one.pk: Proposal.objects.of(one.permit_number)[:SHOWN] for one in found}
    context = {"workspaces": found, "proposals": proposals}
    return render(request, "workspaces/mine.html", context)


@login_required
@require_POST
def enter(request: HttpRequest, number: str) -> HttpResponse:
    """Give a pass and show the link that it makes, good for a minute."""
    visible = Workspace.objects.visible_to(_user(request))
    workspace = get_object_or_404(visible, permit_number=number)
    given = actions.give_pass(workspace, by=_user(request), now=timezone.now())
    link = f"{settings.ECLUSE_WORKSPACE_URL}/enter?pass={given}"
    return render(request, "workspaces/enter.html", {"workspace": workspace, "link": link})


@login_required
@require_POST
def propose(request: HttpRequest, number: str) -> HttpResponse:
    """Propose what lies in the outputs folder of a workspace."""
    visible = Workspace.objects.visible_to(_user(request))
    workspace = get_object_or_404(visible, permit_number=number)
    actions.propose(workspace, by=_user(request), now=timezone.now())
    messages.success(request, _("Proposition envoyée : elle arrive ici comme une analyse."))
    return redirect("workspaces:mine")


@login_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Show who is in which workspace now, and how to close one."""
    _user(request).require("workspace.supervise")
    return _live_page(request, ClosureForm(), status=200)


def _live_page(request: HttpRequest, form: ClosureForm, *, status: int) -> HttpResponse:
    context = {
        **_now_context(),
        "form": form,
        "may_close": _user(request).may("workspace.close"),
        "may_judge": _user(request).may("import.judge"),
    }
    return render(request, "workspaces/live.html", context, status=status)


@login_required
@require_safe
def live_table(request: HttpRequest) -> HttpResponse:
    """Show the part of that page that changes."""
    _user(request).require("workspace.supervise")
    return render(request, "workspaces/live_table.html", _now_context())


def _now_context() -> dict[str, object]:
    report, now = LiveReport.objects.first(), timezone.now()
    is_silent = report is None or now - report.told_at > actions.SILENCE
    return {
        "report": report,
        "is_silent": is_silent,
        "sessions": [_dated(one) for one in report.sessions] if report else [],
        "workspaces": [_dated(one) for one in report.workspaces] if report else [],
        "closures": Closure.objects.binding().select_related("asked_by").order_by("-pk"),
    }


def _dated(told: dict[str, object]) -> dict[str, object]:
    """Return a line of the report, its instants as instants."""
    return {
        name: datetime.fromisoformat(str(value)) if name.endswith("_at") else value
        for name, value in told.items()
    }


@login_required
@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """Close a workspace at once, or all."""
    _user(request).require("workspace.close")
    form = ClosureForm(request.POST)
    if not form.is_valid():
        return _live_page(request, form, status=422)
    reason = form.cleaned_data["reason"]
    actions.close(form.chosen(), reason, by=_user(request), now=timezone.now())
    messages.success(request, _("Fermeture demandée : effective en quelques secondes."))
    return redirect("workspaces:live")


@login_required
@require_POST
def lift(request: HttpRequest, number: int) -> HttpResponse:
    """Let people in again."""
    closure = get_object_or_404(Closure, pk=number)
    actions.lift(closure, by=_user(request), now=timezone.now())
    messages.success(request, _("L’espace est rouvert : on peut y entrer."))
    return redirect("workspaces:live")


@login_required
@require_http_methods(["GET", "POST"])
def incidents(request: HttpRequest) -> HttpResponse:
    """Show the incidents, and open the file of one."""
    _user(request).require("workspace.supervise")
    form = IncidentForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        made = actions.open_incident(form.cleaned_data, by=_user(request), now=timezone.now())
        messages.success(request, _("Incident enregistré : ses délais courent."))
        return redirect("workspaces:incident", made.pk)
    context = {
        "form": form,
        "incidents": Incident.objects.order_by("-noticed_at"),
        "may_keep": _user(request).may("incident.keep"),
        "words": labels.WORDS,
    }
    status = 422 if form.is_bound else 200
    return render(request, "workspaces/incidents.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def incident(request: HttpRequest, number: int) -> HttpResponse:
    """Show one incident with its delays, and write that a word of it was sent."""
    _user(request).require("workspace.supervise")
    found, now = get_object_or_404(Incident, pk=number), timezone.now()
    if request.method == "POST":
        actions.send_word(found, _word(request), by=_user(request), now=now)
        return redirect("workspaces:incident", number)
    context = {
        "incident": found,
        "dues": [(labels.WORDS[due.word.value], due, due.is_late(now=now)) for due in found.dues()],
        "next_word": found.next_word(),
        "sending": labels.SENDING,
        "may_keep": _user(request).may("incident.keep"),
    }
    return render(request, "workspaces/incident.html", context)


def _word(request: HttpRequest) -> Word:
    try:
        return Word(request.POST.get("word", ""))
    except ValueError:
        raise InvalidInput("Say which word of the incident was sent.") from None
