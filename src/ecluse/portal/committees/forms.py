"""A sitting, its agenda, an interest, a vote and reasons as Django forms."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecluse.domain.committees import Choice
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.models import Item
from ecluse.portal.committees.actions import Call
from ecluse.portal.committees.labels import CHOICES

LONGEST = 8000
NONE, SOME = "none", "some"


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class CallForm(forms.Form):
    """When and where the committee sits, and who presides."""

    held_on = forms.DateField(
        label=gettext_lazy("Jour de la séance"),
        help_text=gettext_lazy("Convocation cinq jours au moins avant, sauf urgence (R133-8)."),
        input_formats=["%Y-%m-%d"],
    )
    place = forms.CharField(
        label=gettext_lazy("Lieu ou visioconférence"), max_length=200, strip=True
    )
    chair = forms.ModelChoiceField(
        label=gettext_lazy("Préside"), queryset=User.objects.get_queryset().none()
    )
    deputy = forms.ModelChoiceField(
        label=gettext_lazy("Remplace qui préside, en cas de lien d’intérêts ou d’absence"),
        queryset=User.objects.get_queryset().none(),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        members = User.objects.get_queryset().with_role(Role.COMMITTEE).order_by("full_name")
        for name in ("chair", "deputy"):
            self.fields[name].queryset = members  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask two persons."""
        cleaned = super().clean() or {}
        if cleaned.get("chair") and cleaned.get("chair") == cleaned.get("deputy"):
            self.add_error("deputy", _("Choisissez deux personnes différentes."))
        return cleaned

    def call(self) -> Call:
        """What was typed."""
        data = self.cleaned_data
        return Call(data["held_on"], data["place"], data["chair"], data["deputy"])


class AgendaForm(forms.Form):
    """Files that await an opinion, to be put on an agenda."""

    items = forms.MultipleChoiceField(
        label=gettext_lazy("Dossiers à mettre à l’ordre du jour"),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, items: list[Item], data: Any = None) -> None:
        super().__init__(data)
        self.waiting = {str(item.pk): item for item in items}
        self.fields["items"].choices = [  # type: ignore[attr-defined]
            (key, f"{item.case.number} — {item.case.title or item.item_id}")
            for key, item in self.waiting.items()
        ]

    def chosen(self) -> list[Item]:
        """The objects ticked, in the order shown."""
        return [self.waiting[key] for key in self.cleaned_data["items"]]


class StepForm(forms.Form):
    """A step that is only to be confirmed."""


class DeclareForm(StepForm):
    """Whether a member has an interest in a file."""

    interest = forms.ChoiceField(
        label=gettext_lazy("Mes liens avec ce dossier"),
        help_text=gettext_lazy(
            "Un lien ferme le dossier à qui le déclare : plus de lecture, plus de vote (R133-12)."
        ),
        choices=[
            (
                NONE,
                gettext_lazy("Aucun lien avec le demandeur, l’équipe, le financeur ou le sujet"),
            ),
            (SOME, gettext_lazy("Un lien, que je décris : je me déporte")),
        ],
        widget=forms.RadioSelect,
    )
    statement = forms.CharField(
        label=gettext_lazy("Le lien, en quelques mots"),
        required=False,
        max_length=LONGEST,
        widget=_lines(3),
    )

    def clean(self) -> dict[str, Any]:
        """Ask which interest, if there is one."""
        cleaned = super().clean() or {}
        if cleaned.get("interest") == SOME and not cleaned.get("statement", "").strip():
            self.add_error("statement", _("Dites quel est ce lien."))
        return cleaned

    def said(self) -> str:
        """The interest in words; empty if there is none."""
        data = self.cleaned_data
        return str(data["statement"]) if data["interest"] == SOME else ""


class VoteForm(StepForm):
    """A vote, with a note that the other members read once the vote is closed."""

    choice = forms.ChoiceField(
        label=gettext_lazy("Mon vote"),
        choices=[(choice.value, CHOICES[choice]) for choice in Choice],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=gettext_lazy("Ce que j’en dis aux autres membres"),
        help_text=gettext_lazy("Lu seulement une fois le vote clos."),
        required=False,
        max_length=LONGEST,
        widget=_lines(4),
    )


class ReasonForm(StepForm):
    """Reasons: of the opinion, or of a postponement."""

    reason = forms.CharField(label=gettext_lazy("Motifs"), max_length=LONGEST, widget=_lines(6))
