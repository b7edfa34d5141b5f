"""The states of a permit and the kinds of its documents, as pages say them."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.portal.permits.models import State

PERMIT_LABELS: Final[Mapping[State, Promise]] = {
    State.ACTIVE: _("En vigueur"),
    State.SUSPENDED: _("Suspendue"),
    State.REVOKED: _("Révoquée"),
    State.REPLACED: _("Remplacée"),
    State.EXPIRED: _("Échue"),
}

PERMIT_BADGES: Final[Mapping[State, str]] = {
    State.ACTIVE: "success",
    State.SUSPENDED: "warning",
    State.REVOKED: "error",
    State.REPLACED: "neutral",
    State.EXPIRED: "neutral",
}
"""The kind of badge of each state."""

DOCUMENT_LABELS: Final[Mapping[str, Promise]] = {
    "Permit": _("Autorisation signée"),
    "OptOutList": _("Liste des oppositions du jour de la décision"),
    "Revocation": _("Révocation"),
    "Suspension": _("Suspension"),
    "DeletionOrder": _("Ordre de détruire les données"),
    "DeletionCertificate": _("Certificat d’effacement"),
    "ExtractionOrder": _("Ordre d’extraction"),
    "ExtractionReceipt": _("Récépissé d’extraction"),
    "Release": _("Libération de résultats"),
}


def document_label(kind: str) -> str:
    """Return what pages call a document of this kind; an unknown kind keeps its name."""
    return str(DOCUMENT_LABELS.get(kind, kind))
