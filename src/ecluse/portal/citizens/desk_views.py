"""The desk: choices that came by post, by telephone or at the counter. No page lists persons."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain.errors import NotFound
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.citizens import actions, labels, papers
from ecluse.portal.citizens.forms import DeskForm
from ecluse.portal.citizens.views import UNPROCESSABLE, as_file
from ecluse.portal.optouts.actions import Concerned, find_receipt
from ecluse.portal.optouts.receipts import Receipt

RECORDED = "desk_receipts"
"""The receipts that this session recorded: it may print them again."""
MOST = 50


@sensitive_post_parameters("number", "reference")
@sensitive_variables("form")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def record(request: SignedInRequest) -> HttpResponse:
    """Record a choice with its proof."""
    request.user.require("right.record-for-others")
    form = DeskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            receipt = _record(request, form)
        except NotFound as error:
            form.add_error("number", str(error))
        else:
            return redirect("citizens:desk_receipt", receipt_number=receipt.receipt_number)
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "citizens/desk.html", {"form": form}, status=status)


def _record(request: SignedInRequest, form: DeskForm) -> Receipt:
    capacity, basis, choice = form.chosen()
    whom = Concerned(form.cleaned_data["number"], capacity)
    receipt = actions.choose_at_desk(
        whom, basis, choice, seen=form.seen(), by=request.user, now=timezone.now()
    )
    recorded = [*request.session.get(RECORDED, []), receipt.receipt_number]
    request.session[RECORDED] = recorded[-MOST:]
    return receipt


@require_safe
@signed_in
def receipt(request: SignedInRequest, receipt_number: str) -> HttpResponse:
    """Show a receipt recorded in this session, and the proofs that were seen."""
    context = {
        "receipt": _found(request, receipt_number),
        "proofs": actions.proofs_of(receipt_number, by=request.user),
        "labels": labels,
    }
    return render(request, "citizens/desk_receipt.html", context)


@require_safe
@signed_in
def receipt_pdf(request: SignedInRequest, receipt_number: str) -> HttpResponse:
    """Give a receipt to post to its person."""
    found = _found(request, receipt_number)
    return as_file(papers.pdf_of(found, now=timezone.now()), found.receipt_number)


@require_safe
@signed_in
def requester(request: SignedInRequest, number: str) -> HttpResponse:
    """Show by which pseudonym the person of a request is found; the look is journalled."""
    pseudonym = actions.requester_of(number, by=request.user, now=timezone.now())
    context = {"number": number, "pseudonym": pseudonym}
    return render(request, "citizens/requester.html", context)


def _found(request: SignedInRequest, receipt_number: str) -> Receipt:
    request.user.require("right.record-for-others")
    if receipt_number not in request.session.get(RECORDED, []):
        raise NotFound("This session recorded no such receipt.")
    return find_receipt(receipt_number)
