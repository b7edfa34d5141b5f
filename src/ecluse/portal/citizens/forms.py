"""The forms of rights: for somebody else, at the desk, and the check of a receipt. No reason."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ecluse.domain.citizens import ENOUGH, Channel, Choice, ProofKind
from ecluse.domain.documents import Basis
from ecluse.domain.optouts import Capacity
from ecluse.portal.citizens import labels
from ecluse.portal.citizens.actions import LONGEST_REFERENCE, Seen, capacities
from ecluse.portal.identities.forms import NationalNumberForm


def _choices(table: Any, *keys: Any) -> list[tuple[str, Any]]:
    return [(one.value, table[one]) for one in keys or table]


class SomebodyForm(NationalNumberForm):
    """For whom, and their number."""

    capacity = forms.ChoiceField(
        label=_("Pour qui ?"),
        choices=lambda: _choices(labels.CAPACITIES, *capacities()),
        widget=forms.RadioSelect,
    )
    field_order: Sequence[str] | None = ("capacity", "number")


class OthersForm(SomebodyForm):
    """The same, then which right, which choice."""

    basis = forms.ChoiceField(
        label=_("Quel droit ?"), choices=lambda: _choices(labels.RIGHTS), widget=forms.RadioSelect
    )
    choice = forms.ChoiceField(
        label=_("Quel choix ?"), choices=lambda: _choices(labels.CHOICES), widget=forms.RadioSelect
    )
    field_order: Sequence[str] | None = ("capacity", "number", "basis", "choice")

    def chosen(self) -> tuple[Capacity, Basis, Choice]:
        """Return what was chosen."""
        data = self.cleaned_data
        return Capacity(data["capacity"]), Basis(data["basis"]), Choice(data["choice"])


class SeenForm(SomebodyForm):
    """Who asks at the desk, how the person came and what was seen."""

    channel = forms.ChoiceField(
        label=_("Comment la personne s’est-elle adressée au guichet ?"),
        choices=lambda: _choices(labels.CHANNELS),
        widget=forms.RadioSelect,
    )
    kind = forms.ChoiceField(
        label=_("Preuve vue"), choices=lambda: _choices(labels.PROOFS), widget=forms.RadioSelect
    )
    reference = forms.CharField(
        label=_("Référence de la preuve"),
        help_text=_(
            "Numéro du courrier ou de l’appel, date du jugement. Pas de copie, pas de nom."
        ),
        max_length=LONGEST_REFERENCE,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["capacity"] = forms.ChoiceField(
            label=_("Qui demande ?"),
            choices=[
                (Capacity.SELF.value, labels.CAPACITIES[Capacity.SELF]),
                (Capacity.CHILD.value, _("un parent, pour son enfant")),
                (Capacity.REPRESENTED.value, _("le représentant d’un adulte protégé")),
            ],
            widget=forms.RadioSelect,
        )
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        """Refuse a proof that is not enough."""
        data = super().clean() or self.cleaned_data
        if "capacity" in data and "kind" in data:
            enough = ENOUGH[Capacity(data["capacity"])]
            if ProofKind(data["kind"]) not in enough:
                told = ", ".join(str(labels.PROOFS[one]) for one in sorted(enough))
                self.add_error("kind", _("Cette preuve ne suffit pas ici : %s.") % told)
        return data

    def seen(self) -> Seen:
        """Return what the officer saw."""
        data = self.cleaned_data
        return Seen(Channel(data["channel"]), ProofKind(data["kind"]), data["reference"])


class DeskForm(SeenForm, OthersForm):
    """What somebody chooses at the desk."""

    field_order = ("channel", "capacity", "number", "basis", "choice", "kind", "reference")


class ReceiptForm(forms.Form):
    """The number of a receipt."""

    receipt = forms.CharField(
        label=_("Numéro du récépissé"),
        help_text=_("Il commence par OPP-."),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
