"""The pages of an application as Django forms, made from the form version of the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.renderers import Jinja2
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from ecluse.domain.answers import Problem
from ecluse.domain.codec import JSON
from ecluse.domain.documents import SnapshotNotice
from ecluse.domain.forms import Field, FormVersion, Kind, Section, asked
from ecluse.portal.applications import conditions
from ecluse.portal.applications.blocks import (
    MOST_ITEMS,
    Block,
    attached,
    block,
    bounds,
    digest_of,
    law,
    same,
    shown,
)
from ecluse.portal.applications.controls import Setting, make, read
from ecluse.portal.applications.wording import answer_text

MAX_REQUESTS = 3


class StepForm(forms.Form):
    """One section of a form version. Everything typed is kept; problems are shown, not imposed.

    `seen` is a digest of what the file held when the page was written: what another tab, or
    somebody else of the team, saved meanwhile is shown before it is replaced.
    """

    use_required_attribute = False
    default_renderer = Jinja2  # several times faster than Django's own: 200 questions on a page

    def __init__(
        self,
        form: FormVersion,
        section: Section,
        notice: SnapshotNotice,
        answers: Mapping[str, Any],
        data: Mapping[str, Any] | None = None,
        *,
        files: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, cast(Any, files))
        self.form_version, self.section = form, section
        self.stored = {field.id: answers.get(field.id) for field in section.fields}
        self.setting = Setting(notice, get_language() or "fr", data)
        self.around = asked(form, answers)
        self.controls: dict[str, list[str]] = {}
        self.groups: dict[str, int] = {}
        self.conflict: list[tuple[str, str]] = []
        for field in shown(section, self.around):
            if field.kind is Kind.GROUP:
                self._add_group(field, answers.get(field.id))
            else:
                self._add(field, field.id, answers.get(field.id))

    @property
    def language(self) -> str:
        """The language of the page."""
        return self.setting.language

    @property
    def seen(self) -> str:
        """The digest of what the file holds of this section."""
        return digest_of(self.stored)

    def _add(self, field: Field, name: str, answer: object) -> None:
        made = make(field, name, answer, self.setting)
        for control in list(made.values())[:1]:
            control.help_text = self._help(field)
        self.controls[name] = list(made)
        self.fields.update(made)

    def _add_group(self, group: Field, answer: object) -> None:
        items = answer if isinstance(answer, list) else []
        self.groups[group.id] = self._count(group, items)
        for number in range(1, self.groups[group.id] + 1):
            item = items[number - 1] if number <= len(items) else {}
            item = item if isinstance(item, dict) else {}
            for part in group.fields:
                self._add(part, f"{group.id}_{number}_{part.id}", item.get(part.id))

    def _count(self, group: Field, items: Sequence[object]) -> int:
        """Return how many items the page shows: as many as it sent, else as many as are kept."""
        sent = str((self.setting.data or {}).get(f"{group.id}_0", ""))
        count = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else len(items)  # noqa: PLR2004
        return max(
            min(count, group.maximum or MOST_ITEMS), group.minimum or 0, 1 if group.required else 0
        )

    def _help(self, field: Field) -> SafeString:
        parts = [field.help.in_language(self.language)] if field.help else []
        parts += bounds(field)
        if field.condition is not None:
            parts.append(conditions.sentence(self.form_version, field.condition, self.language))
        parts.append(law(field.article))
        return format_html("{}", " ".join(parts))

    def clean(self) -> dict[str, Any]:
        """Refuse to overwrite in silence what was saved since the page was written."""
        cleaned = super().clean() or {}
        if self.data.get("seen", self.seen) != self.seen:
            self.conflict = self._others(cleaned)
        if self.conflict:
            raise forms.ValidationError(
                _(
                    "D’autres réponses ont été enregistrées depuis l’ouverture de cette page."
                    " Enregistrez de nouveau pour les remplacer par les vôtres."
                )
            )
        return cleaned

    def _others(self, cleaned: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Return what the file holds where it differs from what was typed."""
        typed = self._typed(cleaned)
        return [
            (
                field.label.in_language(self.language),
                answer_text(field, self.stored[field.id], self.language),
            )
            for field in self.section.fields
            if field.id in typed and not same(typed[field.id], self.stored[field.id])
        ]

    def answers(self) -> dict[str, JSON]:
        """Return what was typed, by field, as the file keeps it."""
        return self._typed(self.cleaned_data)

    def _typed(self, cleaned: Mapping[str, Any]) -> dict[str, JSON]:
        return {
            field.id: self._answer(field, cleaned)
            for field in self.section.fields
            if field.id in self.controls or field.id in self.groups
        }

    def _answer(self, field: Field, cleaned: Mapping[str, Any]) -> JSON:
        if field.kind is Kind.GROUP:
            return self._items(field, cleaned)
        if field.kind is Kind.ATTACHMENT:
            removed = set(cast(QueryDict, self.data).getlist(f"{field.id}_0"))
            return [
                item for item in attached(self.stored[field.id]) if item["digest"] not in removed
            ]
        return read(field, field.id, cleaned)

    def _items(self, group: Field, cleaned: Mapping[str, Any]) -> JSON:
        items: list[JSON] = [
            {
                part.id: read(part, f"{group.id}_{number}_{part.id}", cleaned)
                for part in group.fields
            }
            for number in range(1, self.groups[group.id] + 1)
        ]
        asked_for = str(self.data.get("stay", ""))
        if asked_for == f"add:{group.id}" and len(items) < (group.maximum or MOST_ITEMS):
            items.append({})
        return [
            item
            for number, item in enumerate(items, start=1)
            if asked_for != f"remove:{group.id}:{number}"
        ]

    def uploads(self) -> dict[str, list[UploadedFile[Any]]]:
        """Return the files sent, by question."""
        return {
            field.id: self.cleaned_data[field.id]
            for field in self.section.fields
            if field.kind is Kind.ATTACHMENT and self.cleaned_data.get(field.id)
        }

    def file_questions(self) -> list[str]:
        """Return the questions of the step that take files."""
        shown_here = (field for field in self.section.fields if field.id in self.controls)
        return [field.id for field in shown_here if field.kind is Kind.ATTACHMENT]

    def show(self, problems: tuple[Problem, ...]) -> None:
        """Write each problem of this step beside its control."""
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data = {}
        for problem in problems:
            place = self._place(problem)
            if place:
                self.add_error(place, problem.message.in_language(self.language))

    def _place(self, problem: Problem) -> str | None:
        """Return the control beside which a problem is told."""
        if problem.item is not None:
            group = next(
                each for each in self.section.fields if problem.field in {p.id for p in each.fields}
            )
            return self._first(f"{group.id}_{problem.item + 1}_{problem.field}")
        if problem.field in self.groups:
            number = 1 if self.groups[problem.field] else 0
            return next(
                (n for n in self.fields if n.startswith(f"{problem.field}_{number}_")), None
            )
        return self._first(problem.field)

    def _first(self, name: str) -> str | None:
        """Return the first control of a question; None for one that is not on the page."""
        return next(iter(self.controls.get(name, ())), None)

    def blocks(self) -> list[Block]:
        """Return the section as the page draws it: questions alone, files, groups of items."""
        return [
            block(self, field)
            for field in self.section.fields
            if field.id in self.controls or field.id in self.groups
        ]


