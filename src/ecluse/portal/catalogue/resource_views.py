"""Pages of series and services, for people and for programs; no account is needed."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ecluse.domain.errors import NotFound
from ecluse.domain.metadata.storing import to_json
from ecluse.portal.catalogue import description, resources, serving
from ecluse.portal.catalogue.models import Resource


@require_safe
def every(request: HttpRequest, kind: str) -> HttpResponse:
    """List the series, or the services, that the catalogue holds."""
    found = Resource.objects.shown().filter(kind=kind)
    context = {
        "kind": kind,
        "found": [(one, description.text_of_resource(one)) for one in found],
    }
    return render(request, "catalogue/resources.html", context)


@require_safe
def resource(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """Show one series or service, and its datasets; in RDF or JSON to who asks for them."""
    found = _find(kind, slug)
    media_type = serving.preferred(request, serving.JSON)
    if media_type == serving.JSON:
        return serving.varying(resource_json(request, kind, slug))
    if media_type != serving.HTML:
        return serving.varying(_rdf(found, media_type))
    context = {
        "resource": found,
        "text": description.text_of_resource(found),
        "value": resources.in_full(found),
        "held": [(one, description.text_of(one)) for one in resources.datasets_of(found)],
        "formats": serving.SUFFIXES,
    }
    return serving.varying(render(request, "catalogue/resource.html", context))


@require_safe
def resource_json(request: HttpRequest, kind: str, slug: str) -> JsonResponse:  # noqa: ARG001
    """Give all that is said of a series or a service to programs, with its datasets."""
    found = _find(kind, slug)
    datasets = list(resources.datasets_of(found).values_list("slug", flat=True))
    content = to_json(resources.in_full(found))
    return JsonResponse({"slug": slug, "kind": kind, "datasets": datasets, "description": content})


@require_safe
def resource_rdf(request: HttpRequest, kind: str, slug: str, suffix: str) -> HttpResponse:  # noqa: ARG001
    """Give one series or service in the format that the address ends with."""
    return _rdf(_find(kind, slug), serving.format_of(suffix))


def _find(kind: str, slug: str) -> Resource:
    found = Resource.objects.shown().filter(kind=kind, slug=slug).first()
    if found is None:
        raise NotFound(f"Rien ne s’appelle « {slug} » ici : cherchez-le dans le catalogue.")
    return found


def _rdf(found: Resource, media_type: str) -> HttpResponse:
    return HttpResponse(serving.resource_rdf(found, media_type), content_type=media_type)
