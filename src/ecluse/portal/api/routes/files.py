"""The files of the caller: where they stand and until when; applications while they are written."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import File, Router, UploadedFile

from ecluse.domain.errors import NotFound
from ecluse.portal.accounts.models import User
from ecluse.portal.api import filing, paging, reading, shapes
from ecluse.portal.api.access import BearerToken, user_of
from ecluse.portal.api.routes.params import DEFAULT, Cursor, Limit, Name
from ecluse.portal.api.scopes import Scope
from ecluse.portal.applications.models import Application
from ecluse.portal.cases.actions import day_of
from ecluse.portal.cases.conditions import RUNNING
from ecluse.portal.cases.models import CaseRecord, ClockRow

router = Router()
READ, WRITE = BearerToken(Scope.FILES), BearerToken(Scope.WRITE)


@router.get("/files", response=shapes.FilePage, auth=READ, tags=["files"])
def files(request: HttpRequest, cursor: Cursor = None, limit: Limit = DEFAULT) -> dict[str, Any]:
    """The files that name the caller; for officers, all that were filed."""
    user = user_of(request)
    found = CaseRecord.objects.visible_to(user)
    rows, following = paging.page_of(found, by=("-pk",), cursor=cursor, limit=limit)
    return {"items": reading.file_lines(rows, user), "next_cursor": following}


@router.get("/files/{number}", response=shapes.File, auth=READ, tags=["files"])
def file(request: HttpRequest, number: Name) -> dict[str, Any]:
    """One file: its objects, its clocks, what was done, and what the caller may do now."""
    user = user_of(request)
    found = CaseRecord.objects.visible_to(user).filter(number=number).first()
    if found is None:
        raise NotFound("No file of this number is open to you.")
    return reading.file(found, user, today=day_of(found, timezone.now()))


@router.get("/deadlines", response=shapes.DeadlinePage, auth=READ, tags=["files"])
def deadlines(
    request: HttpRequest, cursor: Cursor = None, limit: Limit = DEFAULT
) -> dict[str, Any]:
    """Every running clock with a due day, of the files that the caller may read."""
    cases = CaseRecord.objects.visible_to(user_of(request)).values("pk")
    found = ClockRow.objects.filter(RUNNING, item__case__in=cases, due_on__isnull=False)
    rows, following = paging.page_of(
        found.select_related("item__case"), by=("due_on", "pk"), cursor=cursor, limit=limit
    )
    now = timezone.now()
    items = [reading.deadline(row, today=day_of(row.item.case, now)) for row in rows]
    return {"items": items, "next_cursor": following}


@router.post("/applications", response={201: shapes.Application}, auth=WRITE, tags=["applications"])
def start(request: HttpRequest, wanted: shapes.Start) -> dict[str, Any]:
    """Open a draft for a dataset, prefilled with who asks."""
    user = user_of(request)
    made = filing.open_draft(wanted.dataset, by=user, now=timezone.now())
    return reading.application(made, user)


@router.get("/applications/{number}", response=shapes.Application, auth=READ, tags=["applications"])
def application(request: HttpRequest, number: Name) -> dict[str, Any]:
    """The answers of an application, and what keeps it from being submitted."""
    user = user_of(request)
    return reading.application(_visible(number, user), user)


@router.patch(
    "/applications/{number}/answers",
    response=shapes.Application,
    auth=WRITE,
    tags=["applications"],
)
def save(request: HttpRequest, number: Name, given: shapes.Answers) -> dict[str, Any]:
    """Keep answers beside the others, valid or not."""
    user = user_of(request)
    place = filing.save_answers(number, given.answers, by=user, now=timezone.now())
    return reading.application(place.application, user)


@router.post(
    "/applications/{number}/attachments/{field}",
    response={201: shapes.Attached},
    auth=WRITE,
    tags=["applications"],
)
def attach(
    request: HttpRequest, number: Name, field: Name, file: File[UploadedFile]
) -> dict[str, Any]:
    """Attach a file to a question that takes files; it is searched for viruses as on the pages."""
    upload = (file.name or "", file.read())
    return filing.attach(number, field, upload, by=user_of(request), now=timezone.now())


@router.post(
    "/applications/{number}/submission",
    response=shapes.Application,
    auth=WRITE,
    tags=["applications"],
)
def submit(request: HttpRequest, number: Name, reply: shapes.Reply) -> dict[str, Any]:
    """Send the file, or send it again once completed."""
    user = user_of(request)
    sent = filing.submit(number, by=user, now=timezone.now(), reply=reply.reply)
    return reading.application(sent, user)


@router.post(
    "/applications/{number}/withdrawal",
    response=shapes.Application,
    auth=WRITE,
    tags=["applications"],
)
def withdraw(request: HttpRequest, number: Name) -> dict[str, Any]:
    """Take the file back: a draft is deleted with its answers, a filed one is kept, closed."""
    user = user_of(request)
    return reading.application(filing.withdraw(number, by=user, now=timezone.now()), user)


def _visible(number: str, user: User) -> Application:
    found = Application.objects.visible_to(user).filter(number=number).first()
    if found is None:
        raise NotFound("No application of this number is open to you.")
    return found
