"""`ecluse lake convert`: a dataset of the SNDS in the OMOP common data model."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from rich.markup import escape
from rich.table import Table

from ecluse.cli.console import console, emit
from ecluse.cli.lake_options import (
    AsOf,
    Dataset,
    Json,
    KeyFile,
    LakeFolder,
    SnapshotId,
    choose,
    number,
    open_lake,
    steps,
)

if TYPE_CHECKING:
    from ecluse.data.conversion import Choices, Converted, Coverage, Flow

REASONS = {
    "nobody": "sans personne",
    "filters": "filtres",
    "person-left-out": "personne écartée",
    "stay-left-out": "séjour écarté",
    "no-date": "sans date",
    "no-code": "sans code",
    "no-birth-year": "sans année de naissance",
    "unusable-number": "numéro fictif",
    "never-observed": "jamais observée",
    "no-death": "en vie",
    "same-person": "même personne",
    "same-visit": "même venue",
    "act-without-visit": "acte sans venue",
}
MOST_CODES = 5


class Target(StrEnum):
    """The models that a dataset can be converted to."""

    OMOP = "omop"


class DrugStart(StrEnum):
    """What begins an exposure to a drug."""

    DELIVERY = "delivery"
    PRESCRIPTION = "prescription"


def convert(  # noqa: PLR0913 - a command line has as many options as people need
    dataset: Dataset,
    *,
    name: Annotated[str, typer.Option("--dataset", help="Nom du jeu converti.")],
    to: Annotated[Target, typer.Option(help="Modèle d'arrivée.")] = Target.OMOP,
    mappings: Annotated[
        Path | None,
        typer.Option(help="Dossier des tables de correspondance (et CONCEPT.csv d'Athena)."),
    ] = None,
    first_day: Annotated[
        datetime | None,
        typer.Option("--first-day", formats=["%Y-%m-%d"], help="Premier jour de soins couvert."),
    ] = None,
    last_day: Annotated[
        datetime | None,
        typer.Option("--last-day", formats=["%Y-%m-%d"], help="Dernier jour de soins couvert."),
    ] = None,
    drug_start: Annotated[
        DrugStart, typer.Option(help="Début d'une exposition : délivrance ou prescription.")
    ] = DrugStart.DELIVERY,
    snapshot: SnapshotId = None,
    as_of: AsOf = None,
    lake: LakeFolder = None,
    key: KeyFile = None,
    json: Json = False,
) -> None:
    """Convertit un jeu du SNDS au modèle commun OMOP 5.4, et rend compte de chaque ligne.

    \b
    ecluse lake convert snds --to omop --dataset snds-omop
    ecluse lake convert snds --dataset snds-omop --mappings correspondances/
    ecluse lake convert snds --dataset snds-omop --first-day 2018-01-01
    """  # noqa: D301 — \b is Typer's own mark for lines left as they are
    from ecluse.data.conversion import Choices
    from ecluse.data.conversion import convert as convert_snapshot

    opened = open_lake(lake, key)
    source = choose(opened, dataset, snapshot=snapshot, as_of=as_of)
    choices: Choices = Choices(
        mappings=mappings,
        first_day=_day(first_day),
        last_day=_day(last_day),
        drug_start=drug_start.value,
    )
    with steps(f"Conversion de {dataset} en {to.value}") as tell:
        made = convert_snapshot(
            source,
            lake=opened,
            dataset=name,
            now=datetime.now(UTC),
            choices=choices,
            on_progress=tell,
        )
    told = cast("dict[str, Any]", made.told.to_json())
    data = {"dataset": name, "snapshot": made.snapshot.snapshot_id, **told}
    emit(data, json=json, render=lambda: _show(made))


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


def _show(made: Converted) -> None:
    _show_flows(made.told.flows)
    _show_coverage(made.told.coverage)
    snapshot = made.snapshot
    console.print(
        f"{escape(snapshot.dataset)} {snapshot.snapshot_id} : "
        f"{number(made.told.tables['person'])} personnes, soins du {made.told.first_day} "
        f"au {made.told.last_day}."
    )


def _show_flows(flows: tuple[Flow, ...]) -> None:
    table = Table("Source", "Table OMOP", title="Ce que deviennent les lignes")
    for title in ("Lues", "Écrites"):
        table.add_column(title, justify="right")
    table.add_column("Écartées")
    for flow in flows:
        reasons = (f"{REASONS[why]} {number(count)}" for why, count in flow.left_out.items())
        table.add_row(
            flow.source,
            flow.target,
            number(flow.rows_read),
            number(flow.rows_written),
            ", ".join(reasons),
        )
    console.print(table)


def _show_coverage(coverage: tuple[Coverage, ...]) -> None:
    table = Table("Table OMOP", title="Codes qui ont un concept standard")
    for title in ("Lignes", "Avec concept", "Codes", "Avec concept"):
        table.add_column(title, justify="right")
    table.add_column("Les plus fréquents sans concept")
    for found in coverage:
        top = (f"{item.vocabulary} {item.code}" for item in found.top_unmapped[:MOST_CODES])
        table.add_row(
            found.target,
            number(found.rows),
            _share(found.rows_mapped, found.rows),
            number(found.codes),
            _share(found.codes_mapped, found.codes),
            escape(", ".join(top)),
        )
    console.print(table)


def _share(part: int, whole: int) -> str:
    return f"{number(part)} ({part * 100 // whole if whole else 0} %)"
