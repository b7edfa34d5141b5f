"""Descriptions that a provider sends, in the way of the Health Data Hub's catalogue.

POST `/ingest/datasets` (RDF) gives an identifier; PUT `/ingest/datasets/origin?originalId=` changes
what the provider calls so; DELETE `/ingest/datasets/{id}` takes it out. `X-API-Key` says who sends.
"""

from collections.abc import Callable
from functools import wraps

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ecluse.domain.errors import EcluseError, InvalidInput, NotAllowed, NotFound
from ecluse.portal.catalogue.harvest import actions
from ecluse.portal.catalogue.harvest.found import Found, in_document
from ecluse.portal.catalogue.models import HarvestRecord, Source

View = Callable[..., HttpResponse]
STATUSES = {NotAllowed: 401, NotFound: 404}
INVALID = 422


def _for_programs(view: View) -> View:
    """Answer a failure as JSON, with the status that says it."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, **named: str) -> HttpResponse:
        try:
            return view(request, _source(request), **named)
        except EcluseError as error:
            status = STATUSES.get(type(error), INVALID)
            return JsonResponse({"code": error.code, "message": str(error)}, status=status)

    return answer


@require_http_methods(["POST"])
@_for_programs
def datasets(request: HttpRequest, source: Source) -> HttpResponse:
    """Take one description in; the answer holds its identifier here."""
    return _take(source, _one(request), status=201)


@require_http_methods(["PUT"])
@_for_programs
def origin(request: HttpRequest, source: Source) -> HttpResponse:
    """Replace the description that the provider calls `originalId`."""
    name = request.GET.get("originalId", "")
    if not _held(source).filter(identifier=name).exists():
        raise NotFound("No description of this provider has this originalId: send it by POST.")
    found = _one(request)
    if name not in found.identifiers:
        raise InvalidInput("The dct:identifier of the description is not the originalId.")
    return _take(source, found, status=200)


@require_http_methods(["DELETE"])
@_for_programs
def dataset(request: HttpRequest, source: Source, slug: str) -> HttpResponse:  # noqa: ARG001
    """Take a description out, by its identifier here."""
    held = _held(source).filter(dataset__slug=slug).select_related("dataset", "source").first()
    if held is None:
        raise NotFound("No description of this provider has this identifier.")
    actions.withdraw(held, now=timezone.now())
    return HttpResponse(status=204)


def _source(request: HttpRequest) -> Source:
    try:
        return actions.source_of_key(request.headers.get("x-api-key", ""))
    except NotFound as error:
        raise NotAllowed(str(error)) from None


def _held(source: Source) -> QuerySet[HarvestRecord]:
    return source.records.exclude(state=HarvestRecord.State.WITHDRAWN).exclude(dataset=None)


def _one(request: HttpRequest) -> Found:
    described = in_document(request.body, request.content_type or "text/turtle")
    found = [one for one in described if one.kind == HarvestRecord.Kind.DATASET]
    if len(found) != 1:
        raise InvalidInput(f"The document describes {len(found)} datasets: send one at a time.")
    return found[0]


def _take(source: Source, found: Found, *, status: int) -> HttpResponse:
    taken = actions.take_one(source, found, now=timezone.now())
    if taken.outcome == actions.REJECTED or taken.record is None or taken.record.dataset is None:
        raise InvalidInput(found.refusal)
    answer = {"id": taken.record.dataset.slug, "originalId": taken.record.identifier}
    return JsonResponse(answer, status=status)
