"""Pages of matters: the list, opening one, its page, writing it, and what is done to it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines import MACHINES, Kind
from ecluse.domain.machines.machine import Action
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.applications.fields import posted
from ecluse.portal.cases import doing
from ecluse.portal.cases import labels as case_labels
from ecluse.portal.cases import reading as case_reading
from ecluse.portal.cases.actions import day_of
from ecluse.portal.cases.forms import ActForm
from ecluse.portal.cases.models import CaseRecord, Item
from ecluse.portal.cases.reading import Reader
from ecluse.portal.cases.reasons import reasons_for
from ecluse.portal.holders.models import Holder
from ecluse.portal.lives import actions, labels, reading, versions
from ecluse.portal.lives.actions import Said
from ecluse.portal.lives.forms import GrantForm, MatterForm
from ecluse.portal.lives.models import CHANGES, FILES, Matter
from ecluse.portal.lives.standing import reader_of

PAGE_SIZE = 25
UNPROCESSABLE = 422


@require_safe
@signed_in
def every(request: SignedInRequest) -> HttpResponse:
    """List the matters that this person may read, and what they may open."""
    found = Matter.objects.visible_to(request.user).newest_first()
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    opened = [kind for kind in FILES if actions.opener(kind, request.user)]
    context = {
        "page": page,
        "labels": labels,
        "case_labels": case_labels,
        "opened": opened,
        "holders": reading.holders_of(request.user),
    }
    return render(request, "lives/every.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def start(request: SignedInRequest, kind: str) -> HttpResponse:
    """Say what such a file is, then open a draft of it."""
    chosen = _kind(kind)
    holder = None
    if chosen is Kind.DESIGNATION:
        speaking = Holder.objects.speaking(request.user)
        holder = get_object_or_404(speaking, slug=request.GET.get("holder", ""))
    if actions.opener(chosen, request.user, holder) is None:
        raise NotAllowed(_("Votre compte n’ouvre pas ce genre de dossier."))
    if request.method == "POST":
        made = actions.open_file(chosen, by=request.user, now=timezone.now(), holder=holder)
        return redirect("lives:edit", made.number)
    context = {
        "kind": chosen,
        "labels": labels,
        "about": holder.name if holder else "",
        "renewal_until": None,
    }
    return render(request, "lives/start.html", context)


def _kind(name: str) -> Kind:
    found = next((kind for kind in FILES if kind.value == name), None)
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def appeal(request: SignedInRequest, number: str, item_id: str) -> HttpResponse:
    """Say what an appeal is, then open one against a refusal."""
    visible = CaseRecord.objects.visible_to(request.user)
    item = get_object_or_404(
        Item.objects.select_related("case"), case__in=visible, case__number=number, item_id=item_id
    )
    if not actions.may_be_appealed(item):
        raise Http404
    if request.method == "POST":
        made = actions.open_appeal(item, by=request.user, now=timezone.now())
        return redirect("lives:edit", made.number)
    context = {"kind": Kind.APPEAL, "labels": labels, "about": number, "renewal_until": None}
    return render(request, "lives/start.html", context)


@require_safe
@signed_in
def part(request: SignedInRequest, number: str, item_id: str) -> HttpResponse:
    """Go to the page of what was asked about a file since its decision."""
    found = get_object_or_404(
        Matter.objects.visible_to(request.user), item__case__number=number, item__item_id=item_id
    )
    return redirect("lives:file", found.number)


@require_safe
@signed_in
def file(request: SignedInRequest, number: str) -> HttpResponse:
    """Show one matter: where it stands, its clocks, its words, what this person may do."""
    found = visible(request, number)
    reader = _reader(request, found)
    item = reader.file.item(found.item.item_id)
    context = {
        "matter": found,
        "labels": labels,
        "case_labels": case_labels,
        "offers": reading.offers(found, reader),
        "turn": case_labels.actor_label(item.owner.value),
        "is_resting": MACHINES[item.kind].state(item.state).rests,
        "clocks": case_reading.clock_lines(reader, item_id=item.item_id),
        "pairs": reading.pairs(found),
        "conformity": reading.conformity(found),
        "speak": reading.language(),
        "acts": case_reading.acts_of(found.item),
        "appealable": reading.appealable(found.case) if reader.is_person else [],
    }
    return render(request, "lives/file.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit(request: SignedInRequest, number: str) -> HttpResponse:
    """Write a matter, in as many times as one likes."""
    found = visible(request, number)
    _require_draft(request, found)
    form = MatterForm(found, posted(request), language=reading.language())
    if form.is_bound and form.is_valid():
        saved = actions.save(found, form.answers(), by=request.user, now=timezone.now())
        messages.success(request, _("Enregistré. Vous pouvez reprendre quand vous voulez."))
        return _after_saving(found, saved)
    context = {"matter": found, "form": form, "labels": labels}
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "lives/edit.html", context, status=status)


def _after_saving(before: Matter, after: Matter) -> HttpResponse:
    """Show the rules of a methodology that was just chosen; otherwise the matter."""
    is_chosen = after.text("methodology") not in ("", before.text("methodology"))
    return redirect("lives:edit" if is_chosen else "lives:file", after.number)


def _require_draft(request: SignedInRequest, found: Matter) -> None:
    has_action = any(row.name == "save-draft" for row in MACHINES[found.kind].actions)
    if has_action:
        _require(request, found, "save-draft")
    elif found.state != "draft" or found.opened_by != request.user:
        raise NotAllowed(_("Ce dossier est déposé : il ne s’écrit plus."))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def act(request: SignedInRequest, number: str, action: str) -> HttpResponse:
    """Say what an act does, ask its reason if one is due, then do it."""
    found = visible(request, number)
    row = _row(found, action)
    if _came_too_late(request, found, action):
        return redirect("lives:file", found.number)
    _require(request, found, action)
    form = ActForm(
        row,
        reasons_for(found.kind.value, action),
        posted(request),
        language=reading.language(),
    )
    if form.is_bound and form.is_valid() and _done(request, found, action, form):
        return redirect("lives:file", found.number)
    context = {
        "matter": found,
        "labels": labels,
        "action": action,
        "title": labels.act_label(action),
        "form": form,
        "source": row.source or "–",
        "conformity": reading.conformity(found),
        "speak": reading.language(),
    }
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "lives/act.html", context, status=status)


def _done(request: SignedInRequest, found: Matter, action: str, form: ActForm) -> bool:
    said = Said(form.reason(), form.cleaned_data.get("until_on"))
    try:
        actions.act(found, action, by=request.user, now=timezone.now(), said=said)
    except InvalidInput:
        form.add_error(None, _("Il manque des réponses : écrivez-les, puis déposez."))
        return False
    messages.success(request, _("C’est fait : %(what)s.") % {"what": labels.act_label(action)})
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def grant(request: SignedInRequest, number: str) -> HttpResponse:
    """Write the next version of a permit, then sign it."""
    found = visible(request, number)
    if found.kind not in CHANGES:
        raise Http404
    if _came_too_late(request, found, "grant"):
        return redirect("lives:file", found.number)
    _require(request, found, "grant")
    form = GrantForm(found, posted(request))
    if form.is_bound and form.is_valid():
        try:
            made = versions.grant(found, form.changed(), by=request.user, now=timezone.now())
        except InvalidInput:
            form.add_error(
                None,
                _("La durée dépasse ce qui est demandé ou permis, ou quelqu’un n’a pas de compte."),
            )
        else:
            messages.success(
                request, _("Autorisation %(number)s signée et envoyée.") % {"number": made.number}
            )
            return redirect("lives:permit", made.number)
    context = {"matter": found, "labels": labels, "form": form, "pairs": reading.pairs(found)}
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "lives/grant.html", context, status=status)


def visible(request: SignedInRequest, number: str) -> Matter:
    """Return the matter if this person may know that it exists; otherwise 404."""
    return get_object_or_404(Matter.objects.visible_to(request.user), number=number)


def _reader(request: SignedInRequest, found: Matter) -> Reader:
    return reader_of(found, request.user, today=day_of(found.case, timezone.now()))


def _row(found: Matter, action: str) -> Action:
    is_known = bool(MACHINES[found.kind].named(action))
    if not is_known or action in reading.HIDDEN or action in reading.OWN_PAGES:
        raise Http404
    return doing.row_of(found.item, action)


def _came_too_late(request: SignedInRequest, found: Matter, action: str) -> bool:
    return doing.came_too_late(request, found.case, request.user, (found.item.item_id, action))


def _require(request: SignedInRequest, found: Matter, action: str) -> None:
    reason = case_reading.why_not(_reader(request, found), found.item.item_id, action)
    if reason:
        raise NotAllowed(reason)
