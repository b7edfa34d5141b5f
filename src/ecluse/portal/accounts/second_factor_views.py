"""The second proof at sign-in: set up once, then asked after each password."""

from datetime import datetime, timedelta
from typing import Final

import segno
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from ecluse.domain.errors import NotAllowed
from ecluse.portal.accounts import actions, second_factor
from ecluse.portal.accounts.forms import CodeForm
from ecluse.portal.accounts.models import User
from ecluse.trust import one_time_codes

WAITING: Final = "second_factor"
"""Who gave the right password in this session, and is not signed in yet."""
LASTS: Final = timedelta(minutes=5)
UNPROCESSABLE: Final = 422


def wait_for_code(request: HttpRequest, user: User, *, back: str, now: datetime) -> HttpResponse:
    """Remember who gave a password, and ask for the code; nobody is signed in."""
    request.session.cycle_key()
    until = (now + LASTS).isoformat()
    request.session[WAITING] = {"account": user.pk, "until": until, "next": back}
    return redirect("accounts:second_factor")


@sensitive_post_parameters("code")
@sensitive_variables("form", "secret", "codes")
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor_page(request: HttpRequest) -> HttpResponse:
    """Ask for a code, or the first time show the secret that makes them; then sign in."""
    now = timezone.now()
    user = _waiting(request, now=now)
    if user is None:
        return redirect("accounts:sign_in")
    is_new = not second_factor.is_set_up(user)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            second_factor.count_try(user, now=now)
            return _pass(request, user, form.cleaned_data["code"], is_new=is_new, now=now)
        except NotAllowed as error:
            form.add_error("code", str(error))
    context: dict[str, object] = {"form": form, "is_new": is_new}
    if is_new:
        secret = second_factor.begin(user)
        context["secret"] = one_time_codes.readable(secret)
        address = one_time_codes.address(
            secret, account=user.email, issuer=settings.ECLUSE_ACCESS_BODY
        )
        context |= {"address": address, "picture": _picture_of(address)}
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "accounts/second_factor.html", context, status=status)


def _pass(
    request: HttpRequest, user: User, code: str, *, is_new: bool, now: datetime
) -> HttpResponse:
    """Check the code, open the session, and show the recovery codes the first time."""
    codes: tuple[str, ...] = ()
    if is_new:
        codes = second_factor.confirm(user, code, now=now)
    else:
        second_factor.check(user, code, now=now)
    back = request.session.pop(WAITING)["next"]
    actions.note_sign_in(user, now=now)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session.set_expiry(now + actions.SESSION_TIME)
    if not codes:
        return redirect(back)
    return render(request, "accounts/recovery_codes.html", {"codes": codes, "next": back})


def _picture_of(address: str) -> str:
    """Return the QR code of an address, drawn here: the key goes to no other site."""
    picture: str = segno.make(address, micro=False).svg_data_uri(scale=4)
    return picture


def _waiting(request: HttpRequest, *, now: datetime) -> User | None:
    waiting = request.session.get(WAITING)
    if waiting is None or datetime.fromisoformat(waiting["until"]) < now:
        return None
    return User.objects.get_queryset().filter(pk=waiting["account"], is_active=True).first()
