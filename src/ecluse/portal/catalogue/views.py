"""The catalogue: what exists, for whom, under which conditions; no account is needed."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ecluse.domain.errors import NotFound
from ecluse.domain.parameters import MINIMUM_COUNT
from ecluse.portal.catalogue import description
from ecluse.portal.catalogue.forms import SearchForm
from ecluse.portal.catalogue.models import Dataset

PAGE_SIZE = 12


@require_safe
def datasets(request: HttpRequest) -> HttpResponse:
    """List the datasets that hold every word searched, whatever the accents."""
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    page = Paginator(Dataset.objects.described().matching(words), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    found = [(dataset, description.text_of(dataset)) for dataset in page.object_list]
    address = f"{reverse('catalogue:datasets')}?{urlencode({'q': words})}"
    context = {"form": form, "page": page, "found": found, "words": words, "address": address}
    return render(request, "catalogue/datasets.html", context)


@require_safe
def dataset(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one dataset: what it holds, of whom, since when, and how it may be asked for."""
    found = _find(slug)
    snapshot = found.latest_snapshot()
    context = {
        "dataset": found,
        "text": description.text_of(found),
        "snapshot": snapshot,
        "notice": snapshot.notice() if snapshot else None,
        "shown_count": description.shown_count,
        "minimum_count": MINIMUM_COUNT.value,
    }
    return render(request, "catalogue/dataset.html", context)


@require_safe
def dataset_json(request: HttpRequest, slug: str) -> JsonResponse:  # noqa: ARG001
    """Give the same description to programs."""
    found = _find(slug)
    return JsonResponse(description.to_json(found, found.latest_snapshot()))


def _find(slug: str) -> Dataset:
    found = Dataset.objects.described().filter(slug=slug).first()
    if found is None:
        raise NotFound(f"Aucun jeu de données « {slug} » : cherchez-le dans le catalogue.")
    return found
