"""The demonstration: both sites, the agent and the workspaces, started, shown and stopped."""

import fcntl
import json as json_text
import os
import socket
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.panel import Panel
from rich.table import Table

from ecluse.cli import console
from ecluse.cli.country import DATASET
from ecluse.cli.database import Cluster
from ecluse.cli.home import Home
from ecluse.cli.preparation import DEMO_ACCOUNTS, Steps, prepare
from ecluse.cli.programs import Program
from ecluse.cli.serve import (
    DATA,
    LOCAL,
    PORTAL,
    Listening,
    Site,
    check_installed,
    granian_command,
    site_environment,
)
from ecluse.cli.workspace import NEEDED as NOTEBOOK
from ecluse.cli.workspace import PORT
from ecluse.domain.errors import SetupIncomplete, Unreachable
from ecluse.domain.roles import Role

AGENT, WORKSPACES = "agent", "workspaces"
NAMES = (*(site.value for site in Site), AGENT, WORKSPACES)
STEPS = 8
USUAL_PORTS = {**{site.value: site.port for site in Site}, WORKSPACES: PORT}
WITHOUT_NOTEBOOK = "JupyterLab n'est pas installé : il vient avec l'option « workspace » d'Écluse"
PORTS_TRIED = 50
DUTIES = {
    Role.DATA_USER: "recherche",
    Role.ASSESSOR: "instruction des demandes",
    Role.DECIDER: "décision",
    Role.OPT_OUT_DESK: "guichet des oppositions",
    Role.CITIZEN: "citoyenne",
    Role.PREPARER: "registres et catalogue",
    Role.CHECKER: "contrôle des sorties",
    Role.AUDITOR: "audit",
    Role.COMMITTEE: "comité",
}
READY_SECONDS = 60
WORKSPACE_HOST = "localhost"
"""Another host than that of the sites: browsers send no cookie of theirs to the workspaces."""


