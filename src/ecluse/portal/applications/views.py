"""Pages of applications: mine, one file, its steps, the officers' work."""

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain.applications import Turn
from ecluse.domain.errors import NotAllowed
from ecluse.domain.forms import Section
from ecluse.domain.roles import RIGHTS, Role
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import actions, labels, reading, scope
from ecluse.portal.applications.fields import posted
from ecluse.portal.applications.forms import (
    AssessmentForm,
    InformationForm,
    RefusalForm,
    ReplyForm,
    StepForm,
)
from ecluse.portal.applications.models import Application
from ecluse.portal.catalogue.description import text_of
from ecluse.portal.catalogue.models import Dataset

PAGE_SIZE = 25
UNPROCESSABLE = 422


@require_safe
@signed_in
def mine(request: SignedInRequest) -> HttpResponse:
    """List the files that name this person, the newest first; officers go to their own list."""
    if request.user.may("application.read-any"):
        return redirect("applications:work")
    found = Application.objects.naming(request.user).order_by("-started_at")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "labels": labels, "may_start": request.user.may("application.start")}
    return render(request, "applications/mine.html", context)


@require_safe
@signed_in
def work(request: SignedInRequest) -> HttpResponse:
    """List the files that wait for this officer's role, by due day; the auditor sees all open."""
    request.user.require("application.read-any")
    turns = _turns_of(request.user)
    found = Application.objects.visible_to(request.user).waiting_for(*turns).by_due_day()
    page = Paginator(found.select_related("dataset"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "files": [(each, each.title_for(request.user)) for each in page.object_list],
        "labels": labels,
        "due_on": reading.due_on,
        "today": _today(),
    }
    return render(request, "applications/work.html", context)


def _turns_of(user: User) -> list[Turn]:
    own = {Role.ASSESSOR: Turn.ASSESSOR, Role.DECIDER: Turn.DECIDER}
    turns = [turn for role, turn in own.items() if role in user.roles()]
    return turns or [Turn.APPLICANT, Turn.ASSESSOR, Turn.DECIDER]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def start(request: SignedInRequest, slug: str) -> HttpResponse:
    """Say what to have at hand before a demand, then open a draft."""
    dataset = get_object_or_404(Dataset.objects.described(), slug=slug)
    request.user.require("application.start")
    if request.method == "POST":
        application = actions.start(dataset, by=request.user, now=timezone.now())
        messages.success(request, _("Brouillon ouvert. Tout ce que vous enregistrez est gardé."))
        return redirect("applications:edit", application.number)
    notice = scope.latest_notice(dataset)
    context = {"dataset": dataset, "text": text_of(dataset), "notice": notice}
    return render(request, "applications/start.html", context)


@require_safe
@signed_in
def file(request: SignedInRequest, number: str) -> HttpResponse:
    """Show one file: whose turn it is, since when, until when, and what this person may do."""
    found = _visible(request, number)
    form = actions.form_of(found)
    is_person = request.user.subject in found.subjects()
    context = {
        "application": found,
        "title": found.title_for(request.user) or _("Demande sans titre"),
        "text": text_of(found.dataset),
        "labels": labels,
        "turn": labels.TURNS[found.turn()],
        "is_open": actions.is_open(found),
        "due_on": reading.due_on(found),
        "today": _today(),
        "timeline": reading.timeline(found),
        "steps": reading.steps(found, request.user),
        "sections": reading.sections(form, reading.answers_shown(found, request.user)),
        "changed": [] if is_person else reading.changed_questions(found, form),
        "thread": _thread(found),
        "outcomes": found.outcomes(),
        "may_see_assessment": not is_person or not actions.is_open(found),
    }
    return render(request, "applications/file.html", context)


def _thread(application: Application) -> list[tuple[str, object, str, str]]:
    form = actions.form_of(application)
    known = {field.id: field.label.in_language(reading.language()) for field in form.fields()}
    return [
        (
            known.get(message.field, "") or _("Le dossier entier"),
            message.at,
            f"{message.author.full_name} : {message.text}",
            "done",
        )
        for message in application.messages.select_related("author").order_by("at", "pk")
    ]


@require_safe
@signed_in
def edit(request: SignedInRequest, number: str) -> HttpResponse:
    """Go to the first step of the form."""
    found = _visible(request, number)
    first = actions.form_of(found).sections[0]
    return redirect("applications:step", found.number, first.id)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def step(request: SignedInRequest, number: str, section_id: str) -> HttpResponse:
    """Show one step of the form, and keep what is typed, valid or not."""
    found = _visible(request, number)
    if request.method != "POST":
        _require("application.edit", found, request.user)
    version = actions.form_of(found)
    section = _section(version.sections, section_id)
    notice = scope.latest_notice(found.dataset)
    form = StepForm(version, section, notice, found.answers, posted(request))
    if form.is_bound and form.is_valid():
        answers = form.answers()
        return _perform(
            request,
            found,
            "application.edit",
            lambda: actions.save(found, answers, by=request.user),
            _after_step(request, version.sections, section),
        )
    if "checked" in request.GET:
        form.show(reading.step_problems(version, section, found.answers))
    titles = [s.title.in_language(reading.language()) for s in version.sections]
    context = {
        "application": found,
        "section": section,
        "help": section.help.in_language(reading.language()) if section.help else None,
        "title": section.title.in_language(reading.language()),
        "form": form,
        "steps": [*titles, _("Relecture et dépôt")],
        "current": version.sections.index(section) + 1,
        "previous": _neighbour(version.sections, section, -1),
    }
    return render(request, "applications/step.html", context)


def _section(sections: tuple[Section, ...], section_id: str) -> Section:
    for section in sections:
        if section.id == section_id:
            return section
    raise Http404


def _neighbour(sections: tuple[Section, ...], section: Section, distance: int) -> str | None:
    index = sections.index(section) + distance
    return sections[index].id if 0 <= index < len(sections) else None


def _after_step(
    request: SignedInRequest, sections: tuple[Section, ...], section: Section
) -> Callable[[Application], HttpResponse]:
    def go(application: Application) -> HttpResponse:
        following = _neighbour(sections, section, 1)
        if "stay" in request.POST:
            messages.success(request, _("Enregistré. Vous pouvez reprendre quand vous voulez."))
            address = redirect("applications:step", application.number, section.id).url
            return redirect(f"{address}?checked=1")
        if following is None:
            return redirect("applications:summary", application.number)
        return redirect("applications:step", application.number, following)

    return go


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def summary(request: SignedInRequest, number: str) -> HttpResponse:
    """Show all answers and what is wrong with them, then submit the file."""
    found = _visible(request, number)
    if request.method != "POST":
        _require("application.edit", found, request.user)
    version = actions.form_of(found)
    form = ReplyForm(posted(request))
    if form.is_bound and form.is_valid():
        reply = form.cleaned_data["reply"]
        return _perform(
            request,
            found,
            "application.submit",
            lambda: actions.submit(found, by=request.user, now=timezone.now(), reply=reply),
            _to_file(request, _("Demande déposée. Voici son numéro, et la suite.")),
        )
    sections = reading.sections(version, found.answers)
    titles = [section.title for section in sections]
    context = {
        "application": found,
        "sections": sections,
        "problem_count": sum(len(section.problems) for section in sections),
        "form": form,
        "asks_reply": found.submitted_at is not None,
        "steps": [*titles, _("Relecture et dépôt")],
    }
    return render(request, "applications/summary.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def withdraw(request: SignedInRequest, number: str) -> HttpResponse:
    """Ask to confirm, then take the file back."""
    found = _visible(request, number)
    if request.method == "POST":
        return _perform(
            request,
            found,
            "application.withdraw",
            lambda: actions.withdraw(found, by=request.user, now=timezone.now()),
            _to_file(request, _("Demande retirée.")),
        )
    _require("application.withdraw", found, request.user)
    return render(request, "applications/withdraw.html", {"application": found})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def information(request: SignedInRequest, number: str) -> HttpResponse:
    """Ask the applicant to complete the file."""
    found = _visible(request, number)
    form = InformationForm(actions.form_of(found), posted(request))
    if form.is_bound and form.is_valid():
        asked = form.requests()
        return _perform(
            request,
            found,
            "application.ask-information",
            lambda: actions.ask_information(found, asked, by=request.user, now=timezone.now()),
            _to_file(request, _("Complément demandé. Le demandeur a quatre semaines.")),
        )
    _require("application.ask-information", found, request.user)
    return _page(request, "applications/information.html", found, form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def complete(request: SignedInRequest, number: str) -> HttpResponse:
    """Ask to confirm, then start the three months of the decision."""
    found = _visible(request, number)
    if request.method == "POST":
        return _perform(
            request,
            found,
            "application.declare-complete",
            lambda: actions.declare_complete(found, by=request.user, now=timezone.now()),
            _to_file(request, _("Dossier complet : le délai de décision court.")),
        )
    _require("application.declare-complete", found, request.user)
    return render(request, "applications/complete.html", {"application": found})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def assessment(request: SignedInRequest, number: str) -> HttpResponse:
    """Assess the file, criterion by criterion, with reasons."""
    found = _visible(request, number)
    form = AssessmentForm(posted(request))
    if form.is_bound and form.is_valid():
        outcomes = form.outcomes()
        return _perform(
            request,
            found,
            "application.assess",
            lambda: actions.assess(found, outcomes, by=request.user, now=timezone.now()),
            _to_file(request, _("Évaluation enregistrée. À la décision d’agir.")),
        )
    _require("application.assess", found, request.user)
    return _page(request, "applications/assessment.html", found, form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def refusal(request: SignedInRequest, number: str) -> HttpResponse:
    """Refuse the file, with reasons."""
    found = _visible(request, number)
    form = RefusalForm(posted(request))
    if form.is_bound and form.is_valid():
        reason = form.cleaned_data["reason"]
        return _perform(
            request,
            found,
            "application.decide",
            lambda: actions.refuse(found, reason, by=request.user, now=timezone.now()),
            _to_file(request, _("Demande refusée. Les motifs sont publiés au registre.")),
        )
    _require("application.decide", found, request.user)
    return _page(request, "applications/refusal.html", found, form)


def _visible(request: SignedInRequest, number: str) -> Application:
    """Return the file if this person may know that it exists; otherwise 404."""
    return get_object_or_404(Application.objects.visible_to(request.user), number=number)


def _require(action: str, application: Application, user: User) -> None:
    """Pass if this person may do this now; say in their language why not. Raises NotAllowed."""
    user.require(action, state=application.state)
    reason = reading.why_not(action, application, user)
    if reason:
        raise NotAllowed(reason)


def _perform(
    request: SignedInRequest,
    application: Application,
    action: str,
    act: Callable[[], Application],
    go: Callable[[Application], HttpResponse],
) -> HttpResponse:
    """Act, then go on. A form sent twice, or too late, leads to the file as it now stands."""
    try:
        return go(act())
    except NotAllowed:
        application.refresh_from_db()
        is_for_them = any(right.role in request.user.roles() for right in RIGHTS[action])
        if not is_for_them or request.user.may(action, state=application.state):
            raise
        messages.warning(request, _("Le dossier avait déjà avancé : voici où il en est."))
        return redirect("applications:file", application.number)


def _to_file(request: SignedInRequest, message: str) -> Callable[[Application], HttpResponse]:
    def go(application: Application) -> HttpResponse:
        messages.success(request, message)
        return redirect("applications:file", application.number)

    return go


def _page(
    request: SignedInRequest, template: str, application: Application, form: Form
) -> HttpResponse:
    shown = reading.answers_shown(application, request.user)
    sections = reading.sections(actions.form_of(application), shown)
    context = {"application": application, "form": form, "sections": sections}
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, template, context, status=status)


def _today() -> date:
    return timezone.localdate()
