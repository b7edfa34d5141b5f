"""`ecluse enclave` and `ecluse output`: prove the isolation, try an analysis, check its files."""

from __future__ import annotations

import dataclasses
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ecluse.cli.console import console, emit, error_console, progress, read_file, say
from ecluse.cli.home import Home
from ecluse.cli.pseudonyms import zone_journal
from ecluse.cli.study import pack
from ecluse.domain.disclosure import DisclosurePolicy, for_checker
from ecluse.domain.documents import AGENT, FileVerdict, Verdict
from ecluse.domain.errors import InvalidInput, NotFound, SandboxUnavailable
from ecluse.domain.workflows import STUDY_FILE, read_workflow

if TYPE_CHECKING:
    from ecluse.data.enclave.isolation import IsolationReport
    from ecluse.data.enclave.jobs import JobResult
    from ecluse.domain.disclosure import TableDeclaration

EXIT_BLOCKED = 1
TRIAL_JOB = 0

enclave_app = typer.Typer(
    name="enclave", help="Isolement des analyses : preuve et essai.", no_args_is_help=True
)
output_app = typer.Typer(
    name="output", help="Fichiers à sortir : contrôles automatiques.", no_args_is_help=True
)

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]

_MARKS = {
    Verdict.PASS: "[green]rien trouvé[/green]",
    Verdict.REVIEW: "[yellow]à lire[/yellow]",
    Verdict.BLOCKED: "[red]bloqué[/red]",
}


@enclave_app.command("check")
def check_isolation(
    *,
    gvisor: Annotated[
        bool, typer.Option("--gvisor", help="Dans gVisor, à la place de bubblewrap.")
    ] = False,
    json: Json = False,
) -> None:
    """Essaie de sortir du bac à sable par chaque voie connue et dit ce qui a tenu."""
    from ecluse.data.enclave.isolation import isolation_report

    with progress("Épreuve de l'isolement"):
        report = isolation_report(in_gvisor=gvisor)
    emit(
        {"ok": report.ok, **dataclasses.asdict(report)},
        json=json,
        render=lambda: _show_report(report),
    )
    if not report.ok:
        raise typer.Exit(SandboxUnavailable.exit_code)


@enclave_app.command("run")
def run_trial(
    folder: Annotated[Path, typer.Argument(help="Dossier du code d'analyse.")],
    *,
    data: Annotated[Path, typer.Option(help="Dossier des données, lu sous /data.")],
    entry: Annotated[str, typer.Option(help="study.toml, ou le script à lancer.")] = "analysis.py",
    json: Json = False,
) -> None:
    """Lance une analyse ici dans le même bac à sable que l'enclave, puis contrôle ses fichiers."""
    from ecluse.data.disclosure import try_outputs
    from ecluse.data.enclave.jobs import run_job
    from ecluse.data.enclave.limits import Limits
    from ecluse.data.enclave.sandbox import uid_for

    work = Path(tempfile.mkdtemp(prefix="ecluse-run-"))
    with progress("Analyse dans le bac à sable"):
        result = run_job(
            job_number="trial",
            code_zip=pack(folder, work / "bundle.zip"),
            entry=entry,
            data=data,
            work=work,
            limits=Limits(),
            uid=uid_for(TRIAL_JOB),
        )
    files = [
        (file.name, result.blobs / file.digest.removeprefix("sha256:")) for file in result.outputs
    ]
    declared = _declarations(folder / "outputs.toml")
    verdicts = try_outputs(files, declared, DisclosurePolicy(), made_in=work / "results")
    emit(
        {**_job_data(result), "files": [_verdict_data(file) for file in verdicts]},
        json=json,
        render=lambda: _show_trial(result, verdicts, work),
    )
    if result.exit_code or _is_blocked(verdicts):
        raise typer.Exit(EXIT_BLOCKED)


@enclave_app.command("daily")
def daily() -> None:
    """Ferme les demandes de sortie dont l'autorisation est finie, dans la salle de contrôle.

    À lancer chaque jour par la machine ; sans risque deux fois.
    """
    from ecluse.cli.portal import in_own_site, run_command
    from ecluse.cli.serve import Site

    error_console.print(in_own_site(Site.CHECKING, run_command, "close_ended"))


@enclave_app.command("manifests")
def cluster_manifests(
    folder: Annotated[Path, typer.Argument(help="Dossier de l'étude.")],
    *,
    project: Annotated[str, typer.Option(help="Numéro de l'autorisation.")],
    job: Annotated[str, typer.Option(help="Nom du travail : dossier dans le volume.")],
    image: Annotated[str, typer.Option(help="Image, nommée par son empreinte (…@sha256:…).")],
    volume: Annotated[str, typer.Option(help="Volume des projets (PersistentVolumeClaim).")],
    runtime_class: Annotated[
        str | None, typer.Option(help="Second mur du cluster, tel que gvisor.")
    ] = None,
) -> None:
    """Écrit pour Kubernetes la salle d'un projet et un Job par étape, sans rien lancer.

    Exemple : [bold]ecluse enclave manifests étude … | kubectl apply -f -[/bold]
    """
    import json as json_text

    from ecluse.data.enclave.kubernetes import Cluster, as_list, job_manifest, project_manifests
    from ecluse.data.enclave.limits import Limits

    cluster = Cluster(image, volume, runtime_class)
    workflow = read_workflow(read_file(folder / STUDY_FILE))
    jobs = [
        job_manifest(action, project=project, job=job, cluster=cluster, limits=Limits())
        for action in workflow.actions
    ]
    manifests = as_list((*project_manifests(project, cluster), *jobs))
    typer.echo(json_text.dumps(manifests, indent=2))


