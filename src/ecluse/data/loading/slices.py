"""Slices: the unit that a later delivery replaces, and the order of rows within one.

A slice is a month of claims flow (`2023-02`), a year of stays (`2021`) or a whole table (`all`).
Rows of a table about persons are sorted by person, then date, then event, nobody last.
"""

from datetime import date
from typing import Final

from ecluse.data.engines import quoted
from ecluse.data.loading.keys import EVENT_KEY
from ecluse.data.schemas import TABLE_YEAR, TableSchema

PERSON_KEY: Final = "person_key"
EVENT_DATE: Final = "event_date"
WHOLE: Final = "all"
"""Also the slice of claims whose month of flow is missing."""

KEY_BITS: Final = 31
DAY_BITS: Final = 19
"""Days since 1600-01-01: until the year 3035."""
NOBODY: Final = (1 << KEY_BITS) - 1
NO_DAY: Final = (1 << DAY_BITS) - 1


def slicing_column(schema: TableSchema) -> str | None:
    """Return the column that tells the slice of a row; None when the table is one slice."""
    return {"flow": schema.flow_date, "year": TABLE_YEAR, "whole": None}[schema.slicing]


def slice_name(schema: TableSchema) -> str:
    """Return the SQL expression of the name of a row's slice."""
    if schema.slicing == "flow" and schema.flow_date:
        return f"coalesce(strftime({quoted(schema.flow_date)}, '%Y-%m'), '{WHOLE}')"
    if schema.slicing == "year":
        return f"coalesce(CAST({TABLE_YEAR} AS VARCHAR), '{WHOLE}')"
    return f"'{WHOLE}'"


def name_of(value: date | int) -> str:
    """Return the name of the slice of a row whose slicing column holds `value`."""
    return f"{value:%Y-%m}" if isinstance(value, date) else str(value)


def slice_order(schema: TableSchema) -> list[str]:
    """Return the ORDER BY items that put the rows of each slice together, no slice last."""
    column = slicing_column(schema)
    if column is None:
        return []
    value = quoted(column)
    return [f"date_trunc('month', {value})" if schema.slicing == "flow" else value]


def order(*, has_event_key: bool) -> list[str]:
    """Return the ORDER BY items of a table about persons: one number for person and day, event.

    Sorting by one number is twice as fast as by its two columns.
    """
    key = f"coalesce({PERSON_KEY}, {NOBODY})::BIGINT"
    day = f"coalesce({EVENT_DATE} - DATE '1600-01-01', {NO_DAY})"
    number = f"{key} * {1 << DAY_BITS} + greatest(0, least({NO_DAY}, {day}))"
    return [number, EVENT_KEY] if has_event_key else [number]
