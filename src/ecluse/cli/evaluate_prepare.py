"""`ecluse evaluate prepare`: the files of an evaluation, kept in the zone before its lock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.markup import escape

from ecluse.cli.console import console, emit, progress
from ecluse.cli.evaluate_given import pairs
from ecluse.domain.errors import InvalidInput

if TYPE_CHECKING:
    from ecluse.data.evaluation.privacy.trials import Persons

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
Table = Annotated[Path, typer.Option(help="Un cas par ligne, Parquet ou CSV.")]


def prepare(  # noqa: PLR0913 - the options of a command are its parameters
    *,
    permit: Annotated[str, typer.Option(help="Autorisation sous laquelle le modèle est évalué.")],
    inputs: Table,
    labels: Table,
    model: Annotated[Path, typer.Option(help="Modèle, ou sa table de prédictions.")],
    perturbed: Annotated[
        list[str] | None,
        typer.Option(help="nom=fichier : entrées abîmées (ou ce qu'une table en a prédit)."),
    ] = None,
    members: Annotated[
        Path | None, typer.Option(help="Personnes qui ont entraîné le modèle, avec l'issue.")
    ] = None,
    others: Annotated[
        Path | None, typer.Option(help="Personnes qu'il n'a jamais vues, avec l'issue.")
    ] = None,
    outcome: Annotated[str, typer.Option(help="Colonne de l'issue des deux, 0 ou 1.")] = "outcome",
    recipe: Annotated[
        Path | None, typer.Option(help="Estimateur (skops) d'où vient un modèle ONNX.")
    ] = None,
    json: Json = False,
) -> None:
    """Garde dans la zone les fichiers d'une évaluation et donne leurs empreintes.

    Le hub verrouille sur l'empreinte du manifeste ; après le verrou, le titulaire commande le
    passage depuis le portail et l'agent retrouve ces fichiers par leurs empreintes. Avec --members
    et --others, l'agent attaque aussi le modèle, quand le protocole le prévoit.

    Exemple : [bold]ecluse evaluate prepare --permit FR-2026-0001 --inputs entrees.parquet
    --labels etiquettes.parquet --model modele.onnx[/bold]
    """
    from ecluse.cli.home import Home
    from ecluse.data.agent import Zone, evaluation_files

    given = evaluation_files.GivenFiles(
        inputs,
        labels,
        model,
        pairs(perturbed or []),
        persons=_persons(members, others, outcome),
        recipe=recipe,
    )
    missing = [path for path in given.everything() if not path.is_file()]
    if missing:
        raise InvalidInput(f"{missing[0]} n'est pas un fichier : vérifiez le chemin.")
    with progress("Copie dans la zone"):
        made = evaluation_files.prepare(Zone(Home.find().zone), permit, given)
    answer = {"manifest": made.manifest, "model": made.model, "cases": made.case_count}

    def render() -> None:
        for name, value in answer.items():
            console.print(f"{name} : {escape(str(value))}", soft_wrap=True)

    emit(answer, json=json, render=render)


def _persons(members: Path | None, others: Path | None, outcome: str) -> Persons | None:
    from ecluse.data.evaluation.privacy.trials import Persons

    if members is None and others is None:
        return None
    if members is None or others is None:
        raise InvalidInput("--members et --others vont ensemble : donnez les deux.")
    return Persons(members, others, outcome)


COMMANDS: Final = (prepare,)
