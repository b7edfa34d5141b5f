"""Pages of the committee: its sittings, one sitting, one file of an agenda, the minutes."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain import committees
from ecluse.domain.committees import Choice
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.applications.fields import posted
from ecluse.portal.cases import labels as case_labels
from ecluse.portal.cases.models import CaseRecord, Item
from ecluse.portal.committees import actions, labels, minutes, reading
from ecluse.portal.committees.forms import (
    AgendaForm,
    CallForm,
    DeclareForm,
    ReasonForm,
    StepForm,
    VoteForm,
)
from ecluse.portal.committees.models import Entry, Sitting, State

PAGE_SIZE = 25
UNPROCESSABLE = 422
FORMS: dict[str, type[StepForm]] = {
    "declare": DeclareForm,
    "vote": VoteForm,
    "open-vote": StepForm,
    "close-vote": StepForm,
    "write": ReasonForm,
    "postpone": ReasonForm,
}
"""The form of each step on a file."""


@require_safe
@signed_in
def every(request: SignedInRequest) -> HttpResponse:
    """List the sittings that this person may read, and the files that await one."""
    found = Sitting.objects.visible_to(request.user).newest_first().select_related("chair")
    may_call = request.user.may("committee.call")
    if not may_call and not request.user.may("committee.read-any") and not _sits(request):
        raise NotAllowed(_("Les séances sont celles des membres du comité."))
    context = {
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "labels": labels,
        "may_call": may_call,
        "waiting": _visible_items(request) if may_call else [],
    }
    return render(request, "committees/every.html", context)


def _sits(request: SignedInRequest) -> bool:
    return "committee" in {role.value for role in request.user.roles()}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: SignedInRequest) -> HttpResponse:
    """Call the committee to a sitting."""
    request.user.require("committee.call")
    return _call(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def again(request: SignedInRequest, number: str) -> HttpResponse:
    """Call it again on what a sitting left, this time without a quorum."""
    request.user.require("committee.call")
    return _call(request, _visible(request, number))


def _call(request: SignedInRequest, former: Sitting | None) -> HttpResponse:
    form = CallForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            made = actions.call(form.call(), by=request.user, now=timezone.now(), recalls=former)
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Séance convoquée. Mettez des dossiers à l’ordre du jour."))
            return redirect("committees:sitting", made.number)
    context = {"form": form, "former": former}
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "committees/new.html", context, status=status)


@require_safe
@signed_in
def sitting(request: SignedInRequest, number: str) -> HttpResponse:
    """Show one sitting: who is there, the agenda, what this person may do."""
    found = _visible(request, number)
    may_call = request.user.may("committee.call")
    is_planned = found.state == State.PLANNED
    lines = reading.agenda(found, request.user)
    context = {
        "sitting": found,
        "state": labels.STATES[found.state],
        "seats": found.seats.select_related("member").order_by("member__full_name"),
        "seat": found.seat_of(request.user),
        "agenda": lines,
        "may_arrange": may_call and is_planned,
        "form": AgendaForm(_visible_items(request)) if may_call and is_planned else None,
        "may_close": found.state == State.OPEN and request.user in (found.chair, found.deputy),
        "is_done": bool(lines) and actions.is_done(found),
        "may_call_again": may_call and _lacked_quorum(found),
    }
    return render(request, "committees/sitting.html", context)


def _lacked_quorum(found: Sitting) -> bool:
    was_called = Sitting.objects.filter(recalls=found).exists()
    left = found.entries.filter(phase=committees.Phase.POSTPONED.value)
    return found.is_over and not was_called and left.exists()


@require_POST
@signed_in
def listing(request: SignedInRequest, number: str) -> HttpResponse:
    """Put files on the agenda."""
    request.user.require("committee.call")
    found = _visible(request, number)
    form = AgendaForm(_visible_items(request), request.POST)
    if form.is_valid():
        actions.put_on_agenda(found, form.chosen(), by=request.user, now=timezone.now())
        messages.success(request, _("Ordre du jour complété."))
    else:
        messages.warning(request, _("Choisissez des dossiers."))
    return redirect("committees:sitting", number)


@require_POST
@signed_in
def unlisting(request: SignedInRequest, number: str, rank: int) -> HttpResponse:
    """Take a file off the agenda."""
    request.user.require("committee.call")
    actions.take_off_agenda(_entry(request, number, rank), by=request.user, now=timezone.now())
    return redirect("committees:sitting", number)


@require_POST
@signed_in
def cancellation(request: SignedInRequest, number: str) -> HttpResponse:
    """Give up a sitting that has not opened."""
    request.user.require("committee.call")
    actions.cancel(_visible(request, number), by=request.user, now=timezone.now())
    messages.success(request, _("Séance annulée."))
    return redirect("committees:sitting", number)


@require_POST
@signed_in
def presence(request: SignedInRequest, number: str) -> HttpResponse:
    """Say that one is there, or that one goes."""
    found = _visible(request, number)
    do = actions.leave if "leave" in request.POST else actions.arrive
    do(found, by=request.user, now=timezone.now())
    return redirect("committees:sitting", number)


@require_POST
@signed_in
def closing(request: SignedInRequest, number: str) -> HttpResponse:
    """End the sitting: its minutes are frozen."""
    minutes.close(_visible(request, number), by=request.user, now=timezone.now())
    messages.success(request, _("Séance close. Deux membres présents signent le procès-verbal."))
    return redirect("committees:minutes", number)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def minutes_page(request: SignedInRequest, number: str) -> HttpResponse:
    """Show the minutes, without the files that this reader may not know; members sign them."""
    found = _visible(request, number)
    written = minutes.read(found)
    if not written:
        raise Http404
    if request.method == "POST":
        minutes.sign(found, by=request.user, now=timezone.now())
        messages.success(request, _("Procès-verbal signé."))
        return redirect("committees:minutes", number)
    known = reading.visible_numbers(request.user, found)
    signatures = found.signatures.select_related("member").order_by("pk")
    seat = found.seat_of(request.user)
    has_signed = any(one.member == request.user for one in signatures)
    context = {
        "sitting": found,
        "minutes": written,
        "files": minutes.files_for(written, known),
        "labels": labels,
        "signatures": signatures,
        "may_sign": found.state == State.MINUTES
        and seat is not None
        and seat.arrived_at is not None
        and not has_signed,
    }
    return render(request, "committees/minutes.html", context)


@require_safe
@signed_in
def entry(request: SignedInRequest, number: str, rank: int) -> HttpResponse:
    """Show where the committee stands on one file, to whoever may know it."""
    found = _entry(request, number, rank)
    context = {
        "entry": found,
        "sitting": found.sitting,
        "case": found.item.case,
        "phase": labels.PHASES[found.phase],
        "text": reading.entry_text(found, request.user),
        "case_labels": case_labels,
    }
    return render(request, "committees/entry.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def step(request: SignedInRequest, number: str, rank: int, step: str) -> HttpResponse:
    """Ask what a step needs, then do it."""
    found = _entry(request, number, rank)
    if step not in FORMS:
        raise Http404
    if found.sitting.seat_of(request.user) is None:
        raise NotAllowed(_("Réservé aux membres convoqués à cette séance."))
    form = FORMS[step](posted(request))
    if form.is_bound and form.is_valid():
        _do(request, found, step, form)
        messages.success(request, _("C’est fait : %(what)s.") % {"what": labels.STEPS[step]})
        is_known = number_is_known(request, found)
        return redirect(*(("committees:entry", number, rank) if is_known else _back(number)))
    context = {
        "entry": found,
        "sitting": found.sitting,
        "case": found.item.case,
        "step": step,
        "title": labels.STEPS[step],
        "form": form,
    }
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "committees/step.html", context, status=status)


def number_is_known(request: SignedInRequest, found: Entry) -> bool:
    """Whether the reader may still know the file: an interest just declared closes it."""
    visible = CaseRecord.objects.visible_to(request.user)
    return visible.filter(pk=found.item.case_id).exists()


def _back(number: str) -> tuple[str, str]:
    return "committees:sitting", number


def _do(request: SignedInRequest, found: Entry, step: str, form: Form) -> None:
    data, by, now = form.cleaned_data, request.user, timezone.now()
    if isinstance(form, DeclareForm):
        actions.declare(found, form.said(), by=by, now=now)
    elif step == "vote":
        actions.vote(found, Choice(data["choice"]), data["note"], by=by, now=now)
    else:
        verb, change = _change(step, data.get("reason", ""), by.subject)
        actions.do(found, verb, change, by=by, now=now)


def _change(step: str, reason: str, subject: str) -> tuple[str, actions.Step]:
    """The verb of the journal and the step of the domain."""
    return {
        "open-vote": ("vote-opened", lambda file: committees.open_vote(file, by=subject)),
        "close-vote": ("vote-closed", lambda file: committees.close_vote(file, by=subject)),
        "write": ("reasoned", lambda file: committees.write_opinion(file, reason, by=subject)),
        "postpone": ("postponed", lambda file: committees.postpone(file, reason, by=subject)),
    }[step]


def _visible(request: SignedInRequest, number: str) -> Sitting:
    """Return the sitting if this person may know it; otherwise 404."""
    found = Sitting.objects.visible_to(request.user).select_related("chair", "deputy")
    return get_object_or_404(found, number=number)


def _entry(request: SignedInRequest, number: str, rank: int) -> Entry:
    """Return a file of the agenda; 404 if this person may not know it, or withdrew from it."""
    cases = CaseRecord.objects.visible_to(request.user)
    found = Entry.objects.filter(sitting=_visible(request, number), item__case__in=cases)
    wanted = found.select_related("item__case", "sitting__chair", "sitting__deputy")
    return get_object_or_404(wanted, rank=rank)


def _visible_items(request: SignedInRequest) -> list[Item]:
    known = set(CaseRecord.objects.visible_to(request.user).values_list("pk", flat=True))
    return [item for item in actions.candidates() if item.case_id in known]
