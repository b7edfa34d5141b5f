"""Pages that end a permit: its workspace closed, its data destroyed, the certificate."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain.errors import NotAllowed
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.cases import reading as case_reading
from ecluse.portal.cases.actions import day_of
from ecluse.portal.lives import closing
from ecluse.portal.mailbox.downloads import signed_file
from ecluse.portal.permits.models import PermitRecord


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def close(request: SignedInRequest, number: str) -> HttpResponse:
    """Say what will be destroyed, then order it. `number` is that of the file."""
    visible = PermitRecord.objects.visible_to(request.user)
    over = visible.filter(item__state__in=("expired", "revoked"))
    found = get_object_or_404(over.select_related("item__case"), item__case__number=number)
    now = timezone.now()
    case = found.item.case
    reader = case_reading.reader_of(case, request.user, today=day_of(case, now))
    reason = case_reading.why_not(reader, found.item.item_id, "close-enclave")
    if reason:
        raise NotAllowed(reason)
    closing.check_no_appeal(found)
    if request.method == "POST":
        closing.close(found, by=request.user, now=now)
        messages.success(request, _("Ordre signé. Le certificat de la zone sécurisée suivra."))
        return redirect("lives:permit", found.number)
    versions = found.application.permits.order_by("pk").values_list("number", flat=True)
    context = {"record": found, "title": found.terms().title, "versions": list(versions)}
    return render(request, "lives/close.html", context)


@require_safe
@signed_in
def certificate(request: SignedInRequest, number: str) -> HttpResponse:
    """Give the signed certificate, byte for byte: anybody can verify it offline."""
    visible = PermitRecord.objects.visible_to(request.user)
    found = get_object_or_404(visible, number=number)
    row = closing.certificate_of(found)
    if row is None:
        raise Http404
    return signed_file(bytes(row.data), f"{found.number}.deletion.json")
