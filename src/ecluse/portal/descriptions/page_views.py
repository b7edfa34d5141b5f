"""Pages of a description while it is written, which save themselves; the import of tables."""

from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.metadata.answers import PAGES
from ecluse.domain.metadata.table_files import BYTES_MOST
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.applications.fields import posted, sent_files
from ecluse.portal.descriptions import labels, reading, writing
from ecluse.portal.descriptions.actions import check_speaks
from ecluse.portal.descriptions.forms import PageForm, TablesForm
from ecluse.portal.descriptions.models import DescriptionFile
from ecluse.portal.descriptions.writing import Typed

CONFLICT: Final = 409
UNPROCESSABLE: Final = 422
WRITABLE: Final = frozenset({"draft", "returned"})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def page(request: SignedInRequest, number: str, page: str) -> HttpResponse:
    """Show one page of the description, and keep what is typed, right or not."""
    file = writable(request, number, page)
    if request.method != "POST":
        return _drawn(request, file, page)
    form = PageForm(page, writing.page_answers(file, page), request.POST)
    form.full_clean()
    file, differing = _saved(request, file, form)
    if differing:
        return _drawn(request, file, page, form=form, differing=differing)
    if "stay" in request.POST:
        messages.success(request, _("Enregistré. Vous pouvez reprendre quand vous voulez."))
        return redirect("descriptions:page", number, page)
    names = list(PAGES)
    following = names.index(page) + 1
    if following < len(names):
        return redirect("descriptions:page", number, names[following])
    return redirect("descriptions:review", number)


def _saved(
    request: HttpRequest, file: DescriptionFile, form: PageForm
) -> tuple[DescriptionFile, tuple[str, ...]]:
    typed = Typed(form.page, form.answers(), request.POST.get("seen", ""))
    return writing.save(file, typed, by=request.user, now=timezone.now())  # type: ignore[arg-type]


def _drawn(
    request: SignedInRequest,
    file: DescriptionFile,
    page: str,
    *,
    form: PageForm | None = None,
    differing: tuple[str, ...] = (),
) -> HttpResponse:
    kept = writing.page_answers(file, page)
    shown = form or PageForm(page, kept)
    wrong = reading.page_problems(file, page)
    if form is None and "checked" in request.GET:
        shown.show(wrong)
    names = list(PAGES)
    at = names.index(page)
    context = {
        "file": file,
        "page": page,
        "title": str(labels.PAGES[page]),
        "form": shown,
        "seen": writing.seen(file, page),
        "differing": [
            (str(labels.QUESTION[name]), labels.in_words(name, kept[name]) or None)
            for name in differing
        ],
        "steps": [*(str(title) for title in labels.PAGES.values()), _("Relecture")],
        "current": at + 1,
        "previous": names[at - 1] if at else None,
        "told": reading.told(wrong),
        "meter": reading.meter(file),
        "tables": reading.tables(file.said()),
    }
    return render(
        request, "descriptions/page.html", context, status=CONFLICT if differing else None
    )


@require_POST
def autosave(request: HttpRequest, number: str, page: str) -> HttpResponse:
    """Keep what is being typed; answer the line that says so, what is wrong, the new digest."""
    if not request.user.is_authenticated:
        return _not_saved(
            request, _("Vous n’êtes plus connecté : connectez-vous dans un autre onglet.")
        )
    try:
        file = writable(request, number, page)  # type: ignore[arg-type]
        form = PageForm(page, writing.page_answers(file, page), request.POST)
        form.full_clean()
        file, differing = _saved(request, file, form)
    except (InvalidInput, NotAllowed) as refused:
        return _not_saved(request, str(refused))
    if differing:
        return _not_saved(
            request, _("Quelqu’un d’autre, ou un autre onglet, a écrit cette page : rechargez-la.")
        )
    context = {
        "at": timezone.localtime(),
        "seen": writing.seen(file, page),
        "told": reading.told(reading.page_problems(file, page)),
        "meter": reading.meter(file),
    }
    answer = render(request, "descriptions/saved.html", context)
    answer["HX-Trigger"] = "saved"
    return answer


def _not_saved(request: HttpRequest, why: str) -> HttpResponse:
    return render(request, "drafts/not_saved.html", {"why": why})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def tables(request: SignedInRequest, number: str) -> HttpResponse:
    """Take the tables and variables of a file into the description, or take a group out."""
    file = writable(request, number, "data")
    if "drop" in request.POST:
        rank = request.POST["drop"]
        writing.drop_tables(
            file,
            int(rank) if rank.isascii() and rank.isdigit() and len(rank) < 6 else 0,  # noqa: PLR2004
            by=request.user,
            now=timezone.now(),
        )
        return redirect("descriptions:tables", number)
    form = TablesForm(posted(request), sent_files(request))
    if form.is_bound and form.is_valid() and _taken(request, file, form):
        return redirect("descriptions:page", number, "data")
    context = {"file": file, "form": form, "tables": reading.tables(file.said())}
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "descriptions/tables.html", context, status=status)


def _taken(request: SignedInRequest, file: DescriptionFile, form: TablesForm) -> bool:
    """Whether the file could be read; why not is written beside its control."""
    sent = form.cleaned_data["file"]
    try:
        _file, count = writing.import_tables(
            file, sent.name, sent.read(BYTES_MOST + 1), by=request.user, now=timezone.now()
        )
    except InvalidInput as refused:
        form.add_error("file", str(refused))
        return False
    messages.success(request, _("Tables importées : %(count)d.") % {"count": count})
    return True


def writable(request: SignedInRequest, number: str, page: str) -> DescriptionFile:
    """Return a description that this person may write now. Raises NotAllowed."""
    found = DescriptionFile.objects.visible_to(request.user).filter(number=number).first()
    if found is None or page not in PAGES:
        raise Http404
    check_speaks(found, "save-draft", request.user)
    if found.state not in WRITABLE:
        raise NotAllowed(_("Cette description n’est pas en cours d’écriture : ouvrez-la d’abord."))
    return found
