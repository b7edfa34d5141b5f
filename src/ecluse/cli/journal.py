"""`ecluse journal`: does each journal prove itself, and do all sides tell one story?"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ecluse.cli import journal_proofs, journal_witness
from ecluse.cli.console import console, emit, progress
from ecluse.cli.home import Home
from ecluse.cli.journal_sources import (
    Source,
    chosen_sources,
    keyring_of,
    named_source,
    trusted_by,
)
from ecluse.cli.serve import Site
from ecluse.domain import codec
from ecluse.domain.errors import InvalidInput, JournalBroken
from ecluse.trust import durable, keys
from ecluse.trust.journal import cosignatures, files, stamps
from ecluse.trust.journal.attestations import Attested, attest
from ecluse.trust.journal.verification import CrossCheck, JournalReport, cross_check
from ecluse.trust.journal.verification import verify as verify_journal
from ecluse.trust.keys import Keyring

ROOT_SHOWN = 12

app = typer.Typer(
    name="journal", help="Journal infalsifiable : preuve et export.", no_args_is_help=True
)
app.add_typer(journal_witness.app)
for _command in journal_proofs.COMMANDS:
    app.command()(_command)

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]


@app.command()
def verify(  # noqa: PLR0913 — the options of a command
    *,
    zone: Annotated[Path | None, typer.Option(help="Dossier du journal d'une zone.")] = None,
    site: Annotated[list[Site] | None, typer.Option(help="Site dont lire la base.")] = None,
    export: Annotated[list[Path] | None, typer.Option(help="Journal exporté.")] = None,
    key: Annotated[list[Path] | None, typer.Option(help="Clé publique (.pub) en plus.")] = None,
    policy: Annotated[
        Path | None, typer.Option(help="Témoins et autorités exigés (witnesses.toml).")
    ] = None,
    seen: Annotated[
        list[Path] | None, typer.Option(help="Point de contrôle gardé ailleurs.")
    ] = None,
    json: Json = False,
) -> None:
    """Vérifie chaque journal, puis les compare entre eux ; sans option, tous ceux d'ici.

    Exemple : [bold]ecluse journal verify --export zone.jsonl --key agent-….pub[/bold]
    """
    home = Home.find()
    sources = chosen_sources(home, zone=zone, sites=site or [], files=export or [])
    if not sources:
        raise InvalidInput(f"Aucun journal dans {home.path} : donnez --zone, --site ou --export.")
    keyring, trusted = keyring_of(home, key or []), trusted_by(home, policy)
    with progress("Vérification des journaux"):
        reports, result = _verify(sources, keyring)
        attested = [
            attest(
                report,
                source.said(seen=seen or []),
                keyring,
                policy=trusted.policy,
                roots=trusted.roots,
            )
            for source, report in zip(sources, reports, strict=True)
        ]
    contradicted = [problem for one in attested for problem in one.problems]
    result = dataclasses.replace(result, problems=(*result.problems, *contradicted))
    sound = not result.problems and all(report.problem is None for report in reports)
    journals = [_facts(*three) for three in zip(sources, reports, attested, strict=True)]
    emit(
        {"sound": sound, "journals": journals, **_cross_facts(result)},
        json=json,
        render=lambda: _show(sources, reports, attested, result),
    )
    if not sound:
        raise typer.Exit(JournalBroken.exit_code)


@app.command()
def export(
    source: Annotated[str, typer.Argument(help="zone, public, checking ou un fichier.")],
    file: Annotated[Path, typer.Argument(help="Fichier à écrire ; ses preuves à côté.")],
    *,
    json: Json = False,
) -> None:
    """Écrit un journal, ses points de contrôle, ses témoins et horodatages, pour un auditeur.

    Exemple : [bold]ecluse journal export zone zone.jsonl[/bold]
    """
    found = named_source(Home.find(), source)
    content = found.read()
    files.write_export(file, content.lines, content.checkpoints)
    written = [file, files.checkpoints_path(file)]
    for beside in (cosignatures.cosigned_path, stamps.stamps_path):
        if beside(found.path).exists():
            written.append(beside(file))
            durable.write(written[-1], beside(found.path).read_bytes(), mode=keys.PUBLIC_MODE)
    said = f"Écrits : {', '.join(map(str, written))}."
    data = {"files": [str(one) for one in written]}
    emit(data, json=json, render=lambda: console.print(escape(said)))


def _verify(sources: Sequence[Source], keyring: Keyring) -> tuple[list[JournalReport], CrossCheck]:
    """Return the report of each journal and what they say of each other.

    Journals grow while they are read one after the other: where they seem to disagree, what was
    said first is held against a second, later reading.
    """
    reports = _read_all(sources, keyring)
    result = cross_check(reports)
    if not result.problems:
        return reports, result
    later = [
        dataclasses.replace(
            new, witnessed=old.witnessed, received=old.received, refused=old.refused
        )
        for old, new in zip(reports, _read_all(sources, keyring), strict=True)
    ]
    return later, cross_check(later)


def _read_all(sources: Sequence[Source], keyring: Keyring) -> list[JournalReport]:
    exports = (source.read() for source in sources)
    return [
        dataclasses.replace(
            verify_journal(each.lines, each.checkpoints, keyring), pending_count=each.pending
        )
        for each in exports
    ]


def _facts(source: Source, report: JournalReport, attested: Attested) -> dict[str, object]:
    stamped_at = attested.stamped_at
    return {
        "source": source.name,
        "origin": report.origin,
        "entries": report.size,
        "root": report.root.hex(),
        "pending": report.pending_count,
        "checkpoints": report.checkpoint_count,
        "witnessed": len(report.witnessed),
        "cosigned_entries": attested.witnessed_size,
        "cosigned_by": list(attested.witness_names),
        "stamped_entries": attested.stamped_size,
        "stamped_at": None if stamped_at is None else codec.format_instant(stamped_at),
        "first_broken": report.problem.sequence if report.problem else None,
        "problem": report.problem.explanation if report.problem else None,
    }


def _cross_facts(result: CrossCheck) -> dict[str, object]:
    return {
        "witnessed_consistent": result.witnessed_count,
        "documents_on_both_sides": result.crossed_count,
        "documents_on_the_way": result.on_the_way_count,
        "problems": list(result.problems),
    }


def _show(
    sources: Sequence[Source],
    reports: Sequence[JournalReport],
    attested: Sequence[Attested],
    result: CrossCheck,
) -> None:
    table = Table(title="Journaux", title_justify="left")
    table.add_column("journal", no_wrap=True)
    counts = ("entrées", "en attente", "racine", "contrôles", "cosignées", "horodatées")
    for heading in (*counts, "état"):
        table.add_column(heading)
    for source, report, others in zip(sources, reports, attested, strict=True):
        table.add_row(
            escape(report.origin or source.name),
            str(report.size),
            str(report.pending_count),
            report.root.hex()[:ROOT_SHOWN],
            str(report.checkpoint_count),
            str(others.witnessed_size),
            str(others.stamped_size),
            "[green]prouvé[/green]" if report.problem is None else "[red]ROMPU[/red]",
        )
    console.print(table)
    broken = [report for report in reports if report.problem is not None]
    for report in broken:
        console.print(f"[red]{escape(_why(report))}[/red]")
    for problem in result.problems:
        console.print(f"[red]{escape(problem)}[/red]")
    console.print(
        f"Points de contrôle vus ailleurs et tenus : {result.witnessed_count} · documents dans les "
        f"deux journaux : {result.crossed_count} · en chemin : {result.on_the_way_count}"
    )


def _why(report: JournalReport) -> str:
    problem = report.problem
    if problem is None:
        return ""
    place = "" if problem.sequence is None else f" (entrée {problem.sequence})"
    return f"{report.origin or '?'}{place} : {problem.explanation}"
