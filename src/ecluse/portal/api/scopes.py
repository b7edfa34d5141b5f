"""What a token may be used for, less than what its account may do."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.errors import InvalidInput


class Scope(StrEnum):
    """One thing that a token opens."""

    CATALOGUE = "catalogue:read"
    FILES = "files:read"
    WRITE = "files:write"
    PERMITS = "permits:read"
    REGISTER = "register:read"
    WEBHOOKS = "webhooks:write"
    PARTNER = "partner:act"


LABELS: Final[Mapping[Scope, Promise]] = {
    Scope.CATALOGUE: _("Lire le catalogue"),
    Scope.FILES: _("Lire vos dossiers et leurs délais"),
    Scope.WRITE: _("Écrire et déposer vos demandes"),
    Scope.PERMITS: _("Lire vos autorisations et en tirer des visas"),
    Scope.REGISTER: _("Lire le registre public"),
    Scope.WEBHOOKS: _("Gérer vos webhooks"),
}
"""Those that a person may give. `partner:act` is given on the command line of the site alone."""


def read_scopes(names: Iterable[str]) -> tuple[Scope, ...]:
    """Return the scopes of these names. Raises InvalidInput for one that does not exist."""
    known = {scope.value for scope in Scope}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InvalidInput(f"No scope is called {unknown[0]!r}: use {', '.join(sorted(known))}.")
    return tuple(Scope(name) for name in names)
