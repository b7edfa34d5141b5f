"""Pages of data holders: the list, the calls, one call and what is done to it, a new call."""

from collections.abc import Callable
from datetime import date, datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.accounts.models import User
from ecluse.portal.applications.fields import posted
from ecluse.portal.cases import labels as case_labels
from ecluse.portal.cases import reading as case_reading
from ecluse.portal.cases.actions import day_of
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.holders import actions, reading
from ecluse.portal.holders.forms import (
    ActForm,
    AskForm,
    ExtensionForm,
    HolderForm,
    ReasonForm,
    ReceiptsForm,
)
from ecluse.portal.holders.models import DelayEvidence, Holder, HolderCall, SentList
from ecluse.portal.permits.models import PermitRecord

PAGE_SIZE = 25
UNPROCESSABLE = 422
FORMS: dict[str, type[ActForm]] = {
    "acknowledge": ActForm,
    "ask-extension": ReasonForm,
    "extend": ExtensionForm,
    "refuse-extension": ReasonForm,
    "supply": ReceiptsForm,
    "receive": ReceiptsForm,
    "return-supply": ReasonForm,
    "make-available": ActForm,
    "cancel": ReasonForm,
}
"""The form of each act on a call; what is not here is not done from a page."""


@require_safe
def holders(request: HttpRequest) -> HttpResponse:
    """Tell everybody who holds what, and lead those who speak for a holder to its calls."""
    user = request.user if isinstance(request.user, User) else None
    context = {
        "holders": Holder.objects.prefetch_related("datasets").order_by("name"),
        "may_keep": user is not None and user.may("holder.keep"),
        "mine": Holder.objects.speaking(user).order_by("name") if user else [],
        "sees_calls": user is not None and _sees_calls(user),
    }
    return render(request, "holders/holders.html", context)


def _sees_calls(user: User) -> bool:
    return user.may("permit.read-any") or HolderCall.objects.visible_to(user).exists()


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def add(request: SignedInRequest) -> HttpResponse:
    """Add a data holder."""
    request.user.require("holder.keep")
    return _kept(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit(request: SignedInRequest, slug: str) -> HttpResponse:
    """Change who a holder is, what it holds and who speaks for it."""
    request.user.require("holder.keep")
    return _kept(request, get_object_or_404(Holder, slug=slug))


def _kept(request: SignedInRequest, holder: Holder | None) -> HttpResponse:
    form = HolderForm(holder, posted(request))
    if form.is_bound and form.is_valid():
        try:
            actions.keep_holder(holder, form.entry(), by=request.user, now=timezone.now())
        except InvalidInput as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("Détenteur enregistré."))
            return redirect("holders:holders")
    context = {"form": form, "holder": holder}
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "holders/edit.html", context, status=status)


@require_safe
@signed_in
def calls(request: SignedInRequest) -> HttpResponse:
    """List the calls that this person may read, the newest first."""
    found = HolderCall.objects.visible_to(request.user).newest_first()
    found = found.select_related("item__case", "holder", "dataset", "permit")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [(one, reading.brief(one, today=_today(one))) for one in page.object_list]
    return render(request, "holders/calls.html", {"page": page, "rows": rows})


@require_safe
@signed_in
def call(request: SignedInRequest, number: str) -> HttpResponse:
    """Show one call: what is asked, until when, what was supplied, what may be done."""
    found = _visible(request, number)
    is_officer = request.user.may("permit.read-any")
    context = {
        "call": found,
        "text": reading.call_text(found, request.user, today=_today(found)),
        "files": list(found.files.order_by("lot", "name")),
        "evidence": list(found.evidence.order_by("made_at")) if is_officer else [],
        "sent_list": SentList.objects.filter(call=found).first(),
        "is_holder": found.holder.has(request.user),
        "permit_number": found.permit.number,
        "sees_permit": PermitRecord.objects.visible_to(request.user)
        .filter(pk=found.permit_id)
        .exists(),
    }
    return render(request, "holders/call.html", context)


