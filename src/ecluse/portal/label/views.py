"""Pages of labels: the list, one label, its picture, what the holder writes, what is decided."""

from datetime import date
from typing import Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ecluse.domain.errors import InvalidInput, NotAllowed, Refused
from ecluse.domain.metadata.label import SHOWN, WRITTEN, State
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.accounts.models import User
from ecluse.portal.applications.fields import posted
from ecluse.portal.catalogue.description import text_of
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.label import actions, drawing, labels, reading, scheme
from ecluse.portal.label.forms import DeclareForm, EvidenceForm, PlainForm, ReasonForm
from ecluse.portal.label.models import QualityLabel

UNPROCESSABLE: Final = 422
KEPT_SECONDS: Final = 3600
"""How long another site may show a picture before it asks again: a revocation is seen by then."""
FORMS: Final[dict[str, type[PlainForm]]] = {
    "submit": PlainForm,
    "withdraw": PlainForm,
    "return": ReasonForm,
    "grant": PlainForm,
    "revoke": ReasonForm,
}
"""The form of each act; what is not here is not done from a page."""


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """Tell everybody which labels hold; a holder, its own; an officer, what waits."""
    user = _user(request)
    shown = QualityLabel.objects.visible_to(user).order_by("-granted_on", "-pk")
    mine = QualityLabel.objects.of_holders_of(user) if user else QualityLabel.objects.none()
    mine = mine.select_related("dataset", "holder").order_by("-pk")
    waiting = shown.filter(state=State.SUBMITTED).order_by("submitted_at")
    askable = (
        Dataset.objects.described().filter(holders__persons__subject=user.subject)
        if (user)
        else Dataset.objects.none()
    )
    context = {
        "granted": [reading.brief(one) for one in shown.filter(state=State.GRANTED)],
        "mine": [reading.brief(one) for one in mine],
        "waiting": [reading.brief(one) for one in waiting],
        "judges": user is not None and user.may("description.read-any"),
        "askable": [(one.slug, text_of(one).title) for one in askable.distinct()],
        "sections": [(one.code, scheme.title(one)) for one in scheme.scheme().sections],
        "scheme_title": scheme.title(scheme.scheme()),
    }
    return render(request, "label/every.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def start(request: SignedInRequest, slug: str) -> HttpResponse:
    """Ask the label of a dataset that one's holder holds."""
    dataset = get_object_or_404(Dataset.objects.described(), slug=slug)
    if not dataset.holders.speaking(request.user).exists():
        raise NotAllowed(_("Le label est demandé par le détenteur du jeu de données."))
    if request.method == "POST":
        made = actions.start(dataset, by=request.user, now=timezone.now())
        return redirect("label:declare", made.pk)
    context = {"dataset": dataset, "title": text_of(dataset).title}
    return render(request, "label/start.html", context)


@require_safe
def label(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a label: its picture, each element with what it rests on, what may be done."""
    user = _user(request)
    found = _visible(request, pk)
    is_writer = user is not None and found.holder.has(user)
    context = {
        "label": found,
        "title": text_of(found.dataset).title or found.dataset.slug,
        "state": labels.STATES[State(found.state)],
        "badge": labels.BADGES[State(found.state)],
        "parts": reading.parts(found),
        "evidence": found.evidence_body(),
        "dimensions": labels.DIMENSIONS,
        "acts": _acts(found, names_shown=is_writer or (user and user.may("description.read-any"))),
        "offers": reading.offers(found, user),
        "writes": is_writer and State(found.state) in WRITTEN,
        "is_shown": State(found.state) is State.GRANTED,
        "embed": f"{settings.ECLUSE_URL}{reading.addresses(found)[1]}",
    }
    return render(request, "label/label.html", context)


def _acts(found: QualityLabel, *, names_shown: object) -> list[tuple[object, ...]]:
    """Return what happened; who did it is for those who work on it."""
    rows = found.acts.select_related("by").order_by("pk")
    return [
        (one.at, labels.ACTIONS[one.action], one.reason or None)
        + ((one.by.full_name if one.by else None,) if names_shown else ())
        for one in rows
    ]


@require_safe
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the label as a picture that any site may show."""
    found = _visible(request, pk)
    with translation.override("en" if request.GET.get("lang") == "en" else "fr"):
        data = drawing.svg(_picture(found))
    response = HttpResponse(data, content_type="image/svg+xml; charset=utf-8")
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["X-Content-Type-Options"] = "nosniff"
    if State(found.state) in SHOWN:
        response["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    return response


def _picture(found: QualityLabel) -> drawing.Picture:
    state, told = State(found.state), found.assessment()
    holds = state is State.GRANTED
    measured = sum(mark.measured for mark in told.marks)
    total = sum(mark.elements for mark in told.marks)
    foot = [str(labels.STATES[state])]
    if holds and found.granted_on and found.expires_on:
        days = {"first": _day(found.granted_on), "last": _day(found.expires_on)}
        foot = [_("Accordé le %(first)s, valable jusqu’au %(last)s") % days]
    counts = {"measured": measured, "declared": total - measured}
    foot.append(_("%(measured)d éléments mesurés, %(declared)d déclarés") % counts)
    foot.append(f"{settings.ECLUSE_URL}{reading.addresses(found)[0]}")
    told_scheme = scheme.scheme()
    return drawing.Picture(
        heading=scheme.title(told_scheme),
        subject=text_of(found.dataset).title or found.dataset.slug,
        mark=found.letter if holds else "–",
        rows=tuple(
            drawing.Row(scheme.title(section), mark.percent)
            for section, mark in zip(told_scheme.sections, told.marks, strict=True)
        ),
        foot=tuple(foot),
        language=translation.get_language() or "fr",
    )


def _day(day: date) -> str:
    return str(date_format(day, "j F Y"))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def declare(request: SignedInRequest, pk: int) -> HttpResponse:
    """Write the level of each element."""
    found = _written(request, pk)
    form = DeclareForm(
        found.declared(), posted(request), is_publicly_funded=found.is_publicly_funded
    )
    if form.is_bound and form.is_valid():
        funded = form.cleaned_data["is_publicly_funded"]
        try:
            actions.declare(found, form.answers(), is_publicly_funded=funded, by=request.user)
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Déclaration enregistrée."))
            return redirect("label:label", pk)
    sections = [(scheme.title(one), form.fields_of(one.code)) for one in scheme.scheme().sections]
    context = {"label": found, "form": form, "sections": sections}
    return _page(request, "label/declare.html", context, form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def evidence(request: SignedInRequest, pk: int) -> HttpResponse:
    """Join the signed scores of a quality report."""
    found = _written(request, pk)
    form = EvidenceForm(posted(request), request.FILES or None)
    if form.is_bound and form.is_valid():
        try:
            actions.attach(found, form.cleaned_data["file"], by=request.user, now=timezone.now())
        except (InvalidInput, Refused) as error:
            form.add_error("file", str(error))
        else:
            messages.success(request, _("Preuve jointe : ces éléments sont mesurés."))
            return redirect("label:label", pk)
    return _page(request, "label/evidence.html", {"label": found, "form": form}, form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def act(request: SignedInRequest, pk: int, action: str) -> HttpResponse:
    """Say what an act asks, then do it."""
    found = _visible(request, pk)
    if action not in FORMS:
        raise Http404
    if action not in dict(reading.offers(found, request.user)):
        raise NotAllowed(_("Cette décision n’est pas à prendre ici, ou pas par vous."))
    form = FORMS[action](posted(request))
    if form.is_bound and form.is_valid() and _done(request, found, action, form):
        messages.success(request, _("C’est fait."))
        return redirect(
            "label:every" if action == "withdraw" else "label:label",
            *(() if action == "withdraw" else (pk,)),
        )
    title = str(labels.ACTIONS[action])
    context = {"label": found, "form": form, "action": action, "title": title}
    return _page(request, "label/act.html", context, form)


def _done(request: SignedInRequest, found: QualityLabel, action: str, form: PlainForm) -> bool:
    now, reason = timezone.now(), form.cleaned_data.get("reason", "")
    today = timezone.localdate(now)
    try:
        actions.act(found, action, by=request.user, now=now, today=today, reason=reason)
    except (InvalidInput, NotAllowed) as error:
        form.add_error(None, str(error))
        return False
    return True


def _page(
    request: HttpRequest, template: str, context: dict[str, object], form: forms.Form
) -> HttpResponse:
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, template, context, status=status)


def _user(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _visible(request: HttpRequest, pk: int) -> QualityLabel:
    """Return the label if this person may know of it; otherwise 404."""
    return get_object_or_404(QualityLabel.objects.visible_to(_user(request)), pk=pk)


def _written(request: SignedInRequest, pk: int) -> QualityLabel:
    """Return a label that this person may write now. Raises NotAllowed."""
    found = _visible(request, pk)
    if not found.holder.has(request.user) or State(found.state) not in WRITTEN:
        raise NotAllowed(_("Ce label est écrit par son détenteur, avant d’être soumis."))
    return found
