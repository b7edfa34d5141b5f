"""One question, the variables of one table, an opinion asked and an opinion given, as forms."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecluse.domain.assessments import Answer, Question
from ecluse.domain.committees import Choice
from ecluse.domain.documents import Coarsening, SnapshotNotice, TableScope
from ecluse.domain.forms import FormVersion, Kind
from ecluse.domain.minimisation import precisions_of, proposed, ways, written
from ecluse.domain.minimisation_reviews import Finding, Verdict
from ecluse.portal.applications.fields import PlainSelect
from ecluse.portal.applications.precisions import said
from ecluse.portal.applications.reading import language
from ecluse.portal.assessments.opinions import Request
from ecluse.portal.committees.forms import NONE, SOME, DeclareForm
from ecluse.portal.committees.labels import CHOICES

LONGEST: Final = 8000
DROP: Final = "drop"
PERSONAL: Final = frozenset({Kind.PERSONS, Kind.EMAIL})
"""Kinds of answers that name people: their sections are not proposed to an expert."""
CLOSING: Final = frozenset({"payment", "confirmation"})


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class QuestionForm(forms.Form):
    """What was found on one question, and why."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("Résultat"),
        choices=[("yes", gettext_lazy("Remplie")), ("no", gettext_lazy("Non remplie"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("Motif"),
        help_text=gettext_lazy("Obligatoire si la condition n’est pas remplie."),
        required=False,
        max_length=LONGEST,
        widget=_lines(5),
    )

    def __init__(self, question: Question, known: Answer | None, data: Any = None) -> None:
        initial = (
            {"outcome": "yes" if known.is_met else "no", "reason": known.reason} if known else {}
        )
        super().__init__(data, initial=initial)
        self.question = question

    def clean(self) -> dict[str, Any]:
        """Ask why, if it is not met."""
        cleaned = super().clean() or {}
        if cleaned.get("outcome") == "no" and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("Dites pourquoi la condition n’est pas remplie."))
        return cleaned

    def answer(self) -> Answer:
        """What was typed."""
        data = self.cleaned_data
        return Answer(self.question, data["outcome"] == "yes", data["reason"])


@dataclass(frozen=True, slots=True)
class VariableRow:
    """One variable as its page draws it."""

    column: str
    title: str
    role: str
    asked: str
    way: BoundField
    reason: BoundField
    is_reviewed: bool


class TableForm(forms.Form):
    """Every variable of one table: as asked, less precisely, or not given, with why."""

    use_required_attribute = False

    def __init__(
        self,
        table: TableScope,
        notice: SnapshotNotice,
        findings: Mapping[str, Finding],
        data: Any = None,
    ) -> None:
        super().__init__(data)
        self.table, self.findings = table, findings
        self.described = _described(notice, table.table)
        known = precisions_of(notice)
        (advised,) = proposed([table], known)
        self.offered: dict[str, dict[str, Coarsening | None]] = {}
        for number, column in enumerate(table.columns):
            limit = table.coarsening(column)
            found = ways(column, known.get((table.table, column), ()), given=limit)
            self.offered[column] = {written(way): way for way in found}
            start = _start(findings.get(column), advised.coarsening(column))
            self._add(number, column, start, role=self.described.get(column, ("", ""))[1])

    def _add(self, number: int, column: str, start: tuple[str, str], *, role: str) -> None:
        given = [(word, said(way, role=role)) for word, way in self.offered[column].items()]
        self.fields[f"way_{number}"] = forms.ChoiceField(
            label=_("Comment donner %(column)s") % {"column": column},
            choices=[*given, (DROP, _("non donnée"))],
            initial=start[0],
            widget=PlainSelect,
        )
        self.fields[f"reason_{number}"] = forms.CharField(
            label=_("Motif pour %(column)s") % {"column": column},
            initial=start[1],
            required=False,
            max_length=1000,
        )

    def rows(self) -> Iterator[VariableRow]:
        """Yield the variables in the order asked."""
        for number, column in enumerate(self.table.columns):
            title, role = self.described.get(column, ("", ""))
            yield VariableRow(
                column,
                title,
                role,
                said(self.table.coarsening(column), role=role),
                self[f"way_{number}"],
                self[f"reason_{number}"],
                column in self.findings,
            )

    def clean(self) -> dict[str, Any]:
        """Ask why, wherever less is given than asked."""
        cleaned = super().clean() or {}
        for number, column in enumerate(self.table.columns):
            word, reason = cleaned.get(f"way_{number}"), cleaned.get(f"reason_{number}", "")
            as_asked = written(self.table.coarsening(column))
            if word is not None and word != as_asked and not reason.strip():
                self.add_error(f"reason_{number}", _("Dites pourquoi en donner moins."))
        return cleaned

    def result(self) -> list[Finding]:
        """What was found of each variable."""
        return [
            self._finding(column, self.cleaned_data[f"way_{n}"], self.cleaned_data[f"reason_{n}"])
            for n, column in enumerate(self.table.columns)
        ]

    def _finding(self, column: str, word: str, reason: str) -> Finding:
        place = (self.table.table, column)
        if word == DROP:
            return Finding(place, Verdict.DROP, None, reason)
        given = self.offered[column][word]
        is_kept = given == self.table.coarsening(column)
        return Finding(place, Verdict.KEEP if is_kept else Verdict.COARSEN, given, reason)


def _described(notice: SnapshotNotice, table: str) -> dict[str, tuple[str, str]]:
    """The title and the role of each column of a table, in the reader's language."""
    columns = (one.columns for one in notice.tables if one.name == table)
    speak = language()
    return {
        column.name: (column.title_en if speak == "en" else column.title_fr, column.role)
        for found in columns
        for column in found
    }


def _start(known: Finding | None, advised: Coarsening | None) -> tuple[str, str]:
    """What the form begins with: what was found, else what the rules of access propose."""
    if known is not None:
        word = DROP if known.verdict is Verdict.DROP else written(known.given)
        return word, known.reason
    if advised is None:
        return written(None), ""
    return written(advised), _("Les règles d’accès proposent une précision moindre.")


class AskForm(forms.Form):
    """Whom an opinion is asked of, on what, and what they read."""

    expert_name = forms.CharField(label=gettext_lazy("Nom de l’expert"), max_length=150)
    expert_email = forms.EmailField(
        label=gettext_lazy("Adresse électronique de l’expert"),
        help_text=gettext_lazy("Gardée ici ; elle n’entre ni dans le lien, ni dans le journal."),
    )
    question = forms.CharField(
        label=gettext_lazy("Question posée"), max_length=LONGEST, widget=_lines(4)
    )
    sections = forms.MultipleChoiceField(
        label=gettext_lazy("Parties du dossier que l’expert lira"),
        help_text=gettext_lazy("Le moins possible : ce qu’il faut pour répondre à la question."),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, form: FormVersion, data: Any = None) -> None:
        super().__init__(data)
        speak = language()
        chosen = [
            section.id
            for section in form.sections
            if section.id not in CLOSING and not any(f.kind in PERSONAL for f in section.fields)
        ]
        control = self.fields["sections"]
        control.choices = [(s.id, s.title.in_language(speak)) for s in form.sections]  # type: ignore[attr-defined]
        control.initial = chosen

    def request(self) -> Request:
        """What is asked."""
        data = self.cleaned_data
        return Request(
            data["expert_name"], data["expert_email"], data["question"], tuple(data["sections"])
        )


class InterestForm(DeclareForm):
    """Whether the expert has an interest in the file."""

    interest = forms.ChoiceField(
        label=gettext_lazy("Mes liens avec ce dossier"),
        choices=[
            (NONE, gettext_lazy("Aucun lien avec le demandeur, l’équipe ou le financeur")),
            (SOME, gettext_lazy("Un lien, que je décris : je ne lis pas le dossier")),
        ],
        widget=forms.RadioSelect,
    )


class OpinionForm(forms.Form):
    """The opinion of an expert."""

    choice = forms.ChoiceField(
        label=gettext_lazy("Mon avis"),
        choices=[(one.value, CHOICES[one]) for one in Choice if one is not Choice.ABSTENTION],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=gettext_lazy("Motifs"),
        help_text=gettext_lazy("Une fois signé, l’avis ne change plus et le lien ne sert plus."),
        max_length=LONGEST * 2,
        widget=_lines(12),
    )

    def clean_text(self) -> str:
        """Ask some words."""
        text = str(self.cleaned_data["text"])
        if not text.strip():
            raise ValidationError(_("Un avis est motivé : écrivez-le."))
        return text
