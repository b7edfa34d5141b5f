"""`ecluse study`: write a study at home, on dummy data, as it will run in the secure zone."""

from __future__ import annotations

import shutil
import tomllib
import zipfile
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ecluse.cli.console import console, emit, progress, read_file, say
from ecluse.domain.disclosure import DisclosurePolicy
from ecluse.domain.documents import DatasetScope, Permit, Verdict, from_json
from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.domain.workflows import STUDY_FILE, Language, OutputClass, Workflow, read_workflow
from ecluse.trust import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecluse.data.enclave.dummy import DummyPlan
    from ecluse.data.enclave.jobs import JobResult
    from ecluse.domain.documents import FileVerdict

HIDDEN = ".ecluse"
DICTIONARY = "dictionary.csv"
DECLARATIONS = "outputs.toml"
DUMMY = "dummy.toml"
TEMPLATE = "study_template"
MODEL = "snds"
EXIT_STOPPED = 1

app = typer.Typer(
    name="study", help="Études : écrire, essayer sur des données fictives.", no_args_is_help=True
)

Folder = Annotated[Path, typer.Argument(help="Dossier de l'étude.")]
Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]

_ENDINGS = {
    "ran": "[green]faite[/green]",
    "kept": "[cyan]gardée[/cyan]",
    "failed": "[red]arrêtée[/red]",
    "skipped": "[yellow]non lancée[/yellow]",
}
_VERDICTS = {
    Verdict.PASS: "[green]rien trouvé[/green]",
    Verdict.REVIEW: "[yellow]à lire[/yellow]",
    Verdict.BLOCKED: "[red]bloqué[/red]",
}


