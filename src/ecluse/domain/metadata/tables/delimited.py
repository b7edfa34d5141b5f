"""Tables from delimited text: the heads of one table, or a dictionary of many.

Values are looked at to tell types, and never kept nor quoted.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from ecluse.domain.errors import InvalidInput
from ecluse.domain.metadata.tables.drafts import ColumnDraft, TableDraft, said

SEPARATORS: Final = (";", ",", "\t", "|")
COLUMNS_MOST: Final = 10_000
LINES_LOOKED_AT: Final = 1_000
INTEGER_LONGEST: Final = 18
VALUE_LONGEST: Final = 1 << 17
NOT_DELIMITED: Final = (
    f"A line is not delimited text: a value is over {VALUE_LONGEST:,} characters long, or a quote "
    "is never closed."
)

PATTERNS: Final[Mapping[str, re.Pattern[str]]] = {
    "boolean": re.compile(r"true|false", re.IGNORECASE),
    "integer": re.compile(rf"-?(?:0|[1-9]\d{{0,{INTEGER_LONGEST - 1}}})", re.ASCII),
    "decimal": re.compile(r"-?\d{1,18}(?:[.,]\d{1,18})?", re.ASCII),
    "gYearMonth": re.compile(r"\d{4}-\d\d", re.ASCII),
    "date": re.compile(r"\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4}", re.ASCII),
    "dateTime": re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z?", re.ASCII),
}
"""How values of each type are written, the narrowest first. What begins with 0 is a code."""
LEADING_ZERO: Final = re.compile(r"-?0\d", re.ASCII)
VALUE: Final = re.compile(r"[\d\s.,:/+-]+", re.ASCII)
"""What no column is called: a number, a date."""

ROLES: Final[Mapping[str, frozenset[str]]] = {
    "table": frozenset({"table", "table name", "table_name", "nom de la table", "fichier"}),
    "name": frozenset(
        {
            *("variable", "column", "colonne", "name", "nom", "champ", "field"),
            *("column_name", "variable name", "variable_name", "nom de la variable"),
        }
    ),
    "type": frozenset({"type", "datatype", "data_type", "type de donnees", "format"}),
    "title": frozenset({"title", "label", "libelle", "intitule", "titre"}),
    "title_fr": frozenset({"title_fr", "libelle_fr"}),
    "title_en": frozenset({"title_en", "label_en"}),
    "description": frozenset({"description", "definition", "comment", "commentaire"}),
}
"""What the columns of a dictionary of variables are called, in lower case, without accents."""

DATATYPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("integer", "int", "bigint", "entier"), "integer"),
    **dict.fromkeys(("decimal", "number", "numeric", "float", "numerique", "nombre"), "decimal"),
    **dict.fromkeys(("date",), "date"),
    **dict.fromkeys(("datetime", "timestamp", "horodatage"), "dateTime"),
    **dict.fromkeys(("boolean", "bool", "booleen", "logical"), "boolean"),
    **dict.fromkeys(("year", "annee"), "gYear"),
    **dict.fromkeys(("yearmonth",), "gYearMonth"),
}
"""The CSVW datatype of the types that dictionaries name; any other is text."""


def drafts(name: str, text: str) -> list[TableDraft]:
    """Return the table whose first line is `text`'s, or those that a dictionary lists.

    A dictionary has one line per variable, and columns for the table, the variable, and at least
    its type, title or description. Raises InvalidInput.
    """
    lines = _lines(text)
    head = [cell.strip() for cell in next(lines, [])]
    if not any(head) or len(head) > COLUMNS_MOST:
        raise InvalidInput(
            f"The first line has {len(head)} columns: name 1 to {COLUMNS_MOST:,} there."
        )
    places = _places(head)
    if {"table", "name"} <= places.keys() and len(places) > len(("table", "name")):
        return _dictionary(lines, places)
    _check_head(head)
    types = _types(islice(lines, LINES_LOOKED_AT), len(head))
    columns = zip(head, types, strict=True)
    return [
        TableDraft(
            name=name,
            columns=tuple(ColumnDraft(name=name, datatype=type_) for name, type_ in columns),
        )
    ]


def plain(text: str) -> str:
    """Return `text` in lower case, without accents or outer spaces."""
    decomposed = unicodedata.normalize("NFD", text.strip())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold()


def _lines(text: str) -> Iterator[list[str]]:
    for line in _read(text):
        # The limit of `csv` is one for the whole process, and libraries change it.
        if any(len(value) > VALUE_LONGEST for value in line):
            raise InvalidInput(NOT_DELIMITED)
        yield line


def _read(text: str) -> Iterator[list[str]]:
    first = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    try:
        yield from csv.reader(text.split("\n"), delimiter=separator, strict=False)
    except csv.Error:
        raise InvalidInput(NOT_DELIMITED) from None


def _check_head(head: Sequence[str]) -> None:
    """Refuse a first line of values: they would be published as names."""
    for rank, cell in enumerate(head, start=1):
        if VALUE.fullmatch(cell):
            raise InvalidInput(
                f"Column {rank} of the first line holds a value, not a name: begin the file with "
                "the names of the columns."
            )


def _types(rows: Iterable[Sequence[str]], width: int) -> list[str]:
    """Return the narrowest type that fits every value of each column that has one."""
    fitting: list[dict[str, re.Pattern[str]]] = [dict(PATTERNS) for _ in range(width)]
    is_seen = [False] * width
    for row in rows:
        for rank, cell in enumerate(row[:width]):
            if value := cell.strip():
                is_seen[rank] = True
                fitting[rank] = _still(fitting[rank], value)
    return [
        next(iter(left), "string") if seen else "string"
        for left, seen in zip(fitting, is_seen, strict=True)
    ]


def _still(left: Mapping[str, re.Pattern[str]], value: str) -> dict[str, re.Pattern[str]]:
    if LEADING_ZERO.match(value) and value.lstrip("-").isdecimal():
        return {}
    return {name: pattern for name, pattern in left.items() if pattern.fullmatch(value)}


def _places(head: Sequence[str]) -> dict[str, int]:
    """Return the rank of each column that a dictionary has, by what it says."""
    cells = [plain(cell) for cell in head]
    return {
        role: next(rank for rank, cell in enumerate(cells) if cell in names)
        for role, names in ROLES.items()
        if not names.isdisjoint(cells)
    }


def _dictionary(lines: Iterable[Sequence[str]], places: Mapping[str, int]) -> list[TableDraft]:
    tables: dict[str, list[ColumnDraft]] = {}
    for line in lines:
        if not any(line):
            continue
        cells = {
            role: line[place].strip() if place < len(line) else "" for role, place in places.items()
        }
        tables.setdefault(cells["table"], []).append(_column(cells))
    return [TableDraft(name=name, columns=tuple(columns)) for name, columns in tables.items()]


def _column(cells: Mapping[str, str]) -> ColumnDraft:
    titles = (
        *said(cells.get("title", "")),
        *said(cells.get("title_fr", ""), "fr"),
        *said(cells.get("title_en", ""), "en"),
    )
    return ColumnDraft(
        name=cells["name"],
        datatype=DATATYPES.get(plain(cells.get("type", "")), "string"),
        titles=titles,
        descriptions=said(cells.get("description", "")),
    )
