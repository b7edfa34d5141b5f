"""Pages of surveys: everybody reads the denominator, whoever was asked answers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.accounts.models import User
from ecluse.portal.aisystems import coverage, reading, survey_actions
from ecluse.portal.aisystems.forms import AnswerForm, SurveyForm
from ecluse.portal.aisystems.models import Survey, SurveyAsked
from ecluse.portal.applications.fields import posted

UNPROCESSABLE = 422


@require_safe
def surveys(request: HttpRequest) -> HttpResponse:
    """Show each survey with how many establishments were asked, answered, and did not."""
    user = request.user if isinstance(request.user, User) else None
    found = Survey.objects.order_by("-pk").prefetch_related("asked__answers")
    context = {
        "surveys": [(one, coverage.coverage_of(one)) for one in found],
        "judges": user is not None and user.may("aisystem.judge"),
        "mine": coverage.to_answer(user, on=timezone.localdate()) if user else [],
    }
    return render(request, "aisystems/surveys.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def open_survey(request: SignedInRequest) -> HttpResponse:
    """Ask establishments which systems run there."""
    request.user.require("aisystem.judge")
    form = SurveyForm(posted(request))
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        try:
            survey_actions.open_survey(
                told["title"],
                survey_actions.establishments_from(told["asked"]),
                closes_on=told["closes_on"],
                by=request.user,
                now=timezone.now(),
            )
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Enquête ouverte."))
            return redirect("aisystems:surveys")
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "aisystems/open_survey.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say which systems run in an establishment."""
    asked = get_object_or_404(SurveyAsked, pk=pk, email__iexact=request.user.email)
    if not asked.survey.is_open(timezone.localdate()):
        raise NotAllowed(_("Cette enquête est close."))
    every = reading.public(today=timezone.localdate())
    form = AnswerForm([(one.number, one.name) for one in every], posted(request))
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        survey_actions.answer_survey(
            asked, told["systems"], others=told["others"], by=request.user, now=timezone.now()
        )
        messages.success(request, _("Réponse enregistrée ; la dernière compte."))
        return redirect("aisystems:surveys")
    status = UNPROCESSABLE if form.is_bound else None
    context = {"asked": asked, "form": form}
    return render(request, "aisystems/answer.html", context, status=status)
