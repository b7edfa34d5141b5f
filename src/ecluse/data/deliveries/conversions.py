"""From what is delivered to typed values, column by column, as DuckDB expressions.

Three readings give the same values: *exact*, of a column read as text, which defines them; *fast*,
of a column that the CSV reader has typed already, which may refuse more but never accepts other
values; *typed*, of a Parquet column.

A value is missing when nothing is written, when a number or a date is SAS's `.`, and when a date is
one of the SNDS ways of saying so (1600-01-01, 1600, 160001, 000101): the value is NULL and the
column's name goes to `MISSING_DATES`. What is written and cannot be read makes the row refused.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from ecluse.data.engines import quoted
from ecluse.data.schemas import SQL_TYPES, Column, ColumnType

REASONS: Final[dict[ColumnType, str]] = {
    "text": "bad-text",
    "integer": "bad-number",
    "bigint": "bad-number",
    "number": "bad-number",
    "date": "bad-date",
    "timestamp": "bad-date",
    "year": "bad-year",
    "yearmonth": "bad-month",
}
MISSING_DATES: Final = Column(
    "MISSING_DATES",
    "text",
    "attribute",
    "Colonnes de dates livrées avec une valeur qui veut dire « absente » (1600-01-01)",
    "Date columns delivered with a value that means missing (1600-01-01)",
)
"""Column of our own: names separated by spaces, NULL for none. An absent end of a long-term illness
(`IMB_ALD_DTF`) says that it goes on, which an empty one does not."""
FIRST_YEAR: Final = 1700
"""A date before it is either a way of saying missing or a mistake."""
LAST_YEAR: Final = 9999
MISSING_YEARS: Final = "(0, 1, 1600)"
FAST_TYPES: Final[dict[ColumnType, str]] = {
    "text": "VARCHAR",
    "integer": "DOUBLE",
    "number": "DOUBLE",
    "date": "DATE",
    "year": "DOUBLE",
    "yearmonth": "DOUBLE",
}
"""The kinds of columns that have a fast reading, and the type that the CSV reader gives them."""
FLOATS: Final = frozenset({"FLOAT", "DOUBLE"})
NUMBERS: Final = FLOATS | {
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"),
}
DATES: Final = frozenset({"DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})


@dataclass(frozen=True, slots=True)
class Conversion:
    """How one column is read: SQL expressions over the delivered column.

    `read_as`: the type that the CSV reader gives it. `refused` and `missing` are false when NULL or
    None; `value` counts only where the row is not refused.
    """

    column: Column
    value: str
    read_as: str = "VARCHAR"
    refused: str | None = None
    missing: str | None = None


def exact(column: Column, *, delivered: str, date_formats: Sequence[str]) -> Conversion:
    """Return the conversion of the text column `delivered`."""
    return _from_text(column, _written(quoted(delivered), column.type), date_formats)


def fast(column: Column, *, delivered: str) -> Conversion:
    """Return the conversion of a column whose type the CSV reader took from `FAST_TYPES`."""
    source = quoted(delivered)
    read_as = FAST_TYPES[column.type]
    if column.type == "text":
        return Conversion(column, source, read_as)
    if column.type == "date":
        return _dated(column, source, source, read_as=read_as)
    return NUMERIC[column.type](column, source, source, read_as=read_as)


def typed(
    column: Column, *, delivered: str, delivered_type: str, date_formats: Sequence[str]
) -> Conversion:
    """Return the conversion of a Parquet column of type `delivered_type`."""
    source = quoted(delivered)
    if delivered_type == "BOOLEAN":
        source, delivered_type = f"CAST({source} AS INTEGER)", "INTEGER"
    if delivered_type in FLOATS:
        # what a data frame writes where a number is missing
        source = f"CASE WHEN NOT isnan({source}) THEN {source} END"
    if delivered_type in DATES and column.type in {"date", "timestamp"}:
        return _dated(column, source, f"TRY_CAST({source} AS {SQL_TYPES[column.type]})")
    if delivered_type in NUMBERS and column.type == "bigint":
        return _whole(column, source, source)
    if delivered_type in NUMBERS and column.type in NUMERIC:
        return NUMERIC[column.type](column, source, source)
    written = _written(_as_text(source, delivered_type), column.type)
    return _from_text(column, written, date_formats)


def fast_date_format(formats: Sequence[str], values: Sequence[str]) -> str | None:
    """Return the format that reads all `values` as the exact reading would; None if none does.

    Formats without separators are left to the exact reading: 1012008 would be 10/12/0008.
    """
    for index, written in enumerate(formats):
        signs = _signs(written)
        is_apart = signs and all(_signs(former) != signs for former in formats[:index])
        pattern = _pattern(written)
        if is_apart and all(pattern.fullmatch(value) for value in values):
            return written
    return None


def _from_text(column: Column, source: str, date_formats: Sequence[str]) -> Conversion:
    kind = column.type
    if kind == "text":
        return Conversion(column, source)
    if kind in {"date", "timestamp"}:
        return _dated(column, source, _parsed_date(source, kind, date_formats))
    if kind == "bigint":
        return _bigint(column, source)
    number = f"TRY_CAST(replace({source}, ',', '.') AS DOUBLE)"
    return NUMERIC[kind](column, source, number)


def _written(source: str, kind: ColumnType) -> str:
    """Return the text, NULL where nothing is written: `.` is how SAS exports a missing number."""
    if kind == "text":
        return f"nullif({source}, '')"
    return f"nullif(nullif(trim({source}), ''), '.')"


def _as_text(source: str, delivered_type: str) -> str:
    text = f"TRY_CAST({source} AS VARCHAR)"
    if delivered_type not in FLOATS:
        return text
    # a code that a data frame turned into a number: 180256009.0 is the code 180256009
    is_whole = f"{source} = floor({source}) AND abs({source}) < 1e15"
    return f"CASE WHEN {is_whole} THEN CAST(CAST({source} AS BIGINT) AS VARCHAR) ELSE {text} END"


def _number(column: Column, source: str, number: str, *, read_as: str = "VARCHAR") -> Conversion:
    refused = _or_unread(f"NOT isfinite(CAST({number} AS DOUBLE))", source, number)
    return Conversion(column, number, read_as, refused)


def _whole(column: Column, source: str, number: str, *, read_as: str = "VARCHAR") -> Conversion:
    """Whole numbers, from `number` as DOUBLE or exact: an engine's integers round 1.6 to 2."""
    value = f"TRY_CAST({number} AS {SQL_TYPES[column.type]})"
    # infinity is refused, and what is not a number, for the engine sorts it after infinity
    too_large = f"{number} NOT BETWEEN {-(2**31)} AND {2**31 - 1}"
    if read_as == "DOUBLE":  # one comparison fewer; -2147483648 is left to the exact reading
        too_large = f"abs({number}) >= {2**31 - 1}"
    if column.type == "bigint":
        too_large = f"{number} IS NOT NULL AND {value} IS NULL"
    refused = _or_unread(f"{number} <> trunc({number}) OR {too_large}", source, number)
    if column.type != "year":
        return Conversion(column, value, read_as, refused)
    missing = f"{number} IN {MISSING_YEARS}"
    is_year = f"{number} BETWEEN {FIRST_YEAR} AND {LAST_YEAR}"
    value = f"CASE WHEN {is_year} THEN {value} END"
    return Conversion(column, value, read_as, f"{refused} OR NOT ({is_year} OR {missing})", missing)


