"""Pseudonyms in a project's files: where they are known to be, and where they must not be.

CNAM asks those who work on its data never to rename nor join identifier columns, so that a new
version of the keys finds every one. Here the rule is checked: a pseudonym, or a
recognisable part of one, in any other place stops a renewal.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection, DuckDBPyRelation

from ecluse.data.engines import literal_path, quoted
from ecluse.data.pseudonyms.labels import Label
from ecluse.domain.errors import InvalidInput

PARQUET: Final = ".parquet"
TEXTS: Final = frozenset(
    {".csv", ".do", ".html", ".json", ".md", ".py", ".r", ".sas", ".sql", ".svg", ".toml", ".txt"}
)
PICTURES: Final = frozenset({".png"})
PART: Final = 16
"""Hexadecimal characters from which a text looks like part of a pseudonym."""
LOOKS_LIKE_ONE: Final = f"[0-9a-fA-F]{{{PART},}}"
RUNS: Final = re.compile(LOOKS_LIKE_ONE.encode())


@dataclass(frozen=True, slots=True)
class ProjectFiles:
    """The files of a project's folder: `tables` are Parquet, `others` hold text or a picture."""

    folder: Path
    tables: tuple[Path, ...]
    others: tuple[Path, ...]


def list_files(folder: Path) -> ProjectFiles:
    """Return every file under `folder`, sorted.

    Raises:
        InvalidInput: a link, a hidden file (an extraction under way), or a kind of file that
            cannot be looked into.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    known = {PARQUET} | TEXTS | PICTURES
    for path in paths:
        name = path.relative_to(folder)
        if path.is_symlink() or any(part.startswith(".") for part in name.parts):
            raise InvalidInput(f"{name} is a link or hidden: nothing is renewed while it is there.")
        if path.suffix.lower() not in known:
            raise InvalidInput(
                f"{name} may hold pseudonyms and cannot be looked into: write it as Parquet, or "
                "remove it."
            )
    tables = tuple(path for path in paths if path.suffix.lower() == PARQUET)
    return ProjectFiles(folder, tables, tuple(path for path in paths if path not in tables))


def find_pseudonyms(
    files: ProjectFiles, known: Mapping[str, Label], connection: DuckDBPyConnection
) -> dict[Label, pa.StringArray]:
    """Return the distinct values of the identifier columns of all tables, by label.

    Raises:
        InvalidInput: another column holds what looks like a pseudonym, or a file is no Parquet.
    """
    found: dict[Label, list[pa.Array]] = {}
    for path in files.tables:
        name = str(path.relative_to(files.folder))
        columns = _columns(path, name)
        rows = connection.read_parquet(literal_path(path), hive_partitioning=False)
        _refuse_unknown(rows, [one for one in columns if one not in known], name=name)
        for column in columns:
            if column in known:
                found.setdefault(known[column], []).extend(_values(rows, column).chunks)
    return {label: _distinct(arrays) for label, arrays in found.items()}


def check_others(files: ProjectFiles, pseudonyms: Iterable[pa.StringArray]) -> None:
    """Raise InvalidInput if a file that is no table holds a pseudonym, or a part of one."""
    parts = {
        text[:PART].encode()
        for array in pseudonyms
        for text in array.to_pylist()
        if len(text) >= PART
    }
    for path in files.others:
        if path.suffix.lower() in TEXTS and _holds(path.read_bytes(), parts):
            raise InvalidInput(
                f"{path.relative_to(files.folder)} quotes a pseudonym: remove it, and write it "
                "again after the renewal."
            )


def _values(rows: DuckDBPyRelation, column: str) -> pa.ChunkedArray:
    try:
        distinct = rows.project(f"CAST({quoted(column)} AS VARCHAR)").distinct()
        return distinct.to_arrow_table().column(0).drop_null()
    except duckdb.OutOfMemoryException:
        # `from None`: nothing of the rows. No spilling either: see `renew`.
        raise InvalidInput(
            f"The pseudonyms of column {column} do not fit in memory: give this renewal more."
        ) from None


def _columns(path: Path, name: str) -> list[str]:
    try:
        columns: list[str] = pq.read_schema(path).names
    except (pa.ArrowException, OSError):
        raise InvalidInput(f"{name} cannot be read as Parquet: remove it, or restore it.") from None
    if any(re.search(LOOKS_LIKE_ONE, column) for column in columns):
        raise InvalidInput(f"{name} has a column named after a pseudonym: give it another name.")
    return columns


def _refuse_unknown(rows: DuckDBPyRelation, columns: list[str], *, name: str) -> None:
    """Raise InvalidInput if one of these columns holds what looks like a pseudonym."""
    if not columns:
        return
    # Any type has a text: lists and structures are looked into as well, bytes as hexadecimal.
    checks = [
        f"bool_or(regexp_matches(CAST({_shown(rows, column)} AS VARCHAR), '{LOOKS_LIKE_ONE}'))"
        for column in columns
    ]
    try:
        [answers] = rows.aggregate(", ".join(checks)).fetchall()
    except duckdb.Error as error:
        # `from None`: the engine's message can quote the row that it was reading.
        raise InvalidInput(f"{name} cannot be looked into ({type(error).__name__}).") from None
    guilty = [column for column, holds in zip(columns, answers, strict=True) if holds]
    if guilty:
        raise InvalidInput(
            f"{name}: what looks like pseudonyms stands in {', '.join(guilty)}, which is not an "
            "identifier column of the data: give it back its name, or remove it."
        )


def _shown(rows: DuckDBPyRelation, column: str) -> str:
    kind = str(dict(zip(rows.columns, rows.types, strict=True))[column])
    return f"hex({quoted(column)})" if kind == "BLOB" else quoted(column)


def _holds(data: bytes, parts: set[bytes]) -> bool:
    runs = (run.lower() for run in RUNS.findall(data))
    return any(run[at : at + PART] in parts for run in runs for at in range(len(run) - PART + 1))


def _distinct(arrays: list[pa.Array]) -> pa.StringArray:
    return pa.chunked_array(arrays, pa.string()).unique()
