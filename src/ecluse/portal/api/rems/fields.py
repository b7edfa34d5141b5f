"""Answers as REMS writes them: texts, but tables as rows of columns; and back."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ecluse.domain.codec import JSON
from ecluse.domain.errors import InvalidInput
from ecluse.domain.forms import Field, Kind
from ecluse.portal.applications.blocks import attached

YES: Final = "yes"
NO: Final = "no"
TYPES: Final[Mapping[Kind, str]] = {
    Kind.TEXT: "text",
    Kind.LONG_TEXT: "texta",
    Kind.EMAIL: "email",
    Kind.CHOICE: "option",
    Kind.CHOICES: "multiselect",
    Kind.YES_NO: "option",
    Kind.DATE: "date",
    Kind.PERIOD: "text",
    Kind.NUMBER: "text",
    Kind.MONEY: "text",
    Kind.COUNTRY: "text",
    Kind.CODES: "text",
    Kind.PERSONS: "table",
    Kind.TABLES: "table",
    Kind.ATTACHMENT: "attachment",
    Kind.GROUP: "table",
}
COLUMNS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.PERSONS: ("subject", "name", "is_principal_investigator"),
    Kind.TABLES: ("table", "columns"),
}

Value = str | list[list[dict[str, str]]]


def columns_of(field: Field) -> list[str]:
    """The columns of a question that REMS sees as a table."""
    return list(COLUMNS.get(field.kind, ())) or [part.id for part in field.fields]


def written(field: Field, answer: object, ids: Mapping[str, int]) -> Value:
    """An answer as REMS writes it. `ids` gives the number of an attached file by its digest."""
    if TYPES[field.kind] == "table":
        rows = answer if isinstance(answer, list) else []
        return [_row(field, row) for row in rows if isinstance(row, dict)]
    if field.kind is Kind.ATTACHMENT:
        return ",".join(str(ids[d]) for d in _digests(answer) if d in ids)
    return _text(answer)


def _digests(answer: object) -> list[str]:
    return [str(each["digest"]) for each in attached(answer)]


def _row(field: Field, row: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"column": name, "value": _text(row.get(name))} for name in columns_of(field)]


def _text(answer: object) -> str:
    if answer is None:
        return ""
    if isinstance(answer, bool):
        return YES if answer else NO
    if isinstance(answer, list):
        return " ".join(str(each) for each in answer)
    if isinstance(answer, dict):
        return "/".join(str(answer.get(end, "")) for end in ("from", "to"))
    return str(answer)


def read(field: Field, value: object) -> JSON:
    """The answer that REMS wrote. A draft keeps what is wrong; only another shape is refused.

    Raises InvalidInput: rows where a text is due, or the reverse.
    """
    if TYPES[field.kind] == "table":
        return [_read_row(field, row) for row in _rows(field, value)]
    if not isinstance(value, str):
        raise InvalidInput(f"{field.id} takes a text.")
    return _READERS.get(field.kind, _same)(value)


def _rows(field: Field, value: object) -> list[list[Any]]:
    if value == "":
        return []
    if isinstance(value, list) and all(isinstance(row, list) for row in value):
        return value
    raise InvalidInput(f"{field.id} takes rows of columns.")


def _read_row(field: Field, row: list[Any]) -> dict[str, JSON]:
    cells = {str(c["column"]): str(c.get("value", "")) for c in row if _is_cell(c)}
    known = {name: cells[name] for name in columns_of(field) if name in cells}
    if field.kind is Kind.PERSONS:
        is_lead = known.pop("is_principal_investigator", "") == YES
        return {**known, "is_principal_investigator": is_lead}
    if field.kind is Kind.TABLES:
        return {"table": known.get("table", ""), "columns": list(known.get("columns", "").split())}
    return {part.id: read(part, known[part.id]) for part in field.fields if known.get(part.id)}


def _is_cell(cell: object) -> bool:
    return isinstance(cell, dict) and "column" in cell


def _same(value: str) -> JSON:
    return value


def _yes_no(value: str) -> JSON:
    return {YES: True, NO: False}.get(value, value)


def _number(value: str) -> JSON:
    text = value.strip()
    is_number = text.isascii() and text.removeprefix("-").isdigit() and len(text) <= 15  # noqa: PLR2004
    return int(text) if is_number else value


def _words(value: str) -> JSON:
    return list(value.replace(",", " ").split())


def _period(value: str) -> JSON:
    first, _, last = value.partition("/")
    return {"from": first, "to": last}


_READERS: Final[Mapping[Kind, Callable[[str], JSON]]] = {
    Kind.YES_NO: _yes_no,
    Kind.NUMBER: _number,
    Kind.CHOICES: _words,
    Kind.CODES: _words,
    Kind.PERIOD: _period,
}
