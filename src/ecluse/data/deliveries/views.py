"""A clean text file as a view of typed columns: what the engine's CSV reader is told."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from ecluse.data.deliveries.sampling import Plan
from ecluse.data.engines import literal_path

LEAST_BUFFER: Final = 1 << 22
MOST_BUFFER: Final = 32_000_000
"""Bytes that one thread of the engine reads at a time; the most is what it takes by itself, and
leaves the others idle on a file of fewer."""
BUFFERS: Final = 8


@dataclass(frozen=True, slots=True)
class Text:
    """A clean text file, as the CSV reader must be told to read it."""

    path: Path
    separator: str
    quote: str
    has_header: bool = True


def make_view(
    connection: duckdb.DuckDBPyConnection,
    text: Text,
    reading: Plan,
    *,
    name: str,
    notes_rejects: bool = True,
) -> None:
    """Make the view `name` of the rows of a text, and the tables of the lines it rejects.

    Of each line rejected the engine keeps the text, several times over, outside of its own limit of
    memory; without notes, it leaves such lines out unseen.
    """
    told: dict[str, Any] = {"ignore_errors": True}
    if notes_rejects:
        told = {
            "store_rejects": True,
            "rejects_table": f"{name}_rejects",
            "rejects_scan": f"{name}_rejects_scan",
        }
    connection.read_csv(
        literal_path(text.path),
        hive_partitioning=False,
        sep=text.separator,
        header=text.has_header,
        auto_detect=False,
        quotechar=text.quote,
        escapechar=text.quote,
        columns={item.column.name: item.read_as for item in reading.conversions},
        date_format=reading.date_format,
        decimal=reading.decimal,
        buffer_size=_buffer_size(text.path),
        **told,
    ).create_view(name)


def drop_view(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Forget a view and the reader's notes."""
    connection.execute(
        f"DROP VIEW IF EXISTS {name}; DROP TABLE IF EXISTS {name}_rejects; "
        f"DROP TABLE IF EXISTS {name}_rejects_scan; "
    )


def _buffer_size(path: Path) -> int:
    return min(MOST_BUFFER, max(LEAST_BUFFER, path.stat().st_size // BUFFERS))
