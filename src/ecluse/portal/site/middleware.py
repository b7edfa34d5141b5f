"""What happens around every page: headers, language, look, and errors told in words."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from ecluse.domain.errors import EcluseError, InvalidInput, NotAllowed, NotFound, Unreachable
from ecluse.portal.site import theme

Answer = Callable[[HttpRequest], HttpResponse]

STATUSES: tuple[tuple[type[EcluseError], int], ...] = (
    (NotAllowed, 403),
    (NotFound, 404),
    (InvalidInput, 422),
    (Unreachable, 503),
)
"""The HTTP status of each error; every other one is a conflict with what is stored: 409."""


def headers(answer: Answer) -> Answer:
    """Add what browsers must be told beside the content security policy."""

    def with_headers(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=()"
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return with_headers


def language(answer: Answer) -> Answer:
    """Answer in the language that the visitor chose, else in French; browsers do not choose."""
    known = {code for code, _name in settings.LANGUAGES}

    def in_language(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        code = chosen if chosen in known else settings.LANGUAGE_CODE
        with translation.override(code):
            response = answer(request)
        response.headers.setdefault("Content-Language", code)
        return response

    return in_language


def look(answer: Answer) -> Answer:
    """Answer in the theme that the visitor of a demonstration chose, else in the site's own."""

    def in_theme(request: HttpRequest) -> HttpResponse:
        theme.activate(request.COOKIES.get(theme.COOKIE) if settings.ECLUSE_DEMO else None)
        return answer(request)

    return in_theme


def status_of(error: EcluseError) -> int:
    """Return the HTTP status that tells this error."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 409)


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asks, rather than a browser."""
    is_program = request.path.startswith(("/mailbox/", "/api/"))
    return is_program or "application/json" in request.headers.get("Accept", "")


def tell(request: HttpRequest, error: EcluseError) -> HttpResponse:
    """Return the page, or the JSON, that says what happened and what to do next."""
    status = status_of(error)
    if wants_json(request):
        return JsonResponse({"code": error.code, "reason": str(error)}, status=status)
    page = {"status": status, "code": error.code, "message": str(error)}
    return render(request, "site/error.html", page, status=status)


class BodyLimit:
    """Refuses a body that is too heavy before anything reads it: a form would fill the disk.

    Even a visitor's form is written to the disk while its CSRF token is looked for. The mailbox
    reads what the agent sends piece by piece, under limits of its own.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        return self.answer(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _parameters: object
    ) -> HttpResponse | None:
        """Return the page of the error, or None for a body of a reasonable size."""
        announced = request.headers.get("Content-Length", "")
        size = int(announced) if announced.isdecimal() else 0
        if size <= settings.ECLUSE_BODY_BYTES or request.path.startswith("/mailbox/"):
            return None
        return tell(
            request, InvalidInput(_("L’archive dépasse 20 Mo : allégez-la et renvoyez-la."))
        )


class EcluseErrors:
    """Turns an `EcluseError` of a view into its page; any other exception is a defect: 500."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        return self.answer(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page of the error, or None for Django to answer 500."""
        return tell(request, exception) if isinstance(exception, EcluseError) else None
