"""Versioned forms as data: what is asked, in plain words, with the article that asks it.

A form is a list of sections, each a list of fields. A file stays pinned to the version it began
with: answers are kept by field id and judged by that version for ever (see `answers`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from ecluse.domain import codec
from ecluse.domain.errors import Malformed

YES, NO = "yes", "no"


@dataclass(frozen=True)
class Text:
    """A text in both languages."""

    fr: str
    en: str

    def in_language(self, language: str) -> str:
        """The text in the language of the reader; French unless English is asked."""
        return self.en if language.startswith("en") else self.fr


class Kind(StrEnum):
    """What a field holds. The comment gives the JSON value of an answer."""

    TEXT = "text"  # text
    LONG_TEXT = "long-text"  # text of several lines
    EMAIL = "email"  # text
    CHOICE = "choice"  # the value of one choice
    CHOICES = "choices"  # a list of such values
    YES_NO = "yes-no"  # true or false
    DATE = "date"  # text, as 2026-01-31
    NUMBER = "number"  # whole number
    PERSONS = "persons"  # [{"subject", "name", "is_principal_investigator"}, …]
    TABLES = "tables"  # [{"table", "columns": […]}, …]


@dataclass(frozen=True)
class Condition:
    """Holds when the answer to `field` is, or contains, `equals` ("yes" or "no" for yes-no)."""

    field: str
    equals: str


@dataclass(frozen=True)
class Choice:
    """One possible answer; with a condition, open only to files that meet it."""

    value: str
    label: Text
    condition: Condition | None


@dataclass(frozen=True)
class Field:
    """One question. `article` is what asks it; `not_before` names an earlier date of the form."""

    id: str
    kind: Kind
    label: Text
    help: Text | None
    required: bool
    article: str
    maximum_length: int | None
    minimum: int | None
    maximum: int | None
    not_before: str | None
    choices: tuple[Choice, ...]
    condition: Condition | None


@dataclass(frozen=True)
class Section:
    """One step of the form."""

    id: str
    title: Text
    help: Text | None
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class FormVersion:
    """A form as published; never changed once a file was started with it."""

    form: str
    version: int
    title: Text
    source: str
    sections: tuple[Section, ...]

    def __post_init__(self) -> None:
        """Refuse a form that asks twice, or that hangs a question on a later one."""
        seen: set[str] = set()
        for field in self.fields():
            if field.id in seen:
                raise ValueError(f"Field {field.id!r} stands twice in the form.")
            missing = set(_references(field)) - seen
            if missing:
                raise ValueError(f"Field {field.id!r} depends on {sorted(missing)}, not yet asked.")
            if (field.kind in {Kind.CHOICE, Kind.CHOICES}) != bool(field.choices):
                raise ValueError(f"Field {field.id!r}: choices belong to choice fields, and only.")
            seen.add(field.id)

    def fields(self) -> Iterator[Field]:
        """Yield every field, in the order asked."""
        for section in self.sections:
            yield from section.fields

    def field(self, field_id: str) -> Field:
        """The field of that id. Raises KeyError."""
        for field in self.fields():
            if field.id == field_id:
                return field
        raise KeyError(field_id)


def parse(json: codec.JSON) -> FormVersion:
    """The form written as JSON; members left out are null, empty or false. Raises Malformed."""
    if not isinstance(json, dict) or not isinstance(json.get("sections"), list):
        raise Malformed("A form is an object with sections.")
    sections = cast(list[codec.JSON], json["sections"])
    full = {**json, "sections": [_full_section(section) for section in sections]}
    return cast(FormVersion, codec.decode(full, FormVersion, at="form"))


def _full_section(json: codec.JSON) -> codec.JSON:
    if not isinstance(json, dict) or not isinstance(json.get("fields"), list):
        raise Malformed("A section is an object with fields.")
    fields = cast(list[codec.JSON], json["fields"])
    return {"help": None, **json, "fields": [_full_field(field) for field in fields]}


def _full_field(json: codec.JSON) -> codec.JSON:
    if not isinstance(json, dict):
        raise Malformed("A field is an object.")
    choices = json.get("choices", [])
    if not isinstance(choices, list):
        raise Malformed("The choices of a field are a list.")
    full: list[codec.JSON] = [
        {"condition": None, **choice} if isinstance(choice, dict) else choice for choice in choices
    ]
    absent: dict[str, codec.JSON] = {
        "help": None,
        "required": False,
        "maximum_length": None,
        "minimum": None,
        "maximum": None,
        "not_before": None,
        "condition": None,
    }
    return {**absent, **json, "choices": full}


def _references(field: Field) -> Iterator[str]:
    conditions = [field.condition, *(choice.condition for choice in field.choices)]
    yield from (condition.field for condition in conditions if condition)
    if field.not_before:
        yield field.not_before


def holds(condition: Condition | None, answers: object) -> bool:
    """Whether the answers meet the condition; no condition always holds."""
    if condition is None:
        return True
    answer = answer_to(answers, condition.field)
    if isinstance(answer, bool):
        return condition.equals == (YES if answer else NO)
    if isinstance(answer, list):
        return condition.equals in answer
    return answer == condition.equals


def is_asked(form: FormVersion, field: Field, answers: object) -> bool:
    """Whether the field is to be answered: its condition holds, and that of what it hangs on."""
    if field.condition is None:
        return True
    if not holds(field.condition, answers):
        return False
    return is_asked(form, form.field(field.condition.field), answers)


def section_of(form: FormVersion, field_id: str) -> Section:
    """The step where the field is asked. Raises KeyError."""
    for section in form.sections:
        if any(field.id == field_id for field in section.fields):
            return section
    raise KeyError(field_id)


def answer_to(answers: object, field_id: str) -> object:
    """The answer to a field, or None, whatever `answers` holds."""
    return answers.get(field_id) if isinstance(answers, Mapping) else None
