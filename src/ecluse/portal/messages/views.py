"""Pages of messages: what somebody was told, how they want their mails, what did not arrive."""

from django.contrib import messages as banners
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ecluse.domain.actors import Actor
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.cases import labels as case_labels
from ecluse.portal.cases.desk import FILES, address_of
from ecluse.portal.cases.models import CaseRecord
from ecluse.portal.messages import actions, catalogue, labels
from ecluse.portal.messages.forms import PreferenceForm
from ecluse.portal.messages.models import Notice
from ecluse.portal.messages.recipients import page_for
from ecluse.portal.messages.sending import fields_of, number_of

PAGE_SIZE = 25
UNPROCESSABLE = 422


@require_safe
@signed_in
def notices(request: SignedInRequest) -> HttpResponse:
    """List what this person was told, the last first, and how they want their mails."""
    preference = actions.preference_of(request.user)
    form = PreferenceForm(
        initial={"language": preference.language, "only_to_act": preference.only_to_act}
    )
    return render(request, "messages/notices.html", _context(request, form))


def _context(request: SignedInRequest, form: PreferenceForm) -> dict[str, object]:
    pages = Paginator(Notice.objects.of(request.user), PAGE_SIZE)
    page = pages.get_page(request.GET.get("page"))
    return {
        "page": page,
        "rows": [(one, number_of(one), told(one)) for one in page.object_list],
        "unread_count": Notice.objects.of(request.user).unread().count(),
        "form": form,
        "is_mail_off": actions.is_mail_off(),
        "sees_desk": request.user.may("application.read-any"),
    }


def told(notice: Notice) -> str:
    """What a notice says, in the language of the page."""
    language = "en" if (get_language() or "fr").startswith("en") else "fr"
    fields = fields_of(notice, language)
    return catalogue.sentence(notice.dispatch.name, Actor(notice.actor), fields, language)


@require_safe
@signed_in
def open_notice(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark a message as read and lead to its file; to the list where it has no page here."""
    notice = actions.read(request.user, pk, now=timezone.now())
    case, page = notice.dispatch.case, page_for(notice.dispatch, notice.actor)
    if page is not None:
        return redirect(page[1])
    is_visible = CaseRecord.objects.visible_to(request.user).filter(pk=case.pk).exists()
    if case.kind not in FILES or not is_visible:
        return redirect("messages:notices")
    return redirect(address_of(case))


@require_POST
@signed_in
def read_all(request: SignedInRequest) -> HttpResponse:
    """Mark every message of this person as read."""
    actions.read_all(request.user, now=timezone.now())
    return redirect("messages:notices")


@require_POST
@signed_in
def preference(request: SignedInRequest) -> HttpResponse:
    """Keep how this person wants their mails."""
    form = PreferenceForm(request.POST)
    if not form.is_valid():
        context = _context(request, form)
        return render(request, "messages/notices.html", context, status=UNPROCESSABLE)
    actions.prefer(request.user, **form.cleaned_data)
    banners.success(request, _("C’est noté."))
    return redirect("messages:notices")


@require_safe
@signed_in
def desk(request: SignedInRequest) -> HttpResponse:
    """List the mails that did not arrive, for officers: whom to reach otherwise, and why."""
    request.user.require("application.read-any")
    page = Paginator(Notice.objects.undelivered(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "labels": labels,
        "case_labels": case_labels,
        "may_try": request.user.may("case.assign"),
        "is_mail_off": actions.is_mail_off(),
    }
    return render(request, "messages/desk.html", context)


@require_POST
@signed_in
def try_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have a mail that did not arrive sent again by the next run."""
    actions.try_again(pk, by=request.user, now=timezone.now())
    banners.success(request, _("Ce courriel partira au prochain envoi."))
    return redirect("messages:desk")
