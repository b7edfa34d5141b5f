"""Opinions of experts: asked by officers, given by a link without an account."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain import opinions as rules
from ecluse.domain.committees import Choice
from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.domain.opinions import AWAITED, Standing
from ecluse.domain.parameters import OPINION_LINK_DAYS
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.applications.actions import form_of
from ecluse.portal.applications.blocks import attached
from ecluse.portal.applications.fields import posted
from ecluse.portal.assessments import labels, opinions, reading
from ecluse.portal.assessments.forms import AskForm, InterestForm, OpinionForm
from ecluse.portal.assessments.models import ExpertOpinion
from ecluse.portal.assessments.views import visible
from ecluse.portal.drafts.actions import check_may_open
from ecluse.portal.drafts.models import Attachment
from ecluse.portal.mailbox import blobs
from ecluse.portal.mailbox.downloads import kept_file

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def asked(request: SignedInRequest, number: str) -> HttpResponse:
    """List the opinions asked on a file; ask another one, whose link is shown once."""
    found = visible(request, number)
    now, link = timezone.now(), ""
    may_ask = _may_ask(request, number)
    form = AskForm(form_of(found), posted(request))
    if request.method == "POST":
        opinions.check_may_ask(found, request.user)
    if form.is_bound and form.is_valid():
        try:
            _made, token = opinions.ask(found, form.request(), by=request.user, now=now)
        except (InvalidInput, NotAllowed) as error:
            form.add_error("expert_email", str(error))
        else:
            link = request.build_absolute_uri(reverse("opinions:give", args=[token]))
    context = {
        "application": found,
        "lines": reading.opinion_lines(found, now=now),
        "labels": labels,
        "awaited": AWAITED,
        "form": AskForm(form_of(found)) if link else form,
        "may_ask": may_ask,
        "link": link,
        "days": OPINION_LINK_DAYS.value,
    }
    status = UNPROCESSABLE if form.is_bound and not link else None
    return render(request, "assessments/opinions.html", context, status=status)


def _may_ask(request: SignedInRequest, number: str) -> bool:
    try:
        opinions.check_may_ask(visible(request, number), request.user)
    except NotAllowed:
        return False
    return True


@require_POST
@signed_in
def withdraw(request: SignedInRequest, number: str, pk: int) -> HttpResponse:
    """Ask an opinion no more."""
    found = get_object_or_404(ExpertOpinion, application=visible(request, number), pk=pk)
    opinions.withdraw(found, by=request.user, now=timezone.now())
    messages.success(request, _("Avis retiré : son lien ne sert plus."))
    return redirect("assessments:opinions", number)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def give(request: HttpRequest, token: str) -> HttpResponse:
    """First ask whether the expert has an interest, then show what they read, then take it."""
    opinion = opinions.find(token)
    standing = rules.standing(opinion.value(), now=timezone.now())
    if standing not in AWAITED:
        words = labels.STANDINGS[standing]
        return render(request, "assessments/link_done.html", {"opinion": opinion, "words": words})
    if standing is Standing.ASKED or request.POST.get("do") == "declare":
        return _declare(request, opinion, token)
    form = OpinionForm(posted(request))
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        opinions.give(token, Choice(data["choice"]), data["text"], now=timezone.now())
        return redirect("opinions:give", token)
    context = {
        "opinion": opinion,
        "form": form,
        "interest_form": InterestForm(),
        "sections": reading.read_by_expert(opinion),
        "files": [(name, _address(token, digest)) for digest, name in _files(opinion).items()],
    }
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "assessments/link_opinion.html", context, status=status)


def _declare(request: HttpRequest, opinion: ExpertOpinion, token: str) -> HttpResponse:
    form = InterestForm(posted(request))
    if form.is_bound and form.is_valid():
        opinions.declare(token, form.said(), now=timezone.now())
        return redirect("opinions:give", token)
    status = UNPROCESSABLE if form.is_bound else None
    context = {"opinion": opinion, "form": form}
    return render(request, "assessments/link_interest.html", context, status=status)


def _address(token: str, digest: str) -> str:
    return reverse("opinions:attachment", args=[token, digest.partition(":")[2]])


def _files(opinion: ExpertOpinion) -> dict[str, str]:
    """The files attached to what the expert reads: digest and name."""
    submission, form = reading.submission_of(opinion), form_of(opinion.application)
    answers = submission.answers if submission else {}
    return {
        str(item["digest"]): str(item.get("name", ""))
        for section in form.sections
        if section.id in opinion.sections
        for field in section.fields
        for item in attached(answers.get(field.id))
    }


@never_cache
@require_safe
def attachment(_request: HttpRequest, token: str, digits: str) -> FileResponse:
    """Give a file attached to what the expert reads, while their opinion is awaited."""
    opinion, digest = opinions.find(token), f"sha256:{digits}"
    rules.check_can_give(opinion.value(), now=timezone.now())
    if digest not in _files(opinion):
        raise Http404
    found = Attachment.objects.filter(file=opinion.application.number, digest=digest).first()
    if found is None:
        raise NotFound(_("Ce fichier n’est plus là."))
    check_may_open(found, is_own=False)
    return kept_file(blobs.find(found.digest).read_bytes(), found.name)
