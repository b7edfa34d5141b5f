"""What goes into a backup and comes out of it, by PostgreSQL's own programs and tar."""

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ecluse.cli.backup_files import PIECE_BYTES, Database, Rows
from ecluse.cli.database import server_programs
from ecluse.domain.errors import InvalidInput, SetupIncomplete

if TYPE_CHECKING:
    from psycopg import Connection

LEFT_OUT: Final = ("postgres", "logs", "run", "zone")
"""The server's own files, what runs, and the zone: its lake moves by replicas, its keys by their
custodians, and a copy of extract keys would bring back what was erased."""
_CHANGED_WHILE_READ: Final = 1
"""What tar answers when a file grew or went as it was read: the database was read before."""
_HEAD: Final = "SELECT checkpoint FROM audit_journalentry ORDER BY sequence DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class View:
    """One instant of a database that several programs see alike, by its name."""

    url: str
    name: str
    found: Database


@contextmanager
def frozen(url: str, site: str) -> Iterator[View]:
    """Hold one instant of the database of a site."""
    import psycopg

    with psycopg.connect(url, connect_timeout=10) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        name = _one(connection, "SELECT pg_export_snapshot()")
        yield View(url, name, look(connection, site))
        connection.rollback()


def look(connection: "Connection", site: str) -> Database:
    """Return the rows of each table and the last checkpoint, empty before the first entry."""
    from psycopg import sql

    found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    counting = sql.SQL("SELECT count(*) FROM {}")
    rows = tuple(
        Rows(name, _one(connection, counting.format(sql.Identifier(name))))
        for name in sorted(name for (name,) in found.fetchall())
    )
    return Database(site, rows, _one(connection, _HEAD) or "")


def dumped(view: View) -> Iterator[bytes]:
    """Yield the dump of one instant of a database. Raises SetupIncomplete."""
    command = [_postgresql("pg_dump"), "--format=custom", f"--snapshot={view.name}"]
    return _said([*command, "--no-owner", "--no-privileges"], environment=_connection(view.url))


def restore_database(url: str, content: Iterable[bytes]) -> None:
    """Fill an empty database in one transaction: whole, or as empty as before."""
    command = [_postgresql("pg_restore"), "--single-transaction", "--exit-on-error"]
    database = _connection(url)["PGDATABASE"]
    told = [*command, "--no-owner", "--no-privileges", f"--dbname={database}"]
    _heard(told, content, environment=_connection(url))


def archived(room: Path) -> Iterator[bytes]:
    """Yield the files of a folder, but for what is left out."""
    if not room.is_dir():
        raise InvalidInput(f"{room} n'est pas un dossier : vérifiez le chemin.")
    out = [f"--exclude=./{name}" for name in LEFT_OUT]
    command = ["tar", "--create", "--file=-", f"--directory={room}", "--sort=name", *out, "."]
    return _said(command, environment={}, also=(_CHANGED_WHILE_READ,))


def restore_room(folder: Path, content: Iterable[bytes]) -> None:
    """Lay out the files of an archive in a folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = ["tar", "--extract", "--file=-", f"--directory={folder}", "--preserve-permissions"]
    _heard([*command, "--no-same-owner"], content, environment={})


def is_empty(url: str) -> bool:
    """Say whether a database holds no table."""
    import psycopg

    with psycopg.connect(url, connect_timeout=10) as connection:
        found = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        return bool(_one(connection, found) == 0)


def _said(
    command: Sequence[str], *, environment: Mapping[str, str], also: tuple[int, ...] = ()
) -> Iterator[bytes]:
    with subprocess.Popen(  # noqa: S603 - our own programs and paths
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ | environment
    ) as program:
        assert program.stdout is not None  # noqa: S101 - asked for just above
        while piece := program.stdout.read(PIECE_BYTES):
            yield piece
    _check(command[0], program.returncode, also)


def _heard(
    command: Sequence[str], content: Iterable[bytes], *, environment: Mapping[str, str]
) -> None:
    with subprocess.Popen(  # noqa: S603 - our own programs and paths
        command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ | environment
    ) as program:
        assert program.stdin is not None  # noqa: S101 - asked for just above
        try:
            for piece in content:
                program.stdin.write(piece)
        except BrokenPipeError:
            pass  # its exit code says why
        except BaseException:
            program.kill()  # never the end of the input: half a content would count as whole
            raise
    _check(command[0], program.returncode, ())


def _check(program: str, code: int, also: tuple[int, ...]) -> None:
    """Raise what its exit code means; what it said is not shown, it may quote a row."""
    if code not in (0, *also):
        raise SetupIncomplete(
            f"{Path(program).name} s'est arrêté (code {code}) : vérifiez la place, la version de "
            "PostgreSQL et les droits, puis relancez."
        )


def _postgresql(name: str) -> str:
    return str(server_programs() / name)


def _connection(url: str) -> dict[str, str]:
    """Return the variables that say where a database is: a command line is seen by all."""
    from psycopg.conninfo import conninfo_to_dict

    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    names["dbname"] = "PGDATABASE"
    given = conninfo_to_dict(url)
    return {names[key]: str(value) for key, value in given.items() if key in names and value}


def _one(connection: "Connection", query: Any) -> Any:
    row = connection.execute(query).fetchone()
    return None if row is None else row[0]
