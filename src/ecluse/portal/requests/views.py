"""Pages of data requests: the list, one file, its steps, what officers do to it."""

from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.forms import Section
from ecluse.domain.machines import MACHINES, Kind
from ecluse.domain.machines.machine import Action
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.applications import reading, scope
from ecluse.portal.applications.fields import posted
from ecluse.portal.applications.forms import StepForm
from ecluse.portal.cases import labels as case_labels
from ecluse.portal.cases import reading as case_reading
from ecluse.portal.cases.actions import day_of
from ecluse.portal.cases.forms import ActForm
from ecluse.portal.cases.reading import Offer, Reader
from ecluse.portal.cases.reasons import reasons_for
from ecluse.portal.cases.standing import FILE
from ecluse.portal.catalogue.description import text_of
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.drafts import scanning
from ecluse.portal.drafts.models import Attachment
from ecluse.portal.mailbox import blobs
from ecluse.portal.requests import actions, drafting, labels
from ecluse.portal.requests.forms import ApprovalForm
from ecluse.portal.requests.models import DataRequest

PAGE_SIZE = 25
UNPROCESSABLE = 422
CONFLICT = 409
ACTS = (
    *("start-assessment", "ask-information", "go-on-without", "assess"),
    *("no-estimate", "refuse", "withdraw", "delete"),
)
"""The actions that need a reason at most: one page serves them all."""
PAGES: Mapping[tuple[str, str], str] = {
    ("data-request", "save-draft"): "requests:edit",
    ("data-request", "submit"): "requests:summary",
    ("data-request", "supply-information"): "requests:summary",
    ("data-request", "send-estimate"): "fees:compose",
    ("data-request", "accept-estimate"): "fees:answer",
    ("data-request", "approve"): "requests:approval",
    ("data-request", "prepare-answer"): "requests:order",
    ("data-request", "publish-results"): "register:publish_result",
    **{("data-request", action): f"requests:{action}" for action in ACTS},
}
"""The page of each action of a request."""


@require_safe
@signed_in
def every(request: SignedInRequest) -> HttpResponse:
    """List the requests that this person may read, the newest first."""
    found = DataRequest.objects.visible_to(request.user).newest_first()
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "case_labels": case_labels,
        "datasets": _open_datasets() if request.user.may("application.start") else [],
    }
    return render(request, "requests/every.html", context)


def _open_datasets() -> list[tuple[str, str]]:
    """Return the datasets that have something to count: slug and title."""
    described = Dataset.objects.described().order_by("slug")
    return [(one.slug, text_of(one).title) for one in described if one.latest_snapshot()]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def start(request: SignedInRequest, slug: str) -> HttpResponse:
    """Say what an answer is and what it never is, then open a draft."""
    dataset = get_object_or_404(Dataset.objects.described(), slug=slug)
    request.user.require("application.start")
    if request.method == "POST":
        made = actions.start(dataset, by=request.user, now=timezone.now())
        messages.success(request, _("Brouillon ouvert. Tout ce que vous enregistrez est gardé."))
        return redirect("requests:edit", made.number)
    context = {"dataset": dataset, "text": text_of(dataset), "notice": scope.latest_notice(dataset)}
    return render(request, "requests/start.html", context)


@require_safe
@signed_in
def file(request: SignedInRequest, number: str) -> HttpResponse:
    """Show one file: whose turn it is, its clocks, what this person may do, its answer."""
    found = visible(request, number)
    reader = reader_of(request, found)
    version = actions.form_of(found)
    is_person = reader.is_person
    submission = found.last_submission()
    answers = found.answers if is_person or submission is None else submission.answers
    context = {
        "request_": found,
        "title": found.title or _("Demande sans titre"),
        "text": text_of(found.dataset),
        "case_labels": case_labels,
        "case": case_reading.case_text(reader, pages={}),
        "offers": _offers(reader),
        "clocks": case_reading.clock_lines(reader, item_id=FILE),
        "sections": reading.sections(version, answers),
        "attachments": Attachment.objects.of_file(found.number).order_by("name"),
        "tabulations": [] if is_person else found.tabulations.order_by("pk"),
        "released": found.tabulations.filter(state="released").first(),
        "labels": labels,
    }
    return render(request, "requests/file.html", context)


def _offers(reader: Reader) -> list[Offer]:
    found = case_reading.offers(reader, pages=PAGES)
    return [
        replace(one, label=str(labels.ACTIONS.get(one.action, one.label)))
        for one in found
        if one.item_id == FILE
    ]


@require_safe
@signed_in
def edit(request: SignedInRequest, number: str) -> HttpResponse:
    """Go to the first step of the form."""
    found = visible(request, number)
    return redirect("requests:step", found.number, actions.form_of(found).sections[0].id)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def step(request: SignedInRequest, number: str, section_id: str) -> HttpResponse:
    """Show one step of the form, and keep what is typed, valid or not."""
    found = visible(request, number)
    section = drafting.section_of(found, section_id)
    require(request, found, "save-draft")
    if request.method != "POST":
        form = drafting.step_form(found, section)
        if "checked" in request.GET:
            form.show(drafting.step_problems(found, section))
        return _step_page(request, found, form)
    form = drafting.step_form(found, section, request.POST, request.FILES)
    if not form.is_valid():
        return _step_page(request, found, form, status=CONFLICT)
    try:
        drafting.save_step(found, form, by=request.user, now=timezone.now())
    except InvalidInput as refused:
        messages.error(request, str(refused))
        return _step_page(request, found, form, status=UNPROCESSABLE)
    return _after(request, found, section)


