"""Pages of the holders' desk: the list, one description, its review, its versions, its acts."""

from datetime import date
from typing import Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.applications.fields import posted
from ecluse.portal.cases.actions import day_of
from ecluse.portal.catalogue import findings
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.descriptions import actions, judging, labels, reading, writing
from ecluse.portal.descriptions.forms import NoteForm, PlainForm, ReasonForm, StartForm
from ecluse.portal.descriptions.models import DescriptionFile
from ecluse.portal.holders.models import Holder

UNPROCESSABLE: Final = 422
QUEUE: Final = ("submitted", "validated")
FORMS: Final[dict[str, type[forms.Form]]] = {
    "submit": NoteForm,
    "ask-changes": ReasonForm,
    "validate": PlainForm,
    "publish": PlainForm,
    "revise": PlainForm,
    "drop-changes": PlainForm,
    "confirm-unchanged": PlainForm,
    "withdraw": PlainForm,
}
"""The form of each act; what is not here is not done from a page."""


@require_safe
@signed_in
def every(request: SignedInRequest) -> HttpResponse:
    """List what this person's holders describe, what to do next; for the hub, what waits."""
    user, today = request.user, timezone.localdate()
    mine = DescriptionFile.objects.of_holders_of(user).select_related("item__case", "holder")
    judges = user.may("description.judge")
    reads = user.may("description.read-any")
    others = DescriptionFile.objects.visible_to(user).exclude(pk__in=mine.values("pk"))
    context = {
        "mine": [reading.brief(one, today=today) for one in mine.order_by("item__since")],
        "queue": _briefs(others.in_state(*QUEUE), today) if reads else [],
        "others": _briefs(others.exclude(item__state__in=QUEUE).order_by("slug"), today)
        if reads
        else [],
        "speaks": Holder.objects.speaking(user).exists(),
        "judges": judges,
        "reads": reads,
    }
    return render(request, "descriptions/every.html", context)


def _briefs(found: object, today: date) -> list[reading.Brief]:
    return [reading.brief(one, today=today) for one in found]  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def start(request: SignedInRequest) -> HttpResponse:
    """Begin a description: of a dataset that is new here, or of one of the catalogue."""
    holders = list(Holder.objects.speaking(request.user).order_by("name"))
    if not holders:
        raise NotAllowed(_("Votre compte n’agit au nom d’aucun détenteur : demandez-le au hub."))
    if "dataset" in request.POST:
        return _take_up(request, holders)
    form = StartForm([(one.slug, one.name) for one in holders], posted(request))
    if form.is_bound and form.is_valid():
        holder = next(one for one in holders if one.slug == form.cleaned_data["holder"])
        made = writing.start(
            holder, form.cleaned_data["title"], by=request.user, now=timezone.now()
        )
        return redirect("descriptions:page", made.number, "what")
    context = {
        "form": form,
        "offers": [(one, held) for one in holders for held in writing.may_take_up(one)],
    }
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "descriptions/start.html", context, status=status)


def _take_up(request: SignedInRequest, holders: list[Holder]) -> HttpResponse:
    dataset = get_object_or_404(Dataset, slug=request.POST["dataset"])
    holder = next((one for one in holders if one.datasets.filter(pk=dataset.pk).exists()), None)
    if holder is None:
        raise NotAllowed(_("Ce jeu de données n’est pas de vos détenteurs."))
    made = writing.take_up(holder, dataset, by=request.user, now=timezone.now())
    return redirect("descriptions:file", made.number)


@require_safe
@signed_in
def file(request: SignedInRequest, number: str) -> HttpResponse:
    """Show one description: where it stands, what to do, what it says, its versions."""
    found = visible(request, number)
    today = day_of(found.case, timezone.now())
    speaks = found.holder.has(request.user)
    said = found.said()
    context = {
        "file": found,
        "brief": reading.brief(found, today=today),
        "acts": reading.acts(found, request.user),
        "writes": speaks and found.state in ("draft", "returned"),
        "speaks": speaks,
        "pages": reading.wrong_by_page(found),
        "meter": reading.meter(found),
        "sections": reading.sections(said),
        "tables": reading.tables(said),
        "changes": _changes(found),
        "versions": list(found.versions.order_by("-rank")),
        "returned_for": _returned_for(found),
        "clocks": reading.clocks(found, request.user, today=today),
        "timeline": reading.timeline(found),
        "dataset": found.dataset(),
    }
    return render(request, "descriptions/file.html", context)