@dataclass(frozen=True, slots=True)
class Demo:
    """The programs of a demonstration and what is seen of them."""

    home: Home

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait while another terminal starts the same demonstration, then keep it waiting."""
        with (self.home.run / "demo.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def program(self, name: str) -> Program:
        """Return one of the programs: a site, the agent or the workspaces."""
        return Program(name, run=self.home.run, logs=self.home.logs)

    def url(self, site: Site) -> str | None:
        """Return the address of a site that runs, or None."""
        port = self.program(site.value).port()
        return None if port is None else f"http://{LOCAL}:{port}"

    def workspaces_url(self) -> str | None:
        """Return the address of the interactive workspaces if they are served, or None."""
        port = self.program(WORKSPACES).port()
        return None if port is None else f"http://{WORKSPACE_HOST}:{port}"

    def is_up(self) -> bool:
        """Say whether both sites answer, the agent runs, and the workspaces where they can."""
        urls = [self.url(site) for site in Site]
        if has_notebook():
            urls.append(self.workspaces_url())
        return self.program(AGENT).pid() is not None and all(
            url is not None and answers(url) for url in urls
        )

    def start(self, server_url: str, steps: Steps, *, theme: str) -> None:
        """Start what does not run, and return when both sites answer and the agent spoke."""
        self._clear_killed()
        ports = self._ports()
        shared = {
            "ECLUSE_DEMO": "1",
            "ECLUSE_THEME": theme,
            "ECLUSE_WORKSPACE_URL": f"http://{WORKSPACE_HOST}:{ports[WORKSPACES]}",
            **{site.url_variable: f"http://{LOCAL}:{ports[site]}" for site in Site},
        }
        with steps.step("Démarrage des deux sites"):
            for site in Site:
                environment = site_environment(self.home, site, server_url=server_url) | shared
                command = granian_command(Listening(LOCAL, ports[site]))
                self._start(site.value, command, environment, port=ports[site])
            for site in Site:
                self._await(site.value, partial(answers, f"http://{LOCAL}:{ports[site]}"))
        inside = {"ECLUSE_HOME": str(self.home.path)} | shared
        with steps.step("Démarrage de l'agent, annonce du pays au catalogue"):
            self._start(AGENT, _ecluse("agent"), inside, port=None)
            catalogue = f"http://{LOCAL}:{ports[Site.PUBLIC]}/catalogue/{DATASET}.json"
            self._await(AGENT, partial(shows_snapshot, catalogue))
        with steps.step("Démarrage des espaces interactifs"):
            self._start_workspaces(ports[WORKSPACES], inside)

    def _start_workspaces(self, port: int, environment: dict[str, str]) -> None:
        """Serve the workspaces; where they cannot be, the rest of the demonstration goes on."""
        if not has_notebook():
            return
        # The synthetic country needs no search for viruses; a real zone names its scanner.
        scan = {"ECLUSE_SCAN": os.environ.get("ECLUSE_SCAN", "off")}
        command = _ecluse("workspace", "serve", "--port", str(port))
        self._start(WORKSPACES, command, environment | scan, port=port)
        try:
            self._await(WORKSPACES, partial(answers, f"http://{WORKSPACE_HOST}:{port}"))
        except Unreachable as error:
            console.error_console.print(f"[yellow]Sans espaces interactifs.[/yellow] {error}")

    def stop(self) -> list[str]:
        """Stop all programs, then the private database; return the names of those that ran."""
        stopped = [name for name in reversed(NAMES) if self.program(name).stop()]
        cluster = Cluster(self.home.postgres)
        if not os.environ.get("DATABASE_URL") and cluster.is_running():
            cluster.stop()
            stopped.append("postgresql")
        return stopped

    def _clear_killed(self) -> None:
        """Free the ports that workers of a killed site still hold."""
        for program in map(self.program, NAMES):
            if program.pid() is None:
                program.stop()

    def _ports(self) -> dict[str, int]:
        """Return the port of each server: the one it runs on, else its last one, else a free one.

        The programs know each other by their addresses: when one must change, all stop first.
        """
        ports: dict[str, int] = {}
        known = self._known_ports()
        for name, usual in USUAL_PORTS.items():
            running = self.program(name).port()
            ports[name] = running or free_port(known.get(name, usual), taken=ports.values())
        if known and ports != known:
            for name in NAMES:
                self.program(name).stop()
        self._ports_file.write_text(json_text.dumps(ports), encoding="utf-8")
        return ports

    @property
    def _ports_file(self) -> Path:
        return self.home.run / "ports.json"

    def _known_ports(self) -> dict[str, int]:
        try:
            known = json_text.loads(self._ports_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def _start(
        self, name: str, command: list[str], environment: dict[str, str], *, port: int | None
    ) -> None:
        program = self.program(name)
        if program.pid() is None:
            program.start(command, environment=environment, port=port)

    def _await(self, name: str, is_ready: Callable[[], bool]) -> None:
        """Return when a program is ready. Raises Unreachable with the end of its log."""
        program = self.program(name)
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            program.check_alive()
            if is_ready():
                return
            time.sleep(0.1)  # a listening socket announces itself to nobody
        raise Unreachable(
            f"{name} n'est pas prêt après {READY_SECONDS} s. Fin de {program.log} :\n"
            f"{program.last_words()}"
        )


def has_notebook() -> bool:
    """Say whether this machine has the packages of interactive workspaces."""
    return all(find_spec(name) is not None for name in NOTEBOOK)


def _ecluse(*words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "ecluse", *words]


def answers(url: str) -> bool:
    """Say whether a program answers that it is in good health."""
    import httpx

    try:
        return httpx.get(f"{url}/health", timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False


def shows_snapshot(url: str) -> bool:
    """Say whether the catalogue shows a snapshot of a dataset: the agent announced it."""
    import httpx

    try:
        answer = httpx.get(url, timeout=5, trust_env=False)
    except httpx.TransportError:
        return False
    return answer.is_success and bool(answer.json()["snapshot"])


def free_port(preferred: int, *, taken: Collection[int]) -> int:
    """Return `preferred`, or the next port that nobody listens on. Raises SetupIncomplete."""
    last = preferred + PORTS_TRIED
    for port in range(preferred, last):
        if port not in taken and _can_listen(port):
            return port
    raise SetupIncomplete(
        f"Aucun port libre de {preferred} à {last - 1} sur {LOCAL} : arrêtez un des programmes "
        f"qui les occupent (ss -ltnp), puis relancez."
    )


def _can_listen(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((LOCAL, port))
        except OSError:
            return False
    return True


def _shown_workspaces(running: Demo) -> str:
    """Say how one goes in: the address itself opens nothing without a pass of the checking room."""
    if not has_notebook():
        return WITHOUT_NOTEBOOK
    is_served = running.workspaces_url() is not None
    return "par la salle de contrôle" if is_served else "arrêtés : « ecluse status »"


Theme = Literal["neutral", "dsfr"]
JsonOption = Annotated[bool, typer.Option("--json", help="Résultat en JSON.")]


def demo(
    *,
    persons: Annotated[
        int, typer.Option(help="Taille du pays synthétique, au premier lancement.", min=1000)
    ] = 10_000,
    theme: Annotated[
        Literal["neutral", "dsfr"], typer.Option(help="Aspect des sites.")
    ] = "neutral",
    json: JsonOption = False,
) -> None:
    """Démarre la démonstration : les deux sites, l'agent, les espaces, un pays synthétique.

    Sans danger à répéter : ce qui tourne déjà est laissé en place.

    Exemple : [bold]ecluse demo[/bold], puis [bold]ecluse tour[/bold].
    """
    check_installed(PORTAL | DATA)
    running = Demo(Home.find())
    running.home.create()
    with running.alone():
        if not running.is_up():
            steps = Steps(STEPS)
            server_url = prepare(running.home, steps, persons=persons)
            running.start(server_url, steps, theme=theme)
    console.emit(_facts(running), json=json, render=lambda: _show(running))


def stop(*, json: JsonOption = False) -> None:
    """Arrête la démonstration ; ses données restent.

    Exemple : [bold]ecluse stop[/bold]
    """
    stopped = Demo(Home.find()).stop()
    said = f"Arrêtés : {', '.join(stopped)}." if stopped else "Rien ne tournait."
    console.emit({"stopped": stopped}, json=json, render=lambda: console.console.print(said))


def status(*, json: JsonOption = False) -> None:
    """Dit ce qui tourne, où, et si les sites répondent.

    Exemple : [bold]ecluse status --json[/bold]
    """
    running = Demo(Home.find())
    programs = [_state(running, name) for name in NAMES]
    data = {"home": str(running.home.path), "programs": programs}
    console.emit(data, json=json, render=lambda: _show_status(running.home, programs))


def _state(running: Demo, name: str) -> dict[str, object]:
    pid = running.program(name).pid()
    url = running.workspaces_url() if name == WORKSPACES else None
    if name in {*Site}:
        url = running.url(Site(name))
    healthy = answers(url) if url is not None else pid is not None
    is_installed = name != WORKSPACES or has_notebook()
    return {"name": name, "pid": pid, "url": url, "healthy": healthy, "installed": is_installed}


def _show_status(home: Home, programs: list[dict[str, object]]) -> None:
    table = Table(title=f"Écluse dans {home.path}", title_justify="left")
    for heading in ("programme", "pid", "adresse", "état"):
        table.add_column(heading)
    for program in programs:
        stopped = "[red]arrêté[/red]" if program["installed"] else WITHOUT_NOTEBOOK
        state = "[green]en marche[/green]" if program["healthy"] else stopped
        shown = (program["name"], program["pid"] or "", program["url"] or "")
        table.add_row(*(str(cell) for cell in shown), state)
    console.console.print(table)


def _facts(running: Demo) -> dict[str, object]:
    return {
        "public_url": running.url(Site.PUBLIC),
        "checking_url": running.url(Site.CHECKING),
        "workspaces_url": running.workspaces_url(),
        "home": str(running.home.path),
        "password": running.home.config().demo_password,
        "accounts": [asdict(account) for account in DEMO_ACCOUNTS],
    }


def _show(running: Demo) -> None:
    """Show where to go, as whom, and what to do next."""
    table = Table(box=None, pad_edge=False)
    for heading in ("site", "adresse électronique", "qui", "rôle"):
        table.add_column(heading, no_wrap=True)
    for account in DEMO_ACCOUNTS:
        table.add_row(account.site.value, account.email, account.full_name, DUTIES[account.role])
    out = console.console
    where = (
        f"Site public            [bold]{running.url(Site.PUBLIC)}[/bold]\n"
        f"Salle de contrôle      [bold]{running.url(Site.CHECKING)}[/bold]\n"
        f"Espaces interactifs    {_shown_workspaces(running)}\n"
        f"Mot de passe de tous   [bold]{running.home.config().demo_password}[/bold]"
    )
    out.print(Panel.fit(where, title="Écluse est en marche"))
    out.print(table)
    out.print(
        "\nEnsuite : [bold]ecluse tour[/bold] parcourt tout le chemin, de la demande au résultat ; "
        "[bold]ecluse status[/bold] dit ce qui tourne ; [bold]ecluse stop[/bold] arrête tout."
    )
