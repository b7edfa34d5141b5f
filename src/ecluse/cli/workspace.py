"""`ecluse workspace`: serve interactive workspaces, bring data in, keep their logs."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
import threading
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ecluse.cli.console import console, emit, error_console, say
from ecluse.cli.home import Home
from ecluse.cli.serve import LOCAL, check_installed
from ecluse.domain.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecluse.data.agent import Zone
    from ecluse.data.workspaces.customs import Customs
    from ecluse.data.workspaces.hall import Hall, Record
    from ecluse.data.workspaces.imports import Import
    from ecluse.data.workspaces.news import Link
    from ecluse.data.workspaces.serving import Address
    from ecluse.trust.journal.files import FileJournal

PORT = 8002
ORIGINS = {"journal": "ecluse/workspaces-1", "arrivals": "ecluse/arrivals-1"}
"""The journals of the workspaces: of what their server does, of what is brought in beside it."""

NEEDED = dict.fromkeys(("h11", "ipykernel", "jupyterlab"), "workspace")

app = typer.Typer(
    name="workspace", help="Espaces de travail interactifs de la bulle.", no_args_is_help=True
)

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
Permit = Annotated[str, typer.Option("--permit", help="Numéro de l'autorisation.")]


@app.command("serve")
def serve_workspaces(
    *,
    host: Annotated[str, typer.Option(help="Adresse d'écoute.")] = LOCAL,
    port: Annotated[int, typer.Option(help="Port.", min=1, max=65535)] = PORT,
) -> None:
    """Sert les espaces de travail au premier plan ; Ctrl-C les ferme, scellés.

    On y entre par la salle de contrôle. Adresse vue des navigateurs : ECLUSE_WORKSPACE_URL.
    """
    from ecluse.data.enclave.isolation import require_isolation
    from ecluse.data.workspaces.serving import Address

    check_installed(NEEDED)
    require_isolation()
    shown = os.environ.get("ECLUSE_WORKSPACE_URL", f"http://{host}:{port}").rstrip("/")
    with _journal("journal") as journal:
        record = _recorder(journal)
        hall = _hall(record)
        link = _link(hall, record)
        error_console.print(f"espaces de travail : {shown} (Ctrl-C pour arrêter)")
        asyncio.run(_serve(hall, Address(host, port, shown), link))


async def _serve(hall: Hall, address: Address, link: Link) -> None:
    """Serve until the terminal or the system asks to stop."""
    from ecluse.data.workspaces.serving import serve

    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await serve(hall, address, stop, beside=link.run)


@app.command("import")
def bring(
    file: Annotated[Path, typer.Argument(help="Fichier à faire entrer.")],
    *,
    permit: Permit,
    by: Annotated[str, typer.Option("--by", help="Qui l'apporte : une personne du projet.")],
    code: Annotated[bool, typer.Option("--code", help="Du code, pas une table.")] = False,
    columns: Annotated[
        Path | None, typer.Option(help='Colonnes annoncées d\'une table : nom = "type".')
    ] = None,
    json: Json = False,
) -> None:
    """Contrôle un fichier et le met en quarantaine, scellé ; un responsable l'admet ensuite.

    Comme la page « Faire entrer un fichier », dont la salle de contrôle connaît l'auteur.
    """
    from ecluse.data.workspaces.arrivals import read_columns
    from ecluse.data.workspaces.imports import What

    what = What.CODE if code else What.DATA
    told = read_columns(columns) if columns is not None else ()
    with _journal("arrivals") as journal:
        customs = _customs(permit, _recorder(journal))
        brought, _ = customs.bring(file, what, by=by, now=_now(), columns=told)
    found = "; ".join(brought.findings) or "rien trouvé"
    say(f"Import {brought.number} : {found}.", _import_data(brought), json=json)


@app.command("imports")
def show_imports(*, permit: Permit, json: Json = False) -> None:
    """Montre ce qui attend d'être admis."""
    waiting = _customs(permit, _silent).quarantine.waiting()
    emit(
        {"imports": [_import_data(one) for one in waiting]},
        json=json,
        render=lambda: _show_imports(waiting),
    )


