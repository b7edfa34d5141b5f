"""Opt out, take it back, and the receipt to keep. No page lists persons."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain.errors import NotFound
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.optouts import actions
from ecluse.portal.optouts.forms import NationalNumberForm
from ecluse.portal.optouts.models import OptOut

RECEIPTS = "optout_receipts"
"""The receipts that this session may show, by number."""


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Say what an opt-out changes, what it does not, and how to do it."""
    return render(request, "optouts/about.html")


@sensitive_post_parameters("number")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def declare(request: SignedInRequest) -> HttpResponse:
    """Put a person out of secondary use: one number, no reason."""
    request.user.require("optout.record")
    return _answer(request, actions.opt_out, "optouts/declare.html")


@sensitive_post_parameters("number")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def reverse(request: SignedInRequest) -> HttpResponse:
    """Take an opt-out back."""
    request.user.require("optout.reverse")
    return _answer(request, actions.opt_back_in, "optouts/reverse.html")


@require_safe
@signed_in
def receipt(request: SignedInRequest, receipt_number: str) -> HttpResponse:
    """Show the receipt to who made it, in the session in which it was made."""
    if receipt_number not in request.session.get(RECEIPTS, []):
        raise NotFound("Ce récépissé n’est visible que dans la session où il a été établi.")
    opt_out = OptOut.objects.get(receipt_number=receipt_number)
    return render(request, "optouts/receipt.html", {"opt_out": opt_out})


@sensitive_variables("form")
def _answer(request: SignedInRequest, act: Callable[..., OptOut], template: str) -> HttpResponse:
    form = NationalNumberForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, template, {"form": form}, status=422 if form.errors else 200)
    try:
        opt_out = act(form.cleaned_data["number"], by=request.user, now=timezone.now())
    except NotFound as error:
        form.add_error("number", str(error))
        return render(request, template, {"form": form}, status=422)
    receipts = [*request.session.get(RECEIPTS, []), opt_out.receipt_number]
    request.session[RECEIPTS] = receipts[-50:]
    return redirect("optouts:receipt", receipt_number=opt_out.receipt_number)
