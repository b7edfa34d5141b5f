"""The pages of an application as Django forms, made from the form version of the file."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from ecluse.domain.answers import Problem
from ecluse.domain.applications import Criterion, CriterionOutcome
from ecluse.domain.codec import JSON
from ecluse.domain.documents import SnapshotNotice
from ecluse.domain.forms import NO, YES, Field, FormVersion, Kind, Section, is_asked
from ecluse.portal.applications import labels, scope
from ecluse.portal.applications.fields import (
    YES_NO,
    KeptChoice,
    KeptChoices,
    KeptText,
    number_or_text,
    person_fields,
    read_persons,
    read_scopes,
    table_fields,
)

SPARE_LINES = 2
MAX_REQUESTS = 3
SHORT_LIST = 8


class StepForm(forms.Form):
    """One section of a form version. Everything typed is kept; problems are shown, not imposed."""

    use_required_attribute = False

    def __init__(
        self,
        form: FormVersion,
        section: Section,
        notice: SnapshotNotice,
        answers: Mapping[str, Any],
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data)
        self.form_version, self.section, self.notice = form, section, notice
        self.language = get_language() or "fr"
        self.first_control: dict[str, str] = {}
        for field in self._asked(answers):
            self._add(field, answers.get(field.id))

    def _asked(self, answers: Mapping[str, Any]) -> Iterator[Field]:
        """Yield the questions of the step; one that hangs on this very step is always shown."""
        here = {field.id for field in self.section.fields}
        for field in self.section.fields:
            hangs_here = field.condition is not None and field.condition.field in here
            if hangs_here or is_asked(self.form_version, field, answers):
                yield field

    def _add(self, field: Field, answer: object) -> None:
        controls = self._controls(field, answer)
        for number, (name, control) in enumerate(controls.items()):
            if number == 0:
                control.help_text = self._help(field)
                self.first_control[field.id] = name
            self.fields[name] = control

    def _controls(self, field: Field, answer: object) -> dict[str, forms.Field]:
        if field.kind is Kind.PERSONS:
            items = answer if isinstance(answer, list) else []
            known = [item for item in items if isinstance(item, dict)]
            spare = SPARE_LINES if not self.is_bound else _lines(self.data, field.id) - len(known)
            return person_fields(field.id, known, spare=max(spare, 0))
        if field.kind is Kind.TABLES:
            return table_fields(
                field.id,
                scope.offered(self.notice),
                self.notice,
                chosen=scope.read_tables(answer),
                language=self.language,
            )
        control = _MAKERS[field.kind](field, self.language)
        control.label = field.label.in_language(self.language)
        control.required = field.required
        control.initial = _initial(field, answer)
        return {field.id: control}

    def _help(self, field: Field) -> SafeString:
        parts = [field.help.in_language(self.language)] if field.help else []
        if field.condition is not None:
            parts.append(self._condition(field))
        parts.append(_("(Règlement EEDS, %(article)s)") % {"article": field.article})
        return format_html("{}", " ".join(parts))

    def _condition(self, field: Field) -> str:
        if field.condition is None:
            return ""
        asked = self.form_version.field(field.condition.field)
        answer = labels.answer_text(asked, _condition_value(field), self.language)
        question = asked.label.in_language(self.language).rstrip(" ?")
        return _("À remplir si « %(question)s » : %(answer)s.") % {
            "question": question,
            "answer": answer,
        }

    def answers(self) -> dict[str, JSON]:
        """Return what was typed, by field, as the file keeps it."""
        return {field_id: self._answer(field_id) for field_id in self.first_control}

    def _answer(self, field_id: str) -> JSON:
        field, cleaned = self.form_version.field(field_id), self.cleaned_data
        if field.kind is Kind.PERSONS:
            return read_persons(field_id, cleaned)  # type: ignore[return-value]
        if field.kind is Kind.TABLES:
            scopes = read_scopes(field_id, cleaned)
            return [{"table": table.table, "columns": list(table.columns)} for table in scopes]
        value = cleaned.get(field_id)
        if field.kind is Kind.YES_NO:
            return {YES: True, NO: False}.get(str(value))
        if field.kind is Kind.NUMBER:
            return number_or_text(str(value or ""))
        return value

    def show(self, problems: tuple[Problem, ...]) -> None:
        """Write each problem of this step beside its control."""
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data = {}
        for problem in problems:
            if problem.field in self.first_control:
                message = problem.message.in_language(self.language)
                self.add_error(self.first_control[problem.field], message)


def _lines(data: Mapping[str, Any], prefix: str) -> int:
    number = 0
    while f"{prefix}_{number + 1}_name" in data and number < labels.MAX_PERSONS:
        number += 1
    return number


def _condition_value(field: Field) -> JSON:
    value = field.condition.equals if field.condition else ""
    return {YES: True, NO: False}.get(value, value)


def _initial(field: Field, answer: object) -> object:
    if field.kind is Kind.YES_NO:
        return {True: YES, False: NO}.get(answer) if isinstance(answer, bool) else None
    return answer


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


def _choice(field: Field, language: str) -> forms.Field:
    choices = _choices(field, language)
    if len(choices) > SHORT_LIST:
        return KeptChoice(choices=[("", "—"), *choices])
    return KeptChoice(choices=choices, widget=forms.RadioSelect)


def _several(field: Field, language: str) -> forms.Field:
    choices = _choices(field, language)
    return KeptChoices(choices=choices, widget=forms.CheckboxSelectMultiple)


def _yes_no(_field: Field, _language: str) -> forms.Field:
    return KeptChoice(choices=YES_NO, widget=forms.RadioSelect)


def _choices(field: Field, language: str) -> list[tuple[str, str]]:
    return [(choice.value, choice.label.in_language(language)) for choice in field.choices]


_MAKERS: Mapping[Kind, Callable[[Field, str], forms.Field]] = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _long_text,
    Kind.EMAIL: _email,
    Kind.DATE: _day,
    Kind.NUMBER: _number,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _several,
    Kind.YES_NO: _yes_no,
}


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


class AssessmentForm(forms.Form):
    """One outcome and its reason for each criterion of EHDS art. 68(1)."""

    OUTCOMES: ClassVar = (("met", gettext_lazy("Remplie")), ("failed", gettext_lazy("Non remplie")))

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        for criterion in Criterion:
            self.fields[f"outcome_{criterion}"] = forms.ChoiceField(
                label=str(labels.CRITERIA[criterion]),
                help_text=_("Règlement EEDS, art. 68(1)(%(letter)s)") % {"letter": criterion.value},
                choices=self.OUTCOMES,
                widget=forms.RadioSelect,
            )
            self.fields[f"reason_{criterion}"] = forms.CharField(
                label=_("Motif du critère %(letter)s") % {"letter": criterion.value},
                help_text=_("Obligatoire si la condition n’est pas remplie."),
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def clean(self) -> dict[str, Any]:
        """Ask the reason of each condition not met."""
        cleaned = super().clean() or {}
        for criterion in Criterion:
            failed = cleaned.get(f"outcome_{criterion}") == "failed"
            if failed and not cleaned.get(f"reason_{criterion}"):
                self.add_error(f"reason_{criterion}", _("Dites pourquoi elle n’est pas remplie."))
        return cleaned

    def outcomes(self) -> list[CriterionOutcome]:
        """Return what was found on each criterion."""
        data = self.cleaned_data
        return [
            CriterionOutcome(c, data[f"outcome_{c}"] == "met", data[f"reason_{c}"])
            for c in Criterion
        ]


class RefusalForm(forms.Form):
    """The reasons of a refusal; they are published with it (EHDS art. 57(1)(j))."""

    reason = forms.CharField(
        label=gettext_lazy("Motifs du refus"),
        help_text=gettext_lazy("Ils sont notifiés au demandeur et publiés (art. 57(1)(j), 68(9))."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
