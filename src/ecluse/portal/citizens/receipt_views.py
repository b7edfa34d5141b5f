"""Whether a receipt was respected: asked of the secure zone, against every later extract."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain.errors import NotFound, SetupIncomplete
from ecluse.portal.accounts.access import SignedInRequest
from ecluse.portal.citizens import actions
from ecluse.portal.citizens.decisions import decided_uses
from ecluse.portal.citizens.views import receipt_here
from ecluse.portal.identities.access import with_number
from ecluse.portal.mailbox.live import STOP_READING
from ecluse.portal.optouts import questions
from ecluse.portal.optouts.questions import Checked

ASKED = "citizen_receipt_questions"
"""The questions that this session asked, by a keyed name of the receipt that each is about.

Sessions are in the database: a receipt in clear would lead from an account to its entry.
"""


@require_http_methods(["GET", "HEAD", "POST"])
@with_number
def kept(request: SignedInRequest, receipt_number: str) -> HttpResponse:
    """Ask whether a project ignored one of one's receipts, then read what the zone says."""
    found = receipt_here(request, receipt_number)
    context: dict[str, object] = {"receipt": found}
    if request.method == "POST":
        try:
            asked = actions.ask_about_receipt(
                found.receipt_number, by=request.user, now=timezone.now()
            )
        except SetupIncomplete:
            context["state"] = "closed"
            return render(request, "citizens/kept.html", context, status=503)
        known = request.session.get(ASKED, {})
        request.session[ASKED] = {**known, _name(found.receipt_number): asked}
        return redirect("citizens:kept", receipt_number=found.receipt_number)
    answer = _answer(request, found.receipt_number)
    is_asked = _name(found.receipt_number) in request.session.get(ASKED, {})
    context["state"] = "ready" if answer else "waiting" if is_asked else "none"
    return render(request, "citizens/kept.html", {**context, "answer": answer})


@require_safe
@with_number
def kept_answer(request: SignedInRequest, receipt_number: str) -> HttpResponse:
    """Give the part of the page that waits for the answer; 286 once it came."""
    found = receipt_here(request, receipt_number)
    answer = _answer(request, found.receipt_number)
    context = {"state": "ready" if answer else "waiting", "answer": answer, "receipt": found}
    status = STOP_READING if answer else 200
    return render(request, "citizens/kept_answer.html", context, status=status)


def _answer(request: SignedInRequest, receipt_number: str) -> Checked | None:
    name = _name(receipt_number)
    asked = request.session.get(ASKED, {}).get(name)
    if asked is None:
        return None
    now = timezone.now()
    try:
        answer = questions.read(asked, now=now)
        if answer is None:
            return None
        return questions.read_about_receipt(asked, decided_uses(answer.projects), now=now)
    except NotFound:
        known = request.session[ASKED]
        request.session[ASKED] = {one: number for one, number in known.items() if one != name}
        return None


def _name(receipt_number: str) -> str:
    return salted_hmac(ASKED, receipt_number, algorithm="sha256").hexdigest()
