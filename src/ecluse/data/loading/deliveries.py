"""What a delivery contains: which files are which tables, with which columns."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import pyarrow.parquet as pq

from ecluse.data.engines import quoted
from ecluse.data.lake.schemas import Column, TableSchema, recognise
from ecluse.domain.errors import InvalidInput, LoadFailed

Format = Literal["csv", "parquet"]
SUFFIXES: Final[dict[str, Format]] = {".csv": "csv", ".parquet": "parquet"}
HEADER_LIMIT: Final = 1 << 16
SEPARATORS: Final = ";,\t|"


@dataclass(frozen=True, slots=True)
class DeliveredColumn:
    """A column of a file: the name it has there, and what it is; unknown ones are kept as text."""

    delivered_name: str
    column: Column
    is_known: bool


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """A file of a delivery and the table it belongs to."""

    path: Path
    name: str
    schema: TableSchema
    year: int | None
    format: Format
    separator: str
    columns: tuple[DeliveredColumn, ...]

    def delivered(self, name: str) -> DeliveredColumn | None:
        """Return the column that the model calls `name`; None if this file lacks it."""
        return next((item for item in self.columns if item.column.name == name), None)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The files that will be loaded, and what was left out or kept without being known."""

    files: tuple[DeliveredFile, ...]
    warnings: tuple[str, ...]

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables delivered, in order of first file."""
        return tuple(dict.fromkeys(file.schema.name for file in self.files))

    def files_of(self, table: str) -> tuple[DeliveredFile, ...]:
        """Return the files that deliver `table`."""
        return tuple(file for file in self.files if file.schema.name == table)


def find(source: Path, *, model: str) -> Delivery:
    """Return what `source`, a folder or one file, delivers of `model`.

    Raises:
        LoadFailed: no table recognised, a key column is absent, or a header cannot be used.
    """
    if not source.exists():
        raise InvalidInput(f"{source} does not exist: give the folder of the delivery.")
    paths = (
        sorted(path for path in source.rglob("*") if path.is_file())
        if source.is_dir()
        else [source]
    )
    files: list[DeliveredFile] = []
    warnings: list[str] = []
    for path in paths:
        name = str(path.relative_to(source)) if source.is_dir() else path.name
        reason = _reason_to_skip(path, model)
        if reason:
            warnings.append(f"{name}: {reason}")
            continue
        file = _describe(path, name=name, model=model)
        files.append(file)
        warnings += _unknown_columns(file)
    if not files:
        raise LoadFailed(f"No file under {source} is a table of {model}: nothing was loaded.")
    return Delivery(tuple(files), tuple(warnings))


def _reason_to_skip(path: Path, model: str) -> str | None:
    if path.is_symlink():
        return "symbolic link, not read"
    if path.suffix.lower() not in SUFFIXES:
        return "not a CSV or Parquet file, not read"
    if recognise(model, path.stem) is None:
        return f"not a table of {model}, not loaded"
    return None


def _unknown_columns(file: DeliveredFile) -> list[str]:
    unknown = [item.column.name for item in file.columns if not item.is_known]
    return [
        f"{file.name}: column {name} is not in the schema of {file.schema.name}, kept as text"
        for name in unknown
    ]


def _describe(path: Path, *, name: str, model: str) -> DeliveredFile:
    recognised = recognise(model, path.stem)
    if recognised is None:
        raise LoadFailed(f"{name} is not a table of {model}.")
    kind = SUFFIXES[path.suffix.lower()]
    separator, header = _csv_header(path, name) if kind == "csv" else ("", _parquet_header(path))
    columns = tuple(_column(recognised.schema, item, name) for item in header)
    _check(recognised.schema, columns, name)
    return DeliveredFile(path, name, recognised.schema, recognised.year, kind, separator, columns)


def _csv_header(path: Path, name: str) -> tuple[str, list[str]]:
    with path.open("rb") as file:
        line = file.readline(HEADER_LIMIT)
    try:
        text = line.decode("utf-8-sig").strip("\r\n")
    except UnicodeDecodeError:
        raise LoadFailed(f"{name}: its first line is not UTF-8 text; convert the file.") from None
    separator = max(SEPARATORS, key=text.count)
    if len(line) == HEADER_LIMIT or separator not in text:
        raise LoadFailed(f"{name}: its first line does not name columns separated by `;` or `,`.")
    return separator, next(csv.reader([text], delimiter=separator))


def _parquet_header(path: Path) -> list[str]:
    return [str(name) for name in pq.read_schema(path).names]


def _column(schema: TableSchema, delivered: str, file: str) -> DeliveredColumn:
    name = delivered.strip()
    try:
        quoted(name)
    except InvalidInput:
        raise LoadFailed(f"{file}: a column has no usable name; nothing was loaded.") from None
    known = schema.column(name)
    unknown = Column(name, "text", "identifier", name, name)
    return DeliveredColumn(delivered, known or unknown, is_known=known is not None)


def _check(schema: TableSchema, columns: tuple[DeliveredColumn, ...], file: str) -> None:
    names = [item.column.name.casefold() for item in columns]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise LoadFailed(
            f"{file}: {schema.name} receives twice the column {', '.join(doubled).upper()}; "
            "keep one of them. Nothing was loaded."
        )
    missing = [name for name in schema.key if name.casefold() not in names]
    if missing:
        raise LoadFailed(
            f"{file}: {schema.name} cannot be loaded without its key column "
            f"{', '.join(missing)}; ask for a complete delivery. Nothing was loaded."
        )
