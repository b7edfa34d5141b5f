"""The page where a person says that they do not wish to be told of a finding about them."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ecluse.portal.accounts.access import SignedInRequest
from ecluse.portal.findings import wishes
from ecluse.portal.identities.access import with_number
from ecluse.portal.identities.sessions import citizen_of

CHOICES = {"make": wishes.make, "back": wishes.take_back}


@require_safe
@with_number
def wish(request: SignedInRequest) -> HttpResponse:
    """Explain the wish, say whether one is in force, list those made."""
    number, now = citizen_of(request).number, timezone.now()
    history = wishes.wishes_of(number, by=request.user, now=now)
    context = {
        "current": next((one for one in history if one.until is None), None),
        "history": history,
    }
    return render(request, "findings/wish.html", context)


@require_POST
@with_number
def choose(request: SignedInRequest, choice: str) -> HttpResponse:
    """Do what a button says, at once: it can be undone as easily."""
    if choice not in CHOICES:
        raise Http404
    number = citizen_of(request).number
    receipt = CHOICES[choice](number, by=request.user, now=timezone.now())
    return redirect("findings:wish_receipt", receipt_number=receipt.receipt_number)


@require_safe
@with_number
def receipt(request: SignedInRequest, receipt_number: str) -> HttpResponse:
    """Show one of one's receipts."""
    number, now = citizen_of(request).number, timezone.now()
    found = wishes.receipt_for(receipt_number, number, by=request.user, now=now)
    return render(request, "findings/wish_receipt.html", {"receipt": found})