@require_safe
@signed_in
def evidence_json(request: SignedInRequest, number: str, pk: int) -> HttpResponse:
    """Give the frozen evidence of a delay, byte for byte, to the officers of this hub."""
    found = _visible(request, number)
    request.user.require("permit.read-any")
    kept = get_object_or_404(DelayEvidence, call=found, pk=pk)
    response = HttpResponse(bytes(kept.body), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{found.number}.delay.json"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def act(request: SignedInRequest, number: str, action: str) -> HttpResponse:
    """Say what an act on a call asks, then do it."""
    found = _visible(request, number)
    if action not in FORMS:
        raise Http404
    reader = reading.reader_of(found, request.user, today=_today(found))
    if not _is_theirs(found, request, action):
        raise NotAllowed(f"{action} is for the persons of {found.holder.name}.")
    reason = reading.why_not(found, reader, action)
    if reason:
        raise NotAllowed(reason)
    form = FORMS[action](posted(request))
    if form.is_bound and form.is_valid() and _done(request, found, action, form):
        messages.success(request, _("C’est fait : %(what)s.") % {"what": _label(action)})
        return redirect("holders:call", found.number)
    context = {"call": found, "form": form, "action": action, "title": _label(action)}
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "holders/act.html", context, status=status)


def _is_theirs(found: HolderCall, request: SignedInRequest, action: str) -> bool:
    return action not in actions.BY_HOLDER or found.holder.has(request.user)


def _label(action: str) -> str:
    return case_labels.action_label(action)


def _done(request: SignedInRequest, found: HolderCall, action: str, form: ActForm) -> bool:
    """Do the act; what it refuses of what was typed is said beside it."""
    try:
        DOING.get(action, _plain)(found, action, form, request.user, timezone.now())
    except InvalidInput as error:
        form.add_error(next(iter(form.fields), None), str(error))
        return False
    return True


Doing = Callable[[HolderCall, str, ActForm, User, datetime], HolderCall]


def _plain(found: HolderCall, action: str, form: ActForm, user: User, now: datetime) -> HolderCall:
    data = form.cleaned_data
    said = actions.Said(data.get("reason", ""), data.get("until_on"))
    return actions.do(found, action, by=user, now=now, said=said)


DOING: dict[str, Doing] = {
    "supply": lambda found, _action, form, user, now: actions.supply(
        found, form.cleaned_data["listed"], by=user, now=now
    ),
    "receive": lambda found, _action, form, user, now: actions.receive(
        found, form.cleaned_data["listed"], by=user, now=now
    ),
    "return-supply": lambda found, _action, form, user, now: actions.send_back(
        found, form.cleaned_data["reason"], by=user, now=now
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def ask(request: SignedInRequest, number: str) -> HttpResponse:
    """Choose a holder and what is asked of it, within the permit of a file, then call it."""
    visible = PermitRecord.objects.visible_to(request.user)
    permit = get_object_or_404(visible.select_related("item__case"), item__case__number=number)
    reader = case_reading.reader_of(permit.item.case, request.user, today=_day(permit))
    reason = case_reading.why_not(reader, permit.item.item_id, "ask-holders")
    if reason:
        raise NotAllowed(reason)
    given = permit.terms().datasets[0]
    dataset = get_object_or_404(Dataset, slug=given.dataset)
    form = AskForm(given, dataset, posted(request))
    if form.is_bound and form.is_valid():
        try:
            made = actions.ask(permit, form.request(), by=request.user, now=timezone.now())
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Demande adressée au détenteur : son délai court."))
            return redirect("holders:call", made.number)
    context = {"permit": permit, "form": form, "dataset": dataset}
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "holders/ask.html", context, status=status)


def _day(permit: PermitRecord) -> date:
    return day_of(permit.item.case, timezone.now())


def _today(found: HolderCall) -> date:
    return day_of(found.item.case, timezone.now())


def _visible(request: SignedInRequest, number: str) -> HolderCall:
    """Return the call if this person may know of it; otherwise 404."""
    visible = HolderCall.objects.visible_to(request.user)
    return get_object_or_404(
        visible.select_related("item__case", "holder", "dataset", "permit"), number=number
    )
