"""Columns of a row as a cohort reads them: texts trimmed, instants as days, numbers exact."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from ecluse.data.cohorts.algebra import Term, Terms
from ecluse.data.schemas import Column
from ecluse.domain.cohorts import Comparison, Where

KINDS: Final = {
    "text": "text",
    "yearmonth": "text",
    "integer": "integer",
    "year": "integer",
    "bigint": "wide",
    "number": "number",
    "date": "date",
    "timestamp": "date",
}
"""The kind of term that a column of each type gives."""

WHOLE: Final = frozenset({"integer", "wide"})
READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "text": str,
    "integer": int,
    "wide": int,
    "number": float,
    "date": date.fromisoformat,
}
"""How the values of a `Where` are read for each kind. They raise ValueError."""


def kind_of(column: Column | None) -> str:
    """Return the kind of term that a column gives; a column of ours is text."""
    return KINDS[column.type] if column else "text"


def is_whole(column: Column | None) -> bool:
    """Whether the column holds whole numbers."""
    return kind_of(column) in WHOLE


def cell(terms: Terms, column: Column | None, stored: Term) -> Term:
    """Return what a row holds: a text trimmed, a day, or a number in exact ten-thousandths."""
    kind = kind_of(column)
    if kind == "text":
        return terms.text_of(stored)
    if kind == "date":
        return terms.typed(stored, "date")
    return terms.scaled(stored, is_whole=kind in WHOLE)


def meets(terms: Terms, column: Column | None, asked: Where, stored: Term) -> Term:
    """Return whether the column compares so with the values; never NULL."""
    kind = kind_of(column)
    held = terms.text_of(stored) if kind == "text" else terms.typed(stored, _WIDEST.get(kind, kind))
    values = [READERS[kind](text) for text in asked.values]
    answers: Mapping[Comparison, Callable[[], Term]] = {
        Comparison.IS_MISSING: lambda: terms.is_null(held),
        Comparison.IS_PRESENT: lambda: ~terms.is_null(held),
        Comparison.IS_IN: lambda: terms.is_in(held, values),
        Comparison.IS_NOT_IN: lambda: terms.is_null(held) | ~terms.is_in(held, values),
        Comparison.AT_LEAST: lambda: held >= terms.value(values[0]),
        Comparison.AT_MOST: lambda: held <= terms.value(values[0]),
    }
    return terms.known(answers[asked.comparison](), terms.value(value=False))


# Values may be written with more digits than the column can hold.
_WIDEST: Final = {"integer": "wide"}
