"""Single cells, whatever their column: P1, A28, A31."""

import re
from collections.abc import Iterator

from ecluse.domain.disclosure.reading import DECIMAL, TableReading
from ecluse.domain.documents import Finding

_PSEUDONYM = re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])", re.ASCII)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def check_texts(reading: TableReading) -> Iterator[Finding]:
    """Yield what stands against the cells of a table, its headers included (as row 0)."""
    headers = reading.table.headers
    for row, cells in enumerate((headers, *reading.table.rows)):
        for name, cell in zip(headers, cells, strict=True):
            yield from _cell(reading, cell, row, name)


def _cell(reading: TableReading, cell: str, row: int, name: str) -> Iterator[Finding]:
    most = reading.policy.significant_digits
    if contains_pseudonym(cell):
        text = "has the form of a pseudonym: 64 hexadecimal digits"
        yield reading.found("P1", reading.at(row, name), text)
    if not DECIMAL.fullmatch(cell.strip()):
        if is_formula(cell):
            text = "a spreadsheet would run this text as a formula: begin with a letter"
            yield reading.found("A28", reading.at(row, name), text)
    elif name not in reading.counts and significant_digits(cell) > most:
        text = f"{significant_digits(cell)} significant digits: round to {most}"
        yield reading.found("A31", reading.at(row, name), text)


def is_formula(text: str) -> bool:
    """Say whether a spreadsheet would run a text."""
    return text.lstrip(" \n\ufeff").startswith(_FORMULA_STARTS)


def significant_digits(number: str) -> int:
    """Return how many digits of a decimal text tell something: 0.00120 has 3, 1200 has 4."""
    mantissa = re.split("[eE]", number.strip().lstrip("-"))[0]
    return len(mantissa.replace(".", "").lstrip("0"))


def contains_pseudonym(text: str) -> bool:
    """Tell whether 64 hexadecimal digits in a row, the form of a pseudonym, stand in the text."""
    return _PSEUDONYM.search(text) is not None
