"""What people read of evaluations."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.evaluations.checklists import Answered
from ecluse.domain.evaluations.deviations import Change, Timing
from ecluse.domain.evaluations.reports import Outcome
from ecluse.portal.evaluations.models import OrderState

CHANGES: Final[Mapping[Change, Promise]] = {
    Change.POPULATION: _("La population"),
    Change.SAMPLE_SIZE: _("La taille d’étude"),
    Change.REFERENCE_STANDARD: _("La référence"),
    Change.MISSING_DATA: _("Les données manquantes"),
    Change.ANALYSIS: _("L’analyse"),
    Change.SUBGROUPS: _("Les sous-groupes"),
    Change.FAILURES: _("Les échecs"),
    Change.SCHEDULE: _("Le calendrier"),
    Change.SOFTWARE: _("Le logiciel"),
    Change.REPORTING: _("Le compte rendu"),
}
TIMINGS: Final[Mapping[Timing, Promise]] = {
    Timing.BEFORE_DATA: _("avant d’ouvrir les données"),
    Timing.BEFORE_RESULTS: _("avant de connaître les résultats"),
    Timing.AFTER_RESULTS: _("après avoir vu les résultats"),
}
ANSWERED: Final[Mapping[Answered, Promise]] = {
    Answered.PROTOCOL: _("Protocole"),
    Answered.REPORT: _("Rapport"),
    Answered.HUB: _("Hub"),
    Answered.AUTHORS: _("Auteurs"),
    Answered.NOT_APPLICABLE: _("Sans objet"),
}
OUTCOMES: Final[Mapping[Outcome, Promise]] = {
    Outcome.MET: _("Affirmation tenue"),
    Outcome.NOT_MET: _("Affirmation non tenue"),
    Outcome.INCONCLUSIVE: _("Pas de conclusion"),
    Outcome.NOT_EVALUABLE: _("Non évaluable"),
}
OUTCOME_BADGES: Final[Mapping[Outcome, str]] = {
    Outcome.MET: "success",
    Outcome.NOT_MET: "error",
    Outcome.INCONCLUSIVE: "warning",
    Outcome.NOT_EVALUABLE: "warning",
}
BADGES: Final[Mapping[str, str]] = {
    "draft": "info",
    "registered": "info",
    "locked": "success",
    "run": "success",
    "reported": "info",
    "public": "success",
    "withdrawn": "warning",
}
"""The kind of badge of each state."""

ORDERS: Final[Mapping[str, Promise]] = {
    OrderState.ORDERED.value: _("commandé"),
    OrderState.REFUSED.value: _("refusé par la zone sécurisée"),
    OrderState.CHECKED.value: _("en vérification"),
    OrderState.REJECTED.value: _("refusé par les contrôleurs"),
    OrderState.RELEASED.value: _("sorti"),
}
ORDER_BADGES: Final[Mapping[str, str]] = {
    OrderState.ORDERED.value: "info",
    OrderState.REFUSED.value: "error",
    OrderState.CHECKED.value: "info",
    OrderState.REJECTED.value: "error",
    OrderState.RELEASED.value: "success",
}
