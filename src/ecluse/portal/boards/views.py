"""Pages of leaderboards: who leads, by how much surely; a file sent; what is left to send."""

import uuid
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain import codec
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.evaluations import secrecy
from ecluse.domain.evaluations.secrecy import Level, Purpose
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.accounts.models import User
from ecluse.portal.applications.fields import posted
from ecluse.portal.boards import actions, labels, pictures
from ecluse.portal.boards.forms import CloseForm, EnrolForm, OpenForm, SubmitForm
from ecluse.portal.boards.models import (
    Board,
    BoardState,
    Enrolment,
    LegalEntity,
    Submission,
    SubmissionState,
)

UNPROCESSABLE: Final = 422


@require_safe
def boards(request: HttpRequest) -> HttpResponse:
    """Show everybody the boards that are open and those that have ended; those of one protocol."""
    user = _user(request)
    found = Board.objects.visible_to(user).order_by("-pk")
    protocol = request.GET.get("protocol", "")
    if protocol:
        found = found.filter(protocol_digest=protocol)
    context = {
        "boards": [(one, one.rules()) for one in found],
        "keeps": user is not None and user.may("board.keep"),
        "labels": labels,
    }
    return render(request, "boards/boards.html", context)


@require_safe
def board(request: HttpRequest, number: str) -> HttpResponse:
    """Show a board: its rules, its bands, and to who submits there what is left."""
    user, one = _user(request), _visible(request, number)
    context = {
        "board": one,
        "opening": one.opening(),
        "rules": one.rules(),
        "result": one.result(),
        "evaluation": one.evaluation(user),
        "drawn": pictures.drawn(one.standings(), _names()),
        "labels": labels,
        "keeps": user is not None and user.may("board.keep"),
        "is_open": one.state == BoardState.OPEN,
        "mine": _mine(one, user),
    }
    return render(request, "boards/board.html", context)


@require_safe
def board_json(request: HttpRequest, number: str) -> JsonResponse:
    """Give the rules, the standings and the digests of a board to programs."""
    one = _visible(request, number)
    told = {
        "number": one.number,
        "title": one.title,
        "state": one.state,
        "opened_on": one.opened_on().isoformat(),
        "opening_digest": one.opening_digest,
        "result_digest": one.result_digest,
        "rules": codec.encode(one.rules()),
        "standings": codec.encode(one.standings()),
    }
    return JsonResponse(told)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def open_board(request: SignedInRequest) -> HttpResponse:
    """Open a board."""
    request.user.require("board.keep")
    form = OpenForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            made = actions.open_board(
                form.cleaned_data["permit"], form.opened(), by=request.user, now=timezone.now()
            )
        except (InvalidInput, NotAllowed) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Tableau ouvert : la zone sécurisée le prépare."))
            return redirect("boards:board", made.number)
    return _page(request, "boards/open.html", {}, form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def submit(request: SignedInRequest, number: str) -> HttpResponse:
    """Send a file for one's legal entity."""
    request.user.require("board.submit")
    one = _visible(request, number)
    if one.state != BoardState.OPEN:
        raise NotAllowed(_("Ce tableau est clos : il ne prend plus rien."))
    level = Level(one.rules().level)
    form = SubmitForm(level, posted(request), request.FILES or None, key=uuid.uuid4())
    if form.is_bound and form.is_valid() and _sent(request, one, form):
        messages.success(request, _("Envoyé : la réponse de la zone sécurisée paraît ici."))
        return redirect("boards:board", number)
    return _page(
        request, "boards/submit.html", {"board": one, "mine": _mine(one, _user(request))}, form
    )


def _sent(request: SignedInRequest, one: Board, form: SubmitForm) -> bool:
    told = form.cleaned_data
    file = told["file"]
    what = actions.Sent(
        name="model.onnx" if one.rules().level is Level.NOTHING_PUBLIC else "predictions.csv",
        chunks=file.chunks(),
        size=file.size,
        purpose=Purpose(told["purpose"]),
        claimed_millionths=form.claimed_millionths(),
    )
    try:
        actions.submit(one, what, key=told["key"], by=request.user, now=timezone.now())
    except (InvalidInput, NotAllowed) as error:
        form.add_error(None, str(error))
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def close(request: SignedInRequest, number: str) -> HttpResponse:
    """Say what closing does, then do it."""
    request.user.require("board.keep")
    one = _visible(request, number)
    form = CloseForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            actions.close_board(one, by=request.user, now=timezone.now())
        except NotAllowed as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Tableau clos : la part finale est ouverte, une fois."))
            return redirect("boards:board", number)
    return _page(request, "boards/close.html", {"board": one}, form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def entities(request: SignedInRequest) -> HttpResponse:
    """Say for which legal entity each account submits."""
    request.user.require("board.keep")
    form = EnrolForm(posted(request))
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        try:
            actions.enrol(
                told["email"], told["number"], told["name"], by=request.user, now=timezone.now()
            )
        except InvalidInput as error:
            form.add_error("number", str(error))
        else:
            messages.success(request, _("Compte rattaché."))
            return redirect("boards:entities")
    found = Enrolment.objects.select_related("account", "entity").order_by("entity__name", "pk")
    return _page(request, "boards/entities.html", {"enrolments": found}, form)


def _mine(one: Board, user: User | None) -> dict[str, Any] | None:
    """Return what this person's entity sent and has left; None for who submits nothing."""
    if user is None or not user.may("board.submit"):
        return None
    try:
        entity = actions.entity_of(user)
        period = actions.period_now(one, now=timezone.now())
    except NotAllowed as error:
        return {"entity": None, "why": str(error), "sent": []}
    usage = one.usage(entity, period)
    sent = one.submissions.visible_to(user).newest_first()
    return {
        "entity": entity,
        "left": secrecy.left(one.rules(), usage),
        "failures_left": secrecy.failures_left(one.rules(), usage),
        "sent": [(each.number, each.at, each.by, *_told(each)) for each in sent],
    }


def _told(each: Submission) -> tuple[str, str]:
    """Return how a submission ended, and what was told of it."""
    answer = each.answer()
    if answer is None:
        ended = str(labels.ENDS[SubmissionState(each.state)])
        return ended, each.refusal_code
    if answer.faults:
        told = ", ".join(
            f"{labels.FAULTS[fault.code]}{f' : {fault.count}' if fault.count else ''}"
            for fault in answer.faults
        )
    else:
        told = pictures.written(answer.shown_millionths or 0)
        told += _(", meilleur score du tableau") if answer.has_moved else ""
    return str(labels.ENDS[answer.status]), told


def _names() -> dict[str, str]:
    return dict(LegalEntity.objects.values_list("number", "name"))


def _page(
    request: HttpRequest, template: str, context: dict[str, object], form: forms.Form
) -> HttpResponse:
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, template, {**context, "form": form, "labels": labels}, status=status)


def _user(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _visible(request: HttpRequest, number: str) -> Board:
    return get_object_or_404(Board.objects.visible_to(_user(request)), number=number)
