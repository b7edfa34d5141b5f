"""Write a draft from a program: the same rights and the same actions as the pages."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.domain.forms import Field, Kind
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import actions, drafts
from ecluse.portal.applications.blocks import attached
from ecluse.portal.applications.drafts import Place
from ecluse.portal.applications.models import Application
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.drafts import actions as around

NUL = "\\u0000"


def open_draft(slug: str, *, by: User, now: datetime) -> Application:
    """Open a draft for a dataset. Raises NotFound, NotAllowed, InvalidInput."""
    dataset = Dataset.objects.described().filter(slug=slug).first()
    if dataset is None:
        raise NotFound("No dataset of this name: look it up in the catalogue.")
    return actions.start(dataset, by=by, now=now)


@transaction.atomic
def save_answers(number: str, answers: Mapping[str, Any], *, by: User, now: datetime) -> Place:
    """Keep answers beside the others, valid or not; an editor writes in the applicant's name.

    Raises NotFound, NotAllowed. Raises InvalidInput: a question that the form does not ask, one
    that takes files, or text that cannot be kept.
    """
    place = drafts.hold(number, by)
    known = {field.id: field for field in place.form.fields()}
    unknown = sorted(set(answers) - set(known))
    if unknown:
        raise InvalidInput(f"The form asks no question {unknown[0]!r}.")
    files = [name for name in answers if known[name].kind is Kind.ATTACHMENT]
    if files:
        raise InvalidInput(f"{files[0]} takes files: send them to its own address.")
    if NUL in json.dumps(answers):
        raise InvalidInput("An answer holds a NUL character: take it out.")
    return _save(place, answers, now=now)


@transaction.atomic
def attach(
    number: str, field_id: str, upload: tuple[str, bytes], *, by: User, now: datetime
) -> dict[str, Any]:
    """Attach a file, given as its name and bytes, to a question; what the answer says of it.

    Raises NotFound, NotAllowed, InvalidInput.
    """
    place = drafts.hold(number, by)
    field = file_field(place, field_id)
    item = around.attach(number, field, upload, by=by, now=now)
    others = attached(place.application.answers.get(field_id))
    kept = [*(each for each in others if each["digest"] != item["digest"]), item]
    _save(place, {field_id: kept}, now=now)
    return dict(item)


def file_field(place: Place, field_id: str) -> Field:
    """Return a question that takes files. Raises NotFound."""
    for field in place.form.fields():
        if field.id == field_id and field.kind is Kind.ATTACHMENT:
            return field
    raise NotFound("The form has no question of this name that takes files.")


def _save(place: Place, answers: Mapping[str, Any], *, now: datetime) -> Place:
    application = place.application
    saved = actions.save(application, answers, by=application.applicant, now=now)
    return Place(saved, place.right)


@transaction.atomic
def submit(number: str, *, by: User, now: datetime, reply: str = "") -> Application:
    """Send the file as the applicant. Raises NotFound, NotAllowed, InvalidInput."""
    place = drafts.find(number, by)
    drafts.require_applicant(place)
    return actions.submit(place.application, by=by, now=now, reply=reply)


@transaction.atomic
def withdraw(number: str, *, by: User, now: datetime) -> Application:
    """Take the file back as the applicant. Raises NotFound, NotAllowed."""
    place = drafts.find(number, by)
    drafts.require_applicant(place)
    return actions.withdraw(place.application, by=by, now=now)
