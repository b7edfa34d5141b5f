"""Errors as programs read them: RFC 9457, `application/problem+json`.

`type` is a name, not a page: `urn:ecluse:problem:<code>`, the codes being those of
`domain.errors`. `detail` says what happened and what to do next.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from ninja import Field, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from ecluse.domain.errors import EcluseError, InvalidInput, NotAllowed, NotFound, Unreachable

MEDIA_TYPE: Final = "application/problem+json"
STATUSES: Final[tuple[tuple[type[EcluseError], int], ...]] = (
    (NotAllowed, 403),
    (NotFound, 404),
    (InvalidInput, 422),
    (Unreachable, 503),
)
TITLES: Final[Mapping[int, str]] = {
    400: "The request cannot be read",
    401: "A token is needed",
    403: "Not allowed",
    404: "Not found",
    405: "Not a method of this address",
    409: "In conflict with what is stored",
    413: "Too heavy",
    422: "Cannot be used as it is",
    429: "Too many requests",
    500: "A defect of this site",
    503: "Out of reach for now",
}

log = logging.getLogger("django.request")


class TooMany(Exception):
    """The token made more requests in this minute than it may."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class Wrong(Schema):
    """One wrong place of a request."""

    pointer: str
    detail: str


class Problem(Schema):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Wrong] = Field(default=[])


def problem(
    status: int, code: str, detail: str, errors: Sequence[Mapping[str, str]] = ()
) -> HttpResponse:
    """Return an answer that tells a problem."""
    body: dict[str, Any] = {
        "type": f"urn:ecluse:problem:{code}",
        "title": TITLES[status],
        "status": status,
        "detail": detail,
        "errors": list(errors),
    }
    text = json.dumps(body, ensure_ascii=False)
    return HttpResponse(text, status=status, content_type=MEDIA_TYPE)


def tell(error: EcluseError) -> HttpResponse:
    """Tell an error of the product; one without a status of its own is a conflict: 409."""
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 409)
    return problem(status, error.code, str(error))


def tell_wrong(error: ValidationError) -> HttpResponse:
    """Tell which places of a request are wrong; never the values that stood there."""
    found = [
        {"pointer": "/".join(map(str, one["loc"])), "detail": str(one["msg"])}
        for one in error.errors
    ]
    return problem(422, "invalid-input", "Some places of the request are wrong: see errors.", found)


def tell_nobody(_error: AuthenticationError) -> HttpResponse:
    """Tell that no token opens this (RFC 6750)."""
    detail = "Send `Authorization: Bearer <token>`, with a token that is neither ended nor revoked."
    answer = problem(401, "no-token", detail)
    answer["WWW-Authenticate"] = 'Bearer realm="ecluse"'
    return answer


def tell_too_many(error: TooMany) -> HttpResponse:
    """Tell when to come back."""
    answer = problem(429, "too-many-requests", f"Come back in {error.retry_after} seconds.")
    answer["Retry-After"] = str(error.retry_after)
    return answer


def tell_unreadable(error: HttpError) -> HttpResponse:
    """Tell that the request is not even JSON, or not of a kind that is taken."""
    status = error.status_code if error.status_code in TITLES else 400
    return problem(status, "unreadable", "Send a JSON body of the published shape.")


def tell_defect(request: HttpRequest, error: Exception) -> HttpResponse:
    """Log a defect as Django does, and tell it without a detail."""
    said = {"request": request, "status_code": 500}
    log.error("Internal Server Error", exc_info=error, extra=said)
    return problem(500, "defect", "The site failed: try again; if it lasts, tell who runs it.")
