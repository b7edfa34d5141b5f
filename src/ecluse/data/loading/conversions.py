"""From the text of a delivery to typed values, column by column, as DuckDB expressions.

Each column has two expressions: `parsed`, NULL where the text cannot be read, and `value`, which
also turns the SNDS ways of saying "missing" (1600-01-01, 1600, 160001, 000101) into NULL. Text that
is there but cannot be read makes the row bad: it goes to quarantine with a reason code.
"""

from dataclasses import dataclass
from typing import Final

from ecluse.data.engines import quoted
from ecluse.data.lake.schemas import ColumnType

SQL_TYPES: Final[dict[ColumnType, str]] = {
    "text": "VARCHAR",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "year": "INTEGER",
    "yearmonth": "VARCHAR",
}
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
DATE_FORMATS: Final[dict[str, str]] = {
    # 1012008 lost its first zero on the way through a spreadsheet or SAS.
    "snds": "['%d/%m/%Y', '%d%m%Y', '%Y-%m-%d', '%d%b%Y:%H:%M:%S']",
    "omop53": "['%Y-%m-%d', '%Y%m%d']",
}


@dataclass(frozen=True, slots=True)
class Conversion:
    """How one column is read: SQL expressions over the delivered column."""

    source: str
    parsed: str
    value: str

    @property
    def is_bad(self) -> str:
        """Expression: something is written there and cannot be read."""
        return f"{self.source} IS NOT NULL AND {self.parsed} IS NULL"


def from_text(name: str, kind: ColumnType, *, model: str, strip_quotes: bool) -> Conversion:
    """Return the conversion of the text column `name` to `kind`."""
    written = f"trim({quoted(name)}, '\"')" if strip_quotes else quoted(name)
    source = f"nullif({written}, '')"
    parsed = _parsed(source, kind, DATE_FORMATS[model])
    return Conversion(source, parsed, _value(parsed, kind))


def from_typed(name: str, kind: ColumnType, *, delivered_type: str) -> Conversion:
    """Return the conversion of a Parquet column of type `delivered_type` to `kind`."""
    source = quoted(name)
    if delivered_type == "VARCHAR":
        return from_text(name, kind, model="omop53", strip_quotes=False)
    if kind in {"text", "yearmonth"} and delivered_type in {"DOUBLE", "FLOAT"}:
        # a code that a data frame turned into a number: 180256009.0 is the code 180256009
        whole = f"{source} = floor({source}) AND abs({source}) < 1e15"
        parsed = (
            f"CASE WHEN {whole} THEN CAST(CAST({source} AS BIGINT) AS VARCHAR) "
            f"ELSE CAST({source} AS VARCHAR) END"
        )
    else:
        parsed = f"TRY_CAST({source} AS {SQL_TYPES[kind]})"
    return Conversion(source, parsed, _value(parsed, kind))


def _parsed(source: str, kind: ColumnType, date_formats: str) -> str:
    if kind == "text":
        return source
    if kind in {"integer", "bigint", "year"}:
        # A bare cast would round 1.6 to 2.
        whole = f"TRY_CAST({source} AS {SQL_TYPES[kind]})"
        return f"CASE WHEN TRY_CAST({source} AS DOUBLE) = {whole} THEN {whole} END"
    if kind == "number":
        number = f"TRY_CAST(replace({source}, ',', '.') AS DOUBLE)"
        return f"CASE WHEN isfinite({number}) THEN {number} END"
    if kind == "date":
        padded = f"CASE WHEN length({source}) = 7 THEN '0' || {source} ELSE {source} END"
        return f"CAST(try_strptime({padded}, {date_formats}) AS DATE)"
    if kind == "timestamp":
        return f"TRY_CAST({source} AS TIMESTAMP)"
    return rf"CASE WHEN regexp_full_match({source}, '\d{{4}}(0[1-9]|1[0-2])') THEN {source} END"


def _value(parsed: str, kind: ColumnType) -> str:
    if kind == "date":
        return f"CASE WHEN {parsed} >= DATE '1700-01-01' THEN {parsed} END"
    if kind == "year":
        return f"CASE WHEN {parsed} > 1600 THEN {parsed} END"
    if kind == "yearmonth":
        return f"CASE WHEN {parsed} >= '160100' THEN {parsed} END"
    return parsed
