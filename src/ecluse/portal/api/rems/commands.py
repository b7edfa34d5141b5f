"""What a portal does for a person, as REMS answers it: the same actions as the pages."""

from typing import Annotated, Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Field, File, Query, Router, Schema, UploadedFile
from pydantic import ConfigDict, StringConstraints

from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.portal.accounts.models import User
from ecluse.portal.api import actions, filing
from ecluse.portal.api.access import user_of
from ecluse.portal.api.models import Acceptance
from ecluse.portal.api.rems import drafting
from ecluse.portal.api.rems.access import PartnerKey, UserId, person
from ecluse.portal.api.rems.answers import Refusal, refuse
from ecluse.portal.api.rems.forms import wrong_fields
from ecluse.portal.api.rems.queries import own
from ecluse.portal.api.rems.shown import conditions_digest
from ecluse.portal.applications import actions as applications
from ecluse.portal.applications import drafts, teams
from ecluse.portal.applications.models import Application
from ecluse.portal.catalogue.models import Dataset

router = Router(tags=["rems"], auth=PartnerKey())

LARGEST = 2**53
Number = Annotated[int, Field(ge=0, le=LARGEST)]
Short = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=200)]
Done = dict[str, Any]


class Command(Schema):
    """Fields are named as REMS names them; others are ignored."""

    model_config = ConfigDict(populate_by_name=True)


class Organization(Command):
    """An organisation by its name."""

    id: Short = Field(alias="organization/id")


class CreateUser(Command):
    """A person of the portal."""

    userid: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]+$", max_length=200)]
    name: Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=150)] | None
    email: Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=254)] | None
    organizations: list[Organization] = Field(default=[], max_length=20)


class Create(Command):
    """Which items an application asks for."""

    items: list[Number] = Field(alias="catalogue-item-ids", max_length=100)


class OnApplication(Command):
    """Which application a command is about."""

    application: Number = Field(alias="application-id")


class SaveDraft(OnApplication):
    """Answers, field by field."""

    values: list[drafting.FieldValue] = Field(alias="field-values", max_length=500)


class Accept(OnApplication):
    """Which licences a person accepts."""

    licenses: list[Number] = Field(alias="accepted-licenses", max_length=100)


class Member(Command):
    """Somebody to invite."""

    name: Short
    email: Short


class Invite(OnApplication):
    """Whom to invite."""

    member: Member


@router.post("/users/create", response=Done)
def create_user(request: HttpRequest, command: CreateUser) -> Done:
    """Make an account for a person of the portal, or rename it.

    An address that has an account of its own is refused: no portal acts for it.
    """
    organisation = (
        command.organizations[0].id if command.organizations else user_of(request).full_name
    )
    try:
        actions.bring_person(
            user_of(request),
            command.userid,
            email=command.email or command.userid,
            name=command.name or "",
            organisation=organisation[:150],
        )
    except InvalidInput as error:
        raise refuse("invalid-user", message=str(error)) from None
    return {"success": True}


@router.post("/applications/create", response=Done)
def create(request: HttpRequest, command: Create, user_id: UserId) -> Done:
    """Open a draft for a dataset; a file of ours asks for one."""
    by = person(request, user_id)
    found = Dataset.objects.described().filter(pk__in=command.items).first()
    if len(set(command.items)) > 1:
        raise refuse("unbundlable-catalogue-items", **{"catalogue-item-ids": command.items})
    if found is None:
        raise refuse("invalid-catalogue-item", **{"catalogue-item-ids": command.items})
    made = filing.open_draft(found.slug, by=by, now=timezone.now())
    return {"success": True, "application-id": made.pk}


@router.post("/applications/save-draft", response=Done)
def save_draft(request: HttpRequest, command: SaveDraft, user_id: UserId) -> Done:
    """Keep answers, valid or not; warnings say what will be missing."""
    by = person(request, user_id)
    found = _writable(command.application, by)
    place = drafting.save(found, command.values, by=by, now=timezone.now())
    warnings = wrong_fields(place.form, place.application.answers)
    return {"success": True, "warnings": warnings, "application-id": found.pk}


