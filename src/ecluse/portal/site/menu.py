"""The menu of each site: what this person may open, in the order of the road."""

from collections.abc import Iterable
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


ENTRIES = {
    "public": (
        Entry(_("Catalogue"), "/catalogue/"),
        Entry(_("Demandes"), "/applications/", HUB | {Role.DATA_USER, Role.COMMITTEE}),
        Entry(_("Demandes de tableaux"), "/requests/", REQUESTS),
        Entry(_("Autorisations"), "/permits/", HUB | {Role.DATA_USER, Role.PREPARER}),
        Entry(_("Extractions"), "/extractions/", HUB | {Role.DATA_USER}),
        Entry(_("Résultats"), "/releases/", frozenset({Role.DATA_USER, Role.AUDITOR})),
        Entry(_("Démarches"), "/lives/", LIVES),
        Entry(_("Courriers"), "/letters/", frozenset({Role.DATA_USER})),
        Entry(_("Registre"), "/register/"),
        Entry(_("Redevances"), "/fees/"),
        Entry(_("Détenteurs"), "/holders/"),
        Entry(_("Opposition"), "/optouts/"),
        Entry(_("Journal"), "/journal/", frozenset({Role.AUDITOR})),
    ),
    "checking": (
        Entry(_("Espaces de travail"), "/enclaves/", frozenset({Role.DATA_USER, Role.AUDITOR})),
        Entry(_("Sorties"), "/outputs/", frozenset({Role.DATA_USER, Role.CHECKER, Role.AUDITOR})),
        Entry(_("Journal"), "/journal/", frozenset({Role.AUDITOR})),
    ),
}


@pass_context
def menu(context: Context) -> list[tuple[str, str]]:
    """Return the lines that the person of this request may open: (text, address) pairs."""
    request: HttpRequest | None = context.get("request")
    roles = _roles(request)
    return _links(
        entry
        for entry in ENTRIES[settings.ECLUSE_SITE]
        if entry.roles == EVERYONE or entry.roles & roles
    )


def every_page() -> list[tuple[str, str]]:
    """Return every line of the menu of this site, whoever asks."""
    return _links(ENTRIES[settings.ECLUSE_SITE])


def _roles(request: HttpRequest | None) -> frozenset[Role]:
    user = getattr(request, "user", None)
    return user.roles() if user is not None and user.is_authenticated else frozenset()


def _links(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    return [(str(entry.text), entry.address) for entry in entries if _is_served(entry.address)]


def _is_served(address: str) -> bool:
    try:
        resolve(address)
    except Resolver404:
        return False
    return True