def _step_page(
    request: SignedInRequest, found: DataRequest, form: StepForm, *, status: int = 200
) -> HttpResponse:
    sections = actions.form_of(found).sections
    current, speak = sections.index(form.section), reading.language()
    context = {
        "request_": found,
        "section": form.section,
        "help": form.section.help.in_language(speak) if form.section.help else None,
        "title": form.section.title.in_language(speak),
        "form": form,
        "steps": _titles(found),
        "current": current + 1,
        "previous": sections[current - 1].id if current else None,
        "scan_is_off": scanning.is_off(),
    }
    return render(request, "requests/step.html", context, status=status)


def _titles(found: DataRequest) -> list[str]:
    speak = reading.language()
    titles = [each.title.in_language(speak) for each in actions.form_of(found).sections]
    return [*titles, _("Relecture et dépôt")]


def _after(request: SignedInRequest, found: DataRequest, section: Section) -> HttpResponse:
    """Go on: to this step again, to the next one, or to the summary."""
    number, sections = found.number, actions.form_of(found).sections
    if "stay" in request.POST:
        messages.success(request, _("Enregistré. Vous pouvez reprendre quand vous voulez."))
        return redirect(f"{reverse('requests:step', args=[number, section.id])}?checked=1")
    following = sections.index(section) + 1
    if following < len(sections):
        return redirect("requests:step", number, sections[following].id)
    return redirect("requests:summary", number)


@require_safe
@signed_in
def attachment(request: SignedInRequest, number: str, digits: str) -> FileResponse:
    """Give an attached file back, as a file to keep: a browser never opens it here."""
    found = drafting.find_file(visible(request, number), f"sha256:{digits}", request.user)
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
def summary(request: SignedInRequest, number: str) -> HttpResponse:
    """Show all answers and what is wrong with them, then submit the file."""
    found = visible(request, number)
    if came_too_late(request, found, "submit"):
        return redirect("requests:file", found.number)
    require(request, found, "save-draft")
    if request.method == "POST":
        actions.submit(found, by=request.user, now=timezone.now())
        messages.success(request, _("Demande déposée. Voici son numéro, et la suite."))
        return redirect("requests:file", found.number)
    sections = reading.sections(actions.form_of(found), found.answers)
    context = {
        "request_": found,
        "sections": sections,
        "problem_count": sum(len(section.problems) for section in sections),
        "steps": _titles(found),
    }
    return render(request, "requests/summary.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def act(request: SignedInRequest, number: str, action: str) -> HttpResponse:
    """Say what an action does, ask its reason if one is due, then do it."""
    found = visible(request, number)
    if came_too_late(request, found, action):
        return redirect("requests:file", found.number)
    require(request, found, action)
    row = _row(found, action)
    form = ActForm(
        row, reasons_for("data-request", action), posted(request), language=reading.language()
    )
    if form.is_bound and form.is_valid():
        actions.act(found, action, reason=form.reason(), by=request.user, now=timezone.now())
        messages.success(request, _("C’est fait : %(what)s.") % {"what": _title(action)})
        return redirect("requests:file", found.number)
    context = {"request_": found, "action": action, "title": _title(action), "form": form}
    context["source"] = row.source
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "requests/act.html", context, status=status)


def _row(found: DataRequest, action: str) -> Action:
    rows = MACHINES[Kind.DATA_REQUEST].named(action)
    return next((row for row in rows if found.state in row.sources), rows[0])


def _title(action: str) -> str:
    return str(labels.ACTIONS.get(action) or case_labels.action_label(action))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def approval(request: SignedInRequest, number: str) -> HttpResponse:
    """Grant an answer: the list of opt-outs of this instant is signed at once."""
    found = visible(request, number)
    if came_too_late(request, found, "approve"):
        return redirect("requests:file", found.number)
    require(request, found, "approve")
    form = ApprovalForm(posted(request))
    if form.is_bound and form.is_valid():
        minimum = form.cleaned_data["minimum_count"]
        actions.approve(found, minimum, by=request.user, now=timezone.now())
        messages.success(request, _("Réponse accordée. La préparation des données en est avertie."))
        return redirect("requests:file", found.number)
    context = {
        "request_": found,
        "form": form,
        "asks_exception": found.answers.get("opt_out_exception") is True,
        "sections": reading.sections(actions.form_of(found), found.answers),
    }
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "requests/approval.html", context, status=status)


def visible(request: SignedInRequest, number: str) -> DataRequest:
    """Return the request if this person may know that it exists; otherwise 404."""
    return get_object_or_404(DataRequest.objects.visible_to(request.user), number=number)


def reader_of(request: SignedInRequest, found: DataRequest) -> Reader:
    """Return who reads the file today, as what they are on it."""
    today = day_of(found.case, timezone.now())
    return case_reading.reader_of(found.case, request.user, today=today)


def came_too_late(request: SignedInRequest, found: DataRequest, action: str) -> bool:
    """Whether a form was sent twice, or after the file moved on: its sender is told so."""
    is_late = request.method == "POST" and case_reading.came_too_late(
        found.case, request.user, FILE, action
    )
    if is_late:
        messages.warning(request, _("Le dossier avait déjà avancé : voici où il en est."))
    return is_late


def require(request: SignedInRequest, found: DataRequest, action: str) -> None:
    """Pass if this person may do this now; say in their language why not. Raises NotAllowed."""
    reason = case_reading.why_not(reader_of(request, found), FILE, action)
    if reason:
        raise NotAllowed(reason)
