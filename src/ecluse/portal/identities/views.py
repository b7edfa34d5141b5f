"""Sign in with the State's provider, come back, leave; and the number, once a session."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain.errors import EcluseError, Malformed, NotAllowed, Replayed
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.identities import actions
from ecluse.portal.identities.forms import NationalNumberForm
from ecluse.portal.identities.provider import Attempt, SignedIn
from ecluse.portal.identities.sessions import (
    LASTS,
    Citizen,
    citizen_of,
    provider,
    remember,
    remember_number,
)

ATTEMPT: Final = "identity_attempt"
ATTEMPT_LASTS: Final = timedelta(minutes=10)
UNPROCESSABLE: Final = 422
FORBIDDEN: Final = 403


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Send a visitor to sign in at the provider."""
    if not settings.ECLUSE_FRANCECONNECT:
        raise Http404
    attempt, address = provider().begin()
    request.session[ATTEMPT] = {
        **asdict(attempt),
        "next": _next(request),
        "until": (timezone.now() + ATTEMPT_LASTS).isoformat(),
    }
    return redirect(address)


@require_safe
@sensitive_variables("found")
def come_back(request: HttpRequest) -> HttpResponse:
    """Let in whom the provider tells, once for each attempt."""
    if not settings.ECLUSE_FRANCECONNECT:
        raise Http404
    now = timezone.now()
    begun = request.session.pop(ATTEMPT, None)
    try:
        found = _finish(request, begun, now=now)
        user = actions.enter(found, issuer=settings.ECLUSE_FRANCECONNECT, now=now)
    except EcluseError as error:
        context = {"code": error.code, "is_declined": "error" in request.GET}
        return render(request, "identities/refused.html", context, status=FORBIDDEN)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    # An instant, not a length: nothing that the person does later extends the session.
    request.session.set_expiry(now + LASTS)
    remember(request, Citizen(found.identity, found.id_token))
    return redirect(begun["next"])


def _finish(request: HttpRequest, begun: dict[str, str] | None, *, now: datetime) -> SignedIn:
    if begun is None or datetime.fromisoformat(begun["until"]) < now:
        raise Replayed("No attempt to sign in waits in this session: begin again.")
    if "code" not in request.GET:
        raise Malformed("The provider brought no code back: begin again.")
    attempt = Attempt(begun["state"], begun["nonce"], begun["verifier"])
    state, code = request.GET.get("state", ""), request.GET["code"]
    return provider().finish(attempt, state=state, code=code)


@require_safe
def left(request: HttpRequest) -> HttpResponse:
    """Say that both sessions are over."""
    return render(request, "identities/left.html")


@sensitive_post_parameters("number")
@sensitive_variables("form", "found")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def number(request: SignedInRequest) -> HttpResponse:
    """Ask the person's own number, once a session."""
    request.user.require("right.exercise")
    form = NationalNumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = actions.bear(
                citizen_of(request),
                form.cleaned_data["number"],
                by=request.user,
                now=timezone.now(),
            )
        except NotAllowed as error:
            form.add_error("number", str(error))
        else:
            remember_number(request, found)
            return redirect(_next(request))
    context = {
        "form": form,
        "next": _next(request),
        "needs_provider": citizen_of(request).is_local and not settings.ECLUSE_DEMO,
        "has_provider": bool(settings.ECLUSE_FRANCECONNECT),
        "title": _("Votre numéro de sécurité sociale"),
    }
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "identities/number.html", context, status=status)


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else "/citizens/"
