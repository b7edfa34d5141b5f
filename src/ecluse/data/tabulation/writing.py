"""An answer as files: CSV, JSON-stat, a codebook, and what a reader must know in both languages."""

import csv
import io
import json
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from ecluse.data.engines import storage_failures
from ecluse.data.tabulation.answering import Answer
from ecluse.data.tabulation.tables import Number, ProtectedTable
from ecluse.domain.errors import InvalidInput
from ecluse.trust import durable

FILE_MODE: Final = 0o640
HIDDEN: Final = "s"
"""Suppressed for confidentiality; the same sign whatever the reason, for the reason tells."""


def write(answer: Answer, target: Path) -> Mapping[str, str]:
    """Write the answer in the folder `target`, made here, and return the digest of each file.

    Raises:
        InvalidInput: the folder exists already.
        StorageFull: the disk is full; nothing is left.
    """
    if target.exists():
        raise InvalidInput(f"{target} exists already: give a folder to make.")
    files = {name: content.encode() for name, content in contents(answer).items()}
    target.mkdir(parents=True, mode=0o750)
    try:
        with storage_failures(target):
            for name, content in files.items():
                durable.write(target / name, content, mode=FILE_MODE)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return {name: sha256(content).hexdigest() for name, content in files.items()}


def contents(answer: Answer) -> dict[str, str]:
    """Return the text of each file of an answer."""
    files = {}
    for table in answer.tables:
        files[f"{table.name}.csv"] = csv_of(table)
        files[f"{table.name}.json"] = _json(json_stat(table, answer))
    files["codebook.csv"] = codebook(answer)
    files["LISEZMOI.md"] = _french(answer)
    files["README.md"] = _english(answer)
    return files


def csv_of(table: ProtectedTable) -> str:
    """Return a table as CSV: a column of codes for each axis, a column for each measure."""
    rows = [[*(axis.name for axis in table.axes), *table.measures]]
    for categories, numbers in table.rows():
        codes = (category.code for category in categories)
        rows.append([*codes, *(HIDDEN if n is None else str(n) for n in numbers)])
    return _csv(rows)


def json_stat(table: ProtectedTable, answer: Answer) -> dict[str, Any]:
    """Return a table as JSON-stat 2.0, in which a hidden cell has no value and the status `s`."""
    values: list[float | int | None] = []
    status: dict[str, str] = {}
    for _, numbers in table.rows():
        for number in numbers:
            if number is None:
                status[str(len(values))] = HIDDEN
            values.append(_plain(number))
    dimension: dict[str, Any] = {
        axis.name: {
            "label": axis.title,
            "category": {
                "index": [category.code for category in axis.categories],
                "label": {category.code: category.title for category in axis.categories},
                "child": _children(axis.categories),
            },
        }
        for axis in table.axes
    }
    dimension["measure"] = {"label": "Measure", "category": {"index": list(table.measures)}}
    return {
        "version": "2.0",
        "class": "dataset",
        "label": table.title,
        "source": f"{answer.dataset}, {answer.snapshot}",
        "id": [*(axis.name for axis in table.axes), "measure"],
        "size": [*(len(axis.categories) for axis in table.axes), len(table.measures)],
        "role": {"metric": ["measure"]},
        "dimension": dimension,
        "value": values,
        "status": status,
        "note": [f"{HIDDEN}: suppressed for confidentiality; policy {answer.policy.reference}"],
    }


def receipt(answer: Answer, digests: Mapping[str, str]) -> dict[str, Any]:
    """Return what a signed receipt takes up: counts of cells and digests, no number of a table.

    Kept by the hub: how many cells were hidden for others' sake helps whoever attacks the tables.
    """
    counts = answer.counts
    return {
        "request": answer.plan.number,
        "plan_digest": answer.plan_digest,
        "dataset": answer.dataset,
        "snapshot": answer.snapshot,
        "policy": answer.policy.reference,
        "answer_digest": answer.digest,
        "tables": len(answer.tables),
        "cells": counts.cells,
        "primary_suppressed": counts.primary,
        "secondary_suppressed": counts.secondary,
        "rounding_base": counts.rounding_base,
        "epsilon_thousandths": counts.epsilon_thousandths,
        "files": dict(digests),
    }