@router.post("/applications/accept-licenses", response=Done)
def accept_licenses(request: HttpRequest, command: Accept, user_id: UserId) -> Done:
    """Accept the conditions of the dataset, as they stand."""
    by = person(request, user_id)
    found = _found(command.application, by)
    if set(command.licenses) != {found.dataset.pk}:
        raise refuse("invalid-license", **{"license-ids": command.licenses})
    Acceptance.objects.get_or_create(
        account=by,
        file=found.number,
        dataset=found.dataset.slug,
        digest=conditions_digest(found.dataset),
        defaults={"at": timezone.now()},
    )
    return {"success": True}


@router.post("/applications/add-attachment", response=Done)
def add_attachment(
    request: HttpRequest,
    application_id: Annotated[int, Query(alias="application-id", ge=0, le=LARGEST)],
    user_id: UserId,
    file: File[UploadedFile],
) -> Done:
    """Attach a file; `save-draft` then says to which question it belongs."""
    by = person(request, user_id)
    found = _writable(application_id, by)
    upload = (file.name or "", file.read())
    number = drafting.attach(found, upload, by=by, now=timezone.now())
    return {"success": True, "id": number}


@router.post("/applications/invite-member", response=Done)
def invite_member(request: HttpRequest, command: Invite, user_id: UserId) -> Done:
    """Invite somebody to read the file. The link is in the warnings: the portal passes it on."""
    by = person(request, user_id)
    place = drafts.find(_found(command.application, by).number, by)
    try:
        token = teams.invite(place, command.member.email, role="reader", by=by, now=timezone.now())
    except InvalidInput as error:
        raise refuse("invalid-member", message=str(error)) from None
    except NotAllowed:
        raise refuse("forbidden") from None
    link = f"{settings.ECLUSE_URL}{reverse('drafts:join', args=[token])}"
    return {"success": True, "warnings": [{"type": "invitation-link", "link": link}]}


@router.post("/applications/submit", response=Done)
def submit(request: HttpRequest, command: OnApplication, user_id: UserId) -> Done:
    """Send the file, once every question is answered and the conditions are accepted."""
    by = person(request, user_id)
    with transaction.atomic():
        found = _writable(command.application, by)
        errors = wrong_fields(applications.form_of(found), found.answers)
        has_accepted = Acceptance.objects.filter(
            account=by, file=found.number, digest=conditions_digest(found.dataset)
        ).exists()
        errors += [] if has_accepted else [{"type": "not-accepted-licenses"}]
        if errors:
            raise Refusal(*errors, warnings=[], **{"application-id": found.pk})
        try:
            filing.submit(found.number, by=by, now=timezone.now())
        except InvalidInput as error:
            raise refuse("invalid-input", message=str(error)) from None
    return {"success": True, "application-id": found.pk}


@router.post("/applications/delete", response=Done)
def delete(request: HttpRequest, command: OnApplication, user_id: UserId) -> Done:
    """Delete a draft; a filed application is withdrawn on its page, never deleted."""
    by = person(request, user_id)
    found = _writable(command.application, by)
    if found.state != "draft":
        raise refuse("forbidden")
    filing.withdraw(found.number, by=by, now=timezone.now())
    return {"success": True, "application-id": found.pk}


def _found(application_id: int, by: User) -> Application:
    try:
        return own(application_id, by)
    except NotFound:
        raise refuse("application-not-found") from None


def _writable(application_id: int, by: User) -> Application:
    """An application that this person may write now, as its applicant or in its team."""
    found = _found(application_id, by)
    try:
        drafts.require_writer(drafts.find(found.number, by))
    except NotAllowed:
        raise refuse("forbidden") from None
    return found
