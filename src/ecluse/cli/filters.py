"""`ecluse lake filters`: the known traps of a data model, and what leaving them out changes."""

from __future__ import annotations

import dataclasses
import re
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ecluse.cli.console import console, emit, error_console, progress
from ecluse.cli.lake_options import KeyFile, LakeFolder, open_lake
from ecluse.domain.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecluse.data.filters import Filter, FilterCount, Switches, Years
    from ecluse.data.lake import Snapshot

STATES = {"off": "inactif", "on": "actif", "strict": "strict"}

filters_app = typer.Typer(
    name="filters",
    help="Pièges des données : ce qui est écarté avant de compter, et ce que cela change.",
    no_args_is_help=True,
)

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
ModelName = Annotated[str, typer.Option("--model", help="Modèle des tables.")]


@filters_app.command("list")
def list_filters(*, model: ModelName = "snds", json: Json = False) -> None:
    """Liste les filtres d'un modèle, avec l'état que la documentation conseille."""
    from ecluse.data.filters import filters

    found = filters(model)
    emit(
        {"model": model, "filters": [_head(item) for item in found]},
        json=json,
        render=lambda: _show_filters(found),
    )


@filters_app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="Nom du filtre, par exemple regularisations.")],
    *,
    model: ModelName = "snds",
    json: Json = False,
) -> None:
    """Montre un filtre : ce qu'il écarte, où, pourquoi, d'après quelle source."""
    from ecluse.data.filters import find

    found = find(model, name)
    emit(dataclasses.asdict(found), json=json, render=lambda: _show_filter(found))


@filters_app.command("count")
def count(  # noqa: PLR0913 — a command line has as many options as people need
    dataset: Annotated[str, typer.Argument(help="Nom du jeu de données.")],
    *,
    table: Annotated[
        list[str] | None, typer.Option(help="Table à compter ; sinon toutes celles du modèle.")
    ] = None,
    years: Annotated[str | None, typer.Option(help="Années de soins : 2021-2023 ou 2022.")] = None,
    flux_until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Dernier flux (FLX_DIS_DTD) qui compte."),
    ] = None,
    on: Annotated[list[str] | None, typer.Option(help="Filtre à activer.")] = None,
    off: Annotated[list[str] | None, typer.Option(help="Filtre à couper.")] = None,
    strict: Annotated[
        list[str] | None, typer.Option(help="Filtre qui écarte aussi les valeurs absentes.")
    ] = None,
    snapshot: Annotated[str | None, typer.Option(help="Instantané ; sinon le courant.")] = None,
    lake: LakeFolder = None,
    key: KeyFile = None,
    json: Json = False,
) -> None:
    """Compte les lignes avant et après chaque filtre : seul, puis après ceux qui le précèdent.

    \b
    ecluse lake filters count snds --table ER_PRS_F --years 2022 --flux-until 2023-07-01
    ecluse lake filters count snds --off surcharges --strict information_lines
    """  # noqa: D301 — \b is Typer's own mark for lines left as they are
    found = open_lake(lake, key).snapshot(dataset, snapshot)
    chosen = chosen_switches(flux_until, {"on": on or [], "off": off or [], "strict": strict or []})
    period = _years(years)
    with progress(f"Filtres de {dataset}"):
        counted = _counts(found, table or list(found.tables), chosen, period)
    data = {
        "dataset": found.dataset,
        "snapshot": found.snapshot_id,
        "switches": chosen.to_json(),
        "years": list(period) if period else None,
        "counts": [{**dataclasses.asdict(c), "is_applied": c.is_applied} for c in counted],
        "late_regimes": _late_regimes(found, period),
    }
    emit(data, json=json, render=lambda: _show_counts(counted))
    _warn_of_regimes(found, period)
    _warn_of_cut_off(chosen, period)


def _counts(
    snapshot: Snapshot, tables: Iterable[str], switches: Switches, years: Years | None
) -> list[FilterCount]:
    from ecluse.data.engines import connect
    from ecluse.data.filters import counts

    with connect(readable=[snapshot.folder]) as connection:
        return [
            counted
            for name in tables
            for counted in counts(connection, snapshot, name, switches=switches, years=years)
        ]


