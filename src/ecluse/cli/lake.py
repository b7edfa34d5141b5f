"""`ecluse lake`: load deliveries, show what the lake holds, as of any day, and prove it."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ecluse.cli import lake_keeping
from ecluse.cli.console import console, emit, error_console
from ecluse.cli.filters import filters_app
from ecluse.cli.lake_options import (
    Archive,
    AsOf,
    Dataset,
    Json,
    KeyFile,
    LakeFolder,
    SnapshotId,
    choose,
    grid,
    megabytes,
    number,
    open_lake,
    steps,
)
from ecluse.cli.nomenclature import nomenclature_app
from ecluse.cli.omop import convert
from ecluse.cli.prepared import prepare
from ecluse.cli.quality import measure_load, quality
from ecluse.cli.schema import schema_app

if TYPE_CHECKING:
    from ecluse.data.deliveries.sources.origins import TableSource
    from ecluse.data.lake import Snapshot
    from ecluse.data.lake.history import Change, TableChange
    from ecluse.data.loading import LoadReport

ACTS = {
    "load": "chargement",
    "compaction": "compactage",
    "retirement": "archivage",
    "erasure": "effacement",
    "encryption": "chiffrement",
    "conversion": "conversion",
}
MOST_SLICES = 4

lake_app = typer.Typer(
    name="lake",
    help="Entrepôt : charger, montrer, vérifier, entretenir, effacer.",
    no_args_is_help=True,
)


@lake_app.command("load")
def load(  # noqa: PLR0913 - a command line has as many options as people need
    source: Annotated[
        str, typer.Argument(help="Dossier de la livraison, un seul fichier, ou postgresql://…")
    ],
    *,
    dataset: Annotated[str, typer.Option(help="Nom du jeu de données dans l'entrepôt.")],
    model: Annotated[str, typer.Option(help="Modèle : snds, omop, ou le dossier du vôtre.")],
    lake: LakeFolder = None,
    key: KeyFile = None,
    schema: Annotated[str, typer.Option(help="Schéma de la base PostgreSQL.")] = "public",
    no_quality: Annotated[
        bool, typer.Option("--no-quality", help="Ne pas mesurer la qualité de ce qui est chargé.")
    ] = False,
    json: Json = False,
) -> None:
    """Charge une livraison comme nouvel instantané d'un jeu de données : tout, ou rien.

    Un mois de flux livré de nouveau remplace le précédent ; les autres restent. Un chargement tué
    reprend là où il en était. Le mot de passe d'une base se donne par PGPASSFILE ou PGPASSWORD.

    Exemples : [bold]ecluse lake load livraison/ --dataset snds --model snds[/bold],
    [bold]ecluse lake load postgresql://lecteur@hote/entrepot --dataset chu --model omop[/bold]
    """
    from ecluse.data.loading import load_delivery

    with steps("Chargement") as tell, _opened(source, schema) as opened:
        report = load_delivery(
            opened,
            lake=open_lake(lake, key),
            dataset=dataset,
            model=model,
            now=datetime.now(UTC),
            on_progress=tell,
        )
    if not no_quality:
        measure_load(report.snapshot)
    emit(_load_data(report), json=json, render=lambda: _show_load(report))


@lake_app.command("list")
def list_datasets(*, archive: Archive = False, lake: LakeFolder = None, json: Json = False) -> None:
    """Liste les jeux de données de l'entrepôt et leur instantané courant."""
    found = open_lake(lake, archive=archive)
    snapshots = [found.snapshot(name) for name in found.datasets()]
    emit(
        {"datasets": [_snapshot_data(snapshot) for snapshot in snapshots]},
        json=json,
        render=lambda: _show_list(snapshots),
    )


