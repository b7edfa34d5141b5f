"""`ecluse lake nomenclature`: code lists with their days of validity, and codes checked."""

from __future__ import annotations

import csv
import dataclasses
from datetime import datetime
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ecluse.cli.console import console, emit
from ecluse.cli.home import Home
from ecluse.domain.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecluse.data.nomenclatures import CodeCheck, Nomenclature, Nomenclatures
    from ecluse.data.nomenclatures.loading import Loaded
    from ecluse.data.nomenclatures.versions import On

MOST_SHOWN = 50
LABEL_WIDTH = 40
FROM_FILE = "@"
CODE = "code"
STATUSES = {
    "known": "connu",
    "retired": "[yellow]hors validité[/yellow]",
    "mistyped": "[red]mal écrit[/red]",
    "unknown": "[red]inconnu[/red]",
}
REASONS = {
    "space": "espace",
    "case": "minuscule",
    "punctuation": "ponctuation",
    "lookalike": "lettre pour un chiffre, ou l'inverse",
    "zero": "zéro manquant ou en trop",
    "shape": "forme d'aucun code",
}

nomenclature_app = typer.Typer(
    name="nomenclature",
    help="Nomenclatures : charger, montrer, contrôler des codes.",
    no_args_is_help=True,
)

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
Day = Annotated[
    datetime | None,
    typer.Option("--on", formats=["%Y-%m-%d"], help="Version valable ce jour ; sinon la dernière."),
]
LakeFolder = Annotated[
    Path | None, typer.Option("--lake", help="Dossier de l'entrepôt (par défaut, celui d'Écluse).")
]
Name = Annotated[str, typer.Argument(help="Nom de la nomenclature, par exemple MS_CIM_V.")]


@nomenclature_app.command("load")
def load_file(
    file: Annotated[Path, typer.Argument(help="Liste de codes : CSV ou Parquet.")],
    *,
    name: Annotated[str, typer.Option(help="Nom de la nomenclature.")],
    valid_from: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="Premier jour de validité.")
    ],
    columns: Annotated[
        str | None, typer.Option(help="Colonnes du code et du libellé : CODE,LIBELLE")
    ] = None,
    lake: LakeFolder = None,
    json: Json = False,
) -> None:
    """Charge une version d'une nomenclature, valable jusqu'à la suivante."""
    from ecluse.data.nomenclatures import load

    code_column, _, label_column = (columns or "").partition(",")
    loaded = load(
        file,
        _nomenclatures(lake),
        name=name,
        valid_from=valid_from.date(),
        code_column=code_column or None,
        label_column=label_column or None,
    )
    emit(_loaded_data(name, loaded), json=json, render=lambda: _show_loaded(name, loaded))


@nomenclature_app.command("list")
def list_names(*, lake: LakeFolder = None, json: Json = False) -> None:
    """Liste les nomenclatures chargées et leurs versions."""
    store = _nomenclatures(lake)
    found = [store.get(name) for name in store.names()]
    emit(
        {"nomenclatures": [_versions_data(item) for item in found]},
        json=json,
        render=lambda: _show_list(found),
    )


@nomenclature_app.command("show")
def show(
    name: Name,
    *,
    begins: Annotated[str, typer.Option(help="Seulement les codes qui commencent ainsi.")] = "",
    on: Day = None,
    lake: LakeFolder = None,
    json: Json = False,
) -> None:
    """Montre les codes d'une nomenclature et leurs libellés."""
    version = _nomenclatures(lake).get(name).during(_on(on))[-1]
    codes = {code: text for code, text in version.labels.items() if code.startswith(begins)}
    emit(
        {"nomenclature": name, "valid_from": str(version.valid_from), "codes": codes},
        json=json,
        render=lambda: _show_codes(codes),
    )


