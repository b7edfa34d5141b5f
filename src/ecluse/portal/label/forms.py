"""What is typed about a label: the level of each element and what it rests on, a file, a reason."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.metadata.label import NOTE_LONGEST, Answer, Element
from ecluse.portal.label import scheme

NOT_APPLICABLE: Final = "none"
EVIDENCE_BYTES: Final = 1024 * 1024


class DeclareForm(forms.Form):
    """The level of each element, and what it rests on. Nothing is required before submission."""

    is_publicly_funded = forms.BooleanField(
        label=_("Ces données sont recueillies ou traitées avec un financement public"),
        help_text=_("Le label est alors obligatoire (règlement EEDS, article 78(2))."),
        required=False,
    )

    def __init__(
        self,
        answers: Mapping[str, Answer],
        data: Any = None,
        *,
        is_publicly_funded: bool = False,
    ) -> None:
        super().__init__(data, initial={"is_publicly_funded": is_publicly_funded})
        for element in scheme.scheme().elements:
            self._add(element, answers.get(element.code))

    def _add(self, element: Element, answer: Answer | None) -> None:
        choices: list[tuple[str, str | Promise]] = [("", _("Pas encore répondu"))]
        choices += [
            (str(rank), f"{rank} – {scheme.words(element, rank)}")
            for rank in range(len(element.levels))
        ]
        if not element.is_always_due:
            choices.append((NOT_APPLICABLE, _("Sans objet")))
        self.fields[f"level_{element.code}"] = forms.ChoiceField(
            label=scheme.title(element),
            choices=choices,
            required=False,
            initial=_written(answer),
        )
        self.fields[f"note_{element.code}"] = forms.CharField(
            label=_("Ce qui l’établit – %(element)s") % {"element": scheme.title(element)},
            required=False,
            max_length=NOTE_LONGEST,
            initial=answer.note if answer else "",
        )

    def fields_of(self, section: str) -> list[forms.BoundField]:
        """Return the fields of a section, the level then the note of each element."""
        return [
            self[f"{kind}_{element.code}"]
            for element in scheme.scheme().elements
            if element.section == section
            for kind in ("level", "note")
        ]

    def answers(self) -> dict[str, Answer]:
        """Return the elements that have an answer."""
        data = self.cleaned_data
        found = {}
        for element in scheme.scheme().elements:
            if level := data[f"level_{element.code}"]:
                rank = None if level == NOT_APPLICABLE else int(level)
                found[element.code] = Answer(rank, note=data[f"note_{element.code}"])
        return found


def _written(answer: Answer | None) -> str:
    if answer is None:
        return ""
    return NOT_APPLICABLE if answer.level is None else str(answer.level)


class EvidenceForm(forms.Form):
    """The signed scores of a quality report."""

    file = forms.FileField(
        label=_("Preuve signée par la zone sécurisée"),
        help_text=_("Le fichier que « ecluse catalogue evidence » a écrit."),
    )

    def clean_file(self) -> bytes:
        """Read the file, if it is of the size of one."""
        file = self.cleaned_data["file"]
        if file.size > EVIDENCE_BYTES:
            raise forms.ValidationError(_("Ce fichier est trop grand pour être une preuve."))
        content: bytes = file.read()
        return content


class PlainForm(forms.Form):
    """An act that is only to be confirmed."""


class ReasonForm(PlainForm):
    """An act with its reason."""

    reason = forms.CharField(
        label=_("Motif"),
        help_text=_("Il se lit sur la page du label."),
        max_length=NOTE_LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
