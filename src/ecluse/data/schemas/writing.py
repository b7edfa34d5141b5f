"""A model's files written: `model.toml`, `sources.toml`, and a TOML and a CSV per group."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from ecluse.data.schemas.reading import COLUMN_FIELDS, MODEL_FILE
from ecluse.domain.errors import InvalidInput

HEAD_FIELDS: Final = (
    "name",
    "title_fr",
    "title_en",
    "key",
    "person",
    "person_by",
    "event_date",
    "holds_care",
    "parent",
    "event_key",
    "flow_date",
    "file_names",
    "first_year",
    "last_year",
)

Fields = Mapping[str, Any]


def write_model(folder: Path, fields: Fields, groups: Mapping[str, Iterable[Fields]]) -> None:
    """Write a model into `folder`, which must not hold one yet.

    Raises:
        InvalidInput: the folder already holds a model.
    """
    if (folder / MODEL_FILE).exists():
        raise InvalidInput(f"{folder} already holds a model: choose another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    for group, tables in groups.items():
        write_group(folder, group, list(tables))
    lines = [f"{name} = {_toml(value)}" for name, value in fields.items()]
    (folder / MODEL_FILE).write_text("\n".join([*lines, ""]), encoding="utf-8")


def write_group(folder: Path, group: str, tables: Iterable[Fields]) -> None:
    """Write `<group>.toml` and `<group>.csv`: tables with their columns, in the order given."""
    described = list(tables)
    heads = "\n".join(_head(table) for table in described)
    (folder / f"{group}.toml").write_text(heads, encoding="utf-8")
    text = io.StringIO()
    lines = csv.writer(text, delimiter=";", lineterminator="\n")
    lines.writerow(COLUMN_FIELDS)
    for table in described:
        lines.writerows([table["name"], *_cells(column)] for column in table["columns"])
    (folder / f"{group}.csv").write_text(text.getvalue(), encoding="utf-8")


def _head(table: Fields) -> str:
    lines = ["[[tables]]"]
    for name in HEAD_FIELDS:
        value = table.get(name)
        is_default = value in (None, True) if name == "holds_care" else not value
        if not is_default or name in {"title_fr", "title_en", "key"}:
            lines.append(f"{name} = {_toml(value)}")
    if table.get("joins"):
        lines += ["joins = [", *(f"  {_toml(join)}," for join in table["joins"]), "]"]
    return "\n".join([*lines, ""])


def _cells(column: Fields) -> list[str]:
    values = (column.get(name) for name in COLUMN_FIELDS[1:])
    return [
        " ".join(str(item) for item in value)
        if isinstance(value, list | tuple)
        else ""
        if value is None
        else str(value)
        for value in values
    ]


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_toml(item)}" for name, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, bool | int):
        return json.dumps(value)
    # A JSON string without escapes above ASCII is a TOML basic string.
    return json.dumps(value or "", ensure_ascii=False)
