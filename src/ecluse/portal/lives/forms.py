"""The forms of matters, made from their questions; those of a decision, a condition, a deletion."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ecluse.domain.codec import JSON
from ecluse.domain.documents import AuthorisedPerson
from ecluse.domain.machines import Kind
from ecluse.portal.lives.methodologies import newest
from ecluse.portal.lives.models import Matter
from ecluse.portal.lives.questions import BOUNDED, RIGHTS, Question, Shape, questions_of
from ecluse.portal.lives.versions import Changed

ROWS: Final = 5
LONG: Final = 4000


def _lines() -> forms.Textarea:
    return forms.Textarea(attrs={"rows": ROWS})


class DayField(forms.DateField):
    """A day chosen in a calendar."""

    widget = forms.DateInput

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **options)


class MatterForm(forms.Form):
    """The questions of a matter; nothing has to be answered before it is sent."""

    use_required_attribute = False

    def __init__(
        self, matter: Matter, data: Mapping[str, Any] | None = None, *, language: str
    ) -> None:
        super().__init__(data, initial={**matter.answers})
        self.asked = questions_of(matter.kind, matter.answers, language)
        for one in self.asked:
            self.fields[one.name] = _field(one, language)

    def answers(self) -> dict[str, JSON]:
        """What was answered, as it is kept."""
        return {one.name: _kept(one, self.cleaned_data.get(one.name)) for one in self.asked}


def _field(question: Question, language: str) -> forms.Field:
    options: dict[str, Any] = {"label": question.label, "help_text": question.help}
    options["required"] = False
    match question.shape:
        case Shape.DAY:
            return DayField(**options)
        case Shape.YES_NO:
            choices = [("yes", _("Oui")), ("no", _("Non"))]
            return _YesNo(choices=choices, widget=forms.RadioSelect, **options)
        case Shape.METHODOLOGY:
            found = [(one.key, f"{one.methodology_id} — {one.title[language]}") for one in newest()]
            return forms.ChoiceField(choices=[("", "—"), *found], **options)
        case Shape.RIGHT:
            return forms.ChoiceField(
                choices=list(RIGHTS.items()), widget=forms.RadioSelect, **options
            )
        case Shape.TEXT:
            return forms.CharField(max_length=BOUNDED[Shape.TEXT], widget=_lines(), **options)
        case Shape.LINE:
            return forms.CharField(max_length=BOUNDED[Shape.LINE], **options)


class _YesNo(forms.ChoiceField):
    """A yes or a no that is kept as true or false."""

    def prepare_value(self, value: Any) -> Any:
        """Show what is kept as the choice that it was."""
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


def _kept(question: Question, value: object) -> JSON:
    if question.shape is Shape.YES_NO:
        return {"yes": True, "no": False}.get(str(value))
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if value else None


class GrantForm(forms.Form):
    """What the decider writes anew in the next version of a permit."""

    title = forms.CharField(label=_("Titre public"), max_length=200)
    environment = forms.CharField(
        label=_("Environnement et outils"), max_length=1000, widget=_lines()
    )
    conditions = forms.CharField(
        label=_("Conditions particulières"),
        help_text=_("Une par ligne (art. 68(10)(h))."),
        required=False,
        max_length=LONG,
        widget=_lines(),
    )

    persons = forms.CharField(
        label=_("Personnes qui accèdent aux données"),
        help_text=_("Une par ligne : compte ; nom. L’investigateur principal reste le même."),
        max_length=LONG,
        widget=_lines(),
    )

    use_required_attribute = False

    def __init__(self, matter: Matter, data: Mapping[str, Any] | None = None) -> None:
        terms = matter.permit.terms() if matter.permit else None
        initial = {
            "title": terms.title if terms else "",
            "environment": matter.text("environment") or (terms.environment if terms else ""),
            "conditions": "\n".join(terms.conditions) if terms else "",
            "valid_until": matter.text("until_on"),
            "persons": "\n".join(f"{one.subject} ; {one.name}" for one in terms.persons)
            if terms
            else "",
        }
        super().__init__(data, initial=initial)
        persons = terms.persons if terms else ()
        self.leaders = {one.subject for one in persons if one.is_principal_investigator}
        if matter.kind is Kind.RENEWAL:
            self.fields["valid_until"] = DayField(
                label=_("Prolonger jusqu’au"),
                help_text=_("Ce jour est compris ; pas au-delà de ce qui est demandé."),
            )

    def clean_persons(self) -> tuple[AuthorisedPerson, ...]:
        """Read the list, a person a line; the principal investigator stays in it."""
        lines = [line for line in self.cleaned_data["persons"].splitlines() if line.strip()]
        found = tuple(self._person(line) for line in lines)
        subjects = [one.subject for one in found]
        if len(set(subjects)) != len(subjects) or not self.leaders <= set(subjects):
            raise ValidationError(
                gettext(
                    "Une personne par ligne, une seule fois, l’investigateur principal compris."
                )
            )
        return found

    def _person(self, line: str) -> AuthorisedPerson:
        subject, separator, name = (part.strip() for part in line.partition(";"))
        if not separator or "@" not in subject or not name:
            raise ValidationError(gettext("Écrivez un compte, un point-virgule, un nom."))
        return AuthorisedPerson(subject.lower(), name, subject.lower() in self.leaders)

    def changed(self) -> Changed:
        """What is written anew."""
        data = self.cleaned_data
        lines = (line.strip() for line in data["conditions"].splitlines())
        return Changed(
            data["title"],
            data["environment"],
            tuple(line for line in lines if line),
            data.get("valid_until"),
            data["persons"],
        )


class EvidenceForm(forms.Form):
    """How a condition was met."""

    evidence = forms.CharField(
        label=_("Comment la condition est remplie"),
        help_text=_("Une adresse, une référence, une date ; rien d’une personne des données."),
        max_length=LONG,
        widget=_lines(),
    )


class DueForm(forms.Form):
    """Until when a condition is to be met."""

    due_on = DayField(label=_("À remplir jusqu’au (ce jour compris)"))


class DeletionForm(forms.Form):
    """What was deleted, and how."""

    text = forms.CharField(
        label=_("Ce qui a été effacé, où, et comment"),
        help_text=_("Copies de sauvegarde comprises (art. 68(12))."),
        max_length=LONG,
        widget=_lines(),
    )
