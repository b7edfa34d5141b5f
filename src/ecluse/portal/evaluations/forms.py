"""What is typed beside the protocol: the system and data chosen, the lock, a deviation."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecluse.domain.aisystems.entries import DIGEST
from ecluse.domain.evaluations.deviations import Change, Deviation, Timing
from ecluse.portal.evaluations import labels

LONGEST = 4000
LARGEST_REPORT = 20 * 1024 * 1024


class StartForm(forms.Form):
    """Which system, and on which dataset."""

    system = forms.ChoiceField(label=gettext_lazy("Système évalué"))
    dataset = forms.ChoiceField(label=gettext_lazy("Jeu de données de référence"))

    def __init__(
        self,
        systems: Iterable[tuple[str, str]],
        datasets: Iterable[tuple[str, str]],
        data: Any = None,
        *,
        system: str = "",
    ) -> None:
        super().__init__(data, initial={"system": system})
        cast(forms.ChoiceField, self.fields["system"]).choices = list(systems)
        cast(forms.ChoiceField, self.fields["dataset"]).choices = list(datasets)


class LockForm(forms.Form):
    """The one thing that no protocol holds: which data."""

    dataset = forms.CharField(
        label=gettext_lazy("Empreinte du manifeste des données"),
        help_text=gettext_lazy(
            "sha256: et 64 caractères, que la zone sécurisée donne. Les données elles-mêmes"
            " restent fermées."
        ),
        max_length=71,
    )

    def clean_dataset(self) -> str:
        """Take a digest alone."""
        text = str(self.cleaned_data["dataset"]).strip()
        if not DIGEST.fullmatch(text):
            raise ValidationError(_("Ce n’est pas sha256: suivi de 64 chiffres et lettres a-f."))
        return text


class DeviationForm(forms.Form):
    """What was done otherwise than planned, and why."""

    change = forms.ChoiceField(
        label=gettext_lazy("Ce qui change"),
        choices=[(one.value, labels.CHANGES[one]) for one in Change],
    )
    part = forms.CharField(
        label=gettext_lazy("Partie du protocole"),
        help_text=gettext_lazy("Par exemple missing_data.handling."),
        max_length=100,
    )
    planned = forms.CharField(label=gettext_lazy("Prévu"), max_length=1000)
    done = forms.CharField(label=gettext_lazy("Fait"), max_length=1000)
    reason = forms.CharField(
        label=gettext_lazy("Pourquoi"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    timing = forms.ChoiceField(
        label=gettext_lazy("Décidé"),
        choices=[(one.value, labels.TIMINGS[one]) for one in Timing],
        widget=forms.RadioSelect,
    )
    touches_primary = forms.BooleanField(
        label=gettext_lazy("Le résultat principal en dépend"), required=False
    )
    noticed_on = forms.DateField(
        label=gettext_lazy("Le"), input_formats=["%Y-%m-%d"], widget=forms.DateInput
    )

    def deviation(self) -> Deviation:
        """Return what was typed. Raises InvalidInput."""
        data = self.cleaned_data
        return Deviation(
            change=Change(data["change"]),
            part=data["part"].strip(),
            planned=data["planned"].strip(),
            done=data["done"].strip(),
            reason=data["reason"].strip(),
            timing=Timing(data["timing"]),
            touches_primary=data["touches_primary"],
            noticed_on=data["noticed_on"],
        )


class ReportForm(forms.Form):
    """The bundle of a report, as the secure zone let it out."""

    bundle = forms.FileField(
        label=gettext_lazy("Rapport signé (fichier .zip)"),
        help_text=gettext_lazy("Celui que la zone sécurisée a laissé sortir, sans y toucher."),
        allow_empty_file=False,
    )

    def clean_bundle(self) -> bytes:
        """Take a file of at most 20 MiB."""
        sent = self.cleaned_data["bundle"]
        if sent.size > LARGEST_REPORT:
            raise ValidationError(_("Un rapport pèse 20 Mio au plus."))
        return bytes(sent.read())
