"""What `ecluse posture` may see from here: each part is looked at when its place is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecluse.cli.database import database_url
from ecluse.cli.database_roles import BACKUP, role_of
from ecluse.cli.serve import Site, in_site, site_environment
from ecluse.domain.errors import Unreachable

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from ecluse.cli.home import Home
    from ecluse.hosting.placement import Placement
    from ecluse.hosting.posture.seen import Database, JournalState, Key, SavedBackup, Seen

SHOWN: Final = (
    "DEBUG",
    "ECLUSE_DEMO",
    "ECLUSE_SCAN",
    "ECLUSE_SECOND_FACTOR",
    "PASSWORD_HASHERS",
    "SESSION_COOKIE_AGE",
    "SESSION_COOKIE_HTTPONLY",
    "SESSION_SAVE_EVERY_REQUEST",
)
"""The settings that are looked at: none of them is a secret."""
_FROZEN: Final = """
SELECT DISTINCT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal AND tgfoid = to_regproc('refuse_change')
"""
_GRANTS: Final = """
SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants
WHERE table_schema = 'public' AND grantee = ANY(%s) ORDER BY 1, 2, 3
"""
_POWERFUL: Final = """
SELECT DISTINCT rolname FROM pg_roles
LEFT JOIN pg_tables ON tableowner = rolname AND schemaname = 'public'
WHERE rolname = ANY(%s) AND (rolsuper OR tablename IS NOT NULL) ORDER BY 1
"""
_EXTENSIONS: Final = "SELECT extname FROM pg_extension ORDER BY 1"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the operator gave to look at."""

    urls: Sequence[str] = ()
    server: str | None = None
    """The address of the database server, when the databases and the settings are looked at."""
    backups: Path | None = None
    roots: Path | None = None


def look(home: Home, asked: Asked, *, at: datetime) -> Seen:
    """Return everything that may be seen from here. Raises Unreachable: an address is silent."""
    from ecluse.hosting.posture import looking
    from ecluse.hosting.posture.seen import Seen

    secure = [url for url in asked.urls if url.startswith("https://")]
    return Seen(
        at=at,
        pages=[looking.page(url, roots=asked.roots) for url in asked.urls],
        handshakes=[looking.handshake(url, roots=asked.roots) for url in secure],
        addresses=tuple(asked.urls),
        settings=_settings(home, asked.server) if asked.server else None,
        files=looking.files(home.path) if home.path.is_dir() else (),
        packages=looking.packages(),
        databases=[see_database(asked.server, site) for site in Site] if asked.server else (),
        keys=tuple(_keys(home)),
        journals=tuple(_journals(home)),
        backups=None if asked.backups is None else tuple(_backups(asked.backups)),
        placement=_placement(home),
    )


def see_database(server: str, site: Site) -> Database:
    """Return the rights and extensions of a site's database. Raises Unreachable."""
    import psycopg

    from ecluse.hosting.posture.seen import Database, Grant

    programs = [role_of(one) for one in Site] + [BACKUP]
    try:
        with psycopg.connect(database_url(server, site.database), connect_timeout=10) as database:
            return Database(
                site.database,
                database.info.server_version // 10_000,
                tuple(name for (name,) in database.execute(_EXTENSIONS)),
                tuple(Grant(*row) for row in database.execute(_GRANTS, [programs])),
                tuple(sorted(name for (name,) in database.execute(_FROZEN))),
                tuple(name for (name,) in database.execute(_POWERFUL, [programs])),
            )
    except psycopg.OperationalError:
        raise Unreachable(
            f"La base {site.database} ne répond pas : donnez --database, l'adresse du serveur."
        ) from None


def read_settings() -> dict[str, object]:
    """Return the settings looked at, in a process that `in_site` started."""
    from django.conf import settings

    return {name: getattr(settings, name, None) for name in SHOWN}


def _settings(home: Home, server: str) -> dict[str, object]:
    return in_site(site_environment(home, Site.PUBLIC, server_url=server), read_settings)


def _keys(home: Home) -> Iterator[Key]:
    from ecluse.hosting.posture import looking

    for room in (home.portal, home.checking, home.zone):
        yield from looking.keys(home.keys(room))


def _journals(home: Home) -> Iterator[JournalState]:
    from ecluse.cli.journal_sources import ZONE, keyring_of, named_source
    from ecluse.hosting.posture.seen import JournalState
    from ecluse.trust.journal.verification import verify

    source = named_source(home, ZONE)
    if source.path.is_file():
        found = source.read()
        report = verify(found.lines, found.checkpoints, keyring_of(home, ()))
        yield JournalState(
            source.name, report.size, report.problem.explanation if report.problem else ""
        )


def _backups(folder: Path) -> Iterator[SavedBackup]:
    from ecluse.cli.backup_files import list_backups
    from ecluse.hosting.posture.seen import SavedBackup

    for one in list_backups(folder):
        yield SavedBackup(one.folder.name, one.content.made_at, not one.damaged())


def _placement(home: Home) -> Placement | None:
    from ecluse.hosting.placement import FILE, Placement

    path = home.path / "hosting" / FILE
    return Placement.load(path) if path.is_file() else None
