"""The officer's desk, the common page of an action, and the letters of a file."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain.clocks import clock as clocks
from ecluse.domain.errors import EcluseError, InvalidInput, NotAllowed
from ecluse.domain.machines import Kind, acts
from ecluse.domain.machines.files import Act
from ecluse.domain.machines.machine import Action
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.cases import actions, doing, labels, reading
from ecluse.portal.cases.desk import Wanted, address_of, due_text, work_list
from ecluse.portal.cases.forms import ActForm, BulkForm, DeskForm, KeepFilterForm
from ecluse.portal.cases.letters import LetterText, letter_text
from ecluse.portal.cases.models import CaseRecord, Item, SavedFilter
from ecluse.portal.cases.parties import role_for
from ecluse.portal.cases.reading import COMMON, SOME_REASON, Reader
from ecluse.portal.cases.reasons import reasons_for
from ecluse.portal.cases.standing import governing_clock

PAGE_SIZE = 25
UNPROCESSABLE = 422


@require_safe
@signed_in
def desk(request: SignedInRequest) -> HttpResponse:
    """List the files that wait for this officer's role, by due day; the auditor sees all open."""
    request.user.require("application.read-any")
    form = DeskForm(request.GET or None)
    wanted = _wanted(form)
    today = timezone.localdate()
    found = work_list(request.user, wanted, today=today)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "files": [(case, address_of(case), due_text(case)) for case in page.object_list],
        "labels": labels,
        "form": form,
        "query": wanted.query(),
        "keep_form": KeepFilterForm(),
        "saved": request.user.saved_filters.order_by("name"),
        "bulk": BulkForm([case.number for case in page.object_list]),
        "may_assign": request.user.may("case.assign"),
        "today": today,
    }
    return render(request, "cases/desk.html", context)


def _wanted(form: DeskForm) -> Wanted:
    if not form.is_bound or not form.is_valid():
        return Wanted()
    data = form.cleaned_data
    return Wanted(data["turn"], late=data["late"], mine=data["mine"], words=data["words"])


@require_POST
@signed_in
def assignments(request: SignedInRequest) -> HttpResponse:
    """Give the files chosen to one officer: all of them, or none."""
    request.user.require("case.assign")
    numbers = request.POST.getlist("cases")[: PAGE_SIZE * 4]
    visible = CaseRecord.objects.visible_to(request.user).filter(number__in=numbers)
    form = BulkForm([case.number for case in visible], request.POST)
    if not form.is_valid():
        messages.warning(request, _("Choisissez des dossiers et un agent."))
        return redirect("cases:desk")
    chosen = visible.filter(number__in=form.cleaned_data["cases"])
    to = form.cleaned_data["assignee"]
    count = actions.assign(chosen, to, by=request.user, now=timezone.now())
    messages.success(
        request, _("%(count)d dossiers attribués à %(who)s.") % {"count": count, "who": to}
    )
    return redirect("cases:desk")


@require_POST
@signed_in
def opinions(request: SignedInRequest) -> HttpResponse:
    """Ask the opinion of the committee on the files chosen: on all of them, or on none."""
    request.user.require("case.assign")
    numbers = request.POST.getlist("cases")[: PAGE_SIZE * 4]
    chosen = CaseRecord.objects.visible_to(request.user).filter(number__in=numbers)
    if not chosen:
        messages.warning(request, _("Choisissez des dossiers."))
        return redirect("cases:desk")
    count = actions.consult_committee(chosen, by=request.user, now=timezone.now())
    messages.success(request, _("Comité consulté sur %(count)d décisions.") % {"count": count})
    return redirect("cases:desk")


@require_POST
@signed_in
def keep_view(request: SignedInRequest) -> HttpResponse:
    """Keep the view of the work list under a name; the same name again replaces it."""
    request.user.require("application.read-any")
    form, wanted = KeepFilterForm(request.POST), _wanted(DeskForm(request.POST))
    if form.is_valid():
        actions.keep_filter(request.user, form.cleaned_data["name"], wanted.query())
        messages.success(request, _("Vue gardée."))
    return redirect("cases:desk")


