"""Models read from folders: those of the product, and a holder's own.

A folder holds `model.toml` (title, register, date formats), `sources.toml`, and for each group of
tables a pair of files: `<group>.toml`, what each table is, and `<group>.csv`, one line per column.
"""

import csv
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from ecluse.data.schemas.checks import check
from ecluse.data.schemas.coding import assemble
from ecluse.data.schemas.models import Model
from ecluse.domain.errors import InvalidInput, Malformed, NotFound

MODEL_FILE: Final = "model.toml"
SOURCES_FILE: Final = "sources.toml"
COLUMN_FIELDS: Final = (
    "table",
    "name",
    "type",
    "role",
    "length",
    "nomenclature",
    "first_year",
    "last_year",
    "missing_years",
    "aliases",
    "title_fr",
    "title_en",
)
"""Header of `<group>.csv`, separated by `;`. Lists are separated by spaces."""


def models() -> tuple[str, ...]:
    """Return the names of the models that the product brings, sorted."""
    return tuple(sorted(folder.name for folder in _packaged().iterdir() if folder.is_dir()))


def model(name_or_folder: str | Path) -> Model:
    """Return a model of the product by name, or the one that a folder describes.

    Raises:
        NotFound: no such model, and no such folder with a `model.toml`.
        InvalidInput: the folder's files do not describe a model; says where.
    """
    if isinstance(name_or_folder, str) and name_or_folder in models():
        return _packaged_model(name_or_folder)
    folder = Path(name_or_folder)
    if not (folder / MODEL_FILE).is_file():
        raise NotFound(
            f"No data model is called {str(name_or_folder)!r}: use one of {', '.join(models())}, "
            f"or a folder that holds a {MODEL_FILE}."
        )
    found = _read(folder)
    check(found)
    return found


@cache
def _packaged_model(name: str) -> Model:
    return _read(_packaged() / name)


def _packaged() -> Traversable:
    return files("ecluse") / "schemas" / "tables"


def _read(folder: Traversable) -> Model:
    fields = _toml(folder / MODEL_FILE)
    sources = folder / SOURCES_FILE
    events = _toml(sources) if sources.is_file() else {}
    groups = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda f: f.name
    )
    tables = [
        table
        for file in groups
        if file.name not in {MODEL_FILE, SOURCES_FILE}
        for table in _group(file, folder / f"{file.name.removesuffix('.toml')}.csv")
    ]
    try:
        return assemble(
            fields,
            tables=sorted(tables, key=lambda table: str(table.get("name"))),
            sources=events.get("sources", []),
            links=events.get("links", []),
        )
    except Malformed as error:
        raise InvalidInput(f"{folder}: {error}") from None


def _group(heads: Traversable, columns: Traversable) -> list[dict[str, Any]]:
    by_table = _columns(columns)
    tables = [
        {"product": heads.name.removesuffix(".toml"), **table}
        for table in _toml(heads).get("tables", [])
    ]
    unknown = by_table.keys() - {table.get("name") for table in tables}
    if unknown:
        raise InvalidInput(
            f"{columns.name} has columns of {', '.join(sorted(unknown))}, which "
            f"{heads.name} does not have: add the table there."
        )
    return [{**table, "columns": by_table.get(str(table.get("name")), [])} for table in tables]


def _columns(file: Traversable) -> dict[str, list[dict[str, Any]]]:
    if not file.is_file():
        raise InvalidInput(f"{file.name} is missing: it holds one line per column.")
    by_table: dict[str, list[dict[str, Any]]] = {}
    lines = csv.reader(file.read_text(encoding="utf-8").splitlines(), delimiter=";")
    if tuple(next(lines, ())) != COLUMN_FIELDS:
        raise InvalidInput(f"{file.name}: its first line must be {';'.join(COLUMN_FIELDS)}")
    for number, line in enumerate(lines, start=2):
        if len(line) != len(COLUMN_FIELDS):
            raise InvalidInput(
                f"{file.name}, line {number}: {len(line)} values instead of {len(COLUMN_FIELDS)}."
            )
        table, *values = line
        by_table.setdefault(table, []).append(_column(values, f"{file.name}, line {number}"))
    return by_table


def _column(values: list[str], where: str) -> dict[str, Any]:
    name, type_, role, length, nomenclature, first, last, missing, aliases, fr, en = values
    try:
        return {
            "name": name,
            "type": type_,
            "role": role,
            "title_fr": fr,
            "title_en": en,
            "aliases": tuple(aliases.split()),
            "length": length or None,
            "nomenclature": nomenclature or None,
            "first_year": int(first) if first else None,
            "last_year": int(last) if last else None,
            "missing_years": tuple(int(year) for year in missing.split()),
        }
    except ValueError:
        raise InvalidInput(f"{where}: a year is not a number.") from None


def _toml(file: Traversable) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{file.name} is not TOML: {error}.") from None
