"""The journal as the auditor reads and exports it."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ecluse.domain import roles
from ecluse.portal.audit import actions
from ecluse.portal.audit.forms import JournalFilter
from ecluse.portal.audit.labels import action_label
from ecluse.portal.audit.models import JournalEntry
from ecluse.trust import canonical

PAGE_SIZE = 50


@require_safe
@login_required
def journal(request: HttpRequest) -> HttpResponse:
    """Show the entries, newest first, with the digest of their document."""
    _require_auditor(request)
    form = JournalFilter(request.GET)
    action = form.cleaned_data["action"] if form.is_valid() else ""
    entries = JournalEntry.objects.of_action(action).newest_first()
    page = Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page"))
    address = f"{reverse('audit:journal')}?{urlencode({'action': action})}"
    context = {
        "form": form,
        "page": page,
        "address": address,
        "checkpoint": actions.checkpoint(),
        "action_label": action_label,
    }
    return render(request, "audit/journal.html", context)


@require_safe
@login_required
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Stream every entry, one canonical JSON line each: the leaves of the tree."""
    _require_auditor(request)
    lines, _ = actions.export()
    return _download((line + b"\n" for line in lines), "journal.jsonl")


@require_safe
@login_required
def export_checkpoints(request: HttpRequest) -> StreamingHttpResponse:
    """Stream the signed checkpoint of every entry: `journal verify` reads both files."""
    _require_auditor(request)
    _, notes = actions.export()
    lines = (canonical.encode(note) + b"\n" for note in notes)
    return _download(lines, "journal.jsonl.checkpoints")


def _require_auditor(request: HttpRequest) -> None:
    user = request.user
    roles.require("journal.read", roles=user.roles() if user.is_authenticated else ())


def _download(lines: Iterator[bytes], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type="application/jsonl")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
