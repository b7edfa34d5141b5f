"""Pages that suspend a permit and lift its suspension: what follows is said before the reason."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ecluse.domain.errors import NotAllowed
from ecluse.domain.machines import MACHINES, Kind
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.accounts.models import User
from ecluse.portal.applications.fields import posted
from ecluse.portal.cases import reading as case_reading
from ecluse.portal.cases.actions import day_of
from ecluse.portal.cases.forms import ActForm
from ecluse.portal.cases.letters import LetterText, letter_text
from ecluse.portal.cases.reasons import reasons_for
from ecluse.portal.lives import suspensions
from ecluse.portal.permits.models import PermitRecord

UNPROCESSABLE = 422
Deed = Callable[..., PermitRecord]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def suspend(request: SignedInRequest, number: str) -> HttpResponse:
    """Say what a suspension stops and what it keeps, ask why, then suspend.

    `number` is that of the file.
    """
    return _decide(request, number, "suspend", do=suspensions.suspend)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def lift(request: SignedInRequest, number: str) -> HttpResponse:
    """Say what opens again, ask why, then lift the suspension. `number` is that of the file."""
    return _decide(request, number, "lift-suspension", do=suspensions.lift)


def _decide(request: SignedInRequest, number: str, action: str, *, do: Deed) -> HttpResponse:
    found = _visible(request, number)
    now = timezone.now()
    reason = _why_not(request.user, found, action, now)
    if reason:
        raise NotAllowed(reason)
    (row,) = MACHINES[Kind.PERMIT].named(action)
    language = get_language() or "fr"
    form = ActForm(row, reasons_for("permit", action), posted(request), language=language)
    if form.is_bound and form.is_valid():
        do(found, form.reason(), by=request.user, now=now)
        messages.success(request, _("C’est fait. La zone sécurisée et la salle sont averties."))
        return redirect("lives:permit", found.number)
    context = {
        "record": found,
        "terms": found.terms(),
        "form": form,
        "is_lifting": action == "lift-suspension",
        "standing": found.suspensions()[-1:],
        "letter": _letter(found, row.letter),
    }
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "lives/suspension.html", context, status=status)


def _letter(found: PermitRecord, name: str | None) -> LetterText | None:
    if name is None:
        return None
    return letter_text(name, found.item.case, reason="", due_on=None)


def _why_not(user: User, found: PermitRecord, action: str, now: datetime) -> str | None:
    case = found.item.case
    reader = case_reading.reader_of(case, user, today=day_of(case, now))
    return case_reading.why_not(reader, found.item.item_id, action)


def _visible(request: SignedInRequest, number: str) -> PermitRecord:
    """Return the version in force of the permit of a file; otherwise 404."""
    visible = PermitRecord.objects.visible_to(request.user)
    living = visible.filter(item__state__in=("active", "suspended"))
    return get_object_or_404(living.select_related("item__case"), item__case__number=number)
