"""The published JSON Schema (2020-12) of each document that crosses a gate.

Generated from the dataclasses of `documents`, so that a schema can never say something else than
the code that reads and writes.
"""

import dataclasses
import types
import typing
from datetime import date, datetime
from enum import StrEnum

from ecluse.domain.codec import JSON
from ecluse.domain.documents import KINDS, SIGNERS, VERSION, Document

BASE = "https://ecluse.example/schemas"
IDENTIFIER = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
INSTANT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"

Schema = dict[str, JSON]


def schema_name(kind: str) -> str:
    """The file name of a kind's schema, such as `Permit.v1.schema.json`."""
    return f"{kind}.v{VERSION}.schema.json"


def envelope_schema(kind: str) -> Schema:
    """The schema of the signed file of one kind: the document, and its detached JWS."""
    defs: Schema = {}
    header = {
        field.name: _of(hint, defs)
        for field, hint in _hints(Document)
        if field.name not in {"body", "issuer"}
    }
    issuers: list[JSON] = [signer.value for signer in sorted(SIGNERS[kind])]
    members: Schema = {
        **header,
        "id": {"type": "string", "pattern": IDENTIFIER},
        "issuer": {"enum": issuers},
        "kind": {"const": kind},
        "version": {"const": VERSION},
        "body": _of(KINDS[kind], defs),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{BASE}/{schema_name(kind)}",
        "title": kind,
        "description": (KINDS[kind].__doc__ or "").strip().split("\n")[0],
        **_object({"document": _object(members), "signature": _signature()}),
        "$defs": defs,
    }


def _signature() -> Schema:
    return {
        "type": "string",
        "description": "Detached JWS (RFC 7515 app. F, RFC 7797) over the canonical document.",
        "pattern": r"^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]{86}$",
    }


def _object(members: Schema) -> Schema:
    return {
        "type": "object",
        "properties": members,
        "required": list[JSON](sorted(members)),
        "additionalProperties": False,
    }


def _of(type_: object, defs: Schema) -> Schema:
    if isinstance(type_, types.UnionType):
        return _of_union(type_, defs)
    if typing.get_origin(type_) is tuple:
        return {"type": "array", "items": _of(typing.get_args(type_)[0], defs)}
    if isinstance(type_, type) and dataclasses.is_dataclass(type_):
        return _reference(type_, defs)
    return _of_plain(type_)


def _of_plain(type_: object) -> Schema:
    if isinstance(type_, type) and issubclass(type_, StrEnum):
        return {"enum": [member.value for member in type_]}
    plain: dict[object, Schema] = {
        bool: {"type": "boolean"},
        int: {"type": "integer"},
        str: {"type": "string"},
        datetime: {"type": "string", "pattern": INSTANT},
        date: {"type": "string", "format": "date"},
        type(None): {"type": "null"},
    }
    return plain[type_]


def _of_union(type_: types.UnionType, defs: Schema) -> Schema:
    options = typing.get_args(type_)
    tagged = sum(dataclasses.is_dataclass(option) for option in options) > 1
    return {"anyOf": [(_tagged if tagged else _of)(option, defs) for option in options]}


def _tagged(type_: type, defs: Schema) -> Schema:
    if type_ is type(None):
        return _of(type_, defs)
    name = f"{type_.__name__}Node"
    if name not in defs:
        defs[name] = {}  # set before its members are read: a cohort holds cohorts
        defs[name] = _object({**_members(type_, defs), "type": {"const": type_.__name__}})
    return {"$ref": f"#/$defs/{name}"}


def _reference(type_: type, defs: Schema) -> Schema:
    if type_.__name__ not in defs:
        defs[type_.__name__] = {}
        defs[type_.__name__] = _object(_members(type_, defs))
    return {"$ref": f"#/$defs/{type_.__name__}"}


def _members(type_: type, defs: Schema) -> Schema:
    return {field.name: _of(hint, defs) for field, hint in _hints(type_)}


def _hints(type_: type) -> list[tuple[dataclasses.Field[object], object]]:
    hints = typing.get_type_hints(type_)
    return [(field, hints[field.name]) for field in dataclasses.fields(type_)]