@app.command()
def new(
    folder: Folder,
    *,
    permit: Annotated[
        Path | None, typer.Option(help="Autorisation signée : ses tables font les données.")
    ] = None,
    dictionary: Annotated[
        Path | None, typer.Option(help="dictionary.csv d'une extraction, à la place.")
    ] = None,
    model: Annotated[str, typer.Option(help="Modèle des tables de l'autorisation.")] = MODEL,
    json: Json = False,
) -> None:
    """Crée une étude qui tourne : une cohorte en SQL, un comptage en Python, des données fictives.

    Exemple : [bold]ecluse study new diabete --permit FR-2026-0001.json[/bold]
    """
    from ecluse.data.enclave.dummy import lines_of, read_dictionary
    from ecluse.data.extraction.dictionary import as_csv
    from ecluse.data.schemas import model as model_of

    if (permit is None) == (dictionary is None):
        raise InvalidInput("Donnez --permit ou --dictionary : ils disent les tables de l'étude.")
    if folder.exists() and any(folder.iterdir()):
        raise InvalidInput(f"{folder} n'est pas vide : donnez le nom d'un nouveau dossier.")
    dated = None
    if permit is not None:
        dated = _scope(permit)
        lines = lines_of(dated, model_of(model))
    else:
        lines = read_dictionary(read_file(dictionary or Path()))
    if not lines:
        raise InvalidInput("Aucune colonne n'est donnée : vérifiez l'autorisation et le modèle.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DICTIONARY).write_bytes(as_csv(lines))
    with_persons = [one.table for one in lines if one.column == "person_pseudonym"]
    _write_template(folder, table=(with_persons or [lines[0].table])[0], dated=dated)
    told = f"Étude créée dans {folder}. Ensuite : ecluse study run {folder} --dummy"
    say(told, {"folder": str(folder), "columns": len(lines)}, json=json)


@app.command()
def check(folder: Folder, *, json: Json = False) -> None:
    """Vérifie une étude sans la lancer : étapes, scripts, sorties déclarées."""
    workflow = _workflow(folder)
    problems = list(_problems(workflow, folder))
    actions = [
        {"name": one.name, "language": one.language.value, "needs": list(one.needs)}
        for one in workflow.actions
    ]
    emit(
        {"ok": not problems, "title": workflow.title, "actions": actions, "problems": problems},
        json=json,
        render=lambda: _show_study(workflow, problems),
    )
    if problems:
        raise typer.Exit(InvalidInput.exit_code)


@app.command()
def run(
    folder: Folder,
    *,
    dummy: Annotated[
        bool, typer.Option("--dummy", help="Sur des données fictives, tirées du dictionnaire.")
    ] = False,
    data: Annotated[Path | None, typer.Option(help="Sur ce dossier de tables, à la place.")] = None,
    action: Annotated[
        str | None, typer.Option(help="Cette étape seule, et celles dont elle a besoin.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Refait tout, sans rien garder.")] = False,
    json: Json = False,
) -> None:
    """Lance une étude ici, dans le bac à sable de l'enclave, puis contrôle ses résultats.

    Exemple : [bold]ecluse study run diabete --dummy[/bold]
    """
    from ecluse.data.enclave.dummy import write_dummy
    from ecluse.data.enclave.jobs import run_job
    from ecluse.data.enclave.limits import Limits
    from ecluse.data.enclave.sandbox import uid_for

    if dummy == (data is not None):
        raise InvalidInput("Donnez --dummy ou --data DOSSIER : sur quoi l'étude doit tourner.")
    workflow, own = _workflow(folder), folder / HIDDEN
    if again and (own / "kept").exists():
        shutil.rmtree(own / "kept")
    own.mkdir(exist_ok=True)
    if data is None:
        data = own / "dummy"
        write_dummy(_dummy_plan(folder), data)
    with progress(f"Étude : {workflow.title}"):
        result = run_job(
            job_number="trial",
            code_zip=pack(folder, own / "bundle.zip"),
            entry=STUDY_FILE,
            action=action,
            data=data,
            work=own / "job",
            kept=own / "kept",
            limits=Limits(),
            uid=uid_for(0),
        )
    verdicts = _checked(folder, result)
    emit(_told(result, verdicts), json=json, render=lambda: _show_run(result, verdicts, own))
    if result.exit_code or any(one.verdict is Verdict.BLOCKED for one in verdicts):
        raise typer.Exit(EXIT_STOPPED)


@app.command("pack")
def pack_study(
    folder: Folder,
    target: Annotated[Path, typer.Argument(help="Archive à écrire.")],
    *,
    json: Json = False,
) -> None:
    """Fait l'archive à envoyer dans l'espace de travail, après les vérifications de « check »."""
    problems = list(_problems(_workflow(folder), folder))
    if problems:
        raise InvalidInput(problems[0])
    pack(folder, target)
    digest = canonical.digest(target.read_bytes())
    said = {"file": str(target), "digest": digest}
    say(f"{target} : {target.stat().st_size} octets, {digest}", said, json=json)


def pack(folder: Path, target: Path) -> Path:
    """Write the plain files of a folder in a zip archive, hidden ones left out; return `target`.

    The same files give the same bytes.
    """
    if not folder.is_dir():
        raise InvalidInput(f"{folder} n'est pas un dossier : donner celui du code.")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        for file in sorted(folder.rglob("*")):
            name = file.relative_to(folder)
            hidden = any(part.startswith((".", "__")) for part in name.parts)
            if file.is_file() and not hidden and file.resolve() != target.resolve():
                member = zipfile.ZipInfo(str(name))
                bundle.writestr(member, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return target


def _scope(path: Path) -> DatasetScope:
    envelope = canonical.decode(read_file(path))
    document = from_json(envelope.get("document") if isinstance(envelope, dict) else None)
    if not isinstance(document.body, Permit) or not document.body.datasets:
        raise InvalidInput(f"{path} n'est pas une autorisation qui donne des tables.")
    return document.body.datasets[0]


def _write_template(folder: Path, *, table: str, dated: DatasetScope | None) -> None:
    for member in (files("ecluse") / "cli" / TEMPLATE).iterdir():
        text = member.read_text(encoding="utf-8")
        text = text.replace("TITLE", folder.name).replace('"TABLE"', f'"{table}"')
        if dated is not None:
            text = text.replace("care_from = 2022-01-01", f"care_from = {dated.care_from}")
            text = text.replace("care_to = 2022-12-31", f"care_to = {dated.care_to}")
        (folder / member.name).write_text(text, encoding="utf-8")


def _workflow(folder: Path) -> Workflow:
    path = folder / STUDY_FILE
    if not path.is_file():
        raise NotFound(
            f"{folder} ne contient pas de {STUDY_FILE} : « ecluse study new » en fait un."
        )
    return read_workflow(path.read_bytes())


def _problems(workflow: Workflow, folder: Path) -> Iterator[str]:
    for action in workflow.actions:
        path = folder / action.script
        if not path.is_file():
            yield f"{action.name} : il n'y a pas de fichier {action.script}."
        elif action.language is Language.PYTHON:
            try:
                compile(path.read_bytes(), action.script, "exec")
            except (SyntaxError, ValueError) as error:
                yield f"{action.name} : {action.script} n'est pas du Python : {error}."
    declared = _declarations(folder)
    for action in workflow.actions:
        for output in action.outputs:
            is_table = output.pattern.endswith((".csv", ".json")) and output.is_exact
            if output.kind is OutputClass.RESULTS and is_table and output.pattern not in declared:
                yield f"{output.pattern} : dites dans {DECLARATIONS} ce que sont ses colonnes."


def _declarations(folder: Path) -> dict[str, object]:
    from ecluse.data.disclosure import read_declarations

    path = folder / DECLARATIONS
    return dict(read_declarations(path.read_bytes())) if path.is_file() else {}


def _dummy_plan(folder: Path) -> DummyPlan:
    from ecluse.data.enclave.dummy import DummyPlan, read_dictionary, read_values

    path = folder / DUMMY
    try:
        told = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{DUMMY} : {error}") from None
    days = [told.get("care_from", date(2022, 1, 1)), told.get("care_to", date(2022, 12, 31))]
    numbers = [told.get("persons", 1000), told.get("seed", 1)]
    if not all(type(day) is date for day in days) or not all(type(n) is int for n in numbers):
        raise InvalidInput(f"{DUMMY} : deux jours (care_from, care_to), deux entiers.")
    return DummyPlan(
        read_dictionary(read_file(folder / DICTIONARY)),
        care_from=days[0],
        care_to=days[1],
        persons=numbers[0],
        seed=numbers[1],
        values=read_values(told.get("values", {})),
    )


def _checked(folder: Path, result: JobResult) -> tuple[FileVerdict, ...]:
    from ecluse.data.disclosure import read_declarations, try_outputs

    path = folder / DECLARATIONS
    declared = read_declarations(path.read_bytes()) if path.is_file() else {}
    blobs = [
        (file.name, result.blobs / file.digest.removeprefix("sha256:")) for file in result.outputs
    ]
    return try_outputs(blobs, declared, DisclosurePolicy(), made_in=folder / "results")


def _told(result: JobResult, verdicts: tuple[FileVerdict, ...]) -> dict[str, object]:
    return {
        "status": result.status.value,
        "actions": [
            {
                "name": one.name,
                "ending": one.ending.value,
                "summary": one.summary,
                "duration_ms": one.duration_ms,
            }
            for one in result.actions
        ],
        "files": [{"name": one.name, "verdict": one.verdict.value} for one in verdicts],
    }


def _show_study(workflow: Workflow, problems: list[str]) -> None:
    table = Table("Étape", "Langage", "Après", "Laisse", title=escape(workflow.title))
    for one in workflow.actions:
        left = ", ".join(f"{output.pattern} ({output.kind})" for output in one.outputs)
        table.add_row(one.name, one.language.value, ", ".join(one.needs), escape(left))
    console.print(table)
    for problem in problems:
        console.print(f"[red]✗[/red] {escape(problem)}")


def _show_run(result: JobResult, verdicts: tuple[FileVerdict, ...], own: Path) -> None:
    table = Table("Étape", "Fin", "Comment", "ms")
    for one in result.actions:
        row = (one.name, _ENDINGS[one.ending.value], escape(one.summary), str(one.duration_ms))
        table.add_row(*row)
    console.print(table)
    for entry in result.refused:
        console.print(f"[red]laissé[/red] {escape(entry.name or '?')} : {escape(entry.reason)}")
    for file in verdicts:
        console.print(f"{escape(file.name)} : {_VERDICTS[file.verdict]}")
    console.print(f"Journaux : {escape(str(own / 'job' / 'run'))}")