@enclave_app.command("key")
def zone_key(
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Remplace la clé : l'agent doit être arrêté.")
    ] = False,
    json: Json = False,
) -> None:
    """Montre la clé de la zone, qui scelle celles des extractions ; la crée à la première fois.

    Elle est faite dans le module de sécurité que zone.toml désigne ([tokens.zone]), sinon dans un
    fichier. Remplacée, les clés des extractions passent sous la nouvelle ; les fichiers restent.
    """
    from ecluse.data.agent import Zone

    zone = Zone(Home.find().zone)
    extracts = zone.extract_keys()
    if not replace:
        key_id = extracts.zone_key.key_id
        say(f"Clé de la zone : {key_id}", {"key_id": key_id}, json=json)
        return
    with zone_journal() as journal:
        new, count = zone.custody.replace(extracts)
        details: dict[str, str | int] = {"key": new.key_id, "extracts": count}
        now = datetime.now(UTC)
        journal.append("zone.rekeyed", actor=AGENT, subject="zone", details=details, at=now)
    told = f"Clé de la zone : {new.key_id} ; {count} clés d'extractions passées sous elle."
    say(told, {"key_id": new.key_id, "extracts": count}, json=json)


@enclave_app.command("destroy")
def destroy_project(
    permit: Annotated[str, typer.Argument(help="Numéro de l'autorisation du projet.")],
    *,
    json: Json = False,
) -> None:
    """Détruit les clés des extractions d'un projet : plus personne ne les lit, copies comprises.

    Sans retour. Les fichiers scellés peuvent ensuite être supprimés sans précaution.
    """
    from ecluse.data.agent import Zone

    seals = Zone(Home.find().zone).seals(permit)
    if not seals.keys.ids(permit):
        raise NotFound(f"Le projet {permit} n'a aucune clé d'extraction.")
    with zone_journal() as journal:
        count = seals.keys.destroy(permit)
        subject, now = f"project {permit}", datetime.now(UTC)
        details = {"keys": count}
        journal.append("extracts.destroyed", actor=AGENT, subject=subject, details=details, at=now)
    say(f"{count} clés détruites.", {"project": permit, "keys": count}, json=json)


@output_app.command("check")
def check_files(
    files: Annotated[list[Path], typer.Argument(help="Fichiers à contrôler.")],
    *,
    declaration: Annotated[
        Path | None, typer.Option(help="outputs.toml : ce que contiennent les colonnes.")
    ] = None,
    json: Json = False,
) -> None:
    """Contrôle des fichiers comme ils le seraient à la sortie de l'enclave."""
    from ecluse.data.disclosure import check_outputs

    missing = [path for path in files if not path.is_file()]
    if missing:
        raise InvalidInput(f"{missing[0]} n'est pas un fichier : vérifier son chemin.")
    named = [(path.name, path) for path in files]
    verdicts = check_outputs(named, _declarations(declaration), DisclosurePolicy())
    emit(
        {"policy": DisclosurePolicy().reference, "files": [_verdict_data(v) for v in verdicts]},
        json=json,
        render=lambda: _show_verdicts(verdicts),
    )
    if _is_blocked(verdicts):
        raise typer.Exit(EXIT_BLOCKED)


def _declarations(path: Path | None) -> dict[str, TableDeclaration]:
    from ecluse.data.disclosure import read_declarations

    if path is None or not path.is_file():
        return {}
    return read_declarations(path.read_bytes())


def _is_blocked(verdicts: tuple[FileVerdict, ...]) -> bool:
    return any(file.verdict is Verdict.BLOCKED for file in verdicts)


def _job_data(result: JobResult) -> dict[str, object]:
    return {
        "status": result.status.value,
        "exit_code": result.exit_code,
        "summary": result.log_summary,
        "duration_ms": result.duration_ms,
        "refused": [dataclasses.asdict(entry) for entry in result.refused],
    }


def _verdict_data(file: FileVerdict) -> dict[str, object]:
    findings = [dataclasses.asdict(for_checker(found)) for found in file.findings]
    return {**dataclasses.asdict(file), "verdict": file.verdict.value, "findings": findings}


def _show_report(report: IsolationReport) -> None:
    table = Table("Voie essayée", "Tient", "Ce qui s'est passé", title="Isolement")
    for control in report.controls:
        mark = "[green]oui[/green]" if control.ok else "[red]NON[/red]"
        table.add_row(control.name, mark, escape(control.detail))
    console.print(table)
    landlock = f"Landlock {report.landlock}" if report.landlock else "sans Landlock"
    console.print(f"Plafonds : cgroup {report.ceilings} · {landlock} · {report.duration_ms} ms")


def _show_trial(result: JobResult, verdicts: tuple[FileVerdict, ...], work: Path) -> None:
    console.print(f"Fin : {escape(result.log_summary)} ({result.duration_ms} ms)")
    console.print(f"Journal, resté ici : {escape(str(work / 'run'))}")
    for entry in result.refused:
        name = entry.name or f"entrée {entry.position}"
        console.print(f"[red]laissé[/red] {escape(name)} : {escape(entry.reason)}")
    _show_verdicts(verdicts)


def _show_verdicts(verdicts: tuple[FileVerdict, ...]) -> None:
    table = Table("Fichier", "Verdict", "Règle", "Où", "Pourquoi", title="Contrôles de sortie")
    for file in verdicts:
        table.add_row(escape(file.name), _MARKS[file.verdict])
        for found in map(for_checker, file.findings):
            table.add_row("", "", found.rule, escape(found.place), escape(found.explanation))
    console.print(table)
    console.print("Aucun verdict ne vaut autorisation : deux vérificateurs lisent chaque fichier.")
