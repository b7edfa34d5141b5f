"""What a delivery contains: which files are which tables, with which columns."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.deliveries.sources.archives import GZIP, ZIP, packed_files
from ecluse.data.deliveries.sources.origins import (
    LocalFile,
    Origin,
    Readable,
    Table,
    TableSource,
    printable,
)
from ecluse.data.deliveries.sources.sas import SAS, column_names
from ecluse.data.engines import quoted
from ecluse.data.schemas import OUR_COLUMNS, Column, Model, TableSchema
from ecluse.domain.errors import InvalidInput, LoadFailed

Format = Literal["csv", "parquet", "sas"]
SUFFIXES: Final[dict[str, Format]] = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    SAS: "sas",
}
HEADER_LIMIT: Final = 1 << 16
SEPARATORS: Final = ";,\t|"
ISO_DATES: Final = ("%Y-%m-%d",)


@dataclass(frozen=True, slots=True)
class DeliveredColumn:
    """A column of a file: the name it has there, and what it is; unknown ones are kept as text."""

    delivered_name: str
    column: Column
    is_known: bool


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """A file of a delivery, or a table of a database, and the table of the model it belongs to."""

    name: str
    origin: Origin
    schema: TableSchema
    year: int | None
    format: Format
    separator: str
    columns: tuple[DeliveredColumn, ...]
    date_formats: tuple[str, ...]

    @property
    def identity(self) -> str:
        """What tells this file from another version of it: its name, size and time of change."""
        return f"{self.name} {self.origin.identity}"

    @property
    def size(self) -> int:
        """Bytes as delivered."""
        return self.origin.size

    def delivered(self, name: str) -> DeliveredColumn | None:
        """Return the column that the model calls `name`; None if this file lacks it."""
        return next((item for item in self.columns if item.column.name == name), None)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The files that will be loaded, and what was left out or kept without being known.

    `readable`: files and folders that a connection must be allowed to read.
    """

    files: tuple[DeliveredFile, ...]
    warnings: tuple[str, ...]
    readable: tuple[Path, ...] = ()

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables delivered, in order of first file."""
        return tuple(dict.fromkeys(file.schema.name for file in self.files))

    def files_of(self, table: str) -> tuple[DeliveredFile, ...]:
        """Return the files that deliver `table`."""
        return tuple(file for file in self.files if file.schema.name == table)


@dataclass(frozen=True, slots=True)
class _Found:
    """A file before its header is read; `stem` names its table."""

    name: str
    origin: Origin
    stem: str
    suffix: str


def find(source: Path | TableSource, *, model: Model) -> Delivery:
    """Return what `source`, a folder, one file or an open database, delivers of `model`.

    Raises:
        InvalidInput: no such folder or file.
        LoadFailed: no table recognised, a key column is absent, or a header cannot be used.
    """
    if not isinstance(source, Path):
        return _delivery([_table(table, model) for table in source.tables], source, model)
    if not source.exists():
        raise InvalidInput(f"{source} does not exist: give the folder of the delivery.")
    found = [_described(file, model) for file in _files(source)]
    return _delivery(found, source, model)


def _delivery(
    found: list[DeliveredFile | str], source: Path | TableSource, model: Model
) -> Delivery:
    files = [item for item in found if isinstance(item, DeliveredFile)]
    warnings = [warning for item in found for warning in _warnings(item)]
    if not files:
        where = source if isinstance(source, Path) else source.name
        raise LoadFailed(f"No file under {where} is a table of {model.name}: nothing was loaded.")
    readable = (source,) if isinstance(source, Path) else ()
    return Delivery(tuple(files), tuple(warnings), readable)


def _warnings(item: DeliveredFile | str) -> list[str]:
    if isinstance(item, str):
        return [item]
    return [
        f"{item.name}: column {column.column.name} is not in the schema of {item.schema.name}, "
        "kept as text"
        for column in item.columns
        if not column.is_known
    ]


def _files(source: Path) -> Iterator[_Found]:
    paths = sorted(source.rglob("*")) if source.is_dir() else [source]
    for path in paths:
        name = printable(str(path.relative_to(source)) if source.is_dir() else path.name)
        suffix = path.suffix.lower()
        if not path.is_file() and not path.is_symlink():
            continue
        if path.is_symlink() or suffix not in {GZIP, ZIP}:
            yield _Found(name, LocalFile(path), path.stem, suffix)
            continue
        for packed in packed_files(path, name=name):
            inner = PurePath(packed.member or path.stem)
            yield _Found(packed.name, packed, inner.stem, inner.suffix.lower())


def _described(file: _Found, model: Model) -> DeliveredFile | str:
    """Return the file with its columns, or why it is not read."""
    if isinstance(file.origin, LocalFile) and file.origin.path.is_symlink():
        return f"{file.name}: symbolic link, not read"
    if file.suffix not in SUFFIXES:
        return f"{file.name}: not a CSV, Parquet or SAS file, not read"
    recognised = model.recognise(file.stem)
    if recognised is None:
        return f"{file.name}: not a table of {model.name}, not loaded"
    kind = SUFFIXES[file.suffix]
    separator, header = _header(file, kind)
    columns = _columns(recognised.schema, header, file.name)
    return DeliveredFile(
        file.name,
        file.origin,
        recognised.schema,
        recognised.year,
        kind,
        separator,
        columns,
        model.date_formats,
    )


def _table(table: Table, model: Model) -> DeliveredFile | str:
    recognised = model.recognise(table.table)
    if recognised is None:
        return f"{table.name}: not a table of {model.name}, not loaded"
    columns = _columns(recognised.schema, table.columns, table.name)
    formats = tuple(dict.fromkeys((*ISO_DATES, *model.date_formats)))
    return DeliveredFile(
        table.name, table, recognised.schema, recognised.year, "csv", ",", columns, formats
    )


def _header(file: _Found, kind: Format) -> tuple[str, list[str]]:
    with file.origin.stream() as stream:
        if kind == "csv":
            return _csv_header(stream.read(HEADER_LIMIT), file.name)
        if kind == "sas":
            return "", column_names(stream, name=file.name)
        return "", _parquet_header(stream, file.name)


def _csv_header(head: bytes, name: str) -> tuple[str, list[str]]:
    line = head.partition(b"\n")[0]
    text = _letters(line).rstrip("\r")
    separator = max(SEPARATORS, key=text.count)
    is_text = text.replace("\t", "").isprintable()
    if len(line) == HEADER_LIMIT or separator not in text or not is_text:
        raise LoadFailed(f"{name}: its first line does not name columns separated by `;` or `,`.")
    return separator, next(csv.reader([text], delimiter=separator))


def _letters(line: bytes) -> str:
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def _parquet_header(stream: Readable, name: str) -> list[str]:
    try:
        return [str(column) for column in pq.read_schema(stream).names]
    except (OSError, pa.ArrowException):
        raise LoadFailed(
            f"{name}: not a complete Parquet file; ask for it again. Nothing was loaded."
        ) from None


def _columns(schema: TableSchema, header: Iterable[str], file: str) -> tuple[DeliveredColumn, ...]:
    columns = tuple(_column(schema, item, file) for item in header)
    _check(schema, columns, file)
    return columns


def _column(schema: TableSchema, delivered: str, file: str) -> DeliveredColumn:
    name = delivered.strip()
    try:
        quoted(name)
    except InvalidInput:
        raise LoadFailed(f"{file}: a column has no usable name; nothing was loaded.") from None
    if name.casefold() in OUR_COLUMNS:
        raise LoadFailed(
            f"{file}: {name} is the name of a column that a load makes: deliver it under another. "
            "Nothing was loaded."
        )
    known = schema.column(name)
    unknown = Column(name, "text", "identifier", name, name)
    return DeliveredColumn(delivered, known or unknown, is_known=known is not None)


def _check(schema: TableSchema, columns: tuple[DeliveredColumn, ...], file: str) -> None:
    names = [item.column.name.casefold() for item in columns]
    missing = [name for name in schema.key if name.casefold() not in names]
    # First, and without a word of what is there: a first line that names no column is a row.
    if missing or not any(item.is_known for item in columns):
        raise LoadFailed(
            f"{file}: {schema.name} cannot be loaded without its key column "
            f"{', '.join(missing or ['(its first line names none)'])}; ask for a complete "
            "delivery, with the names of columns in its first line. Nothing was loaded."
        )
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise LoadFailed(
            f"{file}: {schema.name} receives twice the column {', '.join(doubled).upper()}; "
            "keep one of them. Nothing was loaded."
        )
