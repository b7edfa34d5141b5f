"""Pages of releases: what left for a permit, and the files."""

from pathlib import PurePath

from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.permits.models import PermitRecord
from ecluse.portal.releases import actions
from ecluse.portal.releases.models import ReleasedFile, ReleaseRecord

PAGE_SIZE = 50
CONTENT_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".pdf": "application/pdf",
}
ANY_BYTES = "application/octet-stream"
"""What a browser is told of every other file: never HTML, SVG or a script of this site."""


@require_safe
@signed_in
def every(request: SignedInRequest) -> HttpResponse:
    """List what left for every permit that this person may read."""
    found = ReleaseRecord.objects.visible_to(request.user).newest_first()
    related = found.select_related("permit", "tabulation__request")
    page = Paginator(related, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "recalled": actions.recalls_to_tell(request.user)}
    return render(request, "releases/every.html", context)


@require_safe
@signed_in
def releases(request: SignedInRequest, permit_number: str) -> HttpResponse:
    """List what left for one permit."""
    permits = PermitRecord.objects.visible_to(request.user)
    permit = get_object_or_404(permits, number=permit_number)
    context = {"permit": permit, "releases": permit.releases.newest_first()}
    return render(request, "releases/releases.html", context)


@require_safe
@signed_in
def release(request: SignedInRequest, number: str) -> HttpResponse:
    """Show one release: its files, who asked, when two checkers approved."""
    related = ("permit", "tabulation__request__item__case")
    visible = ReleaseRecord.objects.visible_to(request.user).select_related(*related)
    found = get_object_or_404(visible, request_number=number)
    actions.tell_recall(found, by=request.user, now=timezone.now())
    stands = found.recalled_at is None
    context = {
        "release": found,
        "permit": found.permit,
        "document": found.document(),
        "files": [(file, actions.has_arrived(file)) for file in found.files.order_by("name")],
        "tabulation": found.tabulation,
        "tables": actions.read_tables(found, by=request.user, now=timezone.now()),
        "may_download": stands
        and found.names(request.user)
        and request.user.may("release.download"),
    }
    return render(request, "releases/release.html", context)


@require_safe
@signed_in
def release_json(request: SignedInRequest, number: str) -> HttpResponse:
    """Give the signed release, byte for byte."""
    visible = ReleaseRecord.objects.visible_to(request.user)
    found = get_object_or_404(visible, request_number=number)
    response = HttpResponse(bytes(found.data), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{found.request_number}.release.json"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
@signed_in
def download(request: SignedInRequest, number: str, file_id: int) -> FileResponse:
    """Give a released file to a person of the permit; every download is journalled."""
    visible = ReleasedFile.objects.filter(
        release__in=ReleaseRecord.objects.visible_to(request.user)
    )
    file = get_object_or_404(visible, release__request_number=number, pk=file_id)
    path = actions.download(file, by=request.user, now=timezone.now())
    response = FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=file.name,
        content_type=CONTENT_TYPES.get(PurePath(file.name).suffix.lower(), ANY_BYTES),
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response
