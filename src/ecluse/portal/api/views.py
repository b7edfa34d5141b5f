"""The page of the tokens of an account."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from ecluse.domain.errors import InvalidInput
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.api import actions, labels
from ecluse.portal.api.forms import TokenForm
from ecluse.portal.api.models import Token

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def tokens(request: SignedInRequest) -> HttpResponse:
    """List the tokens of this account; make one, shown once; revoke one."""
    if request.method == "POST" and request.POST.get("do") == "revoke":
        return _revoke(request)
    form = TokenForm(request.POST if request.method == "POST" else None)
    text = _make(request, form) if form.is_bound and form.is_valid() else None
    now = timezone.now()
    kept = Token.objects.filter(account=request.user, revoked_at__isnull=True).order_by("-made_at")
    context = {
        "form": TokenForm() if text else form,
        "text": text,
        "tokens": [(one, labels.scope_texts(one), one.expires_at > now) for one in kept],
    }
    return render(request, "api/tokens.html", context, status=UNPROCESSABLE if form.errors else 200)


@sensitive_variables("text")
def _make(request: SignedInRequest, form: TokenForm) -> str | None:
    try:
        _token, text = actions.make_token(
            request.user, form.wanted(), by=request.user.journal_name(), now=timezone.now()
        )
    except InvalidInput as error:
        form.add_error(None, str(error))
        return None
    return text


def _revoke(request: SignedInRequest) -> HttpResponse:
    found = actions.find_token(request.POST.get("token", "")[:16], of=request.user)
    actions.revoke_token(found, by=request.user.journal_name(), now=timezone.now())
    messages.success(request, _("Ce jeton n’ouvre plus rien."))
    return redirect("tokens:tokens")
