"""What is the same for everybody: the catalogue, the forms, the public register; and who asks."""

from dataclasses import asdict
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from ecluse.domain.errors import NotFound
from ecluse.domain.forms.writing import write
from ecluse.portal.api import paging, reading, shapes
from ecluse.portal.api.access import BearerToken, caller_of
from ecluse.portal.api.routes.params import DEFAULT, Cursor, Limit, Name
from ecluse.portal.api.scopes import Scope
from ecluse.portal.applications import versions
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.register import actions as publishing
from ecluse.portal.register.formats import address
from ecluse.portal.register.models import Publication
from ecluse.portal.register.rows import Stage
from ecluse.portal.search.finding import find
from ecluse.portal.search.indexing import refresh
from ecluse.portal.search.questions import Question

router = Router()

Search = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]


@router.get("/account", response=shapes.Account, auth=BearerToken(), tags=["account"])
def account(request: HttpRequest) -> dict[str, Any]:
    """Who asks, and what the token opens."""
    caller = caller_of(request)
    return {
        "subject": caller.user.subject,
        "full_name": caller.user.full_name,
        "organisation": caller.user.organisation,
        "roles": sorted(role.value for role in caller.user.roles()),
        "scopes": caller.token.scopes,
        "expires_at": caller.token.expires_at,
    }


@router.get(
    "/datasets", response=shapes.DatasetPage, auth=BearerToken(Scope.CATALOGUE), tags=["catalogue"]
)
def datasets(
    request: HttpRequest,  # noqa: ARG001 - what every route is given
    q: Search = "",
    cursor: Cursor = None,
    limit: Limit = DEFAULT,
) -> dict[str, Any]:
    """The datasets that `q` finds on the catalogue's page, in the order of their names."""
    found = Dataset.objects.described()
    if q.strip():
        refresh(now=timezone.now())
        found = found.filter(pk__in=find(Question(q)).keys)
    rows, following = paging.page_of(found, by=("slug",), cursor=cursor, limit=limit)
    return {"items": [reading.dataset(row) for row in rows], "next_cursor": following}


@router.get(
    "/datasets/{slug}",
    response=shapes.DatasetDetail,
    auth=BearerToken(Scope.CATALOGUE),
    tags=["catalogue"],
)
def dataset(request: HttpRequest, slug: Name) -> dict[str, Any]:  # noqa: ARG001 - given to all
    """One dataset, with what its last snapshot holds."""
    found = Dataset.objects.described().filter(slug=slug).first()
    if found is None:
        raise NotFound("No dataset of this name: look it up in the list.")
    return reading.dataset_detail(found)


@router.get(
    "/forms/{form}/{version}",
    response=dict[str, Any],
    auth=BearerToken(Scope.CATALOGUE),
    tags=["catalogue"],
)
def form(request: HttpRequest, form: Name, version: int) -> object:  # noqa: ARG001 - given to all
    """One published version of a form: its sections, questions, conditions and rules."""
    return write(versions.load(form, version))


@router.get(
    "/register",
    response=shapes.RegisterPage,
    auth=BearerToken(Scope.REGISTER),
    tags=["register"],
)
def register(
    request: HttpRequest,  # noqa: ARG001 - what every route is given
    q: Search = "",
    stage: Stage | None = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT,
) -> dict[str, Any]:
    """What was asked, granted or refused, and why: one line a matter (EHDS art. 57(1)(j))."""
    publishing.follow()
    found = Publication.objects.decisions()
    if stage:
        found = found.at_stage(stage, today=timezone.localdate())
    if q.strip():
        found = found.matching(q)
    rows, following = paging.page_of(found, by=("-pk",), cursor=cursor, limit=limit)
    items = [{"address": address("decision", row.number), **asdict(row.row())} for row in rows]
    return {"items": items, "next_cursor": following}