@app.command("approve")
def approve(
    number: Annotated[str, typer.Argument(help="Numéro de l'import.")],
    *,
    permit: Permit,
    by: Annotated[str, typer.Option("--by", help="Qui l'admet : jamais qui l'apporte.")],
    json: Json = False,
) -> None:
    """Admet un fichier : l'espace le voit dans /imports à sa prochaine ouverture."""
    with _journal("arrivals") as journal:
        brought = _customs(permit, _recorder(journal)).approve(number, by=by, now=_now())
    say(f"{brought.name} est admis.", _import_data(brought), json=json)


@app.command("refuse")
def refuse(
    number: Annotated[str, typer.Argument(help="Numéro de l'import.")],
    *,
    permit: Permit,
    by: Annotated[str, typer.Option("--by", help="Qui le refuse.")],
    json: Json = False,
) -> None:
    """Refuse un fichier et l'efface de la quarantaine."""
    with _journal("arrivals") as journal:
        brought = _customs(permit, _recorder(journal)).refuse(number, by=by)
    say(f"{brought.name} est refusé.", _import_data(brought), json=json)


@app.command("sign-packages")
def sign_packages(
    listed: Annotated[Path, typer.Argument(help="Liste TOML : [[package]] name, version, digest.")],
    *,
    json: Json = False,
) -> None:
    """Signe la liste des paquets que les espaces peuvent recevoir."""
    from ecluse.data.workspaces import packages
    from ecluse.domain.documents import Signer
    from ecluse.trust import durable, keys

    found, zone = packages.read_list(listed), _zone()
    text = packages.sign_list(found, keys.load_signing_key(zone.keys, Signer.AGENT))
    _packages_file().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    durable.write(_packages_file(), text.encode())
    say(f"{len(found)} paquets sur la liste signée.", {"packages": len(found)}, json=json)


@app.command("install")
def install_packages(
    names: Annotated[list[str], typer.Argument(help="Paquets de la liste.")],
    *,
    permit: Permit,
    wheels: Annotated[Path, typer.Option(help="Dossier hors ligne des fichiers .whl.")],
    by: Annotated[str, typer.Option("--by", help="Qui les installe.")],
    json: Json = False,
) -> None:
    """Installe des paquets dans l'espace d'un projet, en lecture seule, sans rien exécuter."""
    from ecluse.data.agent.workshops import Workshop
    from ecluse.data.workspaces import packages
    from ecluse.trust.keys import Keyring

    zone = _zone()
    if not _packages_file().is_file():
        raise InvalidInput("Aucune liste signée : « ecluse workspace sign-packages » d'abord.")
    text = _packages_file().read_text(encoding="ascii")
    allowed = packages.verify_list(text, Keyring.load(zone.keyring))
    with _journal("arrivals") as journal:
        target = Workshop(zone, permit).packages
        count = packages.install(wheels, tuple(names), allowed, target)
        subject, details = f"permit {permit}", {"packages": ", ".join(sorted(names))}
        journal.append("packages.installed", actor=by, subject=subject, details=details, at=_now())
    say(f"{count} paquets installés.", {"packages": count}, json=json)


@app.command("logs")
def export_logs(
    target: Annotated[Path, typer.Argument(help="Dossier nouveau pour l'auditeur.")],
    *,
    json: Json = False,
) -> None:
    """Exporte les journaux des espaces et des imports ; « ecluse journal verify » les prouve."""
    from ecluse.data.workspaces import logs
    from ecluse.trust.keys import Keyring

    zone = _zone()
    folder, keyring = zone.path / "workspaces", Keyring.load(zone.keyring)
    made = logs.export(folder / "journal", target, keyring)
    if (folder / "arrivals").is_dir():
        logs.export(folder / "arrivals", made / "arrivals", keyring)
    say(f"Journal exporté : {made}", {"folder": str(made)}, json=json)


