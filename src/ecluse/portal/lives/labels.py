"""What pages call matters, the acts on them and the states of conditions."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.machines import Kind
from ecluse.portal.cases import labels as cases

KINDS: Final[Mapping[Kind, Promise]] = {
    Kind.AMENDMENT: _("Modification d’une autorisation"),
    Kind.RENEWAL: _("Prolongation d’une autorisation"),
    Kind.APPEAL: _("Recours"),
    Kind.COMPLAINT: _("Plainte"),
    Kind.RIGHTS_REQUEST: _("Demande d’exercice d’un droit"),
    Kind.DECLARATION: _("Déclaration de conformité à une méthodologie"),
    Kind.DESIGNATION: _("Candidature de détenteur de confiance"),
}
LEADS: Final[Mapping[Kind, Promise]] = {
    Kind.AMENDMENT: _(
        "Une autre finalité ou d’autres données demandent une nouvelle demande (art. 68(13))."
    ),
    Kind.RENEWAL: _("Une seule fois, demandée au moins un mois avant l’échéance (art. 68(12))."),
    Kind.APPEAL: _("Contre un refus. La décision est prise à nouveau si le juge vous suit."),
    Kind.RIGHTS_REQUEST: _(
        "Une réponse vous est due dans le mois, gratuitement (RGPD, articles 12, 15, 16 et 21)."
    ),
    Kind.COMPLAINT: _("Une plainte sur l’opposition est transmise à l’autorité (art. 81(4))."),
    Kind.DECLARATION: _(
        "Chaque règle de la méthodologie est vérifiée et expliquée ; sinon, procédure complète."
    ),
    Kind.DESIGNATION: _("Les conditions de l’article 72(2), réexaminées régulièrement."),
}
ACTS: Final[Mapping[str, Promise]] = {
    "save-draft": _("Écrire"),
    "submit": _("Déposer"),
    "assess": _("Déclarer évalué"),
    "withdraw": _("Retirer"),
    "supply-information": _("Déposer le complément"),
}
"""The acts on a matter; the others keep the words of every file."""
CONDITIONS: Final[Mapping[str, tuple[Promise, str]]] = {
    "to-accept": (_("à accepter"), "warning"),
    "accepted": (_("acceptée"), "info"),
    "due": (_("à remplir"), "info"),
    "overdue": (_("en retard"), "error"),
    "met": (_("remplie"), "success"),
    "met-late": (_("remplie en retard"), "warning"),
}
"""The words and the badge of each state of a condition."""


def act_label(action: str) -> str:
    """What pages call an act on a matter."""
    return str(ACTS.get(action) or cases.action_label(action))
