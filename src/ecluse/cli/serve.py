"""Serve one of the two sites: its environment, its tables brought up to date, the web server."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from multiprocessing import get_context
from typing import Annotated, ParamSpec, TypeVar

import typer

from ecluse.cli import console
from ecluse.cli.database import create_databases, database_url, start_server
from ecluse.cli.home import Home
from ecluse.domain.errors import SetupIncomplete

LOCAL = "127.0.0.1"
APPLICATION = "ecluse.portal.site.wsgi:application"
PORTAL = dict.fromkeys(("django", "granian", "psycopg"), "portal")
DATA = dict.fromkeys(("duckdb", "pyarrow"), "data")

P = ParamSpec("P")
R = TypeVar("R")


class Site(StrEnum):
    """The two sites made from the one Django code."""

    PUBLIC = "public"
    CHECKING = "checking"

    @property
    def database(self) -> str:
        """The name of its database."""
        return f"ecluse_{self.value}"

    @property
    def port(self) -> int:
        """The port it listens on unless told otherwise."""
        return {Site.PUBLIC: 8000, Site.CHECKING: 8001}[self]

    @property
    def settings(self) -> str:
        """Its Django settings."""
        return f"ecluse.portal.site.settings.{self.value}"

    @property
    def url_variable(self) -> str:
        """The environment variable that says where it is."""
        return f"ECLUSE_{self.name}_URL"


@dataclass(frozen=True, slots=True)
class Listening:
    """Where and how wide a site listens."""

    host: str
    port: int
    workers: int = 1
    threads: int = 2


def site_environment(home: Home, site: Site, *, server_url: str) -> dict[str, str]:
    """Return the variables that a program of `site` runs with, beside those of the caller."""
    return {
        "DJANGO_SETTINGS_MODULE": site.settings,
        "ECLUSE_HOME": str(home.path),
        "DATABASE_URL": database_url(server_url, site.database),
    }


def granian_command(listening: Listening) -> list[str]:
    """Return the command line of the web server."""
    options = {
        "interface": "wsgi",
        "host": listening.host,
        "port": listening.port,
        "workers": listening.workers,
        "blocking-threads": listening.threads,
        "log-level": "warning",
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-P", "-m", "granian", *words, "--no-ws", APPLICATION]


def in_site(
    environment: dict[str, str], task: Callable[P, R], *args: P.args, **kwargs: P.kwargs
) -> R:
    """Return `task(*args)` run in a process of its own, where Django has the site's settings."""
    with ProcessPoolExecutor(
        1, mp_context=get_context("spawn"), initializer=_enter_site, initargs=(environment,)
    ) as processes:
        return processes.submit(task, *args, **kwargs).result()


def migrate() -> None:
    """Bring the tables of the site up to date, in a process that `in_site` started.

    Raises:
        SetupIncomplete: they were made by a version that this one does not come from.
    """
    from django.core.management import call_command
    from django.db.migrations.exceptions import InconsistentMigrationHistory
    from django.db.utils import ProgrammingError

    try:
        call_command("migrate", verbosity=0, interactive=False)
    except (InconsistentMigrationHistory, ProgrammingError):
        raise SetupIncomplete(
            f"Les tables de {Home.find().path} sont d'une autre version d'Écluse, que celle-ci ne "
            "sait pas reprendre : choisir un autre dossier par ECLUSE_HOME, ou effacer celui-ci "
            "si rien n'y est à garder."
        ) from None


def _enter_site(environment: dict[str, str]) -> None:
    os.environ.update(environment)
    import django

    django.setup()


def serve(
    site: Annotated[Site, typer.Argument(help="Le site : public, ou checking (salle).")],
    *,
    host: Annotated[str, typer.Option(help="Adresse d'écoute.")] = LOCAL,
    port: Annotated[
        int | None, typer.Option(help="Port ; 8000 ou 8001 par défaut.", min=1, max=65535)
    ] = None,
    workers: Annotated[int, typer.Option(help="Processus.", min=1)] = 1,
    threads: Annotated[int, typer.Option(help="Fils par processus.", min=1)] = 2,
) -> None:
    """Sert un site au premier plan, ses tables mises à jour ; Ctrl-C l'arrête.

    Exemple : [bold]ecluse serve public --port 8080[/bold]
    """
    check_installed(PORTAL)
    home = Home.find()
    home.create()
    server_url = start_server(home)
    create_databases(server_url, [site.database])
    environment = site_environment(home, site, server_url=server_url)
    with console.progress("Mise à jour de la base…"):
        in_site(environment, migrate)
    listening = Listening(host, port or site.port, workers, threads)
    shown = f"http://{host}:{listening.port}"
    environment.setdefault(site.url_variable, os.environ.get(site.url_variable, shown))
    console.error_console.print(f"{site.value} : {shown} (Ctrl-C pour arrêter)")
    server = subprocess.run(  # noqa: S603 — our own command line
        granian_command(listening), check=False, env=os.environ | environment
    )
    raise typer.Exit(server.returncode)


def check_installed(packages: Mapping[str, str]) -> None:
    """Raise SetupIncomplete unless these packages are here; each is given with its extra."""
    missing = sorted(name for name in packages if find_spec(name) is None)
    if missing:
        extras = ",".join(sorted({packages[name] for name in missing}))
        raise SetupIncomplete(
            f"Paquets absents : {', '.join(missing)}. Installez-les : "
            f"« pip install 'ecluse[{extras}]' », puis relancez."
        )
