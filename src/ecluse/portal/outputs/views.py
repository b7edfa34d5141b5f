"""Pages of the second gate: preparing, the checkers' desk, evidence beside each file, decisions."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain.documents import RecallReason, Verdict
from ecluse.domain.errors import NotAllowed
from ecluse.domain.reviews import judging
from ecluse.domain.reviews.machine import Party, State
from ecluse.domain.reviews.review import Review
from ecluse.portal.accounts.models import User
from ecluse.portal.enclaves import labels
from ecluse.portal.enclaves.models import Job
from ecluse.portal.mailbox import blobs
from ecluse.portal.outputs import actions, leaving, reading, reviewing, stopping, storage
from ecluse.portal.outputs.evidence import evidence
from ecluse.portal.outputs.forms import GroupForm, NoteForm, RecallForm, RemarkForm, ReviewForm
from ecluse.portal.outputs.labels import STATE_KINDS
from ecluse.portal.outputs.models import Request
from ecluse.portal.outputs.protections import protection

DECIDED_SHOWN = 50
NOTED = {
    "return": reviewing.send_back,
    "reject": reviewing.reject,
    "freeze": stopping.freeze,
}
PLAIN = {"unfreeze": stopping.unfreeze, "retry": leaving.retry}


@login_required
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """Show what waits for whom, oldest first, how long a review takes, and what was decided."""
    user = cast(User, request.user)
    visible = Request.objects.visible_to(user).with_sources()
    is_checker = user.may("output.dispose")
    context = {
        "for_checkers": visible.turn_of(Party.CHECKER),
        "for_authors": visible.turn_of(Party.AUTHOR),
        "elsewhere": visible.open().filter(state__in=_ELSEWHERE),
        "decided_requests": visible.decided()[:DECIDED_SHOWN],
        "median": reviewing.median_time() if is_checker else None,
        "decidable": reviewing.machine_decidable() if is_checker else [],
        "kinds": STATE_KINDS,
    }
    return render(request, "outputs/requests.html", context)


_ELSEWHERE = (
    *(State.SUBMITTED.value, State.SCREENING.value, State.APPROVED.value),
    *(State.RELEASING.value, State.FROZEN.value),
)


@login_required
@require_POST
def dispose(request: HttpRequest) -> HttpResponse:
    """Let the engine decide all that the policies leave to it."""
    done = reviewing.dispose(by=cast(User, request.user), now=timezone.now())
    text = ngettext(
        "%(n)d demande libérée par le logiciel.",
        "%(n)d demandes libérées par le logiciel.",
        len(done),
    )
    messages.success(request, text % {"n": len(done)})
    return redirect("outputs:requests")


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """Show the outputs of a job with their verdicts, and prepare a request on some."""
    user = cast(User, request.user)
    job = get_object_or_404(Job.objects.visible_to(user).with_documents(), number=number)
    user.require("output.request", state="checked" if job.is_checked else job.state)
    files = job.report.files if job.report else ()
    form = GroupForm(files, request.POST or None)
    if form.is_valid():
        made = actions.draft(job, [form.group()], by=user, now=timezone.now())
        messages.success(request, _("La demande est prête : relisez-la, puis envoyez-la."))
        return redirect("outputs:request", made.number)
    can_ask = any(file.verdict is not Verdict.BLOCKED for file in files)
    context = {"job": job, "form": form, "can_ask": can_ask, "files": files, **_words()}
    return render(request, "outputs/ask.html", context, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Change a group of a draft or of a returned request, or add one; a group may lose files."""
    user, found = cast(User, request.user), _request(request, number)
    user.require("output.edit", state=found.state)
    if found.requested_by_id != user.pk:
        raise NotAllowed("Only the person who asked changes the request.")
    name = request.GET.get("group", "")
    review = storage.load(found)
    form = _group_form(request, found, review, name)
    if form.is_valid():
        groups = [one for one in _groups(review) if one.name not in (name, form.group().name)]
        kept = [_without(one, form.group()) for one in groups]
        composed = [one for one in (*kept, form.group()) if one.files]
        actions.compose(found, composed, by=user, now=timezone.now())
        messages.success(request, _("Le groupe est enregistré."))
        return redirect("outputs:request", number)
    context = {"request_": found, "form": form, "group": name}
    return render(request, "outputs/edit.html", context, status=422 if form.is_bound else 200)


def _group_form(request: HttpRequest, found: Request, review: Review, name: str) -> GroupForm:
    report = found.source.report
    files = report.files if report else ()
    kinds = {file.name: file.kind.value for file in review.files if file.group == name}
    group = next((one for one in review.groups if one.name == name), None)
    said = (
        {"name": group.name, "context": group.context, "controls": group.controls} if group else {}
    )
    return GroupForm(files, request.POST or None, kinds=kinds, initial=said)


def _groups(review: Review) -> list[actions.AskedGroup]:
    return [
        actions.AskedGroup(
            group.name,
            group.context,
            group.controls,
            {file.name: file.kind for file in review.files if file.group == group.name},
        )
        for group in review.groups
    ]


def _without(group: actions.AskedGroup, taken: actions.AskedGroup) -> actions.AskedGroup:
    """Return a group without the files that another now holds."""
    files = {name: kind for name, kind in group.files.items() if name not in taken.files}
    return actions.AskedGroup(group.name, group.context, group.controls, files)


