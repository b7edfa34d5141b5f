"""A description as compact JSON, and back: what is empty is not written."""

import types
import typing
from collections.abc import Hashable
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

from ecluse.domain.codec import JSON
from ecluse.domain.errors import Malformed

Value = TypeVar("Value")
PLAIN = (str, int, bool)
EMPTY = (None, "", ())


def to_json(value: object) -> dict[str, JSON]:
    """Return the members of a value that are not empty; what is kept in order stays in order."""
    return {
        field.name: _written(member)
        for field in fields(typing.cast(Any, value))
        if (member := getattr(value, field.name)) not in EMPTY or member is False or member == 0
    }


def _written(member: object) -> JSON:
    if isinstance(member, tuple):
        return [_written(item) for item in member]
    if member is None or isinstance(member, PLAIN):
        return member
    return to_json(member)


def from_json(json: JSON, type_: type[Value]) -> Value:
    """Return the value of `type_` that `to_json` wrote. Raises Malformed."""
    if not isinstance(json, dict):
        raise Malformed(f"A {type_.__name__} is written as an object.")
    known = _types(typing.cast(Hashable, type_))
    unknown = sorted(json.keys() - known.keys())
    if unknown:
        raise Malformed(f"A {type_.__name__} has no member {unknown[0]!r}.")
    try:
        return type_(**{name: _read(member, known[name]) for name, member in json.items()})
    except TypeError:
        raise Malformed(f"A {type_.__name__} lacks a member that it must have.") from None


def _read(json: JSON, type_: Any) -> Any:
    if typing.get_origin(type_) is tuple:
        if not isinstance(json, list):
            raise Malformed("A list is expected.")
        return tuple(_read(item, typing.get_args(type_)[0]) for item in json)
    if isinstance(type_, types.UnionType):
        (type_,) = (each for each in typing.get_args(type_) if each is not type(None))
    if type_ not in PLAIN:
        return from_json(json, type_)
    if type(json) is not type_:
        raise Malformed(f"A value of type {type_.__name__} is expected.")
    return json


@cache
def _types(type_: Hashable) -> dict[str, Any]:
    class_ = typing.cast(Any, type_)
    hints = typing.get_type_hints(class_)
    return {field.name: hints[field.name] for field in fields(class_)}
