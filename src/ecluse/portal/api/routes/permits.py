"""The permits of the caller, their signed bytes, and the visas that they give."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from ecluse.domain.errors import NotFound
from ecluse.portal.accounts.models import User
from ecluse.portal.api import paging, reading, shapes, visas
from ecluse.portal.api.access import BearerToken, user_of
from ecluse.portal.api.routes.params import DEFAULT, Cursor, Limit, Name
from ecluse.portal.api.scopes import Scope
from ecluse.portal.permits.models import PermitRecord

router = Router(tags=["permits"])
READ = BearerToken(Scope.PERMITS)


@router.get("/permits", response=shapes.PermitPage, auth=READ)
def permits(request: HttpRequest, cursor: Cursor = None, limit: Limit = DEFAULT) -> dict[str, Any]:
    """The permits that name the caller; for officers, all."""
    found = PermitRecord.objects.visible_to(user_of(request)).select_related("application")
    rows, following = paging.page_of(found, by=("-pk",), cursor=cursor, limit=limit)
    today = timezone.localdate()
    items = [reading.permit(row, today=today) for row in rows]
    return {"items": items, "next_cursor": following}


@router.get("/permits/{number}", response=shapes.PermitLine, auth=READ)
def permit(request: HttpRequest, number: Name) -> dict[str, Any]:
    """One permit."""
    return reading.permit(_visible(number, user_of(request)), today=timezone.localdate())


@router.get(
    "/permits/{number}/document",
    auth=READ,
    url_name="permit_document",
    openapi_extra={
        "responses": {
            "200": {
                "description": "The signed permit, byte for byte (docs/reference/documents).",
                "content": {"application/json": {"schema": {"type": "object"}}},
            }
        }
    },
)
def document(request: HttpRequest, number: Name) -> HttpResponse:
    """The signed permit, byte for byte: anybody can verify it offline."""
    found = _visible(number, user_of(request))
    return HttpResponse(bytes(found.data), content_type="application/json")


@router.get("/passport", response=shapes.Passport, auth=READ)
def passport(request: HttpRequest) -> dict[str, Any]:
    """The caller's GA4GH passport: a visa for each dataset of each permit in force."""
    return {"ga4gh_passport_v1": visas.passport(user_of(request), now=timezone.now())}


def _visible(number: str, user: User) -> PermitRecord:
    found = PermitRecord.objects.visible_to(user).filter(number=number).first()
    if found is None:
        raise NotFound("No permit of this number is open to you.")
    return found
