"""Checks of what arrives: is a file what its name says, has a table the columns that it announces.

Findings say how many and which column, never a value.
"""

import shlex
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from ecluse.data.enclave.bundles import unpack
from ecluse.data.engines import connect, literal_path, quoted
from ecluse.domain.errors import InvalidInput

TYPES: Final = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
    "yes-no": "BOOLEAN",
}
GIT_BUNDLES: Final = (b"# v2 git bundle\n", b"# v3 git bundle\n")
NATIONAL_NUMBER: Final = r"^[12][0-9]{2}[0-9]{2}(2[AB]|[0-9]{2})[0-9]{6}([0-9]{2})?$"
"""The shape of a French national number (NIR), with or without its key."""

SCAN_SECONDS: Final = 300
SCAN_OFF: Final = "off"
INFECTED: Final = 1
_HEAD: Final = 64


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a table announces; `kind` is a key of `TYPES`."""

    name: str
    kind: str


def read_columns(path: Path) -> tuple[Column, ...]:
    """Return the columns announced in a TOML file: one line `name = "type"` each.

    Raises:
        InvalidInput: it is not that.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise InvalidInput(f'{path.name} is not TOML: one line `name = "type"` each.') from None
    if not told:
        raise InvalidInput("A table has at least one column.")
    return announced(tuple((name, str(kind)) for name, kind in told.items()))


def announced(told: tuple[tuple[str, str], ...]) -> tuple[Column, ...]:
    """Return columns from their (name, type). Raises InvalidInput: a type is unknown."""
    if not all(kind in TYPES for _, kind in told):
        raise InvalidInput(f"A column's type is one of {', '.join(TYPES)}.")
    return tuple(Column(name, kind) for name, kind in told)


def scanner(command: str) -> Callable[[Path], str | None]:
    """Return the search for viruses by a command, such as `clamdscan --fdpass`.

    It ends with 0 for a clean file, 1 for an infected one. `off` searches nothing, by the choice of
    the zone; without a command nothing comes in.
    """
    words = shlex.split(command)

    def scan(path: Path) -> str | None:
        if words == [SCAN_OFF]:
            return None
        if not words:
            return "no scanner is set (ECLUSE_SCAN)"
        try:
            ended = subprocess.run(  # noqa: S603 - the command is the zone's own setting
                [*words, str(path)], capture_output=True, timeout=SCAN_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return "the scanner did not answer"
        if ended.returncode == INFECTED:
            return "infected"
        return None if ended.returncode == 0 else "the scanner could not say"

    return scan


def check_code(path: Path) -> list[str]:
    """Return what stops a file of code: not what its name says, or a harmful archive."""
    with path.open("rb") as source:
        head = source.read(_HEAD)
    if path.suffix.lower() == ".bundle":
        return [] if head.startswith(GIT_BUNDLES) else ["it is not a git bundle"]
    if path.suffix.lower() == ".zip":
        return _check_archive(path)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ["it is not a text in UTF-8"]
    return ["it holds control characters"] if "\0" in text else []


def _check_archive(path: Path) -> list[str]:
    folder = Path(tempfile.mkdtemp(prefix="ecluse-import-", dir=path.parent))
    try:
        unpack(path, folder / "code")
    except InvalidInput as error:
        return [str(error)]
    finally:
        shutil.rmtree(folder)
    return []


def check_table(path: Path, columns: tuple[Column, ...]) -> list[str]:
    """Return what stops a table: other columns than announced, other types, identities."""
    if not columns:
        return ["its columns were not announced"]
    with connect(readable=[path]) as connection:
        try:
            rows = _rows(connection, path)
            names = rows.columns
            if sorted(names) != sorted(column.name for column in columns):
                return [f"its {len(names)} columns are not the {len(columns)} announced"]
            return [found for column in columns for found in _check_column(rows, column)]
        except duckdb.Error:  # its message may quote a row
            return [f"it cannot be read as {path.suffix.removeprefix('.')}"]


def count_rows(path: Path) -> int:
    """Return how many rows a table has that `check_table` found nothing against."""
    with connect(readable=[path]) as connection:
        ((rows,),) = _rows(connection, path).aggregate("count(*)").fetchall()
    return int(rows)


def _rows(connection: duckdb.DuckDBPyConnection, path: Path) -> duckdb.DuckDBPyRelation:
    if path.suffix.lower() == ".parquet":
        return connection.read_parquet(literal_path(path))
    return connection.read_csv(literal_path(path), header=True, all_varchar=True)


def _check_column(rows: duckdb.DuckDBPyRelation, column: Column) -> list[str]:
    """Count the values of another type, and those of the shape of a national number."""
    name = quoted(column.name)
    text = f"trim(CAST({name} AS VARCHAR))"
    typed = f"TRY_CAST({text} AS {TYPES[column.kind]})"
    counted = rows.aggregate(
        f"count(*) FILTER (WHERE {text} <> '' AND {typed} IS NULL), "
        f"count(*) FILTER (WHERE regexp_matches({text}, '{NATIONAL_NUMBER}'))"
    )
    ((wrong, identities),) = counted.fetchall()
    found = []
    if wrong:
        found.append(f"column {column.name}: {wrong} values are not of type {column.kind}")
    if identities:
        found.append(f"column {column.name}: {identities} values look like national numbers")
    return found
