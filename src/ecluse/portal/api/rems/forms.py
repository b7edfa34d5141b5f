"""A form of ours, with its answers, as REMS shows one; and the numbers by which REMS names it."""

import hashlib
from collections.abc import Mapping
from typing import Any

from ecluse.domain.answers import problems
from ecluse.domain.forms import Field, FormVersion, Text, Visibility, asked
from ecluse.portal.api.rems.fields import TYPES, columns_of, written
from ecluse.portal.drafts.models import Attachment

DIGITS = 7


def form_id(form: FormVersion) -> int:
    """The number of a form version: the same for ever, whatever is published later."""
    name = f"{form.form}/{form.version}".encode()
    return int(hashlib.sha256(name).hexdigest()[:DIGITS], 16) + 1


def words(text: Text) -> dict[str, str]:
    """A text in both languages."""
    return {"fr": text.fr, "en": text.en}


def form_shown(
    form: FormVersion, answers: Mapping[str, Any], attachments: list[Attachment]
) -> dict[str, Any]:
    """A form with its answers."""
    ids = {one.digest: one.pk for one in attachments}
    visible = asked(form, answers)
    return {
        "form/id": form_id(form),
        "form/title": form.title.en,
        "form/internal-name": f"{form.form} {form.version}",
        "form/external-title": words(form.title),
        "form/fields": [
            {
                **_field(field),
                "field/visible": field.id in visible,
                "field/value": written(field, answers.get(field.id), ids),
            }
            for field in form.fields()
        ],
    }


def _field(field: Field) -> dict[str, Any]:
    is_public = field.visibility is Visibility.PUBLIC
    shown: dict[str, Any] = {
        "field/id": field.id,
        "field/type": TYPES[field.kind],
        "field/title": words(field.label),
        "field/optional": not field.required,
        "field/private": not is_public,
        "field/privacy": "public" if is_public else "private",
    }
    if field.help:
        shown["field/info-text"] = words(field.help)
    if field.maximum_length:
        shown["field/max-length"] = field.maximum_length
    return shown | _choices(field)


def _choices(field: Field) -> dict[str, Any]:
    kind = TYPES[field.kind]
    if kind == "table":
        names = [{"key": name, "label": {"en": name}} for name in columns_of(field)]
        return {"field/columns": names}
    if field.choices:
        given = [{"key": one.value, "label": words(one.label)} for one in field.choices]
        return {"field/options": given}
    if kind == "option":
        yes_no = (("yes", "Oui", "Yes"), ("no", "Non", "No"))
        return {"field/options": [{"key": k, "label": {"fr": f, "en": e}} for k, f, e in yes_no]}
    return {}


def wrong_fields(form: FormVersion, answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What keeps the answers from being submitted, by type; each question once."""
    found = {one.field: one.code for one in reversed(problems(form, answers))}
    return [
        {
            "field-id": field.id,
            "form-id": form_id(form),
            "type": "t.form.validation/"
            + ("required" if found[field.id] == "required" else "format_error"),
        }
        for field in form.fields()
        if field.id in found
    ]
