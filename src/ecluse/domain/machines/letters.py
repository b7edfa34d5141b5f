"""The letters and messages that actions send, by id: what each is, for whom, by which text.

A letter is an act with legal effect; a message says that something waits, and nothing of the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ecluse.domain.actors import Actor


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter: its title in French, to whom, whether it states remedies."""

    french: str
    to: Actor
    source: str
    states_remedies: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A message: to whom, and whether an action waits ("review") or not ("view")."""

    to: tuple[Actor, ...]
    asks: str = "view"


_USER = Actor.DATA_USER

LETTERS: Mapping[str, Letter] = {
    "acknowledgement": Letter("Accusé de réception", _USER, "EHDS art. 68(4); CRPA L112-3"),
    "incomplete-file": Letter("Demande de pièces manquantes", _USER, "EHDS art. 68(4)"),
    "incomplete-refusal": Letter(
        "Clôture d'un dossier resté incomplet", _USER, "EHDS art. 68(4)", states_remedies=True
    ),
    "supplement": Letter("Demande de précisions", _USER, "EHDS art. 68(4)"),
    "extension": Letter("Prolongation motivée du délai", _USER, "EHDS art. 68(4)"),
    "estimate": Letter("Estimation des redevances", _USER, "EHDS art. 62(5)"),
    "permit": Letter("Autorisation de traitement", _USER, "EHDS art. 68(10)"),
    "permit-conditions": Letter("Autorisation sous conditions", _USER, "EHDS art. 68(10)(h)"),
    "refusal": Letter("Refus motivé", _USER, "EHDS art. 68(9)", states_remedies=True),
    "answer-offered": Letter("Proposition d'une réponse agrégée", _USER, "EHDS art. 68(3), 69"),
    "request-approved": Letter("Accord sur une demande de données", _USER, "EHDS art. 69"),
    "request-refusal": Letter(
        "Refus d'une demande de données", _USER, "EHDS art. 69", states_remedies=True
    ),
    "answer": Letter("Réponse sous forme agrégée", _USER, "EHDS art. 69(1)"),
    "amended-permit": Letter("Autorisation modifiée", _USER, "EHDS art. 68(13)"),
    "new-application-needed": Letter(
        "Nouvelle demande nécessaire", _USER, "EHDS art. 68(13)", states_remedies=True
    ),
    "extended-permit": Letter("Autorisation prolongée", _USER, "EHDS art. 68(12)"),
    "suspension": Letter("Suspension", _USER, "EHDS art. 63(3)", states_remedies=True),
    "revocation": Letter("Retrait", _USER, "EHDS art. 63(3)", states_remedies=True),
    "expiry": Letter("Fin de l'autorisation", _USER, "EHDS art. 68(12)"),
    "deletion-certificate": Letter("Attestation d'effacement", _USER, "EHDS art. 68(12)"),
    "declaration-receipt": Letter("Récépissé de déclaration", _USER, "Loi 78-17 art. 73"),
    "full-procedure-needed": Letter("Procédure complète nécessaire", _USER, "Loi 78-17 art. 73"),
    "designation": Letter("Désignation", Actor.DATA_HOLDER, "EHDS art. 72(2)"),
    "designation-refused": Letter(
        "Refus de désignation", Actor.DATA_HOLDER, "EHDS art. 72(2)", states_remedies=True
    ),
    "designation-withdrawn": Letter(
        "Retrait de désignation", Actor.DATA_HOLDER, "EHDS art. 72(2)", states_remedies=True
    ),
    "appeal-receipt": Letter("Enregistrement du recours", _USER, "CJA art. R421-1"),
    "appeal-decision": Letter("Décision sur le recours", _USER, "CJA art. R421-1"),
    "complaint-receipt": Letter("Enregistrement de la plainte", Actor.CITIZEN, "EHDS art. 81"),
    "complaint-answer": Letter("Réponse à la plainte", Actor.CITIZEN, "EHDS art. 81"),
    "rights-receipt": Letter("Demande enregistrée", Actor.CITIZEN, "RGPD art. 12(3)"),
    "rights-extension": Letter("Prolongation motivée du délai", Actor.CITIZEN, "RGPD art. 12(3)"),
    "rights-answer": Letter("Réponse à votre demande", Actor.CITIZEN, "RGPD art. 12(3), 77"),
    "rights-refusal": Letter(
        "Refus motivé", Actor.CITIZEN, "RGPD art. 12(4), 77, 79", states_remedies=True
    ),
    "complaint-transmitted": Letter("Plainte transmise", Actor.CITIZEN, "EHDS art. 81(4)"),
}

MESSAGES: Mapping[str, Message] = {
    "draft-expires": Message((_USER,), "review"),
    "member-invited": Message((Actor.INVITEE,), "review"),
    "file-submitted": Message((Actor.ASSESSOR,), "review"),
    "information-asked": Message((_USER,), "review"),
    "information-supplied": Message((Actor.ASSESSOR,), "review"),
    "file-complete": Message((_USER, Actor.PROJECT_MEMBER)),
    "file-withdrawn": Message((Actor.ASSESSOR, Actor.DECIDER)),
    "file-assigned": Message((Actor.ASSESSOR,), "review"),
    "opinion-asked": Message((Actor.EXPERT, Actor.COMMITTEE, Actor.AUTHORITY), "review"),
    "opinion-given": Message((Actor.ASSESSOR,)),
    "file-forwarded": Message((Actor.TRUSTED_HOLDER,), "review"),
    "decision-awaited": Message((Actor.DECIDER,), "review"),
    "due-day-moved": Message((_USER, Actor.PROJECT_MEMBER)),
    "estimate-sent": Message((_USER,), "review"),
    "conditions-sent": Message((_USER,), "review"),
    "decided": Message((_USER, Actor.PROJECT_MEMBER)),
    "permit-changed": Message((_USER, Actor.PROJECT_MEMBER, Actor.DATA_HOLDER, Actor.CHECKER)),
    "persons-changed": Message((Actor.CHECKER,)),
    "data-asked": Message((Actor.DATA_HOLDER, Actor.PREPARER), "review"),
    "answer-ready": Message((Actor.CHECKER,), "review"),
    "results-due": Message((_USER,), "review"),
    "condition-late": Message((_USER, Actor.ASSESSOR), "review"),
    "payment-late": Message((_USER,), "review"),
    "review-due": Message((Actor.ASSESSOR, Actor.TRUSTED_HOLDER), "review"),
    "rights-request-received": Message((Actor.OPT_OUT_DESK,), "review"),
    "complaint-received": Message((Actor.COMPLAINT_DESK,), "review"),
    "complaint-transmitted": Message((Actor.AUTHORITY,), "review"),
    "appeal-lodged": Message((Actor.DECIDER, Actor.APPEAL_BODY), "review"),
    "description-submitted": Message((Actor.PREPARER,), "review"),
    "description-returned": Message((Actor.DATA_HOLDER,), "review"),
    "description-published": Message((Actor.DATA_HOLDER,)),
    "protocol-registered": Message((Actor.PREPARER,), "review"),
    "protocol-locked": Message((_USER,)),
    "report-filed": Message((Actor.PREPARER,), "review"),
    "report-published": Message((_USER,)),
    "finding-reported": Message((Actor.ASSESSOR,), "review"),
    "finding-precision-asked": Message((_USER,), "review"),
    "finding-qualified": Message((_USER, Actor.PROJECT_MEMBER)),
    "finding-set-aside": Message((_USER, Actor.PROJECT_MEMBER)),
    "finding-refused": Message((Actor.ASSESSOR,), "review"),
    "finding-sent": Message((Actor.DATA_HOLDER,), "review"),
    "finding-done": Message((_USER, Actor.PROJECT_MEMBER, Actor.ASSESSOR)),
}

REMINDERS: Mapping[str, tuple[int, ...]] = {
    "draft-kept": (30, 7),
    "completion": (7, 1),
    "supplement": (7, 1),
    "completeness-check": (2,),
    "decision": (30, 7, 1),
    "decision-accelerated": (14, 3),
    "trusted-holder-assessment": (14, 3),
    "decision-after-trusted-holder": (14, 3),
    "request-assessment": (14, 3),
    "conditions-answer": (7, 1),
    "committee-opinion": (7, 1),
    "fee-agreement": (30, 7),
    "supply": (30, 7, 1),
    "provision": (14, 3),
    "publish-decision": (7,),
    "permit-duration": (60, 30),
    "permit-extension": (60, 30),
    "deletion": (30, 7),
    "designation-review": (90, 30),
    "results-public": (90, 30),
    "rights-answer": (14, 7, 1),
    "description-check": (90, 30, 7, 0),
    "finding-check": (5, 1),
    "finding-told": (7, 1),
}
"""By rule: how many days before its due day whoever must act is reminded. A choice of this hub."""
DUE_SOON, OVERDUE = "due-soon", "overdue"
"""The messages of reminders: no act sends them, time does, to the owner of the rule."""
