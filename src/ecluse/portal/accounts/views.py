"""Sign in, sign out, and what an account is."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.portal.accounts import actions, second_factor
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.accounts.forms import PasswordForm, SignInForm
from ecluse.portal.accounts.labels import ROLE_LABELS
from ecluse.portal.accounts.models import User
from ecluse.portal.accounts.second_factor_views import wait_for_code


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the sign-in page; let in who gives the right e-mail and password."""
    form = SignInForm(request.POST or None, initial={"email": request.GET.get("email", "")})
    if request.method == "POST" and form.is_valid():
        try:
            return _enter(request, form)
        except NotAllowed as error:
            form.add_error(None, str(error))
    context = {
        "form": form,
        "next": _next(request),
        "has_provider": settings.ECLUSE_SITE == "public" and bool(settings.ECLUSE_FRANCECONNECT),
        "demo_accounts": _demo_accounts(),
    }
    return render(request, "accounts/sign_in.html", context, status=422 if form.errors else 200)


def _enter(request: HttpRequest, form: SignInForm) -> HttpResponse:
    now = timezone.now()
    user = actions.identify(
        form.cleaned_data["email"],
        form.cleaned_data["password"],
        address=request.META.get("REMOTE_ADDR", ""),
        now=now,
    )
    if second_factor.is_due(user):
        return wait_for_code(request, user, back=_next(request), now=now)
    actions.note_sign_in(user, now=now)
    login(request, user)
    # An instant, not a length: nothing that the person does later extends the session.
    request.session.set_expiry(now + actions.SESSION_TIME)
    return redirect(_next(request))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, and the one at the identity provider that opened it, if one did."""
    leaving = import_string(settings.ECLUSE_LEAVING)(request) if settings.ECLUSE_LEAVING else ""
    logout(request)
    return redirect(leaving or "site:home")


@require_safe
@signed_in
def profile(request: SignedInRequest) -> HttpResponse:
    """Show who is signed in, and in which roles."""
    labels = [ROLE_LABELS[role] for role in sorted(request.user.roles())]
    return render(request, "accounts/profile.html", {"account": request.user, "labels": labels})


@sensitive_post_parameters("present", "new", "again")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def password(request: SignedInRequest) -> HttpResponse:
    """Change one's password. An account that an identity provider opens has none: 404."""
    if not request.user.has_usable_password():
        raise NotFound(_("Ce compte n’a pas de mot de passe ici : il s’ouvre par FranceConnect."))
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _change(request, form)
        except NotAllowed as error:
            form.add_error("present", str(error))
        except InvalidInput as error:
            form.add_error("new", str(error))
    return render(
        request, "accounts/password.html", {"form": form}, status=422 if form.errors else 200
    )


def _change(request: SignedInRequest, form: PasswordForm) -> HttpResponse:
    given, ends = form.cleaned_data, request.session.get_expiry_date()
    actions.change_password(request.user, given["present"], given["new"], now=timezone.now())
    # This session alone goes on, under another key, and ends when it was to end.
    update_session_auth_hash(request, request.user)
    request.session.set_expiry(ends)
    messages.success(request, _("Votre mot de passe est changé. Vos autres sessions sont fermées."))
    return redirect("accounts:profile")


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else "/"


def _demo_accounts() -> list[tuple[User, str]]:
    """Return the invented accounts that a visitor of the demonstration may try."""
    if not settings.ECLUSE_DEMO:
        return []
    accounts = User.objects.get_queryset().prefetch_related("role_rows").order_by("pk")
    return [
        (user, ", ".join(str(ROLE_LABELS[role]) for role in sorted(user.roles())))
        for user in accounts
    ]