@app.command("purge-logs")
def purge_logs(
    until: Annotated[str, typer.Argument(help="Jour AAAA-MM-JJ : ce qui précède est effacé.")],
    *,
    json: Json = False,
) -> None:
    """Efface les fichiers des anciennes ouvertures ; jamais le journal, jamais moins d'un an."""
    from ecluse.data.workspaces import logs

    try:
        day = date.fromisoformat(until)
    except ValueError:
        raise InvalidInput(f"{until} n'est pas un jour AAAA-MM-JJ.") from None
    count = logs.purge(_zone().path / "workspaces", until=day, today=_now().date())
    say(f"{count} ouvertures effacées.", {"removed": count}, json=json)


def _customs(permit: str, record: Record) -> Customs:
    from ecluse.data.agent.standing import SignedStanding
    from ecluse.data.agent.workshops import Workshop
    from ecluse.data.workspaces import customs
    from ecluse.data.workspaces.arrivals import scanner
    from ecluse.data.workspaces.imports import Quarantine

    zone = _zone()
    workshop = Workshop(zone, permit)
    held = Quarantine(
        workshop.imports,
        workshop.key(),
        scan=scanner(os.environ.get("ECLUSE_SCAN", "")),
        policy=customs.read_policy(zone.path / "workspaces" / customs.FILE),
    )
    return customs.Customs(permit, held, SignedStanding(zone.state), record)


def _recorder(journal: FileJournal) -> Record:
    """Return what writes in a journal, one thread at a time."""
    one_at_a_time = threading.Lock()

    def record(action: str, *, actor: str, subject: str, **details: str | int) -> None:
        digest = str(details.pop("digest", "")) or None
        with one_at_a_time:
            journal.append(
                action, actor=actor, subject=subject, digest=digest, details=details, at=_now()
            )

    return record


def _silent(action: str, *, actor: str, subject: str, **details: str | int) -> None:
    """Write nothing: to be used where nothing is done."""


def _import_data(brought: Import) -> dict[str, object]:
    return {**dataclasses.asdict(brought), "what": brought.what.value}


def _show_imports(waiting: tuple[Import, ...]) -> None:
    table = Table("Import", "Fichier", "Taille", "Par", "Constats", title="En quarantaine")
    for one in waiting:
        found = escape("; ".join(one.findings)) or "rien trouvé"
        table.add_row(one.number, escape(one.name), str(one.size), escape(one.brought_by), found)
    console.print(table)


def _packages_file() -> Path:
    return _zone().path / "workspaces" / "packages.jws"


def _hall(record: Record) -> Hall:
    from ecluse.data.agent.standing import SignedStanding
    from ecluse.data.agent.workshops import Workshop
    from ecluse.data.workspaces.hall import Hall
    from ecluse.trust.keys import Keyring

    zone = _zone()
    return Hall(
        standing=SignedStanding(zone.state),
        plan=lambda number: Workshop(zone, number).plan(now=_now()),
        keyring=lambda: Keyring.load(zone.keyring),
        record=record,
        clock=_now,
    )


def _link(hall: Hall, record: Record) -> Link:
    from ecluse.cli.agent import SITES
    from ecluse.data.workspaces.importing import Importing
    from ecluse.data.workspaces.news import Link
    from ecluse.domain.documents import Signer
    from ecluse.trust import keys

    zone = _zone()
    key = keys.load_signing_key(zone.keys, Signer.AGENT)
    importing = Importing(
        customs=lambda number: _customs(number, record),
        keyring=lambda: keys.Keyring.load(zone.keyring),
        folder=zone.path / "workspaces",
        clock=_now,
    )
    url = str(os.environ.get(*SITES["checking"])).rstrip("/")
    return Link(hall, url, key, importing)


def _zone() -> Zone:
    from ecluse.data.agent import Zone

    return Zone(Home.find().zone)


@contextmanager
def _journal(name: str) -> Iterator[FileJournal]:
    """Give a journal of the workspaces, which one process writes at a time."""
    from ecluse.domain.documents import Signer
    from ecluse.trust import keys
    from ecluse.trust.journal.files import FileJournal

    zone = _zone()
    key = keys.load_signing_key(zone.keys, Signer.AGENT)
    keyring = keys.Keyring.load(zone.keyring)
    folder = zone.path / "workspaces" / name
    with FileJournal(folder, origin=ORIGINS[name], key=key, keyring=keyring) as journal:
        yield journal


def _now() -> datetime:
    return datetime.now(UTC)
