"""`ecluse evaluate manifest`, `run`, `attack`, `canaries`: a model brought to the data."""

from __future__ import annotations

import dataclasses
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.markup import escape
from rich.table import Table

from ecluse.cli.console import console, emit, progress, read_file
from ecluse.cli.evaluate_protocol import read as read_protocol
from ecluse.domain import codec
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.parts import ModelFormat

if TYPE_CHECKING:
    from ecluse.data.evaluation.running.ended import ModelRun
    from ecluse.data.evaluation.running.plans import Answer, RunPlan
    from ecluse.domain.disclosure.model_trials import ModelTrial
    from ecluse.domain.evaluations.protocols import Protocol

PRIVATE: Final = 0o600
PUBLIC: Final = 0o644
EXIT_REFUSED: Final = 1
Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
Model = Annotated[Path, typer.Option(help="Modèle : ONNX, skops, service (ZIP), ou prédictions.")]
Labels = Annotated[
    list[str] | None, typer.Option("--label", help="Étiquette qu'une prédiction peut être.")
]
Range = Annotated[
    tuple[float, float] | None,
    typer.Option("--range", help="Étendue d'une prédiction qui est un nombre.", metavar="MIN MAX"),
]
MARKS: Final = {
    "pass": "[green]rien de trop[/green]",
    "needs-dp-or-pruning": "[yellow]à protéger[/yellow]",
    "refuse": "[red]refusé[/red]",
}


def manifest(
    files: Annotated[list[Path], typer.Argument(help="Entrées et étiquettes.")],
    *,
    out: Annotated[Path, typer.Option(help="Le manifeste à écrire.")] = Path("manifest.json"),
    json: Json = False,
) -> None:
    """Fait le manifeste des données : l'empreinte de chaque fichier, aucune ligne.

    Exemple : [bold]ecluse evaluate manifest entrees.parquet etiquettes.parquet[/bold]
    """
    from ecluse.data.evaluation.running.manifests import manifest_of
    from ecluse.data.evaluation.running.tables import read_table
    from ecluse.trust import canonical, durable

    missing = [path for path in files if not path.is_file()]
    if missing:
        raise InvalidInput(f"{missing[0]} n'est pas un fichier : vérifiez le chemin.")
    cases = max(len(read_table(path)) for path in files)
    data = manifest_of(files, cases=cases)
    durable.write(out, data, mode=PUBLIC)
    answer = {"manifest": str(out), "digest": canonical.digest(data), "cases": cases}
    emit(answer, json=json, render=lambda: _say(answer))


def run(  # noqa: PLR0913 - the options of a command are its parameters
    *,
    protocol: Annotated[Path, typer.Option(help="Protocole verrouillé.")],
    lock: Annotated[Path, typer.Option(help="Verrou signé par le hub.")],
    manifest: Annotated[Path, typer.Option(help="Manifeste des données, celui du verrou.")],
    model: Model,
    inputs: Annotated[Path, typer.Option(help="Entrées : un cas par ligne, Parquet ou CSV.")],
    label: Labels = None,
    limits: Range = None,
    key: Annotated[
        list[Path] | None, typer.Option("--key", help="Clé publique (.pub) à laquelle vous croyez.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Prédictions à écrire.")] = Path("predictions.parquet"),
    facts: Annotated[Path, typer.Option(help="Compte rendu du passage.")] = Path("run.json"),
    json: Json = False,
) -> None:
    """Fait passer un modèle verrouillé sur les données, dans le bac à sable de l'enclave.

    Le modèle est inspecté avant de servir ; il ne voit ni les étiquettes ni le nom des cas. Rien
    ne passe si un octet du protocole, du modèle, des données ou du code a changé depuis le verrou.

    Exemple : [bold]ecluse evaluate run --protocol protocole.json --lock lock.json
    --manifest manifest.json --model modele.onnx --inputs entrees.parquet[/bold]
    """
    from ecluse.data.enclave.isolation import require_isolation
    from ecluse.data.evaluation.running.ended import write_predictions
    from ecluse.trust import canonical, durable

    told = read_protocol(protocol)
    _check_lock(told, read_file(lock), read_file(manifest), (model, inputs), key or [])
    plan = _plan(told, inputs, label or [], limits)
    with progress("Passage du modèle dans le bac à sable"):
        if plan.format is not ModelFormat.PREDICTIONS:
            require_isolation()
        ended = _run(plan, model, inputs)
    write_predictions(ended, plan, out)
    out.chmod(PRIVATE)
    stated = dataclasses.replace(
        ended.facts(least=told.privacy.least_cell), predictions=canonical.digest_file(out)
    )
    durable.write(facts, _as_json(codec.encode(stated)), mode=PUBLIC)
    answer = {
        "predictions": str(out),
        **dataclasses.asdict(stated),
        "changed": ended.changed,
        "warnings": list(ended.warnings()),
    }
    emit(answer, json=json, render=lambda: _say(answer))


