"""Choosing the files to take out, reviewing them, deciding, asking, recalling."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ecluse.domain.documents import Decision, FileVerdict, Verdict
from ecluse.domain.reviews.review import FileKind
from ecluse.portal.outputs.actions import AskedGroup
from ecluse.portal.outputs.labels import KINDS, RECALLS
from ecluse.portal.outputs.reviewing import Opinion

TEXT = 2000


class GroupForm(forms.Form):
    """One group of files: which, what they are, and why they identify nobody."""

    name = forms.CharField(label=_("Nom du groupe"), max_length=80, initial=_("Résultats"))
    context = forms.CharField(
        label=_("Ce que sont ces fichiers"),
        help_text=_("La population, les variables, l’analyse dont ils viennent."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=TEXT,
    )
    controls = forms.CharField(
        label=_("Pourquoi ils n’identifient personne"),
        help_text=_("Par exemple : effectifs d’au moins 11 personnes, arrondis."),
        error_messages={"required": _("Dites pourquoi ces fichiers n’identifient personne.")},
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=TEXT,
    )

    def __init__(
        self,
        files: tuple[FileVerdict, ...],
        *args: Any,
        kinds: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        """Offer the files of the job; one that is blocked may only support. `kinds`: chosen now."""
        super().__init__(*args, **kwargs)
        self.offered = files
        chosen = kinds or {}
        for index, file in enumerate(files):
            label = _("Demander la sortie de %(name)s")
            if file.verdict is Verdict.BLOCKED:
                label = _("Joindre %(name)s, bloqué : il reste ici")
            self.fields[f"take_{index}"] = forms.BooleanField(
                required=False, label=label % {"name": file.name}, initial=file.name in chosen
            )
            self.fields[f"kind_{index}"] = forms.ChoiceField(
                required=False,
                label=_("À quoi sert %(name)s") % {"name": file.name},
                choices=_choices(file),
                initial=chosen.get(file.name),
            )

    def clean(self) -> dict[str, Any]:
        """Ask at least one file."""
        cleaned = super().clean() or self.cleaned_data
        if not any(cleaned.get(f"take_{index}") for index in range(len(self.offered))):
            raise forms.ValidationError(_("Choisissez au moins un fichier."))
        return cleaned

    def group(self) -> AskedGroup:
        """The group as it was filled in."""
        said = self.cleaned_data
        return AskedGroup(said["name"], said["context"], said["controls"], self._kinds())

    def _kinds(self) -> dict[str, FileKind]:
        return {
            file.name: FileKind(self.cleaned_data[f"kind_{index}"] or _choices(file)[0][0])
            for index, file in enumerate(self.offered)
            if self.cleaned_data[f"take_{index}"]
        }


def _choices(file: FileVerdict) -> list[tuple[str, Any]]:
    is_blocked = file.verdict is Verdict.BLOCKED
    return [
        (kind, said)
        for kind, said in KINDS.items()
        if not (is_blocked and kind == FileKind.OUTPUT.value)
    ]


class ReviewForm(forms.Form):
    """One checker's decision on each file that waits, with a reason for each refusal."""

    def __init__(
        self,
        names: tuple[str, ...],
        *args: Any,
        said: Mapping[str, Opinion] | None = None,
        **kwargs: Any,
    ) -> None:
        """Ask a decision for each name; `said` is what this checker said of unchanged files."""
        super().__init__(*args, **kwargs)
        self.names = names
        before = said or {}
        for index, name in enumerate(names):
            known = before.get(name)
            self.fields[f"decision_{index}"] = forms.ChoiceField(
                label=_("Votre décision sur %(name)s") % {"name": name},
                choices=[
                    (Decision.APPROVE.value, _("Ce fichier peut sortir")),
                    (Decision.REJECT.value, _("Ce fichier ne peut pas sortir")),
                ],
                widget=forms.RadioSelect,
                initial=known.decision.value if known else None,
            )
            self.fields[f"comment_{index}"] = forms.CharField(
                label=_("Explication sur %(name)s") % {"name": name},
                help_text=_("Obligatoire en cas de refus ; lue une fois tous les avis rendus."),
                required=False,
                widget=forms.Textarea(attrs={"rows": 3}),
                max_length=TEXT,
                initial=known.comment if known else "",
            )

    def clean(self) -> dict[str, Any]:
        """Ask why when a file may not leave."""
        cleaned = super().clean() or self.cleaned_data
        for index in range(len(self.names)):
            rejects = cleaned.get(f"decision_{index}") == Decision.REJECT.value
            if rejects and not str(cleaned.get(f"comment_{index}", "")).strip():
                self.add_error(f"comment_{index}", _("Dites à l’auteur ce qu’il doit corriger."))
        return cleaned

    def opinions(self) -> dict[str, Opinion]:
        """What the checker says of each file."""
        said = self.cleaned_data
        return {
            name: Opinion(Decision(said[f"decision_{index}"]), said[f"comment_{index}"])
            for index, name in enumerate(self.names)
        }


class NoteForm(forms.Form):
    """A note that somebody else reads: to return, refuse, freeze."""

    note = forms.CharField(
        label=_("Ce que lira l’auteur"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=TEXT,
    )


class RemarkForm(forms.Form):
    """A question or an answer about a request."""

    text = forms.CharField(
        label=_("Votre question ou votre réponse"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=TEXT,
    )
    is_private = forms.BooleanField(required=False, label=_("Pour les contrôleurs seulement"))

    def __init__(self, *args: Any, for_checkers: bool, **kwargs: Any) -> None:
        """Offer the choice of readers to checkers alone."""
        super().__init__(*args, **kwargs)
        if not for_checkers:
            del self.fields["is_private"]


class RecallForm(forms.Form):
    """Why what was released is taken back: a code alone leaves this room."""

    reason = forms.ChoiceField(
        label=_("Motif du rappel"),
        choices=list(RECALLS.items()),
        widget=forms.RadioSelect,
    )
