"""Is this site alive, and can it answer: what a supervisor asks, told in one word.

Alive is told without the database: a supervisor that starts the site anew would mend nothing of a
database that is away. Ready is told once the database, its tables, the keys and the disk are.
"""

import shutil
from collections.abc import Callable, Mapping
from typing import Final

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from ecluse.domain.errors import EcluseError
from ecluse.portal.audit import identity

LEAST_FREE: Final = 256 << 20
"""Bytes: below, files that people send would soon be refused."""
UNAVAILABLE: Final = 503

_migrated: set[str] = set()
"""The site whose tables were seen to be those of this version: looked at once a process."""


@require_safe
def live(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - the signature of a view
    """Tell that this program answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - the signature of a view
    """Tell whether this site can do its work, or the first thing that it lacks."""
    for lacking, is_there in CHECKS.items():
        if not is_there():
            return JsonResponse({"status": lacking}, status=UNAVAILABLE)
    return JsonResponse({"status": "ok", "site": identity.site()})


def _reaches_database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _has_tables() -> bool:
    if identity.site() not in _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _migrated.add(identity.site())
    return True


def _reads_keys() -> bool:
    try:
        identity.signing_key()
        identity.keyring()
    except (EcluseError, OSError):
        return False
    return True


def _has_space() -> bool:
    return shutil.disk_usage(identity.room()).free >= LEAST_FREE


CHECKS: Final[Mapping[str, Callable[[], bool]]] = {
    "database-unreachable": _reaches_database,
    "tables-of-another-version": _has_tables,
    "keys-unreadable": _reads_keys,
    "disk-full": _has_space,
}
"""What a site needs, by the word that tells it is not there; in this order."""
