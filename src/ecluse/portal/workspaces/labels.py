"""What people read of the words of an incident, and of what is brought in."""

from django.utils.translation import gettext_lazy as _

from ecluse.domain.incidents import Word

WORDS = {
    Word.WARNING.value: _("Alerte"),
    Word.DETAIL.value: _("Informations complètes"),
    Word.REPORT.value: _("Rapport final"),
}
SENDING = {
    Word.WARNING.value: _("Écrire que l’alerte est envoyée"),
    Word.DETAIL.value: _("Écrire que les informations sont envoyées"),
    Word.REPORT.value: _("Écrire que le rapport est envoyé"),
}
IMPORTS = {
    "sent": _("en contrôle"),
    "held": _("attend d’être admis"),
    "failed": _("n’est pas entré"),
    "admitting": _("entre"),
    "admitted": _("admis"),
    "refusing": _("en cours d’effacement"),
    "refused": _("refusé, effacé"),
}
IMPORT_BADGES = {"admitted": "success", "failed": "error", "refused": "error", "held": "warning"}
