"""A form written as JSON: members that say nothing are left out."""

import dataclasses
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import cast

from ecluse.domain.codec import JSON
from ecluse.domain.forms.conditions import All, Comparison, Condition, Not, Operator
from ecluse.domain.forms.model import FormVersion, Text


def write(form: FormVersion) -> JSON:
    """The JSON value that `parse` reads as this form."""
    return _object(form)


def _object(value: object) -> dict[str, JSON]:
    written: dict[str, JSON] = {}
    for member in dataclasses.fields(cast("type", value)):
        content = getattr(value, member.name)
        if member.init and not _is_default(member, content):
            written[member.name] = _value(content)
    return written


def _is_default(member: "dataclasses.Field[object]", content: object) -> bool:
    return content is None or bool(content == member.default)


def _value(value: object) -> JSON:
    if isinstance(value, Text):
        return {"fr": value.fr, "en": value.en}
    if isinstance(value, Condition):
        return _condition(value)
    if isinstance(value, tuple):
        return [_value(each) for each in value]
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, bool | int | str):
        return value
    return _object(value)


def _condition(condition: Condition) -> JSON:
    if isinstance(condition, Comparison):
        return _COMPARISONS[condition.operator](condition)
    if isinstance(condition, Not):
        return {"not": _condition(condition.condition)}
    word = "all" if isinstance(condition, All) else "any"
    return {word: [_condition(each) for each in condition.conditions]}


def _is(condition: Comparison) -> JSON:
    if len(condition.values) == 1:
        return {"field": condition.field, "equals": condition.values[0]}
    return {"field": condition.field, "in": list(condition.values)}


def _bound(condition: Comparison) -> JSON:
    return {"field": condition.field, condition.operator.value: condition.values[0]}


def _answered(condition: Comparison) -> JSON:
    return {"field": condition.field, "answered": condition.values == ("yes",)}


_COMPARISONS: Mapping[Operator, Callable[[Comparison], JSON]] = {
    Operator.IS: _is,
    Operator.AT_LEAST: _bound,
    Operator.AT_MOST: _bound,
    Operator.ANSWERED: _answered,
}
