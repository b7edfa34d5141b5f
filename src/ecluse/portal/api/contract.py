"""The API of the public site: its routes put together, and how its errors are told."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from ecluse.domain.errors import EcluseError, NotFound
from ecluse.portal.api import problems
from ecluse.portal.api.problems import Problem, TooMany
from ecluse.portal.api.rems import answers as rems
from ecluse.portal.api.rems.commands import router as rems_commands
from ecluse.portal.api.rems.queries import router as rems_queries
from ecluse.portal.api.routes import files, permits, reference, webhooks

V1 = "/api/v1/"
DESCRIPTION = """\
What the pages do, for programs: the same actions, the same rights, the same journal.

Send `Authorization: Bearer <token>`; make a token on the page of your account. Lists come page by
page: give `next_cursor` back as `cursor`. Errors are `application/problem+json` (RFC 9457). The
addresses outside `/api/v1/` answer as those of REMS, for the portals that speak its language.
"""
RESPONSES: dict[str, Any] = {
    status: {
        "description": problems.TITLES[int(status)],
        "content": {
            problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}},
        },
    }
    for status in ("400", "401", "403", "404", "409", "422", "429", "503")
}


class Contract(NinjaAPI):
    """The API with its errors in its description."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the OpenAPI description, where each route of v1 says how it fails."""
        schema = super().get_openapi_schema(**options)
        schema["components"]["schemas"]["Problem"] = Problem.model_json_schema(
            ref_template="#/components/schemas/{model}"
        )
        for address, operations in schema["paths"].items():
            if address.startswith(V1):
                for operation in operations.values():
                    operation["responses"] = {**RESPONSES, **operation["responses"]}
        return schema


api = Contract(
    title="Écluse",
    version="1.0.0",
    description=DESCRIPTION,
    docs_url=None,
    openapi_url="/v1/openapi.json",
    urls_namespace="api",
)
api.add_router("/v1", reference.router)
api.add_router("/v1", files.router)
api.add_router("/v1", permits.router)
api.add_router("/v1", webhooks.router)
api.add_router("", rems_commands)
api.add_router("", rems_queries)


def _is_rems(request: HttpRequest) -> bool:
    return not request.path.startswith(V1)


def _told(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Tell an error in the words of the address that was called."""
    if isinstance(error, type):
        error = error()
    if _is_rems(request):
        return rems.told(request, error)
    tellers: dict[type[Exception], Any] = {
        TooMany: problems.tell_too_many,
        AuthenticationError: problems.tell_nobody,
        HttpError: problems.tell_unreadable,
        ValidationError: problems.tell_wrong,
        EcluseError: problems.tell,
    }
    for kind, tell in tellers.items():
        if isinstance(error, kind):
            answer: HttpResponse = tell(error)
            return answer
    if isinstance(error, Http404):
        return problems.tell(NotFound("Nothing is at this address."))
    return problems.tell_defect(request, error)


for _kind in (Exception, EcluseError, Http404, HttpError, ValidationError, AuthenticationError):
    api.add_exception_handler(_kind, _told)
