"""Pages of the register: the map and tables, one system, what is written, added and decided."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain.aisystems.duties import counts_of
from ecluse.domain.aisystems.states import MOVES, WRITTEN, State
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.accounts.models import User
from ecluse.portal.aisystems import actions, labels, reading
from ecluse.portal.aisystems.forms import FORMS, DeclareForm, EvidenceForm, ReasonForm, WantedForm
from ecluse.portal.aisystems.models import SystemEntry, SystemRecord, SystemVersion
from ecluse.portal.aisystems.rulebook import fields, rulebook, words
from ecluse.portal.applications.fields import posted
from ecluse.portal.search.pictures import tiles

UNPROCESSABLE: Final = 422
PAGE_SIZE: Final = 50


@require_safe
def systems(request: HttpRequest) -> HttpResponse:
    """Show everybody which systems are used, for what, where, and how far each was evaluated."""
    today = timezone.localdate()
    form = WantedForm(request.GET or None)
    found = reading.wanted(reading.public(today=today), form.wanted())
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    user = _user(request)
    context = {
        "form": form,
        "page": page,
        "tiles": tiles([one.regions for one in found]),
        "crossed": reading.crossed(found),
        "labels": labels,
        "query": form.query(),
        "address": f"{request.path}?{form.query()}",
        "sees_contradictions": user is not None and user.may("aisystem.read-any"),
        "mine": _mine(user),
        "waiting": _waiting(user),
    }
    return render(request, "aisystems/systems.html", context)


def _mine(user: User | None) -> list[SystemRecord]:
    if user is None:
        return []
    return list(SystemRecord.objects.filter(declared_by=user).with_all().order_by("-pk"))


def _waiting(user: User | None) -> list[SystemRecord]:
    if user is None or not user.may("aisystem.read-any"):
        return []
    found = SystemRecord.objects.filter(state=State.SUBMITTED)
    return list(found.with_all().order_by("submitted_at"))


@require_safe
def system(request: HttpRequest, number: str) -> HttpResponse:
    """Show a system: what is declared, its class and why, its duties, its life."""
    user, record = _user(request), _visible(request, number)
    works = user is not None and (record.declared_by_id == user.pk or user.may("aisystem.read-any"))
    version = _version(record, is_inside=works)
    one = reading.shown(record, version, today=timezone.localdate())
    context = {
        "one": one,
        "record": record,
        "version": version,
        "works": works,
        "writes": user is not None and _writes(record, user),
        "adds": _addable(record, user),
        "offers": [(name, labels.ACTIONS[name]) for name in reading.offers(record, user)],
        "texts": _texts(one, is_inside=works),
        "classified": sorted(record.classified.all(), key=lambda each: -each.pk),
        "changes": reading.field_changes(record) if works else [],
        "acts": record.acts.select_related("by").order_by("pk"),
        "entries": _entries(record) if works else [],
        "counts": counts_of(one.slots),
        "labels": labels,
        "words": words,
        "field_names": _field_names(),
        "replaced": {one.replaces_id for one in record.added.all()},
        "rulebook": rulebook(timezone.localdate()),
    }
    return render(request, "aisystems/system.html", context)


def _version(record: SystemRecord, *, is_inside: bool) -> SystemVersion:
    """The version that this person reads: whoever works on it, the last; others, the public."""
    return record.latest if is_inside or record.published is None else record.published


def _texts(one: reading.Shown, *, is_inside: bool) -> list[tuple[str, str]]:
    said = one.system.texts
    return [
        (words(field.title), said[field.key])
        for field in fields()
        if field.key in said and (is_inside or field.is_public)
    ]


def _field_names() -> dict[str, str]:
    """What the history calls each field and question."""
    asked = {name: str(label) for name, (label, _choices) in labels.CHOICES.items()}
    asked |= {name: str(label) for name, label in {**labels.YES_NO, **labels.NUMBERS}.items()}
    asked["uses"] = _("Usages que le règlement IA nomme")
    return asked | {field.key: words(field.title) for field in fields()}


def _entries(record: SystemRecord) -> list[SystemEntry]:
    """Everything that was added, the last first, with what was taken away."""
    return sorted(record.added.all(), key=lambda one: -one.pk)


def _writes(record: SystemRecord, user: User) -> bool:
    return record.declared_by_id == user.pk and State(record.state) in WRITTEN


def _addable(record: SystemRecord, user: User | None) -> list[tuple[str, Any]]:
    if user is None or State(record.state) is State.REMOVED:
        return []
    may = record.declared_by_id == user.pk or user.may("aisystem.judge")
    return list(labels.KINDS.items()) if may else []


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def declare(request: SignedInRequest) -> HttpResponse:
    """Open a record."""
    form = DeclareForm(None, posted(request))
    if form.is_bound and form.is_valid():
        made = actions.declare(form.content(), by=request.user, now=timezone.now())
        messages.success(request, _("Déclaration enregistrée."))
        return redirect("aisystems:system", made.number)
    return _page(request, "aisystems/write.html", {"record": None, "form": form}, form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit(request: SignedInRequest, number: str) -> HttpResponse:
    """Write the next version of a record."""
    record = _visible(request, number)
    if not _writes(record, request.user):
        raise NotAllowed(_("Cette fiche est écrite par qui l’a déclarée, avant d’être soumise."))
    form = DeclareForm(record.latest.content, posted(request))
    if form.is_bound and form.is_valid():
        actions.write(record, form.content(), by=request.user, now=timezone.now())
        messages.success(request, _("Déclaration enregistrée."))
        return redirect("aisystems:system", number)
    return _page(request, "aisystems/write.html", {"record": record, "form": form}, form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def add(request: SignedInRequest, number: str, kind: str) -> HttpResponse:
    """Add a place, a figure, an incident, a proof."""
    record = _visible(request, number)
    if kind not in FORMS:
        raise Http404
    if kind not in dict(_addable(record, request.user)):
        raise NotAllowed(_("Ceci est ajouté par qui a déclaré le système, ou par le hub."))
    form = _entry_form(record, kind, posted(request))
    if form.is_bound and form.is_valid():
        try:
            actions.add(record, form.entry(), by=request.user, now=timezone.now())
        except (InvalidInput, NotAllowed) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Ajouté."))
            return redirect("aisystems:system", number)
    context = {"record": record, "form": form, "kind": kind, "title": labels.KINDS[kind]}
    return _page(request, "aisystems/add.html", context, form)


def _entry_form(record: SystemRecord, kind: str, data: Any) -> Any:
    if kind != "evidence":
        return FORMS[kind](data)
    one = reading.shown(record, record.latest, today=timezone.localdate())
    duties = [(slot.duty.code, words(slot.duty.title)) for slot in one.slots]
    return EvidenceForm(duties, data)


@require_http_methods(["POST"])
@signed_in
def take_back(request: SignedInRequest, number: str, pk: int) -> HttpResponse:
    """Withdraw an entry, which stays in the history."""
    record = _visible(request, number)
    entry = get_object_or_404(SystemEntry, record=record, pk=pk)
    actions.take_back(record, entry, by=request.user, now=timezone.now())
    messages.success(request, _("Retiré : l’historique le garde."))
    return redirect("aisystems:system", number)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def act(request: SignedInRequest, number: str, action: str) -> HttpResponse:
    """Say what an act asks, then do it."""
    record = _visible(request, number)
    if action not in MOVES:
        raise Http404
    if action not in reading.offers(record, request.user):
        raise NotAllowed(_("Cette décision n’est pas à prendre ici, ou pas par vous."))
    form = (ReasonForm if MOVES[action].is_reasoned else forms.Form)(posted(request))
    if form.is_bound and form.is_valid() and _done(request, record, action, form):
        messages.success(request, _("C’est fait."))
        return redirect("aisystems:system", number)
    title = labels.ACTIONS[action]
    context = {"record": record, "form": form, "action": action, "title": title}
    return _page(request, "aisystems/act.html", context, form)


def _done(request: SignedInRequest, record: SystemRecord, action: str, form: forms.Form) -> bool:
    now, reason = timezone.now(), form.cleaned_data.get("reason", "")
    today = timezone.localdate(now)
    try:
        actions.act(record, action, by=request.user, now=now, today=today, reason=reason)
    except (InvalidInput, NotAllowed) as error:
        form.add_error(None, str(error))
        return False
    return True


@require_safe
@signed_in
def contradictions(request: SignedInRequest) -> HttpResponse:
    """List for officers what records say in one place and deny in another."""
    request.user.require("aisystem.read-any")
    every = reading.public(today=timezone.localdate())
    rows = [(one, each) for one in every for each in one.contradictions]
    return render(request, "aisystems/contradictions.html", {"rows": rows, "labels": labels})


def _page(
    request: HttpRequest, template: str, context: dict[str, object], form: forms.Form
) -> HttpResponse:
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, template, context, status=status)


def _user(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _visible(request: HttpRequest, number: str) -> SystemRecord:
    """Return the record if this person may know of it; otherwise 404."""
    found = SystemRecord.objects.visible_to(_user(request)).with_all()
    return get_object_or_404(found, number=number)
