"""Where the rows of a delivered file wait between its reading and its parts.

Many rows wait in Parquet files that will be parts if they can. A few wait in a table of the
connection, which costs less than to write them, and spills to the disk if it must.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from ecluse.data.engines import literal_path, quoted

RANK: Final = "file_row_number"
FILE_RANKS: Final = ("file_index", RANK)
FILES: Final = "read_parquet(?, union_by_name = true, hive_partitioning = false)"
"""From a list of files: to name a view would bind them once more."""


@dataclass(frozen=True, slots=True)
class Held:
    """So many typed rows, in scratch files or in the table `table` of the connection."""

    rows: int
    files: tuple[Path, ...] = ()
    table: str = ""

    @property
    def is_nothing(self) -> bool:
        """Whether there is neither file nor table."""
        return not self.files and not self.table

    @property
    def source(self) -> str:
        """What a query takes these rows from, with the values of `values`."""
        return self.table or FILES

    @property
    def values(self) -> list[object]:
        """The values that `source` asks for."""
        return [] if self.table else [literal_paths(self.files)]

    @property
    def ranks(self) -> tuple[str, ...]:
        """What tells the rows of `query` in the order in which they were delivered."""
        return (RANK,) if self.table else FILE_RANKS

    def query(self, columns: Iterable[str]) -> str:
        """Return the query of these columns of the rows, and of their ranks."""
        ranks = [f"rowid AS {RANK}"] if self.table else FILE_RANKS
        taken = ", ".join([*(quoted(name) for name in columns), *ranks])
        return f"SELECT {taken} FROM {self.source}"  # noqa: S608 — names only

    def relation(self, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
        """Return the rows, in no order."""
        if self.table:
            return connection.table(self.table)
        return connection.read_parquet(
            literal_paths(self.files), union_by_name=True, hive_partitioning=False
        )

    def drop(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Forget the rows."""
        if self.table:
            connection.execute(f"DROP TABLE {self.table}")
        for path in self.files:
            path.unlink(missing_ok=True)


def literal_paths(files: Iterable[Path]) -> list[str]:
    """Return the paths as the engine must be told them."""
    return [literal_path(path) for path in files]
