"""The catalogue: what exists, for whom, under which conditions; no account is needed."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ecluse.domain.errors import NotFound
from ecluse.domain.metadata import elements
from ecluse.domain.parameters import MINIMUM_COUNT
from ecluse.portal.catalogue import (
    actions,
    description,
    designations,
    findings,
    quality_labels,
    resources,
    serving,
)
from ecluse.portal.catalogue.models import Dataset, Resource
from ecluse.portal.catalogue.rdf.profiles import R8, profile


@require_safe
def catalogue_rdf(request: HttpRequest, suffix: str) -> HttpResponse:
    """Give a page of the catalogue in the format that the address ends with."""
    return serving.catalogue_answer(request, serving.format_of(suffix))


@require_safe
def feed(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Give the last changes to readers of feeds."""
    return HttpResponse(serving.to_atom(), content_type="application/atom+xml; charset=utf-8")


@require_safe
def dataset(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one dataset: what it holds, of whom, since when, and how it may be asked for."""
    found = _find(slug)
    media_type = serving.preferred(request, serving.JSON)
    if media_type == serving.JSON:
        return serving.varying(dataset_json(request, slug))
    if media_type != serving.HTML:
        return serving.varying(_rdf(found, media_type))
    snapshot = found.latest_snapshot()
    context = {
        "dataset": found,
        "text": description.text_of(found),
        "full": description.in_words(found),
        "resources": _resources(found),
        "is_trusted": designations.is_of_trusted_holder(found),
        "label": quality_labels.label_of(found),
        "snapshot": snapshot,
        "notice": snapshot.notice() if snapshot else None,
        "shown_count": description.shown_count,
        "minimum_count": MINIMUM_COUNT.value,
        "formats": serving.SUFFIXES,
    }
    return serving.varying(render(request, "catalogue/dataset.html", context))


@require_safe
def dataset_json(request: HttpRequest, slug: str) -> JsonResponse:  # noqa: ARG001
    """Give the same description to programs, with all that is said of the dataset."""
    found = _find(slug)
    short = description.to_json(found, found.latest_snapshot())
    return JsonResponse({**short, "description": found.record.content})


@require_safe
def dataset_rdf(request: HttpRequest, slug: str, suffix: str) -> HttpResponse:
    """Give one dataset in the format that the address ends with, in the profile asked for."""
    name = request.GET.get("profile", R8)
    return _rdf(_find(slug), serving.format_of(suffix), profile_name=name)


@require_safe
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how a description stands: the shapes of the standard, and the elements of the act."""
    found = _find(slug)
    context = {
        "dataset": found,
        "text": description.text_of(found),
        "record": found.record,
        "lines": findings.lines(findings.read(found.record.findings)),
        "verdicts": [
            (profile(name), told["conforms"], findings.lines(findings.read(told["findings"])))
            for name, told in found.record.verdicts.items()
        ],
        "elements": [
            (findings.ELEMENTS[name], findings.PRESENCES[presence])
            for name, presence in elements.report(actions.in_full(found)).items()
        ],
        "harvested": getattr(found, "harvested", None),
    }
    return render(request, "catalogue/report.html", context)


def _find(slug: str) -> Dataset:
    found = Dataset.objects.described().filter(slug=slug).select_related("record").first()
    if found is None:
        raise NotFound(f"Aucun jeu de données « {slug} » : cherchez-le dans le catalogue.")
    return found


def _resources(found: Dataset) -> list[tuple[Resource, str]]:
    """Return the series that a dataset is a part of, then the services that serve it."""
    beside = (*resources.series_of(found), *resources.services_of(found))
    return [(one, description.text_of_resource(one).title) for one in beside]


def _rdf(found: Dataset, media_type: str, *, profile_name: str = R8) -> HttpResponse:
    data = serving.dataset_rdf(found.record, media_type, profile_name=profile_name)
    return HttpResponse(data, content_type=media_type)
