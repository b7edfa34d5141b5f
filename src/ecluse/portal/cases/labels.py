"""What pages call kinds, states, actors, actions, rules and letters, in French and in English.

The domain's names are English words: they are the English of these pages. Only French is a table.
"""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import get_language

from ecluse.domain.actors import Actor
from ecluse.domain.machines import MACHINES, Kind

ACTORS: Final[Mapping[Actor, str]] = {
    Actor.DATA_USER: "le demandeur",
    Actor.ASSESSOR: "l’instruction",
    Actor.DECIDER: "la décision",
    Actor.OPT_OUT_DESK: "le guichet des oppositions",
    Actor.CITIZEN: "la personne concernée",
    Actor.CHECKER: "le contrôle des sorties",
    Actor.AUDITOR: "l’audit",
    Actor.PROJECT_MEMBER: "les personnes du projet",
    Actor.INVITEE: "la personne invitée",
    Actor.DATA_HOLDER: "le détenteur des données",
    Actor.TRUSTED_HOLDER: "le détenteur de confiance",
    Actor.EXPERT: "l’expert consulté",
    Actor.COMMITTEE: "le comité",
    Actor.AUTHORITY: "l’autorité de protection des données",
    Actor.PREPARER: "la préparation des données",
    Actor.COMPLAINT_DESK: "le guichet des plaintes",
    Actor.APPEAL_BODY: "le juge du recours",
    Actor.CONTACT_POINT: "le point de contact national",
    Actor.SYSTEM: "le logiciel, le jour venu",
    Actor.ENTAILED: "personne : c’est la suite d’un autre acte",
    Actor.NOBODY: "personne : le dossier est clos",
}

KINDS: Final[Mapping[Kind, str]] = {
    Kind.APPLICATION: "Demande d’accès",
    Kind.DATA_REQUEST: "Demande de réponse agrégée",
    Kind.AMENDMENT: "Modification",
    Kind.RENEWAL: "Prolongation",
    Kind.DECLARATION: "Déclaration de conformité",
    Kind.DESIGNATION: "Désignation",
    Kind.APPEAL: "Recours",
    Kind.COMPLAINT: "Plainte",
    Kind.DESCRIPTION: "Description d’un jeu de données",
    Kind.RIGHTS_REQUEST: "Demande d’exercice d’un droit",
    Kind.EVALUATION: "Évaluation d’un système d’IA",
    Kind.FINDING: "Constatation significative",
    Kind.CASE: "Publicité du dossier",
    Kind.DECISION_UNIT: "Décision",
    Kind.PERMIT: "Autorisation",
    Kind.HOLDER_CALL: "Appel au détenteur",
}

ACTIONS: Final[Mapping[str, str]] = {
    "save-draft": "Modifier la demande",
    "submit": "Relire et déposer",
    "delete": "Supprimer le brouillon",
    "withdraw": "Retirer la demande",
    "supply-information": "Compléter et déposer à nouveau",
    "supply-supplement": "Donner les précisions",
    "start-screening": "Commencer la vérification",
    "ask-information": "Demander un complément",
    "declare-complete": "Déclarer le dossier complet",
    "ask-supplement": "Demander des précisions",
    "go-on-without": "Poursuivre sans les précisions",
    "start-assessment": "Commencer l’évaluation",
    "approve": "Accorder une réponse",
    "prepare-answer": "Commander les tableaux",
    "return-answer": "Rendre la réponse à corriger",
    "release-answer": "Laisser sortir la réponse",
    "close-incomplete": "Clore le dossier resté incomplet",
    "assign": "Attribuer",
    "reroute": "Revenir à la procédure ordinaire",
    "extend": "Prolonger le délai",
    "assess": "Évaluer les critères",
    "propose": "Proposer une décision",
    "consult-committee": "Consulter le comité",
    "give-opinion": "Donner un avis",
    "record-no-opinion": "Constater l’absence d’avis",
    "consult-authority": "Saisir l’autorité",
    "authorise": "Autoriser",
    "prolong-authority": "Prolonger le délai de l’autorité",
    "record-silence": "Constater le silence de l’autorité",
    "send-estimate": "Envoyer l’estimation des redevances",
    "no-estimate": "Passer sans estimation",
    "accept-estimate": "Accepter l’estimation",
    "decline-estimate": "Refuser l’estimation et retirer",
    "send-back": "Renvoyer en évaluation",
    "grant": "Accorder",
    "grant-with-conditions": "Proposer sous conditions",
    "accept-conditions": "Accepter les conditions",
    "decline-conditions": "Refuser les conditions et retirer",
    "refuse": "Refuser",
    "publish-application": "Publier la demande",
    "publish-decision": "Publier la décision",
    "ask-holders": "Demander les données aux détenteurs",
    "agree-fees": "Accepter les redevances du détenteur",
    "set-fees": "Fixer les redevances",
    "ask": "Adresser la demande",
    "acknowledge": "Accuser réception",
    "ask-extension": "Demander une prolongation",
    "refuse-extension": "Refuser la prolongation",
    "supply": "Déclarer les données remises",
    "return-supply": "Renvoyer au détenteur",
    "receive": "Confirmer la réception",
    "make-available": "Déclarer les données mises à disposition",
    "cancel": "Annuler l’appel",
    "revoke": "Révoquer",
    "suspend": "Suspendre",
    "lift-suspension": "Lever la suspension",
    "finish": "Déclarer la fin d’usage",
    "close-enclave": "Fermer l’espace de travail",
    "certify-deletion": "Attester l’effacement",
    "redirect": "Renvoyer vers une autre procédure",
    "lodge": "Déposer",
    "send-observations": "Transmettre au juge avec nos observations",
    "uphold": "Enregistrer : recours accueilli",
    "dismiss": "Enregistrer : recours rejeté",
    "declare-inadmissible": "Enregistrer : recours irrecevable",
    "inform-progress": "Informer de l’avancement",
    "answer": "Répondre",
    "transmit": "Transmettre à l’autorité",
    "declare": "Déclarer la conformité",
    "register": "Enregistrer la déclaration",
    "ask-committee": "Consulter le comité",
    "give-favourable-opinion": "Donner un avis favorable",
    "give-unfavourable-opinion": "Donner un avis défavorable",
    "report": "Déclarer le compte rendu remis",
    "complete": "Déclarer le traitement terminé",
    "deposit-results": "Déclarer les résultats déposés",
    "apply": "Déposer la candidature",
    "designate": "Désigner",
    "review": "Ouvrir le réexamen",
    "assess-review": "Rendre le réexamen",
    "confirm": "Confirmer la désignation",
    "end": "Retirer la désignation",
    "give-up": "Renoncer à la désignation",
    "expire": "Constater l’échéance",
    "tell-late-condition": "Constater le retard d’une condition",
    "remind-payment": "Rappeler une facture impayée",
    "publish-results": "Déclarer les résultats publics",
    "ask-changes": "Demander une correction",
    "validate": "Valider la description",
    "publish": "Publier la description",
    "revise": "Préparer une nouvelle version",
    "drop-changes": "Abandonner les changements",
    "confirm-unchanged": "Confirmer que rien n’a changé",
    "fall-due": "Constater que la vérification est due",
    "extend-results": "Prolonger le délai de publication",
    "register-protocol": "Relire et enregistrer le protocole",
    "revise-protocol": "Écrire une nouvelle version du protocole",
    "lock-protocol": "Verrouiller le protocole",
    "deviate": "Déclarer un écart au protocole",
    "order-run": "Commander le passage dans la zone",
    "record-run": "Constater l’exécution",
    "file-report": "Déposer le rapport",
    "publish-report": "Publier le rapport",
    "report-finding": "Signaler la constatation",
    "give-precision": "Donner les précisions demandées",
    "ask-precision": "Demander des précisions sur la constatation",
    "qualify": "Retenir comme significative",
    "set-aside": "Ne pas retenir",
    "send-finding": "Transmettre aux détenteurs",
    "record-refusal": "Constater le refus de la zone sécurisée",
    "record-search": "Enregistrer la recherche faite dans la zone",
    "tell-outcome": "Rendre compte",
    "close-finding": "Clore la constatation",
}