def _changes(found: DescriptionFile) -> dict[str, object] | None:
    """What is written now changes to what the catalogue shows."""
    differing = reading.changes(found.shown, found.said())
    if differing is None or differing.is_empty:
        return None
    return {
        "answers": reading.answer_lines(differing),
        "tables": reading.table_lines(differing),
        "others": differing.others,
    }


def _returned_for(found: DescriptionFile) -> str:
    """What the hub asked to correct, while it is to be."""
    if found.state != "returned":
        return ""
    last = found.item.acts.filter(action="ask-changes").order_by("-pk").first()
    return last.reason if last else ""


@require_safe
@signed_in
def review(request: SignedInRequest, number: str) -> HttpResponse:
    """Show all that is said and all that is wrong, before it is submitted."""
    found = visible(request, number)
    every_problem = reading.told(reading.every_problem(found))
    context = {
        "file": found,
        "title": reading.title_of(found.said()),
        "errors": [one for one in every_problem if one.is_error],
        "advice": [one for one in every_problem if not one.is_error],
        "meter": reading.meter(found),
        "sections": reading.sections(found.said()),
        "tables": reading.tables(found.said()),
        "changes": _changes(found),
        "form": NoteForm(),
        "may_submit": any(one.name == "submit" for one in reading.acts(found, request.user)),
        "steps": [*(str(title) for title in labels.PAGES.values()), _("Relecture")],
    }
    return render(request, "descriptions/review.html", context)


@require_safe
@signed_in
def judgement(request: SignedInRequest, number: str) -> HttpResponse:
    """Give what the standard and the act say of what is written now: a part of other pages."""
    found = visible(request, number)
    verdict = judging.judge(found)
    context = {
        "file": found,
        "verdict": verdict,
        "lines": reading.findings_told(verdict) if verdict else [],
        "elements": [
            (findings.ELEMENTS[name], findings.PRESENCES[presence])
            for name, presence in judging.elements(found)
        ],
        "writes": found.holder.has(request.user) and found.state in ("draft", "returned"),
    }
    return render(request, "descriptions/judgement.html", context)


@require_safe
@signed_in
def version(request: SignedInRequest, number: str, rank: int) -> HttpResponse:
    """Show one version, and what it changed to the one before."""
    found = visible(request, number)
    shown = get_object_or_404(found.versions, rank=rank)
    before = found.versions.filter(rank__lt=rank).order_by("-rank").first()
    differing = reading.changes(before, shown.said())
    context = {
        "file": found,
        "version": shown,
        "before": before,
        "title": reading.title_of(shown.said()),
        "is_first": differing is None,
        "answers": reading.answer_lines(differing) if differing else [],
        "table_changes": reading.table_lines(differing) if differing else [],
        "others": differing.others if differing else (),
        "sections": reading.sections(shown.said()),
        "tables": reading.tables(shown.said()),
    }
    return render(request, "descriptions/version.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def act(request: SignedInRequest, number: str, action: str) -> HttpResponse:
    """Say what an act does and ask its words, then do it."""
    found = visible(request, number)
    if action not in FORMS:
        raise Http404
    if not any(one.name == action for one in reading.acts(found, request.user)):
        return _too_late(request, found, action)
    form = FORMS[action](posted(request))
    if form.is_bound and form.is_valid():
        try:
            _do(request, found, action, form.cleaned_data.get("reason", ""))
        except InvalidInput as error:
            messages.error(request, str(error))
        else:
            messages.success(request, str(labels.DONE[action]))
        return redirect("descriptions:file", number)
    context = {
        "file": found,
        "action": action,
        "title": labels.ACTS[action],
        "form": form,
        "brief": reading.brief(found, today=day_of(found.case, timezone.now())),
    }
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "descriptions/act.html", context, status=status)


def _do(request: SignedInRequest, found: DescriptionFile, action: str, reason: str) -> None:
    now = timezone.now()
    if action == "submit":
        actions.submit(found, reason, by=request.user, now=now)
    else:
        actions.act(found, action, by=request.user, now=now, reason=reason)


def _too_late(request: SignedInRequest, found: DescriptionFile, action: str) -> HttpResponse:
    """Lead a form sent twice to the description as it stands. Raises NotAllowed."""
    actions.check_speaks(found, action, request.user)
    if request.method != "POST":
        raise NotAllowed(_("Ce n’est pas possible dans l’état de cette description."))
    messages.warning(request, _("La description avait déjà avancé : voici où elle en est."))
    return redirect("descriptions:file", found.number)


def visible(request: SignedInRequest, number: str) -> DescriptionFile:
    """Return a description that this person may read; a page that does not exist otherwise."""
    found = DescriptionFile.objects.visible_to(request.user).filter(number=number).first()
    if found is None:
        raise Http404
    return found
