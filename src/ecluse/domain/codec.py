"""Frozen dataclasses to JSON values and back, strictly: what is read is what would be written.

Only these types occur in documents: `str`, `int`, `bool`, `None`, `date`, aware UTC `datetime`
(milliseconds), `StrEnum`, tuples, other frozen dataclasses, and unions of dataclasses told apart by
a `type` member that holds the class name. No float: a number that two machines may print in two
ways has no place under a signature.
"""

import dataclasses
import types
import typing
from collections.abc import Hashable
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache

from ecluse.domain.errors import Malformed

JSON = None | bool | int | str | list["JSON"] | dict[str, "JSON"]


def format_instant(instant: datetime) -> str:
    """The instant in UTC to the millisecond, as `2026-01-05T10:00:00.000Z`."""
    text = instant.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def parse_instant(text: str) -> datetime:
    """The instant written by `format_instant`. Raises Malformed for any other spelling."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise Malformed(f"{text!r} is not an instant like 2026-01-05T10:00:00.000Z.") from None
    if instant.tzinfo is None or format_instant(instant) != text:
        raise Malformed(f"{text!r} is not an instant like 2026-01-05T10:00:00.000Z.")
    return instant


def encode(value: object) -> JSON:
    """The JSON value of a dataclass, tuple or plain value of the types named above."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _encode_member(getattr(value, field.name), type_)
            for field, type_ in _members(type(value))
        }
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    return _encode_plain(value)


def _encode_plain(value: object) -> JSON:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot stand in a document.")


def _encode_member(value: object, type_: object) -> JSON:
    if isinstance(value, tuple):
        inner = typing.get_args(type_)[0]
        return [_encode_member(item, inner) for item in value]
    encoded = encode(value)
    if isinstance(encoded, dict) and _is_union_of_classes(type_):
        return {"type": type(value).__name__, **encoded}
    return encoded


def decode(json: JSON, type_: type[typing.Any], *, at: str = "document") -> typing.Any:
    """The value of `type_` that `encode` writes as `json`. Raises Malformed naming the place."""
    if dataclasses.is_dataclass(type_):
        return _decode_dataclass(json, type_, at)
    if typing.get_origin(type_) is tuple:
        return _decode_tuple(json, typing.get_args(type_)[0], at)
    if isinstance(type_, types.UnionType):
        return _decode_union(json, type_, at)
    return _decode_plain(json, type_, at)


def _decode_dataclass(json: JSON, type_: type[typing.Any], at: str) -> object:
    if not isinstance(json, dict):
        raise Malformed(f"{at}: an object is expected.")
    members = _members(typing.cast(Hashable, type_))
    names = {field.name for field, _ in members}
    if json.keys() != names:
        extra, missing = sorted(json.keys() - names), sorted(names - json.keys())
        raise Malformed(f"{at}: unknown members {extra}, missing members {missing}.")
    values = {
        field.name: decode(json[field.name], inner, at=f"{at}.{field.name}")
        for field, inner in members
    }
    try:
        return type_(**values)
    except ValueError as error:
        raise Malformed(f"{at}: {error}") from None


def _decode_tuple(json: JSON, inner: type[typing.Any], at: str) -> tuple[object, ...]:
    if not isinstance(json, list):
        raise Malformed(f"{at}: a list is expected.")
    return tuple(decode(item, inner, at=f"{at}[{index}]") for index, item in enumerate(json))


def _decode_union(json: JSON, type_: types.UnionType, at: str) -> object:
    options = typing.get_args(type_)
    if json is None and type(None) in options:
        return None
    if not _is_union_of_classes(type_):
        (inner,) = (option for option in options if option is not type(None))
        return decode(json, inner, at=at)
    if not isinstance(json, dict) or "type" not in json:
        raise Malformed(f"{at}: an object with a type is expected.")
    chosen = {option.__name__: option for option in options}.get(str(json["type"]))
    if chosen is None:
        raise Malformed(f"{at}: unknown type {json['type']!r}.")
    return decode({k: v for k, v in json.items() if k != "type"}, chosen, at=at)


def _decode_plain(json: JSON, type_: type[typing.Any], at: str) -> object:
    if type_ in (int, bool, str):
        if type(json) is not type_:
            raise Malformed(f"{at}: {type_.__name__} is expected.")
        return json
    if not isinstance(json, str):
        raise Malformed(f"{at}: text is expected.")
    if type_ is datetime:
        return parse_instant(json)
    return _decode_word(json, type_, at)


def _decode_word(text: str, type_: type[typing.Any], at: str) -> object:
    try:
        value = type_.fromisoformat(text) if type_ is date else type_(text)
    except ValueError:
        raise Malformed(f"{at}: {text!r} is not a {type_.__name__}.") from None
    if encode(value) != text:
        raise Malformed(f"{at}: {text!r} is not a {type_.__name__}.")
    return value


def _is_union_of_classes(type_: object) -> bool:
    classes = [option for option in typing.get_args(type_) if dataclasses.is_dataclass(option)]
    return isinstance(type_, types.UnionType) and len(classes) > 1


@cache
def _members(type_: Hashable) -> tuple[tuple[dataclasses.Field[object], typing.Any], ...]:
    class_ = typing.cast(type[typing.Any], type_)
    hints = typing.get_type_hints(class_)
    return tuple((field, hints[field.name]) for field in dataclasses.fields(class_))
