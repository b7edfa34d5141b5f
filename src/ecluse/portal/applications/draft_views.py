"""Pages of an application while it is written: its list, how far it is, its team, its version."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.applications import drafts, reading, steps, teams, upgrades
from ecluse.portal.applications.drafts import Place
from ecluse.portal.applications.forms import InvitationForm
from ecluse.portal.applications.models import Application
from ecluse.portal.applications.step_views import titles
from ecluse.portal.applications.wording import answer_text
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.drafts import actions as around
from ecluse.portal.drafts.models import Invitation, Member

ROLES: Mapping[str, Promise] = {
    "editor": gettext_lazy("écrit le dossier"),
    "reader": gettext_lazy("lit le dossier"),
    "applicant": gettext_lazy("devient la personne qui porte la demande"),
}
"""What each role of an invitation does."""


@require_safe
@signed_in
def mine(request: SignedInRequest) -> HttpResponse:
    """List the files of whose team this person is, and what lies in their basket."""
    numbers = Member.objects.filter(user=request.user).values("file")
    context = {
        "files": Application.objects.filter(number__in=numbers).order_by("-started_at"),
        "basket": Dataset.objects.filter(slug__in=around.basket_of(request.user)).order_by("slug"),
    }
    return render(request, "drafts/mine.html", context)


@require_POST
@signed_in
def basket(request: SignedInRequest) -> HttpResponse:
    """Put datasets of the catalogue in this person's basket, or take them out."""
    slugs = list(dict.fromkeys(request.POST.getlist("dataset")))
    known = Dataset.objects.described().filter(slug__in=slugs)
    if not slugs or known.count() < len(slugs):
        raise NotFound(_("Aucun jeu de données de ce nom au catalogue."))
    for slug in slugs:
        around.put_in_basket(request.user, slug, is_wanted="out" not in request.POST)
    return redirect("drafts:mine")


@require_safe
@signed_in
def overview(request: SignedInRequest, number: str) -> HttpResponse:
    """Show how far each step is; a reader reads the answers there."""
    place = drafts.find(number, request.user)
    application = place.application
    context = {
        "application": application,
        "place": place,
        "progress": steps.progress(place.form, application.answers),
        "titles": titles(application),
        "sections": reading.sections(place.form, application.answers, file=("drafts", number)),
        "offer": upgrades.preview(application),
        "pending": upgrades.pending(number),
    }
    return render(request, "drafts/overview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def upgrade(request: SignedInRequest, number: str) -> HttpResponse:
    """Show what the newest version of the form changes to the file; apply, undo or confirm it."""
    place = drafts.find(number, request.user)
    drafts.require_writer(place)
    if request.method == "POST":
        acts = {"apply": upgrades.upgrade, "undo": upgrades.undo, "confirm": upgrades.confirm}
        act = acts.get(request.POST.get("do", ""))
        if act is None:
            raise InvalidInput(_("Choisissez d’appliquer, d’annuler ou de confirmer."))
        act(number, by=request.user, now=timezone.now())
        return redirect("drafts:upgrade", number)
    seen = upgrades.preview(place.application)
    context = {
        "application": place.application,
        "preview": seen,
        "pending": upgrades.pending(number),
        "speak": reading.language(),
        "lost": _lost(seen, place.application) if seen else [],
    }
    return render(request, "drafts/upgrade.html", context)


def _lost(seen: upgrades.Preview, application: Application) -> list[tuple[str, str]]:
    """Return the answers that the new version has no place for."""
    speak = reading.language()
    return [
        (f.label.in_language(speak), answer_text(f, application.answers.get(f.id), speak))
        for f in seen.carried.lost
    ]


@require_POST
@signed_in
def copy(request: SignedInRequest, number: str) -> HttpResponse:
    """Open a draft from an earlier file of this person's."""
    made, left = upgrades.copy(number, by=request.user, now=timezone.now())
    names = ", ".join(field.label.in_language(reading.language()) for field in left[:8])
    messages.success(request, _("Brouillon ouvert à partir de %(number)s.") % {"number": number})
    if names:
        messages.info(request, _("À remplir de nouveau : %(names)s…") % {"names": names})
    return redirect("drafts:overview", made.number)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def team(request: SignedInRequest, number: str) -> HttpResponse:
    """Show who writes and reads the file; the applicant invites, removes and hands over."""
    place, now, link = drafts.find(number, request.user), timezone.now(), None
    if request.method == "POST":
        link = _change_team(request, place)
    context = {
        "application": place.application,
        "place": place,
        "members": Member.objects.filter(file=number).select_related("user").order_by("joined_at"),
        "invitations": Invitation.objects.open(number, now=now).order_by("invited_at"),
        "form": InvitationForm(ROLES),
        "link": request.build_absolute_uri(link) if link else None,
        "days": around.INVITATION_DAYS,
    }
    return render(request, "drafts/team.html", context)


def _change_team(request: SignedInRequest, place: Place) -> str | None:
    """Do what the page asked; return the address of a new invitation, if it made one."""
    sent, now = request.POST, timezone.now()
    if sent.get("do") == "invite":
        email, role = sent.get("email", ""), sent.get("role", "")
        token = teams.invite(place, email, role=role, by=request.user, now=now)
        return reverse("drafts:join", args=[token])
    row = sent.get("row", "")
    pk = int(row) if row.isascii() and row.isdigit() and len(row) < 10 else 0  # noqa: PLR2004
    if sent.get("do") == "withdraw":
        teams.withdraw(place, pk, now=now)
    elif sent.get("do") == "remove":
        teams.remove(place, pk, by=request.user, now=now)
    return None


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def join(request: SignedInRequest, token: str) -> HttpResponse:
    """Show an invitation, then accept it: opening a link joins nothing by itself."""
    now = timezone.now()
    invitation = around.find_invitation(token, user=request.user, now=now)
    if request.method == "POST":
        application = teams.accept(token, by=request.user, now=now)
        messages.success(request, _("Vous êtes de l’équipe de ce dossier."))
        return redirect("drafts:overview", application.number)
    context = {"invitation": invitation, "role": ROLES[invitation.role]}
    return render(request, "drafts/join.html", context)