@lake_app.command("show")
def show(  # noqa: PLR0913 - a command line has as many options as people need
    dataset: Dataset,
    *,
    table: Annotated[str | None, typer.Option(help="Montrer cette table seulement.")] = None,
    snapshot: SnapshotId = None,
    as_of: AsOf = None,
    archive: Archive = False,
    lake: LakeFolder = None,
    json: Json = False,
) -> None:
    """Montre les tables d'un jeu de données, ou les colonnes et les tranches de l'une d'elles.

    Exemples : [bold]ecluse lake show snds --as-of 2026-01-31[/bold],
    [bold]ecluse lake show snds --table ER_PRS_F[/bold]
    """
    opened = open_lake(lake, archive=archive)
    found = choose(opened, dataset, snapshot=snapshot, as_of=as_of)
    if table is None:
        emit(_snapshot_data(found), json=json, render=lambda: _show_snapshot(found))
        return
    chosen = found.table(table)
    emit(
        {
            "table": chosen.name,
            "rows": chosen.rows,
            "size": chosen.size,
            "columns": list(chosen.columns),
            "slices": list(chosen.slices),
            "parts": len(chosen.parts),
        },
        json=json,
        render=lambda: console.print(
            "\n".join(escape(name) for name in chosen.columns)
            + f"\n{len(chosen.slices)} tranches : {_some(chosen.slices)}"
        ),
    )


@lake_app.command("history")
def history(
    dataset: Dataset, *, archive: Archive = False, lake: LakeFolder = None, json: Json = False
) -> None:
    """Montre les instantanés gardés, du plus ancien au plus récent, et ce que chacun a changé.

    Tout instantané se relit : [bold]ecluse lake show snds --as-of 2026-01-31[/bold]
    """
    from ecluse.data.lake.history import history as read_history

    changes = read_history(open_lake(lake, archive=archive), dataset)
    emit(
        {"dataset": dataset, "snapshots": [dataclasses.asdict(change) for change in changes]},
        json=json,
        render=lambda: _show_history(changes),
    )


@lake_app.command("verify")
def verify_dataset(  # noqa: PLR0913 - a command line has as many options as people need
    dataset: Dataset,
    *,
    table: Annotated[
        list[str] | None, typer.Option(help="Ne relire que cette table (répétable).")
    ] = None,
    snapshot: SnapshotId = None,
    as_of: AsOf = None,
    archive: Archive = False,
    lake: LakeFolder = None,
    json: Json = False,
) -> None:
    """Relit les fichiers d'un instantané et prouve qu'ils sont ceux qui ont été publiés.

    Aucune clé n'est nécessaire. Exemple :
    [bold]ecluse lake verify snds --table ER_PRS_F --table ER_PHA_F[/bold]
    """
    from ecluse.data.lake import verify

    opened = open_lake(lake, archive=archive)
    found = choose(opened, dataset, snapshot=snapshot, as_of=as_of)
    begun = time.perf_counter()
    with steps(f"Vérification de {dataset}") as tell:
        told = verify(found, tables=table or None, on_progress=tell)
    speed = told.size / max(time.perf_counter() - begun, 0.001)
    emit(
        {
            "ok": True,
            "dataset": dataset,
            "snapshot": found.snapshot_id,
            "files": told.files,
            "size": told.size,
        },
        json=json,
        render=lambda: console.print(
            f"[green]Intact[/green] : {dataset} {found.snapshot_id}, {number(told.files)} "
            f"fichiers, {megabytes(told.size)} ({megabytes(int(speed))}/s)."
        ),
    )


for command in (
    lake_keeping.compact,
    lake_keeping.retire,
    lake_keeping.sweep,
    lake_keeping.erase,
    lake_keeping.encrypt,
    quality,
    convert,
    prepare,
):
    lake_app.command()(command)
for group in (schema_app, nomenclature_app, filters_app):
    lake_app.add_typer(group)


def _snapshot_data(snapshot: Snapshot) -> dict[str, object]:
    return {
        "dataset": snapshot.dataset,
        "snapshot": snapshot.snapshot_id,
        "act": snapshot.act,
        "former": snapshot.former,
        "model": snapshot.model.name,
        "published_at": snapshot.published_at.isoformat(),
        "encryption": snapshot.encryption,
        "persons": snapshot.person_count,
        "size": sum(part.size for part in snapshot.every_part()),
        "tables": {name: table.rows for name, table in snapshot.tables.items()},
    }


