"""`ecluse posture`: probe an installation, tell what was seen, give it as OSCAL."""

from __future__ import annotations

import json as json_text
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.markup import escape
from rich.table import Table

from ecluse import __version__
from ecluse.cli.console import console, emit, progress, read_file, say
from ecluse.cli.home import Home
from ecluse.domain.errors import InvalidInput

if TYPE_CHECKING:
    from ecluse.domain.posture import PostureReport

app = typer.Typer(
    name="posture",
    help="Posture : sonder l'installation, dire ce qui a été vu.",
    no_args_is_help=True,
)
FILE: Final = "posture.json"
BROKEN: Final = 3
"""The exit code when a probe broke or a qualification has ended."""
OUTCOMES: Final = {"held": "tient", "broken": "rompu", "unseen": "non vu"}

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]


@app.command()
def probe(
    *,
    url: Annotated[
        list[str] | None, typer.Option(help="Adresse d'un site à visiter ; plusieurs fois.")
    ] = None,
    database: Annotated[
        str | None, typer.Option(help="Serveur PostgreSQL : droits et réglages des sites.")
    ] = None,
    backups: Annotated[Path | None, typer.Option(help="Dossier des sauvegardes.")] = None,
    roots: Annotated[
        Path | None, typer.Option(help="Autorités à croire à la place de celles d'ici.")
    ] = None,
    json: Json = False,
) -> None:
    """Sonde ce qui peut être vu d'ici, et garde un rapport daté et signé. Ne change rien d'autre.

    Ce qui n'est pas donné n'est pas regardé, et ne compte pas. Code 3 : une sonde est rompue.
    Exemple : [bold]ecluse posture probe --url https://hub.example/ --backups /srv/b[/bold]
    """
    from ecluse.cli.posture_sight import Asked, look
    from ecluse.hosting.posture import frameworks, probes

    home, now = Home.find(), datetime.now(UTC)
    with progress("Sondes"):
        seen = look(home, Asked(url or [], database, backups, roots), at=now)
        found = probes.report(seen, frameworks.load_all(), version=__version__)
    _keep(home, found)
    _tell(found, json=json)


@app.command()
def report(*, json: Json = False) -> None:
    """Montre le dernier rapport, sa signature vérifiée. Code 3 : une sonde est rompue.

    Exemple : [bold]ecluse posture report[/bold]
    """
    _tell(_last(Home.find()), json=json)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Dossier à écrire.")],
    *,
    oscal: Annotated[bool, typer.Option("--oscal", help="En OSCAL 1.1, la seule forme.")] = False,
    json: Json = False,
) -> None:
    """Écrit le dernier rapport en OSCAL : catalogues, composant, résultats.

    Exemple : [bold]ecluse posture export preuves --oscal[/bold]
    """
    from ecluse.hosting.posture import frameworks
    from ecluse.hosting.posture import oscal as writing

    if not oscal:
        raise InvalidInput("Dites la forme : --oscal.")
    found = _last(Home.find())
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, document in writing.documents(frameworks.load_all(), found).items():
        text = json_text.dumps(document, ensure_ascii=False, indent=2)
        (folder / name).write_text(text + "\n", encoding="utf-8")
        written.append(str(folder / name))
    say(f"{len(written)} fichiers dans {folder}.", {"files": written}, json=json)


def _keep(home: Home, found: PostureReport) -> None:
    """Write the report, signed by the public site's key where there is one, else not at all."""
    from ecluse.domain.documents import Signer
    from ecluse.domain.errors import NotFound
    from ecluse.trust import durable, keys, postures

    try:
        key = keys.load_signing_key(home.keys(home.portal), Signer.PORTAL)
    except NotFound:
        raise NotFound(
            f"Pas de clé du site public dans {home.keys(home.portal)} : le rapport ne serait pas "
            "signé. Sondez là où elle est (ECLUSE_HOME), ou faites-la : ecluse keys create."
        ) from None
    durable.write(home.portal / FILE, postures.sign(found, key), mode=0o640)


def _last(home: Home) -> PostureReport:
    from ecluse.cli.journal_sources import keyring_of
    from ecluse.trust import keys, postures

    own = [
        folder / f"{key.key_id}.pub"
        for folder in [home.keys(home.portal)]
        for key in keys.public_keys(folder)
    ]
    return postures.read(read_file(home.portal / FILE), keyring_of(home, own))


def _tell(found: PostureReport, *, json: bool) -> None:
    from ecluse.domain import codec
    from ecluse.domain.posture import Outcome

    told = codec.encode(found)
    emit(told if isinstance(told, dict) else {}, json=json, render=lambda: _show(found))
    broken = any(one.outcome is Outcome.BROKEN for one in found.observations)
    if broken or any(one.days_left < 0 for one in found.expiries):
        raise typer.Exit(BROKEN)


def _show(found: PostureReport) -> None:
    table = Table("Sonde", "", "Ce qui a été vu")
    for one in found.observations:
        table.add_row(one.probe, OUTCOMES[one.outcome.value], escape(one.said))
    console.print(table)
    for part in found.tallies:
        console.print(
            f"{escape(part.title)} : {part.probed} sur {part.controls} sondés, "
            f"{part.broken} rompus, {part.missing} manquants."
        )
    for end in found.expiries:
        console.print(
            f"[bold]{escape(end.host)}[/bold] : {escape(end.qualification)} {escape(end.number)} "
            f"jusqu'au {end.expires_on} ({end.days_left} jours)."
        )
