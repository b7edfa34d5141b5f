"""Whether the fast reading of a large text would refuse many lines, found before it is run.

The engine notes each line that it refuses in memory, with its text, several times over, and nothing
bounds these notes. So pieces of the text, a few megabytes apart, are read first without notes: the
columns of which many values are refused there are read exactly from the start.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

import duckdb
import numpy as np

from ecluse.data.deliveries.conversions import exact
from ecluse.data.deliveries.finding import DeliveredFile
from ecluse.data.deliveries.lines import Lines
from ecluse.data.deliveries.sampling import Plan
from ecluse.data.deliveries.views import Text, drop_view, make_view
from ecluse.data.engines import quoted

MOST_NOTED: Final = 4_000
"""Lines that the engine may be expected to note: each takes some 1.5 kB for each bad value."""
APART: Final = 1 << 22
"""Bytes from one piece to the next. A run of bad lines between two pieces is not seen: it is what
may be noted beyond what is expected."""
FEWEST_PIECES: Final = 4
FEW: Final = 20_000
"""Lines of a file that may all be noted."""


def believable(
    connection: duckdb.DuckDBPyConnection,
    file: DeliveredFile,
    text: Text,
    reading: Plan,
    *,
    lines: Lines,
    scratch: Path,
) -> Plan:
    """Return the plan with those columns read exactly of which the text shows too many others.

    `scratch` is a folder, made if it must be, that the connection reads.
    """
    fast = [item.column.name for item in reading.conversions if item.read_as != "VARCHAR"]
    if lines.rows <= FEW or len(lines.marks.bytes) <= FEWEST_PIECES or not fast:
        return reading
    scratch.mkdir(exist_ok=True)
    pieces = replace(text, path=scratch / "pieces.csv", has_header=False)
    rows = _write_pieces(text.path, pieces.path, lines)
    name = f"pieces_{scratch.name}"
    make_view(connection, pieces, reading, name=name, notes_rejects=False)
    try:
        most = MOST_NOTED * rows / lines.rows
        if rows - _kept(connection, name, fast) <= most:
            return reading
        misread = {column for column in fast if rows - _kept(connection, name, [column]) > most}
        return _exactly(reading, file, misread or set(fast))
    finally:
        drop_view(connection, name)
        pieces.path.unlink()


def _kept(connection: duckdb.DuckDBPyConnection, view: str, columns: list[str]) -> int:
    """Return how many rows are left when these columns are read."""
    counts = ", ".join(f"count({quoted(column)})" for column in columns)
    found = connection.execute(f"SELECT count(*), {counts} FROM {view}").fetchall()  # noqa: S608 — names only
    return int(found[0][0])


def _exactly(reading: Plan, file: DeliveredFile, columns: set[str]) -> Plan:
    conversions = tuple(
        exact(item.column, delivered=item.column.name, date_formats=file.date_formats)
        if item.column.name in columns
        else item
        for item in reading.conversions
    )
    return replace(reading, conversions=conversions)


def _write_pieces(path: Path, target: Path, lines: Lines) -> int:
    """Write some pieces of a text, one after the other; return how many rows they hold."""
    starts, records = lines.marks.bytes, lines.marks.records
    apart = int(APART / max(float(np.diff(starts).mean()), 1.0))
    every = max(min(apart, (len(starts) - 1) // FEWEST_PIECES), 1)
    chosen = np.arange(every // 2, len(starts) - 1, every)
    chosen = chosen[starts[chosen] > 0]
    with path.open("rb") as source, target.open("wb") as sink:
        for place in chosen.tolist():
            source.seek(int(starts[place]))
            sink.write(source.read(int(starts[place + 1] - starts[place])))
    blanks = np.array(sorted(lines.blanks), dtype=np.int64)
    before = np.searchsorted(blanks, records[chosen], side="right")
    after = np.searchsorted(blanks, records[chosen + 1], side="right")
    return int((records[chosen + 1] - records[chosen] - (after - before)).sum())
