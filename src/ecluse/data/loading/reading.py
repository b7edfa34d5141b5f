"""One delivered file becomes one typed temporary table; what cannot be read goes to quarantine."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from ecluse.data.engines import is_full, quoted
from ecluse.data.lake.schemas import TABLE_YEAR, Column
from ecluse.data.loading.conversions import REASONS, SQL_TYPES, Conversion, from_text, from_typed
from ecluse.data.loading.deliveries import DeliveredFile
from ecluse.data.loading.quarantine import Quarantine, Refused, line_numbers
from ecluse.domain.errors import LoadFailed

REJECTED: Final = {
    "MISSING COLUMNS": "too-few-columns",
    "TOO MANY COLUMNS": "too-many-columns",
    "UNQUOTED VALUE": "open-quote",
    "INVALID ENCODING": "bad-byte",
    "LINE SIZE OVER MAXIMUM": "line-too-long",
}
BAD: Final = "unreadable_column"
TABLE_YEAR_COLUMN: Final = (Column(TABLE_YEAR, "year", "date", TABLE_YEAR, TABLE_YEAR),)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """The typed table made from a file, and its counts."""

    table: str
    columns: tuple[Column, ...]
    rows_loaded: int
    rows_quarantined: int


@dataclass(frozen=True, slots=True)
class _Lines:
    """What a first look at a text file tells: its blank lines, and whether it has quotes."""

    blank: tuple[int, ...]
    has_quotes: bool


def read_file(
    connection: duckdb.DuckDBPyConnection, file: DeliveredFile, table: str, quarantine: Quarantine
) -> ReadFile:
    """Load `file` into the new temporary table `table`, refused lines into `quarantine`.

    Raises:
        LoadFailed: the file as a whole cannot be read.
    """
    with _reading(file):
        if file.format == "parquet":
            return _read_parquet(connection, file, table, quarantine)
        return _read_csv(connection, file, table, quarantine)


@contextmanager
def _reading(file: DeliveredFile) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        if is_full(error):
            raise
        # `from None`: the engine's message quotes the line it could not read.
        raise LoadFailed(
            f"{file.name}: {file.schema.name} cannot be read ({type(error).__name__}); "
            "check that the file is complete, then retry. Nothing was loaded."
        ) from None


def _read_csv(
    connection: duckdb.DuckDBPyConnection, file: DeliveredFile, table: str, quarantine: Quarantine
) -> ReadFile:
    lines = _look(file.path)
    conversions = [
        from_text(
            item.column.name,
            item.column.type,
            model=file.schema.model,
            # Claims hold codes: no text with a line break, so a stray quote must stay one line's
            # trouble instead of swallowing the lines that follow.
            strip_quotes=lines.has_quotes and file.separator == ";",
        )
        for item in file.columns
    ]
    delivered = _open_csv(connection, file, rejects=table)
    _create(delivered, file, conversions, table)
    refused = _rejected(connection, table)
    if _has_bad(connection, table):
        line_of = line_numbers({*lines.blank, *(item.line for item in refused)}, header=1)
        again = _open_csv(connection, file, rejects=f"{table}_again")
        refused += _unreadable(again, file, conversions, line_of)
    return _finish(connection, file, table, quarantine.add(file.name, refused))


def _read_parquet(
    connection: duckdb.DuckDBPyConnection, file: DeliveredFile, table: str, quarantine: Quarantine
) -> ReadFile:
    delivered = connection.read_parquet(str(file.path))
    types = {name: str(kind) for name, kind in zip(delivered.columns, delivered.types, strict=True)}
    named = delivered.project(
        ", ".join(
            f"{quoted(item.delivered_name)} AS {quoted(item.column.name)}" for item in file.columns
        )
    )
    conversions = [
        from_typed(item.column.name, item.column.type, delivered_type=types[item.delivered_name])
        for item in file.columns
    ]
    _create(named, file, conversions, table)
    refused = []
    if _has_bad(connection, table):
        refused = _unreadable(named, file, conversions, line_numbers((), header=0))
    return _finish(connection, file, table, quarantine.add(file.name, refused))


def _open_csv(
    connection: duckdb.DuckDBPyConnection, file: DeliveredFile, *, rejects: str
) -> duckdb.DuckDBPyRelation:
    """Return the rows of a file as text; lines that are not rows are noted in `rejects`."""
    quote = "" if file.separator == ";" else '"'
    return connection.read_csv(
        str(file.path),
        sep=file.separator,
        header=True,
        auto_detect=False,
        quotechar=quote,
        escapechar=quote,
        columns={item.column.name: "VARCHAR" for item in file.columns},
        store_rejects=True,
        rejects_table=f"{rejects}_rejects",
        rejects_scan=f"{rejects}_scan",
    )


def _create(
    delivered: duckdb.DuckDBPyRelation,
    file: DeliveredFile,
    conversions: Sequence[Conversion],
    table: str,
) -> None:
    """Create `table`: typed columns, and `bad`, the position of the first unreadable one."""
    values = [
        f"CAST({conversion.value} AS {SQL_TYPES[item.column.type]}) AS {quoted(item.column.name)}"
        for item, conversion in zip(file.columns, conversions, strict=True)
    ]
    year = [f"CAST({file.year} AS INTEGER) AS {TABLE_YEAR}"] if file.schema.is_yearly else []
    columns = [f"{_first_bad(conversions)} AS {BAD}", *year, *values]
    delivered.project(", ".join(columns)).create(table)


def _first_bad(conversions: Sequence[Conversion]) -> str:
    cases = [f"WHEN {item.is_bad} THEN {index}" for index, item in enumerate(conversions)]
    return f"CAST(CASE {' '.join(cases)} END AS INTEGER)"


def _unreadable(
    delivered: duckdb.DuckDBPyRelation,
    file: DeliveredFile,
    conversions: Sequence[Conversion],
    line_of: Callable[[int], int],
) -> list[Refused]:
    """Read the file again for the lines of the rows that `_create` found bad."""
    numbered = delivered.project(
        f"row_number() OVER () AS ordinal, {_first_bad(conversions)} AS {BAD}"
    )
    found = numbered.filter(f"{BAD} IS NOT NULL").fetchall()
    columns = [item.column for item in file.columns]
    return [
        Refused(line_of(ordinal), columns[bad].name, REASONS[columns[bad].type])
        for ordinal, bad in found
    ]


def _rejected(connection: duckdb.DuckDBPyConnection, table: str) -> list[Refused]:
    """Return the lines that are not even rows, one entry a line."""
    found = connection.table(f"{table}_rejects").project("line, column_name, error_type").fetchall()
    first = {line: (column, kind) for line, column, kind in reversed(found)}
    return [
        Refused(line, column or "", REJECTED.get(kind, "unreadable"))
        for line, (column, kind) in first.items()
    ]


def _finish(
    connection: duckdb.DuckDBPyConnection, file: DeliveredFile, table: str, rows_quarantined: int
) -> ReadFile:
    year = TABLE_YEAR_COLUMN if file.schema.is_yearly else ()
    columns = (*year, *(item.column for item in file.columns))
    loaded = connection.table(table).filter(f"{BAD} IS NULL").count("*").fetchall()[0][0]
    return ReadFile(table, columns, int(loaded), rows_quarantined)


def _has_bad(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    return bool(connection.table(table).count(BAD).fetchall()[0][0])


def _look(path: Path) -> _Lines:
    blank = []
    has_quotes = False
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            has_quotes = has_quotes or b'"' in line
            if not line.strip(b"\r\n"):
                blank.append(number)
    return _Lines(tuple(blank), has_quotes)
