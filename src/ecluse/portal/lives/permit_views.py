"""Pages of the life of a permit: conditions, changes, end of use, deletion of its data."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain.actors import Actor
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines import Kind
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.applications.fields import posted
from ecluse.portal.cases import labels as case_labels
from ecluse.portal.cases import reading as case_reading
from ecluse.portal.cases.actions import day_of
from ecluse.portal.cases.parties import actors_of
from ecluse.portal.lives import actions, closing, following, labels, reading, versions
from ecluse.portal.lives.forms import DeletionForm, DueForm, EvidenceForm
from ecluse.portal.lives.models import CHANGES
from ecluse.portal.permits import labels as permit_labels
from ecluse.portal.permits.models import PermitRecord

UNPROCESSABLE = 422


@require_safe
@signed_in
def permit(request: SignedInRequest, number: str) -> HttpResponse:
    """Show the life of one version of a permit, and what this person may do about it."""
    found = _visible(request, number)
    today = day_of(found.item.case, timezone.now())
    actors = actors_of(request.user, found.item.case)
    state = found.state(today=today)
    statements = list(found.deletions.select_related("by").order_by("rank"))
    context = {
        "record": found,
        "title": found.terms().title,
        "state": state,
        "permit_labels": permit_labels,
        "labels": labels,
        "case_labels": case_labels,
        "conditions": reading.conditions(found, today=today),
        "unaccepted": following.unaccepted(found),
        "is_open": state in following.OPEN,
        "is_active": found.item.state == "active",
        "is_applicant": Actor.DATA_USER in actors,
        "is_officer": bool(actors & following.FOLLOWERS),
        "renewal_until": reading.renewal_until(found),
        "matters": found.matters.select_related("item").order_by("pk"),
        "versions": found.application.permits.select_related("item").order_by("pk"),
        "statements": statements,
        "may_state": not following.why_no_statement(found, found.item, statements, request.user),
        "certificate_digest": following.certificate_digest(found) if statements else "",
        "certificates": closing.certificates(found),
        "suspensions": found.suspensions()[-1:] if found.item.state == "suspended" else (),
        "clocks": case_reading.clock_lines(_reader(request, found), item_id=found.item.item_id),
        "offers": _offers(request, found),
    }
    return render(request, "lives/permit.html", context)


def _reader(request: SignedInRequest, found: PermitRecord) -> case_reading.Reader:
    today = day_of(found.item.case, timezone.now())
    return case_reading.reader_of(found.item.case, request.user, today=today)


def _offers(request: SignedInRequest, found: PermitRecord) -> list[case_reading.Offer]:
    pages = {
        ("permit", "finish"): "lives:finish",
        ("permit", "suspend"): "lives:suspend",
        ("permit", "lift-suspension"): "lives:lift",
        ("permit", "close-enclave"): "lives:close",
        ("permit", "publish-results"): "register:publish_result",
    }
    every = case_reading.offers(_reader(request, found), pages=pages)
    return [one for one in every if one.item_id == found.item.item_id]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def change(request: SignedInRequest, number: str, kind: str) -> HttpResponse:
    """Say what an amendment or an extension is, then open a draft of it."""
    found = _visible(request, number)
    chosen = next((one for one in CHANGES if one.value == kind), None)
    if chosen is None:
        raise Http404
    if Actor.DATA_USER not in actors_of(request.user, found.item.case):
        raise NotAllowed(_("Seul le demandeur de l’autorisation en demande le changement."))
    if request.method == "POST":
        made = actions.open_change(found, chosen, by=request.user, now=timezone.now())
        return redirect("lives:edit", made.number)
    context = {
        "kind": chosen,
        "labels": labels,
        "about": found.number,
        "renewal_until": reading.renewal_until(found) if chosen is Kind.RENEWAL else None,
    }
    return render(request, "lives/start.html", context)


@require_POST
@signed_in
def accept(request: SignedInRequest, number: str, rank: int) -> HttpResponse:
    """Accept one condition."""
    found = _visible(request, number)
    following.accept(found, rank, by=request.user, now=timezone.now())
    messages.success(request, _("Condition %(rank)d acceptée.") % {"rank": rank})
    return redirect("lives:permit", found.number)


@require_POST
@signed_in
def accept_all(request: SignedInRequest, number: str) -> HttpResponse:
    """Accept every condition at once."""
    found = _visible(request, number)
    following.require_user(found, request.user)
    following.accept_all(found, by=request.user, now=timezone.now())
    messages.success(request, _("Toutes les conditions sont acceptées."))
    return redirect("lives:permit", found.number)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def evidence(request: SignedInRequest, number: str, rank: int) -> HttpResponse:
    """Say how one condition was met."""
    found = _visible(request, number)
    following.require_user(found, request.user)
    form = EvidenceForm(posted(request))
    return _asked(
        request,
        found,
        form,
        title=_("Déclarer la condition %(rank)d remplie") % {"rank": rank},
        text=_condition_text(found, rank),
        do=lambda: following.meet(
            found, rank, form.cleaned_data["evidence"], by=request.user, now=timezone.now()
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def due(request: SignedInRequest, number: str, rank: int) -> HttpResponse:
    """Say until when one condition is to be met."""
    found = _visible(request, number)
    following.require_follower(found, request.user)
    form = DueForm(posted(request))
    return _asked(
        request,
        found,
        form,
        title=_("Dater la condition %(rank)d") % {"rank": rank},
        text=_condition_text(found, rank),
        do=lambda: following.set_due(
            found, rank, form.cleaned_data["due_on"], by=request.user, now=timezone.now()
        ),
    )


def _condition_text(found: PermitRecord, rank: int) -> str:
    """The words of a condition: an act of a French authority is in French on every page."""
    texts = found.terms().conditions
    if not 1 <= rank <= len(texts):
        raise Http404
    return format_html('<span lang="fr">{}</span>', texts[rank - 1])


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def deletion(request: SignedInRequest, number: str) -> HttpResponse:
    """State that the data of a permit are deleted; the second person's statement certifies it."""
    found = _visible(request, number)
    statements = list(found.deletions.select_related("by").order_by("rank"))
    if following.why_no_statement(found, found.item, statements, request.user):
        raise NotAllowed(
            _("L’effacement est attesté par deux personnes, une fois l’espace de travail fermé.")
        )
    form = DeletionForm(posted(request))
    return _asked(
        request,
        found,
        form,
        title=_("Attester l’effacement"),
        text=_("Deux personnes l’attestent ; la seconde déclaration vaut certificat."),
        do=lambda: following.state_deletion(
            found, form.cleaned_data["text"], by=request.user, now=timezone.now()
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def finish(request: SignedInRequest, number: str) -> HttpResponse:
    """Say what the end of use brings, then end it. `number` is that of the file."""
    visible = PermitRecord.objects.visible_to(request.user).filter(item__state="active")
    found = get_object_or_404(visible.select_related("item__case"), item__case__number=number)
    reason = case_reading.why_not(_reader(request, found), found.item.item_id, "finish")
    if reason:
        raise NotAllowed(reason)
    if request.method == "POST":
        versions.finish(found, by=request.user, now=timezone.now())
        messages.success(request, _("Fin d’usage déclarée. La zone sécurisée en est avertie."))
        return redirect("lives:permit", found.number)
    return render(request, "lives/finish.html", {"record": found, "title": found.terms().title})


def _asked(
    request: SignedInRequest,
    found: PermitRecord,
    form: EvidenceForm | DueForm | DeletionForm,
    *,
    title: str,
    text: str,
    do: Callable[[], object],
) -> HttpResponse:
    """Ask a form about a permit, do what it is for, come back; what is refused is said there."""
    if form.is_bound and form.is_valid():
        try:
            do()
        except InvalidInput:
            form.add_error(None, _("Ces mots ou ce jour ne conviennent pas : corrigez-les."))
        else:
            messages.success(request, _("C’est fait : %(what)s.") % {"what": title})
            return redirect("lives:permit", found.number)
    context = {"record": found, "form": form, "title": title, "text": text}
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "lives/asked.html", context, status=status)


def _visible(request: SignedInRequest, number: str) -> PermitRecord:
    """Return the permit if this person may know its file; otherwise 404."""
    visible = PermitRecord.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("item__case", "application"), number=number)
