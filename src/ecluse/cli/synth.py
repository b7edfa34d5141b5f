"""`ecluse synth`: a synthetic country, as a delivery, as the insurer's portal, or in a lake."""

from __future__ import annotations

import dataclasses
import os
import secrets
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from ecluse.cli.console import console, emit
from ecluse.cli.lake_options import grid, number, steps

if TYPE_CHECKING:
    from ecluse.data.synthetic import Country, SyntheticReport

KEY_BYTES = 32
PROCESSORS = os.cpu_count() or 1
DATASET = "synthetic"


class Shape(StrEnum):
    """How the country is written."""

    DELIVERY = "delivery"
    PORTAL = "portal"
    LAKE = "lake"


Out = Annotated[Path, typer.Option(help="Dossier où écrire le pays.")]
Persons = Annotated[int, typer.Option(help="Nombre de personnes.")]
Years = Annotated[str, typer.Option(help="Années de soins : 2015-2023, ou 2022.")]
Seed = Annotated[int, typer.Option(help="Graine : même graine, même pays.")]
Rendering = Annotated[
    Shape,
    typer.Option(
        help="delivery : livraison de projet ; portal : un dossier par mois de flux ; "
        "lake : livraison, puis chargement dans OUT/lake."
    ),
]
NationalKey = Annotated[
    Path | None,
    typer.Option(help="Clé des numéros nationaux (32 octets) ; sinon tirée au sort."),
]
Intensity = Annotated[
    float,
    typer.Option(
        help="Facteur des soins : 1 donne 32 lignes par personne et par an, 3 en donne autant "
        "que le vrai SNDS (75 à 160)."
    ),
]
Workers = Annotated[int, typer.Option(help="Nombre de processus.", min=1)]
Twins = Annotated[
    bool,
    typer.Option("--twins", help="Ajoute les mêmes personnes vues d'un hôpital et d'ailleurs."),
]
Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]


def synth(  # noqa: PLR0913 — the options of a command are its parameters
    *,
    out: Out,
    persons: Persons = 10_000,
    years: Years = "2021-2023",
    seed: Seed = 1,
    rendering: Rendering = Shape.DELIVERY,
    intensity: Intensity = 1.0,
    national_key: NationalKey = None,
    workers: Workers = PROCESSORS,
    twins: Twins = False,
    json: Json = False,
) -> None:
    """Génère un pays synthétique : des données cohérentes de personnes qui n'existent pas."""
    from ecluse.data.synthetic import Country, write_country

    country = Country(
        persons=persons,
        years=_years(years),
        seed=seed,
        rendering="portal" if rendering is Shape.PORTAL else "delivery",
        intensity=intensity,
    )
    key = national_key.read_bytes() if national_key else secrets.token_bytes(KEY_BYTES)
    with steps("Génération") as tell:
        report = write_country(country, out, national_key=key, workers=workers, on_progress=tell)
    data: dict[str, Any] = dataclasses.asdict(report)
    if twins:
        data["twins"] = _write_twins(country, out, key)
    if rendering is Shape.LAKE:
        data["snapshot"] = _load(report, out / "lake")
    emit(data, json=json, render=lambda: _show(report))


def _years(text: str) -> tuple[int, ...]:
    first, _, last = text.partition("-")
    try:
        return tuple(range(int(first), int(last or first) + 1))
    except ValueError:
        raise typer.BadParameter("Écrivez 2021-2023, ou une seule année.") from None


def _write_twins(country: Country, out: Path, key: bytes) -> dict[str, Any]:
    from ecluse.data.synthetic.neighbours import write_neighbours

    return dataclasses.asdict(write_neighbours(country, out / "twins", national_key=key))


def _load(report: SyntheticReport, folder: Path) -> str:
    from ecluse.data.lake import Lake
    from ecluse.data.loading import load_delivery

    with steps("Chargement") as tell:
        loaded = load_delivery(
            report.delivery_path,
            lake=Lake(folder),
            dataset=DATASET,
            model="snds",
            now=datetime.now(UTC),
            on_progress=tell,
        )
    return loaded.snapshot.snapshot_id


def _show(report: SyntheticReport) -> None:
    shown = grid("Fichier", "Lignes")
    for name, rows in report.rows.items():
        shown.add_row(escape(name), number(rows))
    console.print(shown)
    console.print(f"Livraison : {escape(str(report.delivery_path))}")
    console.print(f"Vérité, jamais chargée : {escape(str(report.truth_path))}")
    console.print(f"Rapport : {escape(str(report.truth_path / 'report.html'))}")
