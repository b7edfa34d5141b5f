"""The search of the catalogue."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SearchForm(forms.Form):
    """Words to find in titles, summaries and holders."""

    q = forms.CharField(label=_("Rechercher un jeu de données"), required=False, max_length=200)
