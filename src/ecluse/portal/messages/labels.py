"""What pages call the states of a mail, and what went wrong with it."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecluse.portal.messages.models import Mail
from ecluse.portal.messages.sending import UNREACHABLE

MAILS: Final[Mapping[str, Promise]] = {
    Mail.WAITING.value: gettext_lazy("Courriel à envoyer"),
    Mail.SENT.value: gettext_lazy("Courriel envoyé"),
    Mail.FAILED.value: gettext_lazy("Courriel refusé"),
    Mail.BOUNCED.value: gettext_lazy("Courriel revenu"),
    Mail.CANCELLED.value: gettext_lazy("Sans objet"),
    Mail.OFF.value: gettext_lazy("Sans courriel"),
}


def error_label(error: str) -> str:
    """Return the words for why a mail did not arrive; the code itself stays visible."""
    if error == UNREACHABLE:
        return _("le serveur de courrier n’a pas répondu")
    kind, _dash, code = error.partition("-")
    if kind == "bounce":
        return _("revenu non distribué (%(code)s)") % {"code": code}
    return _("refusé par le serveur (%(code)s)") % {"code": code}
