"""The outside cohorts that a permit lets be joined, as the decider writes and everybody reads."""

from typing import Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecluse.domain.documents import Linkage, LinkageWay

PARTS: Final = 4
WAYS: Final = {
    LinkageWay.NATIONAL_NUMBER: gettext_lazy("numéro"),
    LinkageWay.INDIRECT: gettext_lazy("indirect"),
}
"""How persons are found, in a word that is written in the form and read on the permit."""


class LinkagesField(forms.CharField):
    """One linkage a line; its value is a tuple of `Linkage`."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Appariements"),
            help_text=gettext_lazy(
                "Un par ligne : cohorte ; qui la détient ; « numéro » ou « indirect » ; à quoi elle"
                " sert (art. 68(10)(a)). Aucune autre cohorte ne peut être jointe."
            ),
            required=False,
            max_length=4000,
            widget=forms.Textarea(attrs={"rows": 3}),
        )

    def clean(self, value: object) -> tuple[Linkage, ...]:
        """Return the linkages. Raises ValidationError naming the line at fault."""
        return tuple(_linkage(line) for line in super().clean(value).splitlines() if line.strip())


def words(linkage: Linkage) -> tuple[str, str, str | Promise, str]:
    """Return a linkage as a row of a table."""
    return linkage.cohort, linkage.holder, WAYS[linkage.way], linkage.purpose


def _linkage(line: str) -> Linkage:
    parts = [part.strip() for part in line.split(";", PARTS - 1)]
    ways = {
        name: way
        for way, word in WAYS.items()
        for name in (way.value, str(word), _ascii(str(word)))
    }
    if len(parts) != PARTS or not all(parts) or parts[2].lower() not in ways:
        raise ValidationError(
            _("« %(line)s » : écrivez cohorte ; détenteur ; numéro ou indirect ; finalité."),
            params={"line": line.strip()[:200]},
        )
    return Linkage(parts[0], parts[1], ways[parts[2].lower()], parts[3])


def _ascii(word: str) -> str:
    return word.replace("é", "e")
