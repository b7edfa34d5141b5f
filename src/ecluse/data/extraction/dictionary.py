"""What each delivered column holds: a table for people, a data package for programs, a codebook."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Final

from ecluse.data.cohorts.selected import schema_of
from ecluse.data.extraction.cohort_file import COHORT_FILE, has_file
from ecluse.data.extraction.plans import PSEUDONYM_COLUMN, TablePlan
from ecluse.data.extraction.precision import type_of
from ecluse.data.extraction.xport import short_names
from ecluse.data.nomenclatures import Nomenclatures
from ecluse.data.schemas import Column
from ecluse.domain.codec import JSON
from ecluse.domain.cohorts import Cohort
from ecluse.domain.documents import Coarsening
from ecluse.domain.errors import EcluseError
from ecluse.trust import canonical

FRICTIONLESS: Final = {
    "integer": "integer",
    "bigint": "integer",
    "number": "number",
    "date": "date",
    "timestamp": "datetime",
    "year": "integer",
    "boolean": "boolean",
}
"""Types of a data package (Frictionless Table Schema); a string otherwise."""
COHORT_TYPES: Final = {"int32": "integer", "int64": "integer", "date32[day]": "date"}
COHORT_TITLES: Final = {
    "index_day": ("Jour index", "Index day"),
    "set_number": ("Numéro de l'ensemble apparié", "Number of the matched set"),
    "is_case": ("Cas (vrai) ou témoin (faux)", "Case (true) or control (false)"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the dictionary; `content` says whether values are pseudonyms or coarsened."""

    table: str
    column: str
    type: str
    role: str
    content: str
    title_fr: str
    title_en: str
    nomenclature: str
    sas_name: str


def lines(plans: Iterable[TablePlan], cohort: Cohort) -> tuple[Line, ...]:
    """Return a line for each column delivered, tables in the order of the order."""
    found = [line for plan in plans for line in _table_lines(plan)]
    return (*found, *(_cohort_lines(cohort) if has_file(cohort) else ()))


def as_csv(found: Iterable[Line]) -> bytes:
    """Return the dictionary as CSV, its first line the names of its columns."""
    return _csv([field.name for field in fields(Line)], (astuple(line) for line in found))


def as_data_package(found: Iterable[Line], *, name: str) -> bytes:
    """Return a description of the files as a Frictionless data package (version 1)."""
    tables: dict[str, list[JSON]] = {}
    for line in found:
        field: JSON = {
            "name": line.column,
            "type": FRICTIONLESS.get(line.type, "string"),
            "title": line.title_fr,
            "description": line.title_en,
        }
        tables.setdefault(line.table, []).append(field)
    resources: list[JSON] = [
        {
            "name": table.lower(),
            "path": f"{table}.parquet",
            "format": "parquet",
            "schema": {"fields": columns},
        }
        for table, columns in tables.items()
    ]
    return canonical.encode(
        {"name": name.lower(), "profile": "data-package", "resources": resources}
    )


def as_codebook(plans: Iterable[TablePlan], *, lake: Path) -> bytes:
    """Return the codes and labels of the nomenclatures that the operator loaded, as CSV.

    Of a column that is coarsened, codes would say more than its values: it has none.
    """
    header = ("table", "column", "nomenclature", "valid_from", "code", "label")
    return _csv(header, _codes(plans, Nomenclatures(lake)))


def _codes(plans: Iterable[TablePlan], known: Nomenclatures) -> Iterator[tuple[str, ...]]:
    loaded = set(known.names())
    for plan in plans:
        for column in plan.columns:
            name = column.nomenclature
            if name not in loaded or plan.coarsening(column) or plan.label(column):
                continue
            try:
                versions = known.get(str(name)).during(None)
            except EcluseError:
                continue  # a damaged nomenclature says nothing; it takes nothing from the rows
            for version in versions:
                for code, label in version.labels.items():
                    yield (
                        *(plan.schema.name, column.name, str(name)),
                        *(version.valid_from.isoformat(), code, label),
                    )


def _table_lines(plan: TablePlan) -> Iterator[Line]:
    names = short_names([column.name for column in plan.delivered()])
    for column in plan.delivered():
        coarsening = plan.coarsening(column)
        is_named = column.role == "person" or plan.label(column) is not None
        yield Line(
            plan.schema.name,
            column.name,
            "text" if is_named else type_of(column, coarsening),
            column.role,
            "pseudonym" if is_named else _content(coarsening),
            column.title_fr,
            column.title_en,
            "" if is_named or coarsening else column.nomenclature or "",
            names[column.name],
        )


def _content(coarsening: Coarsening | None) -> str:
    if coarsening is None:
        return "value"
    step = "" if coarsening.step is None else f" {coarsening.step}"
    return f"{coarsening.to.value}{step}"


def _cohort_lines(cohort: Cohort) -> Iterator[Line]:
    labels = {variable.name: variable.label for variable in cohort.variables}
    schema = schema_of(cohort)
    columns = [PSEUDONYM_COLUMN.name, *schema.names[1:]]
    names = short_names(columns)
    table = COHORT_FILE.removesuffix(".parquet")
    yield _cohort_line(table, PSEUDONYM_COLUMN, "pseudonym", names[PSEUDONYM_COLUMN.name])
    for field in list(schema)[1:]:
        label = labels.get(field.name)
        titles = COHORT_TITLES.get(field.name, (label or "", label or ""))
        type_ = _cohort_type(str(field.type))
        column = (table, field.name, type_, "attribute", "variable", *titles, "")
        yield Line(*column, names[field.name])


def _cohort_line(table: str, column: Column, content: str, sas_name: str) -> Line:
    titles = (column.title_fr, column.title_en)
    return Line(table, column.name, column.type, column.role, content, *titles, "", sas_name)


def _cohort_type(arrow: str) -> str:
    if arrow.startswith("decimal"):
        return "number"
    return COHORT_TYPES.get(arrow, "boolean" if arrow == "bool" else "text")


def _csv(header: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()