def chosen_switches(flux_until: datetime | None, changed: dict[str, list[str]]) -> Switches:
    """Return the switches asked on a command line. Raises InvalidInput: one filter, two states."""
    from ecluse.data.filters import State, Switch, Switches

    cut_off: date | None = flux_until.date() if flux_until else None
    switches = [Switch(name, State(state)) for state, names in changed.items() for name in names]
    try:
        return Switches(tuple(switches), cut_off)
    except ValueError:
        raise InvalidInput(
            "A filter is named twice: give each filter one of --on, --off and --strict."
        ) from None


def _years(text: str | None) -> Years | None:
    if text is None:
        return None
    found = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", text)
    first, last = (int(year or found[1]) for year in found.groups()) if found else (1, 0)
    if first > last:
        raise InvalidInput(f"{text!r} are not years: write 2022 or 2021-2023.")
    return first, last


def _late_regimes(snapshot: Snapshot, years: Years | None) -> list[dict[str, object]]:
    from ecluse.data.filters import late_regimes

    if years is None:
        return []
    return [
        {"title": group.title, "last_year_without": group.last_year}
        for group in late_regimes(snapshot.model.name, first_year=years[0])
    ]


def _warn_of_regimes(snapshot: Snapshot, years: Years | None) -> None:
    late = ", ".join(str(regime["title"]) for regime in _late_regimes(snapshot, years))
    if late:
        error_console.print(
            f"[yellow]Attention[/yellow] : pas de tendance nationale sur ces années, "
            f"il manque au début : {escape(late)}.",
            highlight=False,
        )


def _warn_of_cut_off(switches: Switches, years: Years | None) -> None:
    from ecluse.data.filters import earliest_cut_off

    if years is None or switches.flux_until is None:
        return
    if switches.flux_until < (earliest := earliest_cut_off(years)):
        error_console.print(
            f"[yellow]Attention[/yellow] : des soins de {years[1]} arrivent encore après ce flux ; "
            f"attendre au moins celui du {earliest}.",
            highlight=False,
        )


def _head(found: Filter) -> dict[str, object]:
    return {
        "name": found.name,
        "title_fr": found.title_fr,
        "title_en": found.title_en,
        "default": found.default.value,
        "tables": list(found.tables),
    }


def _show_filters(found: Iterable[Filter]) -> None:
    grid = Table(title="Filtres")
    for title in ("Filtre", "Ce qu'il écarte, réunit ou répare", "Par défaut"):
        grid.add_column(title)
    for item in found:
        grid.add_row(item.name, escape(item.title_fr), STATES[item.default.value])
    console.print(grid)


def _show_filter(found: Filter) -> None:
    console.print(f"[bold]{escape(found.title_fr)}[/bold] ({found.name})")
    console.print(escape(found.advice_fr))
    console.print(f"Tables : {', '.join(found.tables)}")
    console.print(f"Par défaut : {STATES[found.default.value]}")
    console.print(f"Source : {escape(found.source)}", highlight=False)


def _show_counts(counted: Iterable[FilterCount]) -> None:
    for table, found in groupby(counted, key=lambda item: item.table):
        items = list(found)
        grid = Table(title=table)
        for title in ("Filtre", "État"):
            grid.add_column(title, no_wrap=True)
        for title in ("Avant", "Lui seul", "Au total", "Sans valeur"):
            grid.add_column(title, justify="right", no_wrap=True)
        for item in items:
            figures = (item.rows_before, item.rows_after, item.rows_left, item.rows_unknown)
            state = "manque" if item.lacks else STATES[item.state.value]
            grid.add_row(item.name, state, *(_number(n) for n in figures))
        console.print(grid)
        for item in items:
            _show_note(item)


def _show_note(item: FilterCount) -> None:
    if item.lacks:
        console.print(f"{item.name} : non appliqué, il manque {escape(item.lacks)}.", style="dim")
    if item.rows_repaired:
        console.print(f"{item.name} : {_number(item.rows_repaired)} lignes réparées.", style="dim")


def _number(count: int) -> str:
    return f"{count:,}".replace(",", " ")
