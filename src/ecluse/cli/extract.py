"""`ecluse extract`: obey one signed extraction order here, with the sites switched off."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ecluse.cli.console import console, emit, progress
from ecluse.cli.home import Home

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecluse.domain.documents import ExtractionReceipt

Order = Annotated[Path, typer.Argument(help="Ordre d'extraction signé.")]
Permit = Annotated[Path, typer.Option("--permit", help="Autorisation signée.")]
OptOuts = Annotated[Path, typer.Option("--opt-outs", help="Liste d'opposition signée.")]
LakeFolder = Annotated[Path | None, typer.Option("--lake", help="Autre lac que celui de la zone.")]
Target = Annotated[Path | None, typer.Option("--out", help="Dossier à créer pour l'extraction.")]
Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON.")]

REMOVALS = {
    "outside-cohort": "hors cohorte",
    "after-cut-off": "arrivées après le dernier flux lu",
    "outside-care-period": "hors de la période de soins",
    "filtered": "par les filtres",
}


def extract(
    order: Order,
    *,
    permit: Permit,
    opt_outs: OptOuts,
    lake: LakeFolder = None,
    out: Target = None,
    json: Json = False,
) -> None:
    """Exécute un ordre d'extraction signé, sans portail ni réseau.

    Interrompue (Ctrl-C) ou tuée, la même commande reprend à la table où elle en était.
    """
    from ecluse.data.agent import Zone
    from ecluse.data.agent.offline import Papers, extract_from_files
    from ecluse.data.lake import Lake
    from ecluse.domain import codec

    with progress("Extraction"):
        receipt, folder = extract_from_files(
            Papers(order, permit, opt_outs),
            zone=Zone(Home.find().zone),
            lake=None if lake is None else Lake(lake),
            target=out,
            clock=lambda: datetime.now(UTC),
        )
    emit(
        {"folder": str(folder), "receipt": codec.encode(receipt)},
        json=json,
        render=lambda: _show(receipt, folder),
    )


def _show(receipt: ExtractionReceipt, folder: Path) -> None:
    console.print(f"Extraction {receipt.order_number} : {folder}", highlight=False)
    persons = Table("Étape", "Personnes")
    for step in receipt.attrition:
        persons.add_row(step.step, _counted(step.person_count))
    tables = Table(
        "Table", "Lignes lues", "Lignes livrées", "Moins précises", "Retenues dans la zone"
    )
    for table in receipt.tables:
        counts = (_counted(table.row_count_in), _counted(table.row_count_out))
        coarsened = ", ".join(f"{one.column} ({one.to.value})" for one in table.coarsened)
        tables.add_row(
            table.table, *counts, coarsened or "–", ", ".join(table.columns_dropped) or "–"
        )
    removed = Table("Table", "Lignes écartées", "Nombre")
    for table in receipt.tables:
        for one in table.removed:
            removed.add_row(table.table, REMOVALS[one.reason], _counted(one.row_count))
    console.print(persons)
    console.print(tables)
    if removed.row_count:
        console.print(removed)
    for line in _files(receipt):
        console.print(line, highlight=False)


def _files(receipt: ExtractionReceipt) -> Iterator[str]:
    """Yield the filters left out or made strict, and the number of files, in words."""
    unusual = [f"{one.filter} ({one.state.value})" for one in receipt.filters if one.state != "on"]
    if unusual:
        yield f"Filtres qui ne sont pas « on » : {', '.join(unusual)}"
    if receipt.files:
        yield f"{len(receipt.files)} fichier(s), {sum(one.size for one in receipt.files)} octets"


def _counted(count: int | None) -> str:
    return "…" if count is None else str(count)
