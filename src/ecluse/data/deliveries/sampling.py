"""How the columns of a text file can be read fast, judged on some of its lines.

A wrong guess costs time, never a value: what the fast reading refuses is read again exactly.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from ecluse.data.deliveries.conversions import (
    FAST_TYPES,
    Conversion,
    exact,
    fast,
    fast_date_format,
)
from ecluse.data.deliveries.finding import DeliveredColumn, DeliveredFile

FIRST_LINES: Final = 100
OTHER_LINES: Final = 30
PIECE: Final = 1 << 16
BYTES_A_PLACE: Final = 1 << 26
MORE_PLACES: Final = 14
NUMBER: Final = re.compile(r"[+-]?\d+([.,]\d*)?|[+-]?[.,]\d+")


@dataclass(frozen=True, slots=True)
class Plan:
    """How each column is read; the one date format and the decimal sign of the fast reading."""

    conversions: tuple[Conversion, ...]
    date_format: str | None
    decimal: str


def plan(file: DeliveredFile, path: Path, *, has_quotes: bool) -> Plan:
    """Return how to read `path`, the clean text of `file`."""
    values = _values(path, file.separator, len(file.columns), has_quotes=has_quotes)
    date_format = _date_format(file, values)
    decimal = _decimal(file, values)
    conversions = tuple(
        _conversion(item, file, seen, Plan((), date_format, decimal))
        for item, seen in zip(file.columns, values, strict=True)
    )
    return Plan(conversions, date_format, decimal)


def _conversion(
    item: DeliveredColumn, file: DeliveredFile, values: Sequence[str], reading: Plan
) -> Conversion:
    name = item.column.name
    if _is_fast(item.column.type, values, file.date_formats, reading):
        return fast(item.column, delivered=name)
    return exact(item.column, delivered=name, date_formats=file.date_formats)


def _is_fast(kind: str, values: Sequence[str], formats: Sequence[str], reading: Plan) -> bool:
    if kind not in FAST_TYPES:
        return False
    if kind == "date":
        date_format = reading.date_format
        return date_format is not None and fast_date_format(formats, values) == date_format
    if kind == "text":
        return True
    other_sign = "." if reading.decimal == "," else ","
    return all(NUMBER.fullmatch(value) and other_sign not in value for value in set(values))


def _date_format(file: DeliveredFile, values: Sequence[Sequence[str]]) -> str | None:
    found = Counter(
        written
        for item, seen in zip(file.columns, values, strict=True)
        if item.column.type == "date" and seen
        for written in [fast_date_format(file.date_formats, seen)]
        if written
    )
    return found.most_common(1)[0][0] if found else None


def _decimal(file: DeliveredFile, values: Sequence[Sequence[str]]) -> str:
    signs = Counter(
        "," if "," in value else "."
        for item, seen in zip(file.columns, values, strict=True)
        if item.column.type == "number"
        for value in seen
        if "," in value or "." in value
    )
    has_commas = file.separator != "," and signs[","] > signs["."]
    return "," if has_commas else "."


def _values(path: Path, separator: str, width: int, *, has_quotes: bool) -> list[list[str]]:
    """Return, for each column, the values written in some lines of `path`."""
    values: list[list[str]] = [[] for _ in range(width)]
    for lines in _pieces(path, has_quotes=has_quotes):
        for row in csv.reader(
            lines,
            delimiter=separator,
            quoting=csv.QUOTE_MINIMAL if has_quotes else csv.QUOTE_NONE,
        ):
            if len(row) == width:
                for seen, value in zip(values, row, strict=True):
                    if value:
                        seen.append(value)
    return values


def _pieces(path: Path, *, has_quotes: bool) -> Iterator[list[str]]:
    """Yield lines of the start, then, where no value spans lines, of other places until the end.

    A large file is looked at in more places: a spelling that is seen too late costs most there.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        yield list(islice(_whole_lines(file.read(PIECE)), FIRST_LINES))
        if has_quotes or size < 3 * PIECE:
            return
        places = 2 + min(MORE_PLACES, size // BYTES_A_PLACE)
        for place in range(1, places + 1):
            file.seek((size - PIECE) * place // places)
            yield list(islice(_whole_lines(file.read(PIECE)), OTHER_LINES))


def _whole_lines(piece: bytes) -> Iterator[str]:
    """Yield the lines of `piece` but the first, the header or half a line, and the last."""
    lines = piece.decode(errors="replace").splitlines()
    yield from lines[1 : len(lines) - (not piece.endswith(b"\n"))]
