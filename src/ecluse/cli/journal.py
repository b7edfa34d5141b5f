"""`ecluse journal`: does each journal prove itself, and do all sides tell one story?"""

import dataclasses
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ecluse.cli.console import console, emit, progress
from ecluse.cli.database import start_server
from ecluse.cli.home import Home
from ecluse.cli.serve import Site, in_site, site_environment
from ecluse.domain.errors import InvalidInput, JournalBroken, Unreachable
from ecluse.trust.journal import files
from ecluse.trust.journal.verification import CrossCheck, JournalReport, cross_check
from ecluse.trust.journal.verification import verify as verify_journal
from ecluse.trust.keys import Keyring, PublicKey

ROOT_SHOWN = 12
ZONE = "zone"

app = typer.Typer(
    name="journal", help="Journal infalsifiable : preuve et export.", no_args_is_help=True
)

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]


@dataclass(frozen=True, slots=True)
class Source:
    """A journal to verify: what people call it, and how to read it now."""

    name: str
    read: Callable[[], files.Export]


@app.command()
def verify(
    *,
    zone: Annotated[Path | None, typer.Option(help="Dossier du journal d'une zone.")] = None,
    site: Annotated[list[Site] | None, typer.Option(help="Site dont lire la base.")] = None,
    export: Annotated[list[Path] | None, typer.Option(help="Journal exporté.")] = None,
    key: Annotated[list[Path] | None, typer.Option(help="Clé publique (.pub) en plus.")] = None,
    json: Json = False,
) -> None:
    """Vérifie chaque journal, puis les compare entre eux ; sans option, tous ceux d'ici.

    Exemple : [bold]ecluse journal verify --export zone.jsonl --key agent-….pub[/bold]
    """
    home = Home.find()
    chosen = _chosen(home, zone=zone, sites=site or [], exports=export or [])
    sources = chosen or _all_here(home)
    if not sources:
        raise InvalidInput(f"Aucun journal dans {home.path} : donnez --zone, --site ou --export.")
    with progress("Vérification des journaux"):
        reports, result = _verify(sources, _keyring(home, key or []))
    sound = not result.problems and all(report.problem is None for report in reports)
    emit(
        {"sound": sound, "journals": _facts(sources, reports), **_cross_facts(result)},
        json=json,
        render=lambda: _show(sources, reports, result),
    )
    if not sound:
        raise typer.Exit(JournalBroken.exit_code)


@app.command()
def export(
    source: Annotated[str, typer.Argument(help="zone, public ou checking.")],
    file: Annotated[Path, typer.Argument(help="Fichier à écrire ; ses preuves à côté.")],
    *,
    json: Json = False,
) -> None:
    """Écrit un journal et ses points de contrôle en fichiers, pour un auditeur.

    Exemple : [bold]ecluse journal export zone zone.jsonl[/bold]
    """
    home = Home.find()
    readers = {name.value: _site_source(home, name) for name in Site} | {
        ZONE: _file_source(ZONE, home.zone / "journal" / files.ENTRIES)
    }
    if source not in readers:
        raise InvalidInput(f"{source!r} n'est pas un journal : {', '.join(sorted(readers))}.")
    content = readers[source].read()
    files.write_export(file, content.lines, content.checkpoints)
    written = [str(file), str(files.checkpoints_path(file))]
    said = f"Écrits : {written[0]} et {written[1]}."
    emit({"files": written}, json=json, render=lambda: console.print(escape(said)))


def read_site() -> tuple[list[bytes], list[str]]:
    """Return the journal of a site as of one instant, in a process that `in_site` started."""
    from django.db import Error, connection, transaction

    from ecluse.portal.audit import actions

    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # Lines and checkpoints come from two queries: both must see the same entries.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            lines, checkpoints = actions.export()
            return list(lines), list(checkpoints)
    except Error as error:
        raise Unreachable(
            f"La base du site ne donne pas son journal ({type(error).__name__}) : "
            "lancez « ecluse demo » ou « ecluse serve »."
        ) from error


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
    return [verify_journal(each.lines, each.checkpoints, keyring) for each in exports]


def _chosen(
    home: Home, *, zone: Path | None, sites: Sequence[Site], exports: Sequence[Path]
) -> list[Source]:
    zones = [] if zone is None else [_file_source(str(zone), zone / files.ENTRIES)]
    return [
        *zones,
        *(_site_source(home, site) for site in sites),
        *(_file_source(str(path), path) for path in exports),
    ]


def _all_here(home: Home) -> list[Source]:
    path = home.zone / "journal" / files.ENTRIES
    zones = [_file_source(ZONE, path)] if path.exists() else []
    sites = [_site_source(home, site) for site in Site] if _has_database(home) else []
    return [*zones, *sites]


def _has_database(home: Home) -> bool:
    return bool(os.environ.get("DATABASE_URL")) or home.postgres.exists()


def _file_source(name: str, path: Path) -> Source:
    def read() -> files.Export:
        if not path.is_file():
            raise InvalidInput(f"{path} n'est pas un journal : vérifiez le chemin.")
        return files.read(path)

    return Source(name, read)


def _site_source(home: Home, site: Site) -> Source:
    def read() -> files.Export:
        environment = site_environment(home, site, server_url=start_server(home))
        lines, checkpoints = in_site(environment, read_site)
        return files.Export(lines, tuple(checkpoints))

    return Source(site.value, read)


def _keyring(home: Home, public_files: Sequence[Path]) -> Keyring:
    """Return every key that a room of this home believes, and those given by hand."""
    keyring = Keyring()
    for room in (home.portal, home.checking, home.zone):
        for key in Keyring.load(home.keyring(room)).keys.values():
            known = keyring.keys.get(key.key_id)
            # A key revoked in one room is revoked here.
            if known is None or known.revoked_at is None:
                keyring = keyring.with_key(key)
    for path in public_files:
        keyring = keyring.with_key(PublicKey.parse(path.read_bytes()))
    return keyring


def _facts(sources: Sequence[Source], reports: Sequence[JournalReport]) -> list[dict[str, object]]:
    return [
        {
            "source": source.name,
            "origin": report.origin,
            "entries": report.size,
            "root": report.root.hex(),
            "checkpoints": report.checkpoint_count,
            "witnessed": len(report.witnessed),
            "first_broken": report.problem.sequence if report.problem else None,
            "problem": report.problem.explanation if report.problem else None,
        }
        for source, report in zip(sources, reports, strict=True)
    ]


def _cross_facts(result: CrossCheck) -> dict[str, object]:
    return {
        "witnessed_consistent": result.witnessed_count,
        "documents_on_both_sides": result.crossed_count,
        "documents_on_the_way": result.on_the_way_count,
        "problems": list(result.problems),
    }


def _show(sources: Sequence[Source], reports: Sequence[JournalReport], result: CrossCheck) -> None:
    table = Table(title="Journaux", title_justify="left")
    table.add_column("journal", no_wrap=True)
    for heading in ("entrées", "racine", "points de contrôle", "témoignages", "état"):
        table.add_column(heading)
    for source, report in zip(sources, reports, strict=True):
        table.add_row(
            escape(report.origin or source.name),
            str(report.size),
            report.root.hex()[:ROOT_SHOWN],
            str(report.checkpoint_count),
            str(len(report.witnessed)),
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