def attack(  # noqa: PLR0913 - the options of a command are its parameters
    *,
    model: Annotated[Path, typer.Option(help="Modèle à sortir : ONNX ou skops.")],
    members: Annotated[Path, typer.Option(help="Personnes qui l'ont entraîné, avec l'issue.")],
    others: Annotated[Path, typer.Option(help="Personnes qu'il n'a jamais vues, avec l'issue.")],
    outcome: Annotated[str, typer.Option(help="Colonne de l'issue, 0 ou 1.")],
    feature: Annotated[list[str], typer.Option("--feature", help="Colonne que lit le modèle.")],
    recipe: Annotated[
        Path | None, typer.Option(help="Estimateur (skops) d'où vient un modèle ONNX.")
    ] = None,
    case: Annotated[str, typer.Option(help="Colonne qui nomme le cas.")] = "case",
    sacro: Annotated[
        Path | None, typer.Option(help="Rapport de SACRO-ML (JSON) : le pire des verdicts compte.")
    ] = None,
    canaries: Annotated[
        Path | None,
        typer.Option(help="Phrases de « canaries », avec le score que leur donne le modèle."),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Garder le verdict dans la zone, pour la sortie.")
    ] = False,
    json: Json = False,
) -> None:
    """Attaque un modèle avant sa sortie : ce qu'il dit de qui l'a entraîné, et le verdict.

    Sans verdict gardé dans la zone, aucun modèle ne sort de l'enclave ; avec lui, deux
    vérificateurs le lisent encore.

    Exemple : [bold]ecluse evaluate attack --model m.skops --members appris.parquet
    --others autres.parquet --outcome malade --feature age --feature imc --keep[/bold]
    """
    from ecluse.data.enclave.sandbox import uid_for
    from ecluse.data.evaluation.privacy import plugins, texts, trials
    from ecluse.data.evaluation.running.plans import Answer, AnswerKind, RunPlan
    from ecluse.domain.disclosure import DisclosurePolicy

    opinion = plugins.read_report(sacro) if sacro else ()
    if canaries:
        opinion = (*opinion, texts.read_canaries(canaries))
    answer = Answer(kind=AnswerKind.PROBABILITY)
    suffix = ModelFormat.ONNX if model.suffix == ".onnx" else ModelFormat.SKOPS
    plan = RunPlan(format=suffix, features=tuple(feature), answer=answer, key=case)
    with progress("Attaques du modèle"), tempfile.TemporaryDirectory(prefix="ecluse-try-") as work:
        trial = trials.attack_model(
            plan,
            model=model,
            persons=trials.Persons(members, others, outcome),
            policy=DisclosurePolicy(),
            work=Path(work),
            uid=uid_for(os.getpid()),
            recipe=recipe,
        )
    trial = plugins.with_opinion(trial, opinion)
    if keep:
        _keep(trial)
    told = {**_encoded(trial), "verdict": trial.verdict.value}
    emit(told, json=json, render=lambda: _show(trial))
    if trial.verdict.value != "pass":
        raise typer.Exit(EXIT_REFUSED)


