"""Which questions a file is asked, given what it answered before."""

from collections import ChainMap
from collections.abc import Mapping

from ecluse.domain.forms.conditions import answer_to, holds
from ecluse.domain.forms.model import Field, FormVersion


def asked(form: FormVersion, answers: object) -> dict[str, object]:
    """The fields that are asked, outside groups, with their answers, None where there is none.

    A question that hangs on one that is not asked hangs on nothing: the answer that an applicant
    once gave to a question since closed opens no other. Never raises.
    """
    found: dict[str, object] = {}
    for field in form.fields():
        if holds(field.condition, found):
            found[field.id] = answer_to(answers, field.id)
    return found


def asked_in(group: Field, item: object, around: Mapping[str, object]) -> dict[str, object]:
    """The same for one item of a group; `around` is what `asked` gives for the whole form."""
    found: dict[str, object] = {}
    scope = ChainMap(found, dict(around))
    for part in group.fields:
        if holds(part.condition, scope):
            found[part.id] = answer_to(item, part.id)
    return found


def is_asked(form: FormVersion, field: Field, answers: object) -> bool:
    """Whether the field, which is no part of a group, is to be answered."""
    return field.id in asked(form, answers)


def is_required(field: Field, scope: Mapping[str, object]) -> bool:
    """Whether an asked field must be answered, among the answers in its sight."""
    return field.required or (field.required_if is not None and holds(field.required_if, scope))
