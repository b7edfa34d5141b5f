"""SAS7BDAT: pages of a proprietary format, made into Parquet a block of rows at a time.

SAS holds numbers and text alone; a format says which numbers are days since 1960-01-01, seconds
since then, or seconds of a day. Text is padded with spaces, which are not part of it. A missing
number, of whatever kind, is NULL.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat

from ecluse.data.deliveries.sources.origins import Readable
from ecluse.domain.errors import LoadFailed

SAS: Final = ".sas7bdat"
HEAD: Final = 16 << 20
"""Bytes in which the columns are described."""
CELLS: Final = 4_000_000
"""Values held in memory at a time (about 60 bytes each)."""
DAYS: Final = frozenset({"DATE", "DDMMYY", "MMDDYY", "YYMMDD", "E8601DA", "IS8601DA", "EURDFDD"})
EPOCH: Final = np.datetime64("1960-01-01")


class _Head:
    """The first bytes of a file, then zeros: pages in which a SAS reader finds nothing.

    The description of the columns is looked for in every page, from the last one back. Inside an
    archive each step back unpacks the member once more: minutes for a few megabytes.
    """

    def __init__(self, stream: Readable) -> None:
        self._bytes = stream.read(HEAD)
        self._position = 0

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = len(self._bytes) - self._position if size is None or size < 0 else size
        found = self._bytes[self._position : self._position + wanted]
        self._position += wanted
        return found + bytes(wanted - len(found))

    def seek(self, position: int, whence: int = 0, /) -> int:
        self._position = position + (0, self._position, len(self._bytes))[whence]
        return self._position

    def tell(self) -> int:
        return self._position


def column_names(stream: Readable, *, name: str) -> list[str]:
    """Return the columns of the SAS file `name`, whose bytes are `stream`. Raises LoadFailed."""
    with _reading(name):
        _, described = pyreadstat.read_sas7bdat(
            _Head(stream), metadataonly=True, output_format="dict"
        )
        return [str(column) for column in described.column_names]


def to_parquet(path: Path, target: Path, *, name: str) -> None:
    """Write the rows of the SAS file `path`, delivered as `name`, to `target`.

    Raises:
        LoadFailed: the file cannot be read to its last row.
    """
    with _reading(name):
        _, described = pyreadstat.read_sas7bdat(str(path), metadataonly=True, output_format="dict")
        rows = described.number_rows or 0
        schema = pa.schema(
            [(column, _type(column, described)) for column in described.column_names]
        )
        written = 0
        with pq.ParquetWriter(target, schema) as writer:
            for block in _blocks(path, rows, len(schema)):
                table = _table(block, schema)
                written += table.num_rows
                writer.write_table(table)
    if written != rows:
        raise LoadFailed(
            f"{name}: it announces {rows} rows and holds {written}; ask for it again. "
            "Nothing was loaded."
        )


def _blocks(path: Path, rows: int, width: int) -> Iterator[Mapping[str, Any]]:
    step = max(CELLS // max(width, 1), 1)
    for start in range(0, rows, step):
        block, _ = pyreadstat.read_sas7bdat(
            str(path),
            row_offset=start,
            row_limit=step,
            output_format="dict",
            disable_datetime_conversion=True,
        )
        yield block


def _type(column: str, described: Any) -> pa.DataType:
    if described.readstat_variable_types[column] == "string":
        return pa.string()
    kind = _format(described.original_variable_types[column])
    if kind in DAYS:
        return pa.date32()
    return pa.timestamp("ms") if kind.startswith(("DATETIME", "E8601DT")) else pa.float64()


def _format(written: str | None) -> str:
    """Return the name of a SAS format without its width: `DDMMYY` for `DDMMYY10.`."""
    name = (written or "").upper().split(".")[0]
    return name.rstrip("0123456789") if not name.startswith(("E8601", "IS8601")) else name[:7]


def _table(block: Mapping[str, Any], schema: pa.Schema) -> pa.Table:
    return pa.table([_values(block[field.name], field.type) for field in schema], schema=schema)


def _values(values: Any, kind: pa.DataType) -> pa.Array:
    if pa.types.is_string(kind):
        return pa.array([value.rstrip() if value else None for value in values], kind)
    numbers = np.asarray(values, dtype=np.float64)
    is_missing = np.isnan(numbers)
    if pa.types.is_floating(kind):
        return pa.array(numbers, mask=is_missing)
    unit = "D" if pa.types.is_date(kind) else "ms"
    scale = 1 if unit == "D" else 1000
    whole = np.where(is_missing, 0, np.round(numbers * scale)).astype("int64")
    moments = EPOCH.astype(f"datetime64[{unit}]") + whole.astype(f"timedelta64[{unit}]")
    return pa.array(moments, mask=is_missing).cast(kind)


@contextmanager
def _reading(name: str) -> Iterator[None]:
    try:
        yield
    except LoadFailed:
        raise
    except Exception as error:  # the reader raises many kinds, none documented
        raise LoadFailed(
            f"{name}: not a complete SAS7BDAT file ({type(error).__name__}); ask for it again. "
            "Nothing was loaded."
        ) from None