def canaries(
    *,
    out: Annotated[Path, typer.Option(help="Table à écrire : text, taught.")] = Path(
        "canaries.csv"
    ),
    taught: Annotated[int, typer.Option(help="Phrases à apprendre au modèle.")] = 50,
    references: Annotated[int, typer.Option(help="Phrases à ne jamais lui montrer.")] = 1000,
    sentence: Annotated[
        str, typer.Option(help="Phrase, avec {} où va le secret.")
    ] = "Le numéro est {}.",
    json: Json = False,
) -> None:
    """Tire les phrases qui diront si un modèle de textes récite ce qui l'a entraîné.

    Ajoutez à l'entraînement celles dont taught vaut 1, gardez les autres. Puis demandez au modèle
    son score de chacune (log-vraisemblance), dans une colonne score, et donnez la table à
    [bold]ecluse evaluate attack --canaries[/bold].

    Exemple : [bold]ecluse evaluate canaries --taught 50 --references 1000[/bold]
    """
    import secrets

    from ecluse.data.evaluation.privacy import texts

    # Nobody may guess them, nor draw the same again: the seed is not kept.
    drawn = texts.draw_canaries(taught + references, seed=secrets.randbits(128), sentence=sentence)
    texts.write_canaries(out, drawn, taught=taught)
    answer = {"canaries": str(out), "taught": taught, "references": references}
    emit(answer, json=json, render=lambda: _say(answer))


COMMANDS: Final = (manifest, run, attack, canaries)


def _check_lock(
    protocol: Protocol,
    lock: bytes,
    manifest: bytes,
    files: tuple[Path, Path],
    believed: list[Path],
) -> None:
    """Pass if everything given is what was locked. Raises Refused naming what differs."""
    from ecluse.cli.home import Home
    from ecluse.cli.journal_sources import keyring_of
    from ecluse.data.evaluation.reporting.code import digest_of_code
    from ecluse.data.evaluation.running.manifests import check_files
    from ecluse.domain.documents import EvaluationLock
    from ecluse.domain.evaluations import locks
    from ecluse.trust import canonical, documents, protocols

    model, inputs = files
    ring = keyring_of(Home.find(), believed)
    found = documents.verify(lock, ring, now=datetime.now(UTC)).document.body
    if not isinstance(found, EvaluationLock):
        raise InvalidInput("Le fichier donné n'est pas un verrou d'évaluation.")
    presented = locks.Presented(
        protocol=protocols.digest(protocol),
        model=canonical.digest_file(model),
        dataset=canonical.digest(manifest),
        code=digest_of_code(),
    )
    locks.check_presented(found, presented)
    check_files(manifest, [inputs])


def _plan(
    protocol: Protocol, inputs: Path, labels: list[str], limits: tuple[float, float] | None
) -> RunPlan:
    from ecluse.data.evaluation.running.plans import plan_of
    from ecluse.data.evaluation.running.tables import read_table

    columns = () if protocol.run.features else read_table(inputs).column_names
    features = tuple(name for name in columns if name != protocol.run.case)
    return plan_of(protocol, answer=_answer(labels, limits), features=features)


def _answer(labels: list[str], limits: tuple[float, float] | None) -> Answer | None:
    from ecluse.data.evaluation.running.plans import Answer, AnswerKind

    if labels:
        return Answer(kind=AnswerKind.SPANS, classes=tuple(labels))
    if limits is not None:
        return Answer(kind=AnswerKind.NUMBER, low=limits[0], high=limits[1])
    return None


def _run(plan: RunPlan, model: Path, inputs: Path) -> ModelRun:
    from ecluse.data.enclave.sandbox import uid_for
    from ecluse.data.evaluation.running.runs import run_model

    with tempfile.TemporaryDirectory(prefix="ecluse-run-") as work:
        return run_model(
            plan, model=model, inputs=inputs, work=Path(work), uid=uid_for(os.getpid())
        )


def _keep(trial: ModelTrial) -> None:
    from ecluse.cli.home import Home
    from ecluse.data.agent.jobs import TRIALS
    from ecluse.data.evaluation.privacy import trials

    trials.keep(trial, Home.find().zone / TRIALS)


def _as_json(value: codec.JSON) -> bytes:
    import json as plain

    return plain.dumps(value, indent=2).encode()


def _encoded(trial: ModelTrial) -> dict[str, codec.JSON]:
    told = codec.encode(trial)
    return told if isinstance(told, dict) else {}


def _say(answer: dict[str, object]) -> None:
    for name, value in answer.items():
        console.print(f"{name} : {escape(str(value))}", soft_wrap=True)


def _show(trial: ModelTrial) -> None:
    table = Table("Attaque", "Mesure", "Intervalle", "Verdict", "Pourquoi", title="Modèle attaqué")
    for one in trial.attacks:
        ends = f"{one.low} à {one.high}" if one.low else ""
        table.add_row(one.attack, one.value, ends, MARKS[one.verdict], escape(one.explanation))
    console.print(table)
    console.print(f"Verdict : {MARKS[trial.verdict]}")
