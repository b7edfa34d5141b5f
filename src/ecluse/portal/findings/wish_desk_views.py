"""The desk records a wish not to be told, with the proof that it saw. No page lists persons."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain.errors import NotFound
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.citizens import labels
from ecluse.portal.citizens.actions import proofs_of
from ecluse.portal.citizens.desk_views import MOST
from ecluse.portal.citizens.views import UNPROCESSABLE
from ecluse.portal.findings import wishes
from ecluse.portal.findings.wish_forms import WishDeskForm
from ecluse.portal.findings.wish_views import as_paper

RECORDED = "desk_wishes"
"""The receipts that this session recorded: it may show them again."""


@sensitive_post_parameters("number", "reference")
@sensitive_variables("form")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def record(request: SignedInRequest) -> HttpResponse:
    """Record a wish, or that it is taken back, with its proof."""
    request.user.require("right.record-for-others")
    form = WishDeskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = wishes.choose_at_desk(
                form.whom(), form.chosen(), seen=form.seen(), by=request.user, now=timezone.now()
            )
        except NotFound as error:
            form.add_error("number", str(error))
        else:
            known = [*request.session.get(RECORDED, []), found.receipt_number]
            request.session[RECORDED] = known[-MOST:]
            return redirect("findings:wish_desk_receipt", receipt_number=found.receipt_number)
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "findings/wish_desk.html", {"form": form}, status=status)


@require_safe
@signed_in
def receipt(request: SignedInRequest, receipt_number: str) -> HttpResponse:
    """Show a receipt recorded in this session, to copy to its person, and the proofs seen."""
    proofs = proofs_of(receipt_number, by=request.user)
    found = _recorded_here(request, receipt_number)
    context = {"receipt": found, "proofs": proofs, "labels": labels}
    return render(request, "findings/wish_desk_receipt.html", context)


@require_safe
@signed_in
def paper(request: SignedInRequest, receipt_number: str) -> HttpResponse:
    """Give the same on paper, to hand over."""
    request.user.require("right.record-for-others")
    return as_paper(_recorded_here(request, receipt_number))


def _recorded_here(request: SignedInRequest, receipt_number: str) -> wishes.WishReceipt:
    if receipt_number not in request.session.get(RECORDED, []):
        raise NotFound("This session recorded no such receipt.")
    return wishes.find_receipt(receipt_number)
