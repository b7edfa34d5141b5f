"""`ecluse evaluate board`: the labels of a leaderboard, prepared in the secure zone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from ecluse.cli.console import console, emit
from ecluse.cli.home import Home

app = typer.Typer(
    name="board", help="Tableaux de comparaison : réponses secrètes.", no_args_is_help=True
)
Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]


@app.callback()
def board() -> None:
    """Tableaux de comparaison : réponses secrètes."""


@app.command()
def prepare(
    file: Annotated[Path, typer.Argument(help="Parquet : case, outcome (0 ou 1).")],
    *,
    permit: Annotated[str, typer.Option(help="Autorisation sous laquelle le tableau s'ouvre.")],
    inputs: Annotated[
        Path | None,
        typer.Option(help="Entrées secrètes (niveau L2), Parquet : case et les variables."),
    ] = None,
    json: Json = False,
) -> None:
    """Garde les réponses d'un tableau dans la zone sécurisée et donne leur empreinte.

    Exemple : [bold]ecluse evaluate board prepare reponses.parquet --permit FR-2026-0001[/bold]
    """
    from ecluse.data.agent import Zone, boards

    zone = Zone(Home.find().zone)
    labels = boards.prepare(zone, permit, file, inputs=inputs)
    answer = {
        "digest": labels.digest,
        "cases": len(labels.cases),
        "events": int(labels.outcomes.sum()),
        "inputs": inputs is not None,
    }
    emit(answer, json=json, render=lambda: _say(answer))


def _say(answer: Mapping[str, object]) -> None:
    console.print(
        f"{answer['cases']} cas, dont {answer['events']} avec l'événement. "
        f"Empreinte à donner à l'ouverture : [bold]{escape(str(answer['digest']))}[/bold]"
    )
