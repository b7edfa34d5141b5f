"""The filter of the journal, and the form in which anybody gives a document to look for."""

import re
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from ecluse.portal.audit.labels import action_label
from ecluse.portal.audit.models import JournalEntry
from ecluse.trust import canonical

DIGEST: Final = re.compile(r"(sha256:)?[0-9a-fA-F]{64}")
LONGEST: Final = 100_000


class JournalFilter(forms.Form):
    """Which entries the auditor wants to see."""

    action = forms.ChoiceField(label=_("Action"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own parameters
        known = JournalEntry.objects.order_by("action").values_list("action", flat=True).distinct()
        choices = [("", _("Toutes les actions")), *((name, action_label(name)) for name in known)]
        self.fields["action"].choices = choices  # type: ignore[attr-defined]


class DocumentForm(forms.Form):
    """A document, as a file, as text or by its digest alone. Nothing of it is kept."""

    file = forms.FileField(label=_("Fichier du document"), required=False)
    text = forms.CharField(
        label=_("Ou son texte, ou son empreinte SHA-256"),
        required=False,
        max_length=LONGEST,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        """Add `digest`: `sha256:` and 64 hexadecimal characters."""
        cleaned = super().clean() or {}
        file, text = cleaned.get("file"), cleaned.get("text", "")
        if bool(file) == bool(text):
            raise forms.ValidationError(_("Donnez un fichier, ou un texte, l’un des deux."))
        if DIGEST.fullmatch(text):
            digest = f"sha256:{text.removeprefix('sha256:').lower()}"
        else:
            digest = canonical.digest(file.read() if file else text.encode())
        return {**cleaned, "digest": digest}
