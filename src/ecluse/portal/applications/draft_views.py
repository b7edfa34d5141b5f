"""Pages of a file while it is written: its steps, which save themselves, its team, its version."""

from collections.abc import Mapping
from io import BytesIO

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.domain.forms import Section
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.applications import drafts, reading, teams, upgrades
from ecluse.portal.applications.attachments import find_file
from ecluse.portal.applications.drafts import Place, Right, Typed
from ecluse.portal.applications.forms import InvitationForm, StepForm
from ecluse.portal.applications.models import Application
from ecluse.portal.applications.wording import answer_text
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.drafts import actions as around
from ecluse.portal.drafts import scanning
from ecluse.portal.drafts.models import Invitation, Member
from ecluse.portal.mailbox import blobs

UNPROCESSABLE = 422
CONFLICT = 409
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
def basket(request: SignedInRequest, slug: str) -> HttpResponse:
    """Put a dataset of the catalogue in this person's basket, or take it out."""
    if not Dataset.objects.described().filter(slug=slug).exists():
        raise NotFound(_("Aucun jeu de données de ce nom au catalogue."))
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
        "progress": drafts.progress(place.form, application.answers),
        "titles": _titles(place),
        "sections": reading.sections(place.form, application.answers, number=number),
        "offer": upgrades.preview(application),
        "pending": upgrades.pending(number),
    }
    return render(request, "drafts/overview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def step(request: SignedInRequest, number: str, section_id: str) -> HttpResponse:
    """Show one step of the form, and keep what is typed, valid or not."""
    place = drafts.find(number, request.user)
    section = drafts.section_of(place.form, section_id)
    if request.method != "POST":
        drafts.require_writer(place)
        form = drafts.step_form(place, section)
        if "checked" in request.GET:
            form.show(drafts.step_problems(place, section))
        return _step_page(request, place, form)
    typed = Typed(request.POST, request.FILES)
    try:
        place, form = drafts.save_step(
            number, section_id, typed, by=request.user, now=timezone.now()
        )
    except InvalidInput as refused:
        form = drafts.step_form(place, section, request.POST, request.FILES)
        messages.error(request, str(refused))
        return _step_page(request, place, form, status=UNPROCESSABLE)
    if form.conflict:
        return _step_page(request, place, form, status=CONFLICT)
    return _after(request, place, section)


def _step_page(
    request: SignedInRequest, place: Place, form: StepForm, *, status: int = 200
) -> HttpResponse:
    sections = place.form.sections
    current = sections.index(form.section)
    speak = reading.language()
    context = {
        "application": place.application,
        "section": form.section,
        "help": form.section.help.in_language(speak) if form.section.help else None,
        "title": form.section.title.in_language(speak),
        "form": form,
        "steps": _titles(place),
        "current": current + 1,
        "previous": sections[current - 1].id if current else None,
        "progress": drafts.progress(place.form, place.application.answers),
        "scan_is_off": scanning.is_off(),
    }
    return render(request, "applications/step.html", context, status=status)


def _titles(place: Place) -> list[str]:
    titles = [each.title.in_language(reading.language()) for each in place.form.sections]
    return [*titles, _("Relecture et dépôt")]


def _after(request: SignedInRequest, place: Place, section: Section) -> HttpResponse:
    """Go on: to this step again, to the next one, or to the summary."""
    number, sections = place.application.number, place.form.sections
    if "stay" in request.POST:
        messages.success(request, _("Enregistré. Vous pouvez reprendre quand vous voulez."))
        return redirect(f"{reverse('drafts:step', args=[number, section.id])}?checked=1")
    following = sections.index(section) + 1
    if following < len(sections):
        return redirect("drafts:step", number, sections[following].id)
    if place.right is Right.APPLICANT:
        return redirect("applications:summary", number)
    return redirect("drafts:overview", number)


@require_POST
def autosave(request: HttpRequest, number: str, section_id: str) -> HttpResponse:
    """Keep what is being typed, files aside; answer the line that says so, and the new digest.

    What keeps it from being saved is said in that same line: a page of an error, or the sign-in
    page, would stand in the middle of the form.
    """
    if not request.user.is_authenticated:
        return _not_saved(
            request, _("Vous n’êtes plus connecté : connectez-vous dans un autre onglet.")
        )
    typed, now = Typed(request.POST, None), timezone.now()
    try:
        place, form = drafts.save_step(number, section_id, typed, by=request.user, now=now)
    except (InvalidInput, NotAllowed) as refused:
        return _not_saved(request, str(refused))
    if form.conflict:
        return render(request, "drafts/conflict.html", {"conflict": form.conflict})
    fresh = drafts.step_form(place, form.section)
    found = drafts.step_problems(place, form.section)
    context = {"at": timezone.localtime(now), "seen": fresh.seen, "wrong": len(found)}
    return render(request, "drafts/saved.html", context)


def _not_saved(request: HttpRequest, why: str) -> HttpResponse:
    return render(request, "drafts/not_saved.html", {"why": why})


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


@require_safe
@signed_in
def attachment(request: SignedInRequest, number: str, digits: str) -> FileResponse:
    """Give an attached file back, as a file to keep: a browser never opens it here."""
    found = find_file(number, f"sha256:{digits}", request.user)
    answer = FileResponse(
        BytesIO(blobs.find(found.digest).read_bytes()),
        as_attachment=True,
        filename=found.name,
        content_type="application/octet-stream",
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


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
