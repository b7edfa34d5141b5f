"""What is typed about data holders: who they are, what is asked of them, what they supply."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from ecluse.domain.documents import DatasetScope, TableScope
from ecluse.domain.errors import InvalidInput
from ecluse.portal.accounts.models import User
from ecluse.portal.applications.fields import read_scopes
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.holders.actions import CallRequest, HolderEntry
from ecluse.portal.holders.models import Holder
from ecluse.portal.holders.receipts import Receipt, read_receipts
from ecluse.trust.source_lists import read_receiver

TABLES = "tables"
LONGEST_REASON = 4000


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class HolderForm(forms.Form):
    """Who a data holder is, what it holds, who speaks for it."""

    name = forms.CharField(label=_("Nom du détenteur"), max_length=200)
    legal_id = forms.CharField(label=_("Identifiant légal (SIREN)"), max_length=20, required=False)
    email = forms.EmailField(label=_("Adresse électronique du service"))
    datasets = forms.ModelMultipleChoiceField(
        label=_("Jeux de données détenus"),
        queryset=Dataset.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    persons = forms.CharField(
        label=_("Comptes qui agissent au nom du détenteur"),
        help_text=_("Une adresse électronique de compte par ligne."),
        widget=_lines(4),
        required=False,
    )

    opening_key = forms.CharField(
        label=_("Clé publique, si le détenteur applique les oppositions à la source"),
        help_text=_("La ligne de son fichier .opening.pub. Vide : la zone seule applique."),
        max_length=64,
        required=False,
    )

    def __init__(self, holder: Holder | None, data: Any = None) -> None:
        super().__init__(data, initial=_initial(holder))
        self.fields["datasets"].queryset = Dataset.objects.described()  # type: ignore[attr-defined]

    def clean_persons(self) -> frozenset[str]:
        """Ask accounts that exist."""
        typed = {line.strip().lower() for line in self.cleaned_data["persons"].splitlines()}
        subjects = frozenset(typed - {""})
        for subject in subjects:
            validate_email(subject)
        known = User.objects.filter(email__in=subjects).count()
        if known != len(subjects):
            raise ValidationError(_("Une de ces adresses n’est pas celle d’un compte : créez-le."))
        return subjects

    def clean_opening_key(self) -> str:
        """Take the public half of a pair of keys, or nothing."""
        typed = str(self.cleaned_data["opening_key"]).strip()
        if typed:
            try:
                read_receiver(typed)
            except InvalidInput:
                raise ValidationError(
                    _("Ce n’est pas la moitié publique d’une paire : recopiez la ligne du fichier.")
                ) from None
        return typed

    def entry(self) -> HolderEntry:
        """What was typed."""
        data = self.cleaned_data
        return HolderEntry(
            data["name"].strip(),
            data["legal_id"].strip(),
            data["email"],
            tuple(data["datasets"]),
            data["persons"],
            data["opening_key"],
        )


def _initial(holder: Holder | None) -> dict[str, object]:
    if holder is None:
        return {}
    return {
        "name": holder.name,
        "legal_id": holder.legal_id,
        "email": holder.email,
        "opening_key": holder.opening_key,
        "datasets": list(holder.datasets.values_list("pk", flat=True)),
        "persons": "\n".join(holder.persons.order_by("subject").values_list("subject", flat=True)),
    }


class AskForm(forms.Form):
    """What is asked of one holder, within what the permit gives."""

    holder = forms.ModelChoiceField(label=_("Détenteur"), queryset=Holder.objects.none())
    care_from = forms.DateField(label=_("Soins du"), input_formats=["%Y-%m-%d"])
    care_to = forms.DateField(label=_("au (ce jour compris)"), input_formats=["%Y-%m-%d"])
    instructions = forms.CharField(
        label=_("Consignes de remise"),
        help_text=_("Format et dossier de remise. Rien de l’étude : ni son but, ni ses personnes."),
        required=False,
        max_length=LONGEST_REASON,
        widget=_lines(4),
    )

    def __init__(self, given: DatasetScope, dataset: Dataset, data: Any = None) -> None:
        super().__init__(data, initial={"care_from": given.care_from, "care_to": given.care_to})
        self.dataset = dataset
        self.fields["holder"].queryset = dataset.holders.order_by("name")  # type: ignore[attr-defined]
        for table in given.tables:
            self.fields[f"{TABLES}_{table.table}"] = _table_field(table)

    def clean(self) -> dict[str, Any]:
        """Ask at least one column."""
        cleaned = super().clean() or {}
        if not read_scopes(TABLES, cleaned):
            self.add_error(None, _("Cochez au moins une colonne."))
        return cleaned

    def request(self) -> CallRequest:
        """What is asked."""
        data = self.cleaned_data
        return CallRequest(
            data["holder"],
            self.dataset,
            read_scopes(TABLES, data),
            data["care_from"],
            data["care_to"],
            data["instructions"],
        )


def _table_field(table: TableScope) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=f"Table {table.table}",
        choices=[(column, column) for column in table.columns],
        initial=list(table.columns),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class ActForm(forms.Form):
    """An act that is only to be confirmed."""


class ReasonForm(ActForm):
    """An act with its reasons."""

    reason = forms.CharField(
        label=_("Motif"),
        help_text=_("Il reste au dossier de l’appel et se lit des deux côtés."),
        max_length=LONGEST_REASON,
        widget=_lines(5),
    )


class ExtensionForm(ReasonForm):
    """An extension granted: its reasons, and its last day if it is shorter than law allows."""

    until_on = forms.DateField(
        label=_("Jusqu’au (ce jour compris)"),
        help_text=_("Vide : les trois mois entiers."),
        input_formats=["%Y-%m-%d"],
        required=False,
    )


class ReceiptsForm(ActForm):
    """Files by their digest, size and name."""

    listed = forms.CharField(
        label=_("Fichiers, un par ligne"),
        help_text=_("Empreinte SHA-256, taille en octets, nom : « 9f86…0a08 1048576 a.csv »."),
        widget=_lines(8),
        max_length=120_000,
    )

    def clean_listed(self) -> tuple[Receipt, ...]:
        """Read the lines."""
        try:
            return read_receipts(self.cleaned_data["listed"])
        except InvalidInput as error:
            raise ValidationError(str(error)) from error
