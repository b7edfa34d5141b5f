"""The page of a permit offered under conditions: read them, then accept or decline."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ecluse.domain.errors import NotAllowed
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.applications.models import Application
from ecluse.portal.cases import reading as case_reading
from ecluse.portal.cases.actions import day_of
from ecluse.portal.lives import offers
from ecluse.portal.permits.models import OfferedTerms


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def offer(request: SignedInRequest, number: str) -> HttpResponse:
    """Show what is offered and its conditions; accept or decline. `number` is that of the file."""
    visible = Application.objects.visible_to(request.user)
    found = get_object_or_404(visible, number=number)
    unit, now = found.unit(), timezone.now()
    reader = case_reading.reader_of(unit.case, request.user, today=day_of(unit.case, now))
    reason = case_reading.why_not(reader, unit.item_id, "accept-conditions")
    if reason:
        raise NotAllowed(reason)
    if request.method == "POST":
        return _answer(request, found)
    offered = get_object_or_404(OfferedTerms, unit=unit)
    context = {"application": found, "terms": offered.terms(), "offered": offered}
    return render(request, "lives/offer.html", context)


def _answer(request: SignedInRequest, found: Application) -> HttpResponse:
    if "decline" in request.GET:  # the address of its own button
        offers.decline(found, by=request.user, now=timezone.now())
        messages.success(request, _("Conditions refusées : la demande est retirée."))
        return redirect("applications:file", found.number)
    made = offers.accept(found, by=request.user, now=timezone.now())
    messages.success(
        request, _("Autorisation %(number)s signée et envoyée.") % {"number": made.number}
    )
    return redirect("lives:permit", made.number)
