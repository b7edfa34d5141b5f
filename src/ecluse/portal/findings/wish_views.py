"""The page where a person says that they do not wish to be told of a finding about them."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain.errors import NotAllowed, NotFound
from ecluse.portal.accounts.access import SignedInRequest
from ecluse.portal.citizens import labels
from ecluse.portal.citizens.papers import print_receipt
from ecluse.portal.citizens.views import UNPROCESSABLE, as_file
from ecluse.portal.findings import wishes
from ecluse.portal.findings.wish_forms import WishForm
from ecluse.portal.identities.access import with_number
from ecluse.portal.identities.actions import represent
from ecluse.portal.identities.sessions import citizen_of
from ecluse.portal.optouts.actions import Concerned

CHOICES = {"make": wishes.make, "back": wishes.take_back}


@require_safe
@with_number
def wish(request: SignedInRequest) -> HttpResponse:
    """Explain the wish, say whether one is in force, list those made."""
    number, now = citizen_of(request).number, timezone.now()
    history = wishes.wishes_of(number, by=request.user, now=now)
    context = {
        "current": next((one for one in history if one.until is None), None),
        "history": [*history, *reversed(wishes.made_for_others(request.user))],
        "labels": labels,
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
    context = {"receipt": _receipt_here(request, receipt_number), "labels": labels}
    return render(request, "findings/wish_receipt.html", context)


@require_safe
@with_number
def paper(request: SignedInRequest, receipt_number: str) -> HttpResponse:
    """Give the same on paper."""
    return as_paper(_receipt_here(request, receipt_number))


def as_paper(found: wishes.WishReceipt) -> HttpResponse:
    """Return the receipt of a wish to keep, byte for byte."""
    right = (
        _("Ne pas être informé d’une découverte importante"),
        _(
            "Si une étude trouve quelque chose d’important pour votre santé, le détenteur de vos"
            " données ne vous en parlera pas. Vos données peuvent être utilisées comme avant."
        ),
    )
    check = reverse("findings:wish")
    return as_file(
        print_receipt(found, right, check=check, now=timezone.now()), found.receipt_number
    )


def _receipt_here(request: SignedInRequest, receipt_number: str) -> wishes.WishReceipt:
    number, now = citizen_of(request).number, timezone.now()
    return wishes.receipt_for(receipt_number, number, by=request.user, now=now)


@sensitive_post_parameters("number")
@sensitive_variables("form", "number")
@require_http_methods(["GET", "HEAD", "POST"])
@with_number
def others(request: SignedInRequest) -> HttpResponse:
    """Wish it for a child, or for an adult whom one represents."""
    form = WishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = _for_another(request, form)
        except (NotAllowed, NotFound) as error:
            form.add_error("number", str(error))
        else:
            return redirect("findings:wish_receipt", receipt_number=found.receipt_number)
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "findings/wish_others.html", {"form": form}, status=status)


@sensitive_variables("form", "number")
def _for_another(request: SignedInRequest, form: WishForm) -> wishes.WishReceipt:
    now, capacity = timezone.now(), form.spoken_for()
    number = form.cleaned_data["number"]
    number = represent(citizen_of(request), number, capacity, by=request.user, now=now)
    whom = Concerned(number, capacity)
    return wishes.choose_for_another(whom, form.chosen(), by=request.user, now=now)
