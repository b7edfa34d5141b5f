"""What pages call the questions of an assessment, verdicts and opinions."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.assessments import Question, Risk
from ecluse.domain.minimisation_reviews import Verdict
from ecluse.domain.opinions import Standing
from ecluse.portal.applications.labels import CRITERIA

RISKS: Final[Mapping[Risk, Promise]] = {
    Risk.SECURITY: _(
        "Aucun risque pour la défense, la sécurité ou l’ordre publics, ou un risque maîtrisé"
    ),
    Risk.REGULATORS: _(
        "Aucun risque pour le secret des bases des autorités de régulation, ou un risque maîtrisé"
    ),
}
QUESTIONS: Final[Mapping[Question, Promise]] = dict([*CRITERIA.items(), *RISKS.items()])
ARTICLES: Final[Mapping[Risk, str]] = {Risk.SECURITY: "68(2)(a)", Risk.REGULATORS: "68(2)(b)"}
VERDICTS: Final[Mapping[Verdict, Promise]] = {
    Verdict.KEEP: _("Telles que demandées"),
    Verdict.COARSEN: _("Moins précises"),
    Verdict.DROP: _("Non données"),
}
STANDINGS: Final[Mapping[Standing, tuple[Promise, str]]] = {
    Standing.ASKED: (_("demandé"), "info"),
    Standing.CLEARED: (_("en cours de lecture"), "info"),
    Standing.CONFLICTED: (_("s’est déporté"), "neutral"),
    Standing.GIVEN: (_("signé"), "success"),
    Standing.WITHDRAWN: (_("retiré"), "neutral"),
    Standing.LAPSED: (_("lien expiré"), "warning"),
}


def article(question: Question) -> str:
    """The article that a question answers."""
    return ARTICLES[question] if isinstance(question, Risk) else f"68(1)({question.value})"