@require_POST
@signed_in
def remove_view(request: SignedInRequest, pk: int) -> HttpResponse:
    """Forget a view that this officer kept."""
    request.user.require("application.read-any")
    get_object_or_404(SavedFilter, account=request.user, pk=pk).delete()
    return redirect("cases:desk")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def act(request: SignedInRequest, number: str, item_id: str, action: str) -> HttpResponse:
    """Say what an action does, ask its reason, show its letter, then do it."""
    item = _visible_item(request, number, item_id)
    case = item.case
    if action not in COMMON.get(Kind(item.kind), ()):
        raise Http404
    reader = doing.reader_today(case, request.user)
    reason = reading.why_not(reader, item_id, action)
    if reason:
        return _refused(request, item, action, reason)
    row = doing.row_of(item, action)
    language = get_language() or "fr"
    reasons = reasons_for(item.kind, action)
    form = ActForm(row, reasons, _posted(request), language=language)
    if form.is_bound and form.is_valid():
        return _do(request, item, action, form)
    context = {
        "case": case,
        "item": item,
        "action": action,
        "title": labels.action_label(action),
        "form": form,
        "effects": _effects(reader, item, action, row),
        "letter": _preview(reader, item, action, row),
        "back": address_of(case, item),
    }
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "cases/act.html", context, status=status)


def _posted(request: SignedInRequest) -> object:
    return request.POST if request.method == "POST" else None


def _refused(request: SignedInRequest, item: Item, action: str, reason: str) -> HttpResponse:
    """Lead a form sent twice, or too late, to the file as it stands. Raises NotAllowed."""
    if not doing.came_too_late(request, item.case, request.user, (item.item_id, action)):
        raise NotAllowed(reason)
    return redirect(address_of(item.case, item))


def _do(request: SignedInRequest, item: Item, action: str, form: ActForm) -> HttpResponse:
    until_on = form.cleaned_data.get("until_on")
    content = actions.Content(reason=form.reason(), until_on=until_on)
    try:
        actions.perform(item, action, by=request.user, now=timezone.now(), content=content)
    except NotAllowed as error:
        return _refused(request, item, action, str(error))
    messages.success(request, _("C’est fait : %(what)s.") % {"what": labels.action_label(action)})
    return redirect(address_of(item.case, item))


def _outcome_due(reader: Reader, item: Item, action: str) -> date | None:
    """The due day of the object once the action is done, where it can be told before."""
    role = role_for(item, action, reader.user)
    done = Act(item.item_id, action, role, reader.user.subject, reader.today, SOME_REASON)
    try:
        after = acts.act(reader.file, done).file.item(item.item_id)
    except (InvalidInput, NotAllowed):
        return None
    clock = governing_clock(after)
    return clocks.due_on(clock) if clock else None


def _effects(reader: Reader, item: Item, action: str, row: Action) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    try:
        due = _outcome_due(reader, item, action)
    except EcluseError:
        due = None
    if row.to is not None and row.to != item.state:
        found.append((_("État ensuite"), labels.state_label(item.kind, row.to)))
    if due is not None:
        found.append((_("Échéance ensuite"), due))
    found.append((_("Source"), row.source or "–"))
    return found


def _preview(reader: Reader, item: Item, action: str, row: Action) -> LetterText | None:
    if row.letter is None:
        return None
    try:
        due = _outcome_due(reader, item, action)
    except EcluseError:
        due = None
    return letter_text(row.letter, reader.case, reason="", due_on=due)


def _visible_item(request: SignedInRequest, number: str, item_id: str) -> Item:
    """Return an object of a file; permits are seen by more people than the file they came from."""
    found = Item.objects.select_related("case").filter(case__number=number, item_id=item_id)
    visible = found.filter(case__in=CaseRecord.objects.visible_to(request.user).values("pk"))
    if request.user.may("permit.read-any"):
        visible = visible | found.filter(kind=Kind.PERMIT.value)
    return get_object_or_404(visible)