@login_required
@require_http_methods(["GET", "POST"])
def one_request(request: HttpRequest, number: str) -> HttpResponse:
    """Show one request: its road, its files with their evidence, and the review of who may."""
    user, found, now = cast(User, request.user), _request(request, number), timezone.now()
    reviewing.open_for(found, by=user, now=now)
    review = storage.load(found)
    obstacle = reading.obstacle(found, review, user, now=now)
    names = tuple(file.name for file in review.pending)
    said = reading.own_opinions(found, user)
    form = ReviewForm(names, request.POST or None, said=said)
    if request.method == "POST" and obstacle:
        raise NotAllowed(obstacle)
    if form.is_valid():
        reviewing.vote(found, form.opinions(), by=user, now=now)
        messages.success(request, _("Votre avis est enregistré."))
        return redirect("outputs:request", number)
    context = _context(found, review, user) | {"form": form, "obstacle": obstacle}
    return render(request, "outputs/request.html", context, status=422 if form.is_bound else 200)


def _context(found: Request, review: Review, user: User) -> dict[str, object]:
    reads = user.may("output.read-content")
    is_author = found.requested_by_id == user.pk
    decides = reading.may_decide(review, user)
    return {
        "request_": found,
        "review": review,
        "road": reading.road(found, review),
        "files": evidence(found, shows_content=reads),
        "groups": review.groups,
        "conflicts": judging.conflicting(review) if reads and decides else (),
        "votes": reading.said_votes(found, review, user),
        "remarks": reading.remarks(found, review, user),
        "remark_form": RemarkForm(for_checkers=reads),
        "return_form": NoteForm(auto_id="return_%s"),
        "reject_form": NoteForm(auto_id="reject_%s"),
        "freeze_form": NoteForm(auto_id="freeze_%s"),
        "recall_form": RecallForm(),
        "protection": protection(found.answer) if found.answer and reads else [],
        "reads": reads,
        "is_author": is_author,
        "may": {
            "edit": is_author and user.may("output.edit", state=found.state),
            "withdraw": is_author and user.may("output.withdraw", state=found.state),
            "remark": user.may("output.remark") and (reads or is_author),
            "decide": decides and user.may("output.decide", state=found.state),
            "retry": user.may("output.retry", state=found.state),
            "recall": user.may("output.recall", state=found.state),
            "freeze": user.may("output.freeze") and found.state in stopping.FREEZABLE,
            "unfreeze": user.may("output.unfreeze", state=found.state),
        },
        **_words(),
    }


@login_required
@require_POST
def submit(request: HttpRequest, number: str) -> HttpResponse:
    """Send a request to the checkers."""
    found = _request(request, number)
    actions.submit(found, by=cast(User, request.user), now=timezone.now())
    messages.success(request, _("La demande est transmise aux contrôleurs."))
    return redirect("outputs:request", number)


@login_required
@require_POST
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Take a request back."""
    actions.withdraw(_request(request, number), by=cast(User, request.user), now=timezone.now())
    messages.success(request, _("La demande est retirée."))
    return redirect("outputs:request", number)


@login_required
@require_POST
def remark(request: HttpRequest, number: str) -> HttpResponse:
    """Keep a question or an answer."""
    user, found = cast(User, request.user), _request(request, number)
    form = RemarkForm(request.POST, for_checkers=user.may("output.read-content"))
    if form.is_valid():
        is_private = bool(form.cleaned_data.get("is_private"))
        text = form.cleaned_data["text"]
        actions.remark(found, text, is_private=is_private, by=user, now=timezone.now())
    else:
        messages.error(request, _("Écrivez votre question ou votre réponse."))
    return redirect("outputs:request", number)


@login_required
@require_POST
def decide(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Return, refuse, freeze, unfreeze or release again."""
    user, found, now = cast(User, request.user), _request(request, number), timezone.now()
    if act in PLAIN:
        PLAIN[act](found, by=user, now=now)
    elif act not in NOTED:
        raise Http404
    else:
        form = NoteForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Dites ce que lira l’auteur."))
            return redirect("outputs:request", number)
        NOTED[act](found, form.cleaned_data["note"], by=user, now=now)
    messages.success(request, _("C’est fait."))
    return redirect("outputs:request", number)


@login_required
@require_POST
def recall(request: HttpRequest, number: str) -> HttpResponse:
    """Take back what was released."""
    user, found = cast(User, request.user), _request(request, number)
    form = RecallForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choisissez le motif du rappel."))
        return redirect("outputs:request", number)
    reason = RecallReason(form.cleaned_data["reason"])
    leaving.recall(found, reason, by=user, now=timezone.now())
    messages.success(request, _("Le résultat est rappelé : plus personne ne l’obtient."))
    return redirect("outputs:request", number)


@login_required
@require_safe
def image(request: HttpRequest, number: str, name: str) -> FileResponse:
    """Serve to a checker an image that passed the automatic checks, never as a download page."""
    user, found = cast(User, request.user), _request(request, number)
    user.require("output.read-content")
    shown = (one for one in evidence(found, shows_content=True) if one.file.name == name)
    for one in shown:
        if one.preview is not None and one.preview.kind == "image":
            digest = one.file.digest
            actions.record_reading(found, name, digest, by=user, now=timezone.now())
            return FileResponse(blobs.find(digest).open("rb"), content_type="image/png")
    raise Http404


def _words() -> dict[str, object]:
    return {
        "verdicts": labels.VERDICTS,
        "verdict_kinds": labels.VERDICT_KINDS,
        "kinds": STATE_KINDS,
    }


def _request(request: HttpRequest, number: str) -> Request:
    visible = Request.objects.visible_to(cast(User, request.user)).with_sources()
    return get_object_or_404(visible, number=number)
