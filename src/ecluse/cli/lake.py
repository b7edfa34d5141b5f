"""`ecluse lake`: load deliveries, generate a synthetic country, show and prove the lake."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ecluse.cli.console import console, emit, error_console, progress
from ecluse.cli.home import Home
from ecluse.domain.errors import NotFound

if TYPE_CHECKING:
    from ecluse.data.engines import OnProgress
    from ecluse.data.lake import Lake, Snapshot
    from ecluse.data.lake.schemas import TableSchema
    from ecluse.data.loading import LoadReport
    from ecluse.data.synthetic import SyntheticReport

KEY_BYTES = 32

lake_app = typer.Typer(
    name="lake", help="Entrepôt : charger, générer, montrer, vérifier.", no_args_is_help=True
)

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
Dataset = Annotated[str, typer.Argument(help="Nom du jeu de données.")]
LakeFolder = Annotated[
    Path | None, typer.Option("--lake", help="Dossier de l'entrepôt (par défaut, celui d'Écluse).")
]
Model = Annotated[str, typer.Option(help="Modèle des tables : snds ou omop53.")]


@lake_app.command("load")
def load(
    source: Annotated[Path, typer.Argument(help="Dossier de la livraison.")],
    *,
    dataset: Annotated[str, typer.Option(help="Nom du jeu de données dans l'entrepôt.")],
    model: Model,
    lake: LakeFolder = None,
    json: Json = False,
) -> None:
    """Charge une livraison comme nouvel instantané d'un jeu de données : tout, ou rien."""
    from ecluse.data.loading import load_delivery

    with _steps("Chargement") as tell:
        report = load_delivery(
            source,
            lake=_lake(lake),
            dataset=dataset,
            model=model,
            now=datetime.now(UTC),
            on_progress=tell,
        )
    emit(_load_data(report), json=json, render=lambda: _show_load(report))


@lake_app.command("synth")
def synth(
    *,
    out: Annotated[Path, typer.Option(help="Dossier où écrire la livraison.")],
    persons: Annotated[int, typer.Option(help="Nombre de personnes.")] = 10_000,
    years: Annotated[str, typer.Option(help="Années de soins : 2021-2023 ou 2022.")] = "2021-2023",
    seed: Annotated[int, typer.Option(help="Graine : même graine, même pays.")] = 1,
    national_key: Annotated[
        Path | None,
        typer.Option(help="Clé des numéros nationaux (32 octets) ; sinon tirée au sort."),
    ] = None,
    json: Json = False,
) -> None:
    """Génère un pays synthétique : une livraison cohérente de personnes qui n'existent pas."""
    from ecluse.data.synthetic import generate

    with _steps("Génération") as tell:
        report = generate(
            out,
            persons=persons,
            years=_years(years),
            seed=seed,
            national_key=_national_key(national_key),
            on_progress=tell,
        )
    emit(dataclasses.asdict(report), json=json, render=lambda: _show_synthetic(report))


@lake_app.command("list")
def list_datasets(*, lake: LakeFolder = None, json: Json = False) -> None:
    """Liste les jeux de données de l'entrepôt et leur instantané courant."""
    found = _lake(lake)
    snapshots = [found.snapshot(name) for name in found.datasets()]
    emit(
        {"datasets": [_snapshot_data(snapshot) for snapshot in snapshots]},
        json=json,
        render=lambda: _show_list(snapshots),
    )


@lake_app.command("show")
def show(
    dataset: Dataset,
    *,
    table: Annotated[str | None, typer.Option(help="Montrer les colonnes de cette table.")] = None,
    snapshot: Annotated[str | None, typer.Option(help="Instantané ; sinon le courant.")] = None,
    lake: LakeFolder = None,
    json: Json = False,
) -> None:
    """Montre les tables d'un jeu de données, ou les colonnes de l'une d'elles."""
    found = _lake(lake).snapshot(dataset, snapshot)
    if table is None:
        emit(_snapshot_data(found), json=json, render=lambda: _show_snapshot(found))
        return
    if table not in found.tables:
        raise NotFound(f"{dataset} n'a pas de table {table} : il a {', '.join(found.tables)}.")
    chosen = found.tables[table]
    emit(
        {"table": chosen.name, "rows": chosen.rows, "columns": list(chosen.columns)},
        json=json,
        render=lambda: console.print("\n".join(escape(name) for name in chosen.columns)),
    )


@lake_app.command("verify")
def verify_dataset(
    dataset: Dataset,
    *,
    snapshot: Annotated[str | None, typer.Option(help="Instantané ; sinon le courant.")] = None,
    lake: LakeFolder = None,
    json: Json = False,
) -> None:
    """Relit chaque fichier d'un instantané et prouve qu'il est celui qui a été publié."""
    from ecluse.data.lake import verify

    found = _lake(lake).snapshot(dataset, snapshot)
    with progress(f"Vérification de {dataset}"):
        verify(found)
    emit(
        {"ok": True, "dataset": dataset, "snapshot": found.snapshot_id, "files": found.files()},
        json=json,
        render=lambda: console.print(
            f"[green]Intact[/green] : {dataset} {found.snapshot_id}, {len(found.files())} fichiers."
        ),
    )


