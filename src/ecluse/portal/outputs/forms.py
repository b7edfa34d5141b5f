"""Choosing the files to take out, and voting on them."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ecluse.domain.documents import Decision, FileVerdict, Verdict


class ReasonsForm(forms.Form):
    """One choice and one reason per output that is not blocked."""

    def __init__(self, files: tuple[FileVerdict, ...], *args: Any, **kwargs: Any) -> None:
        """Offer the files that the automatic checks let through."""
        super().__init__(*args, **kwargs)
        self.askable = [file for file in files if file.verdict is not Verdict.BLOCKED]
        for index, file in enumerate(self.askable):
            self.fields[f"take_{index}"] = forms.BooleanField(
                required=False, label=_("Demander la sortie de %(name)s") % {"name": file.name}
            )
            self.fields[f"reason_{index}"] = forms.CharField(
                required=False,
                label=_("Pourquoi %(name)s n’identifie personne") % {"name": file.name},
                help_text=_("Par exemple : effectifs d’au moins 11 personnes, arrondis."),
                widget=forms.Textarea(attrs={"rows": 3, "data-needed-if": f"take_{index}"}),
                max_length=2000,
            )

    def clean(self) -> dict[str, Any]:
        """Ask a reason for each chosen file, and at least one file."""
        cleaned = super().clean() or self.cleaned_data
        chosen = [index for index in range(len(self.askable)) if cleaned.get(f"take_{index}")]
        if not chosen:
            raise forms.ValidationError(_("Choisissez au moins un fichier."))
        for index in chosen:
            if not str(cleaned.get(f"reason_{index}", "")).strip():
                self.add_error(
                    f"reason_{index}", _("Dites pourquoi ce fichier n’identifie personne.")
                )
        return cleaned

    def reasons(self) -> Mapping[str, str]:
        """The reason given for each file chosen, by file name."""
        return {
            file.name: self.cleaned_data[f"reason_{index}"]
            for index, file in enumerate(self.askable)
            if self.cleaned_data[f"take_{index}"]
        }


class VoteForm(forms.Form):
    """One checker's decision, with its reason when it is a rejection."""

    decision = forms.ChoiceField(
        label=_("Votre décision"),
        choices=[
            (Decision.APPROVE.value, _("Ces fichiers peuvent sortir")),
            (Decision.REJECT.value, _("Ces fichiers ne peuvent pas sortir")),
        ],
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label=_("Explication pour l’auteur"),
        help_text=_("Obligatoire en cas de refus ; lue une fois les deux votes rendus."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "data-needed-if": "decision"}),
        max_length=4000,
    )

    def clean(self) -> dict[str, Any]:
        """Ask why when the files may not leave."""
        cleaned = super().clean() or self.cleaned_data
        rejects = cleaned.get("decision") == Decision.REJECT.value
        if rejects and not str(cleaned.get("comment", "")).strip():
            self.add_error("comment", _("Dites à l’auteur ce qu’il doit corriger."))
        return cleaned
