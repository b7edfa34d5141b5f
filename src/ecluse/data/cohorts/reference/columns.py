"""Columns of a row: what a `Where` asks of them, how they are added up and written."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from ecluse.data.cohorts.reference.dataset import World
from ecluse.data.cohorts.reference.links import Row
from ecluse.data.schemas import EventSource
from ecluse.domain.cohorts import Comparison, Where

_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "integer": int,
    "bigint": int,
    "year": int,
    "number": float,
    "date": date.fromisoformat,
    "timestamp": date.fromisoformat,
}


def holds(row: Row, where: Where, source: EventSource, world: World) -> bool:
    """Whether the column of the row compares so with the values."""
    value = cell(row, where.column, source, world)
    column = world.dataset.model.table(source.table).column(where.column)
    read = _READERS.get(column.type, str) if column else str
    values = [read(text) for text in where.values]
    answers: Mapping[Comparison, Callable[[], bool]] = {
        Comparison.IS_MISSING: lambda: value is None,
        Comparison.IS_PRESENT: lambda: value is not None,
        Comparison.IS_IN: lambda: value is not None and value in values,
        Comparison.IS_NOT_IN: lambda: value is None or value not in values,
        Comparison.AT_LEAST: lambda: value is not None and value >= values[0],
        Comparison.AT_MOST: lambda: value is not None and value <= values[0],
    }
    return answers[where.comparison]()


def cell(row: Row, column: str, source: EventSource, world: World) -> Any:
    """Return what the row holds in a column, by its name or by an alias; an instant as its day."""
    known = world.dataset.model.table(source.table).column(column)
    value = row.get(known.name if known else column)
    if isinstance(value, str):
        return value.strip(" ")
    return value.date() if isinstance(value, datetime) else value


def exact(value: float | None) -> Decimal:
    """Return a number rounded to four decimals, half to even; 0 for what is absent."""
    return Decimal(0 if value is None else round(value * 10_000)) / 10_000


def as_text(value: object) -> str:
    """Return a value as a variable shows it: dates as 2026-01-31, numbers without idle zeros."""
    if isinstance(value, float):
        return f"{exact(value):.4f}".rstrip("0").rstrip(".")
    return value.isoformat() if isinstance(value, date) else str(value)
