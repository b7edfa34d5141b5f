"""Rows of a Parquet file: typed as delivered, converted to the types of the schema."""

from itertools import count
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.deliveries.conversions import REASONS, typed
from ecluse.data.deliveries.finding import DeliveredFile
from ecluse.data.deliveries.opened import Counts
from ecluse.data.deliveries.projections import columns, good_rows, refused_rows
from ecluse.data.deliveries.quarantine import Quarantine, Refused, check_count
from ecluse.data.engines import literal_path, quoted
from ecluse.domain.errors import LoadFailed

_views: Final = count()


class ParquetRows:
    """The rows of one Parquet file, opened for a scan: see `OpenedRows`."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        file: DeliveredFile,
        path: Path,
        *,
        quarantine: Quarantine,
    ) -> None:
        self._connection = connection
        self._file = file
        self._view = f"delivered_{next(_views)}"
        self._quarantine = quarantine
        self._rows = _rows(file, path)
        delivered = connection.read_parquet(literal_path(path), hive_partitioning=False)
        types = dict(zip(delivered.columns, map(str, delivered.types), strict=True))
        if not types.keys() >= {item.delivered_name for item in file.columns}:
            raise LoadFailed(
                f"{file.name}: its columns are not those that it announces; ask for it again. "
                "Nothing was loaded."
            )
        delivered.project(
            ", ".join(
                f"{quoted(item.delivered_name)} AS {quoted(item.column.name)}"
                for item in file.columns
            )
        ).create_view(self._view)
        self._conversions = [
            typed(
                item.column,
                delivered=item.column.name,
                delivered_type=types[item.delivered_name],
                date_formats=file.date_formats,
            )
            for item in file.columns
        ]
        self.query = good_rows(self._view, file, self._conversions)
        self.columns = columns(file)
        self.warnings: tuple[str, ...] = ()

    def finish(self, *, rows: int) -> Counts:
        """See `OpenedRows`; a row of the quarantine is numbered from 1."""
        refused = self._refused() if rows != self._rows else []
        if rows + len(refused) != self._rows:
            raise LoadFailed(
                f"{self._file.name}: {self._rows} rows, of which {rows + len(refused)} are "
                "accounted for; the file changed while it was read. Nothing was loaded."
            )
        return Counts(self._rows, self._quarantine.add(self._file.name, refused), 0, None)

    def close(self) -> None:
        """Forget the view of the file."""
        self._connection.execute(f"DROP VIEW IF EXISTS {self._view}")

    def _refused(self) -> list[Refused]:
        ranks, positions = refused_rows(self._connection, self._view, self._conversions)
        columns = [item.column for item in self._file.columns]
        refused = [
            Refused(rank, columns[index].name, REASONS[columns[index].type])
            for rank, index in zip(ranks.tolist(), positions.tolist(), strict=True)
        ]
        check_count(self._file.name, refused)
        return refused


def _rows(file: DeliveredFile, path: Path) -> int:
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException):
        raise LoadFailed(
            f"{file.name}: not a complete Parquet file; ask for it again. Nothing was loaded."
        ) from None
