"""What a visitor types on the pages of the catalogue."""

from django import forms
from django.utils.translation import gettext_lazy as _


class QuestionForm(forms.Form):
    """A question in SPARQL."""

    query = forms.CharField(
        label=_("Question en SPARQL"),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )
