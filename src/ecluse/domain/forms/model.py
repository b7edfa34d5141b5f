"""What a form is made of: sections of fields, in two languages, each with the article it serves."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from ecluse.domain.forms.conditions import Condition

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
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
    PERIOD = "period"  # {"from": "2021-01-01", "to": "2023-12-31"}, both days included
    NUMBER = "number"  # whole number
    MONEY = "money"  # text, as 1500.50, in the currency of the field
    COUNTRY = "country"  # text, two letters of ISO 3166-1
    CODES = "code-list"  # a list of codes of the field's nomenclature
    PERSONS = "persons"  # [{"subject", "name", "is_principal_investigator"}, …]
    TABLES = "tables"  # [{"table", "columns": […]}, …]
    ATTACHMENT = "attachment"  # [{"name", "type", "size", "digest"}, …]
    GROUP = "group"  # [{a field's id: its answer, …}, …], one object each time it is repeated


class FileType(StrEnum):
    """What may be attached, told by content, never by name."""

    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    ODT = "odt"
    CSV = "csv"
    PNG = "png"
    JPEG = "jpeg"
    ZIP = "zip"


class Visibility(StrEnum):
    """Who reads an answer once the file is submitted."""

    FILE = "file"  # the persons of the file and the officers
    PUBLIC = "public"  # everybody: it is published with the application


class Prefill(StrEnum):
    """What a new draft already knows."""

    ORGANISATION = "organisation"  # of whoever opens it
    NAME = "name"
    EMAIL = "email"
    PERSONS = "persons"  # whoever opens it, as principal investigator
    DATASETS = "datasets"  # what lies in their basket


class RuleKind(StrEnum):
    """How the answers to several fields must agree. Rules look at fields outside groups alone."""

    SUM_IS = "sum-is"  # all answered: their sum is `value`, or the answer to `total`
    SUM_AT_MOST = "sum-at-most"  # the same, at most
    AT_LEAST_ONE = "at-least-one"  # one of them at least is answered
    ALL_DIFFERENT = "all-different"  # no two have the same answer
    NOT_BEFORE = "not-before"  # dates or amounts that never go down, in the order named


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule across fields; `message` is shown beside the last of `fields`."""

    rule: RuleKind
    fields: tuple[str, ...]
    message: Text
    value: int | None = None
    total: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible answer; with a condition, open only to files that meet it."""

    value: str
    label: Text
    condition: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question. `article` is what asks it.

    `required_if` makes it required when a condition holds; `condition` says when it is asked at
    all. `not_before` names an earlier date. `minimum` and `maximum` bound a number, an amount in
    whole units, or how many items a list, a group or attached files hold. `must_be` is the only
    answer that a confirmation takes. `formerly` is the field's name in an earlier version.
    `copies` is false for what dates, attests or names a file: it never goes into a copy.
    """

    id: str
    kind: Kind
    label: Text
    article: str
    help: Text | None = None
    condition: Condition | None = None
    required: bool = False
    required_if: Condition | None = None
    minimum_length: int | None = None
    maximum_length: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    not_before: str | None = None
    must_be: str | None = None
    choices: tuple[Choice, ...] = ()
    currency: str = "EUR"
    nomenclature: str | None = None
    types: tuple[FileType, ...] = ()
    maximum_bytes: int | None = None
    fields: tuple["Field", ...] = ()
    visibility: Visibility = Visibility.FILE
    prefill: Prefill | None = None
    copies: bool = True
    formerly: str | None = None


@dataclass(frozen=True, slots=True)
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
    rules: tuple[Rule, ...] = ()
    _by_id: dict[str, Field] = field(init=False, repr=False, compare=False, default_factory=dict)
    _section_by_id: dict[str, Section] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        """Note where each field stands: a form of 200 fields is asked for them often."""
        for section in self.sections:
            for each in with_parts(section.fields):
                self._by_id.setdefault(each.id, each)
                self._section_by_id.setdefault(each.id, section)

    def fields(self) -> Iterator[Field]:
        """Yield every field in the order asked; a group, but not its parts."""
        for section in self.sections:
            yield from section.fields

    def field(self, field_id: str) -> Field:
        """The field of that id, part of a group or not. Raises KeyError."""
        return self._by_id[field_id]

    def section_of(self, field_id: str) -> Section:
        """The step where the field is asked. Raises KeyError."""
        return self._section_by_id[field_id]


def with_parts(fields: tuple[Field, ...]) -> Iterator[Field]:
    """Yield each field, a group before its parts."""
    for each in fields:
        yield each
        yield from each.fields
