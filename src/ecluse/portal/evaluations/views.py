"""Pages of evaluations that everybody reads, and the protocol while it is written."""

from collections.abc import Mapping
from typing import Any, Final, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations import checklists
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.accounts.models import User
from ecluse.portal.aisystems.models import SystemRecord
from ecluse.portal.applications import reading, step_views
from ecluse.portal.applications.actions import form_of
from ecluse.portal.applications.fields import posted
from ecluse.portal.applications.pinned import FormFile
from ecluse.portal.applications.step_views import Pages
from ecluse.portal.cases import doing
from ecluse.portal.cases import labels as case_labels
from ecluse.portal.cases import reading as case_reading
from ecluse.portal.cases.reading import Offer
from ecluse.portal.cases.standing import FILE
from ecluse.portal.catalogue.description import text_of
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.evaluations import actions, drafting, labels, reporting
from ecluse.portal.evaluations.forms import StartForm
from ecluse.portal.evaluations.models import EvaluationFile

UNPROCESSABLE: Final = 422
PAGE_SIZE: Final = 25
KIND: Final = "evaluation"
ACTED: Final = ("revise-protocol", "order-run", "record-run", "publish-report", "withdraw")
"""The actions that need a reason at most: one page serves them all."""
ORDERED_AWAY: Final = ("order-run", "record-run", "file-report")
"""What an order under way does by itself."""
PAGES: Final[Mapping[tuple[str, str], str]] = {
    (KIND, "save-draft"): "evaluations:edit",
    (KIND, "register-protocol"): "evaluations:summary",
    (KIND, "lock-protocol"): "evaluations:lock",
    (KIND, "deviate"): "evaluations:deviate",
    (KIND, "file-report"): "evaluations:file_report",
    **{(KIND, action): f"evaluations:{action}" for action in ACTED},
}
"""The page of each action."""


def _send(file: FormFile, _reply: str, user: User) -> FormFile:
    evaluation = cast(EvaluationFile, file)
    return actions.register(evaluation, by=user, now=timezone.now()).evaluation


WRITTEN: Final = Pages(
    writing=drafting.WRITING,
    namespace="evaluations",
    every=(gettext_lazy("Évaluations"), "evaluations:every"),
    home="evaluations:file",
    summary="evaluations:summary",
    file="evaluations:file",
    visible=EvaluationFile.objects.visible_to,
    attached=drafting.find_file,
    sending=lambda _file: actions.REGISTERING,
    send=_send,
)
"""The pages of a protocol while it is written."""


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """List the evaluations registered here, and one's own drafts."""
    user = reader(request)
    found = EvaluationFile.objects.visible_to(user).newest_first()
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "case_labels": case_labels,
        "labels": labels,
        "may_start": user is not None and user.may("application.start"),
    }
    return render(request, "evaluations/every.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def start(request: SignedInRequest) -> HttpResponse:
    """Choose a system and data, then open a draft."""
    request.user.require("application.start")
    systems = SystemRecord.objects.visible_to(request.user).exclude(number=None)
    choices = [(str(one), _name(one)) for one in systems.order_by("number")]
    datasets = [
        (one.slug, text_of(one).title)
        for one in Dataset.objects.described().order_by("slug")
        if one.latest_snapshot()
    ]
    asked = request.GET.get("system", "")
    form = StartForm(choices, datasets, posted(request), system=asked)
    if form.is_bound and form.is_valid():
        system = get_object_or_404(systems, number=form.cleaned_data["system"])
        dataset = get_object_or_404(Dataset, slug=form.cleaned_data["dataset"])
        made = actions.start(system, dataset, by=request.user, now=timezone.now())
        messages.success(request, _("Brouillon ouvert. Tout ce que vous enregistrez est gardé."))
        return redirect("evaluations:edit", made.number)
    return page(request, "evaluations/start.html", {"form": form, "has_systems": bool(choices)})


def _name(system: SystemRecord) -> str:
    return f"{system} – {system.latest.content['texts'].get('trade_name', '')}"


@require_safe
def file(request: HttpRequest, number: str) -> HttpResponse:
    """Show an evaluation: where it stands, its protocol, lock, deviations and report."""
    found, user = visible(request, number), reader(request)
    last, row = found.last_registration(), found.report()
    is_person = found.is_person(user)
    works = user is not None and (is_person or user.may("aisystem.read-any"))
    shows_report = row is not None and (works or found.state == "public")
    protocol = last.protocol() if last else None
    context = {
        "evaluation": found,
        "title": found.title or _("Évaluation sans titre"),
        "case_labels": case_labels,
        "labels": labels,
        "works": works,
        "offers": _offers(found, user) if user is not None else [],
        "registrations": found.registrations.order_by("pk"),
        "last": last,
        "protocol": protocol,
        "lock": found.lock(),
        "orders": found.orders.order_by("pk") if works else [],
        "deviations": [one.deviation() for one in found.deviations.order_by("pk")],
        "report": reporting.shown(row, protocol) if shows_report and row and protocol else None,
        "sections": reading.sections(form_of(found), found.answers) if works else [],
        "timeline": case_reading.timeline(found.case) if works else [],
    }
    return render(request, "evaluations/file.html", context)


def _offers(found: EvaluationFile, user: User) -> list[Offer]:
    offered = case_reading.offers(doing.reader_today(found.case, user), pages=PAGES)
    is_ordered = found.open_order() is not None
    return [
        one
        for one in offered
        if one.item_id == FILE and not (is_ordered and one.action in ORDERED_AWAY)
    ]


@require_safe
def checklist(request: HttpRequest, number: str) -> HttpResponse:
    """Print the checklists that a registered protocol fills, item by item."""
    found = visible(request, number)
    last = found.last_registration()
    if last is None:
        raise Http404
    lines = checklists.fill(last.protocol())
    guidelines = list(dict.fromkeys(one.guideline for one in lines))
    context = {
        "evaluation": found,
        "registration": last,
        "tables": [(one, [line for line in lines if line.guideline is one]) for one in guidelines],
        "labels": labels,
        "speak": reading.language(),
    }
    return render(request, "evaluations/checklist.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def summary(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Read the protocol again, with what contradicts itself, then register it."""
    found = visible(request, number)
    if request.method != "POST":
        _tell_contradiction(request, found)
        return step_views.summary(request, WRITTEN, number)
    try:
        return step_views.summary(request, WRITTEN, number)
    except InvalidInput as refused:
        messages.error(request, str(refused))
        return redirect("evaluations:summary", number)


def _tell_contradiction(request: SignedInRequest, found: EvaluationFile) -> None:
    try:
        actions.protocol_of(found)
    except InvalidInput as error:
        messages.warning(request, str(error))


def page(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """Return a page with a form: 422 where what was sent cannot be used."""
    status = UNPROCESSABLE if context["form"].is_bound else None
    return render(request, template, dict(context), status=status)


def reader(request: HttpRequest) -> User | None:
    """Return who reads, or None for anybody."""
    return request.user if isinstance(request.user, User) else None


def visible(request: HttpRequest, number: str) -> EvaluationFile:
    """Return the evaluation if this person may know of it; otherwise 404."""
    return get_object_or_404(EvaluationFile.objects.visible_to(reader(request)), number=number)
