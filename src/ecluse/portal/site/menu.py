"""The menu of each site: what this person may open, in the order of the road."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from jinja2 import pass_context
from jinja2.runtime import Context

from ecluse.domain.roles import Role

HUB = frozenset({Role.ASSESSOR, Role.DECIDER, Role.AUDITOR})
REQUESTS = HUB | {Role.DATA_USER, Role.COMMITTEE, Role.PREPARER}
LIVES = HUB | {Role.DATA_USER, Role.COMMITTEE, Role.CITIZEN, Role.OPT_OUT_DESK}
EVERYONE: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu, and the roles it is shown to; no role means everyone."""

    text: str | Promise
    address: str
    roles: frozenset[Role] = EVERYONE
    group: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A line of the menu as a page shows it: a link, or a group of links under a button."""

    text: str
    address: str = ""
    links: tuple[tuple[str, str], ...] = ()


FILES, ACCESS, OPEN = _("Dossiers"), _("Accès aux données"), _("Transparence")
"""The groups of the public menu: what is asked, what is given, what everybody reads."""

ENTRIES = {
    "public": (
        Entry(_("Catalogue"), "/catalogue/"),
        Entry(_("Demandes"), "/applications/", HUB | {Role.DATA_USER, Role.COMMITTEE}, FILES),
        Entry(_("Demandes de tableaux"), "/requests/", REQUESTS, FILES),
        Entry(_("Comité"), "/committees/", HUB | {Role.COMMITTEE}, FILES),
        Entry(_("Autorisations"), "/permits/", HUB | {Role.DATA_USER, Role.PREPARER}, ACCESS),
        Entry(_("Extractions"), "/extractions/", HUB | {Role.DATA_USER}, ACCESS),
        Entry(_("Résultats"), "/releases/", frozenset({Role.DATA_USER, Role.AUDITOR}), ACCESS),
        Entry(_("Démarches"), "/lives/", LIVES, FILES),
        Entry(_("Constatations"), "/findings/", HUB | {Role.DATA_USER}, FILES),
        Entry(_("Courriers"), "/letters/", frozenset({Role.DATA_USER}), FILES),
        Entry(_("Registre"), "/register/", group=OPEN),
        Entry(_("Redevances"), "/fees/", group=OPEN),
        Entry(_("Détenteurs"), "/holders/", group=OPEN),
        Entry(_("Labels"), "/label/", group=OPEN),
        Entry(_("Systèmes d’IA"), "/aisystems/", group=OPEN),
        Entry(_("Évaluations"), "/evaluations/", group=OPEN),
        Entry(_("Comparaisons"), "/boards/", group=OPEN),
        Entry(_("Exercices de départ"), "/drills/", group=OPEN),
        Entry(_("Vérifier un document"), "/journal/check/", group=OPEN),
        Entry(_("Souveraineté"), "/posture/", group=OPEN),
        Entry(_("Descriptions"), "/descriptions/", HUB | {Role.PREPARER}, OPEN),
        Entry(_("Sources"), "/sources/", HUB | {Role.PREPARER}, OPEN),
        Entry(_("Vos droits"), "/optouts/"),
        Entry(_("Guichet des droits"), "/citizens/desk/", frozenset({Role.OPT_OUT_DESK})),
        Entry(_("Journal"), "/journal/", frozenset({Role.AUDITOR})),
    ),
    "checking": (
        Entry(_("Espaces de travail"), "/enclaves/", frozenset({Role.DATA_USER, Role.AUDITOR})),
        Entry(_("Espaces interactifs"), "/workspaces/", frozenset({Role.DATA_USER})),
        Entry(_("Présence"), "/workspaces/live/", frozenset({Role.CHECKER, Role.AUDITOR})),
        Entry(
            _("Analyses en cours"), "/enclaves/running/", frozenset({Role.CHECKER, Role.AUDITOR})
        ),
        Entry(_("Sorties"), "/outputs/", frozenset({Role.DATA_USER, Role.CHECKER, Role.AUDITOR})),
        Entry(_("Journal"), "/journal/", frozenset({Role.AUDITOR})),
    ),
}


@pass_context
def menu(context: Context) -> list[Link]:
    """Return the lines that the person of this request may open; those of a group are together.

    A group of which they may open one line alone is that line.
    """
    request: HttpRequest | None = context.get("request")
    roles = _roles(request)
    groups: dict[str, list[tuple[str, str]]] = {}
    for entry in ENTRIES[settings.ECLUSE_SITE]:
        if (entry.roles == EVERYONE or entry.roles & roles) and _is_served(entry.address):
            group = str(entry.group) or entry.address
            groups.setdefault(group, []).append((str(entry.text), entry.address))
    return [_link(group, links) for group, links in groups.items()]


def _link(group: str, links: list[tuple[str, str]]) -> Link:
    return Link(*links[0]) if len(links) == 1 else Link(group, links=tuple(links))


def every_page() -> list[tuple[str, str]]:
    """Return every line of the menu of this site, whoever asks."""
    entries = ENTRIES[settings.ECLUSE_SITE]
    return [(str(entry.text), entry.address) for entry in entries if _is_served(entry.address)]


def _roles(request: HttpRequest | None) -> frozenset[Role]:
    user = getattr(request, "user", None)
    return user.roles() if user is not None and user.is_authenticated else frozenset()


def _is_served(address: str) -> bool:
    try:
        resolve(address)
    except Resolver404:
        return False
    return True
