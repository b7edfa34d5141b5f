"""Pages of letters: a person's, a file's, one letter and its files; the public check of a code."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from ecluse.domain.errors import NotAllowed, SetupIncomplete
from ecluse.domain.machines import MACHINES, Kind
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.cases import reading as case_reading
from ecluse.portal.cases.actions import day_of
from ecluse.portal.cases.desk import address_of
from ecluse.portal.cases.letters import letter_text, letter_title
from ecluse.portal.cases.models import CaseRecord, Dispatch, Item
from ecluse.portal.letters import actions, contents, reading, sealing
from ecluse.portal.letters.forms import CheckForm
from ecluse.portal.letters.models import LANGUAGES, IssuedLetter
from ecluse.portal.letters.paper import kept

TOO_MANY_REQUESTS = 429


@require_safe
@signed_in
def mine(request: SignedInRequest) -> HttpResponse:
    """List the letters of every file that names this person, the last first."""
    context = {"letters": reading.letters_for(request.user), "title_of": letter_title}
    return render(request, "letters/mine.html", context)


@require_safe
@signed_in
def of_file(request: SignedInRequest, number: str) -> HttpResponse:
    """List the letters of one file."""
    case = _case(request, number)
    context = {
        "case": case,
        "back": address_of(case),
        "letters": reading.letters_of(case),
        "title_of": letter_title,
    }
    return render(request, "letters/file.html", context)


@require_safe
@signed_in
def letter(request: SignedInRequest, number: str, pk: int) -> HttpResponse:
    """Show one letter; its addressee's first reading is the notification."""
    dispatch = _dispatch(request, number, pk)
    now = timezone.now()
    try:
        issued = _opened(request, dispatch)
    except SetupIncomplete:
        return _unsealed(request, dispatch)
    context = {
        "case": dispatch.case,
        "back": address_of(dispatch.case),
        "letter": issued,
        "text": kept(issued.file(_own_language()).words).text,
        "dated_on": issued.dated_on,
        "files": [(file.language, file.digest) for file in issued.files.order_by("-language")],
        "redress": reading.redress_of(issued, now=now),
        "residences": reading.RESIDENCES,
        "is_addressee": actions.is_addressee(issued, request.user),
    }
    return render(request, "letters/letter.html", context)


def _unsealed(request: SignedInRequest, dispatch: Dispatch) -> HttpResponse:
    """Show the words of a letter that this site cannot seal today: reading them opens nothing."""
    text = actions.words_of(dispatch)
    context = {"case": dispatch.case, "back": address_of(dispatch.case), "text": text}
    return render(request, "letters/unsealed.html", context)


@require_safe
@signed_in
def pdf(request: SignedInRequest, number: str, pk: int, language: str) -> HttpResponse:
    """Give the sealed letter, byte for byte."""
    if language not in LANGUAGES:
        raise Http404
    issued = _opened(request, _dispatch(request, number, pk))
    data = bytes(issued.file(language).pdf)
    return _attached(data, "application/pdf", f"{issued.number}.{language}.pdf")


@require_safe
@signed_in
def twin(request: SignedInRequest, number: str, pk: int) -> HttpResponse:
    """Give the signed twin of a letter, byte for byte: anybody can verify it offline."""
    issued = _opened(request, _dispatch(request, number, pk))
    return _attached(bytes(issued.twin), "application/json", f"{issued.number}.json")


@require_safe
@signed_in
def preview(request: SignedInRequest, number: str, item_id: str, action: str) -> HttpResponse:
    """Show the letter that an action would send, to whoever may do it now."""
    case = _case(request, number)
    item = get_object_or_404(Item.objects.select_related("case"), case=case, item_id=item_id)
    row = next((one for one in MACHINES[Kind(item.kind)].actions if one.name == action), None)
    if row is None or row.letter is None:
        raise Http404
    reader = case_reading.reader_of(case, request.user, today=day_of(case, timezone.now()))
    reason = case_reading.why_not(reader, item_id, action)
    if reason:
        raise NotAllowed(reason)
    parts = contents.parts_of(row.letter, case, None)
    text = letter_text(row.letter, case, reason="", due_on=None, parts=parts)
    context = {"case": case, "back": address_of(case), "text": text}
    return render(request, "letters/preview.html", context)


@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """Ask the code of a letter."""
    form = CheckForm(request.GET or None)
    if form.is_bound and form.is_valid():
        code = reading.spelled(form.cleaned_data["code"])
        if code.isalnum():
            return redirect("check:check", code=code)
    return render(request, "letters/ask.html", {"form": form})


@require_safe
def check(request: HttpRequest, code: str) -> HttpResponse:
    """Say whether a letter bears this code, since when, what it is worth, and its digests."""
    now = timezone.now()
    if not actions.count_check(request.META.get("REMOTE_ADDR", ""), now=now):
        return render(request, "letters/slower.html", status=TOO_MANY_REQUESTS)
    found = reading.checked(code, today=timezone.localdate(now))
    context = {"found": found, "forces": reading.FORCES, "badges": reading.BADGES}
    return render(request, "letters/check.html", context)


@require_safe
def certificate(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the signature of a view
    """Give the certificate of the seal, with which anybody verifies a letter offline."""
    try:
        seal = actions.present_seal(now=timezone.now())
    except SetupIncomplete as error:
        raise Http404 from error
    return _attached(sealing.pem_of(seal), "application/x-pem-file", sealing.CERTIFICATE)


def _own_language() -> str:
    return "en" if get_language() == "en" else "fr"


def _attached(data: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _opened(request: SignedInRequest, dispatch: Dispatch) -> IssuedLetter:
    """Return the letter, issued if it was not, opened if its addressee asks for it."""
    now = timezone.now()
    issued = actions.issue(dispatch, now=now)
    if request.method == "GET":
        actions.open_letter(issued, by=request.user, now=now)
    return issued


def _dispatch(request: SignedInRequest, number: str, pk: int) -> Dispatch:
    """Return the letter if this person may know its file; otherwise 404."""
    found = Dispatch.objects.filter(is_letter=True, act__isnull=False).select_related("case")
    return get_object_or_404(found, case=_case(request, number), pk=pk)


def _case(request: SignedInRequest, number: str) -> CaseRecord:
    """Return the file if this person may know that it exists; otherwise 404."""
    return get_object_or_404(CaseRecord.objects.visible_to(request.user), number=number)
