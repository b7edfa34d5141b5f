"""Conversions of all columns of a file put together into the rows that a load takes.

Queries are written out as text: of a relation built step by step, the engine's Python API binds
the whole chain again at each step, which costs more than loading a small month.
"""

from collections.abc import Sequence

import duckdb
import numpy as np

from ecluse.data.deliveries.conversions import MISSING_DATES, Conversion
from ecluse.data.deliveries.finding import DeliveredFile
from ecluse.data.deliveries.quarantine import Positions
from ecluse.data.engines import quoted
from ecluse.data.schemas import SQL_TYPES, TABLE_YEAR, Column

TABLE_YEAR_COLUMN = Column(
    TABLE_YEAR, "year", "date", "Année de la table", "Year that the name of the table carries"
)
REFUSED = "refused_column"


def columns(file: DeliveredFile) -> tuple[Column, ...]:
    """Return the columns of the rows of `file`: its own, its year, the names of missing dates."""
    delivered = tuple(item.column for item in file.columns)
    year = (TABLE_YEAR_COLUMN,) if file.schema.is_yearly else ()
    has_dates = any(
        column.type in {"date", "timestamp", "year", "yearmonth"} for column in delivered
    )
    return (*year, *delivered, *((MISSING_DATES,) if has_dates else ()))


def good_rows(view: str, file: DeliveredFile, conversions: Sequence[Conversion]) -> str:
    """Return the query of the rows of `view` in which every column can be read, as `columns`."""
    values = [
        f"CAST({item.value} AS {SQL_TYPES[item.column.type]}) AS {quoted(item.column.name)}"
        for item in conversions
    ]
    year = [f"CAST({file.year} AS INTEGER) AS {TABLE_YEAR}"] if file.schema.is_yearly else []
    names = ", ".join(quoted(column.name) for column in columns(file))
    missing = [_missing(conversions)] if MISSING_DATES in columns(file) else []
    refused = f"{_any_refused(conversions)} AS {REFUSED}"
    converted = f"SELECT {', '.join([refused, *year, *values, *missing])} FROM {quoted(view)}"  # noqa: S608 — names and the expressions of conversions
    return f"SELECT {names} FROM ({converted}) WHERE NOT {REFUSED}"  # noqa: S608 — names only


def refused_rows(
    connection: duckdb.DuckDBPyConnection,
    view: str,
    conversions: Sequence[Conversion],
    *,
    most: int | None = None,
) -> tuple[Positions, Positions]:
    """Return the rank (from 1) of each refused row, and the position of its first bad column.

    With `most`, no more than so many rows: enough to know that they are too many.
    """
    cases = [
        f"WHEN {item.refused} THEN {index}"
        for index, item in enumerate(conversions)
        if item.refused
    ]
    first = f"CASE {' '.join(cases)} END" if cases else "NULL"
    numbered = f"SELECT row_number() OVER () AS rank, {first} AS {REFUSED} FROM {quoted(view)}"  # noqa: S608 — names and the expressions of conversions
    found = connection.execute(
        f"SELECT rank, {REFUSED} FROM ({numbered}) WHERE {REFUSED} IS NOT NULL LIMIT ?",  # noqa: S608 — names only
        [most],
    ).fetchnumpy()
    return found["rank"].astype(np.int64), found[REFUSED].astype(np.int64)


def _any_refused(conversions: Sequence[Conversion]) -> str:
    refused = [f"({item.refused})" for item in conversions if item.refused]
    # The volatile term is always false. Without it the optimizer moves the condition below the
    # projection, where every conversion is computed once more: a third of the whole scan.
    return f"coalesce({' OR '.join([*refused, 'random() < 0'])}, false)"


def _missing(conversions: Sequence[Conversion]) -> str:
    dates = [(item.column.name, item.missing) for item in conversions if item.missing]
    names = ", ".join(f"CASE WHEN {missing} THEN '{name}' END" for name, missing in dates)
    some = " OR ".join(missing for _, missing in dates)
    return f"CASE WHEN {some} THEN concat_ws(' ', {names}) END AS {MISSING_DATES.name}"
