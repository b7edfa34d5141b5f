"""Controls that keep whatever was typed: a draft is never lost because it is not valid yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.utils import flatatt
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from ecluse.domain.documents import Coarsening, SnapshotNotice, TableScope

LONGEST_NUMBER = 15
NUL = "\0"


class PlainSelect(forms.Select):
    """A list drawn without a template for each line: countries make lists of 250 lines."""

    def render(
        self,
        name: str,
        value: object,
        attrs: Mapping[str, Any] | None = None,
        renderer: object = None,  # noqa: ARG002 - Django's own signature
    ) -> SafeString:
        """Return the list, what is chosen marked."""
        own = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        lines = _lines(tuple((str(key), str(text)) for key, text in self.choices))
        chosen = format_html('value="{}"', "" if value is None else value)
        marked = mark_safe(lines.replace(chosen, f"{chosen} selected", 1))  # noqa: S308 - both escaped
        return format_html("<select{}>{}</select>", flatatt(own), marked)


@lru_cache(maxsize=256)
def _lines(choices: tuple[tuple[str, str], ...]) -> SafeString:
    return format_html_join("", '<option value="{}">{}</option>', choices)


class KeptText(forms.CharField):
    """A text, kept as typed. `required` only says that the answer will be needed in the end."""

    def validate(self, value: object) -> None:
        """Accept everything: `domain.answers` judges."""

    def run_validators(self, value: object) -> None:
        """Accept everything."""

    def to_python(self, value: object) -> str:
        """Return the text without the character that no database keeps."""
        return (super().to_python(value) or "").replace(NUL, "").replace("\r\n", "\n")


class KeptChoice(forms.ChoiceField):
    """One of several answers, or none yet."""

    widget = PlainSelect

    def validate(self, value: object) -> None:
        """Accept everything."""


class KeptChoices(forms.MultipleChoiceField):
    """Several of several answers, or none yet."""

    def validate(self, value: object) -> None:
        """Accept everything."""


class SeveralFiles(forms.FileInput):
    """A control that takes several files at once."""

    allow_multiple_selected = True

    def value_from_datadict(
        self, _data: Mapping[str, Any], files: Mapping[str, Any], name: str
    ) -> list[UploadedFile[Any]]:
        """Return the files sent, in the order chosen."""
        return list(files.getlist(name)) if isinstance(files, MultiValueDict) else []


class KeptFiles(forms.Field):
    """Files sent with a step; whether they may be attached is judged when they are read."""

    widget = SeveralFiles

    def __init__(self) -> None:
        super().__init__(widget=SeveralFiles(attrs={"multiple": True}))

    def validate(self, value: object) -> None:
        """Accept everything."""


def number_or_text(typed: str) -> int | str | None:
    """Return the whole number typed, the text if it is not one, None if nothing was typed."""
    text = typed.strip()
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER:
        return int(text)
    return text


def person_fields(
    prefix: str, persons: Iterable[Mapping[str, object]], *, spare: int
) -> dict[str, forms.Field]:
    """Return three controls per person already named, and `spare` empty lines more."""
    fields: dict[str, forms.Field] = {}
    known = list(persons)
    for number in range(1, len(known) + spare + 1):
        person = known[number - 1] if number <= len(known) else {}
        is_first = number == 1
        fields[f"{prefix}_{number}_name"] = KeptText(
            label=_("Personne %(number)d : prénom et nom") % {"number": number},
            initial=person.get("name", ""),
            required=is_first,
        )
        fields[f"{prefix}_{number}_subject"] = KeptText(
            label=_("Personne %(number)d : adresse électronique professionnelle")
            % {"number": number},
            initial=person.get("subject", ""),
            required=is_first,
            widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        )
        fields[f"{prefix}_{number}_leads"] = forms.BooleanField(
            label=_("Personne %(number)d : investigateur principal") % {"number": number},
            initial=person.get("is_principal_investigator") is True,
            required=False,
        )
    return fields


def read_persons(prefix: str, cleaned: Mapping[str, object]) -> list[dict[str, object]]:
    """Return the persons of the lines filled, in order."""
    persons: list[dict[str, object]] = []
    number = 1
    while f"{prefix}_{number}_name" in cleaned:
        name = str(cleaned[f"{prefix}_{number}_name"]).strip()
        subject = str(cleaned[f"{prefix}_{number}_subject"]).strip().lower()
        leads = cleaned[f"{prefix}_{number}_leads"] is True
        if name or subject:
            persons.append({"subject": subject, "name": name, "is_principal_investigator": leads})
        number += 1
    return persons


def table_fields(
    prefix: str,
    offered: Iterable[TableScope],
    notice: SnapshotNotice,
    *,
    chosen: Iterable[TableScope],
    language: str,
    control: type[forms.MultipleChoiceField] = KeptChoices,
) -> dict[str, forms.Field]:
    """Return one list of columns per table offered, those of `chosen` ticked."""
    ticked = {scope.table: list(scope.columns) for scope in chosen}
    titles = table_titles(notice, language)
    return {
        f"{prefix}_{scope.table}": control(
            label=_("Table %(name)s – %(title)s")
            % {"name": scope.table, "title": titles.get((scope.table, None), scope.table)},
            choices=[
                (column, f"{column} – {titles.get((scope.table, column), column)}")
                for column in scope.columns
            ],
            initial=ticked.get(scope.table, []),
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        for scope in offered
    }


def column_control(table_control: str, column: str) -> str:
    """Return the name of the control that says how precisely a column of a table is given."""
    return f"{table_control}.{column}"


def read_scopes(prefix: str, cleaned: Mapping[str, object]) -> tuple[TableScope, ...]:
    """Return the tables of which at least one column is ticked, each with its precision."""
    scopes = []
    for name, ticked in cleaned.items():
        if name.startswith(f"{prefix}_") and isinstance(ticked, list) and ticked:
            columns = tuple(dict.fromkeys(ticked))
            ways = (cleaned.get(column_control(name, column)) for column in columns)
            coarsened = tuple(way for way in ways if isinstance(way, Coarsening))
            scopes.append(TableScope(name.removeprefix(f"{prefix}_"), columns, coarsened))
    return tuple(scopes)


def table_titles(notice: SnapshotNotice, language: str) -> dict[tuple[str, str | None], str]:
    """Return the title of every table (column None) and column, in the reader's language."""
    is_english = language.startswith("en")
    titles: dict[tuple[str, str | None], str] = {}
    for table in notice.tables:
        titles[table.name, None] = table.title_en if is_english else table.title_fr
        for column in table.columns:
            titles[table.name, column.name] = column.title_en if is_english else column.title_fr
    return titles


def posted(request: HttpRequest) -> QueryDict | None:
    """Return what a form sent, empty or not; None when the page is only read."""
    return request.POST if request.method == "POST" else None


def sent_files(request: HttpRequest) -> MultiValueDict[str, UploadedFile[Any]] | None:
    """Return the files that a form sent; None when the page is only read."""
    return request.FILES if request.method == "POST" else None


YES_NO: tuple[tuple[str, Promise], ...] = (("yes", _("Oui")), ("no", _("Non")))
