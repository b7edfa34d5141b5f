"""Pages of the second gate: asking, the checkers' list, evidence beside each file, votes."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain import outputs
from ecluse.domain.disclosure import for_author, for_checker
from ecluse.domain.documents import Decision, FileVerdict, RequestedFile
from ecluse.domain.errors import NotAllowed, NotFound
from ecluse.domain.outputs import State
from ecluse.portal.accounts.models import User
from ecluse.portal.enclaves import labels
from ecluse.portal.enclaves.models import Job
from ecluse.portal.mailbox import blobs
from ecluse.portal.outputs import actions
from ecluse.portal.outputs.forms import ReasonsForm, VoteForm
from ecluse.portal.outputs.labels import STATE_KINDS, VOTES, grouped
from ecluse.portal.outputs.models import Request
from ecluse.portal.outputs.previews import preview
from ecluse.portal.outputs.protections import protection


@login_required
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """Show what waits for a vote, oldest first, and what was decided."""
    visible = Request.objects.visible_to(cast(User, request.user)).select_related(
        "job__workspace", "answer", "requested_by", "document"
    )
    context = {
        "open_requests": visible.open(),
        "decided_requests": visible.decided()[:50],
        "kinds": STATE_KINDS,
    }
    return render(request, "outputs/requests.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """Show the outputs of a job with their verdicts, and ask that some leave."""
    user = cast(User, request.user)
    job = get_object_or_404(Job.objects.visible_to(user).with_documents(), number=number)
    user.require("output.request", state="checked" if job.is_checked else job.state)
    files = job.report.files if job.report else ()
    form = ReasonsForm(files, request.POST or None)
    if form.is_valid():
        made = actions.ask(job, form.reasons(), by=user, now=timezone.now())
        messages.success(request, _("La demande est transmise à deux contrôleurs."))
        return redirect("outputs:request", made.number)
    read = [(file, grouped(for_author(found) for found in file.findings)) for file in files]
    context = {"job": job, "files": read, "form": form, **_verdict_words()}
    return render(request, "outputs/ask.html", context, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "POST"])
def one_request(request: HttpRequest, number: str) -> HttpResponse:
    """Show one request: its files, their evidence, and the vote of who may vote."""
    user, found = cast(User, request.user), _request(request, number)
    form = VoteForm(request.POST or None)
    obstacle = _obstacle(found, user)
    if request.method == "POST" and obstacle:
        raise NotAllowed(obstacle)
    if form.is_valid():
        decision, comment = Decision(form.cleaned_data["decision"]), form.cleaned_data["comment"]
        actions.vote(found, decision, comment=comment, by=user, now=timezone.now())
        messages.success(request, _("Votre vote est enregistré."))
        return redirect("outputs:request", number)
    context = {
        "request_": found,
        "may_read": user.may("output.vote", state="submitted"),
        "files": _evidence(found, shows_content=user.may("output.vote", state="submitted")),
        "votes": _visible_votes(found, user),
        **_verdict_words(),
        "form": form,
        "obstacle": obstacle,
        "protection": protection(found.answer) if found.answer else [],
        "can_withdraw": found.requested_by_id == user.pk
        and user.may("output.withdraw", state=found.state),
    }
    return render(request, "outputs/request.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Take a request back."""
    actions.withdraw(_request(request, number), by=cast(User, request.user), now=timezone.now())
    messages.success(request, _("La demande est retirée."))
    return redirect("outputs:request", number)


@login_required
@require_safe
def image(request: HttpRequest, number: str, name: str) -> FileResponse:
    """Serve to a checker an image that passed the automatic checks, never as a download page."""
    user, found = cast(User, request.user), _request(request, number)
    user.require("output.vote", state="submitted")
    for file in found.body.files:
        if file.name == name and name.lower().endswith(".png"):
            now = timezone.now()
            actions.record_reading(found, name, file.digest, by=user, now=now)
            return FileResponse(blobs.find(file.digest).open("rb"), content_type="image/png")
    raise Http404


def _verdict_words() -> dict[str, object]:
    return {
        "verdicts": labels.VERDICTS,
        "verdict_kinds": labels.VERDICT_KINDS,
        "kinds": STATE_KINDS,
    }


def _request(request: HttpRequest, number: str) -> Request:
    visible = Request.objects.visible_to(cast(User, request.user)).select_related(
        *("job__workspace__document", "job__report_document", "answer__order_document"),
        *("answer__receipt_document", "answer__report_document"),
        *("requested_by", "document", "release"),
    )
    return get_object_or_404(visible, number=number)


def _obstacle(found: Request, user: User) -> str:
    """Why this person cannot vote now; empty if they can."""
    votes = found.signed_votes()
    try:
        user.require("output.vote", state=found.state)
        outputs.check_checker(user.subject, found.mandate, votes)
    except NotAllowed:
        if any(vote.checker == user.subject for vote in votes):
            return _("Vous avez voté. Un second contrôleur vote à son tour, sans voir votre vote.")
        if not user.may("output.vote", state=found.state):
            return _("Seuls les contrôleurs des sorties votent, tant que rien n’est décidé.")
        return _("Vous êtes lié à ce projet : une autre personne doit voter (art. 55(3)).")
    if not all(has_arrived(file.digest) for file in found.body.files):
        return _("Les fichiers ne sont pas encore tous arrivés : revenez dans quelques minutes.")
    return ""


def has_arrived(digest: str) -> bool:
    """Whether the bytes of a file are here."""
    try:
        blobs.find(digest)
    except NotFound:
        return False
    return True


def _visible_votes(found: Request, user: User) -> list[tuple[str, str, str]]:
    visible = outputs.visible_votes(found.signed_votes(), viewer=user.subject)
    seen = {vote.checker for vote in visible}
    decided = found.state in {State.RELEASED.value, State.REJECTED.value}
    rows = found.votes.select_related("checker").order_by("voted_at")
    return [
        (row.checker.full_name, str(VOTES[row.decision]), row.comment)
        for row in rows
        if decided or row.checker.subject in seen
    ]


def _evidence(found: Request, *, shows_content: bool) -> list[dict[str, object]]:
    """Each file asked with its verdict, its reason and, for checkers alone, what it holds."""
    report = found.source.report
    verdicts = {(file.name, file.digest): file for file in report.files} if report else {}
    return [
        _file(file, verdicts[file.name, file.digest], shows_content) for file in found.body.files
    ]


def _file(file: RequestedFile, verdict: FileVerdict, shows_content: bool) -> dict[str, object]:  # noqa: FBT001
    arrived = has_arrived(file.digest)
    content = preview(blobs.find(file.digest), file.name) if shows_content and arrived else None
    read = for_checker if shows_content else for_author
    findings = grouped(read(found) for found in verdict.findings)
    return {
        "file": file,
        "verdict": verdict,
        "findings": findings,
        "preview": content,
        "has_arrived": arrived,
    }
