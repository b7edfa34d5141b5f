"""The page of the posture: the sovereignty list, and how much of each framework was probed."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from ecluse.domain.errors import EcluseError
from ecluse.domain.posture import Outcome, PostureReport, Sovereignty
from ecluse.portal.audit import identity
from ecluse.trust import postures

FILE = "posture.json"
ROWS: dict[str, str | Promise] = {
    "S1": _("Aucun composant propre à un seul fournisseur de nuage"),
    "S2": _("Le magasin de données se remplace : deux serveurs sans lien passent les mêmes essais"),
    "S3": _("La base est un PostgreSQL ordinaire, que tout hébergeur peut servir"),
    "S4": _("Le changement d’hébergeur est répété : bascule, puis retour"),
    "S5": _("Les clés ne sont jamais chez l’hébergeur"),
    "S6": _("Ceux qui opèrent les hébergeurs relèvent des pays admis"),
    "S7": _("Rien n’appelle l’extérieur sans y être autorisé"),
    "S8": _("L’installation se fait sans réseau"),
    "S9": _("Aucune licence fermée parmi les composants"),
    "S10": _("Le prix de sortie de chaque hébergeur est connu"),
    "S11": _("Les qualifications des hébergeurs sont en cours de validité"),
    "S12": _("Au moins deux lieux, tous dans l’Espace économique européen"),
}
OUTCOMES: dict[Outcome, tuple[str | Promise, str]] = {
    Outcome.HELD: (_("Tient"), "success"),
    Outcome.BROKEN: (_("Rompu"), "error"),
    Outcome.UNSEEN: (_("Non vu"), "neutral"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list as the page shows it."""

    number: str
    text: str | Promise
    outcome: str | Promise
    kind: str
    shown_by: str


@require_safe
def posture(request: HttpRequest) -> HttpResponse:
    """Show the last report that this site's keys signed, or that there is none."""
    report, is_refused = _last()
    rows = [_row(one) for one in report.sovereignty] if report else []
    context = {"report": report, "is_refused": is_refused, "rows": rows}
    return render(request, "site/posture.html", context)


def _last() -> tuple[PostureReport | None, bool]:
    """Return the report, and whether there was one that cannot be believed."""
    try:
        return postures.read((identity.room() / FILE).read_bytes(), identity.keyring()), False
    except FileNotFoundError:
        return None, False
    except (EcluseError, OSError):
        return None, True


def _row(one: Sovereignty) -> Row:
    text, kind = OUTCOMES[one.outcome]
    names = [*one.probes, *(name.partition("::")[0].rpartition("/")[2] for name in one.tests)]
    return Row(one.number, ROWS[one.number], text, kind, ", ".join(dict.fromkeys(names)))
