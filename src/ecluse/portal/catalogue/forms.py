"""What a visitor types on the pages of the catalogue."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class QuestionForm(forms.Form):
    """A question in SPARQL."""

    query = forms.CharField(
        label=_("Question en SPARQL"),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )


class HarvestForm(forms.Form):
    """The document of a source that is a file; nothing for the others."""

    file = forms.FileField(
        label=_("Fichier de la source"),
        help_text=_("RDF (Turtle, RDF/XML, JSON-LD) ou paquets de CKAN."),
        required=False,
    )

    def __init__(self, *given: Any, is_file: bool = False, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["file"].required = is_file
