"""The search as a form: words, years, and for each facet what is left to choose."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ecluse.portal.search.choices import FACETS
from ecluse.portal.search.finding import MOST_VALUES, Answer
from ecluse.portal.search.questions import FIRST_YEAR, LAST_YEAR, Question
from ecluse.portal.search.words import LONGEST_QUERY


class VariableForm(forms.Form):
    """The name of a variable, or words of what it holds."""

    q = forms.CharField(label=_("Nom ou mots"), required=False, max_length=LONGEST_QUERY)


class SearchForm(forms.Form):
    """What was asked, with the values that the answer leaves and how many datasets hold each."""

    q = forms.CharField(
        label=_("Rechercher un jeu de données"),
        help_text=_("Une maladie, un soin, une source, un détenteur, une variable."),
        required=False,
        max_length=LONGEST_QUERY,
    )

    def __init__(self, question: Question, answer: Answer) -> None:
        values = {"q": question.words, "from": question.from_year, "to": question.to_year}
        chosen = {facet.value: sorted(codes) for facet, codes in question.chosen.items()}
        super().__init__(initial={**values, **chosen})
        for name, label in (("from", _("Données depuis l’année")), ("to", _("Jusqu’à l’année"))):
            self.fields[name] = forms.IntegerField(
                label=label, required=False, min_value=FIRST_YEAR, max_value=LAST_YEAR
            )
        for facet, label in FACETS.items():
            offers = answer.offers.get(facet, ())[:MOST_VALUES]
            if offers:
                self.fields[facet.value] = forms.MultipleChoiceField(
                    label=label,
                    required=False,
                    widget=forms.CheckboxSelectMultiple,
                    choices=[(one.code, f"{one.label} ({one.count})") for one in offers],
                )
