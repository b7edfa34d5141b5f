"""Pages: bringing a file in, and letting in what others brought."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain.errors import InvalidInput
from ecluse.portal.accounts.models import User
from ecluse.portal.enclaves.models import Workspace
from ecluse.portal.workspaces import import_actions, labels
from ecluse.portal.workspaces.forms import ImportForm
from ecluse.portal.workspaces.models import Arrival
from ecluse.trust.import_orders import Act


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


@login_required
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest, number: str) -> HttpResponse:
    """Show what was brought in a workspace, and bring a file in."""
    visible = Workspace.objects.visible_to(_user(request))
    workspace = get_object_or_404(visible, permit_number=number)
    is_sent = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if is_sent else ImportForm()
    if is_sent and form.is_valid():
        now, by = timezone.now(), _user(request)
        import_actions.bring_in(workspace, form.brought(), by=by, now=now)
        messages.success(request, _("Fichier reçu : la zone sécurisée le contrôle."))
        return redirect("workspaces:imports", number)
    context = {
        "form": form,
        "workspace": workspace,
        "arrivals": Arrival.objects.of(workspace),
        "may_bring": _user(request).may("import.bring", state=workspace.state),
        "states": labels.IMPORTS,
        "badges": labels.IMPORT_BADGES,
    }
    return render(request, "workspaces/imports.html", context, status=422 if is_sent else 200)


@login_required
@require_safe
def held(request: HttpRequest) -> HttpResponse:
    """Show the files that wait for somebody to let them in."""
    _user(request).require("import.judge")
    context = {"arrivals": Arrival.objects.held(), "states": labels.IMPORTS}
    return render(request, "workspaces/held.html", context)


@login_required
@require_POST
def judge(request: HttpRequest, number: int) -> HttpResponse:
    """Let a file in, or throw it away."""
    act = request.POST.get("act", "")
    if act not in (Act.ADMIT.value, Act.REFUSE.value):
        raise InvalidInput("Say whether the file comes in.")
    import_actions.judge(number, Act(act), by=_user(request), now=timezone.now())
    messages.success(request, _("C’est noté : la zone sécurisée l’exécute."))
    return redirect("workspaces:held")
