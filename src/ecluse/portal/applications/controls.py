"""The controls of each kind of question, and the answer that they hold once typed in."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.choices import BaseChoiceIterator
from django.utils.translation import gettext as _

from ecluse.domain.answers import read_amount
from ecluse.domain.codec import JSON
from ecluse.domain.documents import SnapshotNotice, TableScope
from ecluse.domain.forms import NO, YES, Field, Kind
from ecluse.domain.forms.countries import COUNTRIES
from ecluse.portal.applications import scope
from ecluse.portal.applications.fields import (
    YES_NO,
    KeptChoice,
    KeptChoices,
    KeptFiles,
    KeptText,
    number_or_text,
    person_fields,
    read_persons,
    read_scopes,
    table_fields,
)
from ecluse.portal.applications.precisions import wished_precision_fields

SPARE_LINES = 2
MOST_PERSONS = 40
SHORT_LIST = 8
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Setting:
    """What controls depend on beside their question: the data offered, the language, what came."""

    notice: SnapshotNotice
    language: str
    data: Mapping[str, Any] | None = None


Controls = dict[str, forms.Field]


def make(field: Field, name: str, answer: object, setting: Setting) -> Controls:
    """Return the controls of a question, the first one carrying its label."""
    several = _SEVERAL.get(field.kind)
    if several:
        return several(field, name, answer, setting)
    control = _MAKERS[field.kind](field, setting.language)
    control.label = field.label.in_language(setting.language)
    control.required = field.required
    control.initial = _shown(field, answer)
    if field.required_if is not None:
        control.widget.attrs["data-needed-if"] = "yes"
    return {name: control}


def read(field: Field, name: str, cleaned: Mapping[str, Any]) -> JSON:
    """Return the answer typed in the controls named `name`, as the file keeps it."""
    reader = _READERS.get(field.kind)
    return reader(name, cleaned) if reader else cleaned.get(name)


def _shown(field: Field, answer: object) -> object:
    """Return an answer as its control shows it."""
    if field.kind is Kind.YES_NO:
        return {True: YES, False: NO}.get(answer) if isinstance(answer, bool) else None
    if field.kind is Kind.CODES and isinstance(answer, list):
        return "\n".join(map(str, answer))
    return answer


def _persons(_field: Field, name: str, answer: object, setting: Setting) -> Controls:
    items = answer if isinstance(answer, list) else []
    known = [item for item in items if isinstance(item, dict)]
    lines = SPARE_LINES if setting.data is None else _lines(setting.data, name) - len(known)
    return person_fields(name, known, spare=max(lines, 0))


def _lines(data: Mapping[str, Any], name: str) -> int:
    number = 0
    while f"{name}_{number + 1}_name" in data and number < MOST_PERSONS:
        number += 1
    return number


def _tables(_field: Field, name: str, answer: object, setting: Setting) -> Controls:
    """Return the columns of each table, and how precisely those that are ticked are asked."""
    chosen = {table.table: table for table in scope.read_tables(answer)}
    lists = table_fields(
        name,
        scope.offered(setting.notice),
        setting.notice,
        chosen=chosen.values(),
        language=setting.language,
    )
    controls: Controls = {}
    for control, columns in lists.items():
        table = control.removeprefix(f"{name}_")
        kept = chosen.get(table, TableScope(table, ()))
        asked = kept if setting.data is None else _ticked(kept, control, setting.data)
        controls[control] = columns
        controls.update(wished_precision_fields(control, asked, setting.notice))
    return controls


def _ticked(kept: TableScope, control: str, data: Mapping[str, Any]) -> TableScope:
    """Return the columns that a page sent, with the precision that the file holds of each."""
    sent = data.getlist(control) if isinstance(data, QueryDict) else data.get(control, [])
    columns = tuple(dict.fromkeys(map(str, sent)))
    known = tuple(one for one in kept.coarsened if one.column in columns)
    return TableScope(kept.table, columns, known)


def _period(field: Field, name: str, answer: object, setting: Setting) -> Controls:
    days = answer if isinstance(answer, dict) else {}
    label = field.label.in_language(setting.language)
    titles = {1: _("%(question)s : premier jour"), 2: _("%(question)s : dernier jour")}
    return {
        f"{name}_{number}": KeptText(
            label=titles[number] % {"question": label},
            initial=days.get(member),
            required=field.required,
            widget=forms.DateInput,
        )
        for number, member in ((1, "from"), (2, "to"))
    }


def _text(field: Field, _language: str) -> forms.Field:
    attributes = {"maxlength": field.maximum_length} if field.maximum_length else {}
    return KeptText(widget=forms.TextInput(attrs=attributes))


def _long_text(_field: Field, _language: str) -> forms.Field:
    return KeptText(widget=forms.Textarea(attrs={"rows": 6}))


def _email(_field: Field, _language: str) -> forms.Field:
    return KeptText(widget=forms.EmailInput)


def _day(_field: Field, _language: str) -> forms.Field:
    return KeptText(widget=forms.DateInput)


def _number(_field: Field, _language: str) -> forms.Field:
    return KeptText(widget=forms.TextInput(attrs={"inputmode": "numeric"}))


def _money(_field: Field, _language: str) -> forms.Field:
    return KeptText(widget=forms.TextInput(attrs={"inputmode": "decimal"}))


def _codes(_field: Field, _language: str) -> forms.Field:
    return KeptText(widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}))


def _country(_field: Field, language: str) -> forms.Field:
    return KeptChoice(choices=_Countries(language[:2]))


class _Countries(BaseChoiceIterator):
    """The countries of a language, as one list that no field takes apart and copies."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(_countries(self.language))


