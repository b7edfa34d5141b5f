"""The journals that `ecluse journal` reads: a zone's, a site's, an export."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ecluse.cli.database import start_server
from ecluse.cli.home import Home
from ecluse.cli.serve import Site, in_site, site_environment
from ecluse.domain.errors import InvalidInput, NotFound, Unreachable
from ecluse.trust.journal import cosignatures, exports, reading, stamps
from ecluse.trust.journal.attestations import Said
from ecluse.trust.journal.policies import Trusted
from ecluse.trust.journal.reading import Reading
from ecluse.trust.keys import Keyring, PublicKey

ZONE = "zone"


@dataclass(frozen=True, slots=True)
class Source:
    """A journal: what people call it, how to read it now, and what lies beside it.

    `path` is its file of entries, or the one that a site would have: cosignatures and stamps are
    kept beside. `is_file` says whether entries are in it.
    """

    name: str
    read: Callable[[], exports.Export]
    path: Path
    is_file: bool

    def said(self, *, seen: Sequence[Path] = ()) -> Said:
        """Return what others said of this journal."""
        return Said(
            exports.read_notes(cosignatures.cosigned_path(self.path)),
            stamps.read_stamps(stamps.stamps_path(self.path)),
            tuple(path.read_text(encoding="utf-8") for path in seen),
        )

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Give the journal by rank, to make proofs. Raises NotFound: it has no checkpoint."""
        if self.is_file:
            with reading.reading(self.path) as found:
                yield found
            return
        content = self.read()
        if not content.checkpoints:
            raise NotFound(f"Le journal {self.name} est vide : rien à prouver.")
        yield reading.in_memory(list(content.lines), content.checkpoints[-1])


def named_source(home: Home, name: str) -> Source:
    """Return the journal that people call `zone`, `public` or `checking`, or a file of entries.

    Raises:
        InvalidInput: there is no such journal.
    """
    if name in {site.value for site in Site}:
        return site_source(home, Site(name))
    if name == ZONE:
        return file_source(ZONE, home.zone / "journal" / exports.ENTRIES)
    if Path(name).is_file():
        return file_source(name, Path(name))
    names = sorted([ZONE, *(site.value for site in Site)])
    raise InvalidInput(f"{name!r} n'est pas un journal : {', '.join(names)} ou un fichier.")


def chosen_sources(
    home: Home, *, zone: Path | None, sites: Sequence[Site], files: Sequence[Path]
) -> list[Source]:
    """Return the journals asked for, or all those of this home when none is."""
    zones = [] if zone is None else [file_source(str(zone), zone / exports.ENTRIES)]
    asked = [
        *zones,
        *(site_source(home, site) for site in sites),
        *(file_source(str(path), path) for path in files),
    ]
    return asked or _all_here(home)


def file_source(name: str, path: Path) -> Source:
    """Return the journal of a file of entries; reading raises InvalidInput when it is absent."""

    def read() -> exports.Export:
        if not path.is_file():
            raise InvalidInput(f"{path} n'est pas un journal : vérifiez le chemin.")
        return exports.read(path)

    return Source(name, read, path, is_file=True)


def site_source(home: Home, site: Site) -> Source:
    """Return the journal of a site, read from its database."""

    def read() -> exports.Export:
        environment = site_environment(home, site, server_url=start_server(home))
        lines, checkpoints, pending = in_site(environment, read_site)
        return exports.Export(lines, tuple(checkpoints), pending)

    room = home.portal if site is Site.PUBLIC else home.checking
    return Source(site.value, read, room / exports.ENTRIES, is_file=False)


def keyring_of(home: Home, public_files: Sequence[Path]) -> Keyring:
    """Return every key that a room of this home believes, and those given by hand."""
    keyring = Keyring()
    for room in (home.portal, home.checking, home.zone):
        for key in Keyring.load(home.keyring(room)).keys.values():
            known = keyring.keys.get(key.key_id)
            # A key revoked in one room is revoked here.
            if known is None or known.revoked_at is None:
                keyring = keyring.with_key(key)
    for path in public_files:
        keyring = keyring.with_key(PublicKey.parse(path.read_bytes()))
    return keyring


def trusted_by(home: Home, policy: Path | None) -> Trusted:
    """Return the witnesses and authorities of a file, or of `witnesses.toml` of the home."""
    return Trusted.of_home(home.path) if policy is None else Trusted.load(policy)


def read_site() -> tuple[list[bytes], list[str], int]:
    """Return the journal of a site as of one instant, and how many entries wait for their number.

    Call it in a process that `in_site` started.
    """
    from django.db import Error, connection, transaction

    from ecluse.portal.audit import actions

    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # Lines and checkpoints come from two queries: both must see the same entries.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            actions.require_unaltered()
            lines, checkpoints = actions.export()
            return list(lines), list(checkpoints), actions.pending_count()
    except Error as error:
        raise Unreachable(
            f"La base du site ne donne pas son journal ({type(error).__name__}) : "
            "lancez « ecluse demo » ou « ecluse serve »."
        ) from error


def _all_here(home: Home) -> list[Source]:
    path = home.zone / "journal" / exports.ENTRIES
    zones = [file_source(ZONE, path)] if path.exists() else []
    sites = [site_source(home, site) for site in Site] if _has_database(home) else []
    return [*zones, *sites]


def _has_database(home: Home) -> bool:
    return bool(os.environ.get("DATABASE_URL")) or home.postgres.exists()
