"""What is typed about a description: its pages, its beginning, its tables, the words of an act."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from ecluse.domain.metadata.answers import PAGES, Answers, Question
from ecluse.domain.metadata.checks import NEEDED, OTHER_WAY, Problem
from ecluse.domain.metadata.code_lists import CodeList
from ecluse.portal.applications.fields import KeptChoice, KeptChoices, KeptText
from ecluse.portal.descriptions import labels

LONG: Final = frozenset({"summary_fr", "summary_en", "provenance", "legal_basis", "purposes"})
DAYS: Final = frozenset({"first_day", "last_day"})
INPUTS: Final[Mapping[str, forms.Widget]] = {
    "contact_email": forms.EmailInput(),
    "contact_page": forms.URLInput(),
    **dict.fromkeys(
        ("minimum_age", "maximum_age", "person_count", "record_count"),
        forms.TextInput(attrs={"inputmode": "numeric"}),
    ),
}
LONGEST_REASON: Final = 4000
NO_CODES: Final = CodeList("", {})


class PageForm(forms.Form):
    """One page of the description; what is typed is kept, right or not."""

    def __init__(self, page: str, answers: Answers, data: Any = None) -> None:
        super().__init__(data)
        self.page = page
        for question in PAGES[page]:
            self.fields[question.name] = _control(question, answers[question.name])

    def answers(self) -> dict[str, str | tuple[str, ...]]:
        """What was typed, question by question."""
        return {
            name: tuple(typed) if isinstance(typed, list) else typed
            for name, typed in self.cleaned_data.items()
        }

    def show(self, problems: Iterable[Problem]) -> None:
        """Write beside each control what is wrong with it; an advice is no error."""
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data = {}
        for one in problems:
            if one.is_error and one.question in self.fields:
                self.add_error(one.question, str(labels.FAULTS[one.fault]))


def _control(question: Question, answer: str | tuple[str, ...]) -> forms.Field:
    name = question.name
    given: dict[str, Any] = {
        "label": labels.QUESTION[name],
        "help_text": labels.HELP.get(name, ""),
        "required": name in NEEDED and name not in OTHER_WAY,
        "initial": list(answer) if isinstance(answer, tuple) else answer,
    }
    if question.takes_several and question.codes:
        listed = labels.choices(question.codes)
        return KeptChoices(choices=listed, widget=forms.CheckboxSelectMultiple, **given)
    if question.codes or name in labels.FIXED:
        return KeptChoice(**given, **_listed(question))
    return KeptText(widget=_widget(name), **given)


def _listed(question: Question) -> dict[str, Any]:
    name = question.name
    fixed = labels.FIXED.get(name)
    own = list(fixed.items()) if fixed else labels.choices(question.codes or NO_CODES)
    if name in labels.RADIOS:
        return {"choices": own, "widget": forms.RadioSelect}
    return {"choices": [("", _("— à choisir —")), *own]}


def _widget(name: str) -> forms.Widget:
    if name in LONG:
        return forms.Textarea(attrs={"rows": 4})
    if name in DAYS:
        return forms.DateInput()
    return INPUTS.get(name, forms.TextInput())


class StartForm(forms.Form):
    """Which holder speaks, and the title of what is described."""

    holder = forms.ChoiceField(label=_("Organisme"))
    title = forms.CharField(
        label=_("Titre du jeu de données"),
        help_text=_("Il donne son adresse permanente ; le titre, lui, peut changer."),
        max_length=200,
    )

    def __init__(self, holders: Iterable[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data)
        listed = list(holders)
        self.fields["holder"] = forms.ChoiceField(
            label=_("Organisme"),
            choices=listed,
            initial=listed[0][0],
            widget=forms.HiddenInput if len(listed) == 1 else forms.Select,
        )


class TablesForm(forms.Form):
    """A file that names tables and columns."""

    file = forms.FileField(
        label=_("Fichier qui décrit les tables"),
        help_text=_(
            "Un profil écrit par « ecluse catalogue profile », un schéma (SQL, JSON), "
            "ou un CSV dont la première ligne nomme les colonnes. Jamais un fichier de personnes."
        ),
    )


class NoteForm(forms.Form):
    """What changed, for who validates and for the history."""

    reason = forms.CharField(
        label=_("Ce qui change dans cette version"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST_REASON,
        required=False,
    )


class ReasonForm(forms.Form):
    """Why something is asked of the holder, or done against the description."""

    reason = forms.CharField(
        label=_("Motif, tel qu’il sera lu par le détenteur"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=LONGEST_REASON,
    )


class PlainForm(forms.Form):
    """Nothing to say: the act is enough."""
