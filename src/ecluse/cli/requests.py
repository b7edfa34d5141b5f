"""`ecluse request`: data requests answered by protected tables, never by rows."""

from __future__ import annotations

import json as json_text
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.markup import escape

from ecluse.cli.console import console, emit, progress
from ecluse.cli.home import Home
from ecluse.cli.lake_options import KeyFile, LakeFolder, SnapshotId, grid, number, open_lake
from ecluse.domain.errors import InvalidInput, Malformed, NotFound, OutOfScope

if TYPE_CHECKING:
    from ecluse.data.tabulation import Answer
    from ecluse.domain.documents import OptOutList
    from ecluse.domain.tabulation import TabulationPlan, TabulationPolicy

MEMORY = "2GiB"
LARGEST_PLAN = 1_000_000

app = typer.Typer(
    name="request",
    help="Demandes de données : des tableaux, jamais les lignes.",
    no_args_is_help=True,
)

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
PlanFile = Annotated[Path, typer.Argument(help="Plan de tabulation, en JSON.")]


@app.command()
def check(plan: PlanFile, *, json: Json = False) -> None:
    """Relit un plan de tabulation, sans données.

    Exemple : [bold]ecluse request check plan.json[/bold]
    """
    read = read_plan(plan)
    cells = {table.name: read.cell_count(table) for table in read.tables}

    def render() -> None:
        shown = grid("Tableau", "Cases")
        for name, count in cells.items():
            shown.add_row(escape(name), number(count))
        console.print(shown)

    emit({"number": read.number, "cells": cells}, json=json, render=render)


@app.command()
def run(  # noqa: PLR0913 — a command line has as many options as people need
    plan: PlanFile,
    *,
    dataset: Annotated[str, typer.Option(help="Nom du jeu de données.")],
    target: Annotated[Path, typer.Option(help="Dossier à créer pour la réponse.")],
    opt_outs: Annotated[Path, typer.Option("--opt-outs", help="Liste d'opposition signée.")],
    minimum: Annotated[
        int | None, typer.Option(help="Effectif minimal, s'il doit dépasser celui de la règle.")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(help="Dossier des réponses déjà données ; sinon, de la zone.")
    ] = None,
    snapshot: SnapshotId = None,
    lake: LakeFolder = None,
    key: KeyFile = None,
    json: Json = False,
) -> None:
    """Répond à une demande de données : tableaux protégés, dictionnaire, notice en deux langues.

    Les réponses déjà données sur ce jeu de données sont relues, pour qu'aucune différence entre
    deux tableaux ne révèle quelqu'un. La somme de contrôle de chaque fichier est affichée.

    Exemple : [bold]ecluse request run plan.json --dataset snds --opt-outs liste.json --target
    reponse[/bold]
    """
    from ecluse.data import tabulation
    from ecluse.data.engines import connect
    from ecluse.data.tabulation import Memory

    read, listed = read_plan(plan), _opt_outs(opt_outs)
    if target.exists():
        raise InvalidInput(f"{target} existe déjà : donnez un dossier à créer.")
    policy = _policy(minimum)
    found = open_lake(lake, key).snapshot(dataset, snapshot)
    folder = answers or Home.find().zone / "answers"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (
        progress(f"Demande {read.number}"),
        connect(memory_limit=MEMORY, readable=[found.folder], writable=[folder]) as connection,
    ):
        keys = tabulation.countable(connection, found, listed, number=read.number)
        memory = Memory(folder)
        answer = tabulation.answer(
            read, found, keys, policy=policy, connection=connection, memory=memory
        )
    receipt = tabulation.receipt(answer, tabulation.write(answer, target))
    emit(receipt, json=json, render=lambda: _show(answer, target))


def read_plan(path: Path) -> TabulationPlan:
    """Return the plan of a file. Raises NotFound, Malformed and InvalidInput."""
    from ecluse.domain import codec
    from ecluse.domain.tabulation import TabulationPlan

    try:
        if path.stat().st_size > LARGEST_PLAN:
            raise InvalidInput(f"{path} dépasse {LARGEST_PLAN} octets : ce n'est pas un plan.")
        content = json_text.loads(path.read_bytes())
    except FileNotFoundError:
        raise NotFound(f"{path} n'existe pas : vérifiez son nom.") from None
    except (ValueError, RecursionError):
        raise Malformed(f"{path} n'est pas du JSON : écrivez un plan de tabulation.") from None
    return cast("TabulationPlan", codec.decode(content, TabulationPlan, at="plan"))


def _policy(minimum: int | None) -> TabulationPolicy:
    from ecluse.domain.tabulation import TabulationPolicy

    usual = TabulationPolicy()
    if minimum is None:
        return usual
    if minimum < usual.minimum_count:
        raise InvalidInput(
            f"L'effectif minimal est {usual.minimum_count} : donnez-en un plus grand."
        )
    return TabulationPolicy(version=f"{usual.version}-{minimum}", minimum_count=minimum)


def _opt_outs(path: Path) -> OptOutList:
    """Return the list of a signed file that the zone's keyring believes."""
    from ecluse.data.agent import Zone
    from ecluse.domain.documents import AGENT, OptOutList
    from ecluse.trust import documents
    from ecluse.trust.keys import Keyring

    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"{path} n'existe pas : vérifiez son nom.") from None
    keyring = Keyring.load(Zone(Home.find().zone).keyring)
    document = documents.verify(content, keyring, now=datetime.now(UTC)).document
    if not isinstance(document.body, OptOutList):
        raise InvalidInput(f"{path} n'est pas une liste d'opposition.")
    if AGENT not in document.audience:
        raise OutOfScope(f"Cette liste est pour {', '.join(document.audience)}.")
    return document.body


def _show(answer: Answer, target: Path) -> None:
    counts = answer.counts
    console.print(f"Demande {escape(answer.plan.number)} : {escape(os.fspath(target))}")
    shown = grid("Tableaux", "Cases", "Masquées à risque", "Masquées pour d'autres", "Arrondi")
    numbers = (counts.cells, counts.primary, counts.secondary, counts.rounding_base)
    shown.add_row(number(len(answer.tables)), *map(number, numbers))
    console.print(shown)
    if counts.epsilon_thousandths:
        spent = f"{counts.epsilon_thousandths / 1000:g}".replace(".", ",")
        console.print(f"Budget de confidentialité dépensé : {spent}")
