"""What pages call sittings, phases and votes."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.committees import Choice, Phase
from ecluse.portal.committees.models import State

STATES: Final[Mapping[str, tuple[Promise, str]]] = {
    State.PLANNED: (_("convoquée"), "info"),
    State.OPEN: (_("en cours"), "warning"),
    State.MINUTES: (_("procès-verbal à signer"), "warning"),
    State.SIGNED: (_("procès-verbal signé"), "success"),
    State.CANCELLED: (_("annulée"), "neutral"),
}
PHASES: Final[Mapping[str, tuple[Promise, str]]] = {
    Phase.LISTED: (_("à l’ordre du jour"), "info"),
    Phase.FIRST_VOTE: (_("premier vote, à l’aveugle"), "warning"),
    Phase.DISCUSSION: (_("discussion"), "info"),
    Phase.FINAL_VOTE: (_("vote final"), "warning"),
    Phase.CONCLUDED: (_("avis rendu"), "success"),
    Phase.POSTPONED: (_("reporté"), "neutral"),
}
"""The words and the badge of each phase."""
CHOICES: Final[Mapping[str, Promise]] = {
    Choice.FAVOURABLE: _("Favorable"),
    Choice.WITH_RECOMMENDATIONS: _("Favorable avec recommandations"),
    Choice.RESERVED: _("Réservé"),
    Choice.UNFAVOURABLE: _("Défavorable"),
    Choice.ABSTENTION: _("Abstention"),
}
STEPS: Final[Mapping[str, Promise]] = {
    "open-vote": _("Ouvrir le vote"),
    "close-vote": _("Clore le vote"),
    "write": _("Écrire les motifs de l’avis"),
    "postpone": _("Reporter ce dossier"),
    "declare": _("Déclarer mes liens d’intérêts"),
    "vote": _("Voter"),
}
