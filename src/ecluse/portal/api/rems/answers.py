"""How REMS tells errors: `{"error": …}` with a status, or `{"success": false, "errors": […]}`."""

from typing import Any, Final, Literal

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from ecluse.domain.errors import EcluseError, NotAllowed, NotFound
from ecluse.portal.api.problems import TooMany, tell_defect, tell_too_many

WORDS: Final = {
    400: "malformed request",
    401: "unauthorized",
    403: "forbidden",
    404: "not found",
}


class Error(Schema):
    """An error that has a status of its own."""

    error: str


class Refusal(Exception):
    """A command that is answered, and refused: `errors` holds objects with a `type`."""

    def __init__(self, *errors: dict[str, Any], **rest: Any) -> None:
        super().__init__(errors)
        self.answer = {"success": False, "errors": list(errors), **rest}


def refuse(kind: str, **rest: Any) -> Refusal:
    """A refusal of one type."""
    return Refusal({"type": kind, **rest})


def tell(status: Literal[400, 401, 403, 404]) -> JsonResponse:
    """Tell an error that has a status."""
    return JsonResponse({"error": WORDS[status]}, status=status)


STATUSES: Final[tuple[tuple[type[Exception], Literal[400, 401, 403, 404]], ...]] = (
    (AuthenticationError, 401),
    (NotAllowed, 403),
    (NotFound, 404),
    (ValidationError, 400),
    (HttpError, 400),
)


def told(request: HttpRequest, error: Exception) -> HttpResponse:
    """Tell any error as REMS does; what REMS has no word for is refused with our code."""
    if isinstance(error, Refusal):
        return JsonResponse(error.answer)
    if isinstance(error, TooMany):
        return tell_too_many(error)
    for kind, status in STATUSES:
        if isinstance(error, kind):
            return tell(status)
    if isinstance(error, EcluseError):
        return JsonResponse(Refusal({"type": error.code, "message": str(error)}).answer)
    return tell_defect(request, error)