@nomenclature_app.command("check")
def check_codes(
    name: Name,
    codes: Annotated[
        list[str],
        typer.Argument(help="Codes à contrôler ; @liste.csv en lit dans la colonne `code`."),
    ],
    *,
    prefix: Annotated[
        bool, typer.Option("--prefix", help="Un code vaut pour ceux qui commencent comme lui.")
    ] = False,
    on: Day = None,
    lake: LakeFolder = None,
    json: Json = False,
) -> None:
    """Contrôle des codes : connus, hors validité, mal écrits, inconnus, avec des suggestions."""
    from ecluse.data.nomenclatures import check
    from ecluse.domain.cohorts import Match

    asked = [code for word in codes for code in _codes_of(word)]
    nomenclature = _nomenclatures(lake).get(name)
    match = Match.PREFIX if prefix else Match.EXACT
    found = check(dict.fromkeys(asked), nomenclature, on=_on(on), match=match)
    emit(
        {"nomenclature": name, "codes": [dataclasses.asdict(item) for item in found]},
        json=json,
        render=lambda: _show_checks(found),
    )


def _nomenclatures(lake: Path | None) -> Nomenclatures:
    from ecluse.data.nomenclatures import Nomenclatures

    return Nomenclatures(lake or Home.find().lake)


def _on(day: datetime | None) -> On:
    return day.date() if day else None


def _codes_of(word: str) -> list[str]:
    """Return the codes that a word of the command line stands for: itself, or those of a file."""
    if not word.startswith(FROM_FILE):
        return [word]
    file = Path(word.removeprefix(FROM_FILE))
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(f"{file} cannot be read as UTF-8 text.") from None
    first = text.partition("\n")[0]
    rows = csv.DictReader(text.splitlines(), delimiter=max(";,\t", key=first.count))
    if CODE not in (rows.fieldnames or ()):
        raise InvalidInput(f"{file.name} has no column `{CODE}`: name one so.")
    return [row[CODE] for row in rows if row[CODE]]


def _loaded_data(name: str, loaded: Loaded) -> dict[str, object]:
    return {
        "nomenclature": name,
        "valid_from": str(loaded.version.valid_from),
        "codes": loaded.version.size,
        "without_code": loaded.without_code,
        "repeated": loaded.repeated,
    }


def _versions_data(item: Nomenclature) -> dict[str, object]:
    return {
        "name": item.name,
        "versions": [
            {
                "valid_from": str(version.valid_from),
                "valid_until": version.valid_until and str(version.valid_until),
                "codes": version.size,
                "title": version.title,
            }
            for version in item.versions
        ],
    }


def _show_loaded(name: str, loaded: Loaded) -> None:
    console.print(
        f"{escape(name)} : {loaded.version.size} codes, valables depuis le "
        f"{loaded.version.valid_from}."
    )
    if loaded.without_code or loaded.repeated:
        console.print(f"Lignes sans code : {loaded.without_code} ; répétées : {loaded.repeated}.")


def _show_list(found: Sequence[Nomenclature]) -> None:
    grid = Table()
    for title in ("Nomenclature", "Depuis", "Jusqu'à", "Codes", "Titre"):
        grid.add_column(title)
    for item in found:
        for version in item.versions:
            until = str(version.valid_until or "")
            since = str(version.valid_from)
            grid.add_row(item.name, since, until, str(version.size), escape(version.title))
    console.print(grid)


def _show_codes(codes: dict[str, str]) -> None:
    grid = Table()
    for title in ("Code", "Libellé"):
        grid.add_column(title)
    for code, label in list(codes.items())[:MOST_SHOWN]:
        grid.add_row(escape(code), escape(label))
    console.print(grid)
    if len(codes) > MOST_SHOWN:
        console.print(f"{MOST_SHOWN} codes sur {len(codes)} : précisez --begins, ou --json.")


def _show_checks(found: Sequence[CodeCheck]) -> None:
    grid = Table()
    grid.add_column("Code", no_wrap=True)
    for title in ("Verdict", "Commencent ainsi", "Libellé ou suggestions"):
        grid.add_column(title)
    for item in found:
        verdict = STATUSES[item.status]
        if item.reason:
            verdict += f" : {REASONS[item.reason]}"
        if item.status == "retired":
            verdict += f" ({item.valid_from} - {item.valid_until or ''})"
        near = "\n".join(
            f"{near.code} {shorten(near.label, LABEL_WIDTH, placeholder='…')}"
            for near in item.suggestions
        )
        grid.add_row(
            escape(item.code), verdict, str(item.children or ""), escape(item.label or near)
        )
    console.print(grid)
