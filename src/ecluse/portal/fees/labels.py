"""What pages call payers, components, units and the states of fees."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.fees import Component, FeeState, Payer, Unit

PAYERS: Final[Mapping[Payer, Promise]] = {
    Payer.OTHER: _("Sans réduction"),
    Payer.PUBLIC_BODY: _("Organisme public établi dans l’Union"),
    Payer.UNIVERSITY_RESEARCHER: _("Chercheur d’université"),
    Payer.MICRO_ENTERPRISE: _("Micro-entreprise"),
}
COMPONENTS: Final[Mapping[Component, Promise]] = {
    Component.HANDLING: _("Instruction"),
    Component.AMENDMENT: _("Modification"),
    Component.PREPARATION: _("Préparation"),
    Component.LINKAGE: _("Appariement"),
    Component.PSEUDONYMISATION: _("Pseudonymisation"),
    Component.ENVIRONMENT: _("Environnement sécurisé"),
    Component.STORAGE: _("Stockage"),
    Component.OUTPUT_CHECK: _("Contrôle des sorties"),
    Component.HOLDER: _("Détenteur"),
}
UNITS: Final[Mapping[Unit, Promise]] = {
    Unit.FILE: _("le dossier"),
    Unit.DATASET: _("le jeu de données"),
    Unit.HOLDER: _("le détenteur"),
    Unit.HOUR: _("l’heure"),
    Unit.USER_MONTH: _("la personne et le mois"),
    Unit.TEBIBYTE_MONTH: _("le tébioctet et le mois"),
    Unit.OUTPUT: _("la sortie"),
}
STATES: Final[Mapping[FeeState, Promise]] = {
    FeeState.ESTIMATED: _("À envoyer"),
    FeeState.SENT: _("En attente de réponse"),
    FeeState.DISPUTED: _("Contestée"),
    FeeState.ACCEPTED: _("Acceptée"),
    FeeState.WITHDRAWN: _("Demande retirée"),
    FeeState.INVOICED: _("Facturée"),
    FeeState.PART_PAID: _("Payée en partie"),
    FeeState.PAID: _("Payée"),
}
BADGES: Final[Mapping[FeeState, str]] = {
    FeeState.ESTIMATED: "neutral",
    FeeState.SENT: "warning",
    FeeState.DISPUTED: "warning",
    FeeState.ACCEPTED: "success",
    FeeState.WITHDRAWN: "neutral",
    FeeState.INVOICED: "info",
    FeeState.PART_PAID: "info",
    FeeState.PAID: "success",
}
