"""What people read for the states of requests, for votes and for the findings of a file."""

import re
from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.documents import Decision, Finding
from ecluse.domain.outputs import State

STATES = {
    State.SUBMITTED.value: _("attend deux votes"),
    State.ONE_VOTE.value: _("attend un second vote"),
    State.RELEASED.value: _("libérée"),
    State.REJECTED.value: _("refusée"),
    State.WITHDRAWN.value: _("retirée par son auteur"),
}

VOTES = {
    Decision.APPROVE.value: _("peut sortir"),
    Decision.REJECT.value: _("ne peut pas sortir"),
}

STATE_KINDS = {
    State.SUBMITTED.value: "info",
    State.ONE_VOTE.value: "info",
    State.RELEASED.value: "success",
    State.REJECTED.value: "error",
    State.WITHDRAWN.value: "neutral",
}
"""The kind of badge of each state."""

RULES = {
    "R1": _("Une case compte moins de personnes que le minimum."),
    "R2": _("Un zéro apprend quelque chose sur tout un groupe."),
    "R3": _("Presque toutes les personnes d’un groupe partagent le même attribut."),
    "R4": _("Une ou deux personnes pourraient faire l’essentiel d’une somme."),
    "R7": _("Un extrême peut être la valeur d’une seule personne."),
    "R8": _("Un total permet de retrouver une case masquée : masquez-en une autre."),
    "R9": _("L’arrondi ne protège pas assez."),
    "R11": _("Un rapport permet de retrouver un petit nombre de personnes."),
    "P1": _("Une valeur a la forme d’un pseudonyme : elle désigne une personne."),
    "A28": _("Un tableur exécuterait ce texte comme une formule."),
    "A30": _("Presque chaque ligne diffère : une ligne est peut-être une personne."),
    "A31": _("Trop de chiffres significatifs : arrondissez."),
    "D1": _("Des nombres ne sont pas déclarés dans outputs.toml."),
    "D2": _("La déclaration outputs.toml ne correspond pas au fichier."),
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


def grouped(findings: Iterable[Finding]) -> list[tuple[str, str | Promise, str, str]]:
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
