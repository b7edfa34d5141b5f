"""`ecluse findings`: whom a significant finding is about, for the data holder alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ecluse.cli.console import console, emit, read_file, say
from ecluse.cli.home import Home
from ecluse.cli.lake_options import Json, grid, number
from ecluse.domain.errors import InvalidInput

if TYPE_CHECKING:
    from ecluse.data.agent.zones import Zone

app = typer.Typer(
    name="findings",
    help="Constatations significatives : accord des dépositaires, liste scellée du détenteur.",
    no_args_is_help=True,
)
Number = Annotated[str, typer.Argument(help="Numéro de la constatation.")]


@app.command()
def waiting(*, json: Json = False) -> None:
    """Montre les recherches demandées et qui les a permises : jamais les personnes."""
    from ecluse.data.agent.findings_lists import waiting as asked_for

    rows = [
        (asked.finding_number, asked.project, asked.reason, ", ".join(map(str, levels)) or "–")
        for asked, levels in asked_for(_zone())
    ]
    names = ("number", "project", "reason", "approved")
    told = [dict(zip(names, row, strict=True)) for row in rows]
    emit({"searches": told}, json=json, render=lambda: _show(rows))


def _show(rows: list[tuple[str, str, str, str]]) -> None:
    shown = grid("Constatation", "Projet", "Motifs", "Accords des niveaux")
    for row in rows:
        shown.add_row(*map(escape, row))
    console.print(shown)


@app.command()
def approve(
    finding: Number,
    *,
    name: Annotated[str, typer.Option(help="Nom du dépositaire.")],
    folder: Annotated[Path, typer.Option(help="Dossier du dépositaire.")],
    json: Json = False,
) -> None:
    """Signe la demande de recherche, après l'avoir lue : l'accord d'un dépositaire.

    Exemple : [bold]ecluse findings approve CS-2026-00001 --name Alice --folder /media/alice[/bold]
    """
    from ecluse.data.agent.findings_lists import Dossier

    asked = Dossier(_zone(), finding).approve(folder, name)
    told = f"Recherche {asked.finding_number} ({asked.project}) : {asked.reason}"
    say(told, {"finding": asked.finding_number, "digest": asked.digest}, json=json)


@app.command()
def holder(
    slug: Annotated[str, typer.Argument(help="Détenteur, comme le portail l'appelle.")],
    key: Annotated[Path, typer.Argument(help="Sa clé publique (.opening.pub).")],
    *,
    json: Json = False,
) -> None:
    """Fait connaître à la zone la clé d'un détenteur, qui seul ouvrira ce qui lui est destiné.

    Le détenteur crée la sienne : [bold]ecluse link key chu --folder …[/bold]
    """
    from ecluse.data.agent.findings_lists import holder_key
    from ecluse.trust import durable
    from ecluse.trust.sealing import load_receiver

    load_receiver(key)
    target = holder_key(_zone(), slug)
    if target.exists() and target.read_bytes() != key.read_bytes():
        raise InvalidInput(f"{target} existe : retirez-la d'abord, après en avoir parlé.")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    durable.write(target, key.read_bytes(), mode=0o644)
    say(f"Clé de {slug} enregistrée.", {"holder": slug, "key": str(target)}, json=json)


@app.command("open")
def open_list(
    finding: Number,
    file: Annotated[Path, typer.Argument(help="Fichier scellé reçu de la zone.")],
    *,
    open_with: Annotated[Path, typer.Option(help="Clé (.opening.key) du détenteur.")],
    out: Annotated[Path, typer.Option(help="Liste à créer, une personne par ligne.")],
    json: Json = False,
) -> None:
    """Chez le détenteur : ouvre la liste des personnes à informer, dans un fichier à lui seul."""
    from ecluse.domain import codec
    from ecluse.domain.findings import PERSONS, ToTell
    from ecluse.trust import canonical, durable
    from ecluse.trust.sealing import load_opening_key

    opened = load_opening_key(open_with).open(read_file(file), purpose=f"{PERSONS} {finding}")
    told: ToTell = codec.decode(canonical.decode(opened.rstrip(b" ")), ToTell, at="list")
    durable.write(out, "".join(f"{one}\n" for one in told.person_ids).encode(), mode=0o600)
    count = len(told.person_ids)
    say(
        f"{number(count)} personnes à informer : {out}",
        {"finding": finding, "dataset": told.dataset, "persons": count, "file": str(out)},
        json=json,
    )


def _zone() -> Zone:
    from ecluse.data.agent.zones import Zone

    return Zone(Home.find().zone)