def _month(column: Column, source: str, number: str, *, read_as: str = "VARCHAR") -> Conversion:
    """Months as text: 202103, whether it came as text or as a number."""
    is_month = (
        f"{number} BETWEEN {FIRST_YEAR}01 AND {LAST_YEAR}12 AND {number} % 100 BETWEEN 1 AND 12"
    )
    missing = f"floor({number} / 100) IN {MISSING_YEARS}"
    outside = f"{number} <> trunc({number}) OR NOT ({is_month} OR {missing})"
    value = f"CASE WHEN {is_month} THEN CAST(TRY_CAST({number} AS INTEGER) AS VARCHAR) END"
    return Conversion(column, value, read_as, _or_unread(outside, source, number), missing)


def _or_unread(outside: str, source: str, number: str) -> str:
    """Return the condition of a refusal: a number outside of its kind, or no number at all."""
    return (
        outside if source == number else f"{outside} OR {source} IS NOT NULL AND {number} IS NULL"
    )


NUMERIC: Final = {"number": _number, "integer": _whole, "year": _whole, "yearmonth": _month}


def _bigint(column: Column, source: str) -> Conversion:
    number = f"TRY_CAST({source} AS BIGINT)"
    written = rf"regexp_full_match({source}, ' *[+-]?\d+([.,]0*)?')"
    whole = (
        f"CASE WHEN CAST({number} AS VARCHAR) = {source} THEN {number} "
        rf"WHEN {written} THEN TRY_CAST(regexp_replace({source}, '[.,].*', '') AS BIGINT) END"
    )
    return Conversion(column, whole, refused=f"{source} IS NOT NULL AND {whole} IS NULL")


def _dated(column: Column, source: str, parsed: str, *, read_as: str = "VARCHAR") -> Conversion:
    kind = SQL_TYPES[column.type]
    first, beyond = f"{kind} '{FIRST_YEAR}-01-01'", f"{kind} '{LAST_YEAR + 1}-01-01'"
    missing = f"({parsed} >= {kind} '1600-01-01' AND {parsed} < {kind} '1601-01-01')"
    if read_as != "DATE":
        # the CSV reader takes 01/01/1 for the year 1, which the exact reading refuses
        missing = f"({missing} OR {parsed} = {kind} '0001-01-01')"
    outside = f"({parsed} < {first} OR {parsed} >= {beyond}) AND NOT {missing}"
    value = f"CASE WHEN {parsed} >= {first} THEN {parsed} END"
    return Conversion(column, value, read_as, _or_unread(outside, source, parsed), missing)


def _parsed_date(source: str, kind: ColumnType, date_formats: Sequence[str]) -> str:
    formats = "[" + ", ".join(_literal(written) for written in date_formats) + "]"
    if kind == "timestamp":
        return f"coalesce(TRY_CAST({source} AS TIMESTAMP), try_strptime({source}, {formats}))"
    padded = f"CASE WHEN length({source}) = 7 THEN '0' || {source} ELSE {source} END"
    return f"CAST(try_strptime({padded}, {formats}) AS DATE)"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _signs(date_format: str) -> str:
    """Return what a date format has between its fields: `//` for `%d/%m/%Y`."""
    return re.sub(r"%[a-zA-Z]", "", date_format)


@cache
def _pattern(date_format: str) -> re.Pattern[str]:
    pattern = re.escape(date_format)
    for field, digits in (("%d", r"\d{1,2}"), ("%m", r"\d{1,2}"), ("%Y", r"\d{4}")):
        pattern = pattern.replace(field, digits)
    return re.compile(pattern)
