"""What people read for the states of requests, for votes and for the findings of a file."""

import re
from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.documents import Decision, Finding, RecallReason
from ecluse.domain.reviews.machine import OWNERS, Party, State
from ecluse.domain.reviews.review import FileKind

STATES = {
    State.DRAFT.value: _("en préparation"),
    State.SUBMITTED.value: _("envoyée"),
    State.SCREENING.value: _("en contrôle automatique"),
    State.BLOCKED.value: _("bloquée par les contrôles automatiques"),
    State.IN_REVIEW.value: _("attend ses contrôleurs"),
    State.ONE_REVIEW.value: _("attend un autre contrôleur"),
    State.REVIEWED.value: _("lue, à décider"),
    State.APPROVED.value: _("approuvée"),
    State.RETURNED.value: _("rendue à son auteur"),
    State.REJECTED.value: _("refusée"),
    State.RELEASING.value: _("en cours de libération"),
    State.RELEASED.value: _("libérée"),
    State.RELEASE_FAILED.value: _("libération impossible"),
    State.RECALLED.value: _("rappelée"),
    State.WITHDRAWN.value: _("retirée par son auteur"),
    State.FROZEN.value: _("gelée par un incident"),
    State.CLOSED.value: _("close avec l’autorisation"),
}

_KINDS_OF_OWNERS = {
    Party.AUTHOR: "warning",
    Party.CHECKER: "info",
    Party.SOFTWARE: "info",
    Party.ZONE: "info",
    Party.SUPERVISOR: "error",
    Party.NOBODY: "neutral",
}
STATE_KINDS = {
    **{state.value: _KINDS_OF_OWNERS[owner] for state, owner in OWNERS.items()},
    State.RELEASED.value: "success",
    State.BLOCKED.value: "error",
    State.REJECTED.value: "error",
    State.RECALLED.value: "error",
    State.RELEASE_FAILED.value: "error",
}
"""The kind of badge of each state."""

VOTES = {
    Decision.APPROVE.value: _("peut sortir"),
    Decision.REJECT.value: _("ne peut pas sortir"),
}

KINDS = {
    FileKind.OUTPUT.value: _("résultat à sortir"),
    FileKind.SUPPORTING.value: _("pièce d’appui, reste ici"),
    FileKind.CODE.value: _("code, reste ici"),
}

RECALLS = {
    RecallReason.DISCLOSURE.value: _("Le résultat peut renseigner sur une personne"),
    RecallReason.ERROR.value: _("Le résultat est faux"),
    RecallReason.HOLDER.value: _("Le détenteur des données le demande"),
    RecallReason.INCIDENT.value: _("Un incident de sécurité le touche"),
}

JOURNAL = {
    "submit": "output.requested",
    "screen": "output.screened",
    "block": "output.blocked",
    "pass": "output.passed",
    "review": "output.voted",
    "approve": "output.approved",
    "approve-again": "output.approved-again",
    "approve-by-machine": "output.approved-by-machine",
    "return": "output.returned",
    "reject": "output.rejected",
    "release": "output.releasing",
    "retry": "output.release-retried",
    "confirm": "output.released",
    "fail": "output.release-failed",
    "recall": "output.recalled",
    "withdraw": "output.withdrawn",
    "freeze": "output.frozen",
    "unfreeze": "output.unfrozen",
    "close": "output.closed",
}
"""Under which name each move of the machine is journalled."""

RULES = {
    "R1": _("Une case compte moins de personnes que le minimum."),
    "R2": _("Un zéro apprend quelque chose sur tout un groupe."),
    "R3": _("Presque toutes les personnes d’un groupe partagent le même attribut."),
    "R4": _("Une ou deux personnes pourraient faire l’essentiel d’une somme."),
    "R5": _("Une personne pourrait en estimer une autre de trop près."),
    "R7": _("Un extrême peut être la valeur d’une seule personne."),
    "R8": _("Un total permet de retrouver une case masquée : masquez-en une autre."),
    "R9": _("L’arrondi ne protège pas assez."),
    "R11": _("Un rapport permet de retrouver un petit nombre de personnes."),
    "R12": _("Un modèle suit une personne ou un petit groupe."),
    "R13": _("Une étape de survie compte trop peu de personnes."),
    "R14": _("Une figure montre des personnes."),
    "R15": _("Trop peu d’événements dans un groupe comparé."),
    "R16": _("Avec ce qui est déjà sorti, ce fichier désigne un petit groupe."),
    "R17": _("Le budget de confidentialité est épuisé."),
    "R18": _("Un modèle entraîné ne sort pas."),
    "P1": _("Une valeur a la forme d’un pseudonyme : elle désigne une personne."),
    "A28": _("Un tableur exécuterait ce texte comme une formule."),
    "A30": _("Presque chaque ligne diffère : une ligne est peut-être une personne."),
    "A31": _("Trop de chiffres significatifs : arrondissez."),
    "A32": _("Beaucoup de mots : lisez-les."),
    "D1": _("Des nombres ne sont pas déclarés dans outputs.toml."),
    "D2": _("La déclaration outputs.toml ne correspond pas au fichier."),
    "D3": _("Rien ne montre les personnes derrière ces nombres."),
    "M1": _("Fichier fait par le moteur."),
    "TP": _("Un tableau protégé par la tabulation : ce qui y est masqué, et comment."),
    "T1": _("Ce type, cette taille ou ce nom de fichier ne sort pas."),
    "T2": _("Le contenu n’est pas celui qu’annonce le type du fichier."),
    "T3": _("Seul un regard humain peut juger ce contenu."),
}
"""What each automatic rule protects against, in words."""

PLACES = (
    ("row", _("ligne")),
    ("line", _("ligne")),
    ("column", _("colonne")),
    ("file", _("fichier")),
    ("headers", _("en-têtes")),
    ("name", _("nom")),
)
"""The words by which a finding says where it is, and ours."""

PLACES_SHOWN = 3


Line = tuple[str, str | Promise, str, str]
"""A rule, what it protects against, where it was met, the exact words."""


def grouped(findings: Iterable[Finding]) -> list[Line]:
    """Return one line per rule: number, meaning, first places, how many; the exact words last."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    return [
        (rule, RULES.get(rule, rule), _places(found), _details(found))
        for rule, found in by_rule.items()
    ]


def _places(findings: list[Finding]) -> str:
    places = list(dict.fromkeys(_place(finding.place) for finding in findings))
    shown = " ; ".join(places[:PLACES_SHOWN])
    return f"{shown}…" if len(places) > PLACES_SHOWN else shown


def _place(place: str) -> str:
    """Return a place in the reader's words; the name of a column stays as its author wrote it."""
    for word, said in PLACES:
        place = re.sub(rf"(?:^|(?<=, )){word}\b", str(said), place, count=1)
    return place


def _details(findings: list[Finding]) -> str:
    return " ".join(dict.fromkeys(finding.explanation for finding in findings[:PLACES_SHOWN]))