@lake_app.command("schema")
def schema(
    table: Annotated[str, typer.Argument(help="Nom de la table, par exemple ER_PRS_F.")],
    *,
    model: Model = "snds",
    json: Json = False,
) -> None:
    """Montre les colonnes d'une table d'un modèle : type, rôle, libellé."""
    from ecluse.data.lake.schemas import table_schema

    found = table_schema(model, table)
    emit(dataclasses.asdict(found), json=json, render=lambda: _show_schema(found))


def _lake(path: Path | None) -> Lake:
    from ecluse.data.lake import Lake

    return Lake(path or Home.find().lake)


def _years(text: str) -> tuple[int, ...]:
    first, _, last = text.partition("-")
    try:
        return tuple(range(int(first), int(last or first) + 1))
    except ValueError:
        raise typer.BadParameter("Écrivez 2021-2023, ou une seule année.") from None


def _national_key(path: Path | None) -> bytes:
    return path.read_bytes() if path else secrets.token_bytes(KEY_BYTES)


@contextmanager
def _steps(title: str) -> Iterator[OnProgress]:
    """Give a function that shows the step under way on standard error."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=error_console) as bar:
        task = bar.add_task(title, total=None)

        def tell(step: str, done: int, total: int) -> None:
            description = f"{title} : {escape(step)}"
            bar.update(task, description=description, completed=done, total=total)

        yield tell
        total = bar.tasks[0].total or 1
        bar.update(task, description=f"{title} : fini", completed=total, total=total)


def _snapshot_data(snapshot: Snapshot) -> dict[str, object]:
    return {
        "dataset": snapshot.dataset,
        "snapshot": snapshot.snapshot_id,
        "model": snapshot.model,
        "published_at": snapshot.published_at.isoformat(),
        "persons": snapshot.person_count,
        "tables": {name: table.rows for name, table in snapshot.tables.items()},
    }


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
    grid = _grid(*titles)
    for table in report.tables:
        numbers = (
            table.files,
            table.rows_read,
            table.rows_loaded,
            table.rows_quarantined,
            table.rows_without_person,
        )
        grid.add_row(escape(table.table), *(_number(value) for value in numbers))
    console.print(grid)
    for warning in report.warnings:
        error_console.print(f"[yellow]Attention[/yellow] : {escape(warning)}")
    console.print(
        f"{report.snapshot.dataset} {report.snapshot.snapshot_id} : "
        f"{_number(report.persons)} personnes, {_number(report.rows_loaded)} lignes."
    )
    if report.rows_quarantined:
        console.print(f"Lignes refusées : {escape(str(report.quarantine_path))}")


def _show_synthetic(report: SyntheticReport) -> None:
    grid = _grid("Fichier", "Lignes")
    for name, rows in report.rows.items():
        grid.add_row(name, _number(rows))
    console.print(grid)
    console.print(f"Livraison : {escape(str(report.delivery_path))}")
    console.print(f"Vérité, jamais chargée : {escape(str(report.truth_path))}")


def _show_list(snapshots: list[Snapshot]) -> None:
    grid = _grid("Jeu de données", "Instantané", "Modèle", "Personnes", "Lignes")
    for snapshot in snapshots:
        rows = sum(table.rows for table in snapshot.tables.values())
        persons = _number(snapshot.person_count)
        grid.add_row(snapshot.dataset, snapshot.snapshot_id, snapshot.model, persons, _number(rows))
    console.print(grid)


def _show_snapshot(snapshot: Snapshot) -> None:
    grid = _grid("Table", "Lignes", "Colonnes")
    for table in snapshot.tables.values():
        grid.add_row(table.name, _number(table.rows), _number(len(table.columns)))
    console.print(grid)
    console.print(
        f"{snapshot.dataset} {snapshot.snapshot_id} : {_number(snapshot.person_count)} personnes."
    )


def _show_schema(found: TableSchema) -> None:
    grid = Table(title=f"{found.name} : {found.title_fr}")
    for title in ("Colonne", "Type", "Rôle", "Libellé"):
        grid.add_column(title)
    for column in found.columns:
        grid.add_row(column.name, column.type, column.role, escape(column.title_fr))
    console.print(grid)


def _grid(first: str, *others: str) -> Table:
    grid = Table()
    grid.add_column(first)
    for title in others:
        grid.add_column(title, justify="right")
    return grid


def _number(value: int) -> str:
    """Return `value` with a narrow no-break space between thousands, as French writes it."""
    return f"{value:,}".replace(",", "\u202f")
