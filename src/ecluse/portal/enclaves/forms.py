"""The analysis that a data user sends: a zip archive of a folder, and the script to run."""

import re
import zipfile
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from ecluse.portal.enclaves.models import Extract, Workspace

MAX_BUNDLE_BYTES = 20 * 1024 * 1024
ENTRY = re.compile(r"study\.toml|[A-Za-z0-9_][A-Za-z0-9_./-]{0,198}\.(?:py|R|sql)")


class JobForm(forms.Form):
    """What to run, on which extract. The secure zone opens the archive and checks every member."""

    extract = forms.ModelChoiceField(
        queryset=Extract.objects.none(), label=_("Extraction à analyser"), empty_label=None
    )
    bundle = forms.FileField(
        label=_("Dossier de l’analyse (archive zip)"),
        help_text=_(
            "20 Mo au plus. Le script lit les tables dans /data et écrit ses résultats dans"
            " /outputs ; aucun accès au réseau."
        ),
    )
    entry = forms.CharField(
        label=_("Script à lancer"),
        initial="analysis.py",
        max_length=200,
        help_text=_("Chemin dans l’archive, par exemple analysis.py."),
    )

    def __init__(self, workspace: Workspace, *args: Any, **kwargs: Any) -> None:
        """Offer the extracts of `workspace` alone."""
        super().__init__(*args, **kwargs)
        extracts: forms.ModelChoiceField[Extract] = self.fields["extract"]  # type: ignore[assignment]
        extracts.queryset = workspace.extracts.order_by("-pk")

    def clean_bundle(self) -> "UploadedFile[bytes]":
        """Refuse what is not a zip archive of a reasonable size."""
        bundle: UploadedFile[bytes] = self.cleaned_data["bundle"]
        if (bundle.size or 0) > MAX_BUNDLE_BYTES:
            raise forms.ValidationError(_("L’archive dépasse 20 Mo : allégez-la et renvoyez-la."))
        if not zipfile.is_zipfile(bundle):
            raise forms.ValidationError(
                _("Ce fichier n’est pas une archive zip : compressez le dossier de l’analyse.")
            )
        bundle.seek(0)
        return bundle

    def clean(self) -> dict[str, Any]:
        """Check that the script is in the archive."""
        cleaned = super().clean() or self.cleaned_data
        entry, bundle = cleaned.get("entry", ""), cleaned.get("bundle")
        if not ENTRY.fullmatch(entry) or ".." in entry:
            self.add_error(
                "entry", _("Donnez study.toml, ou un script .py, .R ou .sql de l’archive.")
            )
        elif bundle is not None:
            with zipfile.ZipFile(bundle) as archive:
                if entry not in archive.namelist():
                    self.add_error("entry", _("Ce script n’est pas dans l’archive."))
            bundle.seek(0)
        return cleaned
