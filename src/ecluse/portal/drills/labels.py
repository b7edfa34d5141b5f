"""What the pages call the steps of a drill, and what it must show."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.documents.drills import DrillStep
from ecluse.domain.drills import Goal

STEPS: Final[Mapping[DrillStep, str | Promise]] = {
    DrillStep.PLANNED: _("Scellé et déposé chez l’hébergeur quitté"),
    DrillStep.COPIED: _("Copié, malgré les arrêts"),
    DrillStep.VERIFIED: _("Relu en entier"),
    DrillStep.STRUCK: _("Altéré exprès, pour voir ce qui est trouvé"),
    DrillStep.MENDED: _("Réparé"),
    DrillStep.CUT_OVER: _("Basculé vers le nouvel hébergeur"),
    DrillStep.ROLLED_BACK: _("Revenu à l’ancien"),
    DrillStep.TAKEN: _("Fouillé comme par un voleur"),
    DrillStep.ERASED: _("Effacé chez les deux"),
}
GOALS: Final[Mapping[Goal, str | Promise]] = {
    Goal.SAME_ROOT: _("La même racine signée aux deux hébergeurs"),
    Goal.SENT_ONCE: _("Octets du jeu envoyés deux fois (au plus 5 %)"),
    Goal.ALL_FOUND: _("Altérations trouvées et bien nommées"),
    Goal.MENDED: _("Objets réparés"),
    Goal.CUT_OVER: _("Bascules faites"),
    Goal.ROLLED_BACK: _("Retours faits"),
    Goal.UNREAD: _("Témoins cachés que nul ne lit sans la clé"),
}
