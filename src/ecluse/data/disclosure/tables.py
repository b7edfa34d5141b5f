"""Tables as text cells, read strictly: one reading only, or none."""

import csv
import io
import json
import unicodedata
from decimal import Decimal

from ecluse.domain.disclosure import Table

_MAXIMUM_CELL = 1000
_MAXIMUM_COLUMNS = 200

Cell = str | int | bool | Decimal | None


class NotATable(Exception):
    """The bytes cannot be read as one table; where and why, without their content."""

    def __init__(self, place: str, text: str) -> None:
        super().__init__(f"{place}: {text}")
        self.place = place
        self.text = text


def read_csv(data: bytes, *, maximum_rows: int) -> Table:
    """Return the table of a CSV file: UTF-8, comma or semicolon, one header, rows of equal length.

    Reading stops one row past `maximum_rows`, so that the rule on rows still sees the excess.

    Raises:
        NotATable: another reading is possible, or none.
    """
    text = decoded(data)
    first = text.partition("\n")[0]
    if "," in first and ";" in first:
        raise NotATable("headers", "commas and semicolons: separate by one, name without the other")
    delimiter = ";" if ";" in first else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[tuple[str, ...]] = []
    try:
        for line in reader:
            lines.append(_line(line, lines))
            if len(lines) > maximum_rows + 1:
                break
    except csv.Error:
        raise NotATable(
            f"line {reader.line_num}", "not CSV: a quote is misplaced, or a cell is endless"
        ) from None
    if not lines:
        raise NotATable("file", "empty: the first line names the columns")
    return Table(lines[0], tuple(lines[1:]))


def _line(cells: list[str], before: list[tuple[str, ...]]) -> tuple[str, ...]:
    row = f"row {len(before)}"
    if before and len(cells) != len(before[0]):
        raise NotATable(row, f"{len(cells)} cells where the header has {len(before[0])}")
    if len(cells) > _MAXIMUM_COLUMNS:
        raise NotATable(row, f"{len(cells)} columns: at most {_MAXIMUM_COLUMNS}")
    return tuple(_plain(cell, row) for cell in cells)


def _plain(cell: str, row: str) -> str:
    """Return a cell of visible characters on one line."""
    if len(cell) > _MAXIMUM_CELL:
        raise NotATable(row, f"a cell of more than {_MAXIMUM_CELL} characters")
    if any(unicodedata.category(character) in _INVISIBLE for character in cell):
        raise NotATable(row, "a cell with a tab, a line break or an invisible character")
    return cell


def read_json(data: bytes) -> Table:
    """Return the table of a JSON list of flat objects that all have the same members.

    Raises:
        NotATable: another shape, a nested value, or a member given twice.
    """
    try:
        rows = json.loads(
            decoded(data),
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_members,
        )
    except (json.JSONDecodeError, RecursionError, ValueError):
        raise NotATable("file", "not JSON, or a number that is not one") from None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise NotATable("file", "not a table: write a list of objects, one per row")
    headers = tuple(_plain(header, "headers") for header in rows[0])
    return Table(headers, tuple(_row(row, headers, n) for n, row in enumerate(rows, start=1)))


def _refuse_constant(_text: str) -> None:
    raise ValueError


def _members(pairs: list[tuple[str, Cell]]) -> dict[str, Cell]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotATable("file", "a member is given twice in one object")
    return members


def _row(row: dict[str, Cell], headers: tuple[str, ...], number: int) -> tuple[str, ...]:
    if tuple(row) != headers:
        raise NotATable(f"row {number}", "its members are not those of the first row, in order")
    return tuple(_text(cell, number) for cell in row.values())


def _text(cell: object, row: int) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str | int | Decimal):
        return _plain(str(cell), f"row {row}")
    raise NotATable(f"row {row}", "a value that is not a short text or number")


def decoded(data: bytes) -> str:
    """Return the text of UTF-8 bytes that hold nothing invisible.

    Raises:
        NotATable: another encoding, or a character that a reader would not see.
    """
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise NotATable(f"byte {error.start}", "not UTF-8") from None
    for index, character in enumerate(text):
        if unicodedata.category(character) in _INVISIBLE and character not in "\t\r\n":
            raise NotATable(f"character {index}", "an invisible or control character")
    return text


# Controls, formatting (zero width, right-to-left), surrogates, private use, unassigned.
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
