"""What a portal reads, as REMS answers it."""

from collections.abc import Iterator
from io import BytesIO
from typing import Annotated, Any

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from ninja import Query, Router

from ecluse.domain.errors import NotFound
from ecluse.portal.accounts.models import User
from ecluse.portal.api import actions, visas
from ecluse.portal.api.access import user_of
from ecluse.portal.api.rems import shown
from ecluse.portal.api.rems.access import PartnerKey, UserId, person
from ecluse.portal.api.rems.answers import Error
from ecluse.portal.api.rems.forms import form_id
from ecluse.portal.api.visa_keys import visa_key
from ecluse.portal.applications import versions
from ecluse.portal.applications.attachments import find_file
from ecluse.portal.applications.models import Application
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.drafts.models import Attachment
from ecluse.portal.mailbox import blobs
from ecluse.portal.permits.models import PermitRecord

router = Router(tags=["rems"], auth=PartnerKey())

Text = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]
Shown = dict[str, Any]


@router.get("/catalogue-items", response=list[Shown])
def catalogue_items(request: HttpRequest, user_id: UserId, resource: Text = "") -> list[Shown]:
    """The datasets of the catalogue, or the one of that name."""
    person(request, user_id)
    found = Dataset.objects.described()
    if resource:
        found = found.filter(slug=resource)
    form = form_id(versions.load(versions.FORM, versions.newest(versions.FORM)))
    return [
        {
            "id": row.pk,
            "resource-id": row.pk,
            "resid": row.slug,
            "formid": form,
            "wfid": shown.WORKFLOW,
            "archived": False,
            "enabled": True,
            "expired": False,
        }
        for row in found
    ]


@router.get("/my-applications", response=list[Shown])
def my_applications(request: HttpRequest, user_id: UserId, query: Text = "") -> list[Shown]:
    """The files that name this person, the last first; `query` is a part of a number or title."""
    reader, partner = person(request, user_id), user_of(request)
    found = [
        shown.overview(one, reader, partner)
        for one in Application.objects.naming(reader).order_by("-pk")
    ]
    wanted = query.strip().lower()
    return [
        one
        for one in found
        if wanted in f"{one['application/external-id']} {one['application/description']}".lower()
    ]


@router.get("/applications/attachment/{int:attachment_id}", response={404: Error})
def attachment(request: HttpRequest, attachment_id: int, user_id: UserId) -> FileResponse:
    """A file attached to an application of this person."""
    reader = person(request, user_id)
    row = Attachment.objects.filter(pk=attachment_id).first()
    if row is None:
        raise NotFound("No attachment of this number.")
    found = find_file(row.file, row.digest, reader)
    answer = FileResponse(
        BytesIO(blobs.find(found.digest).read_bytes()),
        as_attachment=True,
        filename=found.name,
        content_type=shown.BINARY,
    )
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@router.get("/applications/{int:application_id}", response={200: Shown, 404: Error})
def application(request: HttpRequest, application_id: int, user_id: UserId) -> Shown:
    """One application of this person."""
    reader = person(request, user_id)
    return shown.whole(own(application_id, reader), reader, user_of(request))


@router.get("/entitlements", response=list[Shown])
def entitlements(
    request: HttpRequest,
    user_id: UserId,
    user: Text = "",  # noqa: ARG001 - taken and ignored, as REMS does
    resource: Text = "",
    expired: bool = False,  # noqa: FBT001, FBT002 - a parameter of the query, as REMS names it
) -> list[Shown]:
    """What the permits that name this person give; ended and revoked ones only if asked.

    `user` is ignored, as in REMS for who may not ask about others.
    """
    reader, partner = person(request, user_id), user_of(request)
    now = timezone.now()
    return [
        shown.entitlement(record, reader, slug, partner)
        for record in PermitRecord.objects.naming(reader).order_by("-granted_at", "-pk")
        if expired or visas.is_in_force(record, now=now)
        for slug in _datasets(record)
        if resource in ("", slug)
    ]


def _datasets(record: PermitRecord) -> Iterator[str]:
    return (given.dataset for given in record.terms().datasets)


@router.get("/permissions/{wanted}", response={200: Shown})
def permissions(request: HttpRequest, wanted: str, user_id: UserId) -> Shown:
    """The GA4GH passport of a person whom the portal brought."""
    person(request, user_id)
    account = actions.person_of(user_of(request), wanted)
    return {"ga4gh_passport_v1": visas.passport(account, now=timezone.now())}


@router.get("/jwk", response=Shown, auth=None)
def jwk(request: HttpRequest) -> Shown:  # noqa: ARG001 - given to all
    """The public key of the visas (RFC 7517), for everybody."""
    return {"keys": [visa_key().public_jwk()]}


def own(application_id: int, reader: User) -> Application:
    """An application that names this person. Raises NotFound."""
    found = Application.objects.naming(reader).filter(pk=application_id).first()
    if found is None:
        raise NotFound("No application of this number is open to this person.")
    return found
