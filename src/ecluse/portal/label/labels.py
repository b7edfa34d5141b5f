"""What the pages call the states of a label and what is done to it."""

from django.utils.translation import gettext_lazy as _

from ecluse.domain.metadata.label import State

STATES = {
    State.DRAFT: _("En préparation"),
    State.SUBMITTED: _("À vérifier"),
    State.RETURNED: _("À corriger"),
    State.GRANTED: _("Accordé"),
    State.REVOKED: _("Révoqué"),
    State.EXPIRED: _("Échu"),
    State.WITHDRAWN: _("Retiré"),
}
BADGES = {
    State.DRAFT: "neutral",
    State.SUBMITTED: "info",
    State.RETURNED: "warning",
    State.GRANTED: "success",
    State.REVOKED: "error",
    State.EXPIRED: "warning",
    State.WITHDRAWN: "neutral",
}
ACTIONS = {
    "open": _("Demande de label ouverte"),
    "evidence": _("Preuve signée jointe"),
    "submit": _("Soumettre au hub"),
    "withdraw": _("Retirer"),
    "return": _("Renvoyer pour correction"),
    "grant": _("Accorder le label"),
    "revoke": _("Révoquer le label"),
    "expire": _("Label échu"),
}
DIMENSIONS = {
    "completeness": _("Complétude"),
    "validity": _("Validité"),
    "uniqueness": _("Unicité"),
    "timeliness": _("Actualité"),
    "plausibility": _("Plausibilité"),
    "consistency": _("Cohérence"),
    "stability": _("Stabilité"),
}
"""The dimensions of quality reports."""
