"""Pages of any file while it is written: its steps, which save themselves, then its summary."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.forms import Section
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import reading, steps
from ecluse.portal.applications.actions import form_of
from ecluse.portal.applications.fields import posted
from ecluse.portal.applications.forms import ReplyForm, StepForm
from ecluse.portal.applications.pinned import FormFile
from ecluse.portal.applications.steps import Typed, Writing
from ecluse.portal.cases import doing
from ecluse.portal.cases.standing import FILE
from ecluse.portal.drafts import scanning
from ecluse.portal.drafts.models import Attachment
from ecluse.portal.mailbox import blobs
from ecluse.portal.mailbox.downloads import kept_file

UNPROCESSABLE = 422
CONFLICT = 409


@dataclass(frozen=True, slots=True)
class Pages:
    """The words and addresses of one kind of file while it is written.

    `namespace` is that of its steps and attached files; `home`, `summary` and `file` name the pages
    of the file as it is written, as it is sent, and once it is.
    """

    writing: Writing
    namespace: str
    every: tuple[str | Promise, str]
    home: str
    summary: str
    file: str
    visible: Callable[[User], QuerySet[Any]]
    attached: Callable[[str, str, User], Attachment]
    sending: Callable[[FormFile], str]
    send: Callable[[FormFile, str, User], FormFile]
    team: str = ""
    has_reply: bool = False

    def step(self, file: FormFile, section: Section) -> str:
        """Return the address of one step."""
        return reverse(f"{self.namespace}:step", args=[file.number, section.id])

    def trail(self, file: FormFile, page: str, title: str) -> list[tuple[object, str | None]]:
        """Return the way from the list of these files to this page."""
        text, every = self.every
        here = (file.number, reverse(page, args=[file.number]))
        return [(text, reverse(every)), here, (title, None)]


def addresses(pages: Pages) -> list[URLPattern]:
    """Return the addresses of the steps of one kind of file, and of what is attached to it."""
    given = {"pages": pages}
    return [
        path("<str:number>/files/<str:digits>/", attachment, given, name="attachment"),
        path("<str:number>/step/<slug:section_id>/", step, given, name="step"),
        path("<str:number>/step/<slug:section_id>/save/", autosave, given, name="autosave"),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def step(request: SignedInRequest, pages: Pages, number: str, section_id: str) -> HttpResponse:
    """Show one step of the form, and keep what is typed, valid or not."""
    file = pages.writing.open(number, request.user)
    section = steps.section_of(form_of(file), section_id)
    if request.method != "POST":
        form = steps.step_form(file, section)
        if "checked" in request.GET:
            form.show(steps.step_problems(file, section))
        return _step_page(request, pages, file, form)
    typed, now = Typed(request.POST, request.FILES), timezone.now()
    try:
        file, form = steps.save_step(
            pages.writing, (number, section_id), typed, by=request.user, now=now
        )
    except InvalidInput as refused:
        messages.error(request, str(refused))
        form = steps.step_form(file, section, typed)
        return _step_page(request, pages, file, form, status=UNPROCESSABLE)
    if form.conflict:
        return _step_page(request, pages, file, form, status=CONFLICT)
    return _after(request, pages, file, section)


def _step_page(
    request: SignedInRequest, pages: Pages, file: FormFile, form: StepForm, *, status: int = 200
) -> HttpResponse:
    sections, speak = form_of(file).sections, reading.language()
    current = sections.index(form.section)
    title = form.section.title.in_language(speak)
    context = {
        "pages": pages,
        "file": file,
        "section": form.section,
        "help": form.section.help.in_language(speak) if form.section.help else None,
        "title": title,
        "breadcrumb": pages.trail(file, pages.home, title),
        "form": form,
        "steps": titles(file),
        "current": current + 1,
        "previous": sections[current - 1] if current else None,
        "progress": steps.progress(form_of(file), file.answers),
        "scan_is_off": scanning.is_off(),
    }
    return render(request, "drafts/step.html", context, status=status)


def titles(file: FormFile) -> list[str]:
    """Return the titles of the steps, the summary last."""
    speak = reading.language()
    return [*(s.title.in_language(speak) for s in form_of(file).sections), _("Relecture et dépôt")]


def _after(
    request: SignedInRequest, pages: Pages, file: FormFile, section: Section
) -> HttpResponse:
    """Go on: to this step again, to the next one, or to the summary."""
    sections = form_of(file).sections
    if "stay" in request.POST:
        messages.success(request, _("Enregistré. Vous pouvez reprendre quand vous voulez."))
        return redirect(f"{pages.step(file, section)}?checked=1")
    following = sections.index(section) + 1
    if following < len(sections):
        return redirect(pages.step(file, sections[following]))
    is_applicant = file.applicant_id == request.user.pk
    return redirect(pages.summary if is_applicant else pages.home, file.number)


@require_POST
def autosave(request: HttpRequest, pages: Pages, number: str, section_id: str) -> HttpResponse:
    """Keep what is being typed, files aside; answer the line that says so, and the new digest.

    What keeps it from being saved is said in that same line: a page of an error, or the sign-in
    page, would stand in the middle of the form.
    """
    if not request.user.is_authenticated:
        return _not_saved(
            request, _("Vous n’êtes plus connecté : connectez-vous dans un autre onglet.")
        )
    typed, now, here = Typed(request.POST, None), timezone.now(), (number, section_id)
    try:
        file, form = steps.save_step(pages.writing, here, typed, by=request.user, now=now)
    except (InvalidInput, NotAllowed) as refused:
        return _not_saved(request, str(refused))
    if form.conflict:
        return render(request, "drafts/conflict.html", {"conflict": form.conflict})
    fresh = steps.step_form(file, form.section)
    found = steps.step_problems(file, form.section)
    context = {"at": timezone.localtime(now), "seen": fresh.seen, "wrong": len(found)}
    return render(request, "drafts/saved.html", context)


def _not_saved(request: HttpRequest, why: str) -> HttpResponse:
    return render(request, "drafts/not_saved.html", {"why": why})


@require_safe
@signed_in
def attachment(request: SignedInRequest, pages: Pages, number: str, digits: str) -> FileResponse:
    """Give an attached file back."""
    found = pages.attached(number, f"sha256:{digits}", request.user)
    return kept_file(blobs.find(found.digest).read_bytes(), found.name)


@require_safe
@signed_in
def edit(request: SignedInRequest, pages: Pages, number: str) -> HttpResponse:
    """Go to the first step of the form."""
    file = get_object_or_404(pages.visible(request.user), number=number)
    return redirect(pages.step(file, form_of(file).sections[0]))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def summary(request: SignedInRequest, pages: Pages, number: str) -> HttpResponse:
    """Show all answers and what is wrong with them, then submit the file."""
    file = get_object_or_404(pages.visible(request.user), number=number)
    sending, user = (FILE, pages.sending(file)), request.user
    if doing.came_too_late(request, file.case, user, sending):
        return redirect(pages.file, number)
    doing.require(file.case, user, (FILE, "save-draft"))
    form = ReplyForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            pages.send(file, form.cleaned_data["reply"], user)
        except NotAllowed:
            if not doing.came_too_late(request, file.case, user, sending):
                raise
        else:
            messages.success(request, _("Demande déposée. Voici son numéro, et la suite."))
        return redirect(pages.file, number)
    return _summary_page(request, pages, file, form)


def _summary_page(
    request: SignedInRequest, pages: Pages, file: FormFile, form: ReplyForm
) -> HttpResponse:
    sections = reading.sections(form_of(file), file.answers, file=(pages.namespace, file.number))
    title = _("Relecture et dépôt")
    context = {
        "pages": pages,
        "file": file,
        "title": title,
        "breadcrumb": pages.trail(file, pages.file, title),
        "sections": sections,
        "problem_count": sum(len(section.problems) for section in sections),
        "form": form,
        "asks_reply": pages.has_reply and file.submitted_at is not None,
        "steps": titles(file),
    }
    return render(request, "drafts/summary.html", context)
