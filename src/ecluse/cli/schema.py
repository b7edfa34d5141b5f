"""`ecluse lake schema`: the tables of a data model, year by year, and a holder's own tables."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ecluse.cli.console import console, emit, error_console

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecluse.data.schemas import Column, Model, TableSchema
    from ecluse.data.schemas.importing import Imported

schema_app = typer.Typer(
    name="schema",
    help="Modèles de données : tables, colonnes, années.",
    no_args_is_help=True,
)

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
ModelName = Annotated[
    str, typer.Option("--model", help="Modèle : snds, omop, ou le dossier du vôtre.")
]
TableName = Annotated[str, typer.Argument(help="Nom de la table, par exemple ER_PRS_F.")]


@schema_app.command("list")
def list_tables(*, model: ModelName = "snds", json: Json = False) -> None:
    """Liste les tables d'un modèle, par produit, avec leurs années."""
    found = _model(model)
    emit(
        {"model": found.name, "tables": [_head(schema) for schema in found.tables.values()]},
        json=json,
        render=lambda: _show_tables(found),
    )


@schema_app.command("show")
def show(
    table: TableName,
    *,
    model: ModelName = "snds",
    year: Annotated[int | None, typer.Option(help="Les colonnes de cette année seulement.")] = None,
    json: Json = False,
) -> None:
    """Montre une table : colonnes, clé, jointures, nomenclatures, telles qu'une année les a."""
    schema = _model(model).table(table)
    columns = schema.columns if year is None else schema.columns_in(year)
    data = {
        **_head(schema),
        "year": year,
        "columns": [dataclasses.asdict(column) for column in columns],
    }
    emit(data, json=json, render=lambda: _show_table(schema, columns, year))


@schema_app.command("diff")
def diff(
    table: TableName,
    first: Annotated[int, typer.Argument(help="Première année.")],
    second: Annotated[int, typer.Argument(help="Seconde année.")],
    *,
    model: ModelName = "snds",
    json: Json = False,
) -> None:
    """Dit quelles colonnes une table a gagnées et perdues d'une année à l'autre."""
    schema = _model(model).table(table)
    before, after = schema.columns_in(first), schema.columns_in(second)
    added = [column for column in after if column not in before]
    removed = [column for column in before if column not in after]
    emit(
        {
            "table": schema.name,
            "first": first,
            "second": second,
            "added": [column.name for column in added],
            "removed": [column.name for column in removed],
        },
        json=json,
        render=lambda: _show_diff(added, removed),
    )


@schema_app.command("import")
def import_tables(
    folder: Annotated[Path, typer.Argument(help="Dossier de fichiers Table Schema (JSON).")],
    *,
    out: Annotated[Path, typer.Option(help="Dossier où écrire le modèle.")],
    name: Annotated[str, typer.Option(help="Nom du modèle.")],
    person: Annotated[
        str, typer.Option(help="Table des personnes et sa colonne : patients.patient_id")
    ],
    json: Json = False,
) -> None:
    """Écrit le modèle d'un détenteur à partir de ses Table Schema ou de son data package."""
    from ecluse.data.schemas.importing import ModelDraft, import_model

    register, _, column = person.partition(".")
    draft = ModelDraft(name, name, name, register, (column,))
    made = import_model(folder, out, draft)
    emit(dataclasses.asdict(made), json=json, render=lambda: _show_imported(made, out))


def _model(name: str) -> Model:
    from ecluse.data.schemas import model

    return model(name)


def _head(schema: TableSchema) -> dict[str, object]:
    fields = {
        field.name: getattr(schema, field.name)
        for field in dataclasses.fields(schema)
        if field.name not in {"columns", "parent", "joins"}
    }
    return {
        **fields,
        "slicing": schema.slicing,
        "parent": dataclasses.asdict(schema.parent) if schema.parent else None,
        "joins": [dataclasses.asdict(join) for join in schema.joins],
        "column_count": len(schema.columns),
    }


def _show_tables(model: Model) -> None:
    grid = Table(title=escape(f"{model.name} : {model.title_fr}"))
    for title in ("Produit", "Table", "Colonnes", "Années", "Personnes"):
        grid.add_column(title, no_wrap=True)
    grid.add_column("Libellé")
    for schema in sorted(model.tables.values(), key=lambda item: (item.product, item.name)):
        grid.add_row(
            schema.product,
            schema.name,
            str(len(schema.columns)),
            _years(schema.first_year, schema.last_year),
            "oui" if schema.is_about_persons else "",
            escape(schema.title_fr),
        )
    console.print(grid)


def _show_table(schema: TableSchema, columns: Iterable[Column], year: int | None) -> None:
    grid = Table(title=escape(f"{schema.name}{f' en {year}' if year else ''} : {schema.title_fr}"))
    for title in ("Colonne", "Type", "Rôle", "Années"):
        grid.add_column(title, no_wrap=True)
    grid.add_column("Libellé")
    for column in columns:
        grid.add_row(
            column.name,
            f"{column.type} {column.length or ''}",
            column.role,
            _years(column.first_year, column.last_year),
            escape(f"{column.title_fr} ({column.nomenclature})")
            if column.nomenclature
            else escape(column.title_fr),
        )
    console.print(grid)
    if schema.key:
        console.print(f"Clé : {' '.join(schema.key)}")
    for join in schema.joins:
        names = " ".join(join.columns)
        console.print(f"Jointure : {names} → {join.table} ({' '.join(join.table_columns)})")


def _show_diff(added: Iterable[Column], removed: Iterable[Column]) -> None:
    grid = Table()
    for title in ("", "Colonne", "Type"):
        grid.add_column(title, no_wrap=True)
    grid.add_column("Libellé")
    for sign, columns in (("+", added), ("-", removed)):
        for column in columns:
            grid.add_row(sign, column.name, column.type, escape(column.title_fr))
    console.print(grid if grid.row_count else "Aucune colonne ne change.")


def _show_imported(made: Imported, out: Path) -> None:
    console.print(f"{len(made.tables)} tables, {made.columns} colonnes : {escape(str(out))}")
    console.print("Relisez le rôle de chaque colonne : les règles penchent vers `identifier`.")
    if made.undated:
        tables = escape(", ".join(made.undated))
        error_console.print(f"[yellow]Sans date[/yellow] (`event_date`) : {tables}")


def _years(first: int | None, last: int | None) -> str:
    if first is None and last is None:
        return ""
    return f"{first or '…'}-{last or ''}"
