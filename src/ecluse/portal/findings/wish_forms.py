"""The forms of the wish not to be told, for somebody else: online, or at the desk. No reason."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from ecluse.domain.citizens import Choice
from ecluse.domain.optouts import Capacity
from ecluse.portal.citizens.forms import SeenForm, SomebodyForm
from ecluse.portal.findings.labels import WISHES
from ecluse.portal.optouts.actions import Concerned


class WishForm(SomebodyForm):
    """For whom, their number, and what they wish."""

    choice = forms.ChoiceField(
        label=_("Quel souhait ?"),
        choices=lambda: [(one.value, WISHES[one]) for one in Choice],
        widget=forms.RadioSelect,
    )
    field_order: Sequence[str] | None = ("capacity", "number", "choice")

    def spoken_for(self) -> Capacity:
        """Return in which capacity somebody else is spoken for."""
        return Capacity(self.cleaned_data["capacity"])

    def chosen(self) -> Choice:
        """Return what was chosen."""
        return Choice(self.cleaned_data["choice"])


class WishDeskForm(SeenForm, WishForm):
    """The same at the desk, with how the person came and what was seen."""

    field_order = ("channel", "capacity", "number", "choice", "kind", "reference")

    def whom(self) -> Concerned:
        """Return whom it concerns."""
        return Concerned(self.cleaned_data["number"], self.spoken_for())
