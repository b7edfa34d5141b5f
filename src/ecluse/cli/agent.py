"""`ecluse agent`: pull signed documents from the two sites, obey them, deliver signed answers."""

from __future__ import annotations

import dataclasses
import os
import signal
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ecluse.cli.console import console, emit, error_console
from ecluse.cli.home import Home

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ecluse.data.agent import Agent, StepReport, Zone
    from ecluse.trust.mailbox import Mailbox

SITES = {
    "public": ("ECLUSE_PUBLIC_URL", "http://127.0.0.1:8000"),
    "checking": ("ECLUSE_CHECKING_URL", "http://127.0.0.1:8001"),
}


def agent(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="Fait une seule ronde, puis s'arrête.")
    ] = False,
    folder: Annotated[
        Path | None,
        typer.Option(help="Dossier de boîtes aux lettres (public/, checking/), sans réseau."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Résultat en JSON.")] = False,
) -> None:
    """Lance l'agent de la zone sécurisée : relever, vérifier, obéir, répondre."""
    from ecluse.data.agent import Zone

    zone = Zone(Home.find().zone)
    if once:
        with _opened(zone, folder) as running:
            report = running.step(_now())
        emit(dataclasses.asdict(report), json=json, render=lambda: _show(report))
    else:
        _run(zone, folder)


@contextmanager
def _opened(zone: Zone, folder: Path | None) -> Iterator[Agent]:
    from ecluse.data.agent import Agent

    with ExitStack() as opened:
        mailboxes = _mailboxes(zone, folder, opened)
        yield opened.enter_context(Agent(zone, mailboxes, clock=_now))


def _run(zone: Zone, folder: Path | None) -> None:
    """Run until the terminal or the system asks to stop; what is under way begins again later."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    _warn_of_missing_walls()
    console.print("Agent en marche.")
    news = _News()
    while not stop.is_set():  # an agent ends when its key is replaced: the next signs with the new
        with _opened(zone, folder) as running:
            running.run(stop, on_step=news.show)
    console.print("Agent arrêté.")


def _warn_of_missing_walls() -> None:
    """Say at once that jobs would be refused; papers and extractions need no sandbox."""
    from ecluse.data.enclave.isolation import require_isolation
    from ecluse.domain.errors import SandboxUnavailable

    try:
        require_isolation()
    except SandboxUnavailable as error:
        error_console.print(f"[bold]Aucun travail ne sera lancé[/bold] : {escape(str(error))}")


class _News:
    """Shows a step when it did something, or when a site goes away or comes back."""

    def __init__(self) -> None:
        self._away: Mapping[str, str] = {}

    def show(self, report: StepReport) -> None:
        """Show this step if it brings news."""
        away = report.unreachable or {}
        if not report.is_idle or away.keys() != self._away.keys():
            _show(report)
        self._away = away


def _mailboxes(zone: Zone, folder: Path | None, opened: ExitStack) -> Mapping[str, Mailbox]:
    from ecluse.domain.documents import Signer
    from ecluse.trust import keys
    from ecluse.trust.mailbox import FolderMailbox, HttpMailbox

    if folder is not None:
        return {name: FolderMailbox(folder / name) for name in SITES}
    key = keys.load_signing_key(zone.keys, Signer.AGENT)
    urls = {name: os.environ.get(*setting) for name, setting in SITES.items()}
    return {name: opened.enter_context(HttpMailbox(str(url), key)) for name, url in urls.items()}


def _show(report: StepReport) -> None:
    counts = (
        (report.received, "reçus"),
        (report.done, "exécutés"),
        (report.refused, "refusés"),
        (report.postponed, "remis à plus tard"),
        (report.announced, "jeux annoncés"),
        (report.delivered, "envois"),
    )
    told = ", ".join(f"{count} {what}" for count, what in counts if count)
    console.print(f"{_now():%H:%M:%S} {told or 'rien à faire'}", highlight=False)
    for name, reason in (report.unreachable or {}).items():
        error_console.print(f"{name} : {escape(reason)}", highlight=False)


def _now() -> datetime:
    return datetime.now(UTC)
