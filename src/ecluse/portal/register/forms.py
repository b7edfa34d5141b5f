"""What a visitor chooses in the register, and what an officer states for the report."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ecluse.portal.applications.labels import PURPOSES
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.register import labels
from ecluse.portal.register.reading import Wanted
from ecluse.portal.register.result_actions import LONGEST_SUMMARY, LONGEST_TITLE
from ecluse.portal.register.rows import Stage

ANY = ("", _("Tous"))
FIRST_YEAR, LAST_YEAR = 2020, 2199


class WantedForm(forms.Form):
    """The words and filters of the register. All may be left empty."""

    words = forms.CharField(label=_("Rechercher"), required=False, max_length=200)
    kind = forms.ChoiceField(label=_("Quoi"), required=False)
    stage = forms.ChoiceField(label=_("État"), required=False)
    purpose = forms.ChoiceField(label=_("Finalité"), required=False)
    dataset = forms.ChoiceField(label=_("Jeu de données"), required=False)
    year = forms.IntegerField(
        label=_("Année de la décision"),
        required=False,
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        stages = [one for one in labels.STAGES.items() if one[0] != Stage.GRANTED]
        datasets = Dataset.objects.described().values_list("slug", "title_fr")
        self._offer("kind", list(labels.KINDS.items()))
        self._offer("stage", stages)
        self._offer("purpose", [(str(k), words) for k, words in PURPOSES.items()])
        self._offer("dataset", list(datasets))

    def _offer(self, name: str, choices: Sequence[tuple[str, object]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - told to the type checker
        field.choices = [ANY, *((str(value), words) for value, words in choices)]

    def wanted(self) -> Wanted:
        """What is chosen; a filter that makes no sense is none."""
        if not self.is_bound:
            return Wanted()
        self.is_valid()
        return Wanted(**{name: value for name, value in self.cleaned_data.items() if value})


class PeriodForm(forms.Form):
    """The first year of the report."""

    year = forms.IntegerField(
        label=_("Première année"), min_value=FIRST_YEAR, max_value=LAST_YEAR - 1
    )


class StatementForm(forms.Form):
    """Something that no file tells."""

    counter = forms.ChoiceField(label=_("Quoi"), choices=list(labels.STATEMENTS.items()))
    label = forms.ChoiceField(
        label=_("Catégorie"),
        choices=[(one, labels.STATED[one]) for one in labels.DIVISIONS],
        required=False,
    )
    value = forms.IntegerField(label=_("Combien"), min_value=1, max_value=10**12)
    on = forms.DateField(
        label=_("Jour"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    about = forms.CharField(
        label=_("De quoi il s’agit"),
        help_text=_("Publié avec le rapport : n’y nommez personne."),
        max_length=300,
    )

    def clean_on(self) -> date:
        """Return the day, of a year that a report may have."""
        on: date = self.cleaned_data["on"]
        if not FIRST_YEAR <= on.year <= LAST_YEAR:
            raise forms.ValidationError(_("Donnez un jour d’une année du rapport."))
        return on


class ResultForm(forms.Form):
    """A result that is public."""

    title = forms.CharField(label=_("Titre"), max_length=LONGEST_TITLE)
    link = forms.URLField(
        label=_("Adresse où le lire"),
        help_text=_("Une adresse qui commence par https://, si le résultat est en ligne."),
        required=False,
        max_length=300,
        assume_scheme="https",
    )
    summary = forms.CharField(
        label=_("Résumé en mots simples"),
        help_text=_("Pour tous : ce que vous avez trouvé. N’y nommez personne."),
        max_length=LONGEST_SUMMARY,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    public_on = forms.DateField(
        label=_("Public depuis le"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
