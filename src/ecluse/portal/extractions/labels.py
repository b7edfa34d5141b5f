"""States and steps of an extraction in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.documents import ExtractionReceipt
from ecluse.portal.extractions.models import State

STATES: Final[Mapping[str, Promise]] = {
    State.ORDERED: _("Commandée"),
    State.DELIVERED: _("Livrée"),
    State.REFUSED: _("Refusée par la zone sécurisée"),
}

BADGES: Final[Mapping[str, str]] = {
    State.ORDERED: "info",
    State.DELIVERED: "success",
    State.REFUSED: "error",
}
"""The kind of badge of each state."""

STEPS: Final[Mapping[str, Promise]] = {
    "persons-of-dataset": _("Personnes du jeu de données"),
    "in-cohort": _("Dans la cohorte"),
    "known-to-the-opt-out-register": _("Identifiables par le registre des oppositions"),
    "not-opted-out": _("Non opposées"),
    "opt-out-exception-applied": _("Exception au droit d’opposition appliquée"),
    "with-rows-in-care-period": _("Avec des soins dans la période"),
}
"""The steps that the secure zone counts; a step it names otherwise keeps its name."""


def attrition(receipt: ExtractionReceipt) -> list[tuple[str, int]]:
    """Return the persons left after each step, in words."""
    return [(str(STEPS.get(row.step, row.step)), row.person_count) for row in receipt.attrition]