class InvitationForm(forms.Form):
    """Who is invited to the team of a file, and to do what."""

    email = forms.CharField(
        label=gettext_lazy("Adresse électronique de son compte"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=gettext_lazy("Cette personne"), widget=forms.RadioSelect)

    def __init__(self, roles: Mapping[str, Promise], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        cast(forms.ChoiceField, self.fields["role"]).choices = list(roles.items())


class ReplyForm(forms.Form):
    """What the applicant says when they send a completed file again."""

    reply = forms.CharField(
        label=gettext_lazy("Message à l’instruction"),
        help_text=gettext_lazy("Ce que vous avez complété, en quelques mots."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class InformationForm(forms.Form):
    """Up to three requests for information, each about a question of the form or the whole file."""

    def __init__(self, form: FormVersion, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        language = get_language() or "fr"
        questions = [(field.id, field.label.in_language(language)) for field in form.fields()]
        for number in range(1, MAX_REQUESTS + 1):
            self.fields[f"field_{number}"] = forms.ChoiceField(
                label=_("Question concernée (%(number)d)") % {"number": number},
                choices=[("", _("Le dossier entier")), *questions],
                required=False,
            )
            self.fields[f"text_{number}"] = forms.CharField(
                label=_("Ce qu’il faut compléter (%(number)d)") % {"number": number},
                required=number == 1,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 3}),
            )

    def requests(self) -> list[tuple[str, str]]:
        """Return the pairs (field, what is missing) that were written."""
        lines = range(1, MAX_REQUESTS + 1)
        data = self.cleaned_data
        return [(data[f"field_{n}"], data[f"text_{n}"]) for n in lines if data[f"text_{n}"]]


class RefusalForm(forms.Form):
    """The reasons of a refusal; they are published with it (EHDS art. 57(1)(j))."""

    reason = forms.CharField(
        label=gettext_lazy("Motifs du refus"),
        help_text=gettext_lazy("Ils sont notifiés au demandeur et publiés (art. 57(1)(j), 68(9))."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
