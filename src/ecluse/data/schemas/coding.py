"""A model as JSON and back: what a snapshot keeps of the model it was loaded under.

Members that hold their default (an empty list, no year) are not written. The members of a table
and of a source have the names of their fields, in JSON as in the files of a model.
"""

import dataclasses
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

from ecluse.data.schemas.columns import Column
from ecluse.data.schemas.models import (
    EventSource,
    Facts,
    Join,
    Link,
    Mark,
    Model,
    Parent,
    Reference,
    Register,
    TableSchema,
)
from ecluse.domain.codec import JSON
from ecluse.domain.errors import Malformed

Fields = Mapping[str, Any]
T = TypeVar("T")


def encode(model: Model, tables: Collection[str]) -> JSON:
    """Return `model` cut to `tables`, their parents, and the sources and links found in them.

    Raises:
        NotFound: a table that the model does not have.
    """
    kept = _with_parents(model, tables)
    return _encoded(
        dataclasses.replace(
            model,
            tables={name: schema for name, schema in model.tables.items() if name in kept},
            sources={
                name: source
                for name, source in model.sources.items()
                if {source.table, source.reference.table if source.reference else source.table}
                <= kept
            },
            links={
                name: link
                for name, link in model.links.items()
                if {link.table, link.told_by} <= kept
            },
        )
    )


def decode(json: JSON) -> Model:
    """Return the model that `encode` wrote. Raises Malformed."""
    if not isinstance(json, dict):
        raise Malformed("A model is a JSON object: this is none.")
    fields = dict(json)
    tables, sources = fields.pop("tables", None), fields.pop("sources", None)
    links = fields.pop("links", [])
    if not all(isinstance(part, list) for part in (tables, sources, links)):
        raise Malformed("A model has a list of tables and a list of sources: this has not.")
    return assemble(
        fields,
        tables=cast("list[Any]", tables),
        sources=cast("list[Any]", sources),
        links=cast("list[Any]", links),
    )


def assemble(
    fields: Fields,
    *,
    tables: Collection[Any],
    sources: Collection[Any],
    links: Collection[Any] = (),
) -> Model:
    """Return the model made of its own `fields` and those of its tables, sources and links.

    Raises:
        Malformed: a member is missing, unknown or of another kind; says which, and where.
    """
    name = str(fields.get("name"))
    schemas = [table_from(name, item) for item in tables]
    found = [source_from(name, item) for item in sources]
    joined = [link_from(name, item) for item in links]
    return _made(
        Model,
        {
            **fields,
            "register": _register(fields.get("register")),
            "tables": {schema.name: schema for schema in schemas},
            "sources": {source.name: source for source in found},
            "links": {link.name: link for link in joined},
        },
        f"model {name}",
    )


def table_from(model: str, fields: Fields) -> TableSchema:
    """Return the table that `fields` describe. Raises Malformed."""
    where = f"table {fields.get('name')}"
    parent = fields.get("parent")
    return _made(
        TableSchema,
        {
            **_titled(fields),
            "model": model,
            "columns": tuple(column_from(item, where) for item in fields.get("columns", ())),
            "parent": None if parent is None else _made(Parent, parent, where),
            "joins": tuple(_made(Join, item, where) for item in fields.get("joins", ())),
        },
        where,
    )


def column_from(fields: Fields, table: str) -> Column:
    """Return the column that `fields` describe. Raises Malformed."""
    return _made(Column, _titled(fields), f"{table}, column {fields.get('name')}")


def source_from(model: str, fields: Fields) -> EventSource:
    """Return the event source that `fields` describe. Raises Malformed."""
    where = f"source {fields.get('name')}"
    reference = fields.get("reference")
    made = None if reference is None else _made(Reference, reference, where)
    return _made(EventSource, {**fields, "model": model, "reference": made}, where)


def link_from(model: str, fields: Fields) -> Link:
    """Return the link that `fields` describe. Raises Malformed."""
    where = f"link {fields.get('name')}"
    marks = {name: _marks(fields[name], where) for name in ("own", "other") if name in fields}
    return _made(Link, {**_titled(fields), **marks, "model": model}, where)


def _marks(items: object, where: str) -> object:
    return [_made(Mark, item, where) for item in items] if isinstance(items, list) else items


def _register(fields: object) -> Register:
    if not isinstance(fields, Mapping) or fields.get("facts") is None:
        return _made(Register, fields, "register")
    return _made(Register, {**fields, "facts": _made(Facts, fields["facts"], "facts")}, "register")


def _titled(fields: Fields) -> Fields:
    """Return `fields` with the French title where nobody has translated it."""
    return {**fields, "title_en": fields.get("title_en") or fields.get("title_fr", "")}


def _made(kind: type[T], fields: object, where: str) -> T:
    if not isinstance(fields, Mapping):
        raise Malformed(f"{where}: a {kind.__name__} is missing.")
    values = {
        name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()
    }
    for name, member in _members(cast("Hashable", kind)).items():
        if name in values and not member.fits(values[name]):
            raise Malformed(f"{where}: {name} is {fields[name]!r}; use {member.wanted}.")
    try:
        return kind(**values)
    except TypeError as error:
        # Python's message names the member, which is the author's word, never a person's.
        raise Malformed(f"{where}: {str(error).partition('() ')[2]}.") from None


@dataclass(frozen=True, slots=True)
class _Member:
    """What a field accepts: some words, or values of a class, one or a list of them."""

    of: type
    words: frozenset[object]
    is_list: bool
    is_optional: bool

    def fits(self, value: object) -> bool:
        if value is None:
            return self.is_optional
        items = value if isinstance(value, tuple) else (value,)
        return isinstance(value, tuple) == self.is_list and all(
            isinstance(item, self.of)
            and not (self.of is int and isinstance(item, bool))
            and (not self.words or item in self.words)
            for item in items
        )

    @property
    def wanted(self) -> str:
        if self.words:
            return ", ".join(sorted(str(word) for word in self.words))
        return f"a list of {self.of.__name__}" if self.is_list else self.of.__name__


@cache
def _members(kind: Hashable) -> Mapping[str, _Member]:
    return {name: _member(hint) for name, hint in get_type_hints(kind).items()}


def _member(hint: Any) -> _Member:
    kinds = [item for item in (get_args(hint) or (hint,)) if item is not type(None)]
    is_optional = isinstance(hint, UnionType) or type(None) in get_args(hint)
    inner = kinds[0] if is_optional else hint
    if get_origin(inner) is Literal:
        return _Member(str, frozenset(get_args(inner)), is_list=False, is_optional=is_optional)
    if get_origin(inner) is tuple:
        return _Member(get_args(inner)[0], frozenset(), is_list=True, is_optional=is_optional)
    plain = get_origin(inner) or inner
    return _Member(plain, frozenset(), is_list=False, is_optional=is_optional)


def _encoded(value: object) -> JSON:
    if dataclasses.is_dataclass(value):
        return {
            field.name: _encoded(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if getattr(value, field.name) != field.default
            and not (field.name == "model" and isinstance(value, TableSchema | EventSource | Link))
        }
    if isinstance(value, Mapping):
        return [_encoded(item) for item in value.values()]
    if isinstance(value, tuple):
        return [_encoded(item) for item in value]
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"A {type(value).__name__} has no place in a model.")


def _with_parents(model: Model, tables: Collection[str]) -> frozenset[str]:
    kept: set[str] = set()
    waiting = list(tables)
    while waiting:
        schema = model.table(waiting.pop())
        if schema.name not in kept and schema.parent:
            waiting.append(schema.parent.table)
        kept.add(schema.name)
    return frozenset(kept)
