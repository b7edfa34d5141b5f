"""A question bank of the Five Safes (HDR UK gateway, JSON) read as a form of ours.

A sub-section becomes a section; a question that hangs on an option, a field with a condition; the
questions under an “add another” button, a group. The bank speaks one language: both texts of the
form are that one, and wait for a translator.
"""

import re
import string
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ecluse.domain.errors import Malformed
from ecluse.domain.forms import (
    YES,
    Choice,
    Comparison,
    Field,
    FileType,
    FormVersion,
    Kind,
    Operator,
    Section,
    Text,
)

Question = Mapping[str, Any]

KINDS: Mapping[str, Kind] = {
    "TextField": Kind.TEXT,
    "textInput": Kind.TEXT,
    "TextArea": Kind.LONG_TEXT,
    "textareaInput": Kind.LONG_TEXT,
    "RadioGroup": Kind.CHOICE,
    "radioOptionsInput": Kind.CHOICE,
    "CheckboxGroup": Kind.CHOICES,
    "checkboxOptionsInput": Kind.CHOICES,
    "doubleDropdownCustom": Kind.CHOICES,
    "DatePicker": Kind.DATE,
    "datePickerCustom": Kind.DATE,
    "FileUploadMultiple": Kind.ATTACHMENT,
}
REPEAT = "addRepeatableQuestions"
DOCUMENTS = (FileType.PDF, FileType.DOCX, FileType.XLSX, FileType.ODT)
MEGABYTES = 1024 * 1024
LONGEST = 48
"""A name leaves room for what makes it unique."""


def read_bank(parts: Iterable[Any], *, name: str, title: str, source: str) -> FormVersion:
    """The form that the parts of a question bank ask, in their order, as version 1.

    Raises:
        Malformed: a part is no question bank, or a question is of a kind that no field has.
    """
    names = Names()
    sections = [
        section
        for part in parts
        for chapter in _list(part)
        for section in _sections(chapter, names)
    ]
    return FormVersion(name, 1, Text(title, title), source, tuple(sections))


@dataclass(slots=True)
class Names:
    """Names of fields given so far: the second `full_name` becomes `full_name_b`."""

    given: set[str] = field(default_factory=set)

    def give(self, *words: str) -> str:
        """A name of these words that no other field has."""
        whole = _slug(" ".join(words), "_")
        stem = whole if len(whole) <= LONGEST else whole[:LONGEST].rpartition("_")[0]
        endings = ("", *(f"_{letter}" for letter in string.ascii_lowercase[1:]))
        name = next(f"{stem}{end}" for end in endings if f"{stem}{end}" not in self.given)
        self.given.add(name)
        return name


