"""The portal's tables, made by the migrations once on a server, then copied for each test run."""

import fcntl
import hashlib
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import django
import psycopg
from psycopg import sql

from ecluse import portal

PREFIX = "template_ecluse_"


def digest_of_migrations() -> str:
    """What changes when a migration does, or Django: 16 hexadecimal characters."""
    told = hashlib.sha256(django.get_version().encode())
    for path in sorted(Path(portal.__path__[0]).glob("**/migrations/*.py")):
        told.update(str(path).encode())
        told.update(path.read_bytes())
    return told.hexdigest()[:16]


class Template:
    """A database with every table and no row, for the migrations as they stand.

    Fifteen seconds of migrations become half a second of copying. Whoever comes while the first
    run migrates waits for it.
    """

    def __init__(self, server_url: str, lock: Path) -> None:
        self.server_url = server_url
        self.name = f"{PREFIX}{digest_of_migrations()}"
        self._lock_path = lock
        self._lock: TextIO | None = None

    def find(self) -> str | None:
        """Return the name of the template; None if this run is the one that has to migrate."""
        self._lock_path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = self._lock_path.open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        if self.name not in self._names():
            return None
        self._release()
        return self.name

    def keep(self, database: str) -> None:
        """Copy a database that was just migrated, and that nobody is connected to."""
        if self._lock is None:
            return
        old = self._names()
        with psycopg.connect(self.server_url, dbname="postgres", autocommit=True) as server:
            for name in old:
                with suppress(psycopg.errors.ObjectInUse):  # a run with other migrations copies it
                    server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
            copied = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            server.execute(copied.format(sql.Identifier(self.name), sql.Identifier(database)))
        self._release()

    def _names(self) -> list[str]:
        with psycopg.connect(self.server_url, dbname="postgres", autocommit=True) as server:
            query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
            return [name for (name,) in server.execute(query, [PREFIX]).fetchall()]

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
        self._lock = None
