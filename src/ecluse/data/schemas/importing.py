"""Table Schema JSON, alone or in a data package, to tables in the product's own format.

Source: Frictionless Table Schema and Data Package, version 1.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ecluse.data.schemas.columns import ColumnType
from ecluse.data.schemas.models import PersonBy, RegisterRule
from ecluse.data.schemas.reading import model as read_model
from ecluse.data.schemas.roles import role_of
from ecluse.data.schemas.writing import write_model
from ecluse.domain.errors import InvalidInput

TYPES: Final[Mapping[str, ColumnType]] = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "text",
    "date": "date",
    "datetime": "timestamp",
    "year": "year",
    "yearmonth": "yearmonth",
}
MONTH_FORMAT: Final = "%m"
"""A `date` of this format is a month number, `01` to `12`."""
LONGEST_INTEGER: Final = 9
"""Digits that surely fit 32 bits. An integer of unknown length may need more."""
NO_NOMENCLATURE: Final = frozenset({"", "-", "IR_DTE_V"})
"""`IR_DTE_V` is a plain calendar."""

WINDOWS_SIGNS: Final = {
    code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)
}
"""What publishers who took Windows-1252 for Latin-1 meant by control signs: ’ for U+0092."""
Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ModelDraft:
    """What a Table Schema does not say: the model's name, and how its tables name persons.

    `register` is the table with one row per person, `person` its column; other tables that have a
    column of that name are about the same persons.
    """

    name: str
    title_fr: str
    title_en: str
    register: str
    person: tuple[str, ...]
    opt_out: str | None = None
    person_by: PersonBy = "identity"
    by: RegisterRule = "identity"


@dataclass(frozen=True, slots=True)
class Imported:
    """What was written, and the tables about persons that still lack a date."""

    tables: tuple[str, ...]
    columns: int
    undated: tuple[str, ...]


def import_model(source: Path, out: Path, draft: ModelDraft) -> Imported:
    """Write a model in `out` from the Table Schemas under `source`, one group per folder.

    `event_date`, `parent` and roles must then be looked at by hand: a Table Schema says nothing
    of them, and roles come from rules that err on the side of `identifier`.

    Raises:
        InvalidInput: nothing there is a Table Schema, or the result is not a model.
    """
    groups: dict[str, list[Fields]] = {}
    for group, table in read_tables(source):
        groups.setdefault(group, []).append(_about_persons(table, draft))
    if not groups:
        raise InvalidInput(f"No file under {source} is a Table Schema: nothing was written.")
    fields = {
        "name": draft.name,
        "title_fr": draft.title_fr,
        "title_en": draft.title_en,
        "register": {
            "table": draft.register,
            "by": draft.by,
            **({"opt_out": draft.opt_out} if draft.opt_out else {}),
        },
        "date_formats": ["%Y-%m-%d", "%d/%m/%Y"],
    }
    write_model(out, fields, groups)
    found = read_model(out)
    return Imported(
        tuple(found.tables),
        sum(len(schema.columns) for schema in found.tables.values()),
        tuple(
            name
            for name, schema in found.tables.items()
            if schema.person and not schema.event_date and name != draft.register
        ),
    )


def read_tables(source: Path) -> Iterator[tuple[str, Fields]]:
    """Yield each table under `source` with its group: the folder it lies in."""
    for file in sorted([source] if source.is_file() else source.rglob("*.json")):
        if not file.is_file():
            continue
        try:
            content = json.loads(file.read_text(encoding="utf-8-sig"))
        except (UnicodeDecodeError, RecursionError, json.JSONDecodeError):
            raise InvalidInput(f"{file} is not JSON text: take it away or mend it.") from None
        try:
            found = [table_fields(name, schema) for name, schema in _schemas(content, file.stem)]
        except (AttributeError, KeyError, TypeError, ValueError):
            raise InvalidInput(f"{file} is not a Table Schema: take it away or mend it.") from None
        for table in found:
            yield file.parent.name or "tables", table


def table_fields(name: str, schema: Mapping[str, Any]) -> Fields:
    """Return the fields of one table, its columns with the roles that the rules give."""
    history = schema.get("history") or {}
    return {
        "name": name,
        "title_fr": _line(schema.get("title") or name),
        "title_en": "",
        "key": _names(schema.get("primaryKey")),
        "joins": [_join(key, name) for key in schema.get("foreignKeys") or ()],
        "first_year": _year(history.get("dateCreated")),
        "last_year": _year(history.get("dateDeleted")),
        "columns": [_column(field, name) for field in schema["fields"]],
    }


def _schemas(content: object, stem: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not isinstance(content, dict):
        return
    if isinstance(content.get("fields"), list):
        yield str(content.get("name") or stem), content
    for resource in content.get("resources") or ():
        schema = resource.get("schema") if isinstance(resource, dict) else None
        if isinstance(schema, dict) and isinstance(schema.get("fields"), list):
            yield str(resource.get("name") or stem), {**resource, **schema}


def _column(field: Mapping[str, Any], table: str) -> Fields:
    # Some schemas write the column too: IR_SEX_V:SEX_COD.
    nomenclature = str(field.get("nomenclature") or "").partition(":")[0].strip()
    column = {
        "name": str(field["name"]).strip(),
        "type": _type(field),
        "title_fr": _line(field.get("description") or field.get("title") or field["name"]),
        "title_en": "",
        "length": str(field["length"]) if field.get("length") else None,
        "nomenclature": None if nomenclature in NO_NOMENCLATURE else nomenclature,
        "first_year": _year(field.get("dateCreated")),
        "last_year": _year(field.get("dateDeleted")),
        "missing_years": [_year(year) for year in field.get("dateMissing") or ()],
        "aliases": [],
    }
    asked = {**column, "table": table, "title": column["title_fr"]}
    return {**column, "role": role_of(asked)}


def _type(field: Mapping[str, Any]) -> ColumnType:
    kind = str(field.get("type") or "string")
    if kind == "date" and field.get("format") == MONTH_FORMAT:
        return "text"
    digits = str(field.get("length") or "")
    if kind == "integer" and not (digits.isdigit() and int(digits) <= LONGEST_INTEGER):
        return "bigint"
    return TYPES.get(kind, "text")


def _join(key: Mapping[str, Any], table: str) -> Fields:
    reference = key["reference"]
    return {
        "columns": _names(key["fields"]),
        # An empty name is the table itself, says the specification.
        "table": reference.get("resource") or table,
        "table_columns": _names(reference["fields"]),
    }


def _about_persons(table: Fields, draft: ModelDraft) -> Fields:
    names = {column["name"] for column in table["columns"]}
    if not names.issuperset(draft.person):
        return table
    for column in table["columns"]:
        if column["name"] in draft.person:
            column["role"] = "person"
    key = table["key"] or list(draft.person)
    return {**table, "key": key, "person": list(draft.person), "person_by": draft.person_by}


def _names(value: object) -> list[str]:
    if isinstance(value, str):
        return [value] if value else []
    return [str(name) for name in value] if isinstance(value, list) else []


def _year(value: object) -> int | None:
    text = str(value or "").strip()
    return int(text) if text.isdigit() else None


def _line(value: object) -> str:
    return " ".join(str(value).translate(WINDOWS_SIGNS).split())
