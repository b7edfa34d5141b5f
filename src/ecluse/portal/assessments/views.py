"""Pages of an assessment: how far it is, one question, the variables, two versions side by side."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain.assessments import Question, left, question_of
from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.applications import reading as application_reading
from ecluse.portal.applications import scope
from ecluse.portal.applications.actions import form_of
from ecluse.portal.applications.fields import posted
from ecluse.portal.applications.models import Application
from ecluse.portal.assessments import actions, labels, minimisation, reading
from ecluse.portal.assessments.forms import QuestionForm, TableForm
from ecluse.portal.cases import reading as case_reading
from ecluse.portal.cases.actions import day_of

UNPROCESSABLE = 422


@require_safe
@signed_in
def overview(request: SignedInRequest, number: str) -> HttpResponse:
    """Show how far the assessment is: questions, variables, opinions, sittings, clocks."""
    found = visible(request, number)
    reader = case_reading.reader_of(found.case, request.user, today=_today(found))
    unit = found.unit().item_id
    context = {
        "application": found,
        "title": found.title_for(request.user) or number,
        "progress": reading.progress(found, now=timezone.now()),
        "labels": labels,
        "clocks": case_reading.clock_lines(reader, item_id=unit),
        "why_not": case_reading.why_not(reader, unit, actions.ASSESS),
        "rounds": found.submissions.count(),
    }
    return render(request, "assessments/overview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def question(request: SignedInRequest, number: str, letter: str) -> HttpResponse:
    """Answer one question of the assessment."""
    found = visible(request, number)
    asked = _question(letter)
    _require(request, found)
    form = QuestionForm(asked, actions.answers_of(found).get(asked), posted(request))
    if form.is_bound and form.is_valid():
        actions.answer(found, form.answer(), by=request.user, now=timezone.now())
        messages.success(request, _("Réponse enregistrée."))
        return _to_next(found)
    shown = application_reading.answers_shown(found, request.user)
    context = {
        "application": found,
        "article": labels.article(asked),
        "words": labels.QUESTIONS[asked],
        "letter": letter,
        "form": form,
        "opinions": reading.opinion_lines(found, now=timezone.now()),
        "sections": application_reading.sections(form_of(found), shown, file=("drafts", number)),
    }
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "assessments/question.html", context, status=status)


def _to_next(application: Application) -> HttpResponse:
    """Go on to the first question that nobody answered; to the overview once none is left."""
    for one in left(actions.answers_of(application)):
        return redirect("assessments:question", application.number, one.value)
    return redirect("assessments:overview", application.number)


def _question(name: str) -> Question:
    try:
        return question_of(name)
    except InvalidInput as error:
        raise Http404 from error


@require_POST
@signed_in
def conclusion(request: SignedInRequest, number: str) -> HttpResponse:
    """Conclude the assessment with what was found."""
    found = visible(request, number)
    _require(request, found)
    try:
        actions.conclude(found, by=request.user, now=timezone.now())
    except InvalidInput:
        messages.warning(request, _("Il reste des questions : répondez à chacune, puis concluez."))
        return redirect("assessments:overview", number)
    messages.success(request, _("Évaluation enregistrée. Reste l’estimation des redevances."))
    return redirect("applications:file", number)


@require_safe
@signed_in
def variables(request: SignedInRequest, number: str) -> HttpResponse:
    """Show how far the review of the variables is, table by table."""
    found = visible(request, number)
    places = {one.place for one in minimisation.findings_of(found)}
    tables = [
        (
            table.table,
            len(table.columns),
            sum((table.table, column) in places for column in table.columns),
        )
        for table in minimisation.asked_of(found)
    ]
    context = {
        "application": found,
        "labels": labels,
        "tally": minimisation.counts(found),
        "tables": tables,
        "given_less": [f for f in minimisation.findings_of(found) if f.verdict != "keep"],
        "told": _told(found),
    }
    return render(request, "assessments/variables.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def table(request: SignedInRequest, number: str, table: str) -> HttpResponse:
    """Review the variables of one table, each with the precision asked and why it is needed."""
    found = visible(request, number)
    _require(request, found)
    try:
        asked = minimisation.table_of(found, table)
    except NotFound as error:
        raise Http404 from error
    findings = {f.place[1]: f for f in minimisation.findings_of(found) if f.place[0] == table}
    form = TableForm(asked, scope.latest_notice(found.dataset), findings, posted(request))
    if form.is_bound and form.is_valid():
        minimisation.review(found, form.result(), by=request.user, now=timezone.now())
        messages.success(request, _("Revue de la table enregistrée."))
        return redirect("assessments:variables", number)
    context = {"application": found, "table": asked, "form": form, "told": _told(found)}
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "assessments/table.html", context, status=status)


WHY = ("intended_use", "population", "necessity", "minimisation")
"""What the applicant said of why the variables are needed."""


def _told(application: Application) -> list[tuple[str, str]]:
    form, submission = form_of(application), application.last_submission()
    if submission is None:
        return []
    texts = [
        (text, submission.answers.get(one.id))
        for one in form.fields()
        if one.id in WHY and (text := one.label.in_language(application_reading.language()))
    ]
    return [(label, str(answer)) for label, answer in texts if answer]


@require_safe
@signed_in
def versions(request: SignedInRequest, number: str, round: int | None = None) -> HttpResponse:  # noqa: A002 - the name in the address
    """Show a submission beside the one before it: what changed."""
    found = visible(request, number)
    last = found.submissions.count()
    after = get_object_or_404(found.submissions, round=round or last)
    before = found.submissions.filter(round=after.round - 1).first()
    context = {
        "application": found,
        "after": after,
        "rounds": range(2, last + 1),
        "comparison": reading.compare(found, before, after) if before else None,
    }
    return render(request, "assessments/versions.html", context)


def visible(request: SignedInRequest, number: str) -> Application:
    """Return the file to whoever judges files; 404 if they may not know it.

    Raises NotAllowed for the persons of the file: what is noted on it is not theirs to read yet.
    """
    found = get_object_or_404(Application.objects.visible_to(request.user), number=number)
    is_person = request.user.subject in found.subjects()
    if is_person or not request.user.may("application.read-any"):
        raise NotAllowed(
            _("L’évaluation se lit par ceux qui instruisent, décident ou conseillent.")
        )
    return found


def _require(request: SignedInRequest, found: Application) -> None:
    """Pass if this person assesses the file now; say in their language why not."""
    reader = case_reading.reader_of(found.case, request.user, today=_today(found))
    reason = case_reading.why_not(reader, found.unit().item_id, actions.ASSESS)
    if reason:
        raise NotAllowed(reason)


def _today(application: Application) -> date:
    return day_of(application.case, timezone.now())
