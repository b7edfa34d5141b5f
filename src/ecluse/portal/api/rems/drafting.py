"""Answers and attached files that a portal sends, kept in the draft.

REMS attaches a file first and says afterwards which question it belongs to. Here a file belongs to
a question from the start: it goes to the first that takes its type, and `save-draft` moves it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from django.db import transaction
from ninja import Field, Schema
from pydantic import ConfigDict, StringConstraints

from ecluse.domain.codec import JSON
from ecluse.domain.errors import InvalidInput
from ecluse.domain.forms import Field as Question
from ecluse.domain.forms import FormVersion, Kind
from ecluse.portal.accounts.models import User
from ecluse.portal.api import filing
from ecluse.portal.api.rems import fields
from ecluse.portal.api.rems.answers import refuse
from ecluse.portal.api.rems.forms import form_id
from ecluse.portal.applications import actions, drafts
from ecluse.portal.applications.blocks import attached
from ecluse.portal.applications.drafts import Place
from ecluse.portal.applications.models import Application
from ecluse.portal.drafts.models import Attachment

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,80}$")]


class FieldValue(Schema):
    """The answer to one question: a text, or rows of columns."""

    model_config = ConfigDict(extra="forbid")

    form: int
    field: Name
    value: Any = Field(description='A text, or [[{"column": text, "value": text}]] for tables.')


@transaction.atomic
def save(found: Application, values: Sequence[FieldValue], *, by: User, now: datetime) -> Place:
    """Keep these answers.

    Raises NotAllowed; Refusal: a question or a shape that the form does not have.
    """
    place = drafts.hold(found.number, by)
    answers: dict[str, Any] = {}
    files: dict[str, str] = {}
    for one in values:
        question = _question(place.form, one)
        if question.kind is Kind.ATTACHMENT:
            files[question.id] = str(one.value)
        else:
            answers[question.id] = _read(place.form, question, one.value)
    place = filing.save_answers(found.number, answers, by=by, now=now)
    return _place_files(place, files, now=now) if files else place


def _question(form: FormVersion, one: FieldValue) -> Question:
    by_id = {field.id: field for field in form.fields()}
    if one.form != form_id(form) or one.field not in by_id:
        raise refuse("invalid-field", **{"field-id": one.field, "form-id": one.form})
    return by_id[one.field]


def _read(form: FormVersion, question: Question, value: object) -> JSON:
    try:
        return fields.read(question, value)
    except InvalidInput:
        raise refuse(
            "t.form.validation/format_error",
            **{"field-id": question.id, "form-id": form_id(form)},
        ) from None


def _place_files(place: Place, wanted: dict[str, str], *, now: datetime) -> Place:
    """Answer each of these questions with the files of these numbers, and no other."""
    number = place.application.number
    known = {str(one.pk): one for one in Attachment.objects.of_file(number)}
    answers: dict[str, JSON] = {}
    for field_id, text in wanted.items():
        chosen = [known[pk] for pk in text.replace(" ", "").split(",") if pk in known]
        for one in chosen:
            Attachment.objects.filter(pk=one.pk).update(field=field_id)
        answers[field_id] = [_item(one) for one in chosen]
        _leave_others(place, answers, field_id, {one.digest for one in chosen})
    saved = actions.save(place.application, answers, by=place.application.applicant, now=now)
    return Place(saved, place.right)


def _leave_others(place: Place, answers: dict[str, JSON], field_id: str, digests: set[str]) -> None:
    """Take moved files out of the questions where they were."""
    for question in place.form.fields():
        if question.kind is not Kind.ATTACHMENT or question.id in {field_id, *answers}:
            continue
        before = attached(place.application.answers.get(question.id))
        kept = [each for each in before if each["digest"] not in digests]
        if len(kept) != len(before):
            answers[question.id] = list(kept)


def _item(one: Attachment) -> dict[str, JSON]:
    return {"name": one.name, "type": one.type, "size": one.size, "digest": one.digest}


def attach(found: Application, upload: tuple[str, bytes], *, by: User, now: datetime) -> int:
    """Attach a file to the first question that takes it; return its number.

    Raises Refusal: no question takes it, or it is too heavy, or infected.
    """
    form = actions.form_of(found)
    reason = "No question of the form takes files."
    for question in form.fields():
        if question.kind is not Kind.ATTACHMENT:
            continue
        try:
            item = filing.attach(found.number, question.id, upload, by=by, now=now)
        except InvalidInput as error:
            reason = str(error)
            continue
        rows = Attachment.objects.of_file(found.number).filter(digest=item["digest"])
        return rows.order_by("pk")[0].pk
    raise refuse("unsupported-attachment", message=reason)