def codebook(answer: Answer) -> str:
    """Return every category of every variable as CSV: variable, code, title, parent."""
    rows = [["variable", "variable_title", "code", "title", "parent"]]
    for variable in answer.plan.variables:
        rows += [
            [variable.name, variable.title, category.code, category.title, category.parent or ""]
            for category in variable.categories()
        ]
    return _csv(rows)


def _children(categories: tuple[Any, ...]) -> dict[str, list[str]]:
    children: dict[str, list[str]] = {}
    for category in categories:
        if category.parent is not None:
            children.setdefault(category.parent, []).append(category.code)
    return children


def _plain(number: Number | None) -> float | int | None:
    return number if number is None or isinstance(number, int) else float(number)


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(map(_safe, row) for row in rows)
    return text.getvalue()


def _safe(cell: str) -> str:
    """Return a cell that no spreadsheet runs as a formula; negative amounts stay numbers."""
    is_number = cell.lstrip("-").replace(".", "", 1).isdecimal()
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") and not is_number else cell


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _english(answer: Answer) -> str:
    told = [f"# {answer.plan.title}", "", f"Answer to the data request {answer.plan.number}.", ""]
    told += [
        f"Data: {answer.dataset}, snapshot {answer.snapshot}. Population: "
        f"{answer.plan.population}. Policy: {answer.policy.reference}.",
        "",
        *(f"- `{table.name}.csv`, `{table.name}.json`: {table.title}" for table in answer.tables),
        "- `codebook.csv`: the categories. `_T` is the total, `_O` other or unknown.",
        "",
        f"A number hidden for confidentiality is `{HIDDEN}`: it is small, or would allow a small "
        "one to be computed. 0 means nobody.",
        _english_protection(answer),
        "Persons are counted once in each cell: where a person may be in several categories (years,"
        " drugs), categories add up to more than their total. Means are per event.",
    ]
    return "\n".join(told) + "\n"


def _english_protection(answer: Answer) -> str:
    counts = answer.counts
    if counts.epsilon_thousandths:
        epsilon = counts.epsilon_thousandths / 1000
        return f"Numbers carry random noise (differential privacy, epsilon {epsilon:g} in all)."
    if counts.rounding_base > 1:
        return f"Numbers are rounded to multiples of {counts.rounding_base}."
    return f"No number shown stands for 1 to {answer.policy.minimum_count - 1} persons."


def _french(answer: Answer) -> str:
    told = [f"# {answer.plan.title}", "", f"Réponse à la demande {answer.plan.number}.", ""]
    told += [
        f"Données : {answer.dataset}, instantané {answer.snapshot}. Population : "
        f"{answer.plan.population}. Politique : {answer.policy.reference}.",
        "",
        *(f"- `{table.name}.csv`, `{table.name}.json` : {table.title}" for table in answer.tables),
        "- `codebook.csv` : les catégories. `_T` est le total, `_O` autre ou inconnu.",
        "",
        f"Un nombre masqué par le secret est `{HIDDEN}` : il est petit, ou permettrait d'en "
        "calculer un petit. 0 signifie personne.",
        _french_protection(answer),
        "Une personne compte une fois par case : là où elle peut être dans plusieurs catégories "
        "(années, médicaments), leur somme dépasse le total. Les moyennes sont par événement.",
    ]
    return "\n".join(told) + "\n"


def _french_protection(answer: Answer) -> str:
    counts = answer.counts
    if counts.epsilon_thousandths:
        epsilon = f"{counts.epsilon_thousandths / 1000:g}".replace(".", ",")
        return f"Un bruit est ajouté (confidentialité différentielle, epsilon {epsilon} en tout)."
    if counts.rounding_base > 1:
        return f"Les nombres sont arrondis à des multiples de {counts.rounding_base}."
    return f"Aucun nombre montré ne représente de 1 à {answer.policy.minimum_count - 1} personnes."


__all__ = ["contents", "csv_of", "json_stat", "receipt", "write"]
