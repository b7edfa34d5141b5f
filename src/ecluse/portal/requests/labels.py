"""What people read for the states of orders to tabulate and for the actions of a request."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.portal.requests.models import State

STATES: Final[Mapping[str, Promise]] = {
    State.ORDERED.value: _("commandée"),
    State.REFUSED.value: _("refusée par la zone sécurisée"),
    State.CHECKED.value: _("en vérification"),
    State.REJECTED.value: _("refusée par les contrôleurs"),
    State.RELEASED.value: _("donnée"),
}

BADGES: Final[Mapping[str, str]] = {
    State.ORDERED.value: "info",
    State.REFUSED.value: "error",
    State.CHECKED.value: "info",
    State.REJECTED.value: "error",
    State.RELEASED.value: "success",
}
"""The kind of badge of each state."""

ACTIONS: Final[Mapping[str, Promise]] = {
    "start-assessment": _("Commencer l’évaluation"),
    "ask-information": _("Demander des précisions"),
    "go-on-without": _("Poursuivre sans les précisions"),
    "supply-information": _("Donner les précisions"),
    "assess": _("Déclarer la demande évaluée"),
    "approve": _("Accorder une réponse"),
    "prepare-answer": _("Commander les tableaux"),
    "publish-results": _("Déclarer les résultats publics"),
}
"""The actions of a request; the others keep the words of every file."""
