"""The PostgreSQL server of an installation: the one of `DATABASE_URL`, else a private cluster."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from ecluse.cli.home import Home
from ecluse.domain.errors import SetupIncomplete, Unreachable

DEBIAN_BINARIES = Path("/usr/lib/postgresql")
INSTALL = "apt-get install postgresql"
ROLE = "ecluse"
SERVER_USER = "postgres"
START_ATTEMPTS = 5
"""After kill -9 the orphans of the former server hold its shared memory for a moment."""

SOCKET_PATH_BYTES = 107 - len("/.s.PGSQL.5432.lock")
"""`sun_path` holds 107 bytes and a terminator; PostgreSQL adds its own file name."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A private PostgreSQL server in `folder`, reached by a unix socket that only its owner sees.

    As root it runs as the user `postgres`, because PostgreSQL refuses to run as root. `durable`
    is false for tests alone: no fsync, so a power cut loses the cluster.
    """

    folder: Path
    durable: bool = True

    @property
    def data(self) -> Path:
        """The cluster's own files."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.folder / "postgresql.log"

    @property
    def socket_folder(self) -> Path:
        """The folder of the socket: in `folder`, or a short private one where the path is long."""
        inside = self.folder / "socket"
        if len(os.fsencode(inside)) <= SOCKET_PATH_BYTES:
            return inside
        name = sha256(os.fsencode(self.folder)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"ecluse-{name}"

    @property
    def url(self) -> str:
        """The address of the server, without a database name."""
        where = urlencode({"host": str(self.socket_folder)}, quote_via=quote)
        return f"postgresql://{ROLE}@/?{where}"

    def is_running(self) -> bool:
        """Say whether the server of this cluster accepts connections."""
        if not self.data.is_dir():
            return False
        ready = [*self._program("pg_isready"), "-q", "-h", str(self.socket_folder)]
        return subprocess.run(ready, check=False, cwd="/").returncode == 0  # noqa: S603 — own paths

    def start(self) -> None:
        """Have the server run: make the cluster at the first call, start it unless it runs.

        Safe to repeat, and after a power cut or `kill -9`. Raises SetupIncomplete, Unreachable.
        """
        if self.is_running():
            return
        server_programs(self._version())
        self._make_folders()
        if not self.data.is_dir():
            self._initialise()
        self._write_settings()
        for attempt in range(START_ATTEMPTS):
            self._forget_dead_server()
            if self._try_start() or self.is_running():
                return
            time.sleep(0.3 * (attempt + 1))  # pg_ctl reports no event for orphans that still end
        raise Unreachable(
            f"PostgreSQL ne démarre pas ({self.data}) : lisez la fin de {self.log}, puis relancez."
        )

    def stop(self) -> None:
        """Stop the server, open connections included; nothing happens when it is not running."""
        if self.data.is_dir():
            self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-s")

    def _make_folders(self) -> None:
        owner = _server_user()
        self.folder.mkdir(parents=True, exist_ok=True)
        if owner is not None:
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            _check_reachable(self.folder, owner)
        self.folder.chmod(0o700)
        socket_folder = self.socket_folder
        socket_folder.mkdir(mode=0o700, exist_ok=True)
        if owner is not None:
            os.chown(socket_folder, owner.pw_uid, owner.pw_gid, follow_symlinks=False)
        _check_private(socket_folder, os.geteuid() if owner is None else owner.pw_uid)

    def _initialise(self) -> None:
        """Make the cluster beside, then rename: a killed initdb leaves nothing half made."""
        new = self.folder / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        made = self._run(
            *("initdb", "-D", str(new), f"--username={ROLE}", "--auth-local=trust"),
            *("--auth-host=reject", "--encoding=UTF8", "--locale=C.UTF-8"),
            *(() if self.durable else ("--no-sync",)),
        )
        if made.returncode != 0:
            raise SetupIncomplete(f"initdb a échoué dans {new} : {made.stderr.strip()}")
        with (new / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write("include 'ecluse.conf'\n")
        new.rename(self.data)

    def _write_settings(self) -> None:
        durability = "on" if self.durable else "off"
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.socket_folder}"',
            "unix_socket_permissions": "0700",
            "fsync": durability,
            "synchronous_commit": durability,
            "full_page_writes": durability,
            "shared_buffers": "64MB",
            "max_connections": "60",
            "timezone": "UTC",
            # An error is logged without the row that it met and without the query.
            "log_error_verbosity": "terse",
            "log_min_error_statement": "panic",
        }
        lines = [f"{name} = '{_quoted(value)}'\n" for name, value in settings.items()]
        file = self.data / "ecluse.conf"
        file.write_text("".join(lines), encoding="utf-8")
        file.chmod(0o644)  # the server is another user, whatever our umask

    def _try_start(self) -> bool:
        started = self._run(
            "pg_ctl", "start", "-D", str(self.data), "-w", "-s", "-t", "60", "-l", str(self.log)
        )
        return started.returncode == 0

    def _forget_dead_server(self) -> None:
        """Remove a pid file whose number now belongs to some other program."""
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text(encoding="utf-8").splitlines()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            return  # no file, or nobody has this number: PostgreSQL itself copes with that
        if os.fsencode(self.data) not in command:
            pid_file.unlink(missing_ok=True)

    def _program(self, name: str) -> tuple[str, ...]:
        return (str(server_programs(self._version()) / name),)

    def _version(self) -> str | None:
        """The major version that made this cluster: no other one can read its files."""
        try:
            return (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None

    def _run(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        owner = _server_user()
        with tempfile.TemporaryFile("w+") as errors:  # a pipe would stay open in the server
            done = subprocess.run(  # noqa: S603 — our own program names and paths
                [*self._program(name), *arguments],
                check=False,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                user=None if owner is None else owner.pw_uid,
                group=None if owner is None else owner.pw_gid,
                extra_groups=None if owner is None else (),
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
                start_new_session=True,
            )
            errors.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, "", errors.read())


def start_server(home: Home) -> str:
    """Return the address of a running server: `DATABASE_URL`, else the private cluster, started."""
    chosen = os.environ.get("DATABASE_URL")
    if chosen:
        return chosen
    cluster = Cluster(home.postgres)
    cluster.start()
    return cluster.url


def database_url(server_url: str, name: str) -> str:
    """Return the address of the database `name` on the server of `server_url`."""
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{quote(name, safe='')}"))


def create_databases(server_url: str, names: Sequence[str]) -> None:
    """Have every database of `names` exist on the server. Raises Unreachable, SetupIncomplete."""
    import psycopg
    from psycopg import sql

    maintenance = _with_default_database(server_url)
    try:
        with psycopg.connect(maintenance, autocommit=True, connect_timeout=10) as connection:
            rows = connection.execute("SELECT datname FROM pg_database").fetchall()
            for name in sorted(set(names) - {row[0] for row in rows}):
                template = sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0")
                connection.execute(template.format(sql.Identifier(name)))
    except psycopg.errors.InsufficientPrivilege as error:
        raise SetupIncomplete(
            f"Ce compte PostgreSQL ne peut pas créer de base : créez {', '.join(names)}, puis "
            "relancez."
        ) from error
    except psycopg.OperationalError as error:
        raise Unreachable(
            f"PostgreSQL ne répond pas à {without_password(server_url)} : "
            f"{str(error).strip()} Vérifiez DATABASE_URL, puis relancez."
        ) from error


def without_password(url: str) -> str:
    """Return `url` as it may be shown: without its password."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    user, _, place = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}@{place}"))


def server_programs(version: str | None = None) -> Path:
    """Return the folder of PostgreSQL's programs: of `version`, else the newest installed.

    Raises:
        SetupIncomplete: they are not installed; the message names the package.
    """
    if version is not None:
        folder = DEBIAN_BINARIES / version / "bin"
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    elsewhere = Path(found).resolve().parent if found else None
    if version is not None and (elsewhere is None or f"/{version}/" not in f"{elsewhere}/"):
        raise SetupIncomplete(
            f"La base a été créée par PostgreSQL {version}, absent d'ici : "
            f"{INSTALL}-{version}, puis relancez."
        )
    newest = max(DEBIAN_BINARIES.glob("*/bin/initdb"), key=_major_version, default=None)
    if newest is not None:
        return newest.parent
    if elsewhere is None:
        raise SetupIncomplete(f"PostgreSQL n'est pas installé : {INSTALL}, puis relancez.")
    return elsewhere


def _major_version(initdb: Path) -> int:
    name = initdb.parent.parent.name
    return int(name) if name.isdigit() else 0


def _with_default_database(server_url: str) -> str:
    """Connect to the database that the address names, else to `postgres`, which always exists."""
    path = urlsplit(server_url).path
    return server_url if path not in ("", "/") else database_url(server_url, "postgres")


def _server_user() -> pwd.struct_passwd | None:
    """Return the user that the server runs as, or None for the caller. Raises SetupIncomplete."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SERVER_USER)
    except KeyError as error:
        raise SetupIncomplete(
            f"L'utilisateur système « {SERVER_USER} » n'existe pas : {INSTALL}, puis relancez."
        ) from error


def _check_reachable(folder: Path, owner: pwd.struct_passwd) -> None:
    """Refuse a folder that the server's user cannot enter."""
    test = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(folder)]
    tried = subprocess.run(  # noqa: S603 — our own words and paths
        test, check=False, cwd="/", user=owner.pw_uid, group=owner.pw_gid, extra_groups=()
    )
    if tried.returncode != 0:
        raise SetupIncomplete(
            f"L'utilisateur « {SERVER_USER} » ne peut pas entrer dans {folder} : choisissez avec "
            "ECLUSE_HOME un dossier dont tous les parents sont traversables (chmod o+x)."
        )


def _check_private(folder: Path, uid: int) -> None:
    """Refuse a socket folder that somebody else made or can enter: they could read our queries."""
    state = folder.lstat()
    if folder.is_symlink() or state.st_uid != uid or state.st_mode & 0o077:
        raise SetupIncomplete(f"{folder} n'est pas à nous seuls : supprimez-le, puis relancez.")


def _quoted(value: str) -> str:
    return value.replace("'", "''")
