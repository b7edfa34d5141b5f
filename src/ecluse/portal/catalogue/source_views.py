"""The desk of sources: what was harvested, what failed, what was refused and why, and again."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.catalogue import refusals
from ecluse.portal.catalogue.forms import HarvestForm
from ecluse.portal.catalogue.harvest import actions
from ecluse.portal.catalogue.models import HarvestRecord, HarvestRun, Source

RUNS = 20
"""The last harvests that the page of a source shows."""
REJECTED = 50
"""The refusals of one page."""
UNPROCESSABLE = 422


@require_safe
@signed_in
def sources(request: SignedInRequest) -> HttpResponse:
    """List the sources with their last harvest and how many descriptions stay refused."""
    request.user.require("description.read-any")
    lines = [
        (source, source.runs.order_by("-started_at", "-pk").first(), source.rejected().count())
        for source in Source.objects.order_by("name", "pk")
    ]
    return render(request, "catalogue/sources.html", {"lines": lines, "words": refusals})


@require_safe
@signed_in
def source(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the harvests of one source, and each refused description with its reason."""
    request.user.require("description.read-any")
    return _page(request, get_object_or_404(Source, slug=slug), HarvestForm())


@require_POST
@signed_in
def harvest(request: SignedInRequest, slug: str) -> HttpResponse:
    """Harvest a source now. What breaks off changes nothing."""
    request.user.require("source.harvest")
    found = get_object_or_404(Source, slug=slug)
    form = HarvestForm(request.POST, request.FILES, is_file=found.kind == Source.Kind.FILE)
    if not form.is_valid():
        return _page(request, found, form, status=UNPROCESSABLE)
    given = form.cleaned_data.get("file")
    data = given.read() if given else None
    run = actions.harvest(found, now=timezone.now(), data=data, by=request.user.subject)
    if run.state == HarvestRun.State.DONE:
        done = refusals.counts_in_words(run.counts)
        messages.success(request, _("Source moissonnée (%s).") % done)
    else:
        words = refusals.of_run(run.code, run.reason)
        messages.error(request, f"{words.problem} {_('Rien n’a été changé.')}")
    return redirect("sources:source", slug=slug)


def _page(
    request: SignedInRequest, found: Source, form: HarvestForm, *, status: int = 200
) -> HttpResponse:
    rejected = Paginator(found.rejected(), REJECTED).get_page(request.GET.get("page"))
    context = {
        "source": found,
        "runs": found.runs.order_by("-started_at", "-pk")[:RUNS],
        "rejected": rejected,
        "refusals": [(one, refusals.of_record(one.report)) for one in rejected],
        "kept": found.records.filter(state=HarvestRecord.State.KEPT).count(),
        "may_harvest": request.user.may("source.harvest") and found.kind != Source.Kind.INGEST,
        "form": form,
        "words": refusals,
    }
    return render(request, "catalogue/source.html", context, status=status)
