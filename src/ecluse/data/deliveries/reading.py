"""Opening a delivered file, whatever its form, for one scan of its typed rows."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Final

import duckdb

from ecluse.data.deliveries.columnar import ParquetRows
from ecluse.data.deliveries.finding import DeliveredFile
from ecluse.data.deliveries.opened import Counts, OpenedRows
from ecluse.data.deliveries.quarantine import Quarantine
from ecluse.data.deliveries.sources.sas import to_parquet
from ecluse.data.deliveries.texts import TextRows
from ecluse.data.engines import is_full
from ecluse.domain.errors import LoadFailed

__all__ = ["Counts", "OpenedRows", "open_rows"]

UNREADABLE: Final = (
    duckdb.ConversionException,
    duckdb.InvalidInputException,
    duckdb.IOException,
    duckdb.OutOfRangeException,
    duckdb.SerializationException,
)
_copies = count()


@contextmanager
def open_rows(
    connection: duckdb.DuckDBPyConnection,
    file: DeliveredFile,
    *,
    scratch: Path,
    quarantine: Quarantine,
) -> Iterator[OpenedRows]:
    """Open `file` for one scan; `scratch` is a folder that `connection` reads and writes.

    `query` and `Counts.second` must be run inside the `with`: what was unpacked or copied
    into `scratch` goes when it ends.

    Raises:
        LoadFailed: the file as a whole cannot be read.
    """
    with _reading(file), file.origin.open(scratch) as path:
        if file.format == "csv":
            text = TextRows(connection, file, path, scratch=scratch, quarantine=quarantine)
            with closing(text):
                yield text
        elif file.format == "sas":
            with _from_sas(file, path, scratch) as made:
                yield from _columnar(connection, file, made, quarantine)
        else:
            yield from _columnar(connection, file, path, quarantine)


def _columnar(
    connection: duckdb.DuckDBPyConnection, file: DeliveredFile, path: Path, quarantine: Quarantine
) -> Iterator[OpenedRows]:
    with closing(ParquetRows(connection, file, path, quarantine=quarantine)) as rows:
        yield rows


@contextmanager
def _from_sas(file: DeliveredFile, path: Path, scratch: Path) -> Iterator[Path]:
    made = scratch / f"from_sas_{next(_copies)}.parquet"
    try:
        to_parquet(path, made, name=file.name)
        yield made
    finally:
        made.unlink(missing_ok=True)


@contextmanager
def _reading(file: DeliveredFile) -> Iterator[None]:
    try:
        yield
    except UNREADABLE as error:
        if is_full(error):
            raise
        # `from None`: the engine's message quotes the line it could not read.
        raise LoadFailed(
            f"{file.name}: {file.schema.name} cannot be read ({type(error).__name__}); "
            "check that the file is complete, then retry. Nothing was loaded."
        ) from None
