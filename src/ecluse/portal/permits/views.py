"""Pages of permits: the decision, one permit, its signed file, its revocation."""

import re
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain.errors import NotAllowed
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.applications import actions as application_actions
from ecluse.portal.applications import labels as application_labels
from ecluse.portal.applications import precisions, reading, scope
from ecluse.portal.applications.fields import posted
from ecluse.portal.applications.models import Application
from ecluse.portal.cases import reading as case_reading
from ecluse.portal.cases.actions import day_of
from ecluse.portal.cases.models import Item
from ecluse.portal.cases.reading import Reader
from ecluse.portal.catalogue.description import text_of
from ecluse.portal.mailbox.models import IncomingDocument, OutgoingDocument
from ecluse.portal.permits import actions, labels, linkages
from ecluse.portal.permits.forms import RevocationForm, TermsForm, persons_of
from ecluse.portal.permits.models import PermitRecord, State

PAGE_SIZE = 25
UNPROCESSABLE = 422
PAGES = {
    ("permit", "ask-holders"): "holders:ask",
    ("permit", "publish-results"): "register:publish_result",
    ("permit", "finish"): "lives:finish",
    ("permit", "suspend"): "lives:suspend",
    ("permit", "lift-suspension"): "lives:lift",
    ("permit", "close-enclave"): "lives:close",
}
"""The actions of a permit that have a page of their own."""


@require_safe
@signed_in
def permits(request: SignedInRequest) -> HttpResponse:
    """List the permits that this person may read."""
    found = PermitRecord.objects.visible_to(request.user).newest_first()
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    rows = [(record, record.terms(), record.state(today=today)) for record in page.object_list]
    context = {"page": page, "rows": rows, "labels": labels}
    return render(request, "permits/permits.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def decide(request: SignedInRequest, number: str) -> HttpResponse:
    """Show the terms prefilled with what was asked, then grant the permit."""
    visible = Application.objects.visible_to(request.user)
    application = get_object_or_404(visible, number=number)
    if application.state == "decided-positive" and request.user.may("permit.read-any"):
        return _already_granted(request, application)
    _require_decision(application, request)
    today = timezone.localdate()
    notice = scope.latest_notice(application.dataset)
    form = TermsForm(application, notice, posted(request), today=today)
    if form.is_bound and "offer" in request.POST and form.is_valid():
        return _offer(request, application, form)
    if form.is_bound and form.is_valid():
        granted = actions.decide(application, form.terms(), by=request.user, now=timezone.now())
        messages.success(
            request, _("Autorisation %(number)s signée et envoyée.") % {"number": granted.number}
        )
        return redirect("permits:permit", granted.number)
    outcomes = application.outcomes()
    sections = reading.sections(application_actions.form_of(application), application.answers)
    context = {
        "application": application,
        "form": form,
        "text": text_of(application.dataset),
        "persons": persons_of(application),
        "outcomes": outcomes,
        "failed": [outcome.criterion.value for outcome in outcomes if not outcome.is_met],
        "sections": sections,
        "labels": application_labels,
    }
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "permits/decide.html", context, status=status)


def _offer(request: SignedInRequest, application: Application, form: TermsForm) -> HttpResponse:
    """Send the conditions to the applicant, who accepts them before the permit is signed."""
    actions.offer(application, form.terms(), by=request.user, now=timezone.now())
    messages.success(request, _("Conditions envoyées : l’autorisation est signée à leur accord."))
    return redirect("applications:file", application.number)


def _already_granted(request: SignedInRequest, application: Application) -> HttpResponse:
    """Lead a form sent twice, or a bookmark, to the permit."""
    messages.info(request, _("Cette demande est déjà accordée : voici l’autorisation."))
    return redirect("permits:of_application", application.number)


def _require_decision(application: Application, request: SignedInRequest) -> None:
    _require(application.unit(), "grant", request)