@contextmanager
def _opened(source: str, schema: str) -> Iterator[Path | TableSource]:
    """Give what a load reads: a folder, a file, or the tables of a database."""
    from ecluse.data.deliveries.sources.databases import open_database

    if source.startswith(("postgresql://", "postgres://")):
        with open_database(source, schema=schema) as database:
            yield database
    else:
        yield Path(source)


def _load_data(report: LoadReport) -> dict[str, object]:
    return {
        "dataset": report.snapshot.dataset,
        "snapshot": report.snapshot.snapshot_id,
        "persons": report.persons,
        "persons_without_opt_out_id": report.persons_without_opt_out_id,
        "rows_read": report.rows_read,
        "rows_loaded": report.rows_loaded,
        "rows_quarantined": report.rows_quarantined,
        "tables": [dataclasses.asdict(table) for table in report.tables],
        "warnings": list(report.warnings),
        "quarantine": str(report.quarantine_path),
    }


def _show_load(report: LoadReport) -> None:
    titles = ("Table", "Fichiers", "Lues", "Chargées", "Quarantaine", "Sans personne")
    shown = grid(*titles)
    for table in report.tables:
        numbers = (
            table.files,
            table.rows_read,
            table.rows_loaded,
            table.rows_quarantined,
            table.rows_without_person,
        )
        shown.add_row(escape(table.table), *(number(value) for value in numbers))
    console.print(shown)
    for warning in report.warnings:
        error_console.print(f"[yellow]Attention[/yellow] : {escape(warning)}")
    console.print(
        f"{report.snapshot.dataset} {report.snapshot.snapshot_id} : "
        f"{number(report.persons)} personnes, {number(report.rows_loaded)} lignes."
    )
    if report.rows_quarantined:
        console.print(f"Lignes refusées : {escape(str(report.quarantine_path))}")


def _show_list(snapshots: list[Snapshot]) -> None:
    shown = grid("Jeu de données", "Instantané", "Modèle", "Personnes", "Lignes", "Taille")
    for snapshot in snapshots:
        rows = sum(table.rows for table in snapshot.tables.values())
        size = sum(part.size for part in snapshot.every_part())
        shown.add_row(
            snapshot.dataset,
            snapshot.snapshot_id,
            snapshot.model.name,
            number(snapshot.person_count),
            number(rows),
            megabytes(size),
        )
    console.print(shown)


def _show_snapshot(snapshot: Snapshot) -> None:
    shown = grid("Table", "Lignes", "Colonnes", "Tranches", "Fichiers", "Taille")
    for table in snapshot.tables.values():
        counts = (table.rows, len(table.columns), len(table.slices), len(table.parts))
        shown.add_row(table.name, *(number(count) for count in counts), megabytes(table.size))
    console.print(shown)
    sealed = f", chiffré avec {snapshot.encryption}" if snapshot.encryption else ""
    console.print(
        f"{snapshot.dataset} {snapshot.snapshot_id} : "
        f"{number(snapshot.person_count)} personnes{sealed}."
    )


def _show_history(changes: tuple[Change, ...]) -> None:
    shown = grid("Instantané", "Publié le", "Par", "Personnes", "Lignes", "Écrit")
    for change in changes:
        shown.add_row(
            change.snapshot_id,
            f"{change.published_at:%d/%m/%Y %H:%M}",
            ACTS[change.act],
            number(change.persons),
            number(change.rows),
            megabytes(change.new_size),
        )
    console.print(shown)
    for change in changes[1:]:
        for table in change.tables:
            console.print(f"{change.snapshot_id} {table.table} : {_slices(table)}")


def _slices(table: TableChange) -> str:
    words = {"ajoute": table.added, "remplace": table.replaced, "retire": table.removed}
    return " ; ".join(f"{word} {_some(slices)}" for word, slices in words.items() if slices)


def _some(slices: tuple[str, ...]) -> str:
    more = len(slices) - MOST_SLICES
    return ", ".join(slices[:MOST_SLICES]) + (f" et {number(more)} autres" if more > 0 else "")
