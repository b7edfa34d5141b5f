"""Pages of webhooks: those of an account, and the log of one."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.webhooks import actions, labels
from ecluse.portal.webhooks.forms import WebhookForm
from ecluse.portal.webhooks.models import Subscription

PAGE_SIZE = 25
UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def webhooks(request: SignedInRequest) -> HttpResponse:
    """List the webhooks of this account; add one, and show its secret once."""
    form = WebhookForm(request.POST if request.method == "POST" else None)
    secret = _add(request, form) if form.is_bound and form.is_valid() else None
    kept = Subscription.objects.kept().filter(account=request.user).order_by("-created_at")
    context = {"form": WebhookForm() if secret else form, "secret": secret, "webhooks": kept}
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "webhooks/webhooks.html", context, status=status)


@sensitive_variables("secret")
def _add(request: SignedInRequest, form: WebhookForm) -> str | None:
    cleaned = form.cleaned_data
    try:
        _made, secret = actions.subscribe(
            cleaned["url"], cleaned["events"], by=request.user, now=timezone.now()
        )
    except (InvalidInput, NotAllowed) as error:
        form.add_error("url", str(error))
        return None
    return secret


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def webhook(request: SignedInRequest, subscription_id: UUID) -> HttpResponse:
    """Show a webhook and its log; try it, resume it, remove it."""
    found = actions.find(subscription_id, of=request.user)
    if request.method == "POST":
        return _change(request, found)
    deliveries = found.deliveries.order_by("-pk").prefetch_related("attempts")
    page = Paginator(deliveries, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [(one, sorted(one.attempts.all(), key=lambda each: each.pk)) for one in page.object_list]
    context = {"webhook": found, "page": page, "rows": rows, "labels": labels}
    return render(request, "webhooks/webhook.html", context)


def _change(request: SignedInRequest, found: Subscription) -> HttpResponse:
    wanted, now = request.POST.get("do", ""), timezone.now()
    if wanted == "remove":
        actions.remove(found, by=request.user, now=now)
        messages.success(request, _("Ce webhook n’existe plus."))
        return redirect("webhooks:webhooks")
    if wanted == "resume":
        actions.resume(found, by=request.user, now=now)
        messages.success(request, _("Le webhook reprend : ce qui attendait sera envoyé."))
    elif wanted == "try":
        _try(request, found)
    else:
        raise InvalidInput(_("Choisissez d’essayer, de reprendre ou de supprimer."))
    return redirect("webhooks:webhook", found.pk)


def _try(request: HttpRequest, found: Subscription) -> None:
    attempt = actions.try_out(found, now=timezone.now())
    said = labels.attempt_text(attempt)
    if attempt.delivery.delivered_at is not None:
        messages.success(request, _("Appel d’essai remis : %(said)s.") % {"said": said})
    else:
        messages.error(request, _("Appel d’essai sans effet : %(said)s.") % {"said": said})
