"""Pages of applications: mine, one file, its summary, the officers' work."""

from collections.abc import Callable, Mapping
from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain.errors import NotAllowed
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import actions, labels, reading, scope
from ecluse.portal.applications.attachments import find_file
from ecluse.portal.applications.drafts import WRITING
from ecluse.portal.applications.fields import posted
from ecluse.portal.applications.forms import (
    InformationForm,
    RefusalForm,
)
from ecluse.portal.applications.models import Application
from ecluse.portal.applications.pinned import FormFile
from ecluse.portal.applications.step_views import Pages
from ecluse.portal.cases import doing
from ecluse.portal.cases import labels as case_labels
from ecluse.portal.cases import reading as case_reading
from ecluse.portal.cases.doing import Doing
from ecluse.portal.cases.standing import FILE
from ecluse.portal.catalogue.description import text_of
from ecluse.portal.catalogue.models import Dataset

PAGE_SIZE = 25
UNPROCESSABLE = 422

PAGES: Mapping[tuple[str, str], str] = {
    ("application", "save-draft"): "applications:edit",
    ("application", "submit"): "applications:summary",
    ("application", "supply-information"): "applications:summary",
    ("application", "supply-supplement"): "applications:summary",
    ("application", "delete"): "applications:withdraw",
    ("application", "withdraw"): "applications:withdraw",
    ("application", "ask-information"): "applications:information",
    ("application", "ask-supplement"): "applications:information",
    ("application", "declare-complete"): "applications:complete",
    ("decision-unit", "assess"): "assessments:overview",
    ("decision-unit", "grant"): "permits:decide",
    ("decision-unit", "grant-with-conditions"): "permits:decide",
    ("decision-unit", "accept-conditions"): "lives:offer",
    ("decision-unit", "decline-conditions"): "lives:offer",
    ("decision-unit", "refuse"): "applications:refusal",
    ("decision-unit", "send-estimate"): "fees:compose",
    ("decision-unit", "accept-estimate"): "fees:answer",
    ("decision-unit", "decline-estimate"): "fees:answer",
    ("permit", "ask-holders"): "holders:ask",
}
"""The actions of a file that have a page of their own, by kind of object."""


def _send(file: FormFile, reply: str, user: User) -> FormFile:
    return actions.submit(cast(Application, file), by=user, now=timezone.now(), reply=reply)


WRITTEN = Pages(
    writing=WRITING,
    namespace="drafts",
    every=(gettext_lazy("Demandes"), "applications:mine"),
    home="drafts:overview",
    summary="applications:summary",
    file="applications:file",
    visible=Application.objects.visible_to,
    attached=find_file,
    sending=lambda file: actions.SENDING.get(file.state, "submit"),
    send=_send,
    team="drafts:team",
    has_reply=True,
)
"""The pages of an application while it is written."""


@require_safe
@signed_in
def mine(request: SignedInRequest) -> HttpResponse:
    """List the files that name this person, the newest first; officers go to their own list."""
    if request.user.may("application.read-any"):
        return redirect("cases:desk")
    found = Application.objects.naming(request.user).order_by("-started_at")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "labels": case_labels,
        "may_start": request.user.may("application.start"),
    }
    return render(request, "applications/mine.html", context)


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
    """Show one file: whose turn it is, until when, its clocks, and what this person may do."""
    found = _visible(request, number)
    form = actions.form_of(found)
    is_open = actions.is_open(found)
    reader = doing.reader_today(found.case, request.user)
    is_person = reader.is_person
    context = {
        "application": found,
        "title": found.title_for(request.user) or _("Demande sans titre"),
        "text": text_of(found.dataset),
        "labels": labels,
        "case_labels": case_labels,
        "is_open": is_open,
        "case": case_reading.case_text(reader, pages=PAGES),
        "refusal": None if is_open else found.refusal(),
        "refused": found.refused_unit() if is_person else None,
        "letters": case_reading.letters(found.case),
        "sections": reading.sections(
            form, reading.answers_shown(found, request.user), file=("drafts", number)
        ),
        "changed": [] if is_person else reading.changed_questions(found, form),
        "thread": _thread(found),
        "outcomes": found.outcomes(),
        "may_see_assessment": not is_person or not is_open,
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


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def withdraw(request: SignedInRequest, number: str) -> HttpResponse:
    """Ask to confirm, then take the file back."""
    found = _visible(request, number)
    if request.method == "POST":
        return _perform(
            request,
            found,
            _taking_back(found),
            lambda: actions.withdraw(found, by=request.user, now=timezone.now()),
            _to_file(request, _("Demande retirée.")),
        )
    doing.require(found.case, request.user, _taking_back(found))
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
            _asking(found),
            lambda: actions.ask_information(found, asked, by=request.user, now=timezone.now()),
            _to_file(request, _("Complément demandé. Le dossier revient au demandeur.")),
        )
    doing.require(found.case, request.user, _asking(found))
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
            (FILE, "declare-complete"),
            lambda: actions.declare_complete(found, by=request.user, now=timezone.now()),
            _to_file(request, _("Dossier complet : le délai de décision court.")),
        )
    doing.require(found.case, request.user, (FILE, "declare-complete"))
    return render(request, "applications/complete.html", {"application": found})


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
            (found.unit().item_id, "refuse"),
            lambda: actions.refuse(found, reason, by=request.user, now=timezone.now()),
            _to_file(request, _("Demande refusée. Les motifs sont publiés au registre.")),
        )
    doing.require(found.case, request.user, (found.unit().item_id, "refuse"))
    return _page(request, "applications/refusal.html", found, form)


def _visible(request: SignedInRequest, number: str) -> Application:
    """Return the file if this person may know that it exists; otherwise 404."""
    return get_object_or_404(Application.objects.visible_to(request.user), number=number)


def _taking_back(application: Application) -> Doing:
    return FILE, "delete" if application.state == "draft" else "withdraw"


def _asking(application: Application) -> Doing:
    is_complete = application.state in ("processing", "awaiting-supplement")
    return FILE, "ask-supplement" if is_complete else "ask-information"


def _perform(
    request: SignedInRequest,
    application: Application,
    what: Doing,
    act: Callable[[], Application],
    go: Callable[[Application], HttpResponse],
) -> HttpResponse:
    """Act, then go on. A form sent twice, or too late, leads to the file as it now stands."""
    try:
        return go(act())
    except NotAllowed:
        if not doing.came_too_late(request, application.case, request.user, what):
            raise
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
    sections = reading.sections(
        actions.form_of(application), shown, file=("drafts", application.number)
    )
    context = {"application": application, "form": form, "sections": sections}
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, template, context, status=status)
