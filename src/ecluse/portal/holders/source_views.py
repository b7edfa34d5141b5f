"""The list of opt-outs that a holder applies at source: downloaded, then said to be applied."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ecluse.domain.documents import SourceOptOuts
from ecluse.domain.errors import NotAllowed
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.holders import source_lists
from ecluse.portal.holders.models import HolderCall, SentList
from ecluse.portal.mailbox import blobs
from ecluse.portal.mailbox.downloads import signed_file
from ecluse.portal.mailbox.reading import body_in


@require_safe
@signed_in
def signed(request: SignedInRequest, number: str) -> HttpResponse:
    """Give the signed document: of which decision, and what binds the list."""
    sent = _theirs(request, number)
    return signed_file(bytes(sent.data), f"{number}.opt-outs.json")


@require_safe
@signed_in
def sealed(request: SignedInRequest, number: str) -> FileResponse:
    """Give the sealed list, which the holder's key alone opens."""
    sent = _theirs(request, number)
    body = body_in(bytes(sent.data), SourceOptOuts)
    path = blobs.find_for(body.file_digest, f"holder:{body.holder}")
    answer = FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=f"{number}.opt-outs.sealed",
        content_type="application/octet-stream",
    )
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_POST
@signed_in
def applied(request: SignedInRequest, number: str) -> HttpResponse:
    """Say that the list was applied."""
    call = _call(request, number)
    source_lists.acknowledge(call, by=request.user, now=timezone.now())
    messages.success(request, _("C’est noté : la liste est appliquée."))
    return redirect("holders:call", call.number)


def _theirs(request: SignedInRequest, number: str) -> SentList:
    call = _call(request, number)
    if not call.holder.has(request.user):
        raise NotAllowed(f"This list is for the persons of {call.holder.name}.")
    found = SentList.objects.filter(call=call).first()
    if found is None:
        raise Http404
    return found


def _call(request: SignedInRequest, number: str) -> HolderCall:
    visible = HolderCall.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("holder"), number=number)
