"""Pages of data requests: the list, one file, its steps, what officers do to it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import reading, scope
from ecluse.portal.applications.actions import form_of
from ecluse.portal.applications.fields import posted
from ecluse.portal.applications.pinned import FormFile
from ecluse.portal.applications.step_views import Pages
from ecluse.portal.cases import doing
from ecluse.portal.cases import labels as case_labels
from ecluse.portal.cases import reading as case_reading
from ecluse.portal.cases.forms import ActForm
from ecluse.portal.cases.reading import Offer, Reader
from ecluse.portal.cases.reasons import reasons_for
from ecluse.portal.cases.standing import FILE
from ecluse.portal.catalogue.description import text_of
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.drafts.models import Attachment
from ecluse.portal.requests import actions, drafting, labels
from ecluse.portal.requests.forms import ApprovalForm
from ecluse.portal.requests.models import DataRequest

PAGE_SIZE = 25
UNPROCESSABLE = 422
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


def _send(file: FormFile, _reply: str, user: User) -> FormFile:
    return actions.submit(cast(DataRequest, file), by=user, now=timezone.now())


WRITTEN = Pages(
    writing=drafting.WRITING,
    namespace="requests",
    every=(gettext_lazy("Demandes de tableaux"), "requests:every"),
    home="requests:file",
    summary="requests:summary",
    file="requests:file",
    visible=DataRequest.objects.visible_to,
    attached=drafting.find_file,
    sending=lambda file: actions.SENDING.get(file.state, "submit"),
    send=_send,
)
"""The pages of a request while it is written."""


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
    reader = doing.reader_today(found.case, request.user)
    version = form_of(found)
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
        "sections": reading.sections(version, answers, file=("requests", number)),
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


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def act(request: SignedInRequest, number: str, action: str) -> HttpResponse:
    """Say what an action does, ask its reason if one is due, then do it."""
    found = visible(request, number)
    if doing.came_too_late(request, found.case, request.user, (FILE, action)):
        return redirect("requests:file", found.number)
    doing.require(found.case, request.user, (FILE, action))
    row = doing.row_of(found.item, action)
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


def _title(action: str) -> str:
    return str(labels.ACTIONS.get(action) or case_labels.action_label(action))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def approval(request: SignedInRequest, number: str) -> HttpResponse:
    """Grant an answer: the list of opt-outs of this instant is signed at once."""
    found = visible(request, number)
    if doing.came_too_late(request, found.case, request.user, (FILE, "approve")):
        return redirect("requests:file", found.number)
    doing.require(found.case, request.user, (FILE, "approve"))
    asks_exception = found.answers.get("opt_out_exception") is True
    form = ApprovalForm(posted(request), asks_exception=asks_exception)
    if form.is_bound and form.is_valid():
        minimum = form.cleaned_data["minimum_count"]
        actions.approve(
            found,
            minimum,
            exception_reason=form.exception_reason(),
            by=request.user,
            now=timezone.now(),
        )
        messages.success(request, _("Réponse accordée. La préparation des données en est avertie."))
        return redirect("requests:file", found.number)
    context = {
        "request_": found,
        "form": form,
        "asks_exception": asks_exception,
        "sections": reading.sections(form_of(found), found.answers),
    }
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "requests/approval.html", context, status=status)


def visible(request: SignedInRequest, number: str) -> DataRequest:
    """Return the request if this person may know that it exists; otherwise 404."""
    return get_object_or_404(DataRequest.objects.visible_to(request.user), number=number)