RULES: Final[Mapping[str, str]] = {
    "publish-application": "Publier la demande reçue",
    "designation-review": "Réexaminer la désignation",
    "description-check": "Vérifier la description",
    "finding-check": "Examiner la constatation",
    "finding-told": "Informer la personne ou son professionnel de santé",
    "completion": "Compléter le dossier",
    "decision": "Accorder ou refuser",
    "decision-accelerated": "Accorder ou refuser (procédure accélérée)",
    "trusted-holder-assessment": "Évaluer (détenteur de confiance)",
    "decision-after-trusted-holder": "Décider après le détenteur de confiance",
    "request-assessment": "Évaluer la demande",
    "request-answer": "Donner la réponse",
    "request-data": "Demander les données",
    "supply": "Fournir les données",
    "provision": "Mettre les données à disposition",
    "publish-decision": "Publier la décision",
    "fee-agreement": "S’accorder sur les redevances",
    "permit-duration": "Durée de l’autorisation",
    "permit-extension": "Prolongation de l’autorisation",
    "deletion": "Effacer les données",
    "results-public": "Publier les résultats",
    "rights-answer": "Répondre à la personne",
    "completeness-check": "Dire si le dossier est complet",
    "supplement": "Donner les précisions",
    "conditions-answer": "Répondre aux conditions",
    "draft-kept": "Garder le brouillon",
    "committee-opinion": "Avis du comité",
    "authority-authorisation": "Décision de l’autorité",
    "methodology-report": "Rendre compte à l’autorité",
}

SUSPENDED_BY: Final[Mapping[str, str]] = {"information-requested": "précisions demandées"}


def label(table: Mapping[str, str], name: str) -> str:
    """What a page calls something: by the table in French, by its own name in English."""
    own = name.replace("-", " ").capitalize()
    return own if get_language() == "en" else table.get(name, own)


def state_label(kind: str, state: str) -> str:
    """What a page calls a state of a kind."""
    return label({state: MACHINES[Kind(kind)].state(state).french}, state)


def actor_label(actor: str) -> str:
    """What a page calls an actor."""
    return label({key.value: text for key, text in ACTORS.items()}, actor)


def kind_label(kind: str) -> str:
    """What a page calls a kind of object."""
    return label({key.value: text for key, text in KINDS.items()}, kind)


def action_label(action: str) -> str:
    """What a page calls an action."""
    return label(ACTIONS, action)


def rule_label(rule: str) -> str:
    """What a page calls a rule of time."""
    return label(RULES, rule)


def badge(kind: str, state: str) -> str:
    """The kind of badge of a state: good news, bad news, somebody's turn, or rest."""
    if state in ("decided-positive", "granted", "active", "closed"):
        return "success"
    if state in ("decided-negative", "refused", "revoked"):
        return "error"
    owner = MACHINES[Kind(kind)].state(state).owner
    if owner is Actor.NOBODY or state == "draft":
        return "neutral"
    return "warning" if owner is Actor.DATA_USER else "info"
