"""What the pages call levels, measures, rules, states, purposes and faults of a board."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.evaluations.secrecy import (
    BoardMeasure,
    FaultCode,
    Level,
    Purpose,
    StepRule,
    SubmissionStatus,
)
from ecluse.portal.boards.models import BoardState, SubmissionState

Words = Mapping[str, str | Promise]

LEVELS: Final[Words] = {
    Level.PUBLIC: _("L0 – tout est public : scores exacts, qui prouvent peu"),
    Level.INPUTS_PUBLIC: _("L1 – entrées données, réponses secrètes : des prédictions viennent"),
    Level.NOTHING_PUBLIC: _("L2 – tout est secret : le modèle vient aux données"),
}
MEASURES: Final[Words] = {
    BoardMeasure.ACCURACY: _("Exactitude"),
    BoardMeasure.AUROC: _("Aire sous la courbe ROC"),
    BoardMeasure.F1: _("F1"),
    BoardMeasure.BRIER: _("1 − score de Brier"),
}
STEP_RULES: Final[Words] = {
    StepRule.FIXED: _("Par un pas que la chance ne franchit pas"),
    StepRule.PAIRED: _("Par l’erreur appariée des deux systèmes"),
}
STATES: Final[Words] = {
    BoardState.OPEN: _("Ouvert"),
    BoardState.CLOSING: _("Clos, résultat attendu"),
    BoardState.CLOSED: _("Clos"),
    BoardState.REFUSED: _("Refusé par la zone sécurisée"),
}
PURPOSES: Final[Words] = {
    Purpose.COMPETE: _("Concourir"),
    Purpose.EXPLORE: _("Explorer : ce que j’ai mesuré ailleurs est-il vrai ici ?"),
}
ENDS: Final[Words] = {
    SubmissionState.SENT: _("Attend sa réponse"),
    SubmissionState.REFUSED: _("Refusée"),
    SubmissionStatus.SCORED: _("Jugée"),
    SubmissionStatus.REPEATED: _("Déjà jugée : ce fichier n’est compté qu’une fois"),
    SubmissionStatus.FAILED: _("Fichier non conforme : rien n’est compté"),
}
FAULTS: Final[Words] = {
    FaultCode.TOO_LARGE: _("fichier trop grand"),
    FaultCode.UNREADABLE: _("fichier illisible"),
    FaultCode.WRONG_COLUMNS: _("colonnes autres que case,prediction"),
    FaultCode.MISSING_CASES: _("cas manquants"),
    FaultCode.UNKNOWN_CASES: _("cas inconnus"),
    FaultCode.REPEATED_CASES: _("cas répétés"),
    FaultCode.NOT_A_NUMBER: _("prédictions qui ne sont pas des nombres"),
    FaultCode.OUT_OF_RANGE: _("prédictions hors de 0 à 1"),
    FaultCode.MODEL_FAILED: _("le modèle a échoué"),
}
