"""What pages call events and the ends of a delivery."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecluse.portal.cases.labels import action_label, kind_label
from ecluse.portal.webhooks.events import EVENTS, TEST
from ecluse.portal.webhooks.models import Attempt

STATES: Final[Mapping[str, Promise]] = {
    "waiting": gettext_lazy("En attente"),
    "delivered": gettext_lazy("Remis"),
    "given-up": gettext_lazy("Abandonné"),
}
BADGES: Final[Mapping[str, str]] = {
    "waiting": "info",
    "delivered": "success",
    "given-up": "error",
}
FAILURES: Final[Mapping[str, Promise]] = {
    "address-refused": gettext_lazy("adresse refusée : inconnue, ou dans un réseau privé"),
    "timeout": gettext_lazy("pas de réponse à temps"),
    "unreachable": gettext_lazy("pas de connexion sûre"),
}


def event_label(event: str) -> str:
    """What a page calls an event: the kind of object, and what was done to it."""
    if event == TEST:
        return _("Appel d’essai")
    kind, _dot, action = event.partition(".")
    return _("%(kind)s : %(action)s") % {"kind": kind_label(kind), "action": action_label(action)}


def choices() -> list[tuple[str, str]]:
    """Every event with its words, in the order of the words."""
    return sorted(((event, event_label(event)) for event in EVENTS), key=lambda pair: pair[1])


def attempt_text(attempt: Attempt) -> str:
    """What came of an attempt, in words."""
    if attempt.status is not None:
        return _("réponse %(status)d en %(time)d ms") % {
            "status": attempt.status,
            "time": attempt.milliseconds,
        }
    return str(FAILURES.get(attempt.failure, attempt.failure))
