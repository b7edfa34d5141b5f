"""What the register and the report call things."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.portal.applications.labels import PURPOSES
from ecluse.portal.cases.labels import rule_label
from ecluse.portal.catalogue.labels import CATEGORIES
from ecluse.portal.outputs.labels import RECALLS
from ecluse.portal.register.rows import Kind, Stage

__all__ = ["RECALLS", "rule_label"]

KINDS: Final[Mapping[str, Promise]] = {
    Kind.APPLICATION: _("Demande d’accès"),
    Kind.REQUEST: _("Demande de réponse agrégée"),
    Kind.PERMIT: _("Autorisation"),
}
STAGES: Final[Mapping[str, Promise]] = {
    Stage.RECEIVED: _("En cours d’examen"),
    Stage.WITHDRAWN: _("Retirée par son demandeur"),
    Stage.REFUSED: _("Refusée"),
    Stage.GRANTED: _("Accordée"),
    Stage.APPROVED: _("Acceptée, réponse en préparation"),
    Stage.ANSWERED: _("Réponse donnée"),
    Stage.ACTIVE: _("En vigueur"),
    Stage.SUSPENDED: _("Suspendue"),
    Stage.REVOKED: _("Révoquée"),
    Stage.REPLACED: _("Remplacée"),
    Stage.ENDED: _("Échue"),
}
BADGES: Final[Mapping[str, str]] = {
    Stage.RECEIVED: "info",
    Stage.APPROVED: "info",
    Stage.GRANTED: "success",
    Stage.ANSWERED: "success",
    Stage.ACTIVE: "success",
    Stage.SUSPENDED: "warning",
    Stage.REFUSED: "error",
    Stage.REVOKED: "error",
}
"""The kind of badge of each stage; the others are neutral."""
FORMATS: Final[Mapping[str, Promise]] = {
    "anonymised": _("Anonymisées"),
    "pseudonymised": _("Pseudonymisées"),
}
INCOMPLETE: Final = _("Dossier resté incomplet après le délai de complément (art. 68(4)).")

RECEIVED: Final[Mapping[str, Promise]] = {
    "application": _("Demandes d’accès"),
    "data-request": _("Demandes de réponse agrégée"),
    "amendment": _("Demandes de modification"),
    "renewal": _("Demandes de prolongation"),
    "permit": _("Autorisations"),
}
APPLICANTS: Final[Mapping[str, Promise]] = {
    "public-body": _("Organismes publics"),
    "research-organisation": _("Organismes de recherche"),
    "health-care": _("Établissements de santé"),
    "company": _("Entreprises"),
    "other": _("Autres"),
}
DECISIONS: Final[Mapping[str, Promise]] = {
    "granted": _("Autorisations accordées"),
    "refused": _("Autorisations refusées"),
    "incomplete": _("Dossiers restés incomplets"),
    "answer-instead": _("Réponses agrégées acceptées à la place"),
    "request-approved": _("Demandes de réponse acceptées"),
    "request-refused": _("Demandes de réponse refusées"),
}
MEASURES: Final[Mapping[str, Promise]] = {
    "suspended": _("Suspensions"),
    "revoked": _("Révocations"),
}
RIGHTS: Final[Mapping[str, Promise]] = {
    "opt-out": _("Oppositions"),
    "opt-out-reversed": _("Oppositions levées"),
    "opt-out-in-force": _("Oppositions en vigueur, fin de période"),
    "rights-request": _("Demandes sur ses données reçues"),
    "rights-request-answered": _("Demandes auxquelles il a été répondu"),
    "rights-request-refused": _("Demandes refusées"),
    "rights-request-in-time": _("Réponses et refus donnés dans le délai"),
    "complaint": _("Plaintes reçues"),
    "complaint-answered": _("Plaintes auxquelles il a été répondu"),
    "complaint-transmitted": _("Plaintes transmises"),
}
STATED: Final[Mapping[str, Promise]] = {
    "": _("Total"),
    "application": _("Demandes d’accès"),
    "data-request": _("Demandes de réponse agrégée"),
    "permit": _("Autorisations"),
    "internal": _("Audits internes"),
    "third-party": _("Audits par un tiers"),
    "peer-reviewed": _("Publications évaluées par les pairs"),
    "policy": _("Documents de politique publique"),
    "regulatory": _("Procédures réglementaires"),
    "artificial-intelligence": _("Applications d’intelligence artificielle"),
    "other": _("Autres"),
}
"""What stated figures are divided into."""
DIVISIONS: Final = (
    *("", "internal", "third-party", "peer-reviewed", "policy", "regulatory"),
    *("artificial-intelligence", "other"),
)
"""Those that a statement may name."""
STATEMENTS: Final[Mapping[str, Promise]] = {
    "fine": _("(b) Amende : combien"),
    "fine-cents": _("(b) Amende : montant, en centimes"),
    "user-audit": _("(c) Audit d’un utilisateur"),
    "environment-audit": _("(d) Audit de l’environnement sécurisé"),
    "rights-request": _("(e) Autre demande sur les droits d’une personne"),
    "stakeholders": _("(f) Concertation"),
    "other-revenue-cents": _("(g) Autre recette, en centimes"),
    "quality-label": _("(i) Label de qualité"),
    "publication": _("(j) Publication, document public, procédure"),
    "product": _("(k) Produit ou service numérique"),
}


def purpose_label(letter: str) -> str:
    """Return a purpose in words, with its letter of art. 53(1)."""
    return f"({letter}) {PURPOSES[letter]}" if letter in PURPOSES else letter


def category_label(letter: str) -> str:
    """Return a category of data in words, with its letter of art. 51(1)."""
    return f"({letter}) {CATEGORIES[letter]}" if letter in CATEGORIES else letter