def _slug(text: str, joint: str) -> str:
    """Words of small letters: numbers are left out, for a control's line is a number."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z]+", plain) or ["question"]
    return joint.join(words)


def _list(json: Any) -> list[Any]:
    if not isinstance(json, list):
        raise Malformed("A question bank is a list of sections: this file is something else.")
    return json


def _sections(chapter: Question, names: Names) -> Iterator[Section]:
    try:
        for part in chapter["subSections"]:
            article = f"Five Safes – {chapter['title']}"
            reader = _Reader(names, part["name"], article)
            fields = tuple(
                each for question in part["questions"] for each in reader.asked(question)
            )
            section_id = names.give(chapter["title"], part["name"]).replace("_", "-")
            yield Section(section_id, _text(part["name"]), _help(part), fields)
    except (KeyError, TypeError) as error:
        raise Malformed(
            f"A section of the question bank lacks {error}: it cannot be read."
        ) from None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the questions of one sub-section."""

    names: Names
    section: str
    article: str

    def asked(self, question: Question) -> Iterator[Field]:
        """Yield the field of a question of the bank, then those that hang on its options."""
        control = question["field"]
        options = control["options"]
        yield from self._with_followers(
            question,
            control["component"],
            [(each["label"], each["value"], each.get("conditional") or ()) for each in options],
            control.get("validations") or (),
        )

    def _follower(self, question: Question) -> Iterator[Field]:
        """The same for a question that hangs on an option."""
        control = question["input"]
        options = [
            (each["text"], each["value"], each.get("conditionalQuestions") or ())
            for each in _flat(control.get("options") or ())
        ]
        asked = {**question, "title": question["question"], "required": control.get("required")}
        found = question.get("validations") or ()
        yield from self._with_followers(asked, control["type"], options, found)

    def _with_followers(
        self,
        question: Question,
        component: str,
        options: list[tuple[str, str, Iterable[Question]]],
        validations: Iterable[Question],
    ) -> Iterator[Field]:
        head = self._field(question, component, options, validations)
        yield head
        followers: list[Field] = []
        for _label, value, hanging in options:
            condition = Comparison(head.id, Operator.IS, (_value(head, value),))
            for each in self._hanging(list(hanging), question["title"]):
                own = each if each.condition else replace(each, condition=condition)
                _add(followers, own, condition)
        yield from followers

    def _hanging(self, questions: list[Question], title: str) -> Iterator[Field]:
        """Yield what hangs on one option: one group if the bank lets it be repeated."""
        asked = [each for each in questions if each["input"].get("action") != REPEAT]
        fields = [each for question in asked for each in self._follower(question)]
        if len(asked) == len(questions):
            yield from fields
            return
        button = next(each["input"] for each in questions if each not in asked)
        label = button.get("separatorText") or title
        yield Field(
            id=self.names.give(self.section, label),
            kind=Kind.GROUP,
            label=_text(label),
            article=self.article,
            minimum=1,
            maximum=20,
            fields=tuple(fields),
        )

    def _field(
        self,
        question: Question,
        component: str,
        options: list[tuple[str, str, Iterable[Question]]],
        validations: Iterable[Question],
    ) -> Field:
        kind = KINDS.get(component)
        if kind is None:
            raise Malformed(f"The question bank asks with {component!r}, which no field can hold.")
        made = Field(
            id=self.names.give(self.section, question["title"]),
            kind=kind,
            label=_text(question["title"]),
            article=self.article,
            help=_help(question),
            required=bool(question.get("required")),
        )
        return _with_limits(_with_options(made, options), validations)


def _add(fields: list[Field], new: Field, condition: Comparison) -> None:
    """Add a field; the same question under another option becomes one field under both."""
    for index, old in enumerate(fields):
        alike = isinstance(old.condition, Comparison) and old.condition.field == condition.field
        if alike and _asks_the_same(old, new):
            values = (*old.condition.values, *condition.values)  # type: ignore[union-attr]
            fields[index] = replace(old, condition=replace(condition, values=values))
            return
    fields.append(new)


def _asks_the_same(old: Field, new: Field) -> bool:
    return replace(old, id=new.id, condition=new.condition) == new and new.kind is not Kind.GROUP


def _flat(options: Iterable[Question]) -> Iterator[Question]:
    """Yield each option; one that opens a second list gives way to its items."""
    for option in options:
        inner = option.get("extraOptions")
        if inner:
            yield from ({**each, "text": f"{option['text']} – {each['text']}"} for each in inner)
        else:
            yield option


def _with_options(made: Field, options: list[tuple[str, str, Iterable[Question]]]) -> Field:
    values = [value.strip() for _label, value, _hanging in options]
    if made.kind is Kind.CHOICE and values == ["Yes", "No"]:
        return replace(made, kind=Kind.YES_NO)
    if made.kind is Kind.ATTACHMENT:
        return replace(made, types=DOCUMENTS, maximum=10, maximum_bytes=5 * MEGABYTES, copies=False)
    choices = (Choice(value.strip(), _text(label)) for label, value, _hanging in options)
    return replace(made, choices=tuple({choice.value: choice for choice in choices}.values()))


def _value(head: Field, value: str) -> str:
    if head.kind is Kind.YES_NO:
        return YES if value.strip() == "Yes" else "no"
    return value.strip()


def _with_limits(made: Field, validations: Iterable[Question]) -> Field:
    """Apply the bank's validations; a minimum of one only says that the answer is required."""
    for each in validations:
        low, high = (*each.get("params", (each.get("min"), each.get("max"))), None)[:2]
        if each.get("type") == "email":
            made = replace(made, kind=Kind.EMAIL)
        elif made.kind in {Kind.TEXT, Kind.LONG_TEXT} and (low or 0) + (high or 0) > 1:
            made = replace(made, minimum_length=low, maximum_length=high)
    return made


def _text(text: str) -> Text:
    clean = " ".join(str(text).split())
    return Text(clean, clean)


def _help(question: Question) -> Text | None:
    guidance = str(question.get("guidance") or question.get("description") or "").strip()
    return _text(guidance) if guidance else None
