"""Closing a workspace, and opening the file of an incident."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ecluse.portal.enclaves.models import Workspace

TEXT = 2000
ALL = "*"


class ClosureForm(forms.Form):
    """Which workspace to close at once, and why."""

    permit_number = forms.ChoiceField(label=_("Espace à fermer"))
    reason = forms.CharField(
        label=_("Motif"),
        help_text=_("Montré aux personnes de l’espace, et gardé au journal."),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=TEXT,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer every workspace, and all at once."""
        super().__init__(*args, **kwargs)
        numbers = Workspace.objects.order_by("permit_number").values_list("permit_number", "title")
        choice: forms.ChoiceField = self.fields["permit_number"]  # type: ignore[assignment]
        choice.choices = [
            (ALL, _("Tous les espaces")),
            *((number, f"{number} · {title}") for number, title in numbers),
        ]

    def chosen(self) -> str:
        """Return the permit, nothing for all."""
        number = str(self.cleaned_data["permit_number"])
        return "" if number == ALL else number


class IncidentForm(forms.Form):
    """What happened, when it was noticed, in which workspace if it was in one."""

    title = forms.CharField(label=_("Intitulé"), max_length=200)
    noticed_at = forms.DateTimeField(
        label=_("Constaté le"),
        help_text=_("Heure de Paris. Les délais courent de ce moment."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    permit_number = forms.CharField(
        label=_("Autorisation concernée"), max_length=64, required=False
    )
    description = forms.CharField(
        label=_("Ce qui s’est passé, ce qui a été fait"),
        help_text=_("Sans aucune donnée d’une personne."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=TEXT,
    )
