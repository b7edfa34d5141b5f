"""Home, language, look, legal pages, public keys and error pages of both sites."""

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ecluse.domain import codec
from ecluse.domain.document_schemas import envelope_schema, schema_name
from ecluse.domain.documents import KINDS
from ecluse.portal.audit import identity
from ecluse.portal.site import theme
from ecluse.trust import canonical

ONE_YEAR = 365 * 24 * 3600
LEGAL_PAGES = ("map", "accessibility", "legal", "privacy")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what this site is for and where to begin."""
    return render(request, f"site/home_{settings.ECLUSE_SITE}.html")


@require_safe
def legal_page(request: HttpRequest, page: str) -> HttpResponse:
    """Show one of the four pages that the law asks of a public site."""
    return render(request, f"site/{page}.html")


@require_safe
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Remember the language that the visitor chose, then come back."""
    if code not in dict(settings.LANGUAGES):
        raise Http404
    return _remember(request, settings.LANGUAGE_COOKIE_NAME, code)


@require_safe
def look(request: HttpRequest, name: str) -> HttpResponse:
    """Remember the theme that the visitor of a demonstration chose, then come back."""
    if name not in theme.NAMES or not settings.ECLUSE_DEMO:
        raise Http404
    return _remember(request, theme.COOKIE, name)


@require_safe
def keys(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the signature of a view
    """Publish the public keys that this site believes, as a keyring file that verifies offline."""
    known = [codec.encode(key) for key in identity.keyring().keys.values()]
    return HttpResponse(canonical.encode({"keys": known}), content_type="application/json")


@require_safe
def schema(request: HttpRequest, name: str) -> JsonResponse:  # noqa: ARG001 - a view's signature
    """Publish the JSON Schema of a kind of document, such as `Permit.v1.schema.json`."""
    kinds = {schema_name(kind): kind for kind in KINDS}
    if name not in kinds:
        raise Http404
    return JsonResponse(envelope_schema(kinds[name]), content_type="application/schema+json")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Tell that the request was not understood."""
    return error_page(request, 400, _("La demande est mal formée : revenez en arrière."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Tell that this person may not see this."""
    return error_page(request, 403, _("Cette page n’est pas ouverte à votre compte."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Tell that nothing is here."""
    return error_page(request, 404, _("Rien à cette adresse : vérifiez-la, ou cherchez."))


def defect(request: HttpRequest) -> HttpResponse:
    """Tell that the site failed, and that what was sent may be lost."""
    message = _("Une erreur est survenue de notre côté. Réessayez ; si elle revient, écrivez-nous.")
    try:
        return error_page(request, 500, message)
    except DatabaseError:  # the frame of a page asks the database who is signed in
        return HttpResponse(message, status=503, content_type="text/plain; charset=utf-8")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Tell that the form was open too long, or came from elsewhere."""
    message = _("Ce formulaire a expiré ou vient d’un autre site : rouvrez la page et renvoyez-le.")
    return error_page(request, 403, message)


def error_page(request: HttpRequest, status: int, message: str) -> HttpResponse:
    """Return the page of an error, or its JSON for a program."""
    if request.path.startswith(("/mailbox/", "/api/")):
        return JsonResponse({"code": "error", "reason": message}, status=status)
    page = {"status": status, "code": None, "message": message}
    return render(request, "site/error.html", page, status=status)


def _remember(request: HttpRequest, name: str, value: str) -> HttpResponse:
    wanted = request.GET.get("next", "/")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = redirect(wanted if is_ours else "/")
    response.set_cookie(
        name, value, max_age=ONE_YEAR, secure=request.is_secure(), httponly=True, samesite="Lax"
    )
    return response
