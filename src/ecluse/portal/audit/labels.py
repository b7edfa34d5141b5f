"""What people read for the actions of a journal; the entry itself keeps the code."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "account.created": _("Compte créé"),
    "account.signed_in": _("Connexion"),
    "application.assessed": _("Demande évaluée"),
    "application.declared-complete": _("Dossier déclaré complet"),
    "application.information-asked": _("Complément demandé"),
    "application.refused": _("Demande refusée"),
    "application.started": _("Brouillon ouvert"),
    "application.submitted": _("Demande déposée"),
    "application.withdrawn": _("Demande retirée"),
    "checkpoint.witnessed": _("Point de contrôle d’un autre journal reçu"),
    "dataset.described": _("Jeu de données décrit"),
    "document.received": _("Document reçu"),
    "document.refused": _("Document refusé"),
    "document.sent": _("Document signé et envoyé"),
    "extraction.delivered": _("Extraction livrée"),
    "extraction.ordered": _("Extraction commandée"),
    "extraction.refused": _("Extraction refusée"),
    "job.finished": _("Analyse terminée"),
    "job.ordered": _("Analyse envoyée"),
    "key.rotated": _("Clé renouvelée"),
    "optout.recorded": _("Opposition enregistrée"),
    "optout.reversed": _("Opposition levée"),
    "output.read": _("Sortie lue par un contrôleur"),
    "output.released": _("Sortie libérée"),
    "output.requested": _("Sortie demandée"),
    "output.voted": _("Vote d’un contrôleur"),
    "output.withdrawn": _("Demande de sortie retirée"),
    "outputs.checked": _("Sorties contrôlées automatiquement"),
    "permit.granted": _("Autorisation accordée"),
    "permit.revoked": _("Autorisation révoquée"),
    "release.downloaded": _("Résultat téléchargé"),
    "role.granted": _("Rôle donné"),
    "role.revoked": _("Rôle retiré"),
}


def action_label(action: str) -> str | Promise:
    """Return the words for an action; an unknown one keeps its code."""
    return ACTIONS.get(action, action)