@cache
def _countries(language: str) -> tuple[tuple[str, str], ...]:
    """Return the countries in the order of their names, accents aside, after an empty line."""
    named = ((code, name.in_language(language)) for code, name in COUNTRIES.items())
    ordered = sorted(named, key=lambda pair: unicodedata.normalize("NFD", pair[1]).casefold())
    return (("", "—"), *ordered)


def _choice(field: Field, language: str) -> forms.Field:
    choices = _labelled(field, language)
    if len(choices) > SHORT_LIST:
        return KeptChoice(choices=[("", "—"), *choices])
    return KeptChoice(choices=choices, widget=forms.RadioSelect)


def _several(field: Field, language: str) -> forms.Field:
    return KeptChoices(choices=_labelled(field, language), widget=forms.CheckboxSelectMultiple)


def _labelled(field: Field, language: str) -> list[tuple[str, str]]:
    return [(choice.value, choice.label.in_language(language)) for choice in field.choices]


def _yes_no(_field: Field, _language: str) -> forms.Field:
    return KeptChoice(choices=YES_NO, widget=forms.RadioSelect)


def _files(_field: Field, _language: str) -> forms.Field:
    return KeptFiles()


def _read_yes_no(name: str, cleaned: Mapping[str, Any]) -> JSON:
    return {YES: True, NO: False}.get(str(cleaned.get(name)))


def _read_number(name: str, cleaned: Mapping[str, Any]) -> JSON:
    return number_or_text(str(cleaned.get(name) or ""))


def _read_money(name: str, cleaned: Mapping[str, Any]) -> JSON:
    """Return the amount typed in any usual way, as 1500.50; anything else as typed."""
    typed = str(cleaned.get(name) or "").strip()
    plain = re.sub(r"[\s\u202f]|€|EUR", "", typed).replace(",", ".")
    try:
        written = f"{Decimal(plain).quantize(CENT)}"
    except InvalidOperation:
        return typed or None
    is_exact = read_amount(written) is not None and Decimal(plain) == Decimal(written)
    return written if is_exact else typed


def _read_codes(name: str, cleaned: Mapping[str, Any]) -> JSON:
    return [code for code in re.split(r"[\s,;]+", str(cleaned.get(name) or "")) if code]


def _read_period(name: str, cleaned: Mapping[str, Any]) -> JSON:
    first, last = (str(cleaned.get(f"{name}_{number}") or "") for number in (1, 2))
    return {"from": first, "to": last} if first or last else None


def _read_persons(name: str, cleaned: Mapping[str, Any]) -> JSON:
    return read_persons(name, cleaned)  # type: ignore[return-value]


def _read_tables(name: str, cleaned: Mapping[str, Any]) -> JSON:
    return scope.write_tables(read_scopes(name, cleaned))


_MAKERS: Mapping[Kind, Callable[[Field, str], forms.Field]] = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _long_text,
    Kind.EMAIL: _email,
    Kind.DATE: _day,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.COUNTRY: _country,
    Kind.CODES: _codes,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _several,
    Kind.YES_NO: _yes_no,
    Kind.ATTACHMENT: _files,
}

_SEVERAL: Mapping[Kind, Callable[[Field, str, object, Setting], Controls]] = {
    Kind.PERSONS: _persons,
    Kind.TABLES: _tables,
    Kind.PERIOD: _period,
}

_READERS: Mapping[Kind, Callable[[str, Mapping[str, Any]], JSON]] = {
    Kind.YES_NO: _read_yes_no,
    Kind.NUMBER: _read_number,
    Kind.MONEY: _read_money,
    Kind.CODES: _read_codes,
    Kind.PERIOD: _read_period,
    Kind.PERSONS: _read_persons,
    Kind.TABLES: _read_tables,
}