def _reader(item: Item, request: SignedInRequest) -> Reader:
    today = day_of(item.case, timezone.now())
    return case_reading.reader_of(item.case, request.user, today=today)


def _why_not(item: Item, action: str, request: SignedInRequest) -> str | None:
    return case_reading.why_not(_reader(item, request), item.item_id, action)


def _require(item: Item, action: str, request: SignedInRequest) -> None:
    reason = _why_not(item, action, request)
    if reason:
        raise NotAllowed(reason)


@require_safe
@signed_in
def of_application(request: SignedInRequest, number: str) -> HttpResponse:
    """Go to the permit that an application became: its last version."""
    visible = PermitRecord.objects.visible_to(request.user)
    versions = visible.filter(application__number=number).order_by("pk")
    last = versions.last()
    if last is None:
        raise Http404
    return redirect("permits:permit", last.number)


@require_safe
@signed_in
def permit(request: SignedInRequest, number: str) -> HttpResponse:
    """Show one permit: its terms in words, its signed file, the documents that followed."""
    record = _visible(request, number)
    reader = _reader(record.item, request)
    offers = case_reading.offers(reader, pages=PAGES)
    state = record.state(today=timezone.localdate())
    context = {
        "record": record,
        "terms": record.terms(),
        "state": state,
        "labels": labels,
        "purposes": application_labels.PURPOSES,
        "precisions": precisions,
        "linkages": [linkages.words(one) for one in record.terms().linkages],
        "is_active": state is State.ACTIVE,
        "may_order": record.names(request.user)
        and request.user.may("extraction.order", state=state),
        "may_revoke": _why_not(record.item, "revoke", request) is None,
        "why_no_order": _why_no_order(request, record, state),
        "documents": _documents(record),
        "clocks": case_reading.clock_lines(reader, item_id=record.item.item_id),
        "offers": [one for one in offers if one.item_id == record.item.item_id],
    }
    return render(request, "permits/permit.html", context)


def _why_no_order(request: SignedInRequest, record: PermitRecord, state: State) -> str | None:
    if not record.names(request.user):
        return _("Seules les personnes nommées dans l’autorisation commandent des extractions.")
    if state is not State.ACTIVE:
        return _("L’autorisation n’est plus en vigueur : plus aucune extraction n’est possible.")
    return None


def _documents(record: PermitRecord) -> list[tuple[str, datetime, str, str]]:
    """Return the signed documents of the permit, both ways, oldest first."""
    followed = Q(number=record.number) | Q(number__regex=rf"^{re.escape(record.number)}-[A-Z]\d+$")
    found = [*OutgoingDocument.objects.filter(followed), *IncomingDocument.objects.filter(followed)]
    return [
        (f"{labels.document_label(row.kind)} {row.number}", row.issued_at, row.digest, "done")
        for row in sorted(found, key=lambda row: row.issued_at)
    ]


@require_safe
@signed_in
def permit_json(request: SignedInRequest, number: str) -> HttpResponse:
    """Give the signed permit, byte for byte: anybody can verify it offline."""
    record = _visible(request, number)
    response = HttpResponse(bytes(record.data), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{record.number}.permit.json"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def revoke(request: SignedInRequest, number: str) -> HttpResponse:
    """Ask the reasons, then take the permit back for ever."""
    record = _visible(request, number)
    _require(record.item, "revoke", request)
    form = RevocationForm(posted(request))
    if form.is_bound and form.is_valid():
        reason = form.cleaned_data["reason"]
        actions.revoke(record, reason, by=request.user, now=timezone.now())
        messages.success(request, _("Autorisation révoquée. La zone sécurisée en est avertie."))
        return redirect("permits:permit", record.number)
    context = {"record": record, "terms": record.terms(), "form": form}
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "permits/revoke.html", context, status=status)


def _visible(request: SignedInRequest, number: str) -> PermitRecord:
    """Return the permit if this person may know its file; otherwise 404."""
    return get_object_or_404(PermitRecord.objects.visible_to(request.user), number=number)
