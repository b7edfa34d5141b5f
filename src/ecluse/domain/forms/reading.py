"""A form read from JSON: members left out are null, empty or false; a mistake is told by line."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, TypeVar, cast

from ecluse.domain.codec import JSON
from ecluse.domain.errors import Malformed
from ecluse.domain.forms import lines
from ecluse.domain.forms.checks import faults
from ecluse.domain.forms.conditions import (
    All,
    AnyOf,
    Comparison,
    Condition,
    Not,
    Operator,
)
from ecluse.domain.forms.model import (
    Choice,
    Field,
    FileType,
    FormVersion,
    Kind,
    Prefill,
    Rule,
    RuleKind,
    Section,
    Text,
    Visibility,
)

Value = TypeVar("Value")
Word = TypeVar("Word", bound=StrEnum)
DEEPEST = 8
"""How deep conditions may nest: no person can read a deeper one."""


def read(text: str) -> FormVersion:
    """The form that a JSON text writes. Raises Malformed, naming the line."""
    return parse(lines.read(text))


def parse(json: JSON) -> FormVersion:
    """The form that a JSON value writes. Raises Malformed, naming the line if it is known."""
    with _at(json, "form"):
        members = _members(json, ("form", "version", "title", "source", "sections"), ("rules",))
        form = FormVersion(
            form=_word(members["form"]),
            version=_whole(members["version"]),
            title=_text(members["title"]),
            source=_word(members["source"]),
            sections=tuple(_each(members["sections"], _section)),
            rules=tuple(_each(members.get("rules", []), _rule)),
        )
    _check(form, json)
    return form


def _check(form: FormVersion, json: JSON) -> None:
    found = list(faults(form))
    if found:
        told = [
            _tell(_line_of(json, fault.where), f"{fault.where}: {fault.message}")
            for fault in found[:5]
        ]
        more = f" And {len(found) - 5} more." if len(found) > 5 else ""  # noqa: PLR2004
        raise Malformed(" ".join(told) + more)


def _line_of(json: JSON, where: str) -> int | None:
    """The line of the field, section or rule of that name; of two, the second is the mistake."""
    found = [line for name, line in _named(json) if name == where]
    return found[-1] if found else lines.line_of(json)


def _named(json: JSON) -> Iterator[tuple[str, int | None]]:
    whole = cast(dict[str, Any], json)
    for section in whole["sections"]:
        yield section["id"], lines.line_of(section)
        for field in section["fields"]:
            yield field["id"], lines.line_of(field)
            for part in field.get("fields") or []:
                yield part["id"], lines.line_of(part)
    for number, rule in enumerate(whole.get("rules") or []):
        yield f"rule {number + 1}", lines.line_of(rule)


def _tell(line: int | None, message: str) -> str:
    text = message if message.endswith(".") else f"{message}."
    return f"line {line}: {text}" if line else text


@contextmanager
def _at(json: JSON, what: str) -> Iterator[None]:
    """Name the innermost object that holds the mistake, and its line."""
    try:
        yield
    except _MistakeError as error:
        raise Malformed(_tell(lines.line_of(json), f"{what}: {error}")) from None


class _MistakeError(Exception):
    """A mistake not yet told with its place."""


def _members(json: JSON, needed: tuple[str, ...], others: tuple[str, ...]) -> dict[str, JSON]:
    if not isinstance(json, dict):
        raise _MistakeError("an object is expected")
    extra = sorted(json.keys() - {*needed, *others})
    missing = sorted(set(needed) - json.keys())
    if extra or missing:
        raise _MistakeError(f"unknown members {extra}, missing members {missing}")
    return json


def _each(json: JSON, read_one: Callable[[JSON], Value]) -> Iterator[Value]:
    if not isinstance(json, list):
        raise _MistakeError("a list is expected")
    return (read_one(item) for item in json)


def _word(json: JSON) -> str:
    if not isinstance(json, str):
        raise _MistakeError("text is expected")
    return json


def _whole(json: JSON) -> int:
    if isinstance(json, bool) or not isinstance(json, int):
        raise _MistakeError("a whole number is expected")
    return json


def _yes_or_no(json: JSON) -> bool:
    if not isinstance(json, bool):
        raise _MistakeError("true or false is expected")
    return json


def _one_of(words: type[Word]) -> Callable[[JSON], Word]:
    def one(json: JSON) -> Word:
        try:
            return words(_word(json))
        except ValueError:
            known = ", ".join(words)
            raise _MistakeError(f"{json!r} is none of {known}") from None

    return one


def _text(json: JSON) -> Text:
    members = _members(json, ("fr", "en"), ())
    return Text(_word(members["fr"]), _word(members["en"]))


def _section(json: JSON) -> Section:
    with _at(json, "section"):
        members = _members(json, ("id", "title", "fields"), ("help",))
        help_ = members.get("help")
        return Section(
            id=_word(members["id"]),
            title=_text(members["title"]),
            help=_text(help_) if help_ is not None else None,
            fields=tuple(_each(members["fields"], _field)),
        )


def _field(json: JSON) -> Field:
    name = json.get("id") if isinstance(json, dict) else None
    with _at(json, f"field {name!r}"):
        needed = ("id", "kind", "label", "article")
        members = _members(json, needed, tuple(_READERS))
        values = {
            member: _READERS[member](value)
            for member, value in members.items()
            if value is not None or member in needed
        }
        return Field(**cast(dict[str, Any], values))


def _choice(json: JSON) -> Choice:
    with _at(json, "choice"):
        members = _members(json, ("value", "label"), ("condition",))
        condition = members.get("condition")
        return Choice(
            _word(members["value"]),
            _text(members["label"]),
            _condition(condition) if condition is not None else None,
        )


def _rule(json: JSON) -> Rule:
    with _at(json, "rule"):
        members = _members(json, ("rule", "fields", "message"), ("value", "total"))
        value, total = members.get("value"), members.get("total")
        return Rule(
            rule=_one_of(RuleKind)(members["rule"]),
            fields=tuple(_each(members["fields"], _word)),
            message=_text(members["message"]),
            value=_whole(value) if value is not None else None,
            total=_word(total) if total is not None else None,
        )


def _condition(json: JSON, depth: int = 0) -> Condition:
    if depth > DEEPEST:
        raise _MistakeError(f"a condition nests more than {DEEPEST} deep")
    if not isinstance(json, dict):
        raise _MistakeError("a condition is an object")
    if "field" in json:
        return _comparison(json)
    ((word, inner),) = json.items() if len(json) == 1 else [("", None)]
    if word == "not":
        return Not(_condition(inner, depth + 1))
    if word in {"all", "any"}:
        each = tuple(_each(inner, lambda one: _condition(one, depth + 1)))
        return All(each) if word == "all" else AnyOf(each)
    raise _MistakeError("a condition compares a field, or is one of all, any, not")


def _comparison(json: dict[str, JSON]) -> Comparison:
    field = _word(json["field"])
    if len(json) != 2:  # noqa: PLR2004 - the field and one comparison
        raise _MistakeError(f"the condition on {field!r} makes one comparison")
    ((word, value),) = ((name, value) for name, value in json.items() if name != "field")
    if word == "equals":
        return Comparison(field, Operator.IS, (_word(value),))
    if word == "in":
        return Comparison(field, Operator.IS, tuple(_each(value, _word)))
    if word == "answered":
        return Comparison(field, Operator.ANSWERED, ("yes" if _yes_or_no(value) else "no",))
    if word in {"at_least", "at_most"}:
        bound = value if isinstance(value, str) else str(_whole(value))
        return Comparison(field, Operator(word), (bound,))
    raise _MistakeError(f"{word!r} compares nothing: use equals, in, answered, at_least, at_most")


_READERS: Mapping[str, Callable[[JSON], object]] = {
    "id": _word,
    "kind": _one_of(Kind),
    "label": _text,
    "article": _word,
    "help": _text,
    "condition": _condition,
    "required": _yes_or_no,
    "required_if": _condition,
    "minimum_length": _whole,
    "maximum_length": _whole,
    "minimum": _whole,
    "maximum": _whole,
    "not_before": _word,
    "must_be": _word,
    "choices": lambda json: tuple(_each(json, _choice)),
    "currency": _word,
    "nomenclature": _word,
    "types": lambda json: tuple(_each(json, _one_of(FileType))),
    "maximum_bytes": _whole,
    "fields": lambda json: tuple(_each(json, _field)),
    "visibility": _one_of(Visibility),
    "prefill": _one_of(Prefill),
    "copies": _yes_or_no,
    "formerly": _word,
}
