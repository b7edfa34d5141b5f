"""The pages on which anybody checks that a document is in the journal."""

from importlib import resources
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain.errors import JournalBroken, NotFound
from ecluse.portal.audit import proving
from ecluse.portal.audit.forms import DIGEST, DocumentForm
from ecluse.portal.audit.labels import action_label


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Ask for a document, then show each entry of the journal that names it, and its proof."""
    is_given = request.method == "POST"
    form = DocumentForm(request.POST, request.FILES) if is_given else DocumentForm()
    if form.is_bound and form.is_valid():
        address = reverse("audit:check")
        return redirect(f"{address}?{urlencode({'digest': form.cleaned_data['digest']})}")
    digest = request.GET.get("digest", "")
    context = {
        "form": form,
        "digest": digest if DIGEST.fullmatch(digest) else "",
        "action_label": action_label,
        "found": [],
        "is_broken": False,
    }
    try:
        context["found"] = proving.proofs_of(digest)
    except JournalBroken:
        context["is_broken"] = True
    return render(request, "audit/check.html", context)


@require_safe
def proof(request: HttpRequest, sequence: int) -> HttpResponse:
    """Give the proof of an entry, for whoever knows the digest of its document."""
    try:
        found = proving.proof_of(request.GET.get("digest", ""), sequence)
    except NotFound as error:
        raise Http404 from error
    return _text(str(found.proof), f"entry-{sequence}.tlog-proof")


@require_safe
def last_checkpoint(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 — the signature of a view
    """Give the last checkpoint, for witnesses and for whoever wants to keep one."""
    try:
        return _text(proving.last_checkpoint(), "checkpoint")
    except NotFound as error:
        raise Http404 from error


@require_safe
def verifier(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 — the signature of a view
    """Give the one-file verifier, to run without this site and without a network."""
    package = resources.files("ecluse.trust.journal")
    text = package.joinpath("offline_verifier.py").read_text(encoding="utf-8")
    return _text(text, "verify.py")


def _text(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
