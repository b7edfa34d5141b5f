"""Closing a workspace, opening the file of an incident, bringing a file in."""

import re
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from ecluse.portal.enclaves.models import Workspace
from ecluse.portal.workspaces.import_actions import Brought

TEXT = 2000
ALL = "*"
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)
COLUMN: Final = re.compile(r"\s*([^=]{1,64}?)\s*=\s*\"?(\S+?)\"?\s*")
TYPES: Final = ("text", "integer", "number", "date", "yes-no")
DATA, CODE = "data", "code"
MOST_BYTES: Final = {DATA: 512 << 20, CODE: 20 << 20}


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


class ImportForm(forms.Form):
    """A file to bring in. The zone opens it and checks it; here, what can be said at once."""

    what = forms.ChoiceField(
        label=_("Ce que vous apportez"),
        choices=[(DATA, _("une table (CSV, Parquet)")), (CODE, _("du code (script, carnet, zip)"))],
        widget=forms.RadioSelect,
    )
    file = forms.FileField(
        label=_("Fichier"),
        help_text=_("512 Mo au plus pour une table, 20 Mo pour du code. Aucune identité directe."),
    )
    columns = forms.CharField(
        label=_("Colonnes de la table"),
        help_text=_(
            "Une par ligne : nom = type, parmi text, integer, number, date, yes-no. Une table qui"
            " en a d’autres est arrêtée."
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=20 * TEXT,
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        """Refuse a name that is not plain."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if not NAME.fullmatch(file.name or ""):
            raise forms.ValidationError(
                _("Le nom du fichier a de 1 à 64 lettres sans accent, chiffres, points ou tirets.")
            )
        return file

    def clean_columns(self) -> tuple[tuple[str, str], ...]:
        """Return the columns announced."""
        lines = [line for line in self.cleaned_data["columns"].splitlines() if line.strip()]
        found = [COLUMN.fullmatch(line) for line in lines]
        if not all(one and one[2] in TYPES for one in found):
            raise forms.ValidationError(_("Écrivez une colonne par ligne : nom = type."))
        return tuple((one[1], one[2]) for one in found if one)

    def clean(self) -> dict[str, Any]:
        """Ask the columns of a table, and no more bytes than may come in."""
        cleaned = super().clean() or self.cleaned_data
        what, file = cleaned.get("what", ""), cleaned.get("file")
        if what == DATA and "columns" in cleaned and not cleaned["columns"]:
            self.add_error("columns", _("Dites quelles colonnes a la table."))
        if file is not None and what in MOST_BYTES and (file.size or 0) > MOST_BYTES[what]:
            self.add_error("file", _("Ce fichier est trop grand pour entrer d’un coup."))
        return cleaned

    def brought(self) -> Brought:
        """Return what was filled in."""
        said = self.cleaned_data
        return Brought(said["file"], said["what"], said["columns"] if said["what"] == DATA else ())
