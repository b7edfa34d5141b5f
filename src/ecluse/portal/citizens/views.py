"""One's own rights: the choices, those made for others, their receipts, and which studies."""

from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain.citizens import Choice
from ecluse.domain.documents import Basis
from ecluse.domain.errors import NotAllowed, NotFound, SetupIncomplete
from ecluse.domain.memberships import Memberships
from ecluse.portal.accounts.access import SignedInRequest
from ecluse.portal.cases.labels import state_label
from ecluse.portal.citizens import actions, labels, papers
from ecluse.portal.citizens.forms import OthersForm, ReceiptForm
from ecluse.portal.citizens.studies import my_data
from ecluse.portal.identities.access import with_number
from ecluse.portal.identities.actions import represent
from ecluse.portal.identities.sessions import citizen_of
from ecluse.portal.mailbox.live import STOP_READING
from ecluse.portal.optouts import questions
from ecluse.portal.optouts.actions import Concerned
from ecluse.portal.optouts.receipts import Receipt

Member = TypeVar("Member", Basis, Choice)
UNPROCESSABLE = 422
QUESTION = "citizen_question"
"""The number of the question that this session asked the secure zone."""


@require_safe
@with_number
def mine(request: SignedInRequest) -> HttpResponse:
    """Show both rights, what one may choose of each, and every choice made."""
    own = _own(request)
    holding = [one for one in own if one.until is None]
    context = {
        "rights": [
            (basis, next((one for one in holding if one.basis is basis), None)) for basis in Basis
        ],
        "history": [*reversed(own), *reversed(actions.made_for_others(request.user))],
        "requests": actions.requests_of(request.user),
        "state_label": state_label,
        "labels": labels,
    }
    return render(request, "citizens/mine.html", context)


@require_POST
@with_number
def choose(request: SignedInRequest, basis: str, choice: str) -> HttpResponse:
    """Do what a button says, at once: it can be undone as easily."""
    receipt = actions.choose(
        Concerned(citizen_of(request).number),
        _member(Basis, basis),
        _member(Choice, choice),
        by=request.user,
        now=timezone.now(),
    )
    return redirect("citizens:receipt", receipt_number=receipt.receipt_number)


@sensitive_post_parameters("number")
@sensitive_variables("form", "number")
@require_http_methods(["GET", "HEAD", "POST"])
@with_number
def others(request: SignedInRequest) -> HttpResponse:
    """Choose for a child, or for an adult whom one represents."""
    form = OthersForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            receipt = _for_another(request, form)
        except (NotAllowed, NotFound) as error:
            form.add_error("number", str(error))
        else:
            return redirect("citizens:receipt", receipt_number=receipt.receipt_number)
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "citizens/others.html", {"form": form}, status=status)


@sensitive_variables("form", "number")
def _for_another(request: SignedInRequest, form: OthersForm) -> Receipt:
    now = timezone.now()
    capacity, basis, choice = form.chosen()
    number = form.cleaned_data["number"]
    found = represent(citizen_of(request), number, capacity, by=request.user, now=now)
    whom = Concerned(found, capacity)
    return actions.choose_for_another(whom, basis, choice, by=request.user, now=now)


@require_safe
@with_number
def receipt(request: SignedInRequest, receipt_number: str) -> HttpResponse:
    """Show one of one's receipts."""
    context = {"receipt": receipt_here(request, receipt_number), "labels": labels}
    return render(request, "citizens/receipt.html", context)


@require_safe
@with_number
def receipt_pdf(request: SignedInRequest, receipt_number: str) -> HttpResponse:
    """Give the same on paper."""
    found = receipt_here(request, receipt_number)
    return as_file(papers.pdf_of(found, now=timezone.now()), found.receipt_number)


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Say what a receipt is worth now, to whoever holds its number; nothing of its person."""
    form = ReceiptForm(request.POST or None)
    context: dict[str, object] = {"form": form, "labels": labels, "is_asked": False, "found": None}
    if request.method == "POST" and form.is_valid():
        address = request.META.get("REMOTE_ADDR", "")
        context["is_asked"] = True
        context["found"] = actions.check_receipt(
            form.cleaned_data["receipt"], address=address, now=timezone.now()
        )
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "citizens/check.html", context, status=status)


@require_safe
def explained(request: HttpRequest) -> HttpResponse:
    """Say in plain words what the national data are, who uses them, for what."""
    return render(request, "citizens/explained.html")


@require_http_methods(["GET", "HEAD", "POST"])
@with_number
def data(request: SignedInRequest) -> HttpResponse:
    """Ask which studies used data about oneself, then read the answer of the secure zone."""
    if request.method == "POST":
        try:
            asked = actions.ask_which_studies(
                citizen_of(request).number, by=request.user, now=timezone.now()
            )
        except SetupIncomplete:
            return render(request, "citizens/data.html", {"state": "closed"}, status=503)
        request.session[QUESTION] = asked
        return redirect("citizens:data")
    answer = _answer(request)
    state = "ready" if answer else "waiting" if QUESTION in request.session else "none"
    return render(request, "citizens/data.html", {"state": state, **_told(request, answer)})


@require_safe
@with_number
def data_answer(request: SignedInRequest) -> HttpResponse:
    """Give the part of the page that waits for the answer; 286 once it came."""
    answer = _answer(request)
    context = {"state": "ready" if answer else "waiting", **_told(request, answer)}
    status = STOP_READING if answer else 200
    return render(request, "citizens/studies.html", context, status=status)


@require_POST
@with_number
def ask(request: SignedInRequest) -> HttpResponse:
    """Open a request under the GDPR, to be written and lodged."""
    number = citizen_of(request).number
    made = actions.open_request(number, by=request.user, now=timezone.now())
    return redirect("lives:edit", made.number)


def _answer(request: SignedInRequest) -> Memberships | None:
    asked = request.session.get(QUESTION)
    if asked is None:
        return None
    try:
        return questions.read(asked, now=timezone.now())
    except NotFound:
        del request.session[QUESTION]
        return None


def _told(request: SignedInRequest, answer: Memberships | None) -> dict[str, object]:
    if answer is None:
        return {}
    return {"told": my_data(answer, _own(request))}


def _own(request: SignedInRequest) -> tuple[Receipt, ...]:
    return actions.choices_of(citizen_of(request).number, by=request.user, now=timezone.now())


def receipt_here(request: SignedInRequest, receipt_number: str) -> Receipt:
    """Return one of one's receipts. Raises NotFound, in the same words for all."""
    number = citizen_of(request).number
    return actions.receipt_for(receipt_number, number, by=request.user, now=timezone.now())


def as_file(content: bytes, receipt_number: str) -> HttpResponse:
    """Return a receipt to keep, byte for byte."""
    answer = HttpResponse(content, content_type="application/pdf")
    name = f"{receipt_number}.{get_language() or 'fr'}.pdf"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _member(kind: type[Member], value: str) -> Member:
    try:
        return kind(value)
    except ValueError:
        raise NotFound(_("Ce droit n’existe pas.")) from None
