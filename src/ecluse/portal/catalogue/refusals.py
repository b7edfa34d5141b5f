"""Why a harvest failed or refused a description, in words for the officer of the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.errors import InvalidInput, Malformed, NotAllowed, Unreachable
from ecluse.portal.catalogue.harvest import actions, found

KINDS: Final[Mapping[str, Promise]] = {
    "dataset": _("jeu de données"),
    "series": _("série"),
    "services": _("service"),
}
COUNTS: Final[Mapping[str, Promise]] = {
    actions.ADDED: _("ajoutés"),
    actions.CHANGED: _("changés"),
    actions.UNCHANGED: _("inchangés"),
    actions.REJECTED: _("rejetés"),
    actions.WITHDRAWN: _("retirés"),
}
FAILURES: Final[Mapping[str, tuple[Promise, Promise]]] = {
    Unreachable.code: (
        _("La source ne répond pas, ou pas en entier."),
        _("Réessayez plus tard ; si cela dure, écrivez à son responsable."),
    ),
    Malformed.code: (
        _("Ce que la source envoie ne se lit pas."),
        _("Envoyez le détail à son responsable : il doit corriger le document."),
    ),
    NotAllowed.code: (
        _("L’adresse de la source n’est pas de celles que ce site peut appeler."),
        _("Corrigez l’adresse, ou faites autoriser ce serveur (ECLUSE_HARVEST_HOSTS)."),
    ),
    InvalidInput.code: (
        _("Ce qui a été donné ne peut pas être moissonné."),
        _("Donnez un fichier RDF ou CKAN, ou découpez-le s’il est trop grand."),
    ),
}
"""What happened and what to do, by the code of the error."""
REFUSALS: Final[Mapping[str, tuple[Promise, Promise]]] = {
    found.NO_IDENTIFIER: (
        _("La description n’a ni identifiant ni adresse."),
        _("Son responsable doit lui donner un identifiant (dct:identifier)."),
    ),
    found.LONG_IDENTIFIER: (
        _("Son identifiant est trop long."),
        _("Son responsable doit le raccourcir."),
    ),
    found.NO_TITLE: (
        _("La description n’a pas de titre."),
        _("Son responsable doit lui donner un titre (dct:title)."),
    ),
    found.NUL_CHARACTER: (
        _("Un texte contient un caractère nul, qui ne se garde pas."),
        _("Son responsable doit l’ôter."),
    ),
    actions.SAME_IDENTIFIER: (
        _("Son identifiant est aussi celui d’une autre description de la même source."),
        _("Son responsable doit donner à chacune le sien."),
    ),
}
"""What is wrong and who mends it, by what was kept of a refusal."""
OTHER: Final = (_("La source n’a pas été prise."), _("Voyez le détail."))


@dataclass(frozen=True, slots=True)
class Words:
    """What happened, what to do, and what the program says of it, in English."""

    problem: str
    remedy: str
    detail: str


def of_run(code: str, reason: str) -> Words:
    """Return why a harvest failed."""
    return _words(FAILURES.get(code, OTHER), reason)


def of_record(report: Mapping[str, Any]) -> Words:
    """Return why a description was refused."""
    reason = str(report.get("reason", ""))
    return _words(REFUSALS.get(str(report.get("refusal", reason)), OTHER), reason)


def counts_in_words(counts: Mapping[str, int]) -> str:
    """Return what a harvest did, such as `ajoutés : 2, rejetés : 1`."""
    pairs = ((COUNTS[name], count) for name, count in counts.items() if name in COUNTS)
    return ", ".join(_("%(what)s : %(count)s") % {"what": what, "count": n} for what, n in pairs)


def _words(pair: tuple[Promise, Promise], detail: str) -> Words:
    return Words(str(pair[0]), str(pair[1]), detail)
