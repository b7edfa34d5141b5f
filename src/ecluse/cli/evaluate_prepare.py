"""`ecluse evaluate prepare`: the files of an evaluation, kept in the zone before its lock."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape

from ecluse.cli.console import console, emit, progress
from ecluse.cli.evaluate_given import pairs
from ecluse.domain.errors import InvalidInput

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
Table = Annotated[Path, typer.Option(help="Un cas par ligne, Parquet ou CSV.")]


def prepare(
    *,
    permit: Annotated[str, typer.Option(help="Autorisation sous laquelle le modèle est évalué.")],
    inputs: Table,
    labels: Table,
    model: Annotated[Path, typer.Option(help="Modèle, ou sa table de prédictions.")],
    perturbed: Annotated[
        list[str] | None,
        typer.Option(help="nom=fichier : entrées abîmées (ou ce qu'une table en a prédit)."),
    ] = None,
    json: Json = False,
) -> None:
    """Garde dans la zone les fichiers d'une évaluation et donne leurs empreintes.

    Le hub verrouille sur l'empreinte du manifeste ; après le verrou, le titulaire commande le
    passage depuis le portail et l'agent retrouve ces fichiers par leurs empreintes.

    Exemple : [bold]ecluse evaluate prepare --permit FR-2026-0001 --inputs entrees.parquet
    --labels etiquettes.parquet --model modele.onnx[/bold]
    """
    from ecluse.cli.home import Home
    from ecluse.data.agent import Zone, evaluation_files

    given = evaluation_files.GivenFiles(inputs, labels, model, pairs(perturbed or []))
    named = [path for _, path in given.tables()]
    missing = [path for path in (*named, model) if not path.is_file()]
    if missing:
        raise InvalidInput(f"{missing[0]} n'est pas un fichier : vérifiez le chemin.")
    with progress("Copie dans la zone"):
        made = evaluation_files.prepare(Zone(Home.find().zone), permit, given)
    answer = {"manifest": made.manifest, "model": made.model, "cases": made.case_count}

    def render() -> None:
        for name, value in answer.items():
            console.print(f"{name} : {escape(str(value))}", soft_wrap=True)

    emit(answer, json=json, render=render)


COMMANDS: Final = (prepare,)
